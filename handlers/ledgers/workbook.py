"""Opens a ledger file by what it is, not by what it is called, and gives its sheets; hostile files are
refused first.
"""

from __future__ import annotations

import io
from pathlib import Path, PurePath

import python_calamine as calamine

from handlers.ledgers import limits
from handlers.ledgers.archive import Archive, open_archive
from handlers.ledgers.ods_looks import OdsSheet, scan_ods
from handlers.ledgers.plain_text import read_csv
from handlers.ledgers.refusals import LedgerFileRefused
from handlers.ledgers.sheets import Area, Looks, Row, Sheet, trim
from handlers.ledgers.xlsx_looks import list_sheet_parts, scan_looks

_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_WPS_NAMES = (".et", ".ett", ".wps", ".wpt", ".dps", ".xlsb")
_FOREIGN = (
    b"%PDF",
    b"{\\rtf",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"MZ",
    b"\x7fELF",
)


def open_workbook(source: Path | bytes, name: str) -> tuple[Sheet, ...]:
    """The sheets of an xlsx, xls, ods or csv file, in order; raises LedgerFileRefused for anything else.

    `name` is what the user called the file: it names the sheet of a CSV and tells a WPS file, and decides
    nothing else. Formulas are not evaluated: their stored values are taken, and text that begins with = + -
    @ stays text.
    """
    data = _read_bytes(source)
    if PurePath(name).suffix.lower() in _WPS_NAMES:
        raise LedgerFileRefused("save_as_xlsx", name=name)
    if data.startswith(_OLE):
        return _read_xls(data)
    if data.startswith(_ZIP):
        return _read_zip(data)
    _require_text(data)
    return (read_csv(data, name=PurePath(name).stem),)


def _read_bytes(source: Path | bytes) -> bytes:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > limits.MAX_FILE_BYTES:
        raise LedgerFileRefused("file_too_large", bytes=size, most=limits.MAX_FILE_BYTES)
    if size == 0:
        raise LedgerFileRefused("empty")
    return source if isinstance(source, bytes) else source.read_bytes()


def _require_text(data: bytes) -> None:
    opening = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if opening.startswith((b"<?xml", b"<html", b"<!doctype", b"<table", b"<meta", b"<style")):
        raise LedgerFileRefused("save_as_xlsx", found="web page")  # many systems export web pages named .xls
    if data.startswith(_FOREIGN):
        raise LedgerFileRefused("wrong_type", found="binary")


def _read_xls(data: bytes) -> tuple[Sheet, ...]:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise LedgerFileRefused("encrypted")
    if not any(stream.encode("utf-16-le") + b"\x00\x00" in data for stream in ("Workbook", "Book")):
        raise LedgerFileRefused("save_as_xlsx" if b"W\x00p\x00s" in data else "wrong_type", found="ole")
    book = _open_calamine(data)
    return _read_sheets(book, [Looks()] * len(book.sheet_names), None)


def _read_zip(data: bytes) -> tuple[Sheet, ...]:
    archive = open_archive(data)
    if "xl/workbook.xml" in archive.entries:
        return _read_xlsx(archive)
    if "mimetype" in archive.entries and archive.read("mimetype").strip() == _ODS_TYPE:
        return _read_ods(archive)
    if "xl/workbook.bin" in archive.entries:
        raise LedgerFileRefused("save_as_xlsx", found="xlsb")
    raise LedgerFileRefused("wrong_type", found="zip")


def _read_xlsx(archive: Archive) -> tuple[Sheet, ...]:
    parts = list_sheet_parts(archive)
    if len(parts) > limits.MAX_SHEETS:
        raise LedgerFileRefused("too_many_sheets", sheets=len(parts), most=limits.MAX_SHEETS)
    looks = {name: scan_looks(archive, part) for name, part in parts.items()}
    book = _open_calamine(archive.data)
    if not set(book.sheet_names) <= set(looks):
        raise LedgerFileRefused("damaged", entry="xl/workbook.xml")  # calamine would open a sheet that was not measured
    return _read_sheets(book, [looks[name] for name in book.sheet_names], None)


def _read_ods(archive: Archive) -> tuple[Sheet, ...]:
    if any(b"encryption-data" in chunk for chunk in archive.stream("META-INF/manifest.xml")):
        raise LedgerFileRefused("encrypted")
    scanned = scan_ods(archive)
    book = _open_calamine(archive.data)
    if len(scanned) != len(book.sheet_names):
        raise LedgerFileRefused("damaged", entry="content.xml")
    return _read_sheets(book, [sheet.looks() for sheet in scanned], scanned)


def _open_calamine(data: bytes) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError as fault:
        raise LedgerFileRefused("encrypted") from fault
    except (calamine.CalamineError, OSError, ValueError) as fault:
        raise LedgerFileRefused("damaged") from fault


def _read_sheets(book: calamine.CalamineWorkbook, looks: list[Looks], scanned: list[OdsSheet] | None) -> tuple[Sheet, ...]:
    found: list[Sheet] = []
    for number, described in enumerate(book.sheets_metadata):
        if described.typ != calamine.SheetTypeEnum.WorkSheet:
            continue  # a chart sheet has no cells
        try:
            read = book.get_sheet_by_index(number)
        except (calamine.CalamineError, ValueError) as fault:
            raise LedgerFileRefused("damaged", sheet=described.name) from fault
        merged = tuple(scanned[number].merged) if scanned else _merged_areas(read)
        found.append(
            Sheet(
                name=described.name,
                rows=_rows_of(read),
                merged=merged,
                looks=looks[number],
                hidden=described.visible != calamine.SheetVisibleEnum.Visible,
            )
        )
    return tuple(found)


def _rows_of(read: calamine.CalamineSheet) -> list[Row]:
    if read.end is None:
        return []
    if read.end[1] >= limits.MAX_COLUMNS:
        raise LedgerFileRefused("too_many_columns", sheet=read.name, most=limits.MAX_COLUMNS)
    rows: list[Row] = list(read.to_python(skip_empty_area=False))
    return trim(rows)


def _merged_areas(read: calamine.CalamineSheet) -> tuple[Area, ...]:
    ranges = read.merged_cell_ranges or []
    return tuple(Area(top, left, bottom, right) for (top, left), (bottom, right) in ranges)
