"""link, unlink: two cases belong together. Both must be visible to whoever says so, and to whoever is shown it."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, or_

from states.errors import BadInput
from workflow.casefile import CaseFile
from workflow.cases import lock
from workflow.desk import Desk
from workflow.models import Link
from workflow.statements import Prepared
from workflow.store import table_of
from workflow.types import GrantFact, Outcome
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import require_post

BY_HAND = ("related", "previous")

_link = table_of(Link)
_ends = (_link.c.case_id, _link.c.other_id)
UNLINK = Prepared(
    delete(_link).where(
        _link.c.relation == bindparam("relation"),
        or_(*(and_(begin == bindparam("one"), end == bindparam("other")) for begin, end in (_ends, _ends[::-1]))),
    )
)


def link(desk: Desk, case_id: int, *, other_id: int, relation: str = "related") -> Outcome:
    """Links both ways of reading; a link that is there stays as it is."""
    file, post = _both(desk, case_id, other_id, relation)
    desk.context.add(Link, {"case_id": case_id, "other_id": other_id, "relation": relation})
    desk.happened(file, "link", post=post, extra={"other": other_id, "relation": relation})
    return outcome_of(file)


def unlink(desk: Desk, case_id: int, *, other_id: int, relation: str = "related") -> Outcome:
    """Takes a link away whichever end said it; only what was said by hand, never what a verb or a rung has linked."""
    file, post = _both(desk, case_id, other_id, relation)
    if not desk.store.run(UNLINK, one=case_id, other=other_id, relation=relation):
        raise BadInput(why="not_linked", relation=relation)
    desk.happened(file, "unlink", post=post, extra={"other": other_id, "relation": relation})
    return outcome_of(file)


def _both(desk: Desk, case_id: int, other_id: int, relation: str) -> tuple[CaseFile, GrantFact | None]:
    """The case, locked with the other one, and the post in which its links are kept."""
    if relation not in BY_HAND or case_id == other_id:
        raise BadInput(why="bad_link", relation=relation)
    first, second = sorted((case_id, other_id))
    files = {i: lock(desk.store, desk.context, i, desk.occasion, desk.actor) for i in (first, second)}
    return files[case_id], require_post(desk, files[case_id], ("supervisor", "holder"))
