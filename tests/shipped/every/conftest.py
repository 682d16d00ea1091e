"""A county for each story, and what all stories of a module have told, for the count at its end."""

from __future__ import annotations

import inspect
import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from handlers.registry import EFFECTS, RUNGS
from states.definition import Definition
from states.schema import load
from tests import postgres
from tests.conftest import ENGINES
from tests.factories import SEALER, County, make_county
from tests.shipped.every.counting import ToldCounty, occurred
from web.wiring import shipped_workflows
from workflow import occasions
from workflow.database import Database
from workflow.engine import Engine
from workflow.models import Grant, Person
from workflow.store import Store

# (login, name, posts): a guest without a working post, somebody who sits in two offices, and one with two posts in one.
MORE_PEOPLE = (
    ("mei", "梅雪", (("inspector", "office"),)),
    ("jin", "金岩", (("deputy", "office"), ("handler", "liuhe_discipline"))),
    ("ren", "任重", (("deputy", "office"), ("head", "office"))),
)
MakeCounty = Callable[[], ToldCounty]
# What each story of a module has told on SQLite, by the story's full name.
TOLD: dict[str, set[str]] = {}


def _add_people(county: County) -> None:
    def work(store: Store) -> None:
        for login, name, posts in MORE_PEOPLE:
            person_id = county.people[login] = store.new_ids(Person, 1)[0]
            row = {"id": person_id, "login": login, "name": name, "email": "", "phone": "", "language": "zh-Hans"}
            store.insert(Person, [{**row, "must_change": False, "created_at": datetime(2026, 1, 1, tzinfo=UTC)}])
            for role, organ in posts:
                grant = {"person_id": person_id, "role": role, "organ_id": county.organs[organ], "title": ""}
                store.insert(Grant, [{**grant, "ceiling": 3}])
        for part in occasions.PARTS:
            occasions.moved(store, part)

    county.database.write(work)


def _made(url: str) -> County:
    """The county that the others are copies of, made and left."""
    county = make_county(url)
    _add_people(county)
    county.database.close()
    return county


def _reopened(made: County, url: str) -> ToldCounty:
    database = Database(url)
    engine = Engine(database, effects=EFFECTS, rungs=RUNGS, sealer=SEALER)
    return ToldCounty(database, engine, made.areas, made.organs, made.people)


@pytest.fixture(scope="session")
def sqlite_county(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> MakeCounty:
    """A call that gives a county in a file of its own, copied from one that was made once."""
    folder = tmp_path_factory.mktemp("county")
    shutil.copyfile(sqlite_template, folder / "made.db")
    made, number = _made(f"sqlite:///{folder / 'made.db'}"), itertools.count()

    def make() -> ToldCounty:
        path = folder / f"{next(number)}.db"
        shutil.copyfile(folder / "made.db", path)
        return _reopened(made, f"sqlite:///{path}")

    return make


@pytest.fixture(scope="session")
def postgres_county(postgres_server: postgres.Server, postgres_template: str) -> Iterator[MakeCounty]:
    """The same on PostgreSQL, in a database of its own each time."""
    server, names = postgres_server, [postgres_server.create(template=postgres_template)]
    made = _made(server.url(names[0]))

    def make() -> ToldCounty:
        names.append(server.create(template=names[0]))
        return _reopened(made, server.url(names[-1]))

    try:
        yield make
    finally:
        for name in names:
            server.drop(name)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Stories run on SQLite; those of a module that says so run on PostgreSQL too."""
    if "county" in metafunc.fixturenames:
        engines = ENGINES if metafunc.module.ON_BOTH else ["sqlite"]
        metafunc.parametrize("database_engine", engines, indirect=True)


@pytest.fixture
def database_engine(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`."""
    return str(request.param)


@pytest.fixture
def county(database_engine: str, request: pytest.FixtureRequest) -> Iterator[ToldCounty]:
    """A county without a case; what the story tells on SQLite is kept for its module's count."""
    make: MakeCounty = request.getfixturevalue("sqlite_county" if database_engine == "sqlite" else "postgres_county")
    county = make()
    yield county
    if database_engine == "sqlite":
        _keep(request.module, request.function.__name__, county)
    county.database.close()


def _keep(module: ModuleType, name: str, county: ToldCounty) -> None:
    TOLD[f"{module.__name__}.{name}"] = occurred(county, module.KIND)


@pytest.fixture
def all_told(sqlite_county: MakeCounty, request: pytest.FixtureRequest) -> set[str]:
    """Everything that the stories of the module tell; those that have not run yet in this process run now."""
    module = request.module
    found: set[str] = set()
    for name, story in vars(module).items():
        if name.startswith("test_") and list(inspect.signature(story).parameters) == ["county"]:
            if f"{module.__name__}.{name}" not in TOLD:
                county = sqlite_county()
                story(county)
                _keep(module, name, county)
                county.database.close()
            found |= TOLD[f"{module.__name__}.{name}"]
    return found


@pytest.fixture
def shipped(request: pytest.FixtureRequest) -> Definition:
    """The shipped definition that the module tells of."""
    return load(shipped_workflows()[request.module.KIND].data)
