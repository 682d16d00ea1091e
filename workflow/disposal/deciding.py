"""A disposal is proposed by one and decided by another, and what is under question is held back meanwhile (R74).

Both work for the body that supervises each of the cases, the second leads it, and neither has handled any of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from states.errors import BadInput, Conflict, NotFound, NotPermitted
from workflow.casefile import CaseFile
from workflow.cases import lock
from workflow.desk import Desk
from workflow.disposal.appraisal import AT_MOST, handled_by, holds_of
from workflow.disposal.classes import Retention, retention_of
from workflow.disposal.telling import tell_deciders, tell_proposer
from workflow.models import Disposal, DisposalItem, Hold
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.types import Outcome
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import LEADING_ROLES, WORKING_ROLES, require_post

REASON_AT_MOST, APPROVAL_AT_MOST = 500, 80
SUPERVISING = ("supervisor",)

_disposal, _item, _hold = table_of(Disposal), table_of(DisposalItem), table_of(Hold)
LOCKED = Prepared(select(_disposal).where(_disposal.c.id == bindparam("id")).with_for_update())
ITEMS = Prepared(select(_item).where(_item.c.disposal_id == bindparam("id")).order_by(_item.c.case_id))
HELD = Prepared(select(_hold).where(_hold.c.case_id == bindparam("case_id"), _hold.c.lifted_at.is_(None)))


def propose(desk: Desk, case_ids: Iterable[int], *, reason: str) -> int:
    """The id of a proposal to dispose of these cases, all of which the actor sees, which are due and which nothing keeps.

    BadInput none_chosen, too_many_cases, reason_empty, reason_too_long; NotPermitted role, relation, separation_worked;
    Conflict retention_runs, disposal_held with the number.
    """
    if desk.actor.person_id is None:
        raise NotPermitted(why="nobody_sets")
    wanted = sorted(set(case_ids))
    if not wanted:
        raise BadInput(why="none_chosen")
    if len(wanted) > AT_MOST:
        raise BadInput(why="too_many_cases", most=AT_MOST)
    told = required(reason, REASON_AT_MOST)
    files = [_judged(desk, case_id, WORKING_ROLES) for case_id in wanted]
    _require_free(desk, files)
    disposal_id = desk.store.new_ids(Disposal, 1)[0]
    row: Row = {"id": disposal_id, "proposed_by": desk.actor.person_id, "proposed_at": desk.occasion.now, "reason": told}
    desk.store.insert(Disposal, [{**row, "decision": "", "approval": ""}])
    item: Row = {"disposal_id": disposal_id, "status": "waiting", "why": ""}
    desk.store.insert(DisposalItem, [{**item, "case_id": case_id} for case_id in wanted])
    tell_deciders(desk, disposal_id, files)
    return disposal_id


def decide(desk: Desk, disposal_id: int, *, granted: bool, decision: str, approval: str = "") -> None:
    """The second person's word. Granted, a run does it case by case; refused, everything stays.

    NotFound where he does not see each of the cases; NotPermitted role, relation, separation_asked for whoever proposed it,
    separation_worked; Conflict disposal_decided; BadInput reason_empty, approval_empty.
    """
    found = desk.store.row(LOCKED, id=disposal_id)
    items = desk.store.rows(ITEMS, id=disposal_id) if found else []
    if found is None or desk.actor.person_id is None:
        raise NotFound(what="disposal", id=disposal_id)
    if found["decided_at"] is not None:
        raise Conflict(why="disposal_decided")
    files = [_judged(desk, item["case_id"], LEADING_ROLES) for item in items]
    if found["proposed_by"] == desk.actor.person_id:
        raise NotPermitted(why="separation_asked")
    told: Row = {"granted": granted, "decision": required(decision, REASON_AT_MOST)}
    told |= {"decided_by": desk.actor.person_id, "decided_at": desk.occasion.now}
    if granted:
        told["approval"] = required(approval, APPROVAL_AT_MOST, "approval_empty")
        _require_free(desk, files, but=disposal_id)
    else:
        told["finished_at"] = desk.occasion.now
        _keep_all(desk, items)
    desk.store.update(Disposal, told, id=disposal_id)
    tell_proposer(desk, disposal_id, found["proposed_by"], granted=granted, count=len(items))


def required(text: str, most: int, empty: str = "reason_empty") -> str:
    """The text without the blanks around it; BadInput `empty`, reason_too_long."""
    told = text.strip()
    if not told:
        raise BadInput(why=empty)
    if len(told) > most:
        raise BadInput(why="reason_too_long", most=most)
    return told


def _judged(desk: Desk, case_id: int, roles: tuple[str, ...]) -> CaseFile:
    """The case, which a post of the actor's in its supervising body may judge."""
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    require_post(desk, file, SUPERVISING, roles)
    return file


def _require_free(desk: Desk, files: list[CaseFile], *, but: int = 0) -> None:
    """Each is due, nothing keeps it, and the actor has not handled it."""
    ids = [file.id for file in files]
    holds, handled = holds_of(desk.store, ids, but=but), handled_by(desk.store, ids, [desk.actor.person_id])
    for file in files:
        if file.id in handled:
            raise NotPermitted(why="separation_worked")
        if not has_run_out(desk, file):
            raise Conflict(why="retention_runs", number=file.row["number"])
        if holds[file.id]:
            raise Conflict(why="disposal_held", number=file.row["number"], hold=holds[file.id][0])


def class_of(desk: Desk, file: CaseFile) -> Retention | None:
    """The class that the case has now; None where it is kept for ever."""
    return retention_of(desk.occasion, file.served.kind, file.data, file.row["ground"])


def has_run_out(desk: Desk, file: CaseFile) -> bool:
    """Is the case closed, and has its time run out?"""
    retention, closed_on = class_of(desk, file), file.row["closed_on"]
    is_closed = file.is_final and closed_on is not None
    return is_closed and retention is not None and retention.is_over(closed_on, desk.occasion.today)


def _keep_all(desk: Desk, items: Iterable[Row]) -> None:
    told = {"status": "kept", "why": "refused", "settled_at": desk.occasion.now}
    for item in items:
        desk.store.update(DisposalItem, told, disposal_id=item["disposal_id"], case_id=item["case_id"])


# ---- holding back -----------------------------------------------------------------------------------------------------------


def hold_back(desk: Desk, case_id: int, *, reason: str) -> Outcome:
    """Holds a closed case back for a complaint or a check. Conflict retention_runs, held_back."""
    file = _judged(desk, case_id, WORKING_ROLES)
    if not file.is_final:
        raise Conflict(why="retention_runs", number=file.row["number"])
    told = required(reason, REASON_AT_MOST)
    if desk.store.row(HELD, case_id=case_id) is not None:
        raise Conflict(why="held_back")
    row: Row = {"case_id": case_id, "reason": told, "placed_by": desk.actor.person_id, "placed_at": desk.occasion.now}
    desk.store.insert(Hold, [row])
    desk.happened(file, "hold_back", content={"reason": told})
    return outcome_of(file)


def let_go(desk: Desk, case_id: int, *, reason: str) -> Outcome:
    """Lets a case go that was held back; a leader does, for a reason. Conflict not_held_back."""
    file = _judged(desk, case_id, LEADING_ROLES)
    told = required(reason, REASON_AT_MOST)
    held = desk.store.row(HELD, case_id=case_id)
    if held is None:
        raise Conflict(why="not_held_back")
    desk.store.update(Hold, {"lifted_by": desk.actor.person_id, "lifted_at": desk.occasion.now}, id=held["id"])
    desk.happened(file, "let_go", content={"reason": told})
    return outcome_of(file)
