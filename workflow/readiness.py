"""Is the database there, and as new as the program? Asked before the engine is loaded, and told in a sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from states.errors import NotReady

SECONDS = 10
VERSIONS = Path(__file__).parent / "migrations" / "versions"
# Where what comes out of a backup lies until it was settled what must not come back.
COMING = "restoring"
ASKED = "SELECT version_num FROM alembic_version"


def newest() -> str:
    """The revision that this program writes."""
    return max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


def require_settled(home: Path) -> None:
    """NotReady restore_broken_off where a restore has not come to its end: rights that were taken away may have come back."""
    if (home / COMING).exists():
        raise NotReady(why="restore_broken_off")


def require_ready(url: str) -> None:
    """NotReady no_database, database_unreachable, database_behind or database_ahead."""
    found = _of_sqlite(url) if url.startswith("sqlite") else _of_postgresql(url)
    if not found:
        raise NotReady(why="no_database")
    if found != newest():
        raise NotReady(why="database_behind" if found < newest() else "database_ahead")


def _of_sqlite(url: str) -> str:
    path = Path(url.removeprefix("sqlite:///"))
    if not path.is_file():
        return ""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=SECONDS)
    try:
        return _asked(lambda: connection.execute(ASKED).fetchone())
    finally:
        connection.close()


def _of_postgresql(url: str) -> str:
    try:
        connection = psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=SECONDS)
    except psycopg.OperationalError as fault:
        where = urlsplit(url)
        raise NotReady(why="database_unreachable", server=f"{where.hostname or 'localhost'}:{where.port or 5432}") from fault
    with connection:
        return _asked(lambda: connection.execute(ASKED).fetchone())


def _asked(ask: Callable[[], tuple[str] | None]) -> str:
    """The revision, or "" where nobody has made the tables."""
    try:
        found = ask()
    except (sqlite3.DatabaseError, psycopg.errors.UndefinedTable):
        return ""
    return found[0] if found else ""
