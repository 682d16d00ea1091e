"""Lays the engine's day-by-day explanation of a deadline out in weeks, Monday first. It draws; it computes no deadline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from states.definition import Language
from web import formatting
from web.language import mark, translate

# What stands in a cell that bears no count.
_SIGNS: dict[str, tuple[str, str, str]] = {
    "start": ("移", "移", "from"),
    "holiday": ("假", "假", "hol"),
    "paused": ("停", "停", "stop"),
    "rolled": ("顺", "順", "next"),
    "off": ("·", "·", "·"),
}
_LANGUAGES: tuple[Language, ...] = ("zh-Hans", "zh-Hant", "en")

# The holidays by their names in the State Council's notices; another name that a county writes stays as it stands.
HOLIDAYS = (mark("元旦"), mark("春节"), mark("清明节"), mark("劳动节"), mark("端午节"), mark("中秋节"), mark("国庆节"))


def holiday_name(name: str, language: Language) -> str:
    """A holiday's name in the language, where it has one."""
    return translate(name, language) if name in HOLIDAYS else name


@dataclass(frozen=True, slots=True)
class ExplainedDay:
    """One day of the explanation. `kind` is start, counted, off, holiday, makeup, paused, rolled, due or late; `count` its
    running number, for counted, makeup, due and late days.
    """

    on: date
    kind: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What the macro `clock_explain` draws: a kind, the text in the cell, and the day in words."""

    kind: str
    text: str
    on: str


Week = tuple[str, tuple[Cell | None, ...]]


def week_rows(days: Iterable[ExplainedDay], *, today: date, language: Language) -> list[Week]:
    """Monday in words and its seven cells, for every week from the first day to the last; None is a day outside."""
    by_day = {one.on: one for one in days}
    if not by_day:
        return []
    monday, last = _monday(min(by_day)), max(by_day)
    rows: list[Week] = []
    while monday <= last:
        cells = tuple(_cell(by_day.get(monday + timedelta(n)), today, language) for n in range(7))
        rows.append((formatting.plain_day(monday, today=today, language=language), cells))
        monday += timedelta(7)
    return rows


def _monday(on: date) -> date:
    return on - timedelta(on.weekday())


def _cell(one: ExplainedDay | None, today: date, language: Language) -> Cell | None:
    if one is None:
        return None
    sign = _SIGNS.get(one.kind, ("", "", ""))[_LANGUAGES.index(language)]
    text = sign if one.count is None else str(one.count)
    return Cell(one.kind, text, formatting.plain_day(one.on, today=today, language=language))
