"""Statements built from the Core tables, compiled once per dialect and run on the driver's own cursor.

SQLAlchemy's session and result layers cost more than the statements of a verb themselves; a statement here is written
once in Core, so both databases read the same source, and then costs a dictionary and a driver call.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import ARRAY, BigInteger, Boolean, Date, Dialect, Table, Text, any_, bindparam, cast, func, insert, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, ClauseElement, ColumnElement
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.sql.visitors import ExternallyTraversible

from workflow.models.columns import UtcTime, time_from_text, time_to_text

Row = dict[str, Any]
# How reading a row ends that was damaged behind the engine's back.
DAMAGED = (LookupError, ValueError, TypeError, AttributeError)

_DIALECTS: dict[str, Dialect] = {
    "sqlite": SQLiteDialect_pysqlite(paramstyle="named"),
    "postgresql": PGDialect_psycopg(),  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it unannotated.
}


# SQLite's driver asks these for the types that it does not know: the one encoder of the program.
_ENCODERS: Mapping[type, Callable[[Any], str]] = {datetime: time_to_text, date: date.isoformat}
for _type, _encoder in _ENCODERS.items():
    sqlite3.register_adapter(_type, _encoder)


def encoded(row: Row, dialect: str) -> Row:
    """The row as the driver stores it: for rows that are written many times, encoded once."""
    if dialect != "sqlite":
        return row
    return {name: _ENCODERS[type(value)](value) if type(value) in _ENCODERS else value for name, value in row.items()}


def _decoder(column_type: Any, dialect: str) -> Callable[[Any], Any] | None:
    if dialect != "sqlite":
        return None
    if isinstance(column_type, UtcTime):
        return time_from_text
    if isinstance(column_type, Date):
        return date.fromisoformat
    return bool if isinstance(column_type, Boolean) else None


class Prepared:
    """A Core statement that compiles itself once per dialect. Parameters are given by bind name."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._compiled: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._decoders: dict[str, list[tuple[str, Callable[[Any], Any] | None]]] = {}

    def text(self, dialect: str) -> tuple[str, Mapping[str, Any]]:
        """The SQL text and the literals bound in it."""
        known = self._compiled.get(dialect)
        if known is None:
            known = self._compiled[dialect] = _compile(self.statement, dialect)
        return known

    def bind(self, dialect: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """`values` over the statement's own literals."""
        literals = self.text(dialect)[1]
        return {**literals, **values} if literals else values

    def columns(self, dialect: str) -> list[tuple[str, Callable[[Any], Any] | None]]:
        """The name and decoder of each column returned."""
        known = self._decoders.get(dialect)
        if known is None:
            known = [(c.key, _decoder(c.type, dialect)) for c in _returned(self.statement)]
            self._decoders[dialect] = known
        return known

    def decode(self, dialect: str, fetched: Iterable[Sequence[Any]]) -> list[Row]:
        """Driver tuples as dictionaries with Python values."""
        columns = self.columns(dialect)
        names = [name for name, _ in columns]
        active = [(name, read) for name, read in columns if read is not None]
        rows = [dict(zip(names, values, strict=True)) for values in fetched]
        for row in rows:
            for name, read in active:
                if row[name] is not None:
                    row[name] = read(row[name])
        return rows


class Kept:
    """Statements that are written for one reader and asked again: as text, without the tree that each was written from.

    The tree of a ledger for somebody with several posts weighs a megabyte, and he reads it through more than one filter.
    """

    def __init__(self, most: int = 1_000) -> None:
        self._most = most
        self._known: dict[tuple[Any, ...], Prepared] = {}

    def get(self, key: tuple[Any, ...], dialect: str, write: Callable[[], Any]) -> Prepared:
        """The statement for a key, which names everything that it depends on; written where it is not known."""
        known = self._known.get((*key, dialect))
        if known is None:
            if len(self._known) >= self._most:
                self._known.clear()
            known = self._known[(*key, dialect)] = _settled(write(), dialect)
        return known


def _settled(statement: Any, dialect: str) -> Prepared:
    """A statement that is asked in this dialect alone."""
    prepared = Prepared(statement)
    prepared.text(dialect)
    prepared.columns(dialect)
    prepared.statement = None
    return prepared


def _returned(statement: Any) -> list[Any]:
    columns = statement.selected_columns if hasattr(statement, "selected_columns") else statement.exported_columns
    return list(columns)


def _compile(statement: ClauseElement, dialect: str) -> tuple[str, Mapping[str, Any]]:
    for element in _parts(statement):
        if isinstance(element, BindParameter):
            element.required = False  # Values come with each run, not with the compilation.
    # A literal list is written out, because there is no execution step here that would do it.
    compiled = statement.compile(dialect=_DIALECTS[dialect], compile_kwargs={"render_postcompile": True})
    literals = {key: value for key, value in compiled.params.items() if value is not None}
    return str(compiled), literals


def _parts(statement: ClauseElement) -> Iterator[ExternallyTraversible]:
    """Every part of a statement once: a walk through a ledger as it was names the same subquery hundreds of times."""
    waiting: list[ExternallyTraversible] = [statement]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if id(part) not in seen:
            seen.add(id(part))
            yield part
            waiting.extend(part.get_children())


def is_listed(column: ColumnElement[int], dialect: str) -> ColumnElement[bool]:
    """Is the id in the JSON list that is bound as `ids`? One statement, however many there are, and each by the index."""
    listed = bindparam("ids", type_=Text)
    if dialect == "sqlite":
        return column.in_(select(func.json_each(listed).table_valued("value").c.value))
    # For the elements of a JSON list PostgreSQL may read the whole table; those of an array it looks up.
    return column == any_(cast(func.translate(listed, "[]", "{}"), ARRAY(BigInteger)))


class Shared(ColumnElement[bool]):
    """A condition that stands in many places of one statement: compiled at the first, the same text in all others."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, condition: ColumnElement[bool]) -> None:
        self.condition = condition

    def get_children(self, **_: Any) -> tuple[ColumnElement[bool]]:
        """What it is made of."""
        return (self.condition,)

    def self_group(self, against: Any = None) -> Self:
        """Itself: it is written in brackets wherever it stands."""
        return self

    @property
    def _from_objects(self) -> list[Any]:
        return self.condition._from_objects


@compiles(Shared)
def _write_shared(element: Shared, compiler: SQLCompiler, **how: Any) -> str:
    written: dict[int, str] = compiler.__dict__.setdefault("_written_shared", {})
    if id(element) not in written:
        written[id(element)] = f"({compiler.process(element.condition, **how)})"
    return written[id(element)]


_INSERTS: dict[tuple[str, tuple[str, ...], bool], Prepared] = {}


def insert_of(table: Table, columns: tuple[str, ...], *, ignore_conflict: bool = False) -> Prepared:
    """INSERT of those columns; with `ignore_conflict` a row that is already there is left alone."""
    key = (table.name, columns, ignore_conflict)
    known = _INSERTS.get(key)
    if known is None:
        known = _INSERTS[key] = Prepared(_insert(table, columns, ignore_conflict))
    return known


def _insert(table: Table, columns: tuple[str, ...], ignore_conflict: bool) -> Any:
    values = {name: bindparam(name, type_=table.c[name].type) for name in columns}
    for column in table.c:
        # A default of the model is bound as a literal, since no session is here to fill it in.
        if column.name not in values and isinstance(column.default, ScalarElementColumnDefault):
            values[column.name] = bindparam(column.name, value=column.default.arg, type_=column.type)
    if not ignore_conflict:
        return insert(table).values(values)
    # Both dialects write the clause alike; PostgreSQL's construct compiles on either.
    from sqlalchemy.dialects.postgresql import insert as insert_or_not

    return insert_or_not(table).values(values).on_conflict_do_nothing()


_UPDATES: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Prepared] = {}


def update_of(table: Table, columns: tuple[str, ...], where: tuple[str, ...]) -> Prepared:
    """UPDATE of those columns where each column of `where` equals the value bound as `where_<column>`."""
    key = (table.name, columns, where)
    known = _UPDATES.get(key)
    if known is None:
        statement = table.update().values({c: bindparam(c, type_=table.c[c].type) for c in columns})
        for name in where:
            statement = statement.where(table.c[name] == bindparam(f"where_{name}", type_=table.c[name].type))
        known = _UPDATES[key] = Prepared(statement)
    return known
