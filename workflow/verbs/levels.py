"""raise_level, raise_file: a case, or one of its files, is for fewer people from now on. Two people lower it (loosening.py).

Rule: security.md R20 (the handler raises at once; the level is lowered with approval only).
"""

from __future__ import annotations

from sqlalchemy import and_, bindparam, select

from states.errors import InvalidForm, NotFound
from workflow.casefile import CaseFile
from workflow.cases import lock, lock_under
from workflow.desk import Desk, bump
from workflow.models import Evidence, StoredFile
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.types import GrantFact, Outcome
from workflow.verbs.circle import require_reason
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import require_post

_file, _evidence = table_of(StoredFile), table_of(Evidence)
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
        was = one.row["level"]
        if was < level:
            one.row["level"] = level
            bump(one)
            desk.happened(one, "raise_level", post=post, extra={"was": was, "level": level}, content={"reason": reason.strip()})
    return outcome_of(file)


def raise_file(desk: Desk, case_id: int, *, file_id: int, level: int, reason: str) -> Outcome:
    """One file of the case asks for this ceiling from now on, which may be above that of the case."""
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    post = require_raiser(desk, file)
    require_reason(reason)
    stored = stored_on(desk, file, file_id)
    _require_higher(post, max(stored["level"], file.row["level"]), level)
    desk.store.update(StoredFile, {"level": level}, id=file_id)
    told = {"file": stored["digest"], "was": stored["level"], "level": level}
    desk.happened(file, "raise_file", post=post, extra=told, content={"reason": reason.strip()})
    return outcome_of(file)


def require_raiser(desk: Desk, file: CaseFile) -> GrantFact | None:
    """The post in which the actor may raise: he works for the body that supervises the case or holds it."""
    return require_post(desk, file, ("supervisor", "holder"))


def stored_on(desk: Desk, file: CaseFile, file_id: int) -> Row:
    """The id, level, digest and event of a file of the case, or NotFound."""
    stored = desk.store.row(ON_CASE, case_id=file.id, file_id=file_id)
    if stored is None:
        raise NotFound(what="file", id=file_id)
    return stored


def _require_higher(post: GrantFact | None, was: int, level: int) -> None:
    """Whoever raised it above his own ceiling could not say what he had done, and perhaps nobody could undo it."""
    most = post.ceiling if post else 3
    if not was < level <= most:
        raise InvalidForm(fields={"level": ["not_higher" if level <= was else "above_own"]})
