"""People of the county at their browsers, in one language and at one size, on a day that the test chooses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from babel.messages.pofile import read_po
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import select

from states.definition import Definition, Text
from tests import hours
from tests.browser.served import DESK, PHONE, Site, sign_in
from tests.factories import County, at
from tests.workflow.looking import case_row
from web.translate import catalogue_of
from workflow.definitions import catalogue
from workflow.models import Case
from workflow.store import table_of

FOLDERS = {"zh-Hant": "zh_Hant", "en": "en"}


def in_turn(first: dict[str, int], second: dict[str, int]) -> pytest.MarkDecorator:
    """Runs a walk with `turned` in each language, the sizes taking turns: both are walked in half of the runs."""
    turns = (("zh-Hans", first), ("zh-Hant", second), ("en", first))
    return pytest.mark.parametrize("turn", turns, ids=[f"{language}-{NAMES[size['width']]}" for language, size in turns])


NAMES = {DESK["width"]: "desk", PHONE["width"]: "phone"}


@dataclass
class Desk:
    """The county served to browsers that speak `language`; `travel` is the clock of the server."""

    site: Site
    county: County
    language: str
    size: dict[str, int]
    travel: Any = None
    today: date = field(default_factory=date.today)
    _words: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.language in FOLDERS:
            with catalogue_of(FOLDERS[self.language]).open("rb") as file:
                self._words = {str(one.id): str(one.string) for one in read_po(file) if isinstance(one.id, str)}

    def go_to(self, on: date, hour: int = 10) -> None:
        """The server's clock stands at an hour of a day, and the sweep of that day has run."""
        if self.travel is not None:
            self.travel.stop()
        self.travel = time_machine.travel(hours.machine_at(at(on, hour)), tick=True)
        self.travel.start()
        self.today = on
        self.county.engine.tick(at(on, hour))

    def stop(self) -> None:
        """The clock is the machine's again."""
        if self.travel is not None:
            self.travel.stop()

    def word(self, chinese: str) -> str:
        """A word of the pages, in the language."""
        return self._words.get(chinese, chinese)

    def said(self, text: Text) -> str:
        """A word of a definition, in the language."""
        return {"zh-Hant": text.zh_hant, "en": text.en}.get(self.language, text.zh_hans)

    def land(self, login: str, home: str) -> Page:
        """Somebody signs in through the form, in his language, and is where his day begins."""
        page = self._speaking(self.site.stranger(viewport=self.size))
        sign_in(page, login, self.site.password(login), self.word)
        expect(page).to_have_url(f"{self.site.address}{home}")
        return page

    def go(self, page: Page, place: str) -> None:
        """To another place, by the bar or by the tabs of the phone."""
        page.get_by_role("link", name=self.word(place)).filter(visible=True).first.click()

    def _speaking(self, context: BrowserContext) -> Page:
        context.add_cookies([{"name": "duban_language", "value": self.language, "url": self.site.address}])
        return context.new_page()

    def page(self, login: str) -> Page:
        """The browser of somebody who has just signed in."""
        page = self._speaking(self.site.person(login, viewport=self.size))
        page.goto("/")
        assert page.locator("html").get_attribute("lang") == self.language
        return page

    def find(self, page: Page, title: str) -> None:
        """Opens a case through the search box, which is a page of its own on a phone."""
        if page.locator("#search").is_visible():
            page.locator("#search").fill(title)
            page.locator("#search").press("Enter")
        else:
            page.locator(".search-link").click()
            page.locator("#find").fill(title)
            page.locator("#find").press("Enter")
        page.get_by_role("main").get_by_role("link", name=title, exact=True).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)

    def act(self, login: str, title: str, trigger: str, files: Mapping[str, Path] | None = None, **told: Any) -> None:
        """Somebody finds a case, presses a verb by its words, fills its form in and sends it."""
        page = self.page(login)
        self.find(page, title)
        self.press(page, trigger)
        self.send(page, trigger, files or {}, told)
        page.context.close()

    def step(self, case_id: int, trigger: str) -> str:
        """The words of a step of a case as it stands."""
        definition, state = self._stands(case_id)
        return self.said(definition.transition_by_edge[(state, trigger)].title)

    def phrase(self, case_id: int) -> str:
        """How the state of a case is called where it is one's own work."""
        definition, state = self._stands(case_id)
        return self.said(definition.state_by_key[state].phrase)

    def _stands(self, case_id: int) -> tuple[Definition, str]:
        row = case_row(self.county, case_id)
        return self.county.database.read(catalogue).of_version(row["definition_version_id"]).definition, str(row["state"])

    def press(self, page: Page, trigger: str) -> None:
        """Presses the button of a verb on the page of a case."""
        words = self.step(int(page.url.split("?")[0].rstrip("/").split("/")[-1].split("#")[0]), trigger)
        acts = page.locator("#acts")
        expect(acts).to_be_visible()
        # A step that lacks an approval is opened by how the approval comes: 登记纸质审批.
        by_paper = acts.locator(f'.unapproved a[href$="/do/{trigger}"]')
        (by_paper if by_paper.count() else acts.get_by_role("link", name=words, exact=True)).click()

    def send(self, page: Page, trigger: str, files: Mapping[str, Path], told: Mapping[str, Any]) -> None:
        """Fills the form of a verb in, sends it, and is told that it is done."""
        form = page.locator(f'form[action$="/do/{trigger}"]').filter(has=page.locator('[name="version"]'))
        expect(form).to_be_visible()
        for name, value in told.items():
            answer(form, name, value)
        for name, path in files.items():
            form.locator(f'[name="{name}"]').set_input_files(path)
        form.locator("button[type=submit]").click()
        self.expect_done(page)

    def expect_done(self, page: Page) -> None:
        """The page says that it is done."""
        expect(page.locator("[data-toast]").last).to_contain_text(self.word("办理成功"))

    def prove(self, login: str, title: str, path: Path, label: str = "") -> None:
        """Adds a file to a case as evidence."""
        page = self.page(login)
        self.find(page, title)
        self.upload(page, path, label)
        page.context.close()

    def upload(self, page: Page, path: Path, label: str = "") -> None:
        """Adds a file to the case whose page is open."""
        panel, tiles = page.locator("#evidence"), page.locator("#evidence .tile")
        before = tiles.count()
        panel.locator('input[type="file"]').set_input_files(path)
        if label:
            panel.locator('[name="label"]').select_option(label)
        panel.get_by_role("button", name=self.word("上传佐证")).click()
        expect(tiles).to_have_count(before + 1)

    def case(self, kind: str) -> dict[str, Any]:
        """The newest case of a kind."""
        table = table_of(Case)
        wanted = select(table.c.id).where(table.c.kind == kind).order_by(table.c.id.desc()).limit(1)
        found = self.county.database.read(lambda store: store.select(wanted))
        assert found, f"no {kind} has been opened"
        return case_row(self.county, int(found[0]["id"]))

    def later(self, days: int) -> date:
        """A day so many days from the one that it is."""
        return self.today + timedelta(days)


def answer(form: Locator, name: str, value: Any) -> None:
    """Answers one question; a box that is folded away is unfolded."""
    box = form.locator(f'[name="{name}"]:not([type="hidden"])').first
    if not box.is_visible():
        box.evaluate("one => { for (let up = one; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true }")
    tag, kind = box.evaluate("one => [one.tagName, one.type]")
    if tag == "SELECT":
        box.select_option(str(value))
    elif kind == "checkbox":
        box.check()
    else:
        box.fill(value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else str(value))
