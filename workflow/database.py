"""The only place that opens, commits, rolls back and retries a transaction.

A verb is one call of `write`: everything it did, or nothing. Deadlock, serialisation failure and a clash on the joinable
interview index or an idempotency key repeat the whole verb, three times. A commit that got no answer, or whose copy at the
standby got none, repeats nothing and is `OutcomeUnknown`: only the key of the request can tell (security.md R61, R62).
On SQLite writers queue fairly in front of BEGIN IMMEDIATE, because `busy_timeout` alone lets one wait forty times as long as
another.

A database that takes no change (a read-only file, a full disk, a standby) refuses with `ReadOnly`, and `is_read_only` says so
until a change is taken again (security.md R70): what is read without leaving a trace goes on being read.

What is read, and nothing else, may be given a bound of time (security.md R41): PostgreSQL counts each statement, SQLite the
whole reading. A transaction that writes has none, because a cut around COMMIT would leave its outcome unknown (R62).
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, RootTransaction, create_engine, event
from sqlalchemy.exc import DBAPIError

from states.errors import OutcomeUnknown, ReadOnly, TookTooLong
from workflow.digests import SHA_256
from workflow.least import bind
from workflow.store import Store

T = TypeVar("T")

ATTEMPTS = 3
BUSY_TIMEOUT_MS = 10_000
# SQLite's own 2 MiB hold no index of a long ledger: a large write would read the same pages again and again.
CACHE_KIBIBYTES = 8 * 1024
# SQLAlchemy keeps a statement with the tree that it was written from, a megabyte for some that are written for one reader.
STATEMENTS = 100

# SQLite looks at the clock after so many steps of its machine, about a millisecond's worth.
STEPS_BETWEEN_LOOKS = 10_000

# PostgreSQL warns beside the answer to a commit that it stands here and was not waited for until it stood at the standby.
UNCONFIRMED = "unconfirmed"

_TAKES_NOTHING = (psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.DiskFull)
_TAKES_NOTHING_OF_SQLITE = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL})
_PASSING = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
# What PostgreSQL and SQLite say of the unique keys on which verbs, or two checkpoints, may meet.
_CLASHES = (
    "uq_cases_joinable",
    "cases.interviewer_id, cases.interviewee_id",
    "pk_answer",
    "answer.actor_id, answer.key",
    "uq_checkpoint_prev",
    "checkpoint.prev",
    "uq_trail_seq",
    "trail.seq",
)


class Database:
    """A database by its URL: `sqlite:///path` or `postgresql+psycopg://…`, and the suite that its digests are made by."""

    def __init__(self, url: str, digest_suite: str = SHA_256) -> None:
        self.url = url
        self.digest_suite = digest_suite
        self.is_sqlite = url.startswith("sqlite")
        self.writer = _sqlite_engine(url, "IMMEDIATE") if self.is_sqlite else _postgresql_engine(url)
        self.reader = _sqlite_engine(url, "DEFERRED") if self.is_sqlite else self.writer
        self._turn = _Turn()
        self.is_read_only = False
        self.seconds_to_read: Callable[[], int] = _without_end
        """How long what is read now may take; 0 for as long as it needs."""

    def write(self, work: Callable[[Store], T]) -> T:
        """The result of `work` in one committed transaction; any exception leaves no trace. ReadOnly where none is taken."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                result = self._attempt(work)
                self.is_read_only = False
                return result
            except (DBAPIError, psycopg.Error, sqlite3.Error) as error:
                if _takes_nothing(error):
                    self.is_read_only = True
                    raise ReadOnly() from error
                if attempt == ATTEMPTS or not _is_passing(error):
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def rehearse(self, work: Callable[[Store], T]) -> T:
        """The result of `work`, with no trace left. It holds the writers' turn meanwhile."""
        with self._turn.taken() if self.is_sqlite else _nothing(), self.writer.connect() as connection:
            with connection.begin() as transaction:
                result = work(Store(connection, self.digest_suite))
                transaction.rollback()
            return result

    def read(self, work: Callable[[Store], T]) -> T:
        """The result of `work` in one read-only snapshot; TookTooLong where it takes longer than `seconds_to_read`."""
        seconds = self.seconds_to_read()
        with self.reader.connect() as connection, _bounded(connection, seconds) if seconds else _nothing():
            return work(Store(connection, self.digest_suite))

    def answers(self) -> bool:
        """Does the database answer at all?"""
        try:
            self.read(lambda store: store.connection.exec_driver_sql("SELECT 1"))
        except (DBAPIError, TookTooLong):
            return False
        return True

    def _attempt(self, work: Callable[[Store], T]) -> T:
        with self._turn.taken() if self.is_sqlite else _nothing(), self.writer.connect() as connection:
            with connection.begin() as transaction:
                result = work(Store(connection, self.digest_suite))
                _commit(connection, transaction)
            return result

    def close(self) -> None:
        """Gives every connection back."""
        self.writer.dispose()
        self.reader.dispose()


