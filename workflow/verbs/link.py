"""link: two cases belong together. Both must be visible to whoever says so, and to whoever is shown it."""

from __future__ import annotations

from states.errors import BadInput
from workflow.cases import lock
from workflow.desk import Desk
from workflow.models import Link
from workflow.types import Outcome
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import require_post

BY_HAND = ("related", "previous")


def link(desk: Desk, case_id: int, *, other_id: int, relation: str = "related") -> Outcome:
    """Links both ways of reading; a link that is there stays as it is."""
    if relation not in BY_HAND or case_id == other_id:
        raise BadInput(why="bad_link", relation=relation)
    first, second = sorted((case_id, other_id))
    files = {i: lock(desk.store, desk.context, i, desk.occasion, desk.actor) for i in (first, second)}
    file = files[case_id]
    post = require_post(desk, file, ("supervisor", "holder"))
    desk.context.add(Link, {"case_id": case_id, "other_id": other_id, "relation": relation})
    desk.happened(file, "link", post=post, extra={"other": other_id, "relation": relation})
    return outcome_of(file)
