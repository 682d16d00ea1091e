"""Which tables a request has changed: the database itself tells, by a trigger on every table.

A row that was written and rolled back again was never touched; one that was written with its old values was.
"""

from __future__ import annotations

from sqlalchemy import text

from workflow.database import Database
from workflow.models import metadata
from workflow.store import Store

VERBS = ("INSERT", "UPDATE", "DELETE")
ON_POSTGRESQL = """
CREATE FUNCTION say_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO touched VALUES (TG_TABLE_NAME); RETURN NULL; END $$
"""


def watch(database: Database) -> None:
    """From now on every change of a row is told."""

    def work(store: Store) -> None:
        store.connection.execute(text("CREATE TABLE touched (name TEXT NOT NULL)"))
        if store.dialect == "postgresql":
            store.connection.execute(text(ON_POSTGRESQL))
        for table in metadata.sorted_tables:
            for verb in VERBS:
                store.connection.execute(text(_trigger(store.dialect, table.name, verb)))

    database.write(work)


def _trigger(dialect: str, table: str, verb: str) -> str:
    begin = f'CREATE TRIGGER touched_{table}_{verb.lower()} AFTER {verb} ON "{table}" FOR EACH ROW'
    if dialect == "postgresql":
        return f"{begin} EXECUTE FUNCTION say_touched()"
    return f"{begin} BEGIN INSERT INTO touched VALUES ('{table}'); END"


def touched(database: Database) -> set[str]:
    """The tables with a row that was changed since this was last asked."""

    def work(store: Store) -> set[str]:
        found = {str(row[0]) for row in store.connection.execute(text("SELECT DISTINCT name FROM touched"))}
        if found:
            store.connection.execute(text("DELETE FROM touched"))
        return found

    return database.write(work)
