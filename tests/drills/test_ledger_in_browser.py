"""A long ledger in a slow browser: from the click to a page that answers to the keyboard, and what it costs on the way."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from config.settings import load
from tests import hours
from tests.browser.conftest import chromium  # noqa: F401  # The fixture.
from tests.browser.looking import SCRIPT_BYTES, SHIFT, WATCH
from tests.browser.served import Site, serving
from tests.drills.scale import IS_DRILL, size, tell
from tests.web.site import UNHURRIED
from web import create_app
from web.commands import seed as seeding
from web.wiring import Office, open_office
from workflow.people.accounts import list_people
from workflow.people.preferences import take_tour

pytestmark = pytest.mark.browser

CASES, LOADS = size(test=300, drill=1_000_000), size(test=1, drill=5)
SLOW_DOWN = 4
READY_WITHIN = 1_000  # milliseconds
# From the click: the first byte, and the moment at which the page's scripts have run and its rows can be worked with.
READY = """() => { const told = performance.getEntriesByType("navigation")[0]; return [told.responseStart, told.domContentLoadedEventEnd] }"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds to the first byte and to a page that answers (the middle of several loads), bytes of script as they travel,
    how far anything jumped at most, and what was asked of another server."""

    first: float
    ready: float
    script: int
    shift: float
    elsewhere: tuple[str, ...]


def test_a_long_ledger_can_be_worked_with_as_soon_as_it_is_there(
    chromium: Browser,  # noqa: F811
    home: Path,
) -> None:
    # The site lives in the hours in which its people signed in (tests/browser/served.py).
    office = open_office(load({"DUBAN_HOME": str(home), **UNHURRIED}), clock=hours.now)
    try:
        seeding.seed(office, CASES, 7, hours.now())
        cost = measure(chromium, office)
    finally:
        office.close()
    assert 0 < cost.script <= SCRIPT_BYTES
    assert cost.shift <= SHIFT
    assert cost.elsewhere == ()
    # The goal is that of the full size; of a small ledger on a machine beside other work it would say nothing.
    assert not IS_DRILL or cost.ready <= READY_WITHIN
    tell(
        "a long ledger in a browser of a quarter of the speed",
        f"{CASES:,} cases: first byte after {cost.first:.0f} ms, ready after {cost.ready:.0f} ms (goal 1,000); "
        f"{cost.script / 1024:.0f} KB of script (goal 100), shift {cost.shift:.3f} (goal 0.05), nothing asked of another server",
    )


def measure(browser: Browser, office: Office) -> Cost:
    """What the ledger costs the supervisor who opens it."""
    people = {str(person["login"]): int(person["id"]) for person in office.database.read(list_people)}
    office.database.write(lambda store: take_tour(store, person_id=people["linjing"], now=hours.now()))
    with serving(create_app(office)) as address:
        page = Site(browser, address, office.database, people).page("linjing")
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
        page.add_init_script(WATCH)
        answers: list[Response] = []
        asked: list[str] = []
        page.on("response", lambda answer: answers.append(answer))
        page.on("request", lambda request: asked.append(request.url))
        told = [_open(page)]
        # A browser keeps what it was answered until it goes elsewhere; after the first load its scripts come from its own store.
        scripts = {a.url: len(gzip.compress(a.body())) for a in answers if a.request.resource_type == "script"}
        told += [_open(page) for _ in range(LOADS - 1)]
        elsewhere = tuple(url for url in asked if not url.startswith((address, "data:", "blob:")))
        page.context.close()
    first, ready, shift = zip(*told, strict=True)
    return Cost(median(first), median(ready), sum(scripts.values()), max(shift), elsewhere)


def _open(page: Page) -> tuple[float, float, float]:
    page.goto("/ledger")
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr.is-current")).to_have_count(1)
    first, ready = page.evaluate(READY)
    # The figures of a long ledger come after its rows; the next load does not wait behind them.
    expect(page.locator("#ledger-head[aria-busy]")).to_have_count(0, timeout=60_000)
    assert page.locator("#figures").inner_text().count("…") == 0
    return first, ready, page.evaluate("window.shifted")
