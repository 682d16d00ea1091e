"""What is written on one database reads the same on the other: every column type, with the values that divide them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Boolean, Column, Date, Integer, MetaData, Table, Text, bindparam, select
from sqlalchemy.exc import StatementError
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from tests import postgres
from workflow.database import Database
from workflow.models import metadata
from workflow.models.columns import BigId, UtcTime
from workflow.statements import Prepared

SHANGHAI = timezone(timedelta(hours=8))
# Type in the models → values on which SQLite and PostgreSQL, or their drivers, have differed for somebody.
HARD: dict[str, tuple[TypeEngine[Any], list[Any]]] = {
    "Text": (
        Text(),
        [
            "",
            " ",
            " 前后有空格 ",
            "'\"\\%_;--",
            "东沟村",
            "東溝村",
            "𠮷野家😀",
            "é",
            "a",
            "B",
            "ß",
            "ａ",
            "一\n二\t三",
            "0012",
            "长" * 70_000,
            "NULL",
        ],
    ),
    "BigInteger": (BigId, [0, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)]),
    "Integer": (Integer(), [0, -1, 2**31 - 1, -(2**31)]),
    "Boolean": (Boolean(), [True, False]),
    "Date": (Date(), [date(1, 1, 1), date(1949, 10, 1), date(2024, 2, 29), date(9999, 12, 31)]),
    "UtcTime": (
        UtcTime(),
        [
            datetime(2026, 3, 26, 1, 2, 3, 4, tzinfo=UTC),
            datetime(2026, 3, 26, 9, tzinfo=SHANGHAI),
            datetime(1986, 5, 4, 0, 30, tzinfo=timezone(timedelta(hours=9))),
            datetime(2999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(1901, 1, 1, tzinfo=UTC),
        ],
    ),
}
NAMES = {name: f"c_{name.lower()}" for name in HARD}
TABLE = Table("conformance", MetaData(), Column("id", BigId, primary_key=True), *(Column(NAMES[n], HARD[n][0]) for n in HARD))


class Conformance:
    """What the store needs of a model: its table. It belongs to no migration, as a model of SQLModel's would."""

    __table__ = TABLE


MODEL = cast("type[SQLModel]", Conformance)


ROWS = [
    {"id": number, **dict(zip(NAMES.values(), values, strict=True))}
    for number, values in enumerate(zip_longest(*(values for _type, values in HARD.values())))
]
ALL = Prepared(select(TABLE).order_by(TABLE.c.id))
BY_TEXT = Prepared(select(TABLE.c.id).where(TABLE.c.c_text.is_not(None)).order_by(TABLE.c.c_text, TABLE.c.id))
BY_TIME = Prepared(select(TABLE.c.id).where(TABLE.c.c_utctime.is_not(None)).order_by(TABLE.c.c_utctime))


@pytest.fixture
def both(
    sqlite_template: Path, postgres_server: postgres.Server, postgres_template: str, tmp_path: Path
) -> Iterator[dict[str, Database]]:
    """The table with its rows, on SQLite and on PostgreSQL."""
    name = postgres_server.create(template=postgres_template)
    found = {
        "sqlite": Database(f"sqlite:///{tmp_path / 'conformance.db'}"),
        "postgresql": Database(postgres_server.url(name)),
    }
    for database in found.values():
        database.write(lambda store: TABLE.create(store.connection))
        database.write(lambda store: store.insert(MODEL, ROWS))
    yield found
    for database in found.values():
        database.close()
    postgres_server.drop(name)


def test_every_type_of_a_column_of_ours_is_compared() -> None:
    used = {type(column.type).__name__ for table in metadata.sorted_tables for column in table.columns}
    assert used == set(HARD)


def test_hard_values_come_back_as_they_went_in_from_both(both: dict[str, Database]) -> None:
    for name, database in both.items():
        assert database.read(lambda store: store.rows(ALL)) == ROWS, name
        assert database.read(lambda store: store.select(select(TABLE).order_by(TABLE.c.id))) == ROWS, name


def test_both_sort_text_by_its_code_points_and_times_by_their_instant(both: dict[str, Database]) -> None:
    texts = sorted((row["c_text"], row["id"]) for row in ROWS if row["c_text"] is not None)
    times = sorted((row["c_utctime"], row["id"]) for row in ROWS if row["c_utctime"] is not None)
    for name, database in both.items():
        assert [row["id"] for row in database.read(lambda store: store.rows(BY_TEXT))] == [i for _text, i in texts], name
        assert [row["id"] for row in database.read(lambda store: store.rows(BY_TIME))] == [i for _time, i in times], name


@pytest.mark.parametrize("column", sorted(NAMES.values()))
def test_each_value_is_found_by_itself_on_both(both: dict[str, Database], column: str) -> None:
    by_value = Prepared(select(TABLE.c.id).where(TABLE.c[column] == bindparam("value", type_=TABLE.c[column].type)))
    for row in ROWS:
        if row[column] is not None:
            found = {
                name: [r["id"] for r in d.read(lambda store, v=row[column]: store.rows(by_value, value=v))]
                for name, d in both.items()
            }
            assert found == {name: [r["id"] for r in ROWS if r[column] == row[column]] for name in both}, row


def test_a_time_without_a_zone_is_refused_by_both(both: dict[str, Database]) -> None:
    naive = {"id": 99, "c_utctime": datetime(2026, 1, 1)}
    for database in both.values():
        with pytest.raises((ValueError, StatementError), match="naive"):
            database.write(lambda store: store.execute(TABLE.insert().values(naive)))
    with pytest.raises(ValueError, match="naive"):
        both["sqlite"].write(lambda store: store.insert(MODEL, [naive]))
