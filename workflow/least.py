"""What the program may do to its own tables, as the database is told: histories and trails are added to, and never changed.

On PostgreSQL a role that owns nothing is given just this (`duban database roles`); on SQLite, which knows no roles, every
connection of the engine refuses the rest. Migrations run as the owner, on a connection of their own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from states.errors import BadInput
from workflow.models import metadata

# Beyond reading and adding: the columns that may be changed, and whether rows may be removed. A content and a ballot go where
# a tombstone stands, which triggers of the database ask for; a row of the trail gets its place in the chain when it is sealed,
# an export its lines once it is made. A version is retired or opens no more cases, and what was proposed gets its second word;
# what it says, and who proposed it, stays. What is not named here may be changed and removed.
MAY_CHANGE: Mapping[str, tuple[str, ...]] = {
    "event": (),
    "content": (),
    "receipt": (),
    "checkpoint": (),
    "checkpoint_delivery": (),
    "shipment": (),
    "trail": ("seq", "prev", "hash"),
    "export": ("line_count",),
    "scan": (),
    "tombstone": (),
    "ballot": (),
    "definition": (),
    "definition_version": ("status", "opens"),
    "publication": ("granted", "decision", "decided_by", "decided_at", "version_id", "activated_at"),
    "motion": ("granted", "decision", "decided_by", "decided_at", "made_run_id"),
    "setting_version": (*("granted", "decision", "decided_by", "decided_at", "agreed_by", "agreed_at", "number", "report"),),
}
MAY_REMOVE = frozenset({"content", "ballot"})
READ_ONLY = ("alembic_version",)
# A name that needs no quotes, so that nothing else can stand in its place.
NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
ROLE = text("SELECT rolsuper OR rolbypassrls OR rolcreaterole AS beyond FROM pg_roles WHERE rolname = current_user")
OWNS = text("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tableowner = current_user")


def grants_for(role: str) -> list[str]:
    """The statements that give `role` what the program needs and take all else away. BadInput role_name."""
    if not role or not set(role) <= NAME or role[0].isdigit():
        raise BadInput(why="role_name", role=role)
    return [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        *(f"GRANT SELECT ON {table} TO {role}" for table in READ_ONLY),
        *(f"GRANT {_may(table)} ON {table} TO {role}" for table in sorted(metadata.tables)),
    ]


def _may(table: str) -> str:
    if table not in MAY_CHANGE:
        return "SELECT, INSERT, UPDATE, DELETE"
    changes = [f"UPDATE ({', '.join(MAY_CHANGE[table])})"] if MAY_CHANGE[table] else []
    return ", ".join(["SELECT", "INSERT", *changes, *(["DELETE"] if table in MAY_REMOVE else [])])


def is_more_than_needed(connection: Connection) -> bool:
    """PostgreSQL: could whoever is connected so change histories, because he owns them or nothing binds him?"""
    return bool(connection.execute(ROLE).scalar()) or bool(connection.execute(OWNS).scalar())


# What no statement of the program's does, and what would open a way around the rest.
NEVER = frozenset(
    {
        *(sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_ALTER_TABLE, sqlite3.SQLITE_DROP_TEMP_TRIGGER),
        *(sqlite3.SQLITE_CREATE_TEMP_TABLE, sqlite3.SQLITE_CREATE_TEMP_TRIGGER, sqlite3.SQLITE_CREATE_TEMP_VIEW),
    }
)
# A schema that is written as rows, and triggers that REPLACE does not ring.
BINDING = frozenset({"writable_schema", "recursive_triggers"})


def bind(connection: sqlite3.Connection) -> None:
    """Binds a new connection to SQLite; called once, before its first statement.

    1. REPLACE, in whichever of its forms, asks the authorizer for an insert and removes the row that is in its way. A trigger
       of the connection's own hears of that removal, where triggers may follow from one another.
    2. A content may be removed and must not be another afterwards: what is put in the place of one is refused before.
    3. From then on the authorizer is asked, and nothing of this can be undone.
    """
    connection.execute("PRAGMA recursive_triggers = ON")
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in sorted(there & set(MAY_CHANGE)):
        connection.execute(_kept(table))
    connection.set_authorizer(authorize)


def _kept(table: str) -> str:
    refuse = "BEGIN SELECT RAISE(ABORT, 'not authorized'); END"
    if table not in MAY_REMOVE:
        return f"CREATE TEMP TRIGGER kept_{table} BEFORE DELETE ON main.{table} {refuse}"
    same = " AND ".join(f"{column.name} = new.{column.name}" for column in metadata.tables[table].primary_key)
    is_there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # names of our own tables
    return f"CREATE TEMP TRIGGER kept_{table} BEFORE INSERT ON main.{table} WHEN {is_there} {refuse}"


def authorize(action: int, first: str | None, second: str | None, *_rest: Any) -> int:
    """SQLite asks this of every statement that it prepares."""
    table = first or ""
    is_denied = (
        action in NEVER
        or (action == sqlite3.SQLITE_UPDATE and table in MAY_CHANGE and second not in MAY_CHANGE[table])
        or (action == sqlite3.SQLITE_DELETE and table in MAY_CHANGE and table not in MAY_REMOVE)
        or (action == sqlite3.SQLITE_DROP_TABLE and table in MAY_CHANGE)
        or (action == sqlite3.SQLITE_DROP_INDEX and second in MAY_CHANGE)
        or (action == sqlite3.SQLITE_PRAGMA and table in BINDING and second is not None)
    )
    return sqlite3.SQLITE_DENY if is_denied else sqlite3.SQLITE_OK
