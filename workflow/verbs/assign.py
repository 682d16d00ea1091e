"""assign: names the person inside the holder who handles the case. The holder itself changes only by a transition."""

from __future__ import annotations

from states.errors import BadInput
from workflow.barring import barring_of
from workflow.desk import Desk, bump
from workflow.notices import tell
from workflow.roster import Roster
from workflow.types import Notify, Outcome
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import WORKING_ROLES, open_file, require_post


def assign(desk: Desk, case_id: int, *, person_id: int | None) -> Outcome:
    """Sets or clears the assignee, who holds a working post in the holder and is neither taken off the case nor left out."""
    file = open_file(desk, case_id)
    post = require_post(desk, file, ("holder",))
    if person_id is not None and person_id not in assignable(desk.occasion.roster, file.row["holder_id"], file.row["level"]):
        raise BadInput(why="not_of_holder", person=person_id)
    barring = barring_of(desk.store, file.row, desk.occasion)
    if person_id is not None and barring.bars(person_id, desk.occasion.roster):
        is_off = barring.takes_off(person_id, desk.occasion.roster)
        raise BadInput(why="person_barred" if is_off else "not_in_the_circle", person=person_id)
    file.row["assignee_id"] = person_id
    bump(file)
    desk.happened(file, "assign", post=post, extra={"assignee": person_id})
    if person_id is not None and person_id != desk.actor.person_id:
        tell(desk, file, (person_id,), Notify((), "assigned", {"name": desk.actor.name}), f"assign:{file.row['seq']}")
    return outcome_of(file)


def assignable(roster: Roster, organ_id: int, level: int) -> frozenset[int]:
    """The people of the organ who handle cases of this level; its administrators do not."""
    return frozenset(person for role in WORKING_ROLES for person in roster.holding(role, organ_id, level))
