"""The preview of a new version of a long ledger, beside walking the same cases and writing the same lines by the bare driver."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from tests.bench.places import Place, timed
from tests.bench.recording import Written, recorded, write_all
from tests.bench.verbs import DAY
from tests.factories import County
from tests.workflow.versions.conftest import ORDERS, Office, hire
from tests.workflow.versions.test_changing_a_running_kind import two_months
from tests.workflow.versions.test_rehearse import edited
from workflow.dates import local_day
from workflow.occasion import Occasion
from workflow.store import Store
from workflow.versions.rehearse import rehearse

# 100,000 open cases in twenty seconds of one core, where the walk and the lines take five.
GOAL = 4.0
OPEN = "kind = 'rectification' AND final = FALSE AND NOT withdrawn"
WALKS = (
    f"SELECT * FROM cases WHERE {OPEN} ORDER BY id",
    f"SELECT clock.* FROM clock JOIN cases ON cases.id = clock.case_id AND cases.cycle = clock.cycle WHERE {OPEN}",
)
# Every run of a clock with the facts of its case, open or closed.
RUNS = ("SELECT clock.*, cases.data FROM clock JOIN cases ON cases.id = clock.case_id WHERE kind = 'rectification'",)
REPLAY_GOAL = 2.0


def measure(place: Place, county: County) -> None:
    """Every open item of the long ledger, each under a shorter limit that is carried."""
    hire(county)
    office = Office(county, local_day(DAY))
    draft = office.draft(two_months, now=DAY)
    county.database.close()
    twin, impacts = place.twin(), list[Any]()
    with recorded() as transactions:
        ours = timed(lambda: impacts.append(office.preview(draft, DAY, clocks={"rectify": "carry"})))
        told: list[Written] = [written for written in transactions if written]
    county.database.close()
    floor = timed(lambda: _walk(place)) + timed(lambda: write_all(lambda: place.connect(twin), told, place.begin))
    place.show(f"preview of {impacts[0]['total']} open items, to walk + lines", GOAL, ours, floor, impacts[0]["total"])
    _replay(place, county)


def _replay(place: Place, county: County) -> None:
    """The last twelve months of every item once more, open or closed, under the same shorter limit."""
    new, seen = edited(two_months), list[int]()

    def body(store: Store, occasion: Occasion) -> object:
        return rehearse(store, occasion, new, ORDERS, seen.append)

    ours = timed(lambda: county.engine.read(DAY, body))
    county.database.close()
    floor = timed(lambda: _walk(place, RUNS))
    place.show(f"a year of {sum(seen)} items replayed, to the walk", REPLAY_GOAL, ours, floor, sum(seen))


def _walk(place: Place, statements: Iterable[str] = WALKS) -> None:
    """What only reading would take: the rows, as text, under a digest."""
    connection, told = place.connect(place.url), hashlib.sha256()
    for statement in statements:
        for row in connection.execute(statement):
            told.update(json.dumps(list(row), default=str).encode())
    connection.close()
