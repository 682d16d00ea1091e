"""What every test may ask for: a fresh migrated database on each engine, a DUBAN_HOME, the size of the run.

A database is migrated, and what many tests begin with is filled, once for each process and engine; a test gets a copy, a
file on SQLite and `CREATE DATABASE … TEMPLATE` on PostgreSQL, so that one costs milliseconds. All of it lies in memory.
"""

from __future__ import annotations

import gc
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres
from tests.copies import Copies, Files, Nursery
from tests.room import prefer_memory

prefer_memory()
SCALE = os.environ.get("DUBAN_SCALE", "test")
BOTH = ["sqlite", "postgresql"]
# One engine alone has to be asked for by its name.
ENGINES = [os.environ["DUBAN_TEST_DB"]] if os.environ.get("DUBAN_TEST_DB") else BOTH
if not set(ENGINES) <= set(BOTH):
    raise pytest.UsageError(f"DUBAN_TEST_DB is {' or '.join(BOTH)}, or unset for both")

# A shared machine's clock says nothing about our code, so no example is ever too slow.
# A failure prints the blob that repeats it. A test run says the same of the same code every time; the drills roll the dice.
settings.register_profile(
    "test",
    max_examples=50,
    deadline=None,
    derandomize=True,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("drill", parent=settings.get_profile("test"), max_examples=1000, derandomize=False)
settings.load_profile(SCALE)

# Makes one more fresh, migrated database and returns its SQLAlchemy address.
MakeDatabase = Callable[[], str]


def _migrate(url: str) -> None:
    from workflow.migrations import upgrade  # late, so that tests without a database need no workflow

    upgrade(url)


def pytest_collection_finish() -> None:
    """What was imported stays to the end: the collector need not look through it again and again, a fifth of the whole run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Nobody waits for a password to be hashed, but for those who test just that."""
    from tests.hashing import cheap_hashing  # late, as above

    with cheap_hashing():
        yield


@pytest.fixture(scope="session")
def scale() -> str:
    """`test` or `drill`: how large the large tests are."""
    return SCALE


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One PostgreSQL for this process of the run; there being none is a failure."""
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: postgres.Server) -> Iterator[str]:
    """The name of the migrated PostgreSQL database that the tests' databases are copies of."""
    name = postgres_server.create()
    try:
        _migrate(postgres_server.url(name))
        yield name
    finally:
        postgres_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The migrated SQLite file that the tests' files are copies of."""
    path = tmp_path_factory.mktemp("template") / "duban.db"
    _migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        # What is still in the write-ahead log would be missing from a copy of the file.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(params=ENGINES)
def database_engine(request: pytest.FixtureRequest) -> str:
    """`sqlite`, then `postgresql`: whoever asks for a database runs on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def sqlite_nursery(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Nursery:
    """What SQLite's tests copy."""
    return Nursery(Files(tmp_path_factory.mktemp("filled")), str(sqlite_template))


@pytest.fixture(scope="session")
def postgres_nursery(postgres_server: postgres.Server, postgres_template: str) -> Iterator[Nursery]:
    """What PostgreSQL's tests copy."""
    made = Nursery(postgres_server, postgres_template)
    yield made
    made.close()


@pytest.fixture
def sqlite_copies(sqlite_nursery: Nursery, tmp_path: Path) -> Iterator[Copies]:
    """The test's databases, all of them SQLite's."""
    made = Copies(sqlite_nursery, Files(tmp_path))
    yield made
    made.remove()


@pytest.fixture
def copies(database_engine: str, request: pytest.FixtureRequest) -> Iterator[Copies]:
    """The test's databases, on SQLite and on PostgreSQL in turn; they are removed after the test."""
    if database_engine == "sqlite":
        yield request.getfixturevalue("sqlite_copies")
        return
    made = Copies(request.getfixturevalue("postgres_nursery"), request.getfixturevalue("postgres_server"))
    yield made
    made.remove()


@pytest.fixture
def make_database(copies: Copies) -> MakeDatabase:
    """A call that gives one more fresh, migrated database."""
    return copies.fresh


@pytest.fixture
def database_url(make_database: MakeDatabase) -> str:
    """The SQLAlchemy address of a fresh, migrated database, on SQLite and on PostgreSQL in turn."""
    return make_database()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty DUBAN_HOME, set for this test."""
    path = tmp_path / "home"
    path.mkdir(mode=0o700)
    monkeypatch.setenv("DUBAN_HOME", str(path))
    return path
