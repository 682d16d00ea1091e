"""The extents, merges and hidden rows of ods sheets, whose repeat counts can stand for a million rows in
forty bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree

from handlers.ledgers import limits
from handlers.ledgers.archive import Archive
from handlers.ledgers.refusals import LedgerFileRefused
from handlers.ledgers.sheets import Area, Looks
from handlers.ledgers.xml_parts import local_name, walk_part

_CONTENT = "content.xml"
_HIDDEN = ("collapse", "filter")


@dataclass(slots=True)
class OdsSheet:
    """What calamine does not say about one ods sheet."""

    row: int = 0
    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)

    def looks(self) -> Looks:
        """The hidden rows; ods colours and columns are not looked at."""
        return Looks(known=True, hidden_rows=frozenset(self.hidden_rows))


def scan_ods(archive: Archive) -> list[OdsSheet]:
    """One entry per sheet, in order; refuses sheets whose used area, with all repeats, is larger than the
    limits.
    """
    sheets: list[OdsSheet] = []
    for event, element in walk_part(archive, _CONTENT):
        name = local_name(element.tag)
        if event == "start" and name == "table":
            sheets.append(OdsSheet())
        elif event == "end" and name == "table-row" and sheets:
            _read_row(sheets[-1], element)
            element.clear()
    return sheets


def _read_row(sheet: OdsSheet, element: ElementTree.Element) -> None:
    repeats = _number(element, "number-rows-repeated")
    column = widest = 0
    for cell in element:
        if local_name(cell.tag) not in ("table-cell", "covered-table-cell"):
            continue
        if len(cell):
            widest = column + _number(cell, "number-columns-repeated")
        down, across = _number(cell, "number-rows-spanned"), _number(cell, "number-columns-spanned")
        if down > 1 or across > 1:
            sheet.merged.append(Area(sheet.row, column, sheet.row + down - 1, column + across - 1))
        column += _number(cell, "number-columns-repeated")
    if widest:
        _require_small(sheet.row + repeats, widest)
        if _attribute(element, "visibility") in _HIDDEN:
            sheet.hidden_rows.update(range(sheet.row, sheet.row + repeats))
    sheet.row += repeats


def _require_small(rows: int, columns: int) -> None:
    if rows > limits.MAX_ROWS:
        raise LedgerFileRefused("too_many_rows", row=rows, most=limits.MAX_ROWS)
    if columns > limits.MAX_COLUMNS:
        raise LedgerFileRefused("too_many_columns", most=limits.MAX_COLUMNS)
    if rows * columns > limits.MAX_CELLS:
        raise LedgerFileRefused("too_many_cells", most=limits.MAX_CELLS)


def _attribute(element: ElementTree.Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if local_name(key) == name), "")


def _number(element: ElementTree.Element, name: str) -> int:
    text = _attribute(element, name)
    return int(text) if text.isdigit() else 1
