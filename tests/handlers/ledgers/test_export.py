"""What is exported and imported again is the same cell for cell, in both formats."""

from __future__ import annotations

import datetime as dt
import io
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from handlers.ledgers import export as printed
from handlers.ledgers.export import ExportColumn, ExportRow, FileFormat, Heading, Paper, write_ledger
from handlers.ledgers.reading import read_ledger
from handlers.ledgers.values import CENTS_PER_WAN, read_cents, read_day
from handlers.ledgers.workbook import open_workbook
from states.errors import BadInput
from web.passing import passing_file

TODAY = dt.date(2026, 6, 15)
HEADING = Heading("××县委第三轮巡察反馈问题整改台账", ("填报单位:县委巡察办 截至 2026年6月14日 单位:个、万元",))
COLUMNS = (
    ExportColumn("序号", kind="integer", width=6),
    ExportColumn("编号"),
    ExportColumn("原编号"),
    ExportColumn("乡镇"),
    ExportColumn("被巡察党组织"),
    ExportColumn("反馈问题", width=40),
    ExportColumn("责任单位", group="整改责任"),
    ExportColumn("责任人", group="整改责任"),
    ExportColumn("挽回经济损失", kind="money", total=True),
    ExportColumn("整改时限", kind="date"),
    ExportColumn("完成情况"),
)
FORMATS: list[FileFormat] = ["xlsx", "csv"]
formats = pytest.mark.parametrize("file_format", FORMATS)
DANGEROUS = [
    "=1+1",
    "+86",
    "-",
    "@全体",
    "'",
    "'=1",
    "'\t=1",
    "\t=1",
    "007",
    "0012.50",
    "1E5",
    "_x0041_",
    "是",
    "2026-06-30",
]
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"], include_characters="\n\t"), max_size=12)
cells = st.one_of(st.sampled_from(DANGEROUS), texts, st.builds(str.__add__, st.sampled_from("=+-@'\t"), texts))


def export(rows: list[ExportRow], file_format: FileFormat, *, subtotals: bool = False) -> bytes:
    target = io.BytesIO()
    written = write_ledger(rows, COLUMNS, heading=HEADING, target=target, file_format=file_format, subtotals=subtotals)
    assert written == len(rows)
    return target.getvalue()


def row(number: int, *, township: str = "城关镇", problem: str = "账目混乱", cents: int | None = None) -> ExportRow:
    name, day = f"{township}东关村党支部", dt.date(2026, 6, 30)
    texts_of = ("2026-3-城关-017", "007", township, name, problem, "-", "=张三", cents, day, "整改中")
    return ExportRow((number, *texts_of), township=township)


@formats
@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=5))
def test_any_text_comes_back_as_it_was(file_format: FileFormat, rows: list[list[str]]) -> None:
    columns = (ExportColumn("标记"), ExportColumn("甲"), ExportColumn("乙"))
    target = io.BytesIO()
    given_rows = [ExportRow(("x", *texts_of)) for texts_of in rows]
    write_ledger(given_rows, columns, heading=Heading("表"), target=target, file_format=file_format)
    (sheet,) = open_workbook(target.getvalue(), f"x.{file_format}")
    read = [[sheet.cell(at, column) for column in range(3)] for at in range(len(sheet.rows))]
    assert [cells_of for cells_of in read if cells_of[0] == "x"] == [["x", *texts_of] for texts_of in rows]


@formats
def test_an_exported_ledger_is_read_as_the_items_it_was_written_from(file_format: FileFormat) -> None:
    rows = [row(1, problem="=1+1"), row(2, township="平店乡", problem="'问题", cents=25_128_400)]
    reading = read_ledger(export(rows, file_format, subtotals=True), f"x.{file_format}", today=TODAY)
    assert [item.problem for item in reading.rows] == ["=1+1", "'问题"]
    assert [(item.number, item.old_number) for item in reading.rows] == [("2026-3-城关-017", "007")] * 2
    assert [item.measures[0].person for item in reading.rows] == ["=张三", "=张三"]
    assert [item.due.on for item in reading.rows] == [dt.date(2026, 6, 30)] * 2
    assert [item.state for item in reading.rows] == ["supervised", "supervised"]
    assert reading.rows[1].amounts == {"money_recovered": 25_128_400}
    assert reading.refused == ()


@formats
def test_a_second_export_of_the_same_rows_has_the_same_digests(file_format: FileFormat) -> None:
    first, second = (
        read_ledger(export([row(number), row(number + 1, problem="乙")], file_format), "x", today=TODAY) for number in (1, 8)
    )
    assert [item.digest for item in first.rows] == [item.digest for item in second.rows]


@formats
@given(cents=st.integers(-(10**12), 10**12))
@settings(max_examples=50, deadline=None)
def test_cents_printed_in_wan_come_back_as_cents(file_format: FileFormat, cents: int) -> None:
    (sheet,) = open_workbook(export([row(1, cents=cents)], file_format), "x")
    amounts = [sheet.cell(at, 8) for at in range(len(sheet.rows)) if read_day(sheet.cell(at, 9))]
    assert [read_cents(cell) for cell in amounts] == [cents]


