"""The record of every change of areas and organs, and the ways of one: put down, done on its day, withdrawn, set aside.

1. Whoever asks for a change today or for a past day has it at once; one that is dated ahead waits.
2. On its day any scheduler does it: the row is locked and must still wait, so it is done once. A missed day is caught up.
3. What cannot be done on its day is set aside with its reason, and the administrators are told.
4. What lets somebody see cases that he did not is proposed, and a second person says yes first (`second.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from states.errors import Conflict, DomainError, NotFound, NotPermitted
from workflow.desk import Desk
from workflow.models import FormerUnit, Note, Person, Reorganisation
from workflow.people.proposals import takes_two
from workflow.reorganisation import posts, sight, trail, units
from workflow.reorganisation.performing import Done, obstacles, perform
from workflow.reorganisation.plan import AREA, Plan, Wish, require_sensible
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.trail import Origin, record
from workflow.tree import Tree
from workflow.types import Actor
from workflow.versions.telling import Told, administrators, tell

ROLE = "system_admin"
SET_ASIDE, PROPOSED_TOLD = "reorganisation_set_aside", "reorganisation_proposed"
# Why a change that one person wants is not done: it lets somebody see more.
WIDENS = "widens_sight"
PROPOSED, WAITING, DONE, WITHDRAWN, ASIDE, UNDONE, REFUSED = STATUSES = (
    *("proposed", "waiting", "done", "withdrawn", "set_aside", "undone", "refused"),
)

KEPT = (
    *("id", "reason", "paper", "asker", "asked_by", "asked_at", "status", "settled_at", "settled_by", "why"),
    *("second", "words"),
)
Gains = Sequence[sight.Gain]
_change, _person, _former = table_of(Reorganisation), table_of(Person), table_of(FormerUnit)
_second = _person.alias("second")
LOCKED = Prepared(select(_change).where(_change.c.id == bindparam("id")).with_for_update())
DUE = Prepared(
    select(_change.c.id)
    .where(_change.c.status == "waiting", _change.c.from_on <= bindparam("today", type_=_change.c.from_on.type))
    .order_by(_change.c.from_on, _change.c.id)
)
LISTED = Prepared(
    select(_change, _person.c.name.label("asker"), _second.c.name.label("second"))
    .outerjoin(_person, _person.c.id == _change.c.asked_by)
    .outerjoin(_second, _second.c.id == _change.c.second_by)
    .order_by(_change.c.from_on.desc(), _change.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it is told. `before` are the names that the units had when it was asked for; `done` what was done,
    `against` the code and parameters of what stood against it; `gains` who would see more, where it was proposed for that."""

    id: int
    plan: Plan
    on: date
    reason: str
    paper: str
    asker: str
    asked_by: int | None
    asked_at: datetime
    status: str
    settled_at: datetime | None
    why: str
    before: tuple[str, ...]
    into: str
    done: Mapping[str, Any] = field(default_factory=dict)
    against: Mapping[str, Any] = field(default_factory=dict)
    settled_by: int | None = None
    second: str | None = None
    words: str = ""
    gains: tuple[Mapping[str, Any], ...] = ()

    def may_be_taken_back(self, actor: Actor, now: datetime) -> bool:
        """Did the actor do it less than ten minutes ago, and has it made nothing new?"""
        mine = self.status == DONE and self.settled_by == actor.person_id
        return mine and trail.leaves_trail(self.done, self.settled_at, now)

    def is_after(self, other: Change) -> bool:
        """Was it done after the other one?"""
        both = self.settled_at is not None and other.settled_at is not None
        return both and self.status == DONE and (self.settled_at, self.id) > (other.settled_at, other.id)

    def concerns(self, unit: str, unit_id: int) -> bool:
        """Does the change speak of this unit?"""
        above = AREA if self.plan.what == "move" else self.plan.unit
        made = self.done.get("made", ())
        mine = unit == self.plan.unit and (unit_id in self.plan.ids or unit_id in made)
        return mine or (unit == above and unit_id == self.plan.into_id)


def require_administrator(actor: Actor) -> None:
    """Only the system administrator changes organisations; the operator does until there are administrators."""
    if not actor.has_role(ROLE) and not (actor.person_id is None and actor.sees_all):
        raise NotPermitted(why="role", trigger="reorganise")


