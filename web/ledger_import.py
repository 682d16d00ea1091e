"""Brings a ledger in: reads it, places it, rehearses it or adopts it in batches, and lets its ladders run.

The command and the page share this; neither decides anything here, and the engine has the last word on every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property, partial
from itertools import islice
from typing import Any

from handlers.ledgers.importing import SHEET_ROWS, Spot, is_present, numbers_of, propose, row_number, words_of
from handlers.ledgers.rows import ItemRow, Note, Reading
from handlers.rungs.orders import ORDER
from handlers.settings import mappings
from states.errors import DomainError
from web.wiring import Office
from workflow import imports, placing
from workflow.dates import local_day
from workflow.engine import IMPORT_BATCH
from workflow.occasion import Occasion
from workflow.occasions import Occasions, read_tree
from workflow.rehearsal import Behaviour, Forecast, forecast, rehearse
from workflow.store import Store
from workflow.types import Actor
from workflow.verbs.adopt import Adoption
from workflow.verbs.switch_on import FROM_NOW


@dataclass(frozen=True)
class Request:
    """A ledger as it was read, and how to bring it in. `county` names the county of an empty tree, `kept` the version of the
    kept mapping that it was read by.
    """

    reading: Reading
    name: str
    source: bytes
    actor: Actor
    now: datetime
    is_creating: bool = False
    county: str = ""
    kept: tuple[str, int] | None = None

    @property
    def mapping(self) -> str:
        """How the file is read, as text."""
        return self.reading.mapping.canonical()

    @cached_property
    def digest(self) -> str:
        """What the import is known by."""
        return imports.digest_of(self.source, self.mapping)


@dataclass
class Report:
    """What became of every row: rows = imported + present + skipped + refused."""

    rows: int
    import_id: int | None = None
    imported: int = 0
    present: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    created_organisations: list[dict[str, Any]] = field(default_factory=list)
    unplaced: int = 0
    forecast: dict[str, Any] | None = None
    ladder: str = "off"
    clocks: int = 0

    def plain(self) -> dict[str, Any]:
        """The report as JSON values; the import's id is called `import`."""
        told = asdict(self)
        return {"import": told.pop("import_id"), **told}


def make_request(
    reading: Reading,
    source: bytes,
    name: str,
    *,
    actor: Actor,
    now: datetime,
    is_creating: bool,
    county: str = "",
    kept: tuple[str, int] | None = None,
) -> Request:
    """The request for a file that was read. NotPermitted for whoever may not import."""
    imports.require_may_import(actor)
    return Request(reading, name, source, actor, now, is_creating, county, kept)


def kept_of(office: Office, reading: Reading, name: str = "") -> tuple[str, int] | None:
    """The key and number of the kept mapping that reads a file just so; of several, the one of this name."""
    settings = office.engine.read(office.clock(), lambda _store, occasion: occasion.settings)
    found = [one for one in mappings.kept(settings) if one.reads(reading.mapping, reading.headings)]
    one = next((one for one in found if one.name == name), found[0] if found else None)
    return (one.key, one.number) if one is not None else None


# ---- what is new ----------------------------------------------------------------------------------------------------


def new_rows(store: Store, request: Request) -> list[ItemRow]:
    """The items that no import which stands has brought in, and that are no case of ours already."""
    rows = request.reading.rows
    present = imports.present_rows(store, (row.digest for row in rows))
    left = [row for row in rows if row.digest not in present]
    if imports.find_run(store, request.digest) is not None:
        return left  # An interrupted import goes on; its rows are known by their digests alone.
    known = imports.known_numbers(store, (number for row in left for number in numbers_of(row)))
    return [row for row in left if not is_present(row, known)]


def begin(office: Office, request: Request) -> tuple[Report, list[ItemRow]]:
    """The report so far, and the rows that are to be brought in; nothing is written."""
    reading = request.reading
    rows = office.database.read(lambda store: new_rows(store, request))
    report = Report(rows=len(reading.rows) + len(reading.not_items) + len(reading.refused))
    report.present = len(reading.rows) - len(rows)
    report.skipped = [{"sheet": one.sheet, "row": one.row, "why": one.why} for one in reading.not_items]
    report.refused = [{"sheet": o.sheet, "row": o.row, "field": o.field, "why": o.why} for o in reading.refused]
    report.warnings = [*_of_other_readings(office, request), *(warning_of(note) for note in reading.reported)]
    if request.is_creating and rows:
        tree = office.database.read(read_tree)
        report.created_organisations = placing.new_names(placing.plan(tree, _wanted(rows), county=request.county))
    return report, rows


