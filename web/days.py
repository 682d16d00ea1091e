"""A day as people type it: 2026-11-25, 2026/11/25, 2026年11月25日, 20261125, 11-25 of this year. Nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from web.formatting import full_day, plain_day
from web.language import current_language

WEEK = 7
_FULL = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})[日号號]?")
_PACKED = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_OF_THIS_YEAR = re.compile(r"([0-9]{1,2})[-/.月]([0-9]{1,2})[日号號]?")
# As `full_day` says a day to English readers.
_ENGLISH = re.compile(r"([0-9]{1,2})(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*([0-9]{4})?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_day(text: str, *, today: date) -> date | None:
    """The day that was typed, in full-width figures too; None for anything that is none, such as 11月31日."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).lower()
    if found := _FULL.fullmatch(plain) or _PACKED.fullmatch(plain):
        year, month, day = map(int, found.groups())
    elif found := _OF_THIS_YEAR.fullmatch(plain):
        year, month, day = today.year, *map(int, found.groups())
    elif found := _ENGLISH.fullmatch(plain):
        year, month, day = int(found[3] or today.year), _MONTHS.index(found[2]) + 1, int(found[1])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def plain_text(text: str, *, today: date) -> str:
    """The day as forms of definitions take it; what is no day stays as it was typed, so that it can be shown again."""
    on = read_day(text, today=today)
    return on.isoformat() if on else text


def example_day(latest: date | str | None, ahead: int | None, *, today: date) -> str:
    """A day that may be typed into an empty box, without its year: a week from today, as far as the box allows it."""
    on = today + timedelta(days=WEEK if ahead is None else min(ahead, WEEK))
    last = date.fromisoformat(latest) if isinstance(latest, str) and latest else latest
    return plain_day(min(on, last) if isinstance(last, date) else on, today=today, language=current_language())


def typed_day(value: date | str | None) -> str:
    """What stands in a box for a day: the day in the page's language, else what was typed."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return str(value)
    return full_day(value, language=current_language()) if value else ""
