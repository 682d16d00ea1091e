"""What a change would do, shown before it is done: it is done, looked at, and undone. Numbers only, but for people's posts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, not_, select

from states.errors import DomainError
from workflow.desk import Desk
from workflow.people.actors import actor_of
from workflow.permissions import CASES, visible
from workflow.reorganisation import posts, units
from workflow.reorganisation.log import require_administrator
from workflow.reorganisation.performing import obstacles, perform
from workflow.reorganisation.plan import AREA, MERGE, ORGAN, SPLIT, Plan, Wish, require_sensible
from workflow.statements import Row
from workflow.tree import Tree


@dataclass(frozen=True, slots=True)
class Gain:
    """In a body that stands after the change: how many people come to see cases that they did not, and how many cases."""

    organ: str
    people: int
    cases: int


@dataclass(frozen=True, slots=True)
class Preview:
    """`kinds` are (kind, state, number) of the open cases concerned; `against` what stands in the way."""

    cases: int = 0
    kinds: tuple[tuple[str, str, int], ...] = ()
    clocks: int = 0
    talks: int = 0
    merged_talks: int = 0
    posts: tuple[Row, ...] = ()
    gains: tuple[Gain, ...] = ()
    against: tuple[DomainError, ...] = ()

    @property
    def told(self) -> Mapping[str, Any]:
        """The numbers, for programs."""
        names = ("cases", "clocks", "talks", "merged_talks")
        return {
            **{name: getattr(self, name) for name in names},
            "kinds": [list(one) for one in self.kinds],
            "posts": len(self.posts),
            "gains": [{"organ": one.organ, "people": one.people, "cases": one.cases} for one in self.gains],
        }


def preview(desk: Desk, wish: Wish) -> Preview:
    """What the change would do today, inside a transaction that is rolled back.

    What cannot be done at all today is refused, or told where the change is dated ahead: it may be otherwise on its day.
    """
    require_administrator(desk.actor)
    require_sensible(wish, desk.occasion.tree, desk.occasion.today)
    plan, tree = wish.plan, desk.occasion.tree
    held = posts.posts_in(desk, _organs(tree, plan))
    people = {post["person_id"] for post in held}
    before = _seen(desk, people)
    own = {organ.id for unit_id in plan.ids for organ in units.organs_in(tree, unit_id)} if plan.unit == AREA else {*plan.ids}
    movable = tuple(post for post in held if post["organ_id"] in own) if plan.what in (MERGE, SPLIT) else ()
    try:
        # Dated back or ahead, it is today that it is looked at.
        done = perform(desk, plan, min(wish.on, desk.occasion.today), 0)
    except DomainError as refusal:
        if wish.on <= desk.occasion.today:
            raise
        return Preview(posts=movable, against=(refusal,))
    desk.context.flush(desk.store)
    now = units.fresh(desk)
    moves = done.moves
    return Preview(
        cases=len(moves.events),
        kinds=tuple((kind, state, n) for (kind, state), n in sorted(moves.kinds.items())),
        clocks=moves.clocks,
        talks=moves.talks,
        merged_talks=moves.merged_talks,
        posts=movable,
        gains=_gains(now, before, _seen(now, people)),
        against=obstacles(done),
    )


def _organs(tree: Tree, plan: Plan) -> list[int]:
    """The bodies whose people may come to see something else."""
    if plan.unit == ORGAN:
        return [unit_id for unit_id in (*plan.ids, plan.into_id) if unit_id is not None]
    areas = {*plan.ids, *(area.parent_id for area in tree.areas.values() if area.id in plan.ids), plan.into_id}
    return [organ.id for area_id in areas if area_id is not None for organ in units.organs_in(tree, area_id)]


def _seen(desk: Desk, people: Collection[int]) -> dict[int, set[int]]:
    """The open cases that each of them sees, through the one selectable."""
    occasion, found = desk.occasion, {}
    for person_id in people:
        actor = actor_of(desk.store, person_id, today=occasion.today)
        if actor is not None:
            where = and_(visible(actor, occasion.catalogue), not_(CASES.c.final))
            found[person_id] = {row["id"] for row in desk.store.select(select(CASES.c.id).where(where))}
    return found


def _gains(desk: Desk, before: Mapping[int, set[int]], after: Mapping[int, set[int]]) -> tuple[Gain, ...]:
    new = {person_id: seen - before.get(person_id, set()) for person_id, seen in after.items()}
    gained: dict[int, tuple[int, set[int]]] = {}
    for person_id, cases in new.items():
        for organ_id in desk.occasion.roster.organs_of.get(person_id, ()) if cases else ():
            people, known = gained.get(organ_id, (0, set()))
            gained[organ_id] = (people + 1, known | cases)
    names = desk.occasion.tree
    return tuple(Gain(names.organ(organ).name, people, len(cases)) for organ, (people, cases) in sorted(gained.items()))
