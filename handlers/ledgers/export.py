"""Writes a ledger as offices print it, A3 landscape with a repeated head, so that it reads back cell for
cell.

Texts are written as texts, never as formulas; in CSV, text that a spreadsheet would run is guarded
(`plain_text.guard`). Rows are streamed: with a file to wait in, memory does not grow with their number.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal, cast

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from handlers.ledgers.marks import PROPERTY, Mark, grouped
from handlers.ledgers.passing_book import PassingBook
from handlers.ledgers.plain_text import guard
from handlers.ledgers.values import CENTS_PER_WAN
from states.errors import BadInput

ColumnKind = Literal["text", "integer", "money", "date"]
FileFormat = Literal["xlsx", "csv"]
PaperSize = Literal["a3", "a4"]
ExportCell = str | int | dt.date | None

PAPERS: dict[PaperSize, int] = {"a3": 8, "a4": 9}  # Excel's numbers of the papers
_FONT = "仿宋"
_TITLE_FONT = "方正小标宋简体"
_FOOT = ("制表人:", "审核人:", "分管领导:")
_SUBTOTAL = "小计"
_LINE = 16  # points
_PAGE_WIDTH = 260  # characters that can still be read across a page of A3
_WIDE = "\u2e7f"  # beyond it characters are two wide
_TITLE = {"font_name": _TITLE_FONT, "font_size": 22, "valign": "vcenter"}
# How each kind of cell is shown.
_SHOWN = {
    "text": {"num_format": "@"},
    "integer": {"num_format": "0", "align": "center"},
    "money": {"num_format": "0.00####"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left"},
    "paper_date": {"num_format": 'yyyy"年"m"月"d"日"', "align": "left"},
}
_MOST_BREAKS = 1023  # Excel's own limit
# Excel's sheets have 1,048,576 rows; the last hundred stay for subtotals and the foot.
ROWS_AT_MOST = 1_048_476


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column. `group` stands over neighbouring columns of the same group; `width` is in characters.

    `kind` money takes whole cents and prints 万元; with `total` a column is summed in subtotals. A column of dates takes words
    too (长期坚持), which stand in it as they are. `on_paper` writes days as paper does, 2026年6月30日. What is not `each_row`
    is said once for an item, whose rows on paper have no lines between them there.
    """

    title: str
    group: str = ""
    kind: ColumnKind = "text"
    width: int = 12
    total: bool = False
    on_paper: bool = False
    each_row: bool = True


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One row: a cell per column (text, int, cents or date by the column's kind; None is empty), and its
    township.

    Rows come sorted; where subtotals are asked, a subtotal follows each run of one township.
    """

    cells: tuple[ExportCell, ...]
    township: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the table: the title, and lines such as 填报单位, 截至, 单位:个、万元."""

    title: str
    lines: tuple[str, ...] = ()
    sheet: str = "台账"


@dataclass(frozen=True, slots=True)
class Paper:
    """How a ledger is printed to be handed round: a subtotal and a new page after each township.

    `made_by` stands in the foot, `nowhere` for what is under no township.
    """

    size: PaperSize = "a3"
    made_by: str = ""
    nowhere: str = ""


def write_ledger(
    rows: Iterable[ExportRow],
    columns: Sequence[ExportColumn],
    *,
    heading: Heading,
    target: BinaryIO,
    file_format: FileFormat = "xlsx",
    subtotals: bool = False,
    paper: Paper | None = None,
    mark: Mark | None = None,
    passing: Callable[[], BinaryIO] = io.BytesIO,
) -> int:
    """Write the rows to `target` and say how many there were. CSV has the head and the rows only, in UTF-8
    with its byte order mark. With `paper` every township has its pages. `mark` says who took it away, seen and unseen.
    `passing` makes the file that the rows of a workbook wait in, which may lie on a disk that others read; without it they
    wait in memory. BadInput sheet_full for more rows than a sheet takes.
    """
    if file_format == "csv":
        return _write_csv(rows, columns, target=target, mark=mark)
    with PassingBook(target, passing) as book:
        return _Printer(book, columns, heading, paper, mark).print(rows, subtotals=subtotals or paper is not None)


class _Printer:
    """One pass over a sheet, top to bottom, as constant memory demands."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        columns: Sequence[ExportColumn],
        heading: Heading,
        paper: Paper | None,
        mark: Mark | None,
    ) -> None:
        self.columns = columns
        self.heading = heading
        self.paper = paper
        self.mark = mark
        self.breaks: list[int] = []
        self.pages_wide = 1 if paper else max(1, -(-sum(column.width for column in columns) // _PAGE_WIDTH))
        self.sheet: Worksheet = book.add_worksheet(heading.sheet)
        if mark is not None:
            book.set_custom_property(PROPERTY, grouped(mark.number), "text")
        plain = {"font_name": _FONT, "font_size": 11, "valign": "vcenter"}
        self.book = book
        cell = self.cell = {**plain, "border": 1, "text_wrap": True}
        head = {**cell, "num_format": mark.number_format} if mark else cell
        self.formats: dict[str, Format] = {
            # Over several pages the middle of the title would lie where one of them ends.
            "title": book.add_format({**_TITLE, "align": "center" if self.pages_wide == 1 else "left"}),
            "line": book.add_format(plain),
            "head": book.add_format({**head, "bold": True, "align": "center"}),
            "head_top": book.add_format({**head, "bottom": 0}),
            "head_low": book.add_format({**head, "bold": True, "align": "center", "top": 0}),
            "sum": book.add_format({**cell, "bold": True, "align": "center"}),
            **{kind: book.add_format({**cell, **shown}) for kind, shown in _SHOWN.items()},
        }
        self.row = 0

    def print(self, rows: Iterable[ExportRow], *, subtotals: bool) -> int:
        """Everything, in order; the number of rows."""
        self._set_up_page()
        self._print_head()
        written = self._print_rows(rows, subtotals=subtotals)
        self._print_foot()
        return written

    def _set_up_page(self) -> None:
        sheet = self.sheet
        sheet.set_landscape()
        sheet.set_paper(PAPERS[self.paper.size if self.paper else "a3"])
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        # As wide as the page and as long as it comes: so the breaks after townships hold. What is wider than can be read is
        # as many pages wide as it takes, each with the numbers of its rows.
        sheet.fit_to_pages(self.pages_wide, 0)
        if self.pages_wide > 1:
            sheet.repeat_columns(0, 1)
        sheet.center_horizontally()
        if self.mark is not None:
            sheet.set_header(f"&R{self.mark.words.replace('&', '&&')}")
        sheet.set_footer("&C第 &P 页 共 &N 页")
        for at, column in enumerate(self.columns):
            sheet.set_column(at, at, column.width)

    def _print_head(self) -> None:
        last = max(len(self.columns) - 1, 0)
        for at, text in enumerate((self.heading.title, *self.heading.lines)):
            self.sheet.set_row(self.row, 36 if at == 0 else 20)
            self._span(self.row, 0, last, text + (self._hidden if at == 0 else ""), "title" if at == 0 else "line")
            self.row += 1
        first = self.row
        if any(column.group for column in self.columns):
            self._print_groups()
        for at, column in enumerate(self.columns):
            look = "head" if column.group or first == self.row else "head_low"
            self._string(self.row, at, column.title, look)
        # What is handed round by townships has the title on every page; otherwise the head is enough.
        self.sheet.repeat_rows(first if self.paper is None else 0, self.row)
        self.sheet.freeze_panes(self.row + 1, 0)
        self.row += 1

    @property
    def _hidden(self) -> str:
        return self.mark.hidden if self.mark else ""

    def _print_groups(self) -> None:
        """The upper row of a two-row head. A cell over two rows would need the row below before its time:
        only the line between the two is left out, which looks the same on paper.
        """
        for left, right, text in _runs([column.group for column in self.columns]):
            self._span(self.row, left, right, text, "head")
        for at, column in enumerate(self.columns):
            if not column.group:
                self._string(self.row, at, "", "head_top")
        self.row += 1

    def _span(self, row: int, left: int, right: int, text: str, look: str) -> None:
        if right > left:
            self.sheet.merge_range(row, left, row, right, "", self.formats[look])
        self._string(row, left, text, look)

    def _string(self, row: int, column: int, text: str, look: str) -> None:
        if text:
            self.sheet.write_string(row, column, text, self.formats[look])
        else:
            self.sheet.write_blank(row, column, None, self.formats[look])

    def _print_rows(self, rows: Iterable[ExportRow], *, subtotals: bool) -> int:
        sums = _Sums(self.columns)
        written = 0
        for row, is_last in _with_ends(rows):
            if self.row >= ROWS_AT_MOST:
                raise BadInput(why="sheet_full", limit=ROWS_AT_MOST)  # XlsxWriter would leave them out without a word.
            if subtotals and sums.rows and row.township != sums.township:
                self._print_subtotal(sums)
                if self.paper is not None:
                    self._print_foot()
                    self.breaks.append(self.row)
                sums = _Sums(self.columns)
            self._print_cells(row.cells, is_last=is_last)
            sums.add(row)
            written += 1
        if subtotals and sums.rows:
            self._print_subtotal(sums)
        if self.paper is not None:
            self.sheet.set_h_pagebreaks(self.breaks[:_MOST_BREAKS])
        return written

    def _look(self, kind: str, column: ExportColumn, *, is_first: bool, is_last: bool) -> Format:
        """A cell of this kind; without the lines between the rows of one item, where the column says a thing once for it."""
        if column.each_row or (is_first and is_last):
            return self.formats[kind]
        name = f"{kind} {is_first} {is_last}"
        if name not in self.formats:
            lines = {"top": int(is_first), "bottom": int(is_last)}
            self.formats[name] = self.book.add_format({**self.cell, **_SHOWN[kind], **lines})
        return self.formats[name]

    def _print_cells(self, cells: Sequence[ExportCell], *, is_last: bool) -> None:
        if self.paper is not None:
            # Not every program makes a row as high as its words when it opens a file to print it.
            self.sheet.set_row(self.row, _LINE * max(map(_lines, cells, self.columns)))
        for at, (column, cell) in enumerate(zip(self.columns, cells, strict=True)):
            kind = "text" if isinstance(cell, str) else "paper_date" if column.on_paper else column.kind
            look = self._look(kind, column, is_first=cells[0] is not None, is_last=is_last)
            if cell is None or cell == "":
                self.sheet.write_blank(self.row, at, None, look)
            elif isinstance(cell, str):
                self.sheet.write_string(self.row, at, cell, look)
            elif isinstance(cell, dt.date):
                self.sheet.write_datetime(self.row, at, cell, look)
            elif column.kind == "text":
                self.sheet.write_string(self.row, at, str(cell), look)
            else:
                self.sheet.write_number(self.row, at, cell / CENTS_PER_WAN if column.kind == "money" else cell, look)
        self.row += 1

    def _print_subtotal(self, sums: _Sums) -> None:
        if self.paper is not None:
            for at in range(len(self.columns)):
                self._string(self.row, at, "", "sum")
            words = f"{sums.township or self.paper.nowhere}{_SUBTOTAL}：{sums.items}项"
            self._span(self.row, 0, max(next(iter(sums.summed), len(self.columns)) - 1, 0), words, "sum")
        else:
            self.sheet.write_string(self.row, 0, f"{sums.township}{_SUBTOTAL}", self.formats["sum"])
        for at, column in enumerate(self.columns):
            if at and column.total:
                total = sums.totals[at]
                shown = total / CENTS_PER_WAN if column.kind == "money" else total
                self.sheet.write_number(self.row, at, shown, self.formats[column.kind])
        self.row += 1

    def _print_foot(self) -> None:
        step = max(len(self.columns) // len(_FOOT), 1)
        for at, text in enumerate(_FOOT):
            made_by = self.paper.made_by if self.paper and at == 0 else ""
            self.sheet.write_string(self.row + 1, at * step, f"{text}{made_by}", self.formats["line"])
        self.row += 2


def _with_ends(rows: Iterable[ExportRow]) -> Iterator[tuple[ExportRow, bool]]:
    """Each row, and whether it is the last of its item: the next one, if any, begins another."""
    before = None
    for row in rows:
        if before is not None:
            yield before, row.cells[0] is not None
        before = row
    if before is not None:
        yield before, True


def _lines(cell: ExportCell, column: ExportColumn) -> int:
    """On how many lines a text stands in its column; a Chinese character is two wide."""
    texts = str(cell).split("\n") if isinstance(cell, str) else [""]
    return sum(max(1, -(-sum(1 + (character > _WIDE) for character in text) // column.width)) for text in texts)


class _Sums:
    """The totals of one township's run."""

    def __init__(self, columns: Sequence[ExportColumn]) -> None:
        self.summed = [at for at, column in enumerate(columns) if column.total]
        self.totals = dict.fromkeys(self.summed, 0)
        self.township = ""
        self.rows = 0
        self.items = 0

    def add(self, row: ExportRow) -> None:
        """Count one row in."""
        self.township = row.township
        self.rows += 1
        self.items += row.cells[0] is not None
        for at in self.summed:
            cell = row.cells[at]
            self.totals[at] += cell if isinstance(cell, int) else 0


def _write_csv(rows: Iterable[ExportRow], columns: Sequence[ExportColumn], *, target: BinaryIO, mark: Mark | None) -> int:
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([guard("/".join(filter(None, (column.group, column.title)))) for column in columns])
    written = 0
    for row in rows:
        writer.writerow([_csv_cell(column, cell) for column, cell in zip(columns, row.cells, strict=True)])
        written += 1
    if mark is not None:
        text.write(f"{mark.blank_line}\r\n")
    text.detach()  # writes what is held back, and leaves the target open: it belongs to the caller
    return written


def _csv_cell(column: ExportColumn, cell: ExportCell) -> str:
    if cell is None:
        return ""
    if column.kind == "text" or isinstance(cell, str):
        return guard(str(cell))
    if column.kind == "money":
        return f"{cast('int', cell) / CENTS_PER_WAN:.6f}".rstrip("0").rstrip(".")
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def _runs(groups: Sequence[str]) -> list[tuple[int, int, str]]:
    """(first, last, text) of each run of neighbouring columns with one group."""
    runs: list[tuple[int, int, str]] = []
    for at, group in enumerate(groups):
        if runs and group and runs[-1][2] == group and runs[-1][1] == at - 1:
            runs[-1] = (runs[-1][0], at, group)
        elif group:
            runs.append((at, at, group))
    return runs
