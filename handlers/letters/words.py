"""Words of a letter: days, numbers and users' texts as they are printed, and the names in braces filled in.

A name is replaced once, by text; what it brings is never looked at again. So a user's braces stay braces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

BLANK = "＿＿＿＿"  # to be written in by hand
WEEKDAYS = "一二三四五六日"
_NAME = re.compile(r"\{([a-z_]+)\}")
_YEAR = re.compile(r"[\[【〔(（［]\s*(\d{4})\s*[\]】〕)）］]")
_SERIAL = re.compile(r"第?\s*0*(\d+)\s*号$")
# Marks that turn the reading direction could make a printed line say something else than it holds.
_TURNS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def clean(text: Any) -> str:
    """Text that may stand in a document: no control, surrogate or direction marks; line breaks are kept."""
    lines = str("" if text is None else text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(mark for mark in lines if mark == "\n" or _is_printable(mark))


def one_line(text: Any) -> str:
    """The same on one line, as inside a sentence."""
    return " ".join(clean(text).split())


def _is_printable(mark: str) -> bool:
    return unicodedata.category(mark) not in ("Cc", "Cs") and mark not in _TURNS and mark not in "\ufffe\uffff"


def day(on: date | str | None) -> str:
    """2026年6月26日: Arabic numerals, no leading zeros (GB/T 9704-2012, 7.3.5.4)."""
    found = date.fromisoformat(on) if isinstance(on, str) and on else on
    return f"{found.year}年{found.month}月{found.day}日" if isinstance(found, date) else ""


def day_with_weekday(on: date | str | None) -> str:
    """2026年6月26日（星期五）."""
    found = date.fromisoformat(on) if isinstance(on, str) and on else on
    return f"{day(found)}（星期{WEEKDAYS[found.weekday()]}）" if isinstance(found, date) else ""


def official_number(text: str) -> str:
    """A document number as 7.2.5 wants it: six-corner brackets around the year, no 第, no leading zeros."""
    number = _YEAR.sub(r"〔\1〕", clean(text).replace("\n", " ").strip())
    return _SERIAL.sub(r"\1号", number)


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The text with each name in braces replaced by its value, or by a blank to write in; KeyError for an unknown name."""
    return _NAME.sub(lambda found: clean(values[found[1]]) or BLANK, text)


def fill_cell(text: str, values: Mapping[str, Any]) -> str:
    """The same for a cell of a table, where an empty value leaves the cell empty."""
    return _NAME.sub(lambda found: clean(values[found[1]]), text)


def width(text: str) -> float:
    """The width of a line in characters: Chinese ones count one, others a half."""
    return sum(1.0 if unicodedata.east_asian_width(mark) in "WFA" else 0.5 for mark in text)
