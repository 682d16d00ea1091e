"""Files are opened by what they are, and hostile ones are refused before they are parsed."""

from __future__ import annotations

import datetime as dt
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from handlers.ledgers import limits
from handlers.ledgers.plain_text import guard, unguard
from handlers.ledgers.refusals import LedgerFileRefused
from handlers.ledgers.workbook import open_workbook
from tests.handlers.ledgers.books import HEAD, make_sheet, paint, save, sheet_xml, xlsx_with, zip_of

SHEET = "xl/worksheets/sheet1.xml"
CSV = "乡镇,反馈问题\r\n城关镇,“三资”管理混乱\r\n"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODS_HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)
ODS_FOOT = "</office:spreadsheet></office:body></office:document-content>"
MANIFEST = '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


def refusal(data: bytes | Path, name: str = "台账.xlsx") -> str:
    with pytest.raises(LedgerFileRefused) as refused:
        open_workbook(data, name)
    assert refused.value.why in LedgerFileRefused.WHYS
    return refused.value.why


def ods(rows: str) -> bytes:
    table = f'<table:table table:name="台账">{rows}</table:table>'
    content = ODS_HEAD + table + ODS_FOOT
    return zip_of({"mimetype": ODS, "META-INF/manifest.xml": MANIFEST, "content.xml": content})


def ods_cell(text: str, more: str = "") -> str:
    inner = f'office:value-type="string" {more}><text:p>{text}</text:p>'
    return f"<table:table-cell {inner}</table:table-cell>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_every_usual_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    (sheet,) = open_workbook(CSV.replace(",", delimiter).encode(encoding), "台账.csv")
    assert sheet.rows == [["乡镇", "反馈问题"], ["城关镇", "“三资”管理混乱"]]


def test_cells_keep_their_types_and_text_that_begins_like_a_formula_stays_text() -> None:
    book, sheet = make_sheet([("007", 3, True, dt.date(2026, 6, 30), None)])
    sheet["E1"] = "=1+1"
    sheet["F1"].data_type = "s"
    sheet["F1"].value = "-见附件"
    (read,) = open_workbook(save(book), "x.xlsx")
    assert read.rows == [["007", 3.0, True, dt.date(2026, 6, 30), "", "-见附件"]]
    assert read.looks.formulas == 1


def test_the_name_of_a_file_does_not_decide_its_type() -> None:
    book, _ = make_sheet([("甲", "乙")])
    assert open_workbook(save(book), "台账.csv")[0].rows == [["甲", "乙"]]


def test_hidden_rows_and_columns_and_colours_are_seen() -> None:
    book, sheet = make_sheet([HEAD, (1, "城关镇"), (2, "城关镇"), (3, "城关镇")])
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    paint(sheet, ["A2", "B2", "A4"], colour="FF0000")
    paint(sheet, ["B4"], colour="FFFF00")
    looks = open_workbook(save(book), "x.xlsx")[0].looks
    assert looks.hidden_rows == {2}
    assert looks.hidden_columns == {2}
    assert looks.coloured == {(1, "red"): 2, (3, "red"): 1, (3, "yellow"): 1}


def test_a_million_empty_painted_rows_are_cut_and_cost_nothing() -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>乡镇</t></is></c></row>'
    rows += '<row r="1048576"><c r="A1048576" s="0"/><c r="XFD1048576" s="0"></c></row>'
    (sheet,) = open_workbook(xlsx_with({SHEET: sheet_xml(rows)}), "x.xlsx")
    assert sheet.rows == [["乡镇"]]


@pytest.mark.parametrize(
    ("cell", "why"),
    [("A1048576", "too_many_rows"), ("XFD2", "too_many_columns"), ("GR99999", "too_many_cells")],
)
def test_one_cell_in_a_far_corner_is_refused_before_a_block_is_made_for_it(cell: str, why: str) -> None:
    row = int("".join(filter(str.isdigit, cell)))
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{cell}"><v>1</v></c></row>'
    assert refusal(xlsx_with({SHEET: sheet_xml(rows)})) == why


