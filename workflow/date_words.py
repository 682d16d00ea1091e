"""A limit in words → a day, by listed rules only; every other wording stays words and is asked (practice.md §8.3, item 23).

A cell is cut at its commas and brackets, and each part must be one of the listed wordings as a whole. A part that is none of
them, or a second part that names another day, leaves the cell undated: the reader is asked, nothing is guessed. A day written
in words is not moved off a holiday.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from states.definition import Unit
from workflow.dates import Calendar, due_on

IMMEDIATE_WORKDAYS = 5  # 立行立改: from the notice

_SERIAL_ZERO = date(1899, 12, 30)  # spreadsheets count a 29 February 1900 that never was
_SERIALS = range(20_000, 73_051)  # 1954 to 2099; smaller numbers are counts

_SIMPLIFIED = str.maketrans(
    "兩個內長堅馬續進態後無號週實銷辦結畢決幾兒幹饋從見", "两个内长坚马续进态后无号周实销办结毕决几儿干馈从见"
)
_DIGITS = str.maketrans("〇○零一二两三四五六七八九", "0001223456789")
_MIDNIGHT = re.compile(r"(?<=\d)[\sT]+0?0:00(?::00(?:\.0+)?)?\s*$")
_LIST_MARKS = re.compile(r"[①-⒛❶-❿㈠-㈩]")  # NFKC would melt ① into the number that follows it
_TENS = re.compile(r"(\d?)十(\d?)")
_NUMERAL = re.compile(r"[〇○零一二两三四五六七八九十]+(?=[个年月日号天周季]|工作日|星期)")
_CUT = re.compile(r"[,、;。()\[\]【】]+|[并且]?(?=长期坚持|持续推进|常态化)")

_HEAD = r"(?:于|在|限|至|到|截至|截止)?"
_DONE = r"(?:(?:全部|全面)?(?:完成整改|整改完成|整改到位|整改完毕|落实到位|完成|整改|办结|销号|解决))?"
_BEFORE = rf"(?:之前|以前|前)?{_DONE}"
_WITHIN = r"(?:之内|以内|内)"
_YEAR = r"(?:((?:19|20)\d\d)年)?"
_FULL_YEAR = r"((?:19|20)\d\d)"

_LONG_TERM = re.compile(rf"(?:长期坚持|长期|持续推进|常态化(?:推进|坚持|开展)?){_DONE}")
_IMMEDIATE = re.compile(rf"(?:立行立改|即知即改|马上改|立即整改){_DONE}")
_NOTHING = re.compile(r"(?:已完成|完成|已整改|整改完成|已销号|无|不涉及|逐一整改|[/\\—-]+)?")
_SERIAL = re.compile(r"\d{5}")
# The start of an item is its feedback where that is known, so that counting from the feedback is counting from the start.
_FROM_FEEDBACK = r"(?:自|从)?(?:收到)?(?:巡察)?反馈(?:意见|通知)?(?:书)?(?:之日)?(?:起|后|之后|以来)"
_AMOUNT = re.compile(rf"(?:{_FROM_FEEDBACK})?限?(?:(\d+)|半)(个月|个?工作日|天|日|周|个?星期|年)({_WITHIN}?){_DONE}")

_UNITS: dict[str, tuple[int, Unit]] = {
    **dict.fromkeys(("天", "日"), (1, "day")),
    **dict.fromkeys(("周", "星期", "个星期"), (7, "day")),
    **dict.fromkeys(("工作日", "个工作日"), (1, "workday")),
    "个月": (1, "month"),
    "年": (12, "month"),
}
_HALVES: dict[str, tuple[int, Unit]] = {"个月": (15, "day"), "年": (6, "month")}
_AT_MOST: dict[Unit, int] = {"day": 3660, "workday": 3660, "month": 120}  # more is a slip of the pen

Place = Callable[..., tuple[int, int]]  # the numbers of a wording → month and day; day 0 is the month's end


def _rule(wording: str, place: Place, *, tail: str = _BEFORE) -> tuple[re.Pattern[str], Place]:
    return re.compile(f"{_HEAD}{wording}{tail}"), place


# A year's points. Group 1 is the year, where it is said. 前 includes the day; a bare month before 前 may mean its first day,
# so that no rule reads it.
_POINTS = (
    _rule(rf"(?:{_FULL_YEAR}年|年)[底末]", lambda: (12, 0)),
    _rule(rf"{_YEAR}上半年[底末]?", lambda: (6, 0)),
    _rule(rf"{_YEAR}下半年[底末]?", lambda: (12, 0)),
    _rule(rf"{_YEAR}第?([1-4])季度[底末]?", lambda quarter: (3 * quarter, 0)),
    _rule(rf"{_YEAR}(\d\d?)月上旬", lambda month: (month, 10)),
    _rule(rf"{_YEAR}(\d\d?)月中", lambda month: (month, 15)),
    _rule(rf"{_YEAR}(\d\d?)月中旬", lambda month: (month, 20)),
    _rule(rf"{_YEAR}(\d\d?)月(?:下旬|[底末])", lambda month: (month, 0)),
    _rule(rf"{_YEAR}(\d\d?)月份?", lambda month: (month, 0), tail=_DONE),
    _rule(rf"{_FULL_YEAR}[-./](\d\d?)", lambda month: (month, 0), tail=_DONE),
    _rule(rf"{_YEAR}(\d\d?)月([1-9]|[0-3]\d)[日号]?", lambda month, day: (month, day)),
    _rule(rf"{_FULL_YEAR}[-./](\d\d?)[-./]([1-9]|[0-3]\d)[日号]?", lambda month, day: (month, day)),
    _rule(rf"{_FULL_YEAR}(\d\d)(\d\d)", lambda month, day: (month, day)),
)


@dataclass(frozen=True, slots=True)
class DateWords:
    """What a limit in words says.

    `presumed` says that the year was supplied (推定); `asked` that the start or the day must be asked. `amount` and `unit`
    are set where the words count from a start. Neither a day nor a flag nor `asked` means that there is no limit.
    """

    text: str
    on: date | None = None
    presumed: bool = False
    long_term: bool = False
    immediate: bool = False
    asked: bool = False
    amount: int | None = None
    unit: Unit | None = None


def read_date_words(text: str, *, start: date | None, calendar: Calendar | None = None) -> DateWords:
    """What the words say; the result keeps `text` as typed.

    A day without a year is the first such day on or after `start`. An amount counts from `start`; working days also need
    the `calendar`. Without them the day is asked, as it is for words that no rule reads.
    """
    parts = [_read(part, start, calendar) for part in _parts(text)]
    return replace(
        _together([part for part in parts if part.on or part.asked]),
        text=text,
        long_term=any(part.long_term for part in parts),
        immediate=any(part.immediate for part in parts),
    )


def _parts(text: str) -> list[str]:
    """The text in figures and simplified characters without blanks, cut at its marks."""
    plain = unicodedata.normalize("NFKC", _LIST_MARKS.sub(",", _MIDNIGHT.sub("", text))).translate(_SIMPLIFIED)
    figures = _NUMERAL.sub(lambda found: _figures(found[0]), "".join(plain.split()))
    return _CUT.split(figures.rstrip("."))


def _figures(numeral: str) -> str:
    """二〇二六 → 2026, 三十 → 30, 十五 → 15; what is no numeral stays and so is not read, as 三五 (three to five) does."""
    digits = numeral.translate(_DIGITS)
    tens = _TENS.fullmatch(digits)
    if tens:
        return f"{tens[1] or 1}{tens[2] or 0}"
    return digits if len(digits) in (1, len("2026")) else numeral


def _together(said: list[DateWords]) -> DateWords:
    """One reading of the parts that name a day or ask for one; parts that disagree are asked."""
    if not said:
        return DateWords("")
    first, *others = said
    agreed = not others or (first.on is not None and {part.on for part in others} == {first.on})
    return first if agreed else DateWords("", asked=True)


def _read(part: str, start: date | None, calendar: Calendar | None) -> DateWords:
    if _NOTHING.fullmatch(part):
        return DateWords("")
    if _LONG_TERM.fullmatch(part):
        return DateWords("", long_term=True)
    if _IMMEDIATE.fullmatch(part):
        return replace(_counted(IMMEDIATE_WORKDAYS, "workday", start, calendar), immediate=True)
    if _SERIAL.fullmatch(part) and int(part) in _SERIALS:
        return DateWords("", _SERIAL_ZERO + timedelta(int(part)))
    return _read_amount(part, start, calendar) or _read_point(part, start) or DateWords("", asked=True)


def _read_amount(part: str, start: date | None, calendar: Calendar | None) -> DateWords | None:
    found = _AMOUNT.fullmatch(part)
    if not found:
        return None
    number, word, within = found.groups()
    limit = _limit(int(number or 0), word, is_half=not number)
    # 15日 and 1年 without 内 may be a day of the month and a length of something else.
    if limit is None or (word in ("日", "年") and not within):
        return None
    return _counted(*limit, start, calendar)


def _limit(number: int, word: str, *, is_half: bool) -> tuple[int, Unit] | None:
    if is_half:
        return _HALVES.get(word)
    times, unit = _UNITS[word]
    amount = number * times
    return (amount, unit) if 0 < amount <= _AT_MOST[unit] else None


def _counted(amount: int, unit: Unit, start: date | None, calendar: Calendar | None) -> DateWords:
    if start is None or (unit == "workday" and calendar is None):
        return DateWords("", asked=True, amount=amount, unit=unit)
    counted_in = calendar or Calendar("", {})
    try:
        return DateWords("", due_on(counted_in, start, amount, unit, roll=False).on, amount=amount, unit=unit)
    except (ValueError, OverflowError):
        return DateWords("", asked=True, amount=amount, unit=unit)


def _read_point(part: str, start: date | None) -> DateWords | None:
    for wording, place in _POINTS:
        found = wording.fullmatch(part)
        if found:
            year, *numbers = found.groups()
            month, day = place(*map(int, numbers))
            on = _day(int(year), month, day) if year else _first_from(start, month, day)
            return DateWords("", on, presumed=on is not None and not year, asked=on is None)
    return None


def _day(year: int, month: int, day: int) -> date | None:
    """The day, or None where the calendar has no such day; day 0 is the month's end."""
    try:
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError:
        return None


def _first_from(start: date | None, month: int, day: int) -> date | None:
    """The first such day on or after `start`; eight years hold a 29 February."""
    if start is None:
        return None
    days = (_day(year, month, day) for year in range(start.year, start.year + 9))
    return next((on for on in days if on is not None and on >= start), None)
