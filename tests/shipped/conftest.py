"""The small county of `tests/factories.py`, on each database in turn."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.copies import Copies
from tests.factories import County, make_county


@pytest.fixture
def county(copies: Copies) -> County:
    """A county with an engine, and no case yet."""
    return copies.of(make_county)


@pytest.fixture
def another_county(copies: Copies) -> Callable[[], County]:
    """A call that gives one more county in a database of its own."""
    return lambda: copies.of(make_county)
