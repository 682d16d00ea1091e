"""What a change would do, shown before it is done: it is done, looked at, and undone. Numbers only, but for people's posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from states.errors import DomainError
from workflow.desk import Desk
from workflow.reorganisation import posts, sight, units
from workflow.reorganisation.log import require_administrator
from workflow.reorganisation.performing import obstacles, perform
from workflow.reorganisation.plan import AREA, MERGE, SPLIT, Wish, require_sensible
from workflow.reorganisation.sight import Gain
from workflow.statements import Row


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
    held = posts.posts_in(desk, sight.organs_of(tree, plan))
    before = sight.look(desk, {post["person_id"] for post in held})
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
        gains=sight.gains(now, before),
        against=obstacles(done),
    )
