"""switch_on: lets the ladders of an import run, after the supervisor has seen what they would do (semantics.md §8).

`from-now`: of the rungs that are past, only the last fires, at the next sweep. `catch-up`: all of them, in order.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, func, not_, select

from workflow import deadlines, ladders
from workflow.casefile import CaseFile
from workflow.cases import lock_any
from workflow.dates import local_day
from workflow.desk import Desk
from workflow.models import Clock
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.recording import write_fired
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

FROM_NOW = "from-now"
MODES = (FROM_NOW, "catch-up")

_clock = table_of(Clock)
CASES_OF_IMPORT = Prepared(
    select(CASES.c.id)
    .where(CASES.c.import_id == bindparam("import_id"), CASES.c.id > bindparam("after"))
    .order_by(CASES.c.id)
    .limit(bindparam("limit"))
)
LATE = Prepared(
    select(func.count().label("n"))
    .select_from(_clock)
    .join(CASES, CASES.c.id == _clock.c.case_id)
    .where(
        CASES.c.import_id == bindparam("import_id"),
        not_(CASES.c.withdrawn),
        _clock.c.status == "armed",
        not_(_clock.c.ladder_on),
        _clock.c.due_on < bindparam("today", type_=_clock.c.due_on.type),
    )
)


def count_late(store: Store, occasion: Occasion, import_id: int) -> int:
    """How many sleeping clocks of the import are past their limit."""
    row = store.row(LATE, import_id=import_id, today=occasion.today)
    return int(row["n"]) if row else 0


def cases_of(store: Store, import_id: int, *, after: int, limit: int) -> list[int]:
    """The next cases of an import by ascending id."""
    return [row["id"] for row in store.rows(CASES_OF_IMPORT, import_id=import_id, after=after, limit=limit)]


def switch_on(desk: Desk, case_ids: Iterable[int], mode: str) -> int:
    """Arms the sleeping ladders of these cases; how many clocks began to run."""
    return sum(_switch(desk, lock_any(desk.store, desk.context, case_id, desk.occasion), mode) for case_id in case_ids)


def _switch(desk: Desk, file: CaseFile, mode: str) -> int:
    sleeping = [clock for clock in file.live_clocks() if not clock["ladder_on"]]
    for clock in sleeping:
        _wake(desk, file, clock, mode)
    if sleeping:
        desk.happened(file, "ladder_on", extra={"mode": mode})
    return len(sleeping)


def _wake(desk: Desk, file: CaseFile, clock: Row, mode: str) -> None:
    clock["ladder_on"] = True
    steps = [s for s in ladders.steps(file.served.definition, clock, desk.occasion.calendar) if s.rung]
    past = [s for s in steps if s.at <= desk.occasion.now and local_day(s.at) > clock["started_on"]]
    short = [s for s in steps if local_day(s.at) <= clock["started_on"]]
    for step in short:
        write_fired(desk, file, clock, step, "too_short")
    for step in past[:-1] if mode == "from-now" else []:
        write_fired(desk, file, clock, step, "before_import")
    deadlines.rearm(file, clock, desk.occasion)
