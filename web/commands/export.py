"""duban export: the ledger as Excel or CSV, in the official order, with everything that the reader may see.

It bears its number and is listed like what is taken away in the browser.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from handlers.ledgers.export import ExportColumn, ExportRow, FileFormat, Heading, write_ledger
from handlers.ledgers.exporting import columns_of, heading_for, rows_for
from handlers.ledgers.marks import Mark, grouped
from states.errors import BadInput
from web import formatting
from web.commands.office import common, opened, progress, reading_cases, say
from web.ledger.kinds import all_kinds
from web.passing import passing_file
from web.wiring import Office
from workflow import exports
from workflow.dates import local_day
from workflow.exports import Bounds, Taking
from workflow.occasion import Occasion
from workflow.reads.anonymous import Cell, closed_cells
from workflow.reads.counts import count_of
from workflow.reads.query import Query
from workflow.reads.rows import county_name, own_body
from workflow.reads.whole_rows import WholeRow, whole_rows
from workflow.store import Store
from workflow.trail import Origin
from workflow.types import Actor

FORMATS = ("xlsx", "csv")
# No ledger has more rows, and a bar's length is told exactly up to here.
MOST = 100_000_000


@click.group("export")
def command() -> None:
    """Export the ledger as Excel or CSV; statistics that may leave the installation."""


@command.command("ledger")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--kind", default="", help="Any kind that stands on a ledger; else the first that the county keeps one of.")
@click.option("--format", "file_format", type=click.Choice(FORMATS), help="Else by the file's name.")
@click.option("--reason", default="", help="What for; asked for where the ledger is long.")
@common
@click.pass_obj
def ledger(
    login: str | None, /, file: Path, kind: str, file_format: FileFormat | None, reason: str, yes: bool, as_json: bool
) -> None:
    """Write the ledger of a kind to FILE, open and closed cases."""
    del yes
    now, request = datetime.now(UTC), uuid.uuid4().hex
    with opened() as office:
        actor, kind = reading_cases(office, login, now, "export", request), _listed(office, now, kind)
        origin, form = Origin(actor.person_id, request=request), file_format or format_of(file)
        how_many = office.engine.read(now, lambda store, occasion: count_of(store, occasion, actor, _query(kind), cap=MOST).n)
        mark = begin(office, actor, origin, Taking("ledger", form, how_many, reason), now)
        with file.open("wb") as target, progress(how_many, "导出台账") as bar:
            asked: dict[str, Any] = {"kind": kind, "file_format": form, "actor": actor, "now": now}
            rows = export_ledger(office, target, **asked, mark=mark, report=bar.update)
        office.database.write(lambda store: exports.say_lines(store, origin, rows))
    told = {"file": str(file), "kind": kind, "rows": rows, "number": mark.number}
    say(told, as_json, lambda told: f"已导出{told['rows']}行：{told['file']}（编号{told['number']}）")


def _listed(office: Office, now: datetime, kind: str) -> str:
    """The kind meant; BadInput for one that stands on no ledger."""
    listed = office.engine.read(now, lambda _store, occasion: all_kinds(occasion.catalogue))
    found = kind or next(iter(listed), "")
    if found not in listed:
        raise BadInput(why="unknown_filter", field="kind", value=found)
    return found


@command.command("statistics")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "file_format", type=click.Choice(FORMATS), help="Else by the file's name.")
@click.option("--reason", default="", help="What for, and whom it is given to.")
@common
@click.pass_obj
def statistics(login: str | None, /, file: Path, file_format: FileFormat | None, reason: str, yes: bool, as_json: bool) -> None:
    """Write to FILE how many closed cases ended how, as it may leave the installation: no case, and no small number."""
    del yes
    now, request = datetime.now(UTC), uuid.uuid4().hex
    with opened() as office:
        actor = reading_cases(office, login, now, "export", request)
        k, form = office.settings.small_counts, file_format or format_of(file)
        cells, rows = office.engine.read(now, lambda store, occasion: _cells(store, occasion, actor, k))
        origin = Origin(actor.person_id, request=request)
        mark = begin(office, actor, origin, Taking("statistics", form, len(cells), reason), now)
        with file.open("wb") as target:
            heading = Heading(f"办结情况统计（少于{k}件的不列）", sheet="统计")
            write_ledger(rows, STATISTICS, heading=heading, target=target, file_format=form, mark=mark, passing=passing_file)
        office.database.write(lambda store: exports.say_lines(store, origin, len(cells)))
    told = {"file": str(file), "rows": len(cells), "least": k, "number": mark.number}
    say(told, as_json, lambda told: f"已导出{told['rows']}行，少于{k}件的不列：{told['file']}（编号{told['number']}）")


STATISTICS = (
    *(ExportColumn(title) for title in ("期间", "类别", "乡镇", "办结方式")),
    ExportColumn("件数", kind="integer"),
)


def _cells(store: Store, occasion: Occasion, actor: Actor, k: int) -> tuple[list[tuple[Cell, int]], list[ExportRow]]:
    found = closed_cells(store, occasion, actor, k=k)
    return found, [_row(occasion, cell, n) for cell, n in found]


def _row(occasion: Occasion, cell: Cell, n: int) -> ExportRow:
    definition, area = occasion.catalogue.of_kind(cell.kind).definition, occasion.tree.areas.get(cell.township)
    titles = {ground.key: ground.title.zh_hans for step in definition.transitions for ground in step.grounds}
    period = f"{cell.year}年" + (f"第{cell.quarter}季度" if cell.quarter else "各季度其余")
    place = "全县其余（不少于）" if cell.is_rest else area.name if area else "县直"
    return ExportRow((period, definition.title.zh_hans, place, titles.get(cell.ground, "其他"), n))


def begin(office: Office, actor: Actor, origin: Origin, taking: Taking, now: datetime) -> Mark:
    """Writes the export down as `exports.begin` does; the mark that the file bears."""
    bounds = Bounds(office.settings.exports_per_hour, office.settings.export_reason_lines)
    number = office.database.write(lambda store: exports.begin(store, actor, origin, taking, bounds=bounds, now=now))
    hour = f"{formatting.full_day(local_day(now), language='zh-Hans')} {formatting.clock_time(now, language='zh-Hans')}"
    return Mark(number, f"{actor.name} {hour} 编号{grouped(number)}")


def format_of(file: Path) -> FileFormat:
    """CSV for a file that is called so, else Excel."""
    return "csv" if file.suffix.lower() == ".csv" else "xlsx"


def export_ledger(
    office: Office,
    target: BinaryIO,
    *,
    kind: str,
    file_format: FileFormat,
    actor: Actor,
    now: datetime,
    mark: Mark | None = None,
    report: Callable[[int], None] = lambda _n: None,
) -> int:
    """Streams the ledger of a kind as the actor sees it; how many rows there are. `report` hears of each case."""

    def write(store: Store, occasion: Occasion) -> int:
        definition = occasion.catalogue.of_kind(kind).definition
        found = _reported(whole_rows(store, occasion, actor, _query(kind)), report)
        return write_ledger(
            rows_for(found, definition),
            columns_of(definition),
            heading=heading_for(definition, county_name(occasion.tree), occasion.today, unit=own_body(occasion.tree, actor)),
            target=target,
            file_format=file_format,
            mark=mark,
            passing=passing_file,
        )

    return int(office.engine.read(now, write))


def _query(kind: str) -> Query:
    return Query(kinds=(kind,), band="all", sort="official")


def _reported(rows: Iterable[WholeRow], report: Callable[[int], None]) -> Iterator[WholeRow]:
    for row in rows:
        yield row
        report(1)
