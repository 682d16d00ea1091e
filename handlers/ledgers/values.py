"""Cells become texts, days and cents; what cannot be read stays as the words it was."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal, InvalidOperation

from handlers.ledgers.sheets import EMPTY, Cell
from handlers.ledgers.words import fold

CENTS_PER_YUAN = 100
CENTS_PER_WAN = 1_000_000
CENTS_PER_YI = 10_000 * CENTS_PER_WAN
_SERIAL_FIRST, _SERIAL_LAST = 20_000, 73_050  # 1954 to 2099; smaller numbers are counts
_SERIAL_ZERO = dt.date(1899, 12, 30)  # spreadsheets count a 29 February 1900 that never was
_AMOUNT = re.compile(r"^([+-]?\d[\d,]*(?:\.\d+)?)(万元|亿元|元|万|亿)?$")
_UNIT_CENTS = {
    "元": CENTS_PER_YUAN,
    "万": CENTS_PER_WAN,
    "万元": CENTS_PER_WAN,
    "亿": CENTS_PER_YI,
    "亿元": CENTS_PER_YI,
}
_DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)$")
_PACKED_DAY = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_BLANK_WORDS = frozenset({"", "/", "-", "--", "—", "——", "无", "\\"})


def clean(cell: Cell) -> Cell:
    """The cell as the ledger stores it: a text in NFC, as typed, with one newline for each line end.

    Other control characters, which the ledger refuses, are left out.
    """
    if not isinstance(cell, str) or (cell.isprintable() and unicodedata.is_normalized("NFC", cell)):
        return cell
    composed = unicodedata.normalize("NFC", cell.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(character for character in composed if _is_kept(character))


def as_text(cell: Cell) -> str:
    """The cell as the text a person saw: 3.0 is "3", a day is 2026-06-30; a text is itself."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, dt.datetime):
        at_midnight = cell.time() == dt.time()
        return cell.date().isoformat() if at_midnight else cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return cell.isoformat(timespec="minutes") if isinstance(cell, dt.time) else str(cell)


def is_blank(cell: Cell) -> bool:
    """Does the cell say nothing? Blanks, strokes and 无 do not."""
    if cell == EMPTY:
        return True
    return isinstance(cell, str) and len(cell) < 8 and fold(cell) in _BLANK_WORDS


def read_day(cell: Cell) -> dt.date | None:
    """The day of a dated column: a date cell, a spreadsheet's serial number, or a whole day written in
    figures.
    """
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _day_of_serial(cell) or _day_of_text(as_text(cell))
    return _day_of_text(cell) if isinstance(cell, str) else None


def read_cents(cell: Cell, *, unit_cents: int = CENTS_PER_WAN) -> int | None:
    """An amount in whole cents; None where the cell is not one number. `unit_cents` is what 1 means without
    a unit.
    """
    match = _AMOUNT.match(fold(as_text(cell)))
    if not match:
        return None
    digits, unit = match.groups()
    factor = _UNIT_CENTS.get(unit, unit_cents)
    try:
        return round(Decimal(digits.replace(",", "")) * factor)
    except (InvalidOperation, OverflowError):
        return None


def _day_of_serial(number: int | float) -> dt.date | None:
    if _SERIAL_FIRST <= number <= _SERIAL_LAST:
        return _SERIAL_ZERO + dt.timedelta(days=int(number))
    return None


def _day_of_text(text: str) -> dt.date | None:
    folded = fold(text)
    match = _DAY.match(folded) or _PACKED_DAY.match(folded)
    if match:
        try:
            return dt.date(*(int(part) for part in match.groups()))
        except ValueError:
            return None
    return _day_of_serial(int(folded)) if folded.isdecimal() and len(folded) == 5 else None


def _is_kept(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
