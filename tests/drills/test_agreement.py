"""For random people, every way of reading the ledger shows what an oracle says that they may read, and nothing else."""

from __future__ import annotations

import io
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import time_machine

from config.settings import load
from handlers.ledgers.workbook import open_workbook
from states.errors import CaseNotFound
from tests.copies import Copies
from tests.drills.scale import Stopwatch, size, tell
from tests.drills.strewn import WORD, hire, strew
from tests.factories import County, at, make_county
from tests.security.oracle import Rights, Tables
from tests.security.visit import tables_of
from tests.web.ledger.reading import every_row, numbers_of
from tests.web.overview.test_overview_page import BAR, MARK
from tests.web.site import signed_in, site
from web.commands.export import export_ledger
from web.ledger.kinds import all_kinds
from web.wiring import Office
from workflow.occasion import Occasion
from workflow.people.actors import actor_of
from workflow.reads.counts import count_of, counts
from workflow.reads.groups import group_by
from workflow.reads.ledger import page
from workflow.reads.overview import overview
from workflow.reads.query import Cursor, Query
from workflow.reads.rows import LedgerRow
from workflow.reads.search import find
from workflow.reads.seen import see
from workflow.store import Store
from workflow.types import Actor

PEOPLE, CASES = size(test=10, drill=200), size(test=30, drill=100)
# The pages that somebody opens through the site, of those he may see and of the others; by the engine he opens all.
OPENED = size(test=2, drill=4)
# Where a number leads, also one that is a share.
HREF = re.compile(r'class="figure[^"]*" href="([^"]+)"')
# The people whose every figure of the overview is opened.
FIGURED = size(test=1, drill=20)
A_PAGE = 15
EVERYTHING = Query(band="all")


@pytest.fixture
def county(copies: Copies) -> County:
    """The county without cases."""
    return copies.of(make_county)


def test_every_way_of_reading_shows_random_people_what_they_may_read_and_nothing_else(county: County, home: Path) -> None:
    dice, watch = random.Random(11), Stopwatch()  # A reproducible ledger, not a secret.
    today = strew(county, CASES, dice)
    logins, now = hire(county, PEOPLE, today, dice), at(today, 12)
    oracle = tables_of(county, today)
    rights = {login: oracle.rights(county.people[login]) for login in logins}
    reader = Reader(county, home, oracle, now)
    for login in logins:
        reader.read(login, rights[login])
    opened = _open_pages(county, home, oracle, rights, now, dice)
    figures = _open_figures(county, home, oracle, rights, now)
    ledger, seen = oracle.on_ledger(), Counter(len(each.all) for each in rights.values())
    # Dice that let everybody see the same would prove nothing.
    assert seen.total() == PEOPLE and len(seen) > min(PEOPLE, CASES) // 4
    assert any(each.past for each in rights.values())
    tell(
        f"every way of reading for random people ({county.database.writer.dialect.name})",
        f"{PEOPLE} people over {len(ledger)} cases, from {min(seen)} to {max(seen)} of them readable: list, count, strip, groups, "
        f"overview, search, export and page as the oracle says; {opened:,} pages opened through the site, and {figures:,} numbers and "
        f"marks of overviews, each with exactly its rows; {watch.said()}",
    )


class Reader:
    """Reads the ledger in every way as one person after the other."""

    def __init__(self, county: County, home: Path, oracle: Tables, now: datetime) -> None:
        self.county, self.oracle, self.now = county, oracle, now
        self.office = Office(load({"DUBAN_HOME": str(home)}), county.database, county.engine)
        self.ledger = oracle.on_ledger()
        self.by_number = {row["number"]: case_id for case_id, row in self.ledger.items()}

    def read(self, login: str, rights: Rights) -> None:
        """Compares all of them with what the person may read."""

        def work(store: Store, occasion: Occasion) -> None:
            actor = actor_of(store, self.county.people[login], today=occasion.today)
            if actor is None:
                assert rights.all == set()
                return
            told = store, occasion, actor
            listed = list(_list(*told))
            assert {row.id: row.seen_upto is None for row in listed} == {i: i in rights.whole for i in rights.all}, login
            assert len(listed) == len(rights.all), login
            assert count_of(*told, EVERYTHING).n == len(rights.all), login
            self._figures(*told, rights)
            self._search(*told, rights)
            assert {case_id for case_id in self.ledger if _opens(*told, case_id)} == rights.all, login

        self.county.engine.read(self.now, work)
        self._export(login, rights)

    def _figures(self, store: Store, occasion: Occasion, actor: Actor, rights: Rights) -> None:
        """The strip, the charts and the overview."""
        rows = [self.ledger[case_id] for case_id in rights.whole]
        strip = counts(store, occasion, actor, Query())
        late = [row for row in rows if row["overdue_since"] is not None and not row["final"]]
        assert strip.open.n == sum(not row["final"] for row in rows), actor
        assert strip.closed.n == sum(row["final"] for row in rows), actor
        assert strip.late.n == len(late), actor
        assert {door.holder_id: door.figure.n for door in strip.late_by_holder} == Counter(row["holder_id"] for row in late)
        for name, column in {"state": "state", "holder": "holder_id", "subject": "subject_id"}.items():
            assert _groups(store, occasion, actor, name) == tally(self.ledger, rights.whole, column), (actor, name)
        for name, column in {"kind": "kind", "township": "subject_township_id", "village": "subject_village_id"}.items():
            assert _groups(store, occasion, actor, name) == tally(self.ledger, rights.all, column), (actor, name)
        board = overview(store, occasion, actor, Query())
        assert dict(board.states) == tally(self.ledger, rights.whole, "kind", "state"), actor
        assert sum(board.ages) == board.total.figures["open"] == strip.open.n, actor
        assert board.talks_open == sum(row["kind"] == "interview" and not row["final"] for row in rows), actor

    def _search(self, store: Store, occasion: Occasion, actor: Actor, rights: Rights) -> None:
        """A word that stands in every title, and each number."""
        named = {case_id for case_id in rights.all if WORD in self.ledger[case_id]["title"]}
        found = {row.id for row in find(store, occasion, actor, WORD, limit=len(self.ledger)).rows}
        assert named <= found <= rights.all, actor
        for number, case_id in self.by_number.items():
            hits = [row.id for row in find(store, occasion, actor, number, limit=1).rows]
            assert (case_id in hits) == (case_id in rights.all), (actor, number)

    def _export(self, login: str, rights: Rights) -> None:
        """Each kind as a workbook, which has what is seen as it stands now."""
        actor = self.county.database.read(lambda store: actor_of(store, self.county.people[login], today=self.oracle.today))
        if actor is None:
            return
        for kind in self.office.engine.read(self.now, lambda _store, occasion: all_kinds(occasion.catalogue)):
            target = io.BytesIO()
            export_ledger(self.office, target, kind=kind, file_format="xlsx", actor=actor, now=self.now)
            wanted = Counter(self.ledger[i]["number"] for i in rights.whole if self.ledger[i]["kind"] == kind)
            assert Counter(_numbers(target.getvalue())) == wanted, (login, kind)