def ask(desk: Desk, wish: Wish, *, origin: Origin | None = None, gains: Gains = ()) -> int:
    """The id of the change, which is done already where its day has come.

    With `gains`, as its preview told them, it is proposed to a second person instead.
    """
    require_administrator(desk.actor)
    require_sensible(wish, desk.occasion.tree, desk.occasion.today)
    if any(one["status"] in (PROPOSED, WAITING) and _meets(wish.plan, Plan.of(one["plan"])) for one in desk.store.rows(LISTED)):
        raise Conflict(why="change_waits")
    proposes = bool(gains) and takes_two(desk.store)
    change_id = _put_down(desk, wish, PROPOSED if proposes else WAITING, gains)
    if proposes:
        _tell_second(desk, change_id)
    elif wish.on <= desk.occasion.today:
        _settle(desk, change_id, wish.plan, wish.on)
    audit(desk, origin, f"{wish.plan.what} {wish.plan.unit} {','.join(map(str, wish.plan.ids))}, change {change_id}")
    return change_id


def audit(desk: Desk, origin: Origin | None, what: str) -> None:
    """What was done to the organisations goes on the trail with it."""
    record(desk.store, origin or Origin(desk.actor.person_id), "organisation", now=desk.occasion.now, what=what)


def _meets(plan: Plan, other: Plan) -> bool:
    """Do both change the same unit?"""
    return plan.unit == other.unit and bool({*plan.ids, plan.into_id} & set(other.ids) | set(plan.ids) & {other.into_id})


def _put_down(desk: Desk, wish: Wish, status: str, gains: Gains) -> int:
    plan, tree = wish.plan, desk.occasion.tree
    change_id = desk.store.new_ids(Reorganisation, 1)[0]
    told: dict[str, Any] = {"before": [name_of(tree, plan.unit, unit_id) for unit_id in plan.ids], "into": _into(tree, plan)}
    told["gains"] = [{"organ": one.organ, "people": one.people, "cases": one.cases} for one in gains]
    row: Row = {"id": change_id, "what": plan.what, "unit": plan.unit, "units": ",".join(map(str, plan.ids))}
    row |= {"plan": plan.text, "from_on": wish.on, "reason": wish.reason.strip(), "paper": wish.paper.strip()}
    row |= {"asked_by": desk.actor.person_id, "asked_at": desk.occasion.now, "status": status, "settled_at": None}
    desk.store.insert(Reorganisation, [{**row, "settled_by": None, "told": canonical(told), "why": ""}])
    return change_id


def name_of(tree: Tree, unit: str, unit_id: int) -> str:
    """The full name of a unit."""
    return tree.areas[unit_id].name if unit == AREA else tree.organ(unit_id).name


def _into(tree: Tree, plan: Plan) -> str:
    if plan.into_id is None:
        return plan.name.strip()
    return name_of(tree, AREA if plan.what == "move" else plan.unit, plan.into_id)


def _settle(desk: Desk, change_id: int, plan: Plan, on: date) -> None:
    row = desk.store.row(LOCKED, id=change_id)
    assert row is not None, "it was put down"
    last_former = desk.store.select(select(func.max(_former.c.id).label("last")))[0]["last"] or 0
    before = None
    if row["second_by"] is None and takes_two(desk.store):
        held = posts.posts_in(desk, sight.organs_of(desk.occasion.tree, plan))
        before = sight.look(desk, {post["person_id"] for post in held})
    done = perform(desk, plan, on, change_id)
    for obstacle in obstacles(done):
        raise obstacle
    if before is not None:
        desk.context.flush(desk.store)
        if sight.gains(units.fresh(desk), before):
            raise Conflict(why=WIDENS)
    told = {**json.loads(row["told"]), "done": summary(done), "trail": trail.trail(desk, done, last_former)}
    mark(desk, change_id, DONE, told=canonical(told))


def summary(done: Done) -> dict[str, Any]:
    """What was done, in numbers."""
    moves, carried = done.moves, sum(post.new_id is not None for post in done.posts)
    told: dict[str, Any] = {"cases": len(moves.events), "clocks": moves.clocks, "talks": moves.talks}
    told |= {"merged_talks": moves.merged_talks, "carried": carried, "ended": len(done.posts) - carried, "made": done.made}
    return told


