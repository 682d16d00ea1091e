"""switch_on: lets the ladders of an import run, after the supervisor has seen what they would do (semantics.md §8).

`from-now`: of the rungs that are past, only the last fires, at the next sweep. `catch-up`: all of them, in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from workflow import deadlines, ladders
from workflow.casefile import CaseFile
from workflow.cases import lock_any
from workflow.dates import local_day
from workflow.definitions import Catalogue
from workflow.desk import Desk
from workflow.models import Clock
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.recording import write_fired
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

MODES = ("from-now", "catch-up")

_clock = table_of(Clock)
CASES_OF_IMPORT = Prepared(
    select(CASES.c.id)
    .where(CASES.c.import_id == bindparam("import_id"), CASES.c.id > bindparam("after"))
    .order_by(CASES.c.id)
    .limit(bindparam("limit"))
)
SLEEPING = Prepared(
    select(_clock, CASES.c.definition_version_id, CASES.c.subject_id)
    .join(CASES, CASES.c.id == _clock.c.case_id)
    .where(CASES.c.import_id == bindparam("import_id"), _clock.c.status == "armed", ~_clock.c.ladder_on)
    .order_by(_clock.c.case_id, _clock.c.key)
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would happen at the next sweep: clocks by the last rung that is due, and how many organs would be interviewed."""

    rungs: dict[str, int]
    interviews: int
    late: int


def forecast(store: Store, occasion: Occasion, import_id: int) -> Forecast:
    """Read-only: the same steps the sweep would take, counted."""
    rungs: Counter[str] = Counter()
    interviewed: set[int] = set()
    late = 0
    for row in store.rows(SLEEPING, import_id=import_id):
        due = _due_steps(row, occasion, occasion.catalogue)
        late += row["due_on"] is not None and row["due_on"] < occasion.today
        if due:
            rungs[due[-1].key] += 1
        if any(step.rung and step.rung.holds for step in due):
            interviewed.add(row["subject_id"])
    return Forecast(dict(rungs), len(interviewed), late)


def _due_steps(row: Row, occasion: Occasion, catalogue: Catalogue) -> list[ladders.Step]:
    definition = catalogue.of_version(row["definition_version_id"]).definition
    awake = {**row, "ladder_on": True}
    steps = ladders.steps(definition, awake, occasion.calendar)
    return [s for s in steps if s.at <= occasion.now and s.rung and local_day(s.at) > row["started_on"]]


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
