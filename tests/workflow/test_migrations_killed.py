"""A migration that is killed at any of its statements leaves the schema that was there, and the next run brings the new one."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import create_engine, inspect, text

from states.errors import NotReady
from workflow import migrations
from workflow.readiness import newest, require_ready

# Ends the process hard before the statement of this number, counted from 1; without one it says how many there are.
KILLED = """
import os, sys
from sqlalchemy import Engine, event
from workflow import migrations
url, at = sys.argv[1], int(sys.argv[2])
seen = 0
@event.listens_for(Engine, "before_cursor_execute")
def count(*_told):
    global seen
    seen += 1
    if seen == at:
        os.kill(os.getpid(), 9)
migrations.upgrade(url)
print(seen)
"""
SIGKILLED = -9
# So many revisions back: what an installation that was brought up regularly has still to climb.
FROM = "0016"


def climb(url: str, at: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", KILLED, url, str(at)], capture_output=True, text=True, check=False)


def tables(url: str) -> tuple[str, set[str]]:
    """The revision, and the names of all tables and columns."""
    engine = create_engine(url)
    try:
        found = inspect(engine)
        names = {f"{table}.{column['name']}" for table in found.get_table_names() for column in found.get_columns(table)}
        with engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one(), names
    finally:
        engine.dispose()


def test_killed_at_any_statement_it_is_the_old_schema_or_the_new_one(database_url: str, scale: str) -> None:
    new = tables(database_url)
    migrations.downgrade(database_url, FROM)
    old = tables(database_url)
    migrations.upgrade(database_url)
    migrations.downgrade(database_url, FROM)
    told = climb(database_url, 0)
    statements = int(told.stdout)
    assert statements > 20 and tables(database_url) == new
    # Every statement is for the drills; some hit tables, columns, indexes and rows, and the last is the version's.
    step = 17 if scale == "test" else 1
    for at in sorted({*range(2, statements, step), statements}):
        migrations.downgrade(database_url, FROM)
        assert climb(database_url, at).returncode == SIGKILLED
        assert tables(database_url) == old, f"killed at statement {at} of {statements}"
    migrations.upgrade(database_url)
    assert tables(database_url) == new
    migrations.check(database_url)


def test_a_program_refuses_a_database_that_is_newer_than_itself(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert newest() < "9999"
    with pytest.raises(NotReady) as refused:
        require_ready(database_url)
    assert refused.value.params["why"] == "database_ahead"
