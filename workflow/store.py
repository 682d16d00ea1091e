"""One open transaction, as the rest of the engine sees it: read rows, add rows, change rows. It never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

from sqlalchemy import Connection, Table, text
from sqlmodel import SQLModel

from workflow.statements import Prepared, Row, insert_of, update_of


def table_of(model: type[SQLModel]) -> Table:
    """The Core table of a model."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it.
    return table


class Store:
    """Rows in and out of one transaction on one connection. `dialect` is "sqlite" or "postgresql".

    `digest_suite` is what digests are made by here.
    """

    def __init__(self, connection: Connection, digest_suite: str) -> None:
        self.connection = connection
        self.digest_suite = digest_suite
        self.dialect = connection.dialect.name
        # The pool hands out a live connection or raises.
        self._driver: Any = cast(Any, connection.connection.driver_connection)
        self._cursor: Any = self._driver.cursor()
        self._handed_out: dict[str, int] = {}

    def rows(self, prepared: Prepared, **values: Any) -> list[Row]:
        """Every row of a prepared statement."""
        self._cursor.execute(prepared.text(self.dialect)[0], prepared.bind(self.dialect, values))
        return prepared.decode(self.dialect, self._cursor.fetchall())

    def ask(self, *questions: tuple[Prepared, Mapping[str, Any]]) -> list[list[Row]]:
        """The rows of several prepared statements, which run in their order; on PostgreSQL they travel together."""
        if self.dialect == "sqlite":
            return [self.rows(prepared, **values) for prepared, values in questions]
        cursors = [self._driver.cursor() for _ in questions]
        with self.together():
            for cursor, (prepared, values) in zip(cursors, questions, strict=True):
                cursor.execute(prepared.text(self.dialect)[0], prepared.bind(self.dialect, values))
        return [
            prepared.decode(self.dialect, cursor.fetchall()) for cursor, (prepared, _) in zip(cursors, questions, strict=True)
        ]

    def together(self) -> AbstractContextManager[Any]:
        """Inside, statements do not wait for each other's answers; the first that fails speaks at the end of the block.

        SQLite runs in this process, so there is nothing to wait for.
        """
        return nullcontext() if self.dialect == "sqlite" else self._driver.pipeline()

    def row(self, prepared: Prepared, **values: Any) -> Row | None:
        """The first row, or None."""
        rows = self.rows(prepared, **values)
        return rows[0] if rows else None

    def run(self, prepared: Prepared, **values: Any) -> int:
        """Executes a change; the number of rows it touched."""
        self._cursor.execute(prepared.text(self.dialect)[0], prepared.bind(self.dialect, values))
        return int(self._cursor.rowcount)

    def select(self, statement: Any) -> list[Row]:
        """Rows of a statement built for the occasion (lists with filters); cached by SQLAlchemy, slower than `rows`."""
        return [dict(row) for row in self.connection.execute(statement).mappings()]

    def execute(self, statement: Any) -> int:
        """Executes a change built for the occasion; the number of rows it touched."""
        return self.connection.execute(statement).rowcount

    def insert(self, model: type[SQLModel], rows: Sequence[Mapping[str, Any]], *, ignore_conflict: bool = False) -> int:
        """Adds rows that all have the same columns; how many were added (−1 where the driver does not say)."""
        if not rows:
            return 0
        prepared = insert_of(table_of(model), tuple(rows[0]), ignore_conflict=ignore_conflict)
        sql = prepared.text(self.dialect)[0]
        if len(rows) == 1:
            self._cursor.execute(sql, prepared.bind(self.dialect, rows[0]))
        else:
            self._cursor.executemany(sql, [prepared.bind(self.dialect, row) for row in rows])
        return int(self._cursor.rowcount)

    def update(self, model: type[SQLModel], values: Mapping[str, Any], **where: Any) -> int:
        """Changes the rows whose columns equal `where`; how many there were: the compare-and-set of the program."""
        prepared = update_of(table_of(model), tuple(values), tuple(where))
        bound = {**values, **{f"where_{name}": value for name, value in where.items()}}
        return self.run(prepared, **bound)

    def new_ids(self, model: type[SQLModel], count: int) -> list[int]:
        """`count` fresh ids, before their rows exist, so that rows that point at each other go in one statement a table."""
        table = table_of(model).name
        if self.dialect == "sqlite":
            return self._new_sqlite_ids(table, count)
        found = self.connection.execute(
            text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"),
            {"table": table, "count": count},
        )
        return [int(value) for value in found.scalars()]

    def _new_sqlite_ids(self, table: str, count: int) -> list[int]:
        # BEGIN IMMEDIATE keeps every other writer out, so the largest id plus what this transaction took is free.
        stored = self.connection.execute(text(f"SELECT coalesce(max(id), 0) FROM {table}")).scalar_one()  # noqa: S608
        last = max(stored, self._handed_out.get(table, 0))
        self._handed_out[table] = last + count
        return list(range(last + 1, last + 1 + count))
