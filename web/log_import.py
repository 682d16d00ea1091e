"""Brings a process log in: each case replayed through the machine, what it refuses reported and never forced."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from handlers.logs.mapping import LogMapping, load_log_mapping
from handlers.logs.reading import LogCase, LogReading, facts_of, read_log
from states.definition import Definition
from states.errors import BadInput
from web.text_files import read_definition
from web.wiring import Office
from workflow import definitions, imports, occasions, placing
from workflow.store import Store
from workflow.types import Actor
from workflow.verbs.replay import CaseLog, LogEvent


@dataclass(frozen=True, slots=True)
class LogRequest:
    """A log as it was read, and who brings it in. `county` names the county of an empty tree."""

    reading: LogReading
    mapping: LogMapping
    name: str
    digest: str
    actor: Actor
    now: datetime
    county: str = ""

    @property
    def cases(self) -> tuple[LogCase, ...]:
        """The cases of the log."""
        return self.reading.cases


@dataclass
class LogReport:
    """What became of every event: rows = accepted + refused + skipped + those of cases that were present."""

    rows: int
    import_id: int | None = None
    imported: int = 0
    present: int = 0
    accepted: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The report as JSON values; the import's id is called `import`, and no log creates organisations."""
        told = asdict(self)
        return {"import": told.pop("import_id"), **told, "created_organisations": []}


def make_request(source: bytes, name: str, mapping_text: str, *, actor: Actor, now: datetime, county: str = "") -> LogRequest:
    """The log, read by its mapping. NotPermitted for whoever may not import."""
    imports.require_may_import(actor)
    mapping = load_log_mapping(mapping_text)
    reading = read_log(source, name, mapping)
    return LogRequest(reading, mapping, name, imports.digest_of(source, mapping_text), actor, now, county)


def bring_in(office: Office, request: LogRequest, definition: str) -> LogReport:
    """Replays every case that no import which stands has brought in, one transaction each."""
    kind = serve(office, definition, request.now)
    known = office.engine.read(request.now, lambda _store, occasion: occasion.catalogue.of_kind(kind)).definition
    _require_triggers(known, request.mapping)
    office_id = office.database.write(lambda store: _office(store, request))
    present = office.database.read(lambda store: imports.present_rows(store, (case.digest for case in request.cases)))
    waiting = [case for case in request.cases if case.digest not in present]
    report = LogReport(rows=request.reading.rows, present=len(request.cases) - len(waiting))
    report.skipped = [asdict(one) for one in request.reading.left_out]
    report.import_id = office.database.write(lambda store: _begin_run(store, request))
    for case in waiting:
        _replay(office, request, case, known, office_id, report)
    return report


def serve(office: Office, definition: str, now: datetime) -> str:
    """The kind's key: of a kind that is served, or of a file, which is proven and published first."""
    path = Path(definition)
    if not path.is_file():
        return definition
    document = read_definition(path, office.vocabulary)

    def publish(store: Store) -> None:
        definitions.publish(store, document.data, source=document.text, now=now)
        occasions.moved(store, "definitions")

    office.database.write(publish)
    return str(document.data["key"])


def _require_triggers(definition: Definition, mapping: LogMapping) -> None:
    known = {transition.trigger for transition in definition.transitions} | {"open", "comment", "ignore"}
    unknown = sorted(set(mapping.activities.values()) - known)
    if unknown:
        raise BadInput(why="unknown_trigger", trigger=unknown[0])


def _office(store: Store, request: LogRequest) -> int:
    spots = placing.settle(store, [placing.Wanted()], county=request.county, is_creating=bool(request.county))
    return next(iter(spots.values())).supervisor_id


def _begin_run(store: Store, request: LogRequest) -> int:
    return imports.begin_run(
        store,
        digest=request.digest,
        name=request.name,
        mapping=request.mapping.text,
        actor=request.actor,
        now=request.now,
    )


def _replay(
    office: Office, request: LogRequest, case: LogCase, definition: Definition, office_id: int, report: LogReport
) -> None:
    assert report.import_id is not None
    events = tuple(LogEvent(e.row, e.action, e.at, e.activity, e.resource, facts_of(e, definition)) for e in case.events)
    log = CaseLog(definition.key, case.key, office_id, office_id, report.import_id, case.digest, events)
    replayed = office.engine.replay(log, actor=request.actor, now=request.now)
    activities = {event.row: event.activity for event in case.events}
    report.imported += replayed.outcome is not None
    report.accepted += replayed.accepted
    report.refused += [
        {"row": one.row, "case": case.key, "activity": activities[one.row], "field": "activity", "why": one.why}
        for one in replayed.refused
    ]
