"""The ledger as offices print it: the columns that a sheet has room for, under a head of two rows, each township by itself.

Days stand as paper writes them. What is exported to be read back has every column and is made elsewhere (`exporting`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby

from handlers.ledgers.export import ExportCell, ExportColumn, ExportRow
from handlers.ledgers.exporting import KINDS, Cell, CountyColumn, county_columns, listing, rows_of
from handlers.ledgers.values import CENTS_PER_WAN
from states.definition import Definition
from workflow.reads.whole_rows import MeasureRow, WholeRow

# (title in the whole ledger or key of the field, head above it, width in characters, title on paper where it is another)
_PAPER: Mapping[str, tuple[tuple[str, str, int, str], ...]] = {
    "rectification": (
        ("序号", "", 5, ""),
        ("编号", "", 20, ""),
        ("村居", "被巡察单位", 10, ""),
        ("被巡察党组织", "被巡察单位", 14, "党组织"),
        ("反馈问题", "", 32, ""),
        ("整改措施", "", 30, ""),
        ("责任单位", "整改责任", 14, ""),
        ("责任人", "整改责任", 9, ""),
        ("承办人（系统内）", "整改责任", 9, "承办人"),
        ("整改时限", "", 15, ""),
        ("进展情况", "整改情况", 22, ""),
        ("完成情况", "整改情况", 10, ""),
        ("money_involved", "资金（万元）", 9, "涉及"),
        ("money_recovered", "资金（万元）", 9, "追回"),
    ),
    "clue": (
        ("序号", "", 5, ""),
        ("编号", "", 20, ""),
        ("村居", "被巡察单位", 10, ""),
        ("被巡察党组织", "被巡察单位", 14, "党组织"),
        ("反映的主要问题", "", 46, ""),
        ("class", "", 12, ""),
        ("责任单位", "办理", 16, "承办单位"),
        ("承办人（系统内）", "办理", 9, "承办人"),
        ("移交时间", "办理", 15, ""),
        ("整改时限", "办理", 15, "办理时限"),
        ("disposal", "办理", 12, ""),
        ("完成情况", "办理", 10, ""),
        ("money_involved", "资金（万元）", 9, "涉及"),
        ("money_recovered", "资金（万元）", 9, "追回"),
    ),
}
_OF_ITEM = ("完成情况",)  # said once for an item, not with each of its measures
_PROGRESS, _RESULT = "进展情况", "result"


@dataclass(frozen=True, slots=True)
class PaperItem:
    """An item with a row for each of its measures, one at least."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class PaperTownship:
    """The items of one township in their order ("" for what stands under none), and the sums of its columns by place."""

    name: str
    items: tuple[PaperItem, ...]
    sums: Mapping[int, str] = field(default_factory=dict)


def paper_columns(definition: Definition) -> tuple[CountyColumn, ...]:
    """The columns of a kind's ledger on paper, each with the width and the head that it has there."""
    if definition.key not in KINDS:
        return tuple(_on_paper(one, one.column) for one in listing(definition))
    by_title = {one.column.title: one for one in county_columns(definition)}
    return tuple(_told(definition, by_title, *wanted) for wanted in _PAPER[definition.key])


def _told(
    definition: Definition, by_title: Mapping[str, CountyColumn], name: str, group: str, width: int, title: str
) -> CountyColumn:
    known = definition.field_by_key.get(name)
    one = by_title[known.title.zh_hans if known is not None else name]
    one = replace(one, cell=_or_result(one.cell)) if name == _PROGRESS else one
    return _on_paper(one, replace(one.column, title=title or one.column.title, group=group, width=width))


def _or_result(progress: Cell) -> Cell:
    """Paper, which nobody reads back, has no column of its own for an item's result: it stands where no progress does."""

    def cell(row: WholeRow, measure: MeasureRow | None) -> ExportCell:
        said = progress(row, measure)
        is_silent = not said and not row.measures
        return row.data.get(_RESULT) or None if is_silent else said

    return cell


def _on_paper(one: CountyColumn, column: ExportColumn) -> CountyColumn:
    of_measure = one.of_measure and one.column.title not in _OF_ITEM
    printed = replace(column, on_paper=column.kind == "date", each_row=of_measure)
    return replace(one, column=printed, of_measure=of_measure)


def paper_rows(rows: Iterable[WholeRow], definition: Definition) -> Iterator[ExportRow]:
    """The rows of a kind's ledger on paper."""
    return rows_of(rows, paper_columns(definition))


def townships_of(rows: Iterable[ExportRow], columns: Iterable[CountyColumn]) -> Iterator[PaperTownship]:
    """The rows as each township's own pages; they come in the order of townships."""
    kinds = [one.column for one in columns]
    for name, of_township in groupby(rows, key=lambda row: row.township):
        told = list(of_township)
        sums = {at: sum(_cents(row, at) for row in told) for at, column in enumerate(kinds) if column.total}
        yield PaperTownship(name, tuple(_items(told, kinds)), {at: _words(cents, kinds[at]) for at, cents in sums.items()})


def _cents(row: ExportRow, at: int) -> int:
    cell = row.cells[at]
    return cell if isinstance(cell, int) else 0


def _items(rows: Iterable[ExportRow], columns: list[ExportColumn]) -> Iterator[PaperItem]:
    found: list[tuple[str, ...]] = []
    for row in rows:
        if found and row.cells[0] is not None:
            yield PaperItem(tuple(found))
            found = []
        found.append(tuple(_words(cell, column) for cell, column in zip(row.cells, columns, strict=True)))
    if found:
        yield PaperItem(tuple(found))


def _words(cell: ExportCell, column: ExportColumn) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.date):
        return f"{cell.year}年{cell.month}月{cell.day}日"
    if column.kind == "money" and isinstance(cell, int):
        told = f"{Decimal(cell) / CENTS_PER_WAN:.6f}".rstrip("0")
        whole, _, decimals = told.partition(".")
        return f"{whole}.{decimals:0<2}"
    return str(cell)
