"""The organisations as pages show them: areas in the county's official order, each with its organs and people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from states.definition import Text
from states.errors import NotFound
from workflow.occasion import PROTECTING, Occasion
from workflow.permissions import CASES, not_hidden
from workflow.reads.names import names_of
from workflow.reorganisation.shifting import open_cases
from workflow.reorganisation.units import organs_in
from workflow.roster import ABOVE, Post
from workflow.store import Store
from workflow.tree import AreaFact, OrganFact
from workflow.types import Actor

# The posts that messages go to, in every organ.
POSTS = (*ABOVE, "head")


@dataclass(frozen=True, slots=True)
class OrganView:
    """An organ; `people` are (role, names) in the order of the roles' keys. `ended_on` is its last day, or None."""

    id: int
    kind: str
    name: str
    short_name: str
    successor: str
    ended_on: date | None
    people: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class AreaView:
    """An area with its organs and the areas below it, both in official order."""

    id: int
    level: str
    name: str
    short_name: str
    ended_on: date | None
    organs: tuple[OrganView, ...]
    areas: tuple[AreaView, ...]


@dataclass(frozen=True, slots=True)
class EmptyPost:
    """A post that nobody fills and nobody above it in the same organ: what is sent there goes to the supervisor's head."""

    organ_id: int
    organ: str
    role: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """An open case as somebody sees it who assigns cases to bodies and may not read them: number, kind, state and limit."""

    id: int
    number: str
    kind: Text
    state: Text
    due_on: date | None


def open_cases_of(store: Store, occasion: Occasion, actor: Actor, unit: str, unit_id: int) -> tuple[OpenCase, ...]:
    """The open cases that a body, or a body of the area, has to do with, in the order of their kinds and numbers.

    Without those that the actor is off, that are about a body of his own, or that are confined to others.
    """
    organs = [unit_id] if unit == "organ" else [organ.id for organ in organs_in(occasion.tree, unit_id)]
    ids = open_cases(store, organs)
    columns = [CASES.c[name] for name in ("id", "number", "kind", "state", "due_on", *PROTECTING)]
    rows = (
        store.select(
            select(*columns)
            .where(CASES.c.id.in_(ids), not_hidden(actor, occasion.catalogue))
            .order_by(CASES.c.kind, CASES.c.id)
        )
        if ids
        else []
    )
    occasion.say_shown(rows)
    found = []
    for row in rows:
        definition = occasion.catalogue.of_version(row["definition_version_id"]).definition
        state = definition.state_by_key[row["state"]].title
        found.append(OpenCase(row["id"], row["number"], definition.title, state, row["due_on"]))
    return tuple(found)


def tree_of(store: Store, occasion: Occasion, *, under: int | None = None) -> tuple[AreaView, ...]:
    """The counties, or the one area `under` (NotFound where there is none). One statement, for the names."""
    tree = occasion.tree
    if under is not None and under not in tree.areas:
        raise NotFound(what="area", id=under)
    tops = [tree.areas[under]] if under is not None else _children(occasion, None)
    names = names_of(store, (person for people in occasion.roster.holders.values() for person in people))
    return tuple(_area(occasion, area, names) for area in tops)


def empty_posts(occasion: Occasion, kinds: tuple[str, ...] = ()) -> tuple[EmptyPost, ...]:
    """Posts of standing organs (of `kinds`, where said) that reach nobody, in official order."""
    tree, today = occasion.tree, occasion.today
    organs = [o for o in tree.organs.values() if _stands(o.valid_to, today) and (not kinds or o.kind in kinds)]
    organs.sort(key=lambda organ: (tree.area_rank[organ.area_id], organ.official_order, organ.id))
    return tuple(
        EmptyPost(organ.id, organ.short_name or organ.name, role)
        for organ in organs
        for role in POSTS
        if not occasion.roster.people_at(Post(role, organ.id))
    )


def _stands(valid_to: date | None, today: date) -> bool:
    return valid_to is None or valid_to >= today


def _children(occasion: Occasion, parent_id: int | None) -> list[AreaFact]:
    below = [area for area in occasion.tree.areas.values() if area.parent_id == parent_id]
    return sorted(below, key=lambda area: (area.official_order, area.id))


def _area(occasion: Occasion, area: AreaFact, names: Mapping[int, str]) -> AreaView:
    organs = [organ for organ in occasion.tree.organs.values() if organ.area_id == area.id]
    organs.sort(key=lambda organ: (organ.official_order, organ.id))
    return AreaView(
        id=area.id,
        level=area.level,
        name=area.name,
        short_name=area.short_name or area.name,
        ended_on=area.valid_to,
        organs=tuple(_organ(occasion, organ, names) for organ in organs),
        areas=tuple(_area(occasion, below, names) for below in _children(occasion, area.id)),
    )


def _organ(occasion: Occasion, organ: OrganFact, names: Mapping[int, str]) -> OrganView:
    posts = {role: people for (organ_id, role), people in occasion.roster.holders.items() if organ_id == organ.id}
    successor = occasion.tree.organs.get(organ.successor_id or -1)
    return OrganView(
        id=organ.id,
        kind=organ.kind,
        name=organ.name,
        short_name=organ.short_name or organ.name,
        successor=successor.name if successor else "",
        ended_on=organ.valid_to,
        people=tuple((role, tuple(names.get(person, "") for person in posts[role])) for role in sorted(posts)),
    )
