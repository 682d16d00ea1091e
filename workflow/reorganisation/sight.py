"""Who comes to see what he did not: looked at before a change and after it, through the one selectable.

Open cases move with a change, so they are compared by what each person saw. Closed ones stay where they are, and he sees more
of them only by another post: they are asked for with both of his posts at once, which reads no more than what is new.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, false, func, not_, select

from workflow.desk import Desk
from workflow.people.actors import actor_of
from workflow.permissions import CASES, visible
from workflow.reorganisation import units
from workflow.reorganisation.plan import ORGAN, Plan
from workflow.tree import Tree
from workflow.types import Actor


@dataclass(frozen=True, slots=True)
class Gain:
    """In a body that stands after the change: how many people come to see cases that they did not, and how many cases."""

    organ: str
    people: int
    cases: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What each of some people saw before the change, as whom."""

    actors: Mapping[int, Actor]
    open: Mapping[int, frozenset[int]]


def organs_of(tree: Tree, plan: Plan) -> list[int]:
    """The bodies whose people may come to see something else."""
    if plan.unit == ORGAN:
        return [unit_id for unit_id in (*plan.ids, plan.into_id) if unit_id is not None]
    areas = {*plan.ids, *(area.parent_id for area in tree.areas.values() if area.id in plan.ids), plan.into_id}
    return [organ.id for area_id in areas if area_id is not None for organ in units.organs_in(tree, area_id)]


def look(desk: Desk, people: Collection[int]) -> Sight:
    """What these people see now."""
    found = {person_id: actor_of(desk.store, person_id, today=desk.occasion.today) for person_id in people}
    actors = {person_id: actor for person_id, actor in found.items() if actor is not None}
    return Sight(actors, {person_id: _open(desk, actor) for person_id, actor in actors.items()})


def _open(desk: Desk, actor: Actor) -> frozenset[int]:
    where = and_(visible(actor, desk.occasion.catalogue), not_(CASES.c.final))
    return frozenset(row["id"] for row in desk.store.select(select(CASES.c.id).where(where)))


def _closed(desk: Desk, before: Actor, after: Actor) -> frozenset[int]:
    catalogue = desk.occasion.catalogue
    # An empty relation makes the predicate unknown, which is no yes.
    known = func.coalesce(visible(before, catalogue), false())
    where = and_(CASES.c.final, visible(after, catalogue), not_(known))
    return frozenset(row["id"] for row in desk.store.select(select(CASES.c.id).where(where)))


def gains(desk: Desk, before: Sight) -> tuple[Gain, ...]:
    """What they have gained since, told by body. The desk has the units and people as they are after the change."""
    after = look(desk, before.actors)
    gained: dict[int, tuple[int, frozenset[int]]] = {}
    for person_id, actor in after.actors.items():
        was = before.actors[person_id]
        new = after.open[person_id] - before.open[person_id]
        new |= _closed(desk, was, actor) if was.grants != actor.grants else frozenset()
        for organ_id in desk.occasion.roster.organs_of.get(person_id, ()) if new else ():
            people, known = gained.get(organ_id, (0, frozenset()))
            gained[organ_id] = (people + 1, known | new)
    names = desk.occasion.tree
    return tuple(Gain(names.organ(organ).name, people, len(cases)) for organ, (people, cases) in sorted(gained.items()))
