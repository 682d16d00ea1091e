"""`make bench`: for each database, ours beside its floor or control, and the goal of docs/performance.md."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from tests import postgres
from tests.bench.recording import Written, recorded, write_all
from tests.factories import County, at, make_county
from workflow.audit import verify
from workflow.migrations import upgrade

CASES = 300
DAY = at(date(2026, 3, 26), 10)
LATE = at(date(2026, 9, 1), 9)
SQLITE_SETTINGS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


def timed(work: Callable[[], Any], times: int = 1) -> float:
    """Seconds, the median of so many runs."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return median(found)


def show(database: str, what: str, goal: str, ours: float, floor: float, each: int) -> None:
    """One row of the table: microseconds for each, and the ratio."""
    ratio = ours / floor
    print(f"{database:<11}{what:<38}{goal:>8}{floor / each * 1e6:>12.1f}{ours / each * 1e6:>12.1f}{ratio:>9.2f}")


class Place:
    """A database to measure in, a twin of it as it was, and the bare driver."""

    def __init__(self, name: str, url: str, twin: Callable[[], str], connect: Callable[[str], Any], begin: str) -> None:
        self.name, self.url, self.twin, self.connect, self.begin = name, url, twin, connect, begin


def measure(place: Place) -> None:
    """Every figure for one database."""
    county = make_county(place.url)
    _fire(place, county)
    _sweep(place, county)
    _chain(place, county)
    _idle(place, county)
    county.database.close()


def _fire(place: Place, county: County) -> None:
    ids = [county.open_item(DAY, feedback_on="2026-03-26") for _ in range(CASES + 20)]
    song = county.actor("song", date(2026, 3, 26))
    data = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}

    def fire(case_ids: list[int]) -> None:
        for case_id in case_ids:
            county.engine.fire(case_id, "transfer", actor=song, now=DAY, data=data)

    fire(ids[:20])
    county.database.close()  # A twin is made of a database that nobody is connected to.
    twin = place.twin()
    with recorded() as told:
        fire(ids[20:])
    floor = timed(lambda: write_all(lambda: place.connect(twin), told, place.begin))
    more = [county.open_item(DAY, feedback_on="2026-03-26") for _ in range(CASES)]
    ours = timed(lambda: fire(more))
    rows = sum(len(p) if many else 1 for _sql, p, many in told[0])
    show(place.name, f"fire, everything ({rows} rows)", "1.15" if place.name != "sqlite" else "1.40", ours, floor, CASES)


def _sweep(place: Place, county: County) -> None:
    county.database.close()  # A twin is made of a database that nobody is connected to.
    twin = place.twin()
    told: list[Written] = []
    with recorded() as transactions:
        began = time.perf_counter()
        swept = county.engine.tick(LATE)
        ours = time.perf_counter() - began
        told += [written for written in transactions if written]
    fired = max(len(swept.fired), 1)
    floor = timed(lambda: write_all(lambda: place.connect(twin), told, place.begin))
    show(place.name, f"sweep, {fired} rungs, the full job", "1.40", ours, floor, fired)


def _chain(place: Place, county: County) -> None:
    verdict = county.database.read(lambda store: verify(store, chain_only=True))
    facts = county.database.read(lambda store: store.select(_facts()))

    def control() -> None:
        for row in facts:
            hashlib.sha256(json.dumps(json.loads(row["facts"]), ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    ours = timed(lambda: county.database.read(lambda store: verify(store, chain_only=True)), 3)
    show(place.name, f"chain check, {verdict.events} events", "2.00", ours, timed(control, 3), verdict.events)


def _facts() -> Any:
    from sqlalchemy import select

    from workflow.models import Event
    from workflow.store import table_of

    return select(table_of(Event).c.facts)


def _idle(place: Place, county: County) -> None:
    connection = place.connect(place.url)
    cursor = connection.cursor()

    def probe() -> None:
        for _ in range(200):
            cursor.execute("SELECT 1 FROM clock WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1").fetchone()

    def idle() -> None:
        for _ in range(200):
            county.engine.tick(DAY)

    show(place.name, "sweep, nothing due", "–", timed(idle), timed(probe), 200)
    connection.close()


# ---- places -------------------------------------------------------------------------------------------------------------


def sqlite_place(folder: Path) -> Place:
    """A file with the settings of the program."""
    path = folder / "bench.db"
    upgrade(f"sqlite:///{path}")
    twins = iter(range(100))

    def twin() -> str:
        copy = folder / f"twin-{next(twins)}.db"
        with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        return f"sqlite:///{copy}"

    def connect(url: str) -> Any:
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for setting in SQLITE_SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        return connection

    return Place("sqlite", f"sqlite:///{path}", twin, connect, "BEGIN IMMEDIATE")


def postgresql_place(server: postgres.Server) -> Place:
    """A database of the tests' own server, whose disk is not flushed: a floor and ours alike."""
    name = server.create()
    upgrade(server.url(name))

    def connect(url: str) -> Any:
        return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))

    return Place("postgresql", server.url(name), lambda: server.url(server.create(template=name)), connect, "")


def main() -> None:
    """The table."""
    print(f"{'database':<11}{'what':<38}{'goal':>8}{'floor µs':>12}{'ours µs':>12}{'ratio':>9}")
    folder = Path(tempfile.mkdtemp())
    try:
        measure(sqlite_place(folder))
        with postgres.running() as server:
            measure(postgresql_place(server))
    finally:
        shutil.rmtree(folder)
    sys.stdout.flush()


main()
