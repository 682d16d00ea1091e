"""ask_loosening, decide_loosening: what protects a case is lowered or lifted by two people, the second of whom leads.

So are the level of a case and of a file (security.md R20), the circle that a case is confined to, recusals (R21), and the seal
of the archive on a case that was put away (R75). Whoever works for the supervising body asks; its deputy or head decides, and
never on what he asked for himself.
"""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, select

from states.errors import Conflict, InvalidForm, NotFound, NotPermitted
from workflow.barring import LEADING_ROLES, WITH_SOURCE
from workflow.casefile import CaseFile
from workflow.cases import lock, lock_under
from workflow.context import require_sealer
from workflow.desk import Desk, bump
from workflow.models import Barred, Knower, Loosening, StoredFile
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.types import Outcome
from workflow.verbs.circle import require_reason
from workflow.verbs.levels import stored_on
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import require_post

WHAT = ("level", "file", "confinement", "recusal", "archive")
ASKING = ("supervisor",)
_loosening, _barred, _knower = table_of(Loosening), table_of(Barred), table_of(Knower)
WAITING = Prepared(
    select(_loosening)
    .where(_loosening.c.case_id == bindparam("case_id"), _loosening.c.decided_at.is_(None))
    .order_by(_loosening.c.id)
)
ONE_BARRED = Prepared(select(_barred).where(and_(_barred.c.id == bindparam("id"), _barred.c.case_id == bindparam("case_id"))))
LIFT = Prepared(delete(_barred).where(_barred.c.id == bindparam("id")))
FIRST = Prepared(select(_knower).where(_knower.c.case_id == bindparam("case_id")).order_by(_knower.c.added_at).limit(1))
FORGET_ALL = Prepared(delete(_knower).where(_knower.c.case_id == bindparam("case_id")))


def ask_loosening(
    desk: Desk,
    case_id: int,
    *,
    what: str,
    reason: str,
    level: int | None = None,
    file_id: int | None = None,
    barred_id: int | None = None,
) -> Outcome:
    """Asks for a lower level (of the case, of a file), for the end of the circle, of a recusal, or of the archive's seal.

    Conflict asked.
    """
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    post = require_post(desk, file, ASKING)
    require_reason(reason)
    asked = {"what": what, "level": level, "file_id": file_id, "barred_id": barred_id}
    told = _told(desk, file, asked)
    waiting = desk.store.rows(WAITING, case_id=file.id)
    if any((one["what"], one["file_id"], one["barred_id"]) == (what, file_id, barred_id) for one in waiting):
        raise Conflict(why="asked")
    row = {**asked, "case_id": file.id, "asked_by": desk.actor.person_id, "asked_at": desk.occasion.now}
    desk.store.insert(Loosening, [{**row, "reason": reason.strip(), "decision": ""}])
    desk.happened(file, "ask_loosening", post=post, extra=told, content={"reason": reason.strip()})
    return outcome_of(file)


def decide_loosening(desk: Desk, case_id: int, *, asked_id: int, granted: bool, reason: str) -> Outcome:
    """Grants or refuses what another has asked for. NotPermitted separation_asked for whoever asked."""
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    post = require_post(desk, file, ASKING, LEADING_ROLES)
    asked = next((one for one in desk.store.rows(WAITING, case_id=file.id) if one["id"] == asked_id), None)
    if asked is None:
        raise NotFound(what="loosening", id=asked_id)
    if asked["asked_by"] == desk.actor.person_id:
        raise NotPermitted(why="separation_asked")
    require_reason(reason)
    # What is refused may have become moot meanwhile.
    told = {**(_told(desk, file, asked) if granted else {"what": asked["what"]}), "granted": granted}
    decided = {"decided_by": desk.actor.person_id, "decided_at": desk.occasion.now, "granted": granted}
    desk.store.update(Loosening, {**decided, "decision": reason.strip()}, id=asked_id)
    if granted:
        _loosen(desk, file, asked)
    desk.happened(file, "decide_loosening", post=post, extra=told, content={"reason": reason.strip()})
    return outcome_of(file)


def _told(desk: Desk, file: CaseFile, asked: Row) -> dict[str, object]:
    """What the event says of it; refused where there is nothing to loosen: InvalidForm not_lower, Conflict, NotFound."""
    if asked["what"] == "level":
        return {"what": "level", **_lower(file.row["level"], asked["level"], file.served.definition.level)}
    if asked["what"] == "file":
        stored = stored_on(desk, file, asked["file_id"] or 0)
        return {"what": "file", "file": stored["digest"], **_lower(stored["level"], asked["level"], 0)}
    if asked["what"] == "confinement":
        if not file.row["confined"]:
            raise Conflict(why="not_confined")
        return {"what": "confinement"}
    if asked["what"] == "archive":
        if not require_sealer(desk.context.sealer).is_away(desk.store, file.id):
            raise Conflict(why="not_in_escrow")
        return {"what": "archive"}
    if asked["what"] != "recusal":
        raise InvalidForm(fields={"what": ["bad_value"]})
    barred = desk.store.row(ONE_BARRED, id=asked["barred_id"] or 0, case_id=file.id)
    if barred is None:
        raise NotFound(what="recusal", id=asked["barred_id"])
    return {"what": "recusal", "person": barred["person_id"], "barred_organ": barred["organ_id"]}


def _lower(was: int, level: int | None, least: int) -> dict[str, int]:
    """A case never falls below the level of its kind."""
    if level is None or not least <= level < was:
        raise InvalidForm(fields={"level": ["not_lower"]})
    return {"was": was, "level": level}


def _loosen(desk: Desk, file: CaseFile, asked: Row) -> None:
    under = lock_under(desk.store, desk.context, file.id, desk.occasion)
    if asked["what"] == "level":
        was = file.row["level"]
        for one in (file, *under):
            if one.row["level"] <= was:  # what was raised further by itself stays so
                one.row["level"] = max(min(asked["level"], one.row["level"]), one.served.definition.level)
                bump(one)
    elif asked["what"] == "file":
        desk.store.update(StoredFile, {"level": asked["level"]}, id=asked["file_id"])
    elif asked["what"] == "confinement":
        # What was confined by itself stays so.
        began = _began(desk, file)
        for one in (file, *(one for one in under if _began(desk, one) in (began, WITH_SOURCE))):
            one.row["confined"] = False
            desk.store.run(FORGET_ALL, case_id=one.id)
            bump(one)
    elif asked["what"] == "archive":
        require_sealer(desk.context.sealer).bring_back(desk.store, file.id)
    else:
        desk.store.run(LIFT, id=asked["barred_id"])


def _began(desk: Desk, file: CaseFile) -> object:
    """When the circle was drawn, or that it came with the case that this one came out of; None where there is none."""
    first = desk.store.row(FIRST, case_id=file.id)
    return (first["reason"] if first["reason"] == WITH_SOURCE else first["added_at"]) if first else None
