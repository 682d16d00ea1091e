"""raise_level, raise_file: a case, or one of its files, is for fewer people from now on. Two people lower it (loosening.py).

Rule: security.md R20 (the handler raises at once; the level is lowered with approval only).
"""

from __future__ import annotations

from sqlalchemy import and_, bindparam, select

from states.errors import InvalidForm, NotFound
from workflow.barring import ANSWERING
from workflow.casefile import CaseFile
from workflow.cases import lock, lock_under
from workflow.consent import drop_consent
from workflow.desk import Desk, bump
from workflow.models import Evidence, Loosening, StoredFile
from workflow.notices import forget_where_unknown
from workflow.permissions import standings
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.types import GrantFact, Outcome
from workflow.verbs.assign import assignable
from workflow.verbs.circle import require_reason
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import require_post

_file, _evidence, _loosening = table_of(StoredFile), table_of(Evidence), table_of(Loosening)
ON_CASE = Prepared(
    select(_file.c.id, _file.c.level, _file.c.digest, _evidence.c.seq)
    .join(_evidence, and_(_evidence.c.file_id == _file.c.id, _evidence.c.undone_seq.is_(None)))
    .where(_evidence.c.case_id == bindparam("case_id"), _file.c.id == bindparam("file_id"))
)


def raise_level(desk: Desk, case_id: int, *, level: int, reason: str) -> Outcome:
    """The case, and what was opened under it, asks for this ceiling from now on, in every list, notice and open session.

    Never above the actor's own.
    """
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    post = require_raiser(desk, file)
    require_reason(reason)
    _require_higher(post, file.row["level"], level)
    for one in (file, *lock_under(desk.store, desk.context, file.id, desk.occasion)):
        put_up(desk, one, level, reason, post)
    return outcome_of(file)


def put_up(desk: Desk, file: CaseFile, level: int, reason: str, post: GrantFact | None) -> bool:
    """The case asks for this ceiling where it asked for less, whoever may say so; whether it did."""
    was = file.row["level"]
    if was >= level:
        return False
    file.row["level"] = level
    _let_go(desk, file)
    desk.happened(file, "raise_level", post=post, extra={"was": was, "level": level}, content={"reason": reason.strip()})
    return True


def raise_file(desk: Desk, case_id: int, *, file_id: int, level: int, reason: str) -> Outcome:
    """One file of the case asks for this ceiling from now on, which may be above that of the case."""
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    post = require_raiser(desk, file)
    require_reason(reason)
    stored = stored_on(desk, file, file_id)
    _require_higher(post, max(stored["level"], file.row["level"]), level)
    desk.store.update(StoredFile, {"level": level}, id=file_id)
    drop_wishes(desk, file, what="file")
    told = {"file": stored["digest"], "was": stored["level"], "level": level}
    desk.happened(file, "raise_file", post=post, extra=told, content={"reason": reason.strip()})
    return outcome_of(file)


def _let_go(desk: Desk, file: CaseFile) -> None:
    """Whoever the raised case is above now works on it no more, is told nothing of it, and what was asked before is void."""
    assignee, row = file.row["assignee_id"], file.row
    if assignee is not None and assignee not in assignable(desk.occasion.roster, row["holder_id"] or 0, row["level"]):
        row["assignee_id"] = None
        drop_consent(file)
    bump(file)
    forget_where_unknown(desk, file)
    drop_wishes(desk, file, what="level")


def drop_wishes(desk: Desk, file: CaseFile, *, what: str | None = None, of: int | None = None) -> None:
    """Wishes to loosen (of this kind, of this person) that wait are refused by the course of things: nobody decided them."""
    found = _loosening.c.what == what if what is not None else _loosening.c.asked_by == of
    waiting = (_loosening.c.case_id == file.id, _loosening.c.decided_at.is_(None), found)
    desk.store.execute(_loosening.update().values(decided_at=desk.occasion.now, granted=False).where(*waiting))


def require_raiser(desk: Desk, file: CaseFile) -> GrantFact | None:
    """The post in which the actor may raise: he works for the body that supervises the case or holds it."""
    return require_post(desk, file, ("supervisor", "holder"))


def stored_on(desk: Desk, file: CaseFile, file_id: int) -> Row:
    """The id, level, digest and event of a file of the case that the actor is cleared for, or NotFound."""
    stored = desk.store.row(ON_CASE, case_id=file.id, file_id=file_id)
    if stored is None or not _reaches(desk, file, stored["level"]):
        raise NotFound(what="file", id=file_id)
    return stored


def _reaches(desk: Desk, file: CaseFile, level: int) -> bool:
    """Has the actor a post at one of the two bodies that reaches this level?"""
    at_level = {**file.row, "level": max(level, file.row["level"])}
    return desk.actor.sees_all or any(one.relation in ANSWERING for one in standings(desk.actor, at_level))


def _require_higher(post: GrantFact | None, was: int, level: int) -> None:
    """Whoever raised it above his own ceiling could not say what he had done, and perhaps nobody could undo it."""
    most = post.ceiling if post else 3
    if not was < level <= most:
        raise InvalidForm(fields={"level": ["not_higher" if level <= was else "above_own"]})