def _list(store: Store, occasion: Occasion, actor: Actor) -> Iterator[LedgerRow]:
    """Every page, each begun where the last one ended."""
    after: Cursor | None = None
    while True:
        found = page(store, occasion, actor, EVERYTHING, after=after, limit=A_PAGE)
        yield from found.rows
        after = found.next_cursor
        if after is None:
            return


def _opens(store: Store, occasion: Occasion, actor: Actor, case_id: int) -> bool:
    try:
        see(store, occasion, actor, case_id)
    except CaseNotFound:
        return False
    return True


def _groups(store: Store, occasion: Occasion, actor: Actor, name: str) -> dict[Any, int]:
    return {(group.key,): group.rows.n for group in group_by(store, occasion, actor, EVERYTHING, name)}


def _numbers(book: bytes) -> Iterator[str]:
    """What stands under 编号; the further measures of an item leave it empty."""
    (sheet,) = open_workbook(book, "x.xlsx")
    head = next(at for at, row in enumerate(sheet.rows) if "编号" in row)
    column = sheet.rows[head].index("编号")
    yield from (str(row[column]) for row in sheet.rows[head + 1 :] if len(row) > column and row[column])


def _open_pages(
    county: County, home: Path, oracle: Tables, rights: dict[str, Rights], now: datetime, dice: random.Random
) -> int:
    """Opens pages through the site: 404 for exactly those that one may not read; how many were opened."""
    app, ledger, opened = site(county, home), oracle.on_ledger(), 0
    with time_machine.travel(now, tick=False):
        for login, mine in rights.items():
            if oracle.persons[county.people[login]]["disabled_at"] is not None:
                continue
            client = signed_in(app, county, login, now)
            for case_id in (*_some(mine.all, dice), *_some(ledger.keys() - mine.all, dice)):
                status = client.get(f"/cases/{case_id}").status_code
                assert status == (200 if case_id in mine.all else 404), (login, case_id)
                opened += 1
    return opened


def _open_figures(county: County, home: Path, oracle: Tables, rights: dict[str, Rights], now: datetime) -> int:
    """Every number and mark of the overview opens exactly its rows, all of them the reader's; how many were opened."""
    app, opened = site(county, home), 0
    most = sorted(rights, key=lambda login: -len(rights[login].whole))
    with time_machine.travel(now, tick=False):
        for login in most[: 2 * FIGURED : 2]:
            if oracle.persons[county.people[login]]["disabled_at"] is not None:
                continue
            reader = signed_in(app, county, login, now)
            text = reader.get("/overview").text
            told = {(unescape(href), int(n)) for href, n in BAR.findall(text)} | set(numbers_of(text))
            told = {(href, n) for href, n in told if href.startswith(("/ledger", "/interviews", "/orders"))}
            for href, n in sorted(told):
                rows = every_row(reader, href)
                assert len(rows) == n, (login, href)
                assert rights[login].all.issuperset(rows), (login, href)
            assert set(MARK.findall(text)) <= set(HREF.findall(text)), login
            opened += len(told)
    assert opened > FIGURED * 20, "no overview was looked at"
    return opened


def _some(ids: Any, dice: random.Random) -> list[int]:
    return dice.sample(sorted(ids), min(OPENED, len(ids)))


def tally(cases: Mapping[int, Any], ids: frozenset[int], *columns: str) -> Counter[Any]:
    """How many of these cases have each value of the columns."""
    return Counter(tuple(cases[case_id][name] for name in columns) for case_id in ids)