def _without_end() -> int:
    return 0


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _bounded(connection: Connection, seconds: int) -> Iterator[None]:
    """The connection is read from so long at most while the block runs; TookTooLong where that is not enough."""
    stop = _bound_of_sqlite if connection.dialect.name == "sqlite" else _bound_of_postgresql
    try:
        with stop(connection, seconds):
            yield
    except (DBAPIError, psycopg.Error, sqlite3.Error) as error:
        if not _was_cut_off(error):
            raise
        raise TookTooLong(limit=seconds) from error


@contextmanager
def _bound_of_sqlite(connection: Connection, seconds: int) -> Iterator[None]:
    end, driver = time.monotonic() + seconds, connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_progress_handler(lambda: time.monotonic() > end, STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


@contextmanager
def _bound_of_postgresql(connection: Connection, seconds: int) -> Iterator[None]:
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{seconds:d}s'")
    yield


class _Turn:
    """A first-come, first-served lock: each waiter sleeps on its own event until the one before it leaves."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._busy = False

    @contextmanager
    def taken(self) -> Iterator[None]:
        self._take()
        try:
            yield
        finally:
            self._leave()

    def _take(self) -> None:
        with self._guard:
            if not self._busy:
                self._busy = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        mine.wait()

    def _leave(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._busy = False


def _commit(connection: Connection, transaction: RootTransaction) -> None:
    """Commits; OutcomeUnknown where nobody can say whether it did, and the connection is not used again."""
    connection.info.pop(UNCONFIRMED, None)
    try:
        transaction.commit()
    except DBAPIError as error:
        if _is_passing(error) or not (error.connection_invalidated or _is_broken_disk(error.orig)):
            raise
        connection.invalidate()
        raise OutcomeUnknown() from error
    if connection.info.get(UNCONFIRMED):
        connection.invalidate()
        raise OutcomeUnknown()


def _is_broken_disk(cause: BaseException | None) -> bool:
    """After a failed write nobody may flush again and believe the second answer."""
    return isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR


def _takes_nothing(error: Exception) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, _TAKES_NOTHING):
        return True
    return isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", 0) & 0xFF in _TAKES_NOTHING_OF_SQLITE


def _was_cut_off(error: Exception) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return True
    return isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT


def _is_passing(error: Exception) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, _PASSING):
        return True
    return isinstance(cause, psycopg.errors.UniqueViolation | sqlite3.IntegrityError) and _is_passing_clash(cause)


def _is_passing_clash(cause: Exception) -> bool:
    """Two opened the same joinable interview, came with the same key or took a checkpoint: the second finds the first's."""
    return any(sign in str(cause) for sign in _CLASHES)


def _postgresql_engine(url: str) -> Engine:
    # No search path, time zone or isolation of the server's own is relied on.
    engine = create_engine(
        url,
        query_cache_size=STATEMENTS,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC"},
    )

    @event.listens_for(engine, "connect")
    def listen(connection: Any, record: Any) -> None:
        def heard(notice: psycopg.errors.Diagnostic) -> None:
            if notice.severity_nonlocalized == "WARNING":
                record.info[UNCONFIRMED] = True

        connection.add_notice_handler(heard)

    return engine


def _sqlite_engine(url: str, begin: str) -> Engine:
    # isolation_level=None: the driver must not begin by itself, or updates are lost without an error.
    engine = create_engine(
        url, query_cache_size=STATEMENTS, connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            f"cache_size = -{CACHE_KIBIBYTES}",
            # What is removed is written over (security.md R49). A trusted schema is what the search index's triggers need.
            "secure_delete = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")
        bind(connection)

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(f"BEGIN {begin}")

    return engine
