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

# Beyond reading and adding: the columns that may be changed, and whether rows may be removed. A content goes where a tombstone
# stands, which a trigger of the database asks for; a row of the trail gets its place in the chain when it is sealed, an
# export its lines once it is made. What is not named here may be changed and removed.
MAY_CHANGE: Mapping[str, tuple[str, ...]] = {
    "event": (),
    "content": (),
    "checkpoint": (),
    "checkpoint_delivery": (),
    "trail": ("seq", "prev", "hash"),
    "export": ("line_count",),
    "scan": (),
    "tombstone": (),
}
MAY_REMOVE = frozenset({"content"})
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


def authorize(action: int, first: str | None, second: str | None, *_rest: Any) -> int:
    """SQLite asks this of every statement that it prepares."""
    table = first or ""
    if action == sqlite3.SQLITE_UPDATE and table in MAY_CHANGE and second not in MAY_CHANGE[table]:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_DELETE and table in MAY_CHANGE and table not in MAY_REMOVE:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_DROP_TABLE and table in MAY_CHANGE:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
