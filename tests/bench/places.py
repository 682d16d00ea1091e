"""Where is measured: a database, a twin of it as it was, and the bare driver; and the table that is printed."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from tests import postgres
from workflow.migrations import upgrade

SQLITE_SETTINGS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


def timed(work: Callable[[], Any], times: int = 1) -> float:
    """Seconds, the median of so many runs."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return median(found)


class Place:
    """A database to measure in, a way to copy it while nobody is connected, and the bare driver."""

    def __init__(self, name: str, url: str, twin: Callable[[], str], connect: Callable[[str], Any], begin: str) -> None:
        self.name, self.url, self.twin, self.connect, self.begin = name, url, twin, connect, begin

    @property
    def is_sqlite(self) -> bool:
        """SQLite has goals of its own."""
        return self.name == "sqlite"

    def show(self, what: str, goal: float, ours: float, floor: float, each: int = 1) -> None:
        """One row of the table: microseconds for each, and the ratio."""
        print(
            f"{self.name:<11}{what:<44}{goal:>6.2f}{floor / each * 1e6:>13.1f}{ours / each * 1e6:>13.1f}{ours / floor:>9.2f}",
            flush=True,
        )


def print_head() -> None:
    """The names of the columns."""
    print(f"{'database':<11}{'what':<44}{'goal':>6}{'floor µs':>13}{'ours µs':>13}{'ratio':>9}")


def sqlite_place(folder: Path, name: str = "bench") -> Place:
    """A file with the settings of the program."""
    path = folder / f"{name}.db"
    upgrade(f"sqlite:///{path}")
    twins = iter(range(100))

    def twin() -> str:
        copy = folder / f"{name}-twin-{next(twins)}.db"
        with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
            source.backup(target)
        return f"sqlite:///{copy}"

    def connect(url: str) -> Any:
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for setting in SQLITE_SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        return connection

    return Place("sqlite", f"sqlite:///{path}", twin, connect, "BEGIN IMMEDIATE")


def postgresql_place(server: postgres.Server) -> Place:
    """A database of a server that flushes what it commits."""
    name = server.create()
    upgrade(server.url(name))

    def connect(url: str) -> Any:
        return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))

    return Place("postgresql", server.url(name), lambda: server.url(server.create(template=name)), connect, "")
