"""CSV in the encodings and delimiters that offices use, and the mark that keeps dangerous text from being
run.

A CSV cell whose text begins with = + - @ or a tab would be run as a formula by a spreadsheet. Duban writes
an apostrophe and a tab before it and takes both away when reading; a text that itself begins with that pair
gets it once more, so that every text comes back as it was (security.md R33).
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter

from handlers.ledgers import limits
from handlers.ledgers.refusals import LedgerFileRefused
from handlers.ledgers.sheets import EMPTY, Cell, Row, Sheet, trim

GUARD = "'\t"
_FULL_WIDTH = "\uff1d\uff0b\uff0d\uff20"  # = + - @, which some spreadsheets take for the narrow ones
_DANGEROUS = (*"=+-@\t\r\n", *_FULL_WIDTH, GUARD)
_DELIMITERS = ",\t;|"
_SAMPLE_RECORDS = 50
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def guard(text: str) -> str:
    """`text` as it may stand in a CSV file that a spreadsheet opens."""
    return GUARD + text if text.startswith(_DANGEROUS) else text


def unguard(text: str) -> str:
    """The text that `guard` was given."""
    return text.removeprefix(GUARD)


def decode(data: bytes) -> str:
    """The text of `data`: by its mark, else UTF-8, else UTF-16 by its zero bytes, else GB 18030; refuses
    what is none.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_as(data, encoding)
    opening = data[:4096]
    if b"\x00" in opening:  # the zero half of each Latin letter, comma and line end tells which half comes first
        zeros_first = opening[0::2].count(0) > opening[1::2].count(0)
        return _decode_as(data, "utf-16-be" if zeros_first else "utf-16-le")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_as(data, "gb18030")


def read_csv(data: bytes, *, name: str) -> Sheet:
    """The one sheet of a CSV file, every cell text. A record is a row, however many lines its cells have."""
    text = decode(data)
    if "\x00" in text:
        raise LedgerFileRefused("wrong_type", found="binary")
    rows: list[Row] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=sniff_delimiter(text)):
            _require_small(len(rows), record)
            rows.append([unguard(cell) for cell in record])
    except csv.Error as fault:
        raise LedgerFileRefused("cell_too_long", row=len(rows) + 1, most=limits.MAX_CELL_CHARS) from fault
    trimmed: list[Row] = [_without_tail(row) for row in trim(rows)]
    return Sheet(name=name, rows=trimmed, merges_known=False)


def sniff_delimiter(text: str) -> str:
    """The delimiter that gives the first records the most, and most even, columns; a comma if none does."""
    # A guard's own tab is no delimiter.
    lines = text[: 64 * 1024].replace(GUARD, GUARD[:1])
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = Counter(_widths(lines, delimiter))
        if widths:
            width, times = widths.most_common(1)[0]
            score = (width - 1) * times / sum(widths.values())
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _widths(text: str, delimiter: str) -> list[int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [len(record) for record, _ in zip(reader, range(_SAMPLE_RECORDS), strict=False) if record]
    except csv.Error:
        return []


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as fault:
        raise LedgerFileRefused("text_encoding", tried=encoding) from fault


def _require_small(rows: int, record: list[str]) -> None:
    if rows >= limits.MAX_ROWS and any(record):
        raise LedgerFileRefused("too_many_rows", row=rows + 1, most=limits.MAX_ROWS)
    if len(record) > limits.MAX_COLUMNS and any(record[limits.MAX_COLUMNS :]):
        raise LedgerFileRefused("too_many_columns", row=rows + 1, most=limits.MAX_COLUMNS)


def _without_tail(row: Row) -> list[Cell]:
    last = len(row)
    while last and row[last - 1] == EMPTY:
        last -= 1
    return list(row[:last])