def _of_other_readings(office: Office, request: Request) -> list[dict[str, Any]]:
    """The warning that the same file is here already, read with another mapping: its rows would not be known again."""
    runs = office.database.read(lambda store: imports.read_otherwise(store, request.source, request.mapping))
    return [{"sheet": request.name, "row": None, "why": ["read_otherwise"], "imports": list(runs)}] if runs else []


def warning_of(note: Note) -> dict[str, Any]:
    """Something about a sheet that is not one row: what was seen, and not taken over."""
    return {"sheet": note.sheet, "row": None, "why": [note.code], **note.params}


def _warn_of_rows(report: Report, rows: Iterable[ItemRow], adoptions: Iterable[Adoption]) -> None:
    """What somebody should look at in each row stands on its case too."""
    for row, adoption in zip(rows, adoptions, strict=True):
        if adoption.extras.get("提示"):
            why = list(adoption.extras["提示"])
            word = {"status": row.status_word.strip()} if "unknown_status" in why else {}
            report.warnings.append({"sheet": row.sheet, "row": row.row, "why": why, **word})


def lacking_organisations(office: Office, request: Request) -> list[dict[str, Any]]:
    """The organs that the ledger names and the tree lacks, whether or not they are to be created."""
    rows = office.database.read(lambda store: new_rows(store, request))
    plan = placing.plan(office.database.read(read_tree), _wanted(rows), county=request.county)
    return placing.new_names(plan)


def _wanted(rows: Iterable[ItemRow]) -> list[placing.Wanted]:
    return [placing.Wanted(**words_of(row)) for row in rows]


# ---- proposals ------------------------------------------------------------------------------------------------------


def _settle(store: Store, request: Request, rows: list[ItemRow]) -> list[placing.Spot]:
    wanted = _wanted(rows)
    spots = placing.settle(store, wanted, county=request.county, is_creating=request.is_creating)
    return [spots[one] for one in wanted]


def _proposals(
    request: Request, rows: list[ItemRow], spots: list[placing.Spot], occasion: Occasion, import_id: int
) -> list[Adoption]:
    sheets = {name: at for at, name in enumerate(dict.fromkeys(row.sheet for row in request.reading.rows))}
    found: list[Adoption] = []
    for row, spot in zip(rows, spots, strict=True):
        is_village = occasion.tree.organ(spot.subject_id).level == "village"
        committee = occasion.tree.find_above(spot.subject_id, "township_party_committee")
        checked = is_village and committee is not None
        proposal = propose(
            row,
            Spot(spot.subject_id, spot.supervisor_id, spot.units, is_checked_by_township=checked),
            occasion.catalogue.of_kind(row.kind_hint).definition,
            import_id=import_id,
            number=row_number(row, sheets),
            calendar=occasion.calendar,
            today=local_day(request.now),
        )
        found.append(imports.adoption_of(proposal))
    return found


def _begin_run(store: Store, request: Request) -> int:
    return imports.begin_run(
        store,
        digest=request.digest,
        name=request.name,
        mapping=request.mapping,
        actor=request.actor,
        now=request.now,
        kept=request.kept,
    )


# ---- rehearsed, or done ---------------------------------------------------------------------------------------------


def dry_run(office: Office, request: Request, mode: str = FROM_NOW) -> Report:
    """The report of an import that was done and undone: every row was judged by the engine, and nothing is left."""
    report, rows = begin(office, request)
    if not rows:
        return report
    spots: list[placing.Spot] = []

    adoptions: list[Adoption] = []

    def prepare(store: Store) -> tuple[int, Iterable[Adoption]]:
        spots[:] = _settle(store, request, rows)
        import_id = _begin_run(store, request)
        occasion = Occasions(()).at(store, request.now)
        adoptions[:] = _proposals(request, rows, spots, occasion, import_id)
        return import_id, adoptions

    rehearsed = rehearse(
        office.database, prepare, behaviour=_behaviour(office), actor=request.actor, now=request.now, mode=mode
    )
    _warn_of_rows(report, rows, adoptions)
    report.imported = rehearsed.adopted
    report.unplaced = sum(spot.is_unplaced for spot in spots)
    report.refused += [_refusal(request, number, code, params) for number, code, params in rehearsed.refused]
    report.forecast = told(rehearsed.forecast)
    return report


