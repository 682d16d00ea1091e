"""confine, let_in, leave_out: a case is known to people by name only (知情范围), each of whom is in or out for a reason.

Rule: 检控规则 art. 15 (the circle of those who know is not widened). Whoever works for the supervising body narrows it: nobody
hides a case of his own from who checks it. The leaders of that body and of the one that holds the case widen it; they know by
rule.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, delete

from states.errors import Conflict, InvalidForm
from states.questions import told_with
from workflow.barring import barring_of, circle_of
from workflow.casefile import CaseFile
from workflow.cases import lock, lock_under
from workflow.consent import drop_consent
from workflow.desk import Desk, bump
from workflow.models import Knower
from workflow.notices import forget_notices, forget_where_unknown
from workflow.people.accounts import end_all
from workflow.readers import readers_of
from workflow.statements import Prepared
from workflow.store import table_of
from workflow.types import GrantFact, Outcome
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import LEADING_ROLES, require_post

REASON_AT_MOST = 500
_knower = table_of(Knower)
FORGET = Prepared(
    delete(_knower).where(_knower.c.case_id == bindparam("case_id"), _knower.c.person_id == bindparam("person_id"))
)


def confine(desk: Desk, case_id: int, *, reason: str, people: tuple[int, ...] = ()) -> Outcome:
    """From now on only `people` know of it, with the actor, the assignee and who leads the two bodies. Conflict confined.

    So it is with what was opened under it, of which also its own assignee and bodies know.
    """
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    post = require_narrower(desk, file)
    require_reason(reason)
    if file.row["confined"]:
        raise Conflict(why="confined")
    _require_readers(desk, file, people)
    _confine(desk, file, people, reason, post)
    known = tuple(sorted(circle_of(desk.store, file.row, desk.occasion.roster)))
    for under in lock_under(desk.store, desk.context, file.id, desk.occasion):
        if not under.row["confined"]:
            _confine(desk, under, known, reason, post)
    return outcome_of(file)


def _confine(desk: Desk, file: CaseFile, people: tuple[int, ...], reason: str, post: GrantFact | None) -> None:
    named = dict.fromkeys(one for one in (desk.actor.person_id, file.row["assignee_id"], *people) if one is not None)
    file.row["confined"] = True
    add(desk, file, named, reason)
    bump(file)
    forget_where_unknown(desk, file)
    desk.happened(file, "confine", post=post, extra={"people": list(named)}, content={"reason": reason.strip()})


def let_in(desk: Desk, case_id: int, *, person_id: int, reason: str) -> Outcome:
    """Somebody who could read the case by his post may know of it, and of what is under it, from now on.

    InvalidForm reads_nothing for anybody else.
    """
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    post = require_widener(desk, file)
    require_reason(reason)
    _require_confined(file)
    _require_readers(desk, file, (person_id,))
    for one in (file, *lock_under(desk.store, desk.context, file.id, desk.occasion)):
        if one.row["confined"]:
            add(desk, one, (person_id,), reason)
            desk.happened(one, "let_in", post=post, extra={"person": person_id}, content={"reason": reason.strip()})
    return outcome_of(file)


def leave_out(desk: Desk, case_id: int, *, person_id: int, reason: str) -> Outcome:
    """Somebody's name is struck: he loses the case, and what was opened under it, at once.

    InvalidForm by_rule for who leads a body that answers for it.
    """
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    post = require_narrower(desk, file)
    require_reason(reason)
    _require_confined(file)
    if not strike(desk, file, person_id, reason, post):
        raise InvalidForm(fields={"person": ["not_in_the_circle"]})
    if person_id in circle_of(desk.store, file.row, desk.occasion.roster):
        raise InvalidForm(fields={"person": ["by_rule"]})
    for under in lock_under(desk.store, desk.context, file.id, desk.occasion):
        strike(desk, under, person_id, reason, post)
    end_all(desk.store, person_id=person_id, now=desk.occasion.now)
    return outcome_of(file)


def strike(desk: Desk, file: CaseFile, person_id: int, reason: str, post: GrantFact | None) -> bool:
    """Strikes a name off the circle; whether it was there."""
    if not desk.store.run(FORGET, case_id=file.id, person_id=person_id):
        return False
    drop_consent(file)
    forget_notices(desk.store, file, [person_id])
    if file.row["assignee_id"] == person_id:
        file.row["assignee_id"] = None
        bump(file)
    desk.happened(file, "leave_out", post=post, extra={"person": person_id}, content={"reason": reason.strip()})
    return True


# ---- who may, and what it takes -------------------------------------------------------------------------------------------


def require_narrower(desk: Desk, file: CaseFile) -> GrantFact | None:
    """The post in which the actor may narrow the circle: any at the supervising body."""
    return require_post(desk, file, ("supervisor",))


def require_widener(desk: Desk, file: CaseFile) -> GrantFact | None:
    """The post in which the actor may widen it: he leads one of the two bodies."""
    return require_post(desk, file, ("supervisor", "holder"), LEADING_ROLES)


def require_reason(reason: str) -> None:
    """Each change of who may know says why."""
    if not reason.strip():
        raise InvalidForm(fields={"reason": ["required"]})
    if len(reason) > REASON_AT_MOST:
        raise InvalidForm(fields={"reason": [told_with("too_long", len(reason), REASON_AT_MOST)]})


def _require_confined(file: CaseFile) -> None:
    if not file.row["confined"]:
        raise Conflict(why="not_confined")


def _require_readers(desk: Desk, file: CaseFile, people: Iterable[int]) -> None:
    """The circle opens a case to nobody whose post does not, nor to anybody who was taken off it."""
    open_row = {**file.row, "confined": False}
    barring = barring_of(desk.store, open_row, desk.occasion)
    may = {one.person_id for one, _post in readers_of(desk.store, desk.occasion, open_row)}
    if any(person not in may or barring.takes_off(person, desk.occasion.roster) for person in people):
        raise InvalidForm(fields={"person": ["reads_nothing"]})


def add(desk: Desk, file: CaseFile, people: Iterable[int], reason: str) -> None:
    """Puts names on the circle; whether they may know of the case is asked before."""
    told = {"case_id": file.id, "reason": reason.strip(), "added_by": desk.actor.person_id, "added_at": desk.occasion.now}
    desk.store.insert(Knower, [{**told, "person_id": person} for person in people], ignore_conflict=True)
