"""The program may add to histories and trails and change neither, on both databases, and does all its work so."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from states.errors import BadInput
from tests.factories import MONDAY, County
from workflow.audit import verify
from workflow.checkpoints import take_checkpoint
from workflow.database import Database
from workflow.dates import local_time
from workflow.least import MAY_CHANGE, MAY_REMOVE, grants_for, is_more_than_needed
from workflow.models import metadata
from workflow.trail import MACHINE, record

AT = local_time(MONDAY)
BIRD = "金丝雀在空页里"


@pytest.fixture
def bound(county: County) -> Iterator[County]:
    """A county whose program is bound: on PostgreSQL it works as a role of its own."""
    if county.database.is_sqlite:
        yield county
        return
    role, url = f"app_{uuid.uuid4().hex[:12]}", county.database.url
    owner = create_engine(url)
    with owner.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        for statement in grants_for(role):
            connection.execute(text(statement))
        assert is_more_than_needed(connection)
    made = county.reopened(make_url(url).set(username=role).render_as_string(hide_password=False))
    yield made
    made.close()
    with owner.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
    owner.dispose()


def work(county: County) -> int:
    """A case with its history, a sweep, a trail and a checkpoint."""
    case_id = county.supervised_item(AT)
    county.engine.tick(AT + timedelta(days=200))
    county.database.write(lambda store: record(store, MACHINE, "audit", now=AT))
    county.database.write(lambda store: take_checkpoint(store, AT))
    return case_id


def refused(county: County, statement: str) -> Any:
    with pytest.raises(DBAPIError) as told:
        county.database.write(lambda store: store.connection.exec_driver_sql(statement))
    return str(told.value.orig)


def test_all_work_is_done_without_the_right_to_change_a_history(bound: County) -> None:
    work(bound)
    assert bound.database.read(verify).ok
    if not bound.database.is_sqlite:
        assert not bound.database.read(lambda store: is_more_than_needed(store.connection))


@pytest.mark.parametrize("table", MAY_CHANGE)
def test_histories_and_trails_are_neither_changed_nor_removed(bound: County, table: str) -> None:
    work(bound)
    columns = [column.name for column in metadata.tables[table].columns]
    for column in columns:
        statement = f"UPDATE {table} SET {column} = {column}"
        if column not in MAY_CHANGE[table]:
            assert "denied" in (said := refused(bound, statement)) or "prohibited" in said or "not authorized" in said
    if table not in MAY_REMOVE:
        refused(bound, f"DELETE FROM {table}")
    refused(bound, f"DROP TABLE {table}")


def _replacing(table: str) -> list[str]:
    """Every way of putting something else in the place of a row that is there."""
    columns = [column.name for column in metadata.tables[table].columns]
    keys = ", ".join(column.name for column in metadata.tables[table].primary_key)
    kept = next(name for name in columns if name not in MAY_CHANGE[table])
    also = f"ON CONFLICT ({keys}) DO UPDATE SET {kept} = excluded.{kept}"
    return [
        f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        f"REPLACE INTO {table} SELECT * FROM {table}",
        f"INSERT INTO {table} SELECT * FROM {table} WHERE true {also}",
        *(["UPDATE OR REPLACE trail SET seq = 1, prev = 'x', hash = 'x'"] if table == "trail" else []),
    ]


@pytest.mark.parametrize("table", MAY_CHANGE)
def test_nothing_takes_the_place_of_a_row_of_a_history(bound: County, table: str) -> None:
    if not bound.database.is_sqlite:
        pytest.skip("PostgreSQL has no REPLACE; its upsert is an update, which the role may not do")
    _fill(bound, table)
    before = _rows(bound, table)
    assert before, "there is something to replace"
    for statement in _replacing(table):
        assert "not authorized" in (said := refused(bound, statement)) or "prohibited" in said, statement
    assert _rows(bound, table) == before


def test_no_table_is_made_another_and_no_binding_is_undone(bound: County) -> None:
    if not bound.database.is_sqlite:
        pytest.skip("a role that owns nothing alters nothing, which the grants' test asks")
    work(bound)
    for table in MAY_CHANGE:
        refused(bound, f"ALTER TABLE {table} RENAME TO other")
        refused(bound, f"ALTER TABLE {table} ADD COLUMN other")
    for statement in (
        "DROP TRIGGER temp.kept_event",
        "DROP INDEX uq_trail_seq",
        "CREATE TEMP TABLE event (x)",
        "CREATE TEMP TRIGGER other BEFORE INSERT ON main.event BEGIN SELECT RAISE(IGNORE); END",
        "PRAGMA writable_schema = ON",
        "PRAGMA recursive_triggers = OFF",
    ):
        refused(bound, statement)


def _fill(county: County, table: str) -> None:
    """At least two rows of the table, where the work leaves none."""
    work(county)
    if table == "trail":
        county.database.write(lambda store: record(store, MACHINE, "audit", now=AT))
        return
    if _rows(county, table):
        return
    numbered = enumerate(metadata.tables[table].columns, start=1)  # two people are never the same
    columns = {column.name: number if column.type.python_type is int else "1" for number, column in numbered}
    columns |= {"choice": "agree"} if table == "ballot" else {"what": "reopen"} if table == "motion" else {}
    columns.pop("run_id" if table == "motion" else "", None)
    named = ", ".join(columns)
    values = ", ".join(repr(value) for value in columns.values())
    with closing(sqlite3.connect(county.database.url.removeprefix("sqlite:///"))) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(f"INSERT INTO {table} ({named}) VALUES ({values})")
        connection.commit()


def _rows(county: County, table: str) -> list[Any]:
    asked = f"SELECT * FROM {table} ORDER BY 1, 2"
    return county.database.read(lambda store: list(store.connection.exec_driver_sql(asked)))


def test_the_role_makes_no_table_and_empties_none(bound: County) -> None:
    if bound.database.is_sqlite:
        refused(bound, "ATTACH DATABASE ':memory:' AS other")
        return
    for statement in ("CREATE TABLE other (id int)", "TRUNCATE event CASCADE", "UPDATE alembic_version SET version_num = '0'"):
        assert "denied" in refused(bound, statement)


def test_a_role_s_name_cannot_be_a_statement() -> None:
    for name in ("", "x; DROP TABLE event", "1x", "Ä", '"x"'):
        with pytest.raises(BadInput):
            grants_for(name)
    named = {line.split(" ON ")[1].split(" TO ")[0] for line in grants_for("x") if line.startswith("GRANT S")}
    assert set(metadata.tables) < named


def test_what_was_removed_stands_on_no_free_page_of_sqlite(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "duban.db"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    database.write(lambda store: store.connection.exec_driver_sql("INSERT INTO numbering VALUES (?, 1)", (BIRD * 50,)))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert BIRD.encode() in file.read_bytes()
    database.write(lambda store: store.connection.exec_driver_sql("DELETE FROM numbering WHERE series LIKE ?", (f"{BIRD}%",)))
    database.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert all(BIRD.encode() not in path.read_bytes() for path in tmp_path.iterdir())