def mark(desk: Desk, change_id: int, status: str, **more: Any) -> None:
    """What became of the change, by whom and when."""
    told = {"status": status, "settled_at": desk.occasion.now, "settled_by": desk.actor.person_id, **more}
    desk.store.update(Reorganisation, told, id=change_id)


def due(store: Store, today: date) -> list[int]:
    """Changes whose day has come, read without a lock."""
    return [row["id"] for row in store.rows(DUE, today=today)]


def take_effect(desk: Desk, change_id: int) -> bool:
    """Does a change that waits; False where another scheduler was first. The error says what stands against it."""
    row = desk.store.row(LOCKED, id=change_id)
    if row is None or row["status"] != WAITING:
        return False
    plan = Plan.of(row["plan"])
    wish = Wish(plan, row["from_on"], row["reason"])
    # However late it is: a day that was missed is caught up, and only the units may stand against it.
    require_sensible(wish, desk.occasion.tree, row["from_on"])
    _settle(desk, change_id, plan, row["from_on"])
    audit(desk, None, f"change {change_id} done")
    return True


def set_aside(desk: Desk, change_id: int, *, why: DomainError) -> None:
    """A change that could not be done on its day is over; its administrators are told, and the health page says why.

    One that lets somebody see more by now is not over: it waits for a second person.
    """
    row = desk.store.row(LOCKED, id=change_id)
    if row is None or row["status"] != WAITING:
        return
    if why.params.get("why") == WIDENS:
        desk.store.update(Reorganisation, {"status": PROPOSED}, id=change_id)
        _tell_second(desk, change_id)
        return
    reason = str(why.params.get("why") or why.code)
    told = json.loads(row["told"])
    against = {"code": why.code, "params": why.params}
    mark(desk, change_id, ASIDE, why=reason, told=canonical({**told, "against": against}))
    body = canonical({**against, "verb": "reorganise", "change": change_id})
    note = {"at": desk.occasion.now, "kind": SET_ASIDE, "case_id": None, "actor_id": row["asked_by"], "body": body}
    desk.store.insert(Note, [note])
    params = {"name": "、".join(told["before"]), "from_on": row["from_on"]}
    tell(desk, Told("reorganisation", change_id, SET_ASIDE, params), administrators(desk, ROLE))


def _tell_second(desk: Desk, change_id: int) -> None:
    tell(desk, Told("reorganisation", change_id, PROPOSED_TOLD), administrators(desk, "security_admin", ROLE))


def withdraw(desk: Desk, change_id: int, *, origin: Origin | None = None) -> None:
    """Takes back a change before its day, or before a second person has said yes."""
    require_administrator(desk.actor)
    row = desk.store.row(LOCKED, id=change_id)
    if row is None:
        raise NotFound(what="reorganisation", id=change_id)
    if row["status"] not in (PROPOSED, WAITING):
        raise Conflict(why="already_decided")
    mark(desk, change_id, WITHDRAWN)
    audit(desk, origin, f"change {change_id} withdrawn")


def take_back(desk: Desk, change_id: int, *, origin: Origin | None = None) -> None:
    """Undoes what the actor did within ten minutes and nothing has followed; else the reverse change is to be asked for."""
    require_administrator(desk.actor)
    row = desk.store.row(LOCKED, id=change_id)
    if row is None:
        raise NotFound(what="reorganisation", id=change_id)
    changes = list_changes(desk.store)
    change = next(one for one in changes if one.id == change_id)
    if not change.may_be_taken_back(desk.actor, desk.occasion.now) or any(one.is_after(change) for one in changes):
        raise Conflict(why="reorganised_since")
    trail.take_back(desk, json.loads(row["told"])["trail"], row["settled_at"])
    desk.store.update(Reorganisation, {"status": UNDONE}, id=change_id)
    audit(desk, origin, f"change {change_id} undone")


def list_changes(store: Store) -> list[Change]:
    """Every change, the latest effective date first."""
    return [change_of(row) for row in store.rows(LISTED)]


def change_of(row: Row) -> Change:
    """A row of LISTED as it is told."""
    told = json.loads(row["told"])
    return Change(
        **{name: row[name] for name in KEPT},
        plan=Plan.of(row["plan"]),
        on=row["from_on"],
        before=tuple(told["before"]),
        into=told["into"],
        done=told.get("done", {}),
        against=told.get("against", {}),
        gains=tuple(told.get("gains", ())),
    )
