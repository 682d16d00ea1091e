"""A workbook whose words never lie on the disk as they are: its rows pass by a file that is given, all else stays in memory.

XlsxWriter itself keeps every cell in memory, or else the rows of a sheet in a plain temporary file, and then each part of the
package in another. The names with an underscore are its own, overridden here; the lock pins its version.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import xlsxwriter
from xlsxwriter.packager import Packager
from xlsxwriter.worksheet import Worksheet

# Formulas and links are for no cell: what somebody wrote stays the text that it is.
AS_WRITTEN = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
PIECE = 64 * 1024
# From here on an entry of a zip needs the long form, which older programs do not read.
LONG = 2_000_000_000


class _SmallParts(Packager):  # type: ignore[misc]  # XlsxWriter says no types.
    """Every part of a package but its sheets, which are as long as the ledger and go straight into it."""

    def _write_worksheet_files(self) -> None:
        pass


class _Sheet(Worksheet):  # type: ignore[misc]  # XlsxWriter says no types.
    """A sheet whose finished rows wait in a file of the book until they are packed."""

    def _initialize(self, init_data: dict[str, Any]) -> None:
        super()._initialize(init_data)
        self.constant_memory = True  # only now: else it would open a plain file

    def pass_by(self, rows: Any) -> None:
        """Its rows go through this file."""
        self.fh = self.row_data_fh = io.TextIOWrapper(io.BufferedRandom(rows, PIECE), encoding="utf-8", newline="")

    def finish(self) -> None:
        """Its last row is there; what that looks like is not yet known to the book."""
        self._write_single_row()

    def write_into(self, package: ZipFile, name: str) -> None:
        """Packs the finished sheet as this part."""
        with self.row_data_fh:
            part = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type = ZIP_DEFLATED
            with package.open(part, "w", force_zip64=self.row_data_fh.tell() >= LONG) as entry:
                self._set_filehandle(io.TextIOWrapper(entry, encoding="utf-8", newline="", write_through=True))
                self._assemble_xml_file()
                self.fh.detach()

    def _write_optimized_sheet_data(self) -> None:
        self._xml_start_tag("sheetData")
        self.row_data_fh.seek(0)
        shutil.copyfileobj(self.row_data_fh.buffer, self.fh.buffer, PIECE)
        self._xml_end_tag("sheetData")


class PassingBook(xlsxwriter.Workbook):  # type: ignore[misc]  # XlsxWriter says no types.
    """A workbook written to `target` once it is closed; a row is finished when the next one begins.

    `passing` makes the file that the rows of a sheet wait in.
    """

    worksheet_class = _Sheet

    def __init__(self, target: BinaryIO, passing: Callable[[], BinaryIO]) -> None:
        super().__init__(io.BytesIO(), AS_WRITTEN)
        self._target, self._passing = target, passing

    def add_worksheet(self, name: str) -> Worksheet:
        """One more sheet, written from top to bottom."""
        sheet = super().add_worksheet(name)
        sheet.pass_by(self._passing())
        return sheet

    def _get_packager(self) -> Packager:
        return _SmallParts()

    def _store_workbook(self) -> None:
        for sheet in self.worksheets():
            sheet.finish()
        super()._store_workbook()
        with ZipFile(self.filename) as parts, ZipFile(self._target, "w", ZIP_DEFLATED) as package:
            for part in parts.infolist():
                package.writestr(part, parts.read(part))
            for number, sheet in enumerate(self.worksheets(), start=1):
                sheet.write_into(package, f"xl/worksheets/sheet{number}.xml")
