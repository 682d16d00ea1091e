"""Ledgers and logs that come in and go out, beside what only reading, writing and the rows themselves would take."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from config.settings import load
from handlers.ledgers.reading import read_ledger
from tests.bench.places import Place, timed
from tests.bench.recording import Written, recorded, write_all
from tests.bench.verbs import DAY
from tests.factories import County, make_county
from web import ledger_import, log_import
from web.commands.export import export_ledger
from web.wiring import Office
from workflow.dates import local_day
from workflow.types import MACHINE

DATA = Path(__file__).parents[1] / "data"
CONFIG = Path(__file__).parents[2] / "config"
LOG = DATA / "event_log_road_traffic.csv"


def measure(place: Place, county: County, other: Place) -> None:
    """`county` is long and goes out; the empty `other` takes it in, and then the log."""
    exported = _export(place, Office(load({}), county.database, county.engine))
    empty = make_county(other.url)
    _import(other, empty, exported)
    _log(other, empty)
    empty.database.close()


def _export(place: Place, office: Office) -> bytes:
    target = io.BytesIO()
    kind: dict[str, Any] = {"kind": "rectification", "file_format": "xlsx", "actor": MACHINE, "now": DAY}
    ours = timed(lambda: export_ledger(office, target, **kind))
    book = openpyxl.load_workbook(io.BytesIO(target.getvalue()), read_only=True)
    cells = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]

    def bare() -> None:
        with xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True}) as made:
            sheet = made.add_worksheet()
            for at, row in enumerate(cells):
                for column, value in enumerate(row):
                    sheet.write(at, column, str(value) if value is not None else "")

    place.show(f"export of {len(cells)} rows, to XlsxWriter", 1.5, ours, timed(bare), len(cells))
    return target.getvalue()


def _import(place: Place, county: County, source: bytes) -> None:
    office, now = Office(load({}), county.database, county.engine), datetime.now(UTC)
    county.database.close()
    twin = place.twin()
    read: list[Any] = []
    reading = timed(lambda: read.append(read_ledger(source, "台账.xlsx", today=local_day(now))))
    request = ledger_import.make_request(read[0], source, "台账.xlsx", actor=MACHINE, now=now, is_creating=False)
    told: list[Written] = []
    with recorded() as transactions:
        ours = reading + timed(lambda: ledger_import.bring_in(office, request))
        told += [written for written in transactions if written]
    plain = timed(lambda: [list(row) for row in openpyxl.load_workbook(io.BytesIO(source), read_only=True).worksheets[0].rows])
    floor = plain + timed(lambda: write_all(lambda: place.connect(twin), told, place.begin))
    rows = len(read[0].rows)
    place.show(f"import of {rows} rows, to reading + bare inserts", 2.5, ours, floor, rows)


def _log(place: Place, county: County) -> None:
    office, now = Office(load({}), county.database, county.engine), datetime.now(UTC)
    definition = str(CONFIG / "examples" / "road_traffic_fine.yaml")
    mapping = (CONFIG / "imports" / "road_traffic.yaml").read_text(encoding="utf-8")
    request = log_import.make_request(LOG.read_bytes(), LOG.name, mapping, actor=MACHINE, now=now)
    log_import.serve(office, definition, now)
    county.database.close()
    twin = place.twin()
    with recorded() as transactions:
        ours = timed(lambda: log_import.bring_in(office, request, definition))
        told = [written for written in transactions if written]
    floor = timed(lambda: write_all(lambda: place.connect(twin), told, place.begin))
    place.show("a process log replayed, an event", 1.8 if place.is_sqlite else 1.3, ours, floor, request.reading.rows)
