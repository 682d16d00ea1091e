"""passed: after a restore, what was due since the backup was taken is not climbed step by step a second time (security.md R73).

The steps that have acted stand in the backup, each under its key; of those that were due since, only the last acts, at the
next sweep, as when the ladders of an import are switched on.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select

from workflow import deadlines, ladders
from workflow.casefile import CaseFile
from workflow.cases import lock_any
from workflow.desk import Desk
from workflow.models import Clock
from workflow.recording import write_fired
from workflow.statements import Prepared, Row
from workflow.store import table_of

TOGETHER = 200

_clock = table_of(Clock)
DUE = Prepared(
    select(_clock.c.case_id)
    .where(_clock.c.next_at <= bindparam("now", type_=_clock.c.next_at.type), _clock.c.case_id > bindparam("after"))
    .group_by(_clock.c.case_id)
    .order_by(_clock.c.case_id)
    .limit(TOGETHER)
)


def let_pass(desk: Desk, after: int) -> tuple[int, int | None]:
    """Lets the steps of the next cases pass; how many, and the last case looked at, None at the end."""
    found = [row["case_id"] for row in desk.store.rows(DUE, now=desk.occasion.now, after=after)]
    files = (lock_any(desk.store, desk.context, case_id, desk.occasion) for case_id in found)
    return sum(_of_case(desk, file) for file in files), found[-1] if found else None


def _of_case(desk: Desk, file: CaseFile) -> int:
    passed = sum(_of_clock(desk, file, clock) for clock in file.live_clocks() if clock["next_at"] is not None)
    if passed:
        desk.happened(file, "ladder_on", extra={"mode": "from-now"})
    return passed


def _of_clock(desk: Desk, file: CaseFile, clock: Row) -> int:
    if clock["status"] != "armed" or clock["next_at"] > desk.occasion.now:
        return 0
    steps = ladders.steps(file.served.definition, clock, desk.occasion.calendar)
    due = [one for one in steps if one.rung and one.at <= desk.occasion.now and ladders.is_open(one, clock)]
    for step in due[:-1]:
        write_fired(desk, file, clock, step, "skipped")
    if due[:-1]:
        deadlines.rearm(file, clock, desk.occasion)
    return len(due[:-1])
