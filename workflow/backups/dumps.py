"""A database as one file at one moment, and back: SQLite by VACUUM INTO, PostgreSQL by pg_dump of an exported snapshot.

Never a copy of a live SQLite file, whose newest rows are in another (security.md R71); and what VACUUM INTO writes has no free
pages, so nothing that was deleted goes along.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from states.errors import BadInput, Conflict

Ask = Callable[[str], list[tuple[Any, ...]]]
SQLITE, POSTGRESQL = "sqlite", "postgresql"
NAMES = {SQLITE: "duban.db", POSTGRESQL: "duban.dump"}
# What a table of another program's may be called does not matter: a place with any table is not empty.
TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"


@dataclass(frozen=True, slots=True)
class Cut:
    """What stood at the moment of a dump. `files` are the digests that its rows speak of."""

    revision: str
    cases: int
    events: int
    trail: int
    checkpoint: int
    checkpoint_digest: str
    files: tuple[str, ...]


def engine_of(url: str) -> str:
    """`sqlite` or `postgresql`."""
    return SQLITE if url.startswith("sqlite") else POSTGRESQL


def dump(url: str, target: Path, programs: Path | None) -> Cut:
    """Writes the database at `url` to `target`. BadInput no_program, program_failed."""
    if engine_of(url) == SQLITE:
        with closing(sqlite3.connect(path_of(url))) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
        with closing(sqlite3.connect(f"{target.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            return _cut(lambda asked: connection.execute(asked).fetchall())
    with _snapshot(url) as (ask, name):
        cut = _cut(ask)
        _run("pg_dump", url, programs, "--format=custom", f"--snapshot={name}", f"--file={target}")
        return cut


@contextmanager
def _snapshot(url: str) -> Iterator[tuple[Ask, str]]:
    """What is asked and what is dumped meanwhile are of the same moment."""
    with psycopg.connect(_libpq(url)) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        name = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert name is not None, "the function gives a row"
        yield lambda asked: connection.execute(asked).fetchall(), name[0]


def _cut(ask: Ask) -> Cut:
    last = ask("SELECT body, digest FROM checkpoint ORDER BY id DESC LIMIT 1")
    number, digest = (int(json.loads(last[0][0]).get("number") or 0), last[0][1]) if last else (0, "")
    cases, events, trail = (
        int(ask(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608  # no name but the three below
        for table in ("cases", "event", "trail")
    )
    files = tuple(row[0] for row in ask("SELECT DISTINCT digest FROM stored_file ORDER BY digest"))
    revision = ask("SELECT version_num FROM alembic_version")[0][0]
    return Cut(revision, cases, events, trail, number, digest, files)


# ---- back -----------------------------------------------------------------------------------------------------------------


def require_empty(url: str) -> None:
    """Conflict not_empty where there is a database already: what is restored is never poured over something else."""
    if engine_of(url) == SQLITE:
        if path_of(url).exists():
            raise Conflict(why="not_empty", place=str(path_of(url)))
        return
    with psycopg.connect(_libpq(url)) as connection:
        found = connection.execute(TABLES).fetchone()
        if found and found[0]:
            raise Conflict(why="not_empty", place=str(connection.info.dbname))


def load(url: str, source: Path, programs: Path | None) -> None:
    """Makes the dump a database at `url`, which is empty. BadInput backup_engine, no_program, program_failed."""
    if source.name != NAMES[engine_of(url)]:
        raise BadInput(why="backup_engine", engine="SQLite" if source.name == NAMES[SQLITE] else "PostgreSQL")
    if engine_of(url) == SQLITE:
        path_of(url).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(source, path_of(url))
        return
    _run("pg_restore", url, programs, "--exit-on-error", "--single-transaction", str(source))


def find_damage(url: str) -> list[str]:
    """What the database says of itself that is not whole. PostgreSQL has built every index and key anew in loading."""
    if engine_of(url) == POSTGRESQL:
        return []
    with closing(sqlite3.connect(path_of(url))) as connection:
        told = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        loose = [f"{row[0]} → {row[2]}" for row in connection.execute("PRAGMA foreign_key_check")]
    return [*(line for line in told if line != "ok"), *loose]


def remove_again(url: str) -> None:
    """Takes away what `load` has put into an empty place: after a drill nothing of it stays."""
    if engine_of(url) == SQLITE:
        for ending in ("", "-wal", "-shm"):
            wipe(Path(f"{path_of(url)}{ending}"))
        return
    with psycopg.connect(_libpq(url), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def wipe(path: Path) -> None:
    """Writes over a passing file before it is removed (等保 8.1.4.10)."""
    if not path.exists():
        return
    path.chmod(0o600)  # files of evidence are read only
    with path.open("r+b") as file:
        left = path.stat().st_size
        while left > 0:
            left -= file.write(bytes(min(left, 1024 * 1024)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def path_of(url: str) -> Path:
    """The file of an SQLite address."""
    return Path(url.removeprefix("sqlite:///"))


def _libpq(url: str) -> str:
    return url.replace("+psycopg", "", 1)


def _run(program: str, url: str, programs: Path | None, *told: str) -> None:
    """Calls one of PostgreSQL's programs; the password goes by its environment, where nobody else sees it."""
    found = shutil.which(program, path=str(programs) if programs else None)
    if found is None:
        raise BadInput(why="no_program", program=program)
    known: Mapping[str, Any] = conninfo_to_dict(_libpq(url))
    rest = {name: value for name, value in known.items() if name != "password"}
    secret = {"PGPASSWORD": str(known["password"])} if known.get("password") else {}
    command = [found, "--no-owner", "--no-privileges", f"--dbname={make_conninfo(**rest)}", *told]
    done = subprocess.run(command, env={**os.environ, **secret}, capture_output=True, text=True, check=False)  # noqa: S603  # no shell; the words are a list
    if done.returncode:
        raise BadInput(why="program_failed", program=program, said=(done.stderr.strip().splitlines() or [""])[-1])
