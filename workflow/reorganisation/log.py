"""The record of every change of areas and organs, and the ways of one: put down, done on its day, withdrawn, set aside.

1. Whoever asks for a change today or for a past day has it at once; one that is dated ahead waits.
2. On its day any scheduler does it: the row is locked and must still wait, so it is done once. A missed day is caught up.
3. What cannot be done on its day is set aside with its reason, and the administrators are told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from states.errors import Conflict, DomainError, NotFound, NotPermitted
from workflow.desk import Desk
from workflow.models import FormerUnit, Note, Outbox, Person, Reorganisation
from workflow.reorganisation import trail
from workflow.reorganisation.performing import Done, obstacles, perform
from workflow.reorganisation.plan import AREA, Plan, Wish, require_sensible
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical, digest
from workflow.tree import Tree
from workflow.types import Actor

ROLE = "system_admin"
SET_ASIDE = "reorganisation_set_aside"
WAITING, DONE, WITHDRAWN, ASIDE, UNDONE = STATUSES = ("waiting", "done", "withdrawn", "set_aside", "undone")

_change, _person, _former = table_of(Reorganisation), table_of(Person), table_of(FormerUnit)
LOCKED = Prepared(select(_change).where(_change.c.id == bindparam("id")).with_for_update())
DUE = Prepared(
    select(_change.c.id)
    .where(_change.c.status == "waiting", _change.c.from_on <= bindparam("today", type_=_change.c.from_on.type))
    .order_by(_change.c.from_on, _change.c.id)
)
LISTED = Prepared(
    select(_change, _person.c.name.label("asker"))
    .outerjoin(_person, _person.c.id == _change.c.asked_by)
    .order_by(_change.c.from_on.desc(), _change.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change as it is told. `before` are the names that the units had when it was asked for; `done` what was done,
    `against` the code and parameters of what stood against it."""

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


def ask(desk: Desk, wish: Wish) -> int:
    """The id of the change, which is done already where its day has come."""
    require_administrator(desk.actor)
    require_sensible(wish, desk.occasion.tree, desk.occasion.today)
    if any(one["status"] == WAITING and _meets(wish.plan, Plan.of(one["plan"])) for one in desk.store.rows(LISTED)):
        raise Conflict(why="change_waits")
    change_id = _put_down(desk, wish)
    if wish.on <= desk.occasion.today:
        _settle(desk, change_id, wish.plan, wish.on)
    return change_id


def _meets(plan: Plan, other: Plan) -> bool:
    """Do both change the same unit?"""
    return plan.unit == other.unit and bool({*plan.ids, plan.into_id} & set(other.ids) | set(plan.ids) & {other.into_id})


def _put_down(desk: Desk, wish: Wish) -> int:
    plan, tree = wish.plan, desk.occasion.tree
    change_id = desk.store.new_ids(Reorganisation, 1)[0]
    told = {"before": [name_of(tree, plan.unit, unit_id) for unit_id in plan.ids], "into": _into(tree, plan)}
    row: Row = {"id": change_id, "what": plan.what, "unit": plan.unit, "units": ",".join(map(str, plan.ids))}
    row |= {"plan": plan.text, "from_on": wish.on, "reason": wish.reason.strip(), "paper": wish.paper.strip()}
    row |= {"asked_by": desk.actor.person_id, "asked_at": desk.occasion.now, "status": WAITING, "settled_at": None}
    desk.store.insert(Reorganisation, [{**row, "settled_by": None, "told": canonical(told), "why": ""}])
    return change_id


def name_of(tree: Tree, unit: str, unit_id: int) -> str:
    """The full name of a unit."""
    return tree.areas[unit_id].name if unit == AREA else tree.organ(unit_id).name


def _into(tree: Tree, plan: Plan) -> str:
    if plan.into_id is None:
        return plan.name.strip()
    return name_of(tree, AREA if plan.what == "move" else plan.unit, plan.into_id)


def _settle(desk: Desk, change_id: int, plan: Plan, on: date) -> Done:
    row = desk.store.row(LOCKED, id=change_id)
    assert row is not None, "it was put down"
    last_former = desk.store.select(select(func.max(_former.c.id).label("last")))[0]["last"] or 0
    done = perform(desk, plan, on, change_id)
    for obstacle in obstacles(done):
        raise obstacle
    told = {**json.loads(row["told"]), "done": summary(done), "trail": trail.trail(desk, done, last_former)}
    _mark(desk, change_id, DONE, told=canonical(told))
    return done


def summary(done: Done) -> dict[str, Any]:
    """What was done, in numbers."""
    moves, carried = done.moves, sum(post.new_id is not None for post in done.posts)
    told: dict[str, Any] = {"cases": len(moves.events), "clocks": moves.clocks, "talks": moves.talks}
    told |= {"merged_talks": moves.merged_talks, "carried": carried, "ended": len(done.posts) - carried, "made": done.made}
    return told


def _mark(desk: Desk, change_id: int, status: str, **more: Any) -> None:
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
    return True


def set_aside(desk: Desk, change_id: int, *, why: DomainError) -> None:
    """A change that could not be done on its day is over; its administrators are told, and the health page says why."""
    row = desk.store.row(LOCKED, id=change_id)
    if row is None or row["status"] != WAITING:
        return
    reason = str(why.params.get("why") or why.code)
    told = json.loads(row["told"])
    against = {"code": why.code, "params": why.params}
    _mark(desk, change_id, ASIDE, why=reason, told=canonical({**told, "against": against}))
    body = canonical({**against, "verb": "reorganise", "change": change_id})
    note = {"at": desk.occasion.now, "kind": SET_ASIDE, "case_id": None, "actor_id": row["asked_by"], "body": body}
    desk.store.insert(Note, [note])
    _tell(desk, change_id, "、".join(told["before"]), row["from_on"])


def _tell(desk: Desk, change_id: int, name: str, from_on: date) -> None:
    held = (people for (_organ, role), people in desk.occasion.roster.holders.items() if role == ROLE)
    now, params = desk.occasion.now, canonical({"name": name, "from_on": from_on})
    for person_id in sorted({person for people in held for person in people}):
        for channel in desk.occasion.channels:
            line: Row = {"key": digest(SET_ASIDE, str(change_id), str(person_id), channel), "channel": channel}
            line |= {"person_id": person_id, "message": SET_ASIDE, "params": params, "case_id": None}
            desk.store.insert(Outbox, [{**line, "created_at": now, "due_at": now}], ignore_conflict=True)


def withdraw(desk: Desk, change_id: int) -> None:
    """Takes back a change before its day."""
    require_administrator(desk.actor)
    row = desk.store.row(LOCKED, id=change_id)
    if row is None:
        raise NotFound(what="reorganisation", id=change_id)
    if row["status"] != WAITING:
        raise Conflict(why="already_decided")
    _mark(desk, change_id, WITHDRAWN)


def take_back(desk: Desk, change_id: int) -> None:
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


def list_changes(store: Store) -> list[Change]:
    """Every change, the latest effective date first."""
    return [change_of(row) for row in store.rows(LISTED)]


def change_of(row: Row) -> Change:
    """A row of LISTED as it is told."""
    told = json.loads(row["told"])
    return Change(
        **{
            name: row[name]
            for name in ("id", "reason", "paper", "asker", "asked_by", "asked_at", "status", "settled_at", "settled_by", "why")
        },
        plan=Plan.of(row["plan"]),
        on=row["from_on"],
        before=tuple(told["before"]),
        into=told["into"],
        done=told.get("done", {}),
        against=told.get("against", {}),
    )
