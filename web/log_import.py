"""Brings a process log in: each case replayed through the machine, what it refuses reported and never forced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from handlers.ledgers.facts import PLAIN
from handlers.logs.mapping import LogMapping, load_log_mapping
from handlers.logs.reading import LeftOut, LogCase, LogReading, LogRow, facts_of, read_log, unread_of
from states.definition import Definition
from states.errors import BadInput
from states.schema import load as load_definition
from web.import_words import refusal_words
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
    warnings: list[dict[str, Any]] = field(default_factory=list)
    # Why each row was refused, in words; the JSON keeps the ids.
    said: dict[int, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The report as JSON values; the import's id is called `import`, and no log creates organisations."""
        told = asdict(self)
        del told["said"]
        return {"import": told.pop("import_id"), **told, "created_organisations": []}


def make_request(source: bytes, name: str, mapping_text: str, *, actor: Actor, now: datetime, county: str = "") -> LogRequest:
    """The log, read by its mapping. NotPermitted for whoever may not import."""
    imports.require_may_import(actor)
    mapping = load_log_mapping(mapping_text)
    reading = read_log(source, name, mapping)
    return LogRequest(reading, mapping, name, imports.digest_of(source, mapping_text), actor, now, county)


def bring_in(
    office: Office, request: LogRequest, definition: str, *, advance: Callable[[int], None] = lambda _n: None
) -> LogReport:
    """Replays every case that no import which stands has brought in, one transaction each; `advance` hears of each.

    A definition or a mapping that does not fit is refused before anything is written. A case that is here with another
    history, as where the log has grown, is left as it is: two histories of one case would count it twice.
    """
    known = serve(office, definition, request.now, request.mapping)
    office_id = office.database.write(lambda store: _office(store, request))
    present = office.database.read(lambda store: imports.present_rows(store, (case.digest for case in request.cases)))
    unknown = [case for case in request.cases if case.digest not in present]
    keys = [case.key for case in unknown]
    numbers = office.database.read(lambda store: imports.logged_before(store, known.key, keys))
    report = LogReport(rows=request.reading.rows, present=len(request.cases) - len(unknown))
    report.skipped = [asdict(one) for one in request.reading.left_out]
    report.skipped += [one for case in unknown if case.key in numbers for one in _left_as_it_is(case, numbers[case.key])]
    report.import_id = office.database.write(lambda store: _begin_run(store, request))
    for case in unknown:
        if case.key not in numbers:
            _replay(office, request, case, known, office_id, report)
        advance(1)
    return report


def _left_as_it_is(case: LogCase, number: str) -> list[dict[str, Any]]:
    """The rows of a case that is here under this number, with another history."""
    return [asdict(LeftOut(event.row, case.key, event.activity, "here_otherwise", number)) for event in case.events]


# ---- the kind, and whether the mapping speaks its language ----------------------------------------------------------


def serve(office: Office, definition: str, now: datetime, mapping: LogMapping | None = None) -> Definition:
    """The kind of this key, or of this file, which is proven and published; `mapping` must fit it before that."""
    path = Path(definition)
    if not path.is_file():
        known = _published(office, definition, now)
        if mapping is not None:
            _require_fit(known, mapping)
        return known
    document = read_definition(path, office.vocabulary)
    known = load_definition(document.data)
    if mapping is not None:
        _require_fit(known, mapping)

    def publish(store: Store) -> None:
        definitions.publish(store, document.data, source=document.text, now=now)
        occasions.moved(store, "definitions")

    office.database.write(publish)
    return known


def _published(office: Office, kind: str, now: datetime) -> Definition:
    if Path(kind).suffix.lower() in (".yaml", ".yml") or "/" in kind:
        raise BadInput(why="no_such_definition", file=kind)
    catalogue = office.engine.read(now, lambda _store, occasion: occasion.catalogue)
    if kind not in catalogue.current:
        raise BadInput(why="no_such_kind", called=kind, known="、".join(sorted(catalogue.current)))
    return catalogue.of_kind(kind).definition


def _require_fit(definition: Definition, mapping: LogMapping) -> None:
    """Every action and every fact of the mapping is one of the kind, and no fact is secret or more than a plain value."""
    triggers = dict.fromkeys(transition.trigger for transition in definition.transitions)
    actions = ("open", "comment", "ignore", *triggers)
    unknown = [action for action in dict.fromkeys(mapping.activities.values()) if action not in actions]
    if unknown:
        raise BadInput(why="unknown_action", called="、".join(unknown), known="、".join(actions))
    missing = [fact for fact in mapping.facts if fact not in definition.field_by_key]
    if missing:
        raise BadInput(why="unknown_fact", called="、".join(missing), known="、".join(definition.field_by_key))
    fields = [definition.field_by_key[fact] for fact in mapping.facts]
    for why, wrong in (
        ("secret_fact", [target.key for target in fields if target.secret]),
        ("fact_not_plain", [target.key for target in fields if target.type not in PLAIN]),
    ):
        if wrong:
            raise BadInput(why=why, called="、".join(wrong))


# ---- cases ----------------------------------------------------------------------------------------------------------


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
    report.said |= {one.row: refusal_words(one, definition) for one in replayed.refused}
    report.warnings += [warning for event in case.events for warning in _warnings(case, event, request.mapping, definition)]
    report.refused += [
        {"row": one.row, "case": case.key, "activity": activities[one.row], "field": "activity", "why": one.why}
        for one in replayed.refused
    ]


def _warnings(case: LogCase, event: LogRow, mapping: LogMapping, definition: Definition) -> list[dict[str, Any]]:
    """What a row says of the case's facts and could not be read: the fact stays as it was."""
    return [
        {"row": event.row, "case": case.key, "column": mapping.facts[fact], "field": fact, "value": text, "why": "not_read"}
        for fact, text in unread_of(event, definition).items()
    ]
