"""The floor of a verb: the very statements it wrote, recorded once and written again by the bare driver on a twin database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import workflow.database
from workflow.store import Store

WRITES = ("INSERT", "UPDATE", "DELETE")
Written = list[tuple[str, Any, bool]]  # (sql, parameters, many)


class _Cursor:
    """A driver's cursor that remembers what it writes."""

    def __init__(self, cursor: Any, written: Written) -> None:
        self._cursor, self._written = cursor, written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, sql: str, parameters: Any = None) -> Any:
        if sql.lstrip().startswith(WRITES):
            self._written.append((sql, parameters, False))
        return self._cursor.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any) -> Any:
        self._written.append((sql, list(parameters), True))
        return self._cursor.executemany(sql, parameters)


@contextmanager
def recorded() -> Iterator[list[Written]]:
    """Every transaction's writes while the block runs, one list each."""
    told: list[Written] = []
    plain = workflow.database.Store

    class Recording(Store):
        def __init__(self, connection: Any) -> None:
            super().__init__(connection)
            told.append([])
            self._cursor = _Cursor(self._cursor, told[-1])

    workflow.database.Store = Recording  # type: ignore[misc]
    try:
        yield told
    finally:
        workflow.database.Store = plain  # type: ignore[misc]


def write_again(connection: Any, written: Written, begin: str) -> None:
    """One transaction of the floor."""
    cursor = connection.cursor()
    if begin:
        cursor.execute(begin)
    for sql, parameters, many in written:
        (cursor.executemany if many else cursor.execute)(sql, parameters)
    connection.commit()


def write_all(connect: Callable[[], Any], transactions: list[Written], begin: str) -> None:
    """Every transaction of the floor on one connection."""
    connection = connect()
    try:
        for written in transactions:
            write_again(connection, written, begin)
    finally:
        connection.close()
