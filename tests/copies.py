"""Databases that are filled once in a process and copied for every test that asks: each copy is its test's alone."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast


class Filled(Protocol):
    """What was made in a database, and how the same is found in a copy of it."""

    def reopened(self, url: str) -> Any:
        """The same over the copy at `url`."""

    def close(self) -> None:
        """Gives the database's connections back, so that it can be copied."""


T = TypeVar("T", bound=Filled)


class Server(Protocol):
    """What makes databases like others: PostgreSQL, or a folder of SQLite files."""

    def create(self, *, template: str) -> str:
        """Makes a database like `template` and returns its name."""

    def drop(self, name: str) -> None:
        """Removes the database."""

    def url(self, name: str) -> str:
        """Its SQLAlchemy address."""


class Files:
    """A folder of SQLite files; a database's name is its path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    def create(self, *, template: str) -> str:
        """A copy of the file `template`, whose writers have closed it: nothing of it is in a write-ahead log."""
        name = self._folder / f"duban-{next(self._numbers)}.db"
        shutil.copyfile(template, name)
        return str(name)

    def drop(self, name: str) -> None:
        """Removes the file."""
        Path(name).unlink(missing_ok=True)

    def url(self, name: str) -> str:
        """The file's SQLAlchemy address."""
        return f"sqlite:///{name}"


class Nursery:
    """What tests of one engine copy: the migrated database, and what was filled from it, by what filled it."""

    def __init__(self, server: Server, migrated: str) -> None:
        self._server = server
        self.migrated = migrated
        self._kept: dict[Any, tuple[str, Filled]] = {}

    def filled(self, fill: Callable[[str], T]) -> tuple[str, T]:
        """The name of the database that `fill` has filled, and what it returned; it fills one the first time only."""
        if fill not in self._kept:
            name = self._server.create(template=self.migrated)
            made = fill(self._server.url(name))
            made.close()
            self._kept[fill] = (name, made)
        return cast(tuple[str, T], self._kept[fill])  # It was kept by the call that made it.

    def close(self) -> None:
        """Removes everything that was kept."""
        for name, _ in self._kept.values():
            self._server.drop(name)


class Copies:
    """The databases of one test."""

    def __init__(self, nursery: Nursery, server: Server) -> None:
        self._nursery, self._server = nursery, server
        self._names: list[str] = []
        self._open: list[Filled] = []

    def fresh(self) -> str:
        """The address of one more migrated database with nothing in it."""
        return self._copied(self._nursery.migrated)

    def of(self, fill: Callable[[str], T]) -> T:
        """What `fill` returns, in one more database of its own."""
        name, made = self._nursery.filled(fill)
        again: T = made.reopened(self._copied(name))
        self._open.append(again)
        return again

    @contextmanager
    def lent(self, fill: Callable[[str], T]) -> Iterator[T]:
        """The same for the time of the block, for a test that asks for a thousand of them."""
        name, made = self._nursery.filled(fill)
        mine = self._server.create(template=name)
        again: T = made.reopened(self._server.url(mine))
        try:
            yield again
        finally:
            again.close()
            self._server.drop(mine)

    def remove(self) -> None:
        """Closes and removes every database of the test."""
        for one in self._open:
            one.close()
        for name in self._names:
            self._server.drop(name)

    def _copied(self, template: str) -> str:
        self._names.append(self._server.create(template=template))
        return self._server.url(self._names[-1])
