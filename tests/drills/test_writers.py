"""Many writers on one SQLite file: nobody is refused, nobody waits far longer than the others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from statistics import quantiles

import pytest

from tests.drills.scale import size, tell
from tests.factories import County, at, make_county
from workflow.audit import verify
from workflow.migrations import upgrade

WRITERS = 16
EACH = size(test=4, drill=60)
DAY = at(date(2026, 3, 26), 10)


@pytest.fixture
def county(home: Path) -> Iterator[County]:
    """A county on SQLite, whatever else the run uses."""
    url = f"sqlite:///{home / 'writers.db'}"
    upgrade(url)
    made = make_county(url)
    yield made
    made.database.close()


def test_sixteen_writers_are_all_served_in_turn(county: County) -> None:
    ids = [county.open_item(DAY, feedback_on="2026-03-26") for _ in range(WRITERS * EACH)]
    song = county.actor("song", date(2026, 3, 26))
    data = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}

    def write(mine: list[int]) -> list[float]:
        waits = []
        for case_id in mine:
            began = time.monotonic()
            county.engine.fire(case_id, "transfer", actor=song, now=DAY, data=data)
            waits.append(time.monotonic() - began)
        return waits

    with ThreadPoolExecutor(WRITERS) as pool:
        waits = sorted(wait for each in pool.map(write, [ids[n::WRITERS] for n in range(WRITERS)]) for wait in each)
    assert len(waits) == len(ids)
    assert county.database.read(verify).faults == ()
    middle, late = quantiles(waits, n=100)[49], quantiles(waits, n=100)[98]
    tell("sixteen writers on SQLite", f"{len(waits):,} verbs, p99/p50 of the wait {late / middle:.1f} (goal 5), none refused")
