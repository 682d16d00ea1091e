"""Builds the small files that the tests of ledgers read: xlsx with merges and colours, and zips made by
hand.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

HEAD = ("序号", "乡镇", "被巡察党组织", "反馈问题", "整改措施", "责任单位", "责任人", "整改时限", "完成情况")


def make_sheet(rows: Iterable[Sequence[Any]], *, title: str = "整改台账") -> tuple[Workbook, Worksheet]:
    """A workbook with one sheet of these rows; None is an empty cell."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return book, sheet


def save(book: Workbook) -> bytes:
    """The workbook as a file."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def paint(sheet: Worksheet, cells: Iterable[str], *, colour: str) -> None:
    """Fill these cells with a colour, given as RRGGBB."""
    for cell in cells:
        sheet[cell].fill = PatternFill("solid", fgColor=f"FF{colour}")


def zip_of(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip of these parts, in order."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def xlsx_with(parts: Mapping[str, str | bytes]) -> bytes:
    """A plain xlsx file whose named parts are replaced by these."""
    book, _ = make_sheet([HEAD, (1, "城关镇", "东关村党支部", "问题")])
    with zipfile.ZipFile(io.BytesIO(save(book))) as archive:
        plain = {name: archive.read(name) for name in archive.namelist()}
    return zip_of({**plain, **parts})


def sheet_xml(rows: str) -> str:
    """The XML of a worksheet with these rows."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
