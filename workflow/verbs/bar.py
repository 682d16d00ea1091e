"""bar: takes a person or an organ off a case at once, in every list, count, notice and open session (回避)."""

from __future__ import annotations

from states.errors import InvalidForm
from workflow.desk import Desk
from workflow.models import Barred
from workflow.types import Outcome
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import open_file, require_post


def bar(desk: Desk, case_id: int, *, reason: str, person_id: int | None = None, organ_id: int | None = None) -> Outcome:
    """Bars exactly one of person and organ; the supervisor's people may, and anybody may bar himself."""
    file = open_file(desk, case_id)
    if not reason.strip() or (person_id is None) == (organ_id is None):
        raise InvalidForm(fields={"reason": ["required"]})
    post = None
    if person_id is None or person_id != desk.actor.person_id:
        post = require_post(desk, file, ("supervisor",))
    row = {"case_id": file.id, "person_id": person_id, "organ_id": organ_id, "reason": reason}
    desk.store.insert(Barred, [row], ignore_conflict=True)
    desk.happened(
        file,
        "bar",
        post=post,
        extra={"person": person_id, "barred_organ": organ_id},
        content={"reason": reason},
    )
    return outcome_of(file)
