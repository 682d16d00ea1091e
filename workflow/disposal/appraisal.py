"""What is due for appraisal (到期鉴定), and what keeps a case from being disposed of though its time has run out.

It is the business of whoever works for the body that supervises a case, and sees it; administrators see none of it. Nobody
judges a case that he has had a hand in: neither who proposes its disposal nor who decides may stand in its history.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal, not_, or_, select, union_all

from workflow.disposal.classes import Retention, retention_of, shortest_of
from workflow.models import AgendaItem, DisposalItem, Event, Hold, Link, Loosening, RecusalHint, Request
from workflow.occasion import PROTECTING, Occasion
from workflow.permissions import CASES, visible
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.types import Actor

WORKING_ROLES = ("handler", "deputy", "head")
# Events by which nobody has handled a case: it was kept back or let go again.
NO_HANDLING = ("hold_back", "let_go")
# Why a case is kept: held back by hand; a case under or above it, linked with it, or talked about with it is open; somebody
# asked for something, or should perhaps stand back, and that is undecided; its disposal is proposed already.
WHYS = ("held", "child", "parent", "linked", "talk", "asked", "recusal", "proposed")
# A page and a proposal are about at most so many.
AT_MOST = 200
# So many are looked at in one statement.
TOGETHER = 500

_link, _agenda, _hint = table_of(Link), table_of(AgendaItem), table_of(RecusalHint)
_request, _loosening = table_of(Request), table_of(Loosening)
_hold, _item, _event = table_of(Hold), table_of(DisposalItem), table_of(Event)
_other = CASES.alias("other")
_OPEN = and_(not_(_other.c.final), not_(_other.c.withdrawn))


@dataclass(frozen=True, slots=True)
class Due:
    """A case whose time has run out on `due_on`. `holds` are of WHYS; `is_handled`: the reader has had a hand in it."""

    id: int
    number: str
    kind: str
    retention: Retention
    closed_on: date
    due_on: date
    holds: tuple[str, ...]
    is_handled: bool

    @property
    def is_free(self) -> bool:
        """May the reader propose it?"""
        return not self.holds and not self.is_handled


@dataclass(frozen=True, slots=True)
class Listed:
    """The first cases that are due, the longest closed first; `more`: there are others after `last` (closed on, id)."""

    cases: tuple[Due, ...]
    more: bool = False

    @property
    def last(self) -> tuple[date, int] | None:
        """Where the next page begins."""
        return (self.cases[-1].closed_on, self.cases[-1].id) if self.cases else None


def may_appraise(actor: Actor) -> bool:
    """Does he work above the villages? Whether he sees a case and works for its supervisor is asked of each."""
    return any(grant.role in WORKING_ROLES and grant.level != "village" for grant in actor.posts)


def list_due(
    store: Store, occasion: Occasion, actor: Actor, *, after: tuple[date, int] | None = None, limit: int = AT_MOST
) -> Listed:
    """What of the cases that the actor sees, and whose supervising body he works for, is due for appraisal."""
    organs = [grant.organ_id for grant in actor.posts if grant.role in WORKING_ROLES]
    where = [_may_have_run_out(occasion), visible(actor, occasion.catalogue)]
    where += [] if actor.sees_all else [CASES.c.supervisor_id.in_(organs or (-1,))]
    rows = list(islice(_run_out(store, occasion, where, after), limit + 1))
    occasion.say_shown(rows)
    ids = [row["id"] for row in rows]
    holds, handled = holds_of(store, ids), handled_by(store, ids, [actor.person_id])
    return Listed(tuple(_due(row, holds[row["id"]], row["id"] in handled) for row in rows[:limit]), len(rows) > limit)


def _run_out(
    store: Store, occasion: Occasion, where: Sequence[ColumnElement[bool]], after: tuple[date, int] | None
) -> Iterator[Row]:
    """The rows of `where` whose own time is over, with their class; a kind's weights are looked at case by case."""
    names = ("id", "number", "kind", "closed_on", "data", "ground", *PROTECTING)
    asked = select(*(CASES.c[name] for name in names)).where(*where).order_by(CASES.c.closed_on, CASES.c.id).limit(TOGETHER)
    while True:
        rows = store.select(asked.where(_comes_after(*after)) if after else asked)
        for row in rows:
            retention = retention_of(occasion, row["kind"], json.loads(row["data"]), row["ground"])
            if retention is not None and retention.is_over(row["closed_on"], occasion.today):
                yield {**row, "retention": retention}
        if len(rows) < TOGETHER:
            return
        after = (rows[-1]["closed_on"], rows[-1]["id"])


