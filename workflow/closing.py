"""What ends with a case, whichever verb ends it: its clocks, what was opened under it, the talks that it alone stood on."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, not_, select

from workflow import deadlines
from workflow.agendas import leave_agendas, leave_settled
from workflow.casefile import CaseFile
from workflow.cases import lock_any
from workflow.consent import drop_consent
from workflow.desk import Desk, bump
from workflow.interviews import release_agenda
from workflow.permissions import CASES
from workflow.statements import Prepared

OPEN_CHILDREN = Prepared(
    select(CASES.c.id, CASES.c.kind)
    .where(CASES.c.parent_id == bindparam("parent_id"), not_(CASES.c.final), not_(CASES.c.withdrawn))
    .order_by(CASES.c.id)
)


def end(desk: Desk, file: CaseFile, ground: str) -> None:
    """Brings the case to the final state that this ground belongs to; no clock of it runs on, no talk holds what it held."""
    file.served.machine.place(file, _final_state(file, ground))
    stop_clocks(desk, file)
    drop_consent(file)
    file.row |= {"final": True, "ground": ground, "joinable": False}
    file.row["closed_on"] = file.row["state_since"] = desk.occasion.today
    file.mirror()
    bump(file)
    if file.served.definition.interview is not None:
        release_agenda(desk, file)


def _final_state(file: CaseFile, ground: str) -> str:
    definition = file.served.definition
    with_ground = (t.target_from(file.state) for t in definition.transitions if ground in {g.key for g in t.grounds})
    return next(with_ground, None) or next(state.key for state in definition.states if state.final)


def stop_clocks(desk: Desk, file: CaseFile) -> None:
    """Nothing of the case is due any more."""
    for clock in file.live_clocks():
        deadlines.settle(clock, desk.occasion.today)
    file.mirror()


def end_children(desk: Desk, file: CaseFile, ground: str, kinds: Iterable[str] | None = None) -> None:
    """Ends what was opened under the case (of `kinds`, else all) and is still open, with an event each."""
    wanted = None if kinds is None else set(kinds)
    for row in desk.store.rows(OPEN_CHILDREN, parent_id=file.id):
        if wanted is None or row["kind"] in wanted:
            child = lock_any(desk.store, desk.context, row["id"], desk.occasion)
            end(desk, child, ground)
            desk.happened(child, "ended_with_parent", extra={"parent": file.id}, by_person=False)
            leave_talks(desk, child)


def leave_talks(desk: Desk, file: CaseFile, *, is_handed_on: bool = False) -> None:
    """Talks whose items are all done, or whose promises have ended, before anybody was notified are withdrawn.

    semantics.md §5.
    """
    is_done = file.is_final or file.row["withdrawn"]
    if not (is_done or is_handed_on):
        return
    for interview_id in leave_agendas(desk, file) if is_done else leave_settled(desk, file):
        _withdraw_talk(desk, lock_any(desk.store, desk.context, interview_id, desk.occasion))


def _withdraw_talk(desk: Desk, interview: CaseFile) -> None:
    rule = interview.served.definition.interview
    assert rule is not None, "only interviews have agendas"
    found = interview.served.definition.transition_by_edge.get((interview.state, rule.withdrawn_by))
    if found is not None:
        end(desk, interview, next((ground.key for ground in found.grounds), ""))
        desk.happened(interview, "fire", trigger=found.trigger, extra={"why": "all_closed"}, by_person=False)
