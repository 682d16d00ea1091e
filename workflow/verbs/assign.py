"""assign: names the person inside the holder who handles the case. The holder itself changes only by a transition."""

from __future__ import annotations

from states.errors import BadInput
from workflow.desk import Desk, bump
from workflow.notices import tell
from workflow.types import Notify, Outcome
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import open_file, require_post


def assign(desk: Desk, case_id: int, *, person_id: int | None) -> Outcome:
    """Sets or clears the assignee, who must hold a post in the holder."""
    file = open_file(desk, case_id)
    post = require_post(desk, file, ("holder",))
    if person_id is not None and not _belongs(desk, person_id, file.row["holder_id"]):
        raise BadInput(why="not_of_holder", person=person_id)
    file.row["assignee_id"] = person_id
    bump(file)
    desk.happened(file, "assign", post=post, extra={"assignee": person_id})
    if person_id is not None and person_id != desk.actor.person_id:
        tell(desk, file, (person_id,), Notify((), "assigned", {"name": desk.actor.name}), f"assign:{file.row['seq']}")
    return outcome_of(file)


def _belongs(desk: Desk, person_id: int, organ_id: int) -> bool:
    holders = desk.occasion.roster.holders
    return any(person_id in people for (organ, _role), people in holders.items() if organ == organ_id)
