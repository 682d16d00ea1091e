"""One Chromium for all tests of this folder in a process, and two served counties."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from config.settings import load
from tests import hours
from tests.browser.demo_county import demo_office
from tests.browser.desk import Desk
from tests.browser.drafted import draft_and_propose
from tests.browser.happened import go_through
from tests.browser.ready import find_chromium, list_missing
from tests.browser.served import DESK, PATIENCE, PHONE, Site, serving
from tests.copies import Copies
from tests.factories import MONDAY, County, make_county
from tests.web.site import site
from web import create_app
from web.commands.init import initialise
from web.wiring import open_office
from workflow.people.setup import make_link

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
# It asks no host but ours for anything, and writes nothing to the shared memory that containers keep small.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium; there being none is a failure."""
    missing = list_missing()
    if missing:
        pytest.fail(f"The browser tests need {' and '.join(missing)}: python tests/browser/ready.py installs them.")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as player:
        # Chromium refuses its own sandbox to root.
        browser = player.chromium.launch(executable_path=find_chromium(), args=list(FLAGS), chromium_sandbox=os.geteuid() != 0)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo county, which has cases in every state. Tests only look at it."""
    with demo_office(tmp_path_factory.mktemp("demo")) as (office, people):
        draft_and_propose(office, people, hours.now())
        go_through(office, people, hours.now())
        with serving(create_app(office)) as address:
            yield Site(chromium, address, office.database, people)


@pytest.fixture(scope="package")
def fresh(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A Duban that nobody has set up yet."""
    office = open_office(load({"DUBAN_HOME": str(tmp_path_factory.mktemp("fresh"))}), hours.now)
    initialise(office, hours.now())
    link = office.database.write(lambda store: make_link(store, hours.now()))
    with serving(create_app(office)) as address:
        yield Site(chromium, address, office.database, {}, link)
    office.close()


@pytest.fixture
def county(sqlite_copies: Copies) -> County:
    """The small county without cases."""
    return sqlite_copies.of(make_county)


@pytest.fixture
def served(chromium: Browser, county: County, home: Path) -> Iterator[Site]:
    """The small county, served."""
    with ExitStack() as stack:
        address = stack.enter_context(serving(site(county, home)))
        yield Site(chromium, address, county.database, county.people)


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """A picture of two by two points, as a real file."""
    rows = b"".join(b"\0" + bytes(6) for _ in range(2))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = [struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts]
    path = tmp_path / "公示栏照片.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    return path


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Each language in turn."""
    return str(request.param)


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def desk(request: pytest.FixtureRequest, served: Site, county: County, language: str) -> Iterator[Desk]:
    """The county's people, on a Monday."""
    made = Desk(served, county, language, request.param)
    made.go_to(MONDAY)
    yield made
    made.stop()


@pytest.fixture
def turned(turn: tuple[str, dict[str, int]], served: Site, county: County) -> Iterator[Desk]:
    """The county's people, on a Monday, in the language and at the size whose turn it is."""
    made = Desk(served, county, *turn)
    made.go_to(MONDAY)
    yield made
    made.stop()


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A signed paper, scanned."""
    path = tmp_path / "签字扫描件.pdf"
    path.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    return path
