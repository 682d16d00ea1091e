"""The small county of `tests/factories.py`, on each database in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories import County, make_county


@pytest.fixture
def county(database_url: str) -> Iterator[County]:
    """A county with an engine, and no case yet."""
    made = make_county(database_url)
    yield made
    made.database.close()
