"""Writes a report as the one sheet of A4 that offices print: sections of tables under each other on a common grid.

Texts are written as texts, never as formulas; a number, a share or a day as what it is, which shows the words of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, Literal

import xlsxwriter
from xlsxwriter.format import Format

from handlers.ledgers.heads import Heads, heads_of
from handlers.ledgers.marks import PROPERTY, Mark, grouped
from handlers.ledgers.passing_book import AS_WRITTEN

Align = Literal["start", "end", "center"]

_A4 = 9
_FONT, _HEAD_FONT, _TITLE_FONT = "仿宋", "黑体", "方正小标宋简体"
_ROOMY = 27  # rows of tables on a sheet of A4 in type of full size
# Lines that smaller type puts on one sheet; beyond them a title has one line. So many characters fit into a line.
_FULL = 48
_TITLE = 26
_GRID, _GRID_WIDTH = 48, 1.5  # columns of the grid, and how many characters wide each is


@dataclass(frozen=True, slots=True)
class ReportCell:
    """What a cell says; `value` where it is a number or a day, which `shown_as` shows as `text`; `href`: the rows behind it."""

    text: str = ""
    value: float | date | None = None
    shown_as: str = "#,##0"
    href: str = ""
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column with its share of the width; neighbours of one `group` stand under a common head."""

    key: str
    title: str
    group: str = ""
    width: int = 4
    align: Align = "start"


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A table under its title; `remark` stands behind the title. `lines`, where there is no table, are filled in by hand."""

    title: str
    columns: tuple[ReportColumn, ...] = ()
    rows: tuple[tuple[ReportCell, ...], ...] = ()
    total: tuple[ReportCell, ...] = ()
    remark: ReportCell = ReportCell()
    empty: str = ""
    lines: int = 0

    @property
    def heads(self) -> Heads:
        """The rows of the head."""
        return heads_of([(column.group, column.title) for column in self.columns])


@dataclass(frozen=True, slots=True)
class ReportPaper:
    """A report in words: its title, the line under it in parts, its sections, its notes, and who made it and signs.

    `watermark` names the reader and the hour on what has a circle of readers of its own.
    """

    title: str
    line: tuple[str, ...]
    sections: tuple[ReportSection, ...]
    notes: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()
    watermark: str = ""
    sheet: str = "调度表"

    @property
    def is_dense(self) -> bool:
        """Are there so many lines that only smaller type puts them on one sheet?"""
        return self._lines > _ROOMY

    @property
    def is_full(self) -> bool:
        """Are there so many that even then a title may have no second line?"""
        return self._lines > _FULL

    @property
    def _lines(self) -> int:
        rows = [row for section in self.sections for row in (*section.rows, *([section.total] if section.total else []))]
        return len(rows) + sum(any(len(cell.text) > _TITLE for cell in row) for row in rows)


def write_report(paper: ReportPaper, target: BinaryIO, mark: Mark | None = None) -> None:
    """The workbook of a report, set up to print on one sheet of A4; `mark` says who took it away, seen and unseen."""
    with xlsxwriter.Workbook(target, AS_WRITTEN) as book:
        if mark is not None:
            book.set_custom_property(PROPERTY, grouped(mark.number), "text")
        _Writer(book, paper, mark).write()


class _Writer:
    """One pass over the sheet from top to bottom."""

    def __init__(self, book: xlsxwriter.Workbook, paper: ReportPaper, mark: Mark | None) -> None:
        self.mark, self.book = mark, book
        self.paper, self.sheet, self.row = paper, book.add_worksheet(paper.sheet), 0
        small = {"font_name": _FONT, "font_size": 9, "valign": "vcenter"}
        self.cell: dict[str, Any] = {**small, "border": 1, "shrink": True}
        head = {**self.cell, "bold": True, "align": "center", "shrink": False, "text_wrap": True}
        self.looks: dict[str, Format] = {
            "title": book.add_format({"font_name": _TITLE_FONT, "font_size": 18, "align": "center", "valign": "vcenter"}),
            "line": book.add_format(small),
            "note": book.add_format({**small, "font_size": 8, "text_wrap": True, "valign": "top"}),
            "section": book.add_format({"font_name": _HEAD_FONT, "font_size": 11, "valign": "vcenter"}),
            "head": book.add_format({**head, "num_format": mark.number_format} if mark else head),
            "by_hand": book.add_format({**small, "bottom": 1}),
            **{align: book.add_format({**self.cell, "align": where}) for align, where in _ALIGNED.items()},
        }

    def write(self) -> None:
        """Everything, in order."""
        self._set_up_page()
        self._across(f"{self.paper.title}{self.mark.hidden if self.mark else ''}", "title", 30)
        self._parts(self.paper.line)
        for section in self.paper.sections:
            self._section(section)
        for note in self.paper.notes:
            self._across(note, "note", 24)
        self._parts(self.paper.foot)

    def _set_up_page(self) -> None:
        sheet = self.sheet
        sheet.set_paper(_A4)
        sheet.set_portrait()
        sheet.set_margins(left=0.45, right=0.45, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 1)
        sheet.center_horizontally()
        sheet.hide_gridlines(2)
        sheet.set_column(0, _GRID - 1, _GRID_WIDTH)
        sheet.set_header(f"&R{self.mark.words.replace('&', '&&')}" if self.mark else "")
        sheet.set_footer("&C第 &P 页 共 &N 页")

    def _across(self, text: str, look: str, height: float) -> None:
        self._span(self.row, 0, 1, _GRID, text, look)
        self.sheet.set_row(self.row, height)
        self.row += 1

    def _parts(self, parts: Sequence[str]) -> None:
        """Several texts side by side on one row."""
        if parts:
            for (left, width), text in zip(_spans([1] * len(parts)), parts, strict=True):
                self._span(self.row, left, 1, width, text, "line")
            self.row += 1

    def _section(self, section: ReportSection) -> None:
        self._across(" ".join(filter(None, (section.title, section.remark.text))), "section", 20)
        spans = _spans([column.width for column in section.columns])
        self._heads(section, spans)
        if section.columns and not section.rows:
            self._across(section.empty, "line", 15)
        for row in (*section.rows, *([section.total] if section.total else [])):
            self._cells(section.columns, spans, row)
        for _line in range(section.lines):
            self._across("", "by_hand", 20)

    def _heads(self, section: ReportSection, spans: list[tuple[int, int]]) -> None:
        free = [set(range(len(spans))) for _row in section.heads]
        for depth, heads in enumerate(section.heads):
            for words, columns, rows in heads:
                first = min(free[depth])
                taken = set(range(first, first + columns))
                for below in range(depth, depth + rows):
                    free[below] -= taken
                width = sum(spans[at][1] for at in taken)
                self._span(self.row + depth, spans[first][0], rows, width, words, "head")
        self.row += len(section.heads)

    def _cells(self, columns: Sequence[ReportColumn], spans: list[tuple[int, int]], row: Sequence[ReportCell]) -> None:
        for column, (left, width), cell in zip(columns, spans, row, strict=True):
            if cell.value is None:
                self._span(self.row, left, 1, width, cell.text, column.align)
                continue
            look = self._shown_as(column.align, cell.shown_as)
            self._span(self.row, left, 1, width, "", look)
            write = self.sheet.write_datetime if isinstance(cell.value, date) else self.sheet.write_number
            write(self.row, left, cell.value, self.looks[look])
        self.sheet.set_row(self.row, 16)
        self.row += 1

    def _shown_as(self, align: Align, shown_as: str) -> str:
        """The look of values that stand at this side and are shown so."""
        look = f"{align} {shown_as}"
        if look not in self.looks:
            self.looks[look] = self.book.add_format({**self.cell, "align": _ALIGNED[align], "num_format": shown_as})
        return look

    def _span(self, top: int, left: int, rows: int, columns: int, text: str, look: str) -> None:
        if rows > 1 or columns > 1:
            self.sheet.merge_range(top, left, top + rows - 1, left + columns - 1, "", self.looks[look])
        if text:
            self.sheet.write_string(top, left, text, self.looks[look])


_ALIGNED: dict[Align, str] = {"start": "left", "end": "right", "center": "center"}


def _spans(widths: Sequence[int]) -> list[tuple[int, int]]:
    """First column and number of columns on the grid for parts of these widths; each has at least one, all fill it."""
    whole, spans, done, given = sum(widths), [], 0, 0
    for place, width in enumerate(widths, start=1):
        done += width
        end = max(given + 1, min(round(done * _GRID / whole), _GRID - (len(widths) - place)))
        spans.append((given, end - given))
        given = end
    return spans
