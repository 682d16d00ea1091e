"""bar, keep_on: a person or an organ is off a case at once, in every list, count, notice and open session (回避); or stays."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, select

from states.errors import BadInput, InvalidForm, NotFound, NotPermitted
from workflow.barring import barring_of
from workflow.casefile import CaseFile
from workflow.cases import lock, lock_under
from workflow.consent import drop_consent
from workflow.desk import Desk, bump
from workflow.models import Barred, Person, RecusalHint
from workflow.notices import forget_where_unknown, notify
from workflow.people.accounts import end_all
from workflow.statements import Prepared
from workflow.store import table_of
from workflow.types import GrantFact, Notify, Outcome
from workflow.verbs.levels import drop_wishes
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import LEADING_ROLES, open_file, require_post, require_reader

_person = table_of(Person)
PERSON = Prepared(select(_person.c.id).where(_person.c.id == bindparam("id")))

# Whose turn it is to hand the work on.
NOBODY_HANDLES = Notify(("head@holder",), "nobody_handles")
HOLDER_OFF = Notify(("handler@supervisor", "head@supervisor"), "holder_off")

_hint = table_of(RecusalHint)
HINT = Prepared(select(_hint).where(_hint.c.case_id == bindparam("case_id"), _hint.c.person_id == bindparam("person_id")))


def bar(desk: Desk, case_id: int, *, reason: str, person_id: int | None = None, organ_id: int | None = None) -> Outcome:
    """Bars exactly one of person and organ, here and from what was opened under the case.

    The supervisor's people may, and anybody may bar himself; also from a case that has ended, which is read and reopened (R21).
    """
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    is_own = person_id is not None and person_id == desk.actor.person_id
    post = require_reader(desk, file) if is_own else require_post(desk, file, ("supervisor",))
    _require_plain(desk, file, reason, person_id, organ_id)
    off = Off(person_id, organ_id, reason)
    _end_sessions(desk, person_id, organ_id)
    if person_id is not None:
        desk.store.update(RecusalHint, {"settled_at": desk.occasion.now}, case_id=file.id, person_id=person_id)
    for under in lock_under(desk.store, desk.context, file.id, desk.occasion):
        if organ_id != under.row["supervisor_id"]:
            take_off(desk, under, off, post)
    take_off(desk, file, off, post)
    return outcome_of(file)


class Off(NamedTuple):
    """Who is taken off, exactly one of the two, and why."""

    person_id: int | None
    organ_id: int | None
    reason: str


def take_off(desk: Desk, file: CaseFile, off: Off, post: GrantFact | None) -> None:
    """From now on the case is not there for whoever is taken off it; whoever may say so is asked before."""
    row = {"case_id": file.id, **off._asdict()}
    desk.store.insert(Barred, [row], ignore_conflict=True)
    drop_consent(file)  # The word of somebody who is taken off the case carries no step.
    barring, roster = barring_of(desk.store, file.row, desk.occasion), desk.occasion.roster
    forget_where_unknown(desk, file)
    drop_wishes(desk, file, of=off.person_id)
    assignee, cause = file.row["assignee_id"], f"bar:{file.row['seq']}"
    if assignee is not None and barring.bars(assignee, roster):
        file.row["assignee_id"] = None
        bump(file)
        if not file.is_final:
            notify(desk, file, NOBODY_HANDLES, cause)
    if off.organ_id == file.row["holder_id"] and not file.is_final:
        notify(desk, file, HOLDER_OFF, cause)
    extra = {"person": off.person_id, "barred_organ": off.organ_id}
    desk.happened(file, "bar", post=post, extra=extra, content={"reason": off.reason})


def keep_on(desk: Desk, case_id: int, *, person_id: int, reason: str) -> Outcome:
    """Whom a hint says to take off stays, for a reason: he is another of that name, or not near. Never by himself."""
    file = open_file(desk, case_id)
    post = require_post(desk, file, ("supervisor",), LEADING_ROLES)
    if not reason.strip():
        raise InvalidForm(fields={"reason": ["required"]})
    if person_id == desk.actor.person_id:
        raise NotPermitted(why="separation_own_hint")
    hint = desk.store.row(HINT, case_id=file.id, person_id=person_id)
    if hint is None or hint["settled_at"] is not None:
        raise NotFound(what="hint", id=person_id)
    desk.store.update(RecusalHint, {"settled_at": desk.occasion.now}, case_id=file.id, person_id=person_id)
    desk.happened(file, "keep_on", post=post, extra={"person": person_id}, content={"reason": reason.strip()})
    return outcome_of(file)


def _end_sessions(desk: Desk, person_id: int | None, organ_id: int | None) -> None:
    """Whoever is taken off signs in again, so that no page of his still shows the case (R5); who bars himself knows it."""
    organs_of = desk.occasion.roster.organs_of
    barred = {person_id} if person_id else {one for one, organs in organs_of.items() if organ_id in organs}
    for one in sorted(barred - {None, desk.actor.person_id}, key=int):
        end_all(desk.store, person_id=one, now=desk.occasion.now)


def _require_plain(desk: Desk, file: CaseFile, reason: str, person_id: int | None, organ_id: int | None) -> None:
    faults = {} if reason.strip() else {"reason": ["required"]}
    if (person_id is None) == (organ_id is None):
        faults["person"] = ["one_of_two"]
    if faults:
        raise InvalidForm(fields=faults)
    if person_id is not None and desk.store.row(PERSON, id=person_id) is None:
        raise NotFound(what="person", id=person_id)
    if organ_id is not None:
        desk.occasion.tree.organ(organ_id)
    if organ_id == file.row["supervisor_id"]:
        raise BadInput(why="sponsor_stays")  # Nobody would be left to hand the case on.
