"""A new version on a long ledger: previewed, published, its worker killed on the way, ten cases poisoned, and run again."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Table, func, select, text

from handlers.registry import EFFECTS, RUNGS
from tests.conftest import MakeDatabase
from tests.drills.scale import Stopwatch, size, tell
from tests.factories import County, at, make_county
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import Document, Office, hire, part
from workflow.audit import verify
from workflow.database import Database
from workflow.engine import Engine
from workflow.models import BulkItem, Case, Clock, Event, FiredRung, Spell
from workflow.stamping import read_die, stamp
from workflow.store import Store, table_of

CASES = size(test=300, drill=100_000)
POISONED = 10
DAY = date(2026, 3, 26)
NOW = at(DAY, 12)
# How many cases are looked at together.
RANGE = 2_000
# The hour of writing, and the chain that is laid over it and over salts.
BY_LOT = ("head", "prev", "hash", "recorded_at")


def be_a_worker(url: str, run_id: int, hour: str) -> None:
    """Works at the run in this process and says after each batch that it goes on."""
    engine = Engine(Database(url), effects=EFFECTS, rungs=RUNGS)
    while engine.work_run(run_id, now=datetime.fromisoformat(hour), ceiling=3):
        print("batch", flush=True)


def two_months(document: Document) -> None:
    part(document, "clocks", "rectify")["limits"] = [{"limit": "2 month"}]
    document.pop("scenarios")


@pytest.fixture
def office(make_database: MakeDatabase) -> Iterator[Office]:
    """A county with a long ledger of items under rectification, stamped from one, ten of them damaged behind the engine's back."""
    made = _made(make_database())
    yield made
    made.county.database.close()


@pytest.fixture
def twin(make_database: MakeDatabase) -> Iterator[Office]:
    """The same county in another database, whose worker nobody kills."""
    made = _made(make_database())
    yield made
    made.county.database.close()


def _made(url: str) -> Office:
    county = make_county(url)
    hire(county)
    first = county.supervised_item(at(DAY), feedback_on=DAY.isoformat())
    die = county.engine.read(NOW, lambda store, occasion: read_die(store, occasion.catalogue, first))
    for start in range(1, CASES, 5_000):
        county.database.write(partial(stamp, dies=[die] * min(5_000, CASES - start)))
    county.database.write(_damage)
    return Office(county, DAY)


def ledger_of(county: County) -> str:
    """A digest of every case, clock and item of a run."""
    told = hashlib.sha256()
    for model in (Case, Clock, BulkItem):
        told.update("".join(map(repr, rows_of(county, model))).encode())
    return told.hexdigest()


def what_came_of(county: County) -> dict[str, Counter[bytes]]:
    """Every case, clock, spell, spent rung and event, and what the run says of each, without what is drawn by lot or sealed over it.

    By table, the digest of each row: a long ledger does not fit into memory twice.
    """
    models = (Case, Clock, Spell, FiredRung, Event, BulkItem)
    return {model.__name__: Counter(_digests(county, table_of(model))) for model in models}


def _digests(county: County, table: Table) -> Iterator[bytes]:
    key = table.c["case_id" if "case_id" in table.c else "id"]
    last = county.database.read(lambda store: store.select(select(func.max(key).label("id"))))[0]["id"] or 0
    for first in range(1, last + 1, RANGE):
        some = select(table).where(key >= first, key < first + RANGE)
        rows = county.database.read(partial(Store.select, statement=some))
        yield from (hashlib.sha256(repr(sorted(_plain(row).items())).encode()).digest() for row in rows)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if name not in BY_LOT}
    if "facts" in told:
        facts = json.loads(told["facts"])
        told["facts"] = {name: value for name, value in facts.items() if name not in ("content", "recorded_at")}
    return told


def _damage(store: Store) -> None:
    every = CASES // POISONED
    told = {"every": every, "most": every * POISONED}
    store.connection.execute(text("UPDATE cases SET data = '{' WHERE id % :every = 0 AND id <= :most"), told)


def test_a_killed_migration_goes_on_and_what_is_poisoned_is_set_aside(office: Office, twin: Office) -> None:
    county = office.county
    draft = office.draft(two_months, now=NOW)
    previewing = Stopwatch()
    impact = office.preview(draft, NOW, clocks={"rectify": "carry"})
    previewed = previewing.said()
    counts = json.loads(impact["counts"])
    assert (counts["moves"], counts["poisoned"]) == (CASES - POISONED, POISONED)
    run_id = office.publish(impact, NOW)
    assert run_id is not None
    command = [sys.executable, "-m", __name__, county.database.url, str(run_id), NOW.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "batch\n"
        worker.send_signal(signal.SIGKILL)
    moving = Stopwatch()
    office.work(run_id, NOW)
    moved_in = moving.said()
    assert Counter(row["status"] for row in rows_of(county, BulkItem, run_id=run_id)) == {
        "done": CASES - POISONED,
        "refused": POISONED,
    }
    moved = Counter(row["case_id"] for row in rows_of(county, Event, verb="migrate"))
    assert len(moved) == CASES - POISONED
    assert set(moved.values()) == {1}
    dues = Counter((row["due_on"], row["data"] == "{") for row in rows_of(county, Case))
    assert dues[(date(2026, 5, 26), False)] == CASES - POISONED
    unkilled = twin.publish(twin.preview(twin.draft(two_months, now=NOW), NOW, clocks={"rectify": "carry"}), NOW)
    assert unkilled is not None
    twin.work(unkilled, NOW)
    killed, whole = what_came_of(county), what_came_of(twin.county)
    assert {name: sum((rows - whole[name]).values()) for name, rows in killed.items()} == dict.fromkeys(whole, 0)
    assert [rows.total() for rows in killed.values()] == [rows.total() for rows in whole.values()]
    before = ledger_of(county)
    office.work(run_id, NOW)
    assert ledger_of(county) == before
    assert len(rows_of(county, Event, verb="migrate")) == CASES - POISONED
    faults = county.database.read(verify).faults
    assert Counter(fault.kind for fault in faults) == {"facts": POISONED}
    told = f"{CASES:,} open cases previewed in {previewed}, the rest after a kill moved in {moved_in}, {POISONED} set aside; "
    told += f"{sum(rows.total() for rows in killed.values()):,} rows as where nobody was killed"
    tell(f"a new version on a long ledger, its worker killed ({county.database.writer.dialect.name})", told)


if __name__ == "__main__":
    be_a_worker(sys.argv[1], int(sys.argv[2]), sys.argv[3])
