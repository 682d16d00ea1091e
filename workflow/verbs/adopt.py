"""adopt: puts a half-way case of an old ledger on ours (semantics.md §8).

One `imported` event with state, cycle and the start of every clock, after flagged events for each dated column. Replay takes
it as a jump. Rungs before the import are recorded and do nothing; nothing fires before the ladder of the import is on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from states.definition import Clock as ClockRule
from states.errors import BadInput
from workflow import deadlines, halfway
from workflow.casefile import CaseFile
from workflow.cases import new_file
from workflow.dates import due_on, local_time
from workflow.desk import Desk
from workflow.models import ImportRow, Party, Request
from workflow.types import Outcome
from workflow.verbs.extension import latest_date
from workflow.verbs.open import outcome_of


@dataclass(frozen=True, slots=True)
class Adoption:
    """A case as the old ledger has it. `starts` are known starts of clocks; `past` are (column, day) of dated columns.

    `settled` are clocks that the old ledger says are done, `extension` is (clock, words) where a later date was asked for and
    is not decided, `assisting` are units beside the holder.
    """

    kind: str
    title: str
    subject_id: int
    supervisor_id: int
    state: str
    import_id: int
    row: int
    digest: str
    holder_id: int | None = None
    old_number: str = ""
    opened_on: date | None = None
    closed_on: date | None = None
    ground: str | None = None
    cycle: int = 1
    due_on: date | None = None
    start_basis: str = "import"
    data: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    starts: Mapping[str, date] = field(default_factory=dict)
    past: tuple[tuple[str, date], ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)
    settled: tuple[str, ...] = ()
    extension: tuple[str, str] | None = None
    assisting: tuple[int, ...] = ()
    parent_of: tuple[Adoption, ...] = ()


def adopt(desk: Desk, adoption: Adoption, parent: CaseFile | None = None) -> Outcome:
    """The adopted case; its measures (children) come with it in the same transaction."""
    served = desk.occasion.catalogue.of_kind(adoption.kind)
    if adoption.state not in served.definition.state_by_key:
        raise BadInput(why="unknown_state", state=adoption.state)
    file = _file(desk, adoption, parent)
    for name, day in sorted(adoption.past, key=lambda told: told[1]):
        at = local_time(day, 0)
        desk.happened(file, "imported_column", extra={"column": name, "flagged": True}, happened_at=at)
    _place(desk, file, adoption)
    _begin_clocks(desk, file, adoption)
    extra = {"import": adoption.import_id, "row": adoption.row, "start_basis": adoption.start_basis}
    clocks = {clock["key"]: clock["started_on"] for clock in file.clocks}
    content = {"extras": dict(adoption.extras)}
    desk.happened(file, "imported", extra={**extra, "clocks": clocks}, content=content)
    if parent is None:
        row = {"import_id": adoption.import_id, "row": adoption.row, "digest": adoption.digest}
        desk.context.add(ImportRow, {**row, "case_id": file.id})
    if adoption.extension is not None:
        _ask(desk, file, *adoption.extension)
    children = [adopt(desk, child, file).case_id for child in adoption.parent_of]
    held = {desk.context.files[case_id].row["holder_id"] for case_id in children}
    for unit_id in sorted({*adoption.assisting, *held} - {file.row["holder_id"]}):
        unit = {"case_id": file.id, "organ_id": unit_id, "relation": "measure_unit", "upto_seq": None}
        desk.context.add(Party, unit)
    return outcome_of(file)


def _file(desk: Desk, adoption: Adoption, parent: CaseFile | None) -> CaseFile:
    extra = {"import_id": adoption.import_id, "old_number": adoption.old_number, "cycle": adoption.cycle}
    if adoption.opened_on:
        extra |= {name: adoption.opened_on for name in ("opened_on", "state_since", "holder_since")}
    return new_file(
        desk.store,
        desk.context,
        desk.occasion.catalogue.of_kind(adoption.kind),
        desk.occasion,
        title=adoption.title,
        subject_id=adoption.subject_id,
        supervisor_id=adoption.supervisor_id,
        # As the leading unit registers the measures of a plan, so the item's holder does those of an old ledger.
        registrar_id=parent.row["holder_id"] if parent else adoption.supervisor_id,
        holder_id=adoption.holder_id,
        parent=parent.row if parent else None,
        data={**adoption.data, **adoption.secrets},
        extra=extra,
    )


def _place(desk: Desk, file: CaseFile, adoption: Adoption) -> None:
    file.served.machine.place(file, adoption.state)
    file.row["final"] = file.is_final
    file.row["reported_on"] = adoption.closed_on
    if file.is_final:
        file.row["closed_on"] = adoption.closed_on or desk.occasion.today
        file.row["ground"] = adoption.ground


def _begin_clocks(desk: Desk, file: CaseFile, adoption: Adoption) -> None:
    """Every clock that would be alive in this state, from its known start or from the day of the import."""
    for rule in deadlines.in_order(file.served.definition):
        if file.is_final or not _lives(rule, file, adoption):
            continue
        started_on = adoption.starts.get(rule.key) or halfway.told_start(rule, file) or desk.occasion.today
        deadlines.begin(file, rule, started_on, desk.occasion, ladder_on=False)
        clock = file.clocks[-1]
        if rule.main and adoption.due_on is not None:
            deadlines.move(file, clock, adoption.due_on, {"kind": "import"}, desk.occasion)
            clock["original_due_on"] = adoption.due_on
        # Until the ladder of this import is switched on, nothing fires, not even the engine's own mark.
        clock["next_rung"] = clock["next_at"] = None
    file.mirror()
    if file.row["reported_on"] is not None and file.row["promised_on"] is not None and adoption.closed_on is None:
        # An old ledger that does not say when the work was reported does not say that it was late.
        file.row["reported_on"] = min(file.row["reported_on"], file.row["promised_on"])


def _ask(desk: Desk, file: CaseFile, key: str, words: str) -> None:
    """The open request as ask_extension leaves it; the old ledger names neither who asked nor the date, so the last one is."""
    clock = file.find_live(key)
    rule = file.rule_of(clock).extension if clock else None
    if clock is None or clock["due_on"] is None or rule is None:
        return
    wanted_on = latest_date(desk, clock, rule)
    clock["waits_until"] = local_time(due_on(desk.occasion.calendar, clock["due_on"], rule.wait_workdays, "workday").on)
    extra = {"clock": key, "wanted_on": wanted_on, "flagged": True}
    desk.happened(file, "ask_extension", extra=extra, content={"reason": words}, by_person=False)
    asked = {"case_id": file.id, "kind": "extension", "clock": key, "asked_by": None}
    asked |= {"asked_organ_id": file.row["holder_id"], "asked_at": desk.occasion.now}
    desk.context.add(Request, {**asked, "wanted_on": wanted_on, "reason": words})


def _lives(rule: ClockRule, file: CaseFile, adoption: Adoption) -> bool:
    if file.state not in rule.covers or rule.key in adoption.settled:
        return False
    return rule.key in adoption.starts or halfway.may_run(rule, file)
