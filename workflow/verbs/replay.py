"""replay: the history of a case from a process log, through the machine and its guards (semantics.md §8).

It asks whether the kind allows each step, not who did it, with which form or evidence; the stated resource is kept as text.
Clocks start at the events' own times; no rung fires for time before the import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from states.errors import TransitionRefused
from workflow import deadlines
from workflow.casefile import CaseFile
from workflow.cases import new_file, set_fact
from workflow.dates import local_day
from workflow.desk import Desk
from workflow.models import ImportRow
from workflow.types import Outcome
from workflow.verbs.fire import facts_of, require_transition
from workflow.verbs.open import outcome_of


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One line of a log: `action` is "open", "comment", or a trigger of the kind."""

    row: int
    action: str
    at: datetime
    activity: str
    resource: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseLog:
    """Every event of one case in the order of time and row; the first that opens it opens it, whatever stands before."""

    kind: str
    old_number: str
    subject_id: int
    supervisor_id: int
    import_id: int
    digest: str
    events: tuple[LogEvent, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that the history did not take: `why` is not_opened, opened_before, in_future or the first of `unmet`.

    `state` is the one that the case was in, "" before it was opened; `unmet` has the conditions with their parameters.
    """

    row: int
    action: str
    why: str
    state: str = ""
    unmet: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """The case, how many events its history took, and those that it refused."""

    outcome: Outcome | None
    accepted: int
    refused: tuple[Refused, ...]


def replay(desk: Desk, log: CaseLog) -> Replayed:
    """Replays one case. A refused event is reported and left out; it is never forced."""
    file: CaseFile | None = None
    refused: list[Refused] = []
    for event in log.events:
        try:
            file = _take(desk, log, file, event)
        except TransitionRefused as refusal:
            unmet = tuple(refusal.params["why"])
            state = file.state if file else ""
            refused.append(Refused(event.row, event.action, unmet[0]["name"], state, unmet))
    if file is None:
        return Replayed(None, 0, tuple(refused))
    for clock in file.live_clocks():
        clock["ladder_on"], clock["next_rung"], clock["next_at"] = False, None, None
    opening = next(event.row for event in log.events if event.action == "open")
    row = {"import_id": log.import_id, "row": opening, "digest": log.digest, "case_id": file.id}
    desk.context.add(ImportRow, row)
    return Replayed(outcome_of(file), len(log.events) - len(refused), tuple(refused))


def _take(desk: Desk, log: CaseLog, file: CaseFile | None, event: LogEvent) -> CaseFile:
    """The case with the event in its history. What stands before the opening, or has not happened yet, is refused."""
    if event.at > desk.occasion.now:
        raise TransitionRefused(why=[{"name": "in_future"}])
    if event.action == "open":
        if file is not None:
            raise TransitionRefused(why=[{"name": "opened_before"}])
        return _open(desk, log, event)
    if file is None:
        raise TransitionRefused(why=[{"name": "not_opened"}])
    _step(_at(desk, event.at), file, event)
    return file


def _at(desk: Desk, at: datetime) -> Desk:
    return replace(desk, occasion=replace(desk.occasion, today=local_day(at)))


def _open(desk: Desk, log: CaseLog, first: LogEvent) -> CaseFile:
    at = _at(desk, first.at)
    file = new_file(
        at.store,
        at.context,
        at.occasion.catalogue.of_kind(log.kind),
        at.occasion,
        title=log.old_number,
        subject_id=log.subject_id,
        supervisor_id=log.supervisor_id,
        registrar_id=log.supervisor_id,
        data=_known(at.occasion.catalogue.of_kind(log.kind).definition.field_by_key, first.data),
        extra={"import_id": log.import_id, "old_number": log.old_number},
    )
    deadlines.begin_all(file, "open", at.occasion)
    file.mirror()
    _tell(at, file, "open", first)
    return file


def _known(fields: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key in fields and value not in (None, "")}


def _step(desk: Desk, file: CaseFile, event: LogEvent) -> None:
    if event.action == "comment":
        _tell(desk, file, "comment", event)
        return
    transition = require_transition(file, event.action)
    before = file.state
    _move(desk, file, event)
    file.tally[event.action] = file.tally.get(event.action, 0) + 1
    if file.state != before:
        file.row["state_since"] = desk.occasion.today
    file.row["final"] = file.is_final
    if file.is_final:
        file.row["closed_on"] = desk.occasion.today
        file.row["ground"] = next((ground.key for ground in transition.grounds), None)
    deadlines.after(file, transition, desk.occasion)
    file.row["version"] += 1
    _tell(desk, file, "replay", event)


def _bring(file: CaseFile, event: LogEvent) -> None:
    for key, value in _known(file.served.definition.field_by_key, event.data).items():
        set_fact(file, key, value)


def _move(desk: Desk, file: CaseFile, event: LogEvent) -> None:
    """The guards see the facts that the event brings; where they refuse it, the case keeps the facts that it had."""
    data, hidden = dict(file.data), dict(file.secrets)
    _bring(file, event)
    try:
        file.served.machine.fire(file, event.action, facts_of(desk, file, None, None, ()))
    except TransitionRefused:
        file.data, file.secrets = data, hidden
        raise


def _tell(desk: Desk, file: CaseFile, verb: str, event: LogEvent) -> None:
    content = {"activity": event.activity, "resource": event.resource, "data": dict(event.data)}
    trigger = event.action if verb == "replay" else ""
    extra = {"row": event.row, "import": file.row["import_id"]}
    desk.happened(file, verb, trigger=trigger, content=content, extra=extra, by_person=False, happened_at=event.at)
