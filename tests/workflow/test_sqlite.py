"""How SQLite is written to: through to the disk, by one at a time, and nothing that points nowhere (security.md R60)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.copies import Copies
from workflow.database import Database
from workflow.store import Store

# What is told in numbers: synchronous 2 is FULL, secure_delete 1 is ON.
WANTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000, "secure_delete": 1}


@pytest.fixture
def database(sqlite_copies: Copies) -> Iterator[Database]:
    """A fresh database on SQLite."""
    made = Database(sqlite_copies.fresh())
    yield made
    made.close()


def told(store: Store) -> dict[str, Any]:
    """The settings of the connection behind a store."""
    return {name: store.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in WANTED}


def stranger(store: Store) -> str:
    """Whether another program could write meanwhile: "" or what it is told."""
    with closing(sqlite3.connect(str(store.connection.engine.url.database), timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as refusal:
            return str(refusal)
    return ""


def test_every_connection_writes_through_waits_its_turn_and_keeps_references(database: Database) -> None:
    found: list[dict[str, Any]] = []

    def one_more(depth: int) -> None:
        """Each read stays open while the next begins, so that each has a connection of its own."""

        def look(store: Store) -> None:
            found.append(told(store))
            if depth:
                one_more(depth - 1)

        database.read(look)

    one_more(3)
    database.write(lambda store: found.append(told(store)))
    database.rehearse(lambda store: found.append(told(store)))
    assert found == [WANTED] * 6


def test_a_writer_has_the_turn_before_it_reads_and_a_reader_keeps_nobody_waiting(database: Database) -> None:
    assert "locked" in database.write(stranger)
    assert "locked" in database.rehearse(stranger)
    assert database.read(stranger) == ""
