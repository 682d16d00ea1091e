"""A county from a document (config/demo/*.yaml): its areas and organs in official order, and its people without passwords."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from states.errors import BadInput
from workflow.organisations import add_area, add_organ
from workflow.people.accounts import create_person
from workflow.people.grants import give
from workflow.store import Store

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The ids of what was loaded, by the document's own keys; areas and organs have keys of their own."""

    areas: Mapping[str, int]
    organs: Mapping[str, int]


def load_tree(store: Store, document: Data) -> Loaded:
    """Adds `areas` {key, name, level, parent} and `organs` {key, kind, area, short, full}; their order is the official one.

    An area stands after the one it is in. BadInput names a key that is not there.
    """
    areas: dict[str, int] = {}
    for row in document["areas"]:
        parent_id = _known(areas, row["parent"], "area") if row.get("parent") else None
        areas[row["key"]] = add_area(
            store,
            name=row["name"],
            level=row["level"],
            parent_id=parent_id,
            short_name=row.get("short", ""),
            division_code=row.get("code", ""),
        )
    organs: dict[str, int] = {}
    for row in document["organs"]:
        organs[row["key"]] = add_organ(
            store,
            area_id=_known(areas, row["area"], "area"),
            kind=row["kind"],
            name=row["full"],
            short_name=row.get("short", ""),
        )
    return Loaded(areas, organs)


def load_people(store: Store, document: Data, *, organs: Mapping[str, int], now: datetime, today: date) -> dict[str, int]:
    """Adds `people` {login, name, post, grants: [{role, organ, ceiling}]}; person ids by login. Nobody has a password yet."""
    people: dict[str, int] = {}
    for row in document["people"]:
        person_id = create_person(store, login=row["login"], name=row["name"], now=now, email=row.get("email", ""))
        people[row["login"]] = person_id
        for grant in row["grants"]:
            give(
                store,
                person_id=person_id,
                role=grant["role"],
                organ_id=_known(organs, grant["organ"], "organ"),
                ceiling=grant.get("ceiling", 1),
                title=grant.get("title", row.get("post", "")),
                today=today,
            )
    return people


def _known(ids: Mapping[str, int], key: str, what: str) -> int:
    if key not in ids:
        raise BadInput(why="unknown_key", what=what, key=key)
    return ids[key]