def bring_in(
    office: Office, request: Request, mode: str = FROM_NOW, *, advance: Callable[[int], None] = lambda _n: None
) -> Report:
    """Adopts every new row, in batches that a second call goes on from; the organs it needs come first.

    `advance` hears of how many items are done with.
    """
    report, rows = begin(office, request)
    if not rows:
        run = office.database.read(lambda store: imports.find_run(store, request.digest))
        report.import_id = run["id"] if run else None
        return report
    spots = office.database.write(lambda store: _settle(store, request, rows))
    report.import_id = import_id = office.database.write(lambda store: _begin_run(store, request))
    report.unplaced = sum(spot.is_unplaced for spot in spots)
    adoptions = office.engine.read(request.now, lambda _store, occasion: _proposals(request, rows, spots, occasion, import_id))
    _warn_of_rows(report, rows, adoptions)
    waiting = iter(adoptions)
    advance(report.present)
    while batch := list(islice(waiting, IMPORT_BATCH)):
        _adopt(office, request, batch, report)
        advance(len(batch))
    report.forecast = forecast_of(office, import_id, request.now, mode)
    return report


def _adopt(office: Office, request: Request, batch: list[Adoption], report: Report) -> None:
    """The batch in one transaction; where the engine refuses one of it, each by itself, so that the others go through."""
    try:
        report.imported += len(office.engine.adopt_many(batch, actor=request.actor, now=request.now))
    except DomainError:
        for adoption in batch:
            try:
                office.engine.adopt(adoption, actor=request.actor, now=request.now)
            except DomainError as refusal:
                report.refused.append(_refusal(request, adoption.row, refusal.code, refusal.params))
            else:
                report.imported += 1


def _refusal(request: Request, number: int, code: str, params: dict[str, Any]) -> dict[str, Any]:
    """What the engine said against a row; its number over all sheets tells the sheet and the row in it."""
    sheets = list(dict.fromkeys(row.sheet for row in request.reading.rows))
    why = params.get("why")
    told = {"field": str(params.get("field", "")), "why": why if isinstance(why, str) else code}
    return {"sheet": sheets[number // SHEET_ROWS], "row": number % SHEET_ROWS, **told}


# ---- its ladders ----------------------------------------------------------------------------------------------------


def forecast_of(office: Office, import_id: int, now: datetime, mode: str = FROM_NOW) -> dict[str, Any]:
    """What the next sweep does once the ladders of this import run in this mode: it is done, and undone."""
    return told(forecast(office.database, import_id, behaviour=_behaviour(office), now=now, mode=mode))


def _behaviour(office: Office) -> Behaviour:
    return Behaviour(office.engine.effects, office.engine.rungs, office.engine.sealer)


def told(found: Forecast) -> dict[str, Any]:
    """A forecast as JSON values."""
    orders = found.opened.get(ORDER, 0)
    return {
        "mode": found.mode,
        "interviews": found.interviews,
        "orders": orders,
        "late": found.late,
        "rungs": dict(found.rungs),
    }


def switch_on(office: Office, import_id: int, mode: str, *, actor: Actor, now: datetime) -> int:
    """Lets the ladders of an import that stands run; how many clocks began to."""
    imports.require_may_import(actor)
    office.database.read(lambda store: imports.require_standing(store, import_id))
    woken = office.engine.switch_on(import_id, mode, actor=actor, now=now)
    office.database.write(lambda store: imports.note_ladder(store, import_id, mode=mode, now=now))
    return woken


def withdraw(office: Office, import_id: int, *, actor: Actor, now: datetime, reason: str) -> int:
    """Takes an import back, case by case; interrupted, a second call goes on. How many were withdrawn."""
    imports.require_may_import(actor)
    office.database.read(lambda store: imports.require_standing(store, import_id))
    withdrawn: int = 0
    last: int | None = None
    while batch := office.database.read(partial(imports.cases_left, import_id=import_id, before=last, limit=IMPORT_BATCH)):
        for case_id in batch:
            office.engine.withdraw(case_id, actor=actor, now=now, reason=reason)
        withdrawn, last = withdrawn + len(batch), batch[-1]
    office.database.write(lambda store: imports.note_withdrawn(store, import_id, now=now))
    return withdrawn
