"""What readers see of disposals: proposals about cases that they may judge, and tombstones of cases that they could see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select

from states.errors import CaseNotFound, NotFound
from workflow.disposal.appraisal import WORKING_ROLES, handled_by
from workflow.models import Disposal, DisposalItem, Person, Tombstone
from workflow.occasion import PROTECTING, Occasion
from workflow.permissions import CASES, visible
from workflow.reads.open_then import open_then
from workflow.reads.stood import standing_of, stood_so
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor
from workflow.verbs.standing import LEADING_ROLES

SHOWN = 50

_disposal, _item, _stone, _person = (table_of(model) for model in (Disposal, DisposalItem, Tombstone, Person))
_has_stone = exists(select(_stone.c.case_id).where(_stone.c.case_id == CASES.c.id))
# What was not withdrawn, or was taken off because it was disposed of.
_STANDS = or_(CASES.c.withdrawn.is_(False), _has_stone)
STONE = Prepared(select(_stone).where(_stone.c.case_id == bindparam("case_id")))
NAMES = Prepared(select(_person.c.id, _person.c.name).where(_person.c.id.in_([bindparam("first"), bindparam("second")])))


@dataclass(frozen=True, slots=True)
class Stone:
    """A tombstone with the names of the two people: of the case nothing but number, kind and days."""

    case_id: int
    number: str
    kind: str
    retention: str
    opened_on: date
    closed_on: date
    due_on: date
    head: str
    proposer: str
    proposed_at: datetime
    reason: str
    decider: str
    decided_at: datetime
    approval: str
    disposed_at: datetime
    is_restored: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One case of a disposal: its status (waiting, done, kept), and why it was kept."""

    case_id: int
    number: str
    kind: str
    closed_on: date | None
    status: str
    why: str


@dataclass(frozen=True, slots=True)
class Told:
    """A disposal with its people; `status` is waiting, running, done or refused. `why_not` stops the reader from deciding:
    own, role or handled, "" where he may.
    """

    id: int
    proposer: str
    proposed_at: datetime
    reason: str
    decider: str
    decided_at: datetime | None
    decision: str
    approval: str
    status: str
    total: int
    lines: tuple[Line, ...] = ()
    why_not: str = ""


def get_stone(store: Store, occasion: Occasion, actor: Actor, case_id: int) -> Stone:
    """The tombstone of a case, for whoever could see the case; CaseNotFound for everybody else, and where there is none."""
    where = and_(CASES.c.id == case_id, _has_stone)
    seen = store.select(
        select(*[CASES.c[name] for name in ("id", *PROTECTING)]).where(where, visible(actor, occasion.catalogue, _STANDS))
    )
    row = store.row(STONE, case_id=case_id) if seen else None
    if row is None:
        raise CaseNotFound(id=case_id)
    occasion.say_shown(seen)
    names = _names(store, row["proposed_by"], row["decided_by"])
    plain = ("case_id", "number", "kind", "retention", "opened_on", "closed_on", "due_on", "head", "proposed_at", "reason")
    told: dict[str, Any] = {name: row[name] for name in (*plain, "decided_at", "approval", "disposed_at")}
    people: dict[str, Any] = {"proposer": names.get(row["proposed_by"], ""), "decider": names.get(row["decided_by"], "")}
    return Stone(**told, **people, is_restored=row["restored"])


def count_disposed(store: Store, occasion: Occasion, actor: Actor, kinds: Iterable[str], on: date) -> int:
    """How many cases of these kinds that stood on a past day are not in its figures, of those that lay open to the reader then
    and that he could see: how a case stood is kept when it is disposed of.
    """
    lay_open = stood_so(on, open_then(actor, occasion.catalogue, standing_of(on, occasion.catalogue)))
    where = and_(_has_stone, CASES.c.kind.in_(tuple(kinds)), lay_open)
    told = select(func.count().label("n")).select_from(CASES).where(where, visible(actor, occasion.catalogue, _STANDS))
    return int(store.select(told)[0]["n"])


def list_disposals(store: Store, occasion: Occasion, actor: Actor) -> tuple[Told, ...]:
    """The latest disposals of which the reader sees every case and works for the body that supervises it; no lines."""
    rows = store.select(
        select(_disposal, func.count().label("total"), func.count(CASES.c.id).label("seen"))
        .select_from(_disposal)
        .join(_item, _item.c.disposal_id == _disposal.c.id)
        .outerjoin(CASES, and_(CASES.c.id == _item.c.case_id, _of(occasion, actor)))
        .group_by(*_disposal.c)
        .order_by(_disposal.c.id.desc())
        .limit(4 * SHOWN)
    )
    return tuple(_told(store, row) for row in rows if row["seen"] == row["total"])[:SHOWN]


def get_disposal(store: Store, occasion: Occasion, actor: Actor, disposal_id: int) -> Told:
    """The same of one, with its lines; NotFound where he does not see each of its cases."""
    columns = [CASES.c[name] for name in ("number", "kind", "closed_on", "supervisor_id", *PROTECTING)]
    items = store.select(
        select(_item, CASES.c.id.label("seen"), *columns)
        .select_from(_item)
        .outerjoin(CASES, and_(CASES.c.id == _item.c.case_id, _of(occasion, actor)))
        .where(_item.c.disposal_id == disposal_id)
        .order_by(_item.c.case_id)
    )
    rows = store.select(select(_disposal).where(_disposal.c.id == disposal_id))
    if not rows or not items or any(item["seen"] is None for item in items):
        raise NotFound(what="disposal", id=disposal_id)
    occasion.say_shown([{**item, "id": item["case_id"]} for item in items])
    names = ("case_id", "number", "kind", "closed_on", "status", "why")
    lines = tuple(Line(**{name: item[name] for name in names}) for item in items)
    return _told(store, {**rows[0], "total": len(items)}, lines, _why_not(store, actor, rows[0], items))


def _of(occasion: Occasion, actor: Actor) -> Any:
    organs = [grant.organ_id for grant in actor.posts if grant.role in WORKING_ROLES] or [-1]
    seen = visible(actor, occasion.catalogue, _STANDS)
    return seen if actor.sees_all else and_(seen, CASES.c.supervisor_id.in_(organs))


def _why_not(store: Store, actor: Actor, row: Row, items: Iterable[Row]) -> str:
    if row["proposed_by"] == actor.person_id:
        return "own"
    leads = {grant.organ_id for grant in actor.posts if grant.role in LEADING_ROLES}
    if actor.person_id is None or any(item["supervisor_id"] not in leads for item in items):
        return "role"
    return "handled" if handled_by(store, [item["case_id"] for item in items], [actor.person_id]) else ""


def _told(store: Store, row: Row, lines: tuple[Line, ...] = (), why_not: str = "") -> Told:
    names = _names(store, row["proposed_by"], row["decided_by"])
    status = "waiting" if row["granted"] is None else "refused" if not row["granted"] else "running"
    status = "done" if status == "running" and row["finished_at"] is not None else status
    plain = ("id", "proposed_at", "reason", "decided_at", "decision", "approval", "total")
    told: dict[str, Any] = {name: row[name] for name in plain}
    people: dict[str, Any] = {"proposer": names.get(row["proposed_by"], ""), "decider": names.get(row["decided_by"], "")}
    return Told(**told, **people, status=status, lines=lines, why_not=why_not)


def _names(store: Store, first: int | None, second: int | None) -> dict[int | None, str]:
    return {row["id"]: row["name"] for row in store.rows(NAMES, first=first or 0, second=second or 0)}
