"""A browser opens every page that shows what people typed, or what a workbook brought: nothing of it runs or is even tried.

Whatever became markup would be stopped by the policy and reported by the browser; so no report means that nothing was there to stop
(security.md R32). What a program sees in the pages' text stands in tests/web/test_hostile_words.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import hours
from tests.browser.served import Site
from tests.factories import County
from tests.web.site import signed_in, site
from tests.web.test_hostile_words import LISTS, crawled, hostile_book, write_everywhere

pytestmark = pytest.mark.browser

# Each part would run by itself: a picture that fails, and a drawing that is loaded.
BIRD = "鸟\"'><img src=x: onerror=hatch(1)><svg onload=hatch(2)>"
LISTEN = """addEventListener("securitypolicyviolation", (told) => heard(`${told.violatedDirective} ${location.pathname} ${told.sample}`))"""


class Listening:
    """A page of somebody's, and what of the bird has run or was stopped by the policy."""

    def __init__(self, served: Site, login: str) -> None:
        self.found: list[str] = []
        context = served.person(login)
        context.expose_function("hatch", lambda number: self.found.append(f"ran: {number}"))
        context.expose_function("heard", lambda told: self.found.append(told))
        context.add_init_script(LISTEN)
        self.page: Page = context.new_page()
        self.page.on("dialog", lambda dialog: self.found.append(f"dialog: {dialog.message}"))

    def settled(self) -> list[str]:
        """What was found once the page has had its turn."""
        self.page.evaluate("() => new Promise((done) => setTimeout(done))")
        return self.found


@pytest.fixture
def listening(served: Site) -> Iterator[Listening]:
    made = Listening(served, "lin")
    yield made
    made.page.context.close()


def test_what_became_markup_would_be_heard(listening: Listening) -> None:
    listening.page.goto("/ledger")
    assert listening.settled() == []
    listening.page.evaluate("(bird) => document.body.insertAdjacentHTML('beforeend', bird)", BIRD)
    listening.page.wait_for_timeout(300)
    assert any("script-src" in told for told in listening.settled())
    assert not any("ran" in told for told in listening.found), "the policy is the second wall"


def test_nothing_that_people_typed_runs_on_any_page(county: County, home: Path, served: Site, listening: Listening) -> None:
    app = site(county, home)
    cases = write_everywhere(county, lambda login: signed_in(app, county, login, hours.now()), BIRD)
    begin = [*(f"/cases/{case_id}" for case_id in cases), "/people", *LISTS]
    pages = crawled(signed_in(app, county, "lin", hours.now()), begin, 1)
    shown = [address for address, page in pages.items() if "hatch(1)" in page]
    assert len(shown) > 15
    page = Listening(served, "lin")
    for address in shown:
        page.page.goto(address)
        assert page.settled() == [], address


def test_nothing_that_a_workbook_brings_runs(listening: Listening, tmp_path: Path) -> None:
    ledger = tmp_path / f"{BIRD[:4]}<img src=x onerror=hatch(5)>.xlsx"
    ledger.write_bytes(hostile_book(BIRD))
    page = listening.page
    page.goto("/imports")
    page.get_by_label("台账文件").set_input_files(ledger)
    page.get_by_role("button", name="先看看").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("hatch(5)")
    expect(page.get_by_text("hatch(2)").first).to_be_attached()
    assert listening.settled() == []
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_text("已导入")).to_be_visible()
    assert listening.settled() == []
    page.goto("/ledger?band=all")
    expect(page.get_by_text("hatch(2)").first).to_be_attached()
    assert listening.settled() == []