def _comes_after(closed_on: date, case_id: int) -> ColumnElement[bool]:
    return or_(CASES.c.closed_on > closed_on, and_(CASES.c.closed_on == closed_on, CASES.c.id > case_id))


def _may_have_run_out(occasion: Occasion) -> ColumnElement[bool]:
    """Kind by kind, the cases that may have, by the kind's shortest class."""
    found: list[ColumnElement[bool]] = []
    for kind in occasion.catalogue.current:
        retention = shortest_of(occasion, kind)
        until = retention.closed_until(occasion.today) if retention else None
        if until is not None:
            found.append(and_(CASES.c.kind == kind, CASES.c.closed_on <= until))
    return and_(CASES.c.final, or_(false(), *found))


def _due(row: Row, holds: tuple[str, ...], is_handled: bool) -> Due:
    retention: Retention = row["retention"]
    due_on = retention.due_on(row["closed_on"])
    assert due_on is not None, "it is over"
    return Due(row["id"], row["number"], row["kind"], retention, row["closed_on"], due_on, holds, is_handled)


def holds_of(store: Store, ids: Sequence[int], *, but: int = 0) -> dict[int, tuple[str, ...]]:
    """What keeps each of these cases, of WHYS, in their order; a proposal `but` is left out of it. One statement."""
    found: dict[int, set[str]] = {case_id: set() for case_id in ids}
    if ids:
        for row in store.select(union_all(*_keeping(ids, but))):
            found[row["case_id"]].add(row["why"])
    return {case_id: tuple(why for why in WHYS if why in told) for case_id, told in found.items()}


def _keeping(ids: Sequence[int], but: int) -> Iterable[Any]:
    def own(why: str, table: Any, *where: Any) -> Any:
        return select(table.c.case_id, literal(why).label("why")).where(table.c.case_id.in_(ids), *where)

    def beside(why: str, this: Any, that: Any) -> Any:
        told = select(this.label("case_id"), literal(why).label("why")).join(_other, _other.c.id == that)
        return told.where(this.in_(ids), _OPEN)

    yield own("held", _hold, _hold.c.lifted_at.is_(None))
    yield _under(ids)
    yield _above(ids)
    for this, that in ((_link.c.case_id, _link.c.other_id), (_link.c.other_id, _link.c.case_id)):
        yield beside("linked", this, that)
    for this, that in ((_agenda.c.case_id, _agenda.c.interview_id), (_agenda.c.interview_id, _agenda.c.case_id)):
        yield beside("talk", this, that)
    yield own("asked", _request, _request.c.decided_at.is_(None))
    yield own("asked", _loosening, _loosening.c.decided_at.is_(None))
    yield own("recusal", _hint, _hint.c.settled_at.is_(None))
    yield own("proposed", _item, _item.c.status == "waiting", _item.c.disposal_id != but)


def _under(ids: Sequence[int]) -> Any:
    return select(_other.c.parent_id.label("case_id"), literal("child").label("why")).where(_other.c.parent_id.in_(ids), _OPEN)


def _above(ids: Sequence[int]) -> Any:
    told = select(CASES.c.id.label("case_id"), literal("parent").label("why")).join(_other, _other.c.id == CASES.c.parent_id)
    return told.where(CASES.c.id.in_(ids), _OPEN)


def handled_by(store: Store, ids: Sequence[int], people: Iterable[int | None]) -> set[int]:
    """The cases in whose history one of these people stands, who registered them or was named for them last."""
    wanted = [person for person in people if person is not None]
    if not ids or not wanted:
        return set()
    acted = and_(_event.c.case_id.in_(ids), _event.c.actor_id.in_(wanted), _event.c.verb.not_in(NO_HANDLING))
    named = or_(CASES.c.registrar_person_id.in_(wanted), CASES.c.assignee_id.in_(wanted))
    told = union_all(select(_event.c.case_id).where(acted), select(CASES.c.id).where(CASES.c.id.in_(ids), named))
    return {row["case_id"] for row in store.select(told)}
