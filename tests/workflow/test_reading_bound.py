"""What is read is cut off after so many seconds where it has a bound, and what is written never is (security.md R41, R62)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from states.errors import TookTooLong
from tests.factories import County
from workflow.database import Database
from workflow.store import Store

# The numbers up to a bound, of which SQLite counts some ten million in a second.
COUNTED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {most}) SELECT count(*) FROM n"


def ask_long(store: Store) -> Any:
    """Far longer than a second."""
    slow = "SELECT pg_sleep(20)" if store.connection.dialect.name == "postgresql" else COUNTED.format(most=200_000_000)
    return store.connection.exec_driver_sql(slow).all()


def take_a_while(store: Store) -> bool:
    """A little longer than a second, and then something more that takes SQLite some steps."""
    if store.connection.dialect.name == "postgresql":
        store.connection.exec_driver_sql("SELECT pg_sleep(1.2)")
        return True
    end = time.monotonic() + 1.2
    while time.monotonic() < end:
        store.connection.exec_driver_sql(COUNTED.format(most=100_000)).all()
    return bool(store.connection.exec_driver_sql(COUNTED.format(most=100_000)).all())


@pytest.fixture
def database(county: County) -> Database:
    """The county's database, where a reading has a second."""
    county.database.seconds_to_read = lambda: 1
    return county.database


def test_a_reading_that_takes_too_long_is_cut_off_and_says_its_bound(database: Database) -> None:
    with pytest.raises(TookTooLong) as cut:
        database.read(ask_long)
    assert cut.value.params == {"limit": 1}


def test_the_next_reader_of_the_same_connection_has_his_own_bound_or_none(database: Database) -> None:
    for _ in range(2):
        with pytest.raises(TookTooLong):
            database.read(ask_long)
        assert database.answers()
    database.seconds_to_read = lambda: 0
    assert database.read(take_a_while)


def test_what_is_written_or_tried_is_never_cut_off(database: Database) -> None:
    assert database.write(take_a_while)
    assert database.rehearse(take_a_while)


def test_another_fault_of_a_reading_stays_what_it_is(database: Database) -> None:
    with pytest.raises(Exception, match="nowhere"):
        database.read(lambda store: store.connection.exec_driver_sql("SELECT * FROM nowhere"))
