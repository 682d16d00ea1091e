"""A day as people type it: 2026-11-25, 2026/11/25, 2026年11月25日, 20261125, and 11-25 without its year.

Nothing is guessed: a day without a year is of this year, in a box for days to come the next such day, in one for days gone
by the last; and it counts only once the page has shown it in full.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Literal

from states.definition import Field
from states.errors import BadInput
from states.questions import told_with
from web.formatting import full_day, plain_day
from web.language import current_language

WEEK = 7
_FULL = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})[日号號]?")
_PACKED = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_NO_YEAR = re.compile(r"([0-9]{1,2})[-/.月]([0-9]{1,2})[日号號]?")
# As `full_day` says a day to English readers.
_ENGLISH = re.compile(r"([0-9]{1,2})(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*([0-9]{4})?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


# Which days a box asks for: those to come, those gone by, or any.
Side = Literal["ahead", "past", ""]
# Between two leap days there are at most eight years (1896 and 1904).
_YEARS: Mapping[Side, range] = {"ahead": range(9), "past": range(0, -9, -1), "": range(1)}


class Unsure(str):
    """A day whose year was not typed, or one that is none, as an answer; `code` says it to the reader before it counts."""

    code: str

    def __new__(cls, text: str, code: str) -> Unsure:
        """The answer with its code."""
        made = super().__new__(cls, text)
        made.code = code
        return made


def side_of(question: Field) -> Side:
    """Which days a question takes, by its own bounds."""
    if question.type == "agenda_dates" or (question.min_days is not None and question.min_days >= 0):
        return "ahead"
    return "past" if question.max_days is not None and question.max_days <= 0 else ""


def read_day(text: str, *, today: date, side: Side = "") -> date | None:
    """The day that was typed, in full-width figures too; None for anything that is none, such as 11月31日."""
    found = _parts_of(text)
    return _day_of(*found, today=today, side=side) if found else None


def plain_text(text: str, *, today: date, side: Side = "") -> str:
    """The day as forms of definitions take it, Unsure without its year; what is no day stays as it was typed, so that it can
    be shown again."""
    found = _parts_of(text)
    on = _day_of(*found, today=today, side=side) if found else None
    if on is None:
        return Unsure(text, "no_such_day") if found else text
    return on.isoformat() if found and found[0] is not None else Unsure(on.isoformat(), told_with("read_as", on))


def sure_day(text: str, *, today: date, side: Side = "ahead", why: str) -> date:
    """The day that was typed with its year; BadInput `why` for what is none, day_without_year with the day as it is read."""
    told = plain_text(text, today=today, side=side)
    on = read_day(told, today=today)
    if on is None:
        raise BadInput(why=why, text=text)
    if isinstance(told, Unsure):
        raise BadInput(why="day_without_year", day=full_day(on, language=current_language()))
    return on


def unsure_days(answers: Any, name: str = "") -> dict[str, list[str]]:
    """What the page must say first of the days among the answers: a question ("key", or "key/row/column") → its code."""
    if isinstance(answers, Unsure):
        return {name: [answers.code]}
    found: dict[str, list[str]] = {}
    for key, value in _inner(answers):
        found |= unsure_days(value, f"{name}/{key}" if name else str(key))
    return found


def _inner(answers: Any) -> Iterator[tuple[Any, Any]] | Iterable[tuple[Any, Any]]:
    return answers.items() if isinstance(answers, Mapping) else enumerate(answers) if isinstance(answers, list) else ()


def _parts_of(text: str) -> tuple[int | None, int, int] | None:
    """Year (None where none was typed), month and day, or None for what is not written as a day."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).lower()
    if found := _FULL.fullmatch(plain) or _PACKED.fullmatch(plain):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _NO_YEAR.fullmatch(plain):
        return None, int(found[1]), int(found[2])
    if found := _ENGLISH.fullmatch(plain):
        return int(found[3]) if found[3] else None, _MONTHS.index(found[2]) + 1, int(found[1])
    return None


def _day_of(year: int | None, month: int, day: int, *, today: date, side: Side) -> date | None:
    if year is not None:
        return _valid(year, month, day)
    found = (_valid(today.year + years, month, day) for years in _YEARS[side])
    return next((on for on in found if on and _is_on(side, on, today)), None)


def _is_on(side: Side, on: date, today: date) -> bool:
    return not side or (on >= today if side == "ahead" else on <= today)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def example_day(latest: date | str | None, ahead: int | None, *, today: date) -> str:
    """A day that may be typed into an empty box, without its year: a week from today, as far as the box allows it."""
    on = today + timedelta(days=WEEK if ahead is None else min(ahead, WEEK))
    last = date.fromisoformat(latest) if isinstance(latest, str) and latest else latest
    return plain_day(min(on, last) if isinstance(last, date) else on, today=today, language=current_language())


def typed_day(value: date | str | None, side: Side = "", *, today: date) -> str:
    """What stands in a box for a day: the day in the page's language and always with its year, else what was typed."""
    on = read_day(value, today=today, side=side) if isinstance(value, str) else value
    return full_day(on, language=current_language()) if on else str(value or "")