def test_a_zip_bomb_is_refused_by_its_directory_without_unpacking_it() -> None:
    bomb = xlsx_with({SHEET: sheet_xml("<row/>") + " " * (limits.MAX_UNPACKED_BYTES // 4)})
    tracemalloc.start()
    try:
        assert refusal(bomb) == "zip_bomb"
        assert tracemalloc.get_traced_memory()[1] < 8 * limits.MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_zip_with_too_many_entries_is_refused() -> None:
    assert refusal(zip_of({f"xl/{number}.xml": "" for number in range(limits.MAX_ENTRIES + 1)})) == "zip_bomb"


def test_a_directory_that_lies_about_a_size_is_refused() -> None:
    data = bytearray(xlsx_with({SHEET: sheet_xml("<row/>" * 5000)}))
    entry = data.index(b"PK\x01\x02")
    while SHEET.encode() not in data[entry + 46 : entry + 46 + len(SHEET)]:
        entry = data.index(b"PK\x01\x02", entry + 4)
    data[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    assert refusal(bytes(data)) == "zip_dishonest"


@pytest.mark.parametrize("comment", [b"x", b"PK\x05\x06" + b"\x00" * 18])
def test_a_zip_with_a_comment_that_may_hide_a_second_directory_is_refused(tmp_path: Path, comment: bytes) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(xlsx_with({}))
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = comment
    assert refusal(path) == "zip_dishonest"


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
    ],
)
@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "_rels/.rels"])
def test_xml_with_a_dtd_is_refused_wherever_it_hides(head: str, part: str) -> None:
    assert refusal(xlsx_with({part: head + sheet_xml("<row/>")})) == "xml_with_entities"


def test_xml_in_another_encoding_which_could_hide_a_dtd_is_refused() -> None:
    hidden = '<!DOCTYPE x [<!ENTITY a "b">]>' + sheet_xml("")
    assert refusal(xlsx_with({SHEET: hidden.encode("utf-16")})) == "xml_encoding"


def test_an_ods_with_a_dtd_is_refused() -> None:
    content = '<!DOCTYPE x [<!ENTITY a "b">]>' + ODS_HEAD + ODS_FOOT
    assert refusal(zip_of({"mimetype": ODS, "content.xml": content}), "x.ods") == "xml_with_entities"


def test_an_ods_gives_cells_merges_and_hidden_rows_and_ignores_its_million_empty_rows() -> None:
    merged = 'table:number-rows-spanned="2" table:number-columns-spanned="1"'
    rows = f"<table:table-row>{ods_cell('乡镇')}{ods_cell('反馈问题')}</table:table-row>"
    rows += f"<table:table-row>{ods_cell('城关镇', merged)}{ods_cell('甲')}</table:table-row>"
    rows += f'<table:table-row table:visibility="collapse"><table:covered-table-cell/>{ods_cell("乙")}'
    rows += '</table:table-row><table:table-row table:number-rows-repeated="1048573">'
    rows += '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    (sheet,) = open_workbook(ods(rows), "x.ods")
    assert sheet.rows == [["乡镇", "反馈问题"], ["城关镇", "甲"], ["", "乙"]]
    assert [(area.top, area.left, area.bottom, area.right) for area in sheet.merged] == [(1, 0, 2, 0)]
    assert sheet.looks.hidden_rows == {2}


def test_an_ods_whose_filled_row_stands_for_a_million_is_refused() -> None:
    rows = f'<table:table-row table:number-rows-repeated="1048576">{ods_cell("甲")}</table:table-row>'
    assert refusal(ods(rows), "x.ods") == "too_many_rows"


@pytest.mark.parametrize("name", ["台账.et", "台账.ET", "台账.wps", "台账.xlsb"])
def test_wps_files_are_answered_with_save_as_xlsx(name: str) -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, name) == "save_as_xlsx"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 ...", "wrong_type"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "save_as_xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "wrong_type"),
        (b"PK\x03\x04 broken", "damaged"),
        (zip_of({"word/document.xml": "<w/>"}), "wrong_type"),
        (b"\x89PNG\r\n\x1a\n", "wrong_type"),
        (b"\x81\x20\xff\xff,\xff", "text_encoding"),
    ],
)
def test_what_is_no_ledger_is_refused_by_its_content(data: bytes, why: str) -> None:
    assert refusal(data) == why


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    with path.open("wb") as file:
        file.truncate(limits.MAX_FILE_BYTES + 1)
    assert refusal(path) == "file_too_large"


def test_a_csv_of_more_rows_than_the_limit_is_refused_but_not_one_with_empty_rows() -> None:
    assert refusal(b"a,b\n" + b"1,2\n" * limits.MAX_ROWS, "x.csv") == "too_many_rows"
    assert len(open_workbook(b"a,b\n" + b",\n" * (limits.MAX_ROWS + 5), "x.csv")[0].rows) == 1


@pytest.mark.parametrize("text", ["=1", "+1", "-", "@a", "\t=1", "'", "'=1", "'\t=1", "'\t'\t", "007", ""])
def test_a_guarded_text_begins_harmlessly_and_comes_back(text: str) -> None:
    assert not guard(text).startswith(("=", "+", "-", "@", "\t"))
    assert unguard(guard(text)) == text
