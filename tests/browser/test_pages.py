"""Every page of the demo county at the desk and on the phone, light and dark: whole, quiet, and open to everybody."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.house.source import ROOT
from web.ledger.columns import ALWAYS

pytestmark = pytest.mark.browser

WIDTHS = {"1440": DESK, "390": PHONE}
# The narrowest telephone that villages have (practice.md §8.4): looked at for what does not fit, and for no picture.
NARROW = {"width": 360, "height": 780}
# Where `make pictures` wants what is seen; a test run keeps none.
PICTURES = os.environ.get("DUBAN_PICTURES", "")
Theme = Literal["light", "dark"]
# The theme changes colours only, and the width all the rest.
LOOKS: tuple[tuple[str, Theme], ...] = (("390", "dark"), ("1440", "light"))


@dataclass(frozen=True)
class Sight:
    """A page and who looks at it; `kind` and `state` choose a case, whose number takes the place of the star.

    `again` is another state of a page that stands in the list already: axe reads it once.
    """

    path: str
    who: str = "linjing"
    kind: str = "rectification"
    state: str = ""
    status: int = 200
    again: bool = False

    def address(self, demo: Site) -> str:
        """The path with the case's number in it."""
        return self.path.replace("*", str(demo.case(self.kind, self.state)) if self.state else "")


PAGES = {
    "sign-in": Sight("/sign-in", who=""),
    "overview": Sight("/overview"),
    "course of a kind": Sight("/overview/rectification"),
    "reports": Sight("/reports"),
    "sheet of the week": Sight("/reports/week"),
    "sheet of half a month": Sight("/reports/half_month?kind=clue", again=True),
    "ledger on paper": Sight("/ledger/paper"),
    "ledger": Sight("/ledger"),
    "ledger of many columns": Sight(f"/ledger?group=village&cols=title,number,{','.join(ALWAYS)},f.domain", again=True),
    "inbox": Sight("/inbox"),
    "items of a village": Sight("/village", who="zhoumingyuan"),
    "inbox of a village": Sight("/inbox", who="gaoyulan", again=True),
    "inbox of a head": Sight("/inbox", who="zhaoguohua", again=True),
    "interviews": Sight("/interviews"),
    "orders": Sight("/orders", again=True),
    "messages": Sight("/notices", who="shidashan"),
    "message settings": Sight("/notices/settings", who="zhoumingyuan"),
    "search": Sight("/search?q=村"),
    "organisations": Sight("/organisations", who="wangyang", again=True),
    "organisation": Sight("/organisations/areas/1", who="wangyang"),
    "changes of organisations": Sight("/organisations/changes", who="wangyang"),
    "calendar": Sight("/calendar", who="wangyang"),
    "health": Sight("/health"),
    "help": Sight("/help"),
    "help of a village": Sight("/help/village", who="zhoumingyuan", again=True),
    "password": Sight("/password"),
    "second factors": Sight("/factors"),
    "signed-in devices": Sight("/sessions"),
    "exports": Sight("/exports"),
    "appraisal": Sight("/retention"),
    "relatives": Sight("/kin"),
    "register": Sight("/register"),
    "tokens": Sight("/tokens"),
    "drafts": Sight("/designer", who="guming"),
    "imports": Sight("/imports"),
    "bulk steps": Sight("/bulk"),
    "versions of workflows": Sight("/versions", who="guming"),
    "two versions compared": Sight("/versions/rectification/diff?old=1&new=1", who="guming", again=True),
    "designer": Sight("/designer/1", who="guming"),
    "plan of a new version": Sight("/versions/drafts/1", who="guming"),
    "preview of a new version": Sight("/versions/previews/1", who="guming"),
    "rehearsal of a new version": Sight("/versions/drafts/1/rehearsal", who="guming"),
    "proposal of a new version": Sight("/versions/proposals/1", who="fanlei"),
    "migration to a new version": Sight("/versions/runs/1", who="fanlei"),
    "end of a kind": Sight("/versions/motions/1", who="fanlei"),
    "checkpoints": Sight("/audit", who="baixue"),
    "who saw a case": Sight("/audit/seen", who="baixue"),
    "who set what": Sight("/audit/changes?since=2020-01-01&until=2099-12-31", who="baixue"),
    "settings": Sight("/configuration", who="guming"),
    "settings of a kind": Sight("/configuration/letter_number", who="guming"),
    "words of a message": Sight("/configuration/message/overdue", who="guming"),
    "wording of a letter": Sight("/configuration/letter/interview_record", who="guming"),
    "bundle of settings": Sight("/configuration/bundle", who="guming"),
    "people": Sight("/people", who="wangyang"),
    "grants": Sight("/grants", who="qinlan", again=True),
    "linked identities": Sight("/links", who="qinlan"),
    "absent": Sight("/cases/99999", status=404),
    "registering": Sight("/cases/new/rectification"),
    "item registered": Sight("/cases/*", state="received", again=True),
    "item handed over": Sight("/cases/*", state="transferred", again=True),
    "item supervised": Sight("/cases/*", state="supervised"),
    "diagram of a case": Sight("/cases/*/diagram", state="supervised"),
    "form of passing on": Sight("/cases/*/do/redirect", state="supervised", again=True),
    "item in its village": Sight("/cases/*", state="supervised", who="shidashan", again=True),
    "item rectified": Sight("/cases/*", state="rectified", again=True),
    "item closed": Sight("/cases/*", state="closed", again=True),
    "clue": Sight("/cases/*", kind="clue", state="received", again=True),
    "order": Sight("/cases/*", kind="supervision_order", state="issued", again=True),
    "measure": Sight("/cases/*", kind="measure", state="doing", again=True),
    "interview proposed": Sight("/cases/*", kind="interview", state="proposed"),
    "interview held": Sight("/cases/*", kind="interview", state="held", again=True),
    "interview closed": Sight("/cases/*", kind="interview", state="closed"),
    "form of the hand-over": Sight("/cases/*/do/transfer", state="received"),
    "form of the recusal": Sight("/cases/*/bar", state="supervised"),
    "who may know": Sight("/cases/*/discretion", state="supervised"),
    "form of an extension": Sight("/cases/*/extension/rectify", state="transferred", who="qiaoaimin"),
    "form of a list of units": Sight("/cases/*/amend/assisting", state="supervised"),
    "form of the record": Sight("/cases/*/do/record", kind="interview", state="held", who="chenlixin"),
}


