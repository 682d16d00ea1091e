"""pause, resume: the clocks of a case stop for real, with a reason, an approver, a maximum and an automatic resume."""

from __future__ import annotations

from states.errors import InvalidForm, TransitionRefused
from states.questions import told_with
from workflow import deadlines
from workflow.casefile import CaseFile
from workflow.desk import Desk, bump
from workflow.types import Outcome
from workflow.verbs.approvals import OF_SPONSOR, find_approver
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import LEADING_ROLES, open_file, require_post


def pause(desk: Desk, case_id: int, *, reason: str, approver: str, max_days: int) -> Outcome:
    """Stops every clock of the case for at most `max_days` calendar days; the supervisor's leader decides."""
    file = open_file(desk, case_id)
    post = require_post(desk, file, ("supervisor",), LEADING_ROLES)
    faults = {name: ["required"] for name, value in (("reason", reason), ("approver", approver)) if not value.strip()}
    longest = _longest(file)
    if not 1 <= max_days <= longest:
        faults["max_days"] = [told_with("beyond_days", longest)]
    if faults:
        raise InvalidForm(fields=faults)
    if deadlines.is_stopped(file, deadlines.PAUSED):
        raise TransitionRefused(why=[{"name": "is_paused"}])
    named = find_approver(desk, file, approver, OF_SPONSOR, "approver")
    deadlines.pause(file, desk.occasion, max_days=max_days)
    bump(file)
    desk.happened(
        file,
        "pause",
        post=post,
        extra={"max_days": max_days, "approved_by": named.id},
        content={"reason": reason, "approver": named.name},
    )
    return outcome_of(file)


def _longest(file: CaseFile) -> int:
    rules = [clock.pause.max_days for clock in file.served.definition.clocks if clock.pause]
    return max(rules, default=0)


def resume(desk: Desk, case_id: int, *, reason: str) -> Outcome:
    """Lets the clocks go on: each date moves by the days it stood, its rungs with it. What a step holds, a step releases."""
    file = open_file(desk, case_id)
    post = require_post(desk, file, ("supervisor",))
    why = not_to_resume(file)
    if why:
        raise TransitionRefused(why=[{"name": why}])
    deadlines.resume(file, desk.occasion)
    bump(file)
    desk.happened(file, "resume", post=post, content={"reason": reason})
    return outcome_of(file)


def not_to_resume(file: CaseFile) -> str:
    """Why there is nothing for `resume` to let go, or ""."""
    if deadlines.is_stopped(file, deadlines.PAUSED):
        return ""
    return "is_held" if deadlines.is_stopped(file, deadlines.HELD) else "is_not_paused"
