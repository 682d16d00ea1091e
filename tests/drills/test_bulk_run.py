"""One step on as many cases as a run may have: its worker killed on the way, gone on with, then taken back as a whole."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from handlers.registry import EFFECTS, RUNGS
from tests.drills.scale import size, tell
from tests.factories import County, at, make_county
from tests.workflow.looking import rows_of
from workflow.audit import verify
from workflow.database import Database
from workflow.engine import Engine
from workflow.migrations import upgrade
from workflow.models import BulkItem, BulkRun, Event
from workflow.reads.ledger import first_ids
from workflow.reads.query import Query
from workflow.stamping import read_die, stamp
from workflow.verbs.bulk import Wish, done_in

CASES = size(test=300, drill=10_000)
DAY = at(date(2026, 3, 26), 10)
SHEET = {"remind_by": "sheet"}


def be_a_worker(url: str, run_id: int, hour: str) -> None:
    """Works at the run in this process and says after each batch that it goes on."""
    engine = Engine(Database(url), effects=EFFECTS, rungs=RUNGS)
    while engine.work_run(run_id, now=datetime.fromisoformat(hour), ceiling=3):
        print("batch", flush=True)


@pytest.fixture
def county(home: Path) -> Iterator[County]:
    """A county on SQLite with a long ledger, stamped from one item."""
    url = f"sqlite:///{home / 'bulk.db'}"
    upgrade(url)
    made = make_county(url)
    first = made.open_item(DAY, feedback_on="2026-03-26")
    made.hand_over(first, DAY)
    die = made.engine.read(DAY, lambda store, occasion: read_die(store, occasion.catalogue, first))
    made.database.write(lambda store: stamp(store, [die] * (CASES - 1)))
    yield made
    made.database.close()


def done(county: County, run_id: int) -> int:
    return Counter(row["status"] for row in rows_of(county, BulkItem, run_id=run_id))["done"]


def reminded(county: County) -> Counter[int]:
    return Counter(row["case_id"] for row in rows_of(county, Event, trigger="remind"))


def test_a_killed_worker_leaves_out_no_case_of_a_long_run_and_doubles_none(county: County) -> None:
    song, query = county.actor("song", date(2026, 3, 26)), Query(kinds=("rectification",))
    began = time.monotonic()
    run_id = county.engine.begin_run(
        Wish("remind", SHEET),
        lambda store, occasion: first_ids(store, occasion, song, query, limit=CASES + 1),
        actor=song,
        now=DAY,
    )
    beginning = time.monotonic() - began
    command = [sys.executable, "-m", __name__, county.database.url, str(run_id), DAY.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "batch\n"
        worker.send_signal(signal.SIGKILL)
    left = CASES - done(county, run_id)
    began = time.monotonic()
    while county.engine.work_runs(DAY, ceiling=3):
        pass
    working = time.monotonic() - began
    assert len(reminded(county)) == CASES
    assert set(reminded(county).values()) == {1}
    assert done(county, run_id) == CASES
    assert rows_of(county, BulkRun, id=run_id)[0]["finished_at"] == DAY
    later = DAY + timedelta(minutes=5)
    back = county.engine.begin_run(
        Wish(undoes=run_id), lambda store, _occasion: done_in(store, song, run_id), actor=song, now=later
    )
    began = time.monotonic()
    while county.engine.work_runs(later, ceiling=3):
        pass
    undoing = time.monotonic() - began
    assert done(county, back) == CASES
    assert county.database.read(verify).faults == ()
    tell(
        "a step on 10,000 cases whose worker is killed",
        f"{CASES:,} cases begun in {beginning:.1f} s; {left:,} of them done after the kill in {working:.0f} s, "
        f"each once; all taken back in {undoing:.0f} s",
    )


if __name__ == "__main__":
    be_a_worker(sys.argv[1], int(sys.argv[2]), sys.argv[3])