@dataclass
class Seen:
    """What was wrong with a page, by the place where it was looked at."""

    status: int
    too_wide: list[str]
    cut_off: list[str]
    barriers: list[str]
    complaints: list[str]
    foreign: list[str]


Look = Callable[[str], Seen]


@pytest.fixture(scope="module")
def look(demo: Site) -> Look:
    """Looks at a page once; each test asks for one thing that was seen."""
    seen: dict[str, Seen] = {}

    def once(name: str) -> Seen:
        if name not in seen:
            seen[name] = _look(demo, name)
        return seen[name]

    return once


def _look(demo: Site, name: str) -> Seen:
    sight = PAGES[name]
    page = demo.page(sight.who)
    page.emulate_media(color_scheme="light")
    ears = looking.Ears(page, demo.address)
    answer = page.goto(sight.address(demo))
    assert answer is not None
    seen = Seen(answer.status, [], [], [], ears.complaints, ears.foreign)
    for width, size in WIDTHS.items():
        page.set_viewport_size(size)
        if PICTURES and not sight.again:
            looking.picture(page, Path(PICTURES) / f"{name.replace(' ', '-')}-{width}.png")
        seen.too_wide += _at(width, looking.too_wide(page))
        seen.cut_off += _at(width, looking.cut_off(page))
    page.set_viewport_size(NARROW)
    seen.too_wide += _at("360", looking.too_wide(page))
    looking.unfold(page)
    seen.too_wide += _at("360, unfolded", looking.too_wide(page))
    seen.cut_off += _at("360, unfolded", looking.cut_off(page))
    for width, theme in LOOKS:
        page.set_viewport_size(WIDTHS[width])
        page.emulate_media(color_scheme=theme)
        seen.too_wide += _at(f"{width}, unfolded", looking.too_wide(page))
        seen.cut_off += _at(f"{width}, unfolded", looking.cut_off(page))
        if not (sight.again and theme == "light"):
            seen.barriers += _at(f"{width}, {theme}", looking.barriers(page))
    ears.stop()
    return seen


def _at(where: str, found: list[str]) -> list[str]:
    return [f"{where}: {one}" for one in found]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_the_window(look: Look, name: str) -> None:
    assert look(name).too_wide == []


@pytest.mark.parametrize("name", PAGES)
def test_no_button_cuts_its_words(look: Look, name: str) -> None:
    assert look(name).cut_off == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_shuts_out_anybody(look: Look, name: str) -> None:
    assert look(name).barriers == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_no_other_host_and_complains_of_nothing(look: Look, name: str) -> None:
    seen, expected = look(name), PAGES[name].status
    # The browser itself notes a page that answers 404.
    noted = [said for said in seen.complaints if not (expected == 404 and "status of 404" in said)]
    assert (seen.status, noted, seen.foreign) == (expected, [], [])


@pytest.mark.parametrize("name", ["ledger", "item supervised"])
@pytest.mark.parametrize("width", WIDTHS)
def test_what_opens_above_a_page_lies_within_the_window_and_can_be_read(demo: Site, name: str, width: str) -> None:
    page = demo.page(PAGES[name].who)
    page.set_viewport_size(WIDTHS[width])
    page.goto(PAGES[name].address(demo))
    summaries, found = page.locator("details[data-popover] > summary:visible"), []
    for at in range(summaries.count()):
        summaries.nth(at).click()
        found += page.evaluate(OUTSIDE) + looking.too_wide(page)
        if width == "1440":
            found += looking.barriers(page, "details[data-popover][open]")
        page.keyboard.press("Escape")
        assert summaries.nth(at).evaluate("one => one === document.activeElement && !one.parentElement.open")
    assert summaries.count() > 1
    assert found == []


@pytest.mark.parametrize(
    ("state", "ending"), [("held", "办结"), ("closed", "办结"), ("withdrawn", "撤回"), ("waived", "免予约谈")]
)
def test_the_path_of_an_interview_leads_to_one_ending(demo: Site, state: str, ending: str) -> None:
    page = demo.page("linjing")
    page.goto(f"/cases/{demo.case('interview', state)}")
    titles = page.locator(".path-title").all_inner_texts()
    endings = [title for title in titles if title.startswith(("办结", "撤回", "免予约谈"))]
    assert [title.splitlines()[0] for title in endings if title.startswith(ending)] and len(endings) == 1


# The popovers that lie beside the window or have nothing in them.
OUTSIDE = """() => [...document.querySelectorAll("details[data-popover][open] > :not(summary)")].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.left < 0 || box.right > innerWidth || box.top < 0 || box.width < 1 || box.height < 1;
}).map((one) => `${one.className} sticks out`)"""


def test_every_picture_has_its_line() -> None:
    told = set(re.findall(r"^\| ([a-z-]+) \| (?!what was)", (ROOT / "docs/pictures/README.md").read_text("utf-8"), re.M))
    assert told - {"picture"} == {name.replace(" ", "-") for name, sight in PAGES.items() if not sight.again}
