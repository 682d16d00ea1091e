"""The small county of `tests/factories.py`, on each database in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import MakeDatabase
from tests.factories import County, make_county


@pytest.fixture
def county(database_url: str) -> Iterator[County]:
    """A county with an engine, and no case yet."""
    made = make_county(database_url)
    yield made
    made.database.close()


@pytest.fixture
def another_county(make_database: MakeDatabase) -> Iterator[Callable[[], County]]:
    """A call that gives one more county in a database of its own."""
    made: list[County] = []

    def make() -> County:
        made.append(make_county(make_database()))
        return made[-1]

    yield make
    for county in made:
        county.database.close()
