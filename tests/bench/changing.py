"""The preview of a new version of a long ledger, beside walking the same cases and writing the same lines by the bare driver."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.bench.places import Place, timed
from tests.bench.recording import Written, recorded, write_all
from tests.bench.verbs import DAY
from tests.factories import County
from tests.workflow.versions.conftest import Office, hire
from tests.workflow.versions.test_changing_a_running_kind import two_months
from workflow.dates import local_day

# 100,000 open cases in twenty seconds of one core, where the walk and the lines take five.
GOAL = 4.0
OPEN = "kind = 'rectification' AND final = FALSE AND NOT withdrawn"
WALKS = (
    f"SELECT * FROM cases WHERE {OPEN} ORDER BY id",
    f"SELECT clock.* FROM clock JOIN cases ON cases.id = clock.case_id AND cases.cycle = clock.cycle WHERE {OPEN}",
)


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


def _walk(place: Place) -> None:
    """What only reading would take: the cases and their clocks, as text, under a digest."""
    connection, told = place.connect(place.url), hashlib.sha256()
    for statement in WALKS:
        for row in connection.execute(statement):
            told.update(json.dumps(list(row), default=str).encode())
    connection.close()
