"""`make bench`: for each database, ours beside its floor or control, and the goal of docs/performance.md."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests import postgres
from tests.bench import changing, moving, reading, verbs
from tests.bench.places import Place, postgresql_place, print_head, sqlite_place
from tests.factories import make_county


def measure(place: Place, empty: Place) -> None:
    """Every figure for one database; the empty one takes in what the other gives out."""
    county = make_county(place.url)
    verbs.measure(place, county)
    reading.measure(place, county)
    moving.measure(place, county, empty)
    changing.measure(place, county)
    county.database.close()


def main() -> None:
    """The table."""
    print_head()
    folder = Path(tempfile.mkdtemp())
    try:
        measure(sqlite_place(folder), sqlite_place(folder, "empty"))
        with postgres.running(postgres.DURABLE) as server:
            measure(postgresql_place(server), postgresql_place(server))
    finally:
        shutil.rmtree(folder)


main()
