"""What somebody wants changed: which units, into what, from which day, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from states.errors import BadInput, Conflict, NotFound
from workflow.organisations import clean_name
from workflow.text import canonical
from workflow.tree import AreaFact, OrganFact, Tree

RENAME, MERGE, SPLIT, MOVE, END = WHATS = ("rename", "merge", "split", "move", "end")
AREA, ORGAN = UNITS = ("area", "organ")
# A change is dated so far ahead at most, and so far back: what was done meanwhile stays as it was done.
MOST_DAYS_AHEAD = 365
MOST_DAYS_BACK = 90


@dataclass(frozen=True, slots=True)
class Part:
    """A new unit that is split off, with the open cases and the grants that go to it; all others stay with the old one."""

    name: str
    short_name: str = ""
    cases: tuple[int, ...] = ()
    grants: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """`ids` are the units that change: one, or of a merge those that end.

    `into_id` is the unit they are merged into or the area they are moved under; a merge without it makes a new unit of `name`.
    `ended_grants` are posts of merged bodies that end and do not go along. `with_organs`: the bodies of an area that is renamed
    and that are called after it are renamed with it.
    """

    what: str
    unit: str
    ids: tuple[int, ...]
    into_id: int | None = None
    name: str = ""
    short_name: str = ""
    ended_grants: tuple[int, ...] = ()
    parts: tuple[Part, ...] = ()
    with_organs: bool = True

    @property
    def text(self) -> str:
        """The plan as it is kept."""
        told: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return canonical({**told, "parts": [{name: getattr(part, name) for name in part.__slots__} for part in self.parts]})

    @classmethod
    def of(cls, text: str) -> Plan:
        """The plan that was kept."""
        told = json.loads(text)
        parts = (Part(**{**part, "cases": tuple(part["cases"]), "grants": tuple(part["grants"])}) for part in told["parts"])
        lists = {name: tuple(told[name]) for name in ("ids", "ended_grants")}
        return cls(**{**told, **lists, "parts": tuple(parts)})


@dataclass(frozen=True, slots=True)
class Wish:
    """A plan with its day, its reason and the number of the paper that orders it."""

    plan: Plan
    on: date
    reason: str
    paper: str = ""


def require_sensible(wish: Wish, tree: Tree, today: date) -> None:
    """Raises where the wish can never come true as it is: no reason, a day too far, units that do not fit."""
    _require_told(wish, today)
    plan = wish.plan
    if plan.what not in WHATS or plan.unit not in UNITS or not plan.ids or len(set(plan.ids)) != len(plan.ids):
        raise BadInput(why="reorganisation")
    units = [get_standing(tree, plan.unit, unit_id) for unit_id in plan.ids]
    for unit in units:
        _require_later(tree, plan.unit, unit.id, wish.on)
    if plan.what == MERGE:
        _require_fit(tree, plan, units)
    elif len(units) != 1:
        raise BadInput(why="reorganisation")
    elif plan.what == MOVE:
        _require_movable(tree, plan, units[0])
    elif plan.what == SPLIT and (not plan.parts or (plan.unit == AREA and units[0].level != "village")):
        raise BadInput(why="split_parts")


def _require_told(wish: Wish, today: date) -> None:
    if not wish.reason.strip():
        raise BadInput(why="reason_empty")
    if wish.on > today + timedelta(MOST_DAYS_AHEAD):
        raise BadInput(why="day_too_far", most=MOST_DAYS_AHEAD)
    if wish.on < today - timedelta(MOST_DAYS_BACK):
        raise BadInput(why="day_too_far_back", most=MOST_DAYS_BACK)
    for name in _names(wish.plan):
        clean_name(name)


def _names(plan: Plan) -> list[str]:
    if plan.what == RENAME or (plan.what == MERGE and plan.into_id is None):
        return [plan.name]
    return [part.name for part in plan.parts]


def get_standing(tree: Tree, unit: str, unit_id: int) -> AreaFact | OrganFact:
    """The unit; NotFound where there is none, Conflict where it has ended."""
    units: Any = tree.areas if unit == AREA else tree.organs
    found: AreaFact | OrganFact | None = units.get(unit_id)
    if found is None:
        raise NotFound(what=unit, id=unit_id)
    if found.valid_to is not None:
        raise Conflict(why=f"{unit}_ended")
    return found


def _require_later(tree: Tree, unit: str, unit_id: int, on: date) -> None:
    """What a unit was on a past day is told by the changes in their order: none slips in before another."""
    known = [fact.until for fact in tree.former if (fact.area_id if unit == AREA else fact.organ_id) == unit_id]
    if known and on <= max(known):
        raise Conflict(why="changed_later")


def _require_fit(tree: Tree, plan: Plan, units: list[AreaFact | OrganFact]) -> None:
    """Only like is merged with like: otherwise somebody would come to see what his kind of body may not."""
    if plan.into_id is not None:
        units = [*units, get_standing(tree, plan.unit, plan.into_id)]
    elif len(units) < 2:
        raise BadInput(why="successor")
    likes = {(unit.level, unit.kind if isinstance(unit, OrganFact) else "") for unit in units}
    if plan.into_id in plan.ids or len(likes) != 1 or (units[0].level == "county" and plan.unit == AREA):
        raise BadInput(why="successor")


def _require_movable(tree: Tree, plan: Plan, unit: AreaFact | OrganFact) -> None:
    above = get_standing(tree, AREA, plan.into_id or 0)
    if plan.unit != AREA or unit.level != "village" or above.level != "township":
        raise BadInput(why="move_village")
    if isinstance(unit, AreaFact) and unit.parent_id == above.id:
        raise BadInput(why="move_village")


def likes_of(tree: Tree, unit: str, unit_id: int) -> list[AreaFact] | list[OrganFact]:
    """The standing units that this one may be merged with, in official order."""
    rank = tree.area_rank
    if unit == AREA:
        level = tree.areas[unit_id].level
        areas = [a for a in tree.areas.values() if a.level == level and a.id != unit_id and a.valid_to is None]
        return sorted(areas, key=lambda area: rank[area.id])
    one = tree.organ(unit_id)
    organs = [o for o in tree.organs.values() if (o.level, o.kind) == (one.level, one.kind) and o.id != unit_id]
    standing = [organ for organ in organs if organ.valid_to is None]
    return sorted(standing, key=lambda organ: (rank[organ.area_id], organ.official_order, organ.id))
