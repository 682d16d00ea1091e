"""duban export: the ledger as Excel or CSV, in the official order, with everything that the reader may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click

from handlers.ledgers.export import FileFormat, write_ledger
from handlers.ledgers.exporting import KINDS, columns_of, heading_for, rows_for
from web.commands.office import common, opened, progress, reading_cases, say
from web.passing import passing_file
from web.wiring import Office
from workflow.occasion import Occasion
from workflow.reads.counts import count_of
from workflow.reads.query import Query
from workflow.reads.whole_rows import WholeRow, whole_rows
from workflow.store import Store
from workflow.types import Actor

FORMATS = ("xlsx", "csv")
# No ledger has more rows, and a bar's length is told exactly up to here.
MOST = 100_000_000


@click.group("export")
def command() -> None:
    """Export the ledger as Excel or CSV."""


@command.command("ledger")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True)
@click.option("--format", "file_format", type=click.Choice(FORMATS), help="Else by the file's name.")
@common
@click.pass_obj
def ledger(login: str | None, /, file: Path, kind: str, file_format: FileFormat | None, yes: bool, as_json: bool) -> None:
    """Write the ledger of a kind to FILE, open and closed cases."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        actor = reading_cases(office, login, now, "export")
        how_many = office.engine.read(now, lambda store, occasion: count_of(store, occasion, actor, _query(kind), cap=MOST).n)
        with file.open("wb") as target, progress(how_many, "导出台账") as bar:
            form = file_format or format_of(file)
            rows = export_ledger(office, target, kind=kind, file_format=form, actor=actor, now=now, report=bar.update)
    say({"file": str(file), "kind": kind, "rows": rows}, as_json, lambda told: f"已导出{told['rows']}行：{told['file']}")


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
    report: Callable[[int], None] = lambda _n: None,
) -> int:
    """Streams the ledger of a kind as the actor sees it; how many rows there are. `report` hears of each case."""

    def write(store: Store, occasion: Occasion) -> int:
        definition = occasion.catalogue.of_kind(kind).definition
        found = _reported(whole_rows(store, occasion, actor, _query(kind)), report)
        return write_ledger(
            rows_for(found, definition),
            columns_of(definition),
            heading=heading_for(kind, county_of(occasion), occasion.today),
            target=target,
            file_format=file_format,
            passing=passing_file,
        )

    return int(office.engine.read(now, write))


def _query(kind: str) -> Query:
    return Query(kinds=(kind,), band="all", sort="official")


def _reported(rows: Iterable[WholeRow], report: Callable[[int], None]) -> Iterator[WholeRow]:
    for row in rows:
        yield row
        report(1)


def county_of(occasion: Occasion) -> str:
    """The installation's county by name, for the title."""
    roots = sorted((a for a in occasion.tree.areas.values() if a.parent_id is None), key=lambda area: area.official_order)
    return roots[0].name if roots else ""
