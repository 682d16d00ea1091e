"""Does a change: the units, the bars, the posts, then every open case that is concerned. All of it in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from states.errors import Conflict
from workflow import organisations
from workflow.desk import Desk
from workflow.reorganisation import posts, units
from workflow.reorganisation.plan import AREA, END, MERGE, MOVE, RENAME, SPLIT, Plan
from workflow.reorganisation.shifting import Moves, carry_bars, keep_own_shut, open_cases, shift
from workflow.tree import AreaFact, Tree


@dataclass(slots=True)
class Done:
    """What a change did: the cases, the posts, the new units; the bars it laid and what saved views asked before."""

    moves: Moves = field(default_factory=Moves)
    posts: list[posts.Carried] = field(default_factory=list)
    made: list[int] = field(default_factory=list)
    bars: list[list[int]] = field(default_factory=list)
    views: list[list[Any]] = field(default_factory=list)


def perform(desk: Desk, plan: Plan, on: date, change_id: int) -> Done:
    """The whole change, with what stands `against` it: then nothing of it may be kept."""
    done = Done()
    _BODIES[plan.what](desk, plan, on, change_id, done)
    return done


def obstacles(done: Done) -> tuple[Conflict, ...]:
    """What stands against what was done, each with the number of cases."""
    return tuple(Conflict(why=why, cases=cases) for why, cases in sorted(done.moves.against.items()))


def _rename(desk: Desk, plan: Plan, on: date, change_id: int, done: Done) -> None:
    units.rename(desk, plan, on)


def _end(desk: Desk, plan: Plan, on: date, change_id: int, done: Done) -> None:
    last = on - timedelta(1)
    if plan.unit == AREA:
        organisations.end_area(desk.store, area_id=plan.ids[0], on=last)
        return
    organisations.end_organ(desk.store, organ_id=plan.ids[0], on=last)
    held = posts.posts_in(desk, plan.ids)
    done.posts = posts.carry(desk, {plan.ids[0]: plan.ids[0]}, held, [post["id"] for post in held])


def _merge(desk: Desk, plan: Plan, on: date, change_id: int, done: Done) -> None:
    if plan.unit == AREA:
        goes, villages, areas = _merge_areas(desk, plan, on, done)
    else:
        goes, villages, areas = _merge_organs(desk, plan, on, done), [], {}
    for organ_id, to in goes.items():
        units.end_into(desk, "organ", organ_id, to, on)
    for area_id, to in areas.items():
        units.end_into(desk, AREA, area_id, to, on)
    done.bars = carry_bars(desk.store, goes)
    keep_own_shut(desk, goes)
    done.posts = posts.carry(desk, goes, posts.posts_in(desk, list(goes)), plan.ended_grants)
    done.views = posts.carry_views(desk.store, areas, goes)
    now = units.fresh(desk)
    for case_id in open_cases(desk.store, list(goes), villages):
        shift(now, case_id, goes, done.moves, change_id=change_id)


def _merge_organs(desk: Desk, plan: Plan, on: date, done: Done) -> dict[int, int]:
    into_id = plan.into_id
    if into_id is None:
        first = desk.occasion.tree.organ(plan.ids[0])
        into_id = units.add_like(desk, first, first.area_id, plan.name, plan.short_name, on)
        done.made = [into_id]
    return dict.fromkeys(plan.ids, into_id)


def _merge_areas(desk: Desk, plan: Plan, on: date, done: Done) -> tuple[dict[int, int], list[int], dict[int, int]]:
    """Old organ → new organ, the villages whose cases lie elsewhere now, old area → new area."""
    tree, into_id, goes = desk.occasion.tree, plan.into_id, dict[int, int]()
    if into_id is None:
        first = tree.areas[plan.ids[0]]
        into_id = units.add_area_like(desk, first, plan.name, plan.short_name, on)
        goes |= units.add_organs_like(desk, first, into_id, plan.name, on)
        done.made = [into_id]
    villages = list(plan.ids)
    after = units.fresh(desk).occasion.tree
    for area_id in plan.ids:
        for organ in units.organs_in(tree, area_id):
            like = units.find_like(after, into_id, organ.kind)
            if organ.id in goes:
                continue
            if like is not None and units.find_like(tree, area_id, organ.kind) is not None:
                goes[organ.id] = like.id
            else:
                units.relocate(desk, organ, into_id, on)
        for below in _below(after, area_id):
            units.put_under(desk, below, into_id, on)
            villages.append(below.id)
    return goes, villages, dict.fromkeys(plan.ids, into_id)


def _below(tree: Tree, area_id: int) -> list[AreaFact]:
    found = [area for area in tree.areas.values() if area.parent_id == area_id]
    return sorted(found, key=lambda area: (area.official_order, area.id))


def _move(desk: Desk, plan: Plan, on: date, change_id: int, done: Done) -> None:
    """A village lies under another township: what the old one's bodies did for it, those of the same kinds there do now."""
    tree, above_id = desk.occasion.tree, plan.into_id
    village = tree.areas[plan.ids[0]]
    assert above_id is not None and village.parent_id is not None, "the plan was looked at"
    units.put_under(desk, village, above_id, on)
    likes = {organ.id: units.find_like(tree, above_id, organ.kind) for organ in units.organs_in(tree, village.parent_id)}
    goes = {organ_id: like.id for organ_id, like in likes.items() if like is not None}
    now = units.fresh(desk)
    for case_id in open_cases(desk.store, [], [village.id]):
        shift(now, case_id, goes, done.moves, change_id=change_id, hands_on=True)


def _split(desk: Desk, plan: Plan, on: date, change_id: int, done: Done) -> None:
    """All that no part names stays where it is; what has been closed since the plan was made stays too."""
    old = [organ.id for organ in units.organs_in(desk.occasion.tree, plan.ids[0])] if plan.unit == AREA else list(plan.ids)
    is_open, held = set(open_cases(desk.store, old)), {post["id"]: post for post in posts.posts_in(desk, old)}
    parts = [(part, units.split_off(desk, plan, part, on)) for part in plan.parts]
    for part, goes in parts:
        going = [held[grant_id] for grant_id in part.grants if grant_id in held and held[grant_id]["organ_id"] in goes]
        done.posts += posts.carry(desk, goes, going)
        done.made += goes.values()
    now = units.fresh(desk)
    for part, goes in parts:
        carry_bars(desk.store, goes)  # People of the old body came along.
        for case_id in sorted(is_open.intersection(part.cases)):
            shift(now, case_id, goes, done.moves, change_id=change_id, hands_on=True)


_BODIES: dict[str, Callable[[Desk, Plan, date, int, Done], None]] = {
    RENAME: _rename,
    END: _end,
    MERGE: _merge,
    MOVE: _move,
    SPLIT: _split,
}
