"""Verbs and the sweep beside their floor: the very statements that they wrote, written again by the bare driver on a twin."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from tests.bench.places import Place, timed
from tests.bench.recording import Written, recorded, write_all
from tests.factories import County, at
from workflow.verbs.bulk import Wish

CASES = 300
DAY = at(date(2026, 3, 26), 10)
LATE = at(date(2026, 9, 1), 9)


def measure(place: Place, county: County) -> None:
    """fire, many at once, the sweep, and the sweep with nothing to do."""
    _fire(place, county)
    _many(place, county)
    _sweep(place, county)
    _idle(place, county)


def _items(county: County, many: int) -> list[int]:
    return [county.open_item(DAY, feedback_on="2026-03-26") for _ in range(many)]


def _handed(county: County) -> dict[str, Any]:
    return {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"}


def _fire(place: Place, county: County) -> None:
    ids, song = _items(county, CASES + 20), county.actor("song", date(2026, 3, 26))

    def fire(case_ids: list[int]) -> None:
        for case_id in case_ids:
            county.engine.fire(case_id, "transfer", actor=song, now=DAY, data=_handed(county))

    fire(ids[:20])
    county.database.close()  # A twin is made of a database that nobody is connected to.
    twin = place.twin()
    with recorded() as told:
        fire(ids[20:])
    floor = timed(lambda: write_all(lambda: place.connect(twin), told, place.begin))
    more = _items(county, CASES)
    ours = timed(lambda: fire(more))
    rows = sum(len(p) if many else 1 for _sql, p, many in told[0])
    place.show(f"fire, everything included ({rows} rows)", 1.40 if place.is_sqlite else 1.15, ours, floor, CASES)


def _many(place: Place, county: County) -> None:
    """The bulk verb against so many single ones."""
    song = county.actor("song", date(2026, 3, 26))
    single, bulk = _items(county, CASES), _items(county, CASES)

    def one_by_one() -> None:
        for case_id in single:
            county.engine.fire(case_id, "transfer", actor=song, now=DAY, data=_handed(county))

    alone = timed(one_by_one)
    wish = Wish("transfer", _handed(county))

    def together() -> None:
        county.engine.begin_run(wish, lambda _store, _occasion: bulk, actor=song, now=DAY)
        county.engine.work_runs(DAY, ceiling=3)

    ours = timed(together)
    place.show("bulk run, an item, to a single fire", 0.30, ours, alone, CASES)


def _sweep(place: Place, county: County) -> None:
    county.database.close()
    twin = place.twin()
    told: list[Written] = []
    with recorded() as transactions:
        began = time.perf_counter()
        swept = county.engine.tick(LATE)
        ours = time.perf_counter() - began
        told += [written for written in transactions if written]
    fired = max(len(swept.fired), 1)
    floor = timed(lambda: write_all(lambda: place.connect(twin), told, place.begin))
    place.show(f"sweep, {fired} rungs, the full job", 1.40, ours, floor, fired)


def _idle(place: Place, county: County) -> None:
    connection = place.connect(place.url)
    cursor = connection.cursor()

    def probe() -> None:
        for _ in range(200):
            cursor.execute("SELECT 1 FROM clock WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1").fetchone()

    def idle() -> None:
        for _ in range(200):
            county.engine.tick(DAY)

    place.show("sweep, nothing due, to one indexed probe", 10.0, timed(idle), timed(probe), 200)
    connection.close()
