"""A long ledger in a slow browser: from the click to a page that answers to the keyboard."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pytest
from playwright.sync_api import Browser, Page, expect

from config.settings import load
from tests.browser.conftest import chromium  # noqa: F401  # The fixture.
from tests.browser.served import Site, serving
from tests.drills.scale import size, tell
from web import create_app
from web.commands import seed as seeding
from web.wiring import Office, open_office
from workflow.people.accounts import list_people
from workflow.people.preferences import take_tour

pytestmark = pytest.mark.browser

CASES, LOADS = size(test=300, drill=1_000_000), size(test=1, drill=5)
SLOW_DOWN = 4
# From the click: the first byte, and the moment at which the page's scripts have run and its rows can be worked with.
READY = """() => { const told = performance.getEntriesByType("navigation")[0]; return [told.responseStart, told.domContentLoadedEventEnd] }"""


def test_a_long_ledger_can_be_worked_with_as_soon_as_it_is_there(
    chromium: Browser,  # noqa: F811
    home: Path,
) -> None:
    office = open_office(load({"DUBAN_HOME": str(home)}))
    try:
        seeding.seed(office, CASES, 7, datetime.now(UTC))
        first, ready = measure(chromium, office)
    finally:
        office.close()
    tell(
        "a long ledger in a browser of a quarter of the speed",
        f"{CASES:,} cases: first byte after {first:.0f} ms, ready after {ready:.0f} ms (goal 1,000)",
    )


def measure(browser: Browser, office: Office) -> tuple[float, float]:
    """Milliseconds to the first byte and to a page that answers, as the supervisor opens it; the middle of several loads."""
    people = {str(person["login"]): int(person["id"]) for person in office.database.read(list_people)}
    office.database.write(lambda store: take_tour(store, person_id=people["linjing"], now=datetime.now(UTC)))
    with serving(create_app(office)) as address:
        page = Site(browser, address, office.database, people).page("linjing")
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
        told = [_open(page) for _ in range(LOADS)]
        page.context.close()
    return median(first for first, _ in told), median(ready for _, ready in told)


def _open(page: Page) -> tuple[float, float]:
    page.goto("/ledger")
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr.is-current")).to_have_count(1)
    first, ready = page.evaluate(READY)
    # The figures of a long ledger come after its rows; the next load does not wait behind them.
    expect(page.locator("#ledger-head[aria-busy]")).to_have_count(0)
    assert page.locator("#figures").inner_text().count("…") == 0
    return first, ready
