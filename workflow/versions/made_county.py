"""A made-up county in a database of its own, where scenarios of a definition are lived through by the real engine.

One county, one township, one village; one organ of every kind, and two people in every role of each, so that what must be
done by two is done by two. Nothing of it comes from the ledger, and nothing of it ever reaches it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from workflow import definitions, migrations, occasions
from workflow.calendars import shipped, text_of
from workflow.database import Database
from workflow.dates import Calendar
from workflow.engine import Engine
from workflow.models import Area, CalendarVersion, Grant, Organ, Person
from workflow.statements import Row
from workflow.store import Store
from workflow.types import WORKING, Effect, RungFunction

LEVELS = ("county", "township", "village")
EACH = 2  # people in each role of an organ
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Office:
    """What an office brings with it: what it does by name, organ kinds with their levels, the calendar, working roles."""

    effects: Mapping[str, Effect]
    rungs: Mapping[str, RungFunction]
    organ_kinds: Mapping[str, str]
    calendar: Calendar
    roles: tuple[str, ...] = WORKING


@dataclass(frozen=True, slots=True)
class MadeCounty:
    """The county with its engine. `organs` by kind; `people` in the order in which they are asked."""

    database: Database
    engine: Engine
    organs: Mapping[str, int]
    people: tuple[int, ...]


@contextmanager
def made_county(office: Office, documents: Mapping[str, Mapping[str, Any]]) -> Iterator[MadeCounty]:
    """A fresh county with these definitions published; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="duban-scenario-") as folder:
        path = Path(folder) / "county.db"
        shutil.copyfile(_empty(), path)
        database = Database(f"sqlite:///{path}")
        try:
            organs, people = database.write(lambda store: _fill(store, office, documents))
            engine = Engine(database, effects=office.effects, rungs=office.rungs)
            yield MadeCounty(database, engine, organs, people)
        finally:
            database.close()


@cache
def _empty() -> Path:
    """A migrated database with nothing in it, made once in the life of the process."""
    folder = tempfile.TemporaryDirectory(prefix="duban-scenario-")
    _FOLDERS.append(folder)
    path = Path(folder.name) / "empty.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []  # kept, so that it goes with the process and not before


def _fill(store: Store, office: Office, documents: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, int], tuple[int, ...]]:
    areas: dict[str, int] = {}
    for order, level in enumerate(LEVELS):
        areas[level] = store.new_ids(Area, 1)[0]
        above = areas[LEVELS[order - 1]] if order else None
        row: Row = {"id": areas[level], "parent_id": above, "level": level, "name": level, "short_name": level}
        store.insert(Area, [{**row, "division_code": "", "official_order": order}])
    organs: dict[str, int] = {}
    for order, (kind, level) in enumerate(office.organ_kinds.items()):
        organs[kind] = store.new_ids(Organ, 1)[0]
        row = {"id": organs[kind], "area_id": areas[level], "kind": kind, "level": level, "name": kind}
        store.insert(Organ, [{**row, "short_name": kind, "official_order": order}])
    people = tuple(hire(store, organ_id, role) for _ in range(EACH) for organ_id in organs.values() for role in office.roles)
    for document in documents.values():
        definitions.publish(store, document, source="", now=LONG_AGO)
    if office.calendar.version != shipped().version:
        told = {"version": office.calendar.version, "body": text_of(office.calendar.years), "created_at": LONG_AGO}
        store.insert(CalendarVersion, [{**told, "created_by": None, "note": ""}])
    for part in occasions.PARTS:
        occasions.moved(store, part)
    return organs, people


def hire(store: Store, organ_id: int, role: str) -> int:
    """Somebody new in this role of this organ; his id."""
    person_id = store.new_ids(Person, 1)[0]
    row: Row = {"id": person_id, "login": f"p{person_id}", "name": f"p{person_id}", "email": "", "phone": ""}
    row |= {"language": "zh-Hans", "must_change": False, "created_at": LONG_AGO, "toured_at": LONG_AGO}
    store.insert(Person, [row])
    store.insert(Grant, [{"person_id": person_id, "role": role, "organ_id": organ_id, "title": "", "ceiling": 3}])
    return person_id