@formats
def test_a_column_of_days_takes_words_and_counts_are_counts(file_format: FileFormat) -> None:
    columns = (ExportColumn("事项"), ExportColumn("整改时限", kind="date"), ExportColumn("人数", kind="integer"))
    rows = [ExportRow(("甲", dt.date(2026, 6, 30), 3)), ExportRow(("乙", "=长期坚持", None))]
    target = io.BytesIO()
    write_ledger(rows, columns, heading=Heading("表"), target=target, file_format=file_format)
    if file_format == "csv":
        assert target.getvalue().decode("utf-8-sig").splitlines()[1:] == ['"甲","2026-06-30","3"', '"乙","\'\t=长期坚持",""']
        return
    sheet = load_workbook(target).active
    assert sheet is not None
    told = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=4)]
    assert told == [["甲", dt.datetime(2026, 6, 30), 3], ["乙", "=长期坚持", None]]
    assert sheet["B4"].data_type == "s"


def test_the_xlsx_holds_no_formula_and_no_link() -> None:
    data = export([row(1, problem="=HYPERLINK(1)"), row(2, problem="https://example.org")], "xlsx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet


def test_a_csv_cell_never_begins_with_what_a_spreadsheet_would_run() -> None:
    text = export([row(1, problem="=1+1"), row(2, problem="@x")], "csv").decode("utf-8-sig")
    assert not [cell for line in text.splitlines() for cell in line.split('","') if cell.startswith(tuple("=+@"))]


def test_what_a_sheet_does_not_take_is_refused_and_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed, "ROWS_AT_MOST", 6)
    assert export([row(1), row(2)], "xlsx")
    with pytest.raises(BadInput) as refused:
        export([row(at) for at in range(1, 9)], "xlsx")
    assert refused.value.params == {"why": "sheet_full", "limit": 6}
    assert export([row(at) for at in range(1, 9)], "csv")


def test_the_sheet_prints_on_a3_landscape_with_its_head_on_every_page() -> None:
    rows = [row(1, cents=CENTS_PER_WAN), row(2, cents=CENTS_PER_WAN), row(3, township="平店乡")]
    sheet = load_workbook(io.BytesIO(export(rows, "xlsx", subtotals=True))).active
    assert sheet is not None
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 8)
    assert sheet.print_title_rows == "$3:$4"
    assert "第 &P 页 共 &N 页" in str(sheet.oddFooter.center.text)
    column = [sheet.cell(at, 1).value for at in range(1, sheet.max_row + 1)]
    assert column[0] == HEADING.title
    assert [value for value in column if str(value).endswith("小计")] == ["城关镇小计", "平店乡小计"]
    assert sheet.cell(7, 9).value == 2
    assert column[-1] == "制表人:"


def test_on_paper_the_rows_of_an_item_have_no_lines_between_what_is_said_once() -> None:
    columns = (ExportColumn("序号", kind="integer", each_row=False), ExportColumn("措施"))
    rows = [ExportRow((1, "甲")), ExportRow((None, "乙")), ExportRow((2, "丙"))]
    target = io.BytesIO()
    write_ledger(rows, columns, heading=Heading("表"), target=target, paper=Paper())
    sheet = load_workbook(target).active
    assert sheet is not None
    lines = [[(bool(cell.border.top.style), bool(cell.border.bottom.style)) for cell in row] for row in sheet["A3:B5"]]
    assert lines == [[(True, False), (True, True)], [(False, True), (True, True)], [(True, True), (True, True)]]


def test_the_columns_of_a_head_without_groups_stand_in_one_row() -> None:
    target = io.BytesIO()
    write_ledger([ExportRow(("甲", 1))], (ExportColumn("乡镇"), ExportColumn("件数", kind="integer")),
                 heading=Heading("表"), target=target)  # fmt: skip
    assert open_workbook(target.getvalue(), "x")[0].rows[1][:2] == ["乡镇", "件数"]


@formats
def test_rows_are_streamed_and_never_held_together(file_format: FileFormat) -> None:
    alive = most_alive = 0

    class Counted(str):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def rows() -> Iterator[ExportRow]:
        nonlocal alive, most_alive
        for _ in range(200):
            alive += 1
            most_alive = max(alive, most_alive)
            yield ExportRow((Counted("甲"),))

    write_ledger(rows(), (ExportColumn("乡镇"),), heading=Heading("表"), target=io.BytesIO(), file_format=file_format)
    assert most_alive < 5


BIRD = "金丝雀"


def nameless() -> dict[int, int]:
    """The files that this process holds open and that have no name any more: handle → inode."""
    found = {}
    for handle in range(3, 256):
        with suppress(OSError):
            told = os.fstat(handle)
            if stat.S_ISREG(told.st_mode) and told.st_nlink == 0:
                found[handle] = told.st_ino
    return found


def test_a_ledger_lies_scrambled_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    most, seen, before = 20_000, 0, nameless()

    def lying() -> list[bytes]:
        named = [path.read_bytes() for path in tmp_path.rglob("*")]
        ours = dict(nameless().items() - before.items())
        return named + [os.pread(handle, os.fstat(handle).st_size, 0) for handle in ours]

    def look() -> None:
        nonlocal seen
        for data in lying():
            assert BIRD.encode() not in data and b"<row" not in data
            seen = max(seen, len(data))

    class Watched(io.BytesIO):
        def write(self, data: object) -> int:
            look()
            return super().write(data)  # type: ignore[arg-type]  # What a zip writes are bytes.

    def rows() -> Iterator[ExportRow]:
        for at in range(most):
            if at % 5_000 == 0:
                look()
            yield ExportRow((f"{BIRD}{at}",))

    target = Watched()
    write_ledger(rows(), (ExportColumn("事项"),), heading=Heading("表"), target=target, passing=passing_file)
    assert seen > most * len(BIRD.encode())
    assert open_workbook(target.getvalue(), "x.xlsx")[0].rows[-3][0] == f"{BIRD}{most - 1}"
    assert lying() == []
