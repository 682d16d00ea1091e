"""The extents, hidden rows, hidden columns, formulas and colours of xlsx sheets, found by scanning without
parsing cells.

calamine gives neither looks nor protection from one cell in the last corner, which makes it allocate
seventeen thousand million cells. The scan reads each sheet once, row by row, and stays under one row of
memory.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from itertools import pairwise

from handlers.ledgers import limits
from handlers.ledgers.archive import Archive
from handlers.ledgers.refusals import LedgerFileRefused
from handlers.ledgers.sheets import Looks
from handlers.ledgers.xlsx_styles import coloured_styles
from handlers.ledgers.xml_parts import local_name, parse_part

_PREFIX = rb"(?:[\w.-]+:)?"
_ROW = re.compile(rb"<" + _PREFIX + rb"row(?=[\s/>])")
_COLUMN = re.compile(rb"<" + _PREFIX + rb"col\s([^>]*)>")
_FILLED = re.compile(rb"<" + _PREFIX + rb"(?:v|t)(?=[\s>])")
_FORMULA = re.compile(rb"<" + _PREFIX + rb"f(?=[\s/>])")
_CELL = re.compile(rb"<" + _PREFIX + rb"c(?=[\s/>])")
_PLACED = re.compile(rb"<" + _PREFIX + rb"""c\s[^>]*?\br\s*=\s*["']([A-Za-z]{1,3})\d+["'][^>]*(?<!/)>(?!\s*</)""")
_STYLED = re.compile(rb"<" + _PREFIX + rb"""c\s[^>]*?\bs\s*=\s*["'](\d+)["']""")
_NUMBER = re.compile(rb"""\sr\s*=\s*["'](\d+)["']""")
_HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
_SHEETS_END = re.compile(rb"</" + _PREFIX + rb"sheetData\s*>")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def list_sheet_parts(archive: Archive) -> dict[str, str]:
    """Sheet name → name of its part in the archive, in workbook order."""
    targets = {
        relation.get("Id", ""): _part_name(relation.get("Target", ""))
        for relation in parse_part(archive, "xl/_rels/workbook.xml.rels")
    }
    found: dict[str, str] = {}
    for element in parse_part(archive, "xl/workbook.xml").iter():
        if local_name(element.tag) == "sheet":
            relation_id = next((value for key, value in element.attrib.items() if local_name(key) == "id"), "")
            found[element.get("name", "")] = targets.get(element.get(_RELATION, relation_id), "")
    return {name: part for name, part in found.items() if part in archive.entries}


def scan_looks(archive: Archive, part: str) -> Looks:
    """The looks of one sheet; refuses sheets whose used area is larger than the limits."""
    scan = _Scan(coloured_styles(archive))
    tail = b""
    for chunk in archive.stream(part):
        tail = scan.feed(tail + chunk)
    scan.finish(tail)
    return scan.looks()


class _Scan:
    """One pass over a sheet's XML, fed in chunks."""

    def __init__(self, colours: dict[bytes, str]) -> None:
        self.colours = colours
        self.row = -1
        self.used = [limits.MAX_ROWS, 0, 0]  # first used row, last used row, last used column
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.coloured: Counter[tuple[int, str]] = Counter()
        self.formulas = 0
        self.opened = False

    def feed(self, window: bytes) -> bytes:
        """Read the complete rows of `window`; what follows the last row's beginning is handed back for the
        next call.
        """
        starts = [found.start() for found in _ROW.finditer(window)]
        if not starts:
            return self._require_short(window)
        if not self.opened:
            self._read_columns(window[: starts[0]])
            self.opened = True
        for start, end in pairwise(starts):
            self._read_row(window[start:end])
        return self._require_short(window[starts[-1] :])

    def finish(self, tail: bytes) -> None:
        """Read the last row."""
        if self.opened:
            end = _SHEETS_END.search(tail)
            self._read_row(tail[: end.start()] if end else tail)

    def looks(self) -> Looks:
        """What was found."""
        return Looks(
            known=True,
            hidden_rows=frozenset(self.hidden_rows),
            hidden_columns=frozenset(self.hidden_columns),
            coloured=dict(self.coloured),
            formulas=self.formulas,
        )

    def _require_short(self, waiting: bytes) -> bytes:
        if len(waiting) > limits.MAX_ROW_BYTES:
            raise LedgerFileRefused("too_many_columns", most=limits.MAX_COLUMNS)
        return waiting

    def _read_columns(self, preamble: bytes) -> None:
        for found in _COLUMN.finditer(preamble):
            ends = re.findall(rb"""\b(?:min|max)\s*=\s*["'](\d+)["']""", found.group(1))
            if _HIDDEN.search(b" " + found.group(1)) and len(ends) == 2:
                first, last = sorted(min(int(end), limits.MAX_COLUMNS) for end in ends)
                self.hidden_columns.update(range(first - 1, last))

    def _read_row(self, block: bytes) -> None:
        head = block[: block.index(b">") + 1]
        number = _NUMBER.search(head)
        self.row = int(number.group(1)) - 1 if number else self.row + 1
        if not _FILLED.search(block):
            return
        if _HIDDEN.search(head):
            self.hidden_rows.add(self.row)
        self.formulas += len(_FORMULA.findall(block))
        self._measure(block)
        if self.colours:
            for style in _STYLED.findall(block):
                if style in self.colours:
                    self.coloured[self.row, self.colours[style]] += 1

    def _measure(self, block: bytes) -> None:
        placed = [column_number(letters) for letters in set(_PLACED.findall(block))]
        unplaced = len(_CELL.findall(block)) if not placed else 0
        first, last, widest = self.used
        self.used = [min(first, self.row), max(last, self.row), max([widest, unplaced, *placed])]
        first, last, widest = self.used
        if last >= limits.MAX_ROWS:
            raise LedgerFileRefused("too_many_rows", row=last + 1, most=limits.MAX_ROWS)
        if widest > limits.MAX_COLUMNS:
            raise LedgerFileRefused("too_many_columns", row=self.row + 1, most=limits.MAX_COLUMNS)
        if (last - first + 1) * widest > limits.MAX_CELLS:
            raise LedgerFileRefused("too_many_cells", most=limits.MAX_CELLS)


def column_number(letters: bytes) -> int:
    """The number, from 1, of a column given by letters: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _part_name(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
