"""How little a page jumps while it loads, in a browser that has kept nothing of ours (quality.md §3)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.browser.sights import PAGES
from workflow.reads import ledger

pytestmark = pytest.mark.browser

# The pages that people open most; every other is measured where it is looked at (test_pages.py), in a browser that knows our files.
SEEN = (
    "overview",
    "ledger",
    "inbox",
    "items of a village",
    "item supervised",
    "interview proposed",
    "search",
    "help",
    "messages",
    "drafts",
)


def opened(demo: Site, name: str, size: dict[str, int]) -> Page:
    """A page in a browser that has kept nothing."""
    sight = PAGES[name]
    page = demo.person(sight.who, viewport=size).new_page()
    page.add_init_script(looking.WATCH)
    page.goto(sight.address(demo), wait_until="networkidle")
    return page


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", SEEN)
def test_a_page_stands_still_while_it_loads(demo: Site, name: str, size: dict[str, int]) -> None:
    page = opened(demo, name, size)
    # Pictures that load late are the ones that push: all of them are seen.
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")
    shifted = page.evaluate("window.shifted")
    page.context.close()
    assert shifted <= looking.SHIFT


# A slow connection brings a page in pieces, and what has come is drawn: each column stands where it will stand.
MOVED = """() => [...document.querySelectorAll(".columns")].flatMap((columns) => {
  const places = () => [...columns.children].map((each) => { const at = each.getBoundingClientRect(); return `${at.x},${at.y}`; });
  const whole = places(), moved = [];
  while (columns.children.length > 1) {
    columns.lastElementChild.remove();
    places().forEach((place, n) => { if (place !== whole[n]) moved.push(columns.children[n].className); });
  }
  return moved;
})"""


@pytest.mark.parametrize("name", SEEN)
def test_a_column_that_comes_late_moves_none_that_stands(demo: Site, name: str) -> None:
    page = opened(demo, name, DESK)
    moved = page.evaluate(MOVED)
    page.context.close()
    assert moved == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_figures_that_follow_in_a_long_ledger_move_no_row(
    demo: Site, monkeypatch: pytest.MonkeyPatch, size: dict[str, int]
) -> None:
    monkeypatch.setattr(ledger, "LONG", 0)
    page = opened(demo, "ledger", size)
    expect(page.locator("#ledger-head[aria-busy]")).to_have_count(0)
    expect(page.locator("#figures")).not_to_contain_text("…")
    shifted = page.evaluate("window.shifted")
    page.context.close()
    assert shifted <= looking.SHIFT
