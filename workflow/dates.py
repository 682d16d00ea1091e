"""Days, limits and moments: every deadline is computed here, by the same function that explains it day by day.

Days are Asia/Shanghai days. The first day is not counted. A limit in days or months that ends on a day off rolls to the next
working day unless told not to. The last day counts whole: late begins at 00:00 of the next (semantics.md §3).
"""

from __future__ import annotations

import calendar as months
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from states.definition import Unit

ZONE = ZoneInfo("Asia/Shanghai")
RUNG_HOUR = 9

DayKind = Literal["start", "counted", "off", "holiday", "makeup", "paused", "rolled", "due"]


@dataclass(frozen=True)
class YearRule:
    """One year's notice of the State Council: holidays and make-up workdays with their names.

    A notice may name a day of the year before: New Year of 2023 began on 2022-12-31.
    """

    holidays: Mapping[date, str] = field(default_factory=dict)
    makeups: Mapping[date, str] = field(default_factory=dict)
    published: bool = True


@dataclass(frozen=True)
class Calendar:
    """A version of the working calendar. A year without a rule is provisional: only weekends are off.

    Working days are counted by arithmetic on whole weeks, corrected by the days on which a notice differs, so that a count
    costs the same over a week and over a century. Days that Python's `date` does not have raise its ValueError.
    """

    version: str
    years: Mapping[int, YearRule]

    def is_provisional(self, year: int) -> bool:
        """Has the year's notice not been published?"""
        rule = self.years.get(year)
        return rule is None or not rule.published

    def holiday_name(self, day: date) -> str:
        """The name of the holiday on that day, or ""."""
        return self._holidays.get(day, "")

    def makeup_name(self, day: date) -> str:
        """The holiday that this weekend day makes up for, or ""."""
        return self._makeups.get(day, "")

    def day_off_name(self, day: date) -> str:
        """The holiday that gives the day off, or "" for a working day and a plain weekend."""
        return "" if self.is_workday(day) else self.holiday_name(day)

    def is_workday(self, day: date) -> bool:
        """Is work done on that day?"""
        if day in self._makeups:
            return True
        return day.weekday() < 5 and day not in self._holidays

    def workdays_in(self, after: date, until: date) -> int:
        """How many working days lie in (after, until]."""
        return self._rank(until.toordinal()) - self._rank(after.toordinal())

    def nth_workday(self, start: date, n: int) -> date:
        """The n-th working day after `start` (before it, where n is negative); for 0 the day itself or the next working day."""
        ordinal = start.toordinal()
        return self._ranked(self._rank(ordinal) + n if n > 0 else self._rank(ordinal - 1) + 1 + n)

    def workday_from(self, day: date) -> date:
        """The day itself or the next working day."""
        return day if self.is_workday(day) else self.nth_workday(day, 1)

    def workday_until(self, day: date) -> date:
        """The day itself or the last working day before it."""
        return day if self.is_workday(day) else self.nth_workday(day, -1)

    @cached_property
    def tiers(self) -> dict[tuple[int, date], tuple[Any, Any]]:
        """What `ladders` has computed of a tier counted from a day: few of both, asked for again with every case."""
        return {}

    @cached_property
    def _holidays(self) -> Mapping[date, str]:
        return {day: name for rule in self.years.values() for day, name in rule.holidays.items()}

    @cached_property
    def _makeups(self) -> Mapping[date, str]:
        return {day: name for rule in self.years.values() for day, name in rule.makeups.items()}

    @cached_property
    def _weekdays_off(self) -> list[int]:
        return sorted(d.toordinal() for d in self._holidays if d.weekday() < 5 and d not in self._makeups)

    @cached_property
    def _weekends_on(self) -> list[int]:
        return sorted(d.toordinal() for d in self._makeups if d.weekday() >= 5)

    def _rank(self, ordinal: int) -> int:
        """How many working days there are up to that day; ordinal 1 is a Monday."""
        weekdays = ordinal // 7 * 5 + min(ordinal % 7, 5)
        return weekdays - bisect_right(self._weekdays_off, ordinal) + bisect_right(self._weekends_on, ordinal)

    def _ranked(self, rank: int) -> date:
        """The working day of that rank: found near where weeks alone would put it."""
        near, reach = rank * 7 // 5, 2 * (len(self._weekdays_off) + len(self._weekends_on)) + 7
        ordinals = range(near - reach, near + reach)
        return date.fromordinal(ordinals[bisect_left(ordinals, rank, key=self._rank)])


@dataclass(frozen=True, slots=True)
class Pause:
    """Days d with from_on ≤ d < to_on do not count; a pause without `to_on` is still open."""

    from_on: date
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A computed deadline. `unrolled_on` is where it fell before rolling; `provisional` says that a year is not published."""

    on: date
    unrolled_on: date
    provisional: bool
    calendar_version: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an explanation: `count` is the running count, where the day counts; `note` names a holiday or make-up.

    `paused` are the days that a pause took out, and those it gave back to a limit that had already ended.
    """

    on: date
    kind: DayKind
    count: int | None = None
    note: str = ""


def local_day(at: datetime) -> date:
    """The Shanghai day of an instant."""
    return at.astimezone(ZONE).date()


@lru_cache(maxsize=4096)
def local_time(day: date, hour: int = RUNG_HOUR) -> datetime:
    """The instant of a Shanghai hour, in UTC."""
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


def end_of(day: date) -> datetime:
    """24:00 (Asia/Shanghai) of the day."""
    return local_time(day + timedelta(1), 0)


def add_months(day: date, amount: int) -> date:
    """The same day number so many months on, clamped to the month's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    last = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def credit(calendar: Calendar, pauses: Sequence[Pause], unit: Unit) -> int:
    """What closed pauses give back: working days among them to a working-day clock, else calendar days."""
    return sum(_given_back(calendar, pause, unit) for pause in _closed(pauses))


def _closed(pauses: Sequence[Pause], since: date = date.min) -> Iterator[tuple[date, date]]:
    """The closed pauses in order, from `since` on; a day that lies in two is paused once."""
    done = since
    for pause in sorted((p for p in pauses if p.to_on is not None), key=lambda p: p.from_on):
        from_on = max(pause.from_on, done)
        if pause.to_on is not None and pause.to_on > from_on:
            yield from_on, pause.to_on
            done = pause.to_on


def _given_back(calendar: Calendar, pause: tuple[date, date], unit: Unit) -> int:
    from_on, to_on = pause
    if unit == "workday":
        return calendar.workdays_in(from_on - timedelta(1), to_on - timedelta(1))
    return (to_on - from_on).days


def due_on(calendar: Calendar, start: date, amount: int, unit: Unit, *, roll: bool = True, pauses: Sequence[Pause] = ()) -> Due:
    """The last day of a limit that begins at `start`; `amount` counts days, workdays or months (the unit is never "date").

    An open pause moves nothing until it ends. One that begins after the deadline moves it too, so that lateness never grows
    while the case is paused and the rungs that are left move along.
    """
    closed = tuple(_closed(pauses, start))
    if unit == "workday":
        end = calendar.nth_workday(start, amount + sum(_given_back(calendar, pause, unit) for pause in closed))
        return _due(calendar, end, end, range((start + timedelta(1)).year, end.year + 1))
    plain = start + timedelta(_plain_days(start, amount, unit))
    end = calendar.workday_from(plain) if roll else plain
    for pause in closed:
        # A pause that begins between the limit's last day and the day it rolls to must not end in lateness.
        at_least = pause[1] if plain < pause[0] <= end else date.min
        plain += timedelta(_given_back(calendar, pause, unit))
        end = calendar.workday_from(max(plain, at_least)) if roll else plain
    return _due(calendar, plain, end, range(plain.year, end.year + 1) if roll else range(0))


def _plain_days(start: date, amount: int, unit: Unit) -> int:
    return (add_months(start, amount) - start).days if unit == "month" else amount


def _due(calendar: Calendar, plain: date, end: date, asked: range) -> Due:
    """A deadline is provisional where the calendar was asked about a year whose notice is not out."""
    return Due(end, plain, any(calendar.is_provisional(year) for year in asked), calendar.version)


def explain(
    calendar: Calendar, start: date, amount: int, unit: Unit, *, roll: bool = True, pauses: Sequence[Pause] = ()
) -> tuple[Day, ...]:
    """Every day from the start to the deadline and how it counted; the last one is `due_on`'s answer."""
    due = due_on(calendar, start, amount, unit, roll=roll, pauses=pauses)
    total = amount if unit == "workday" else _plain_days(start, amount, unit)
    return tuple(_days(calendar, start, due, unit, total, tuple(_closed(pauses, start))))


def _days(
    calendar: Calendar, start: date, due: Due, unit: Unit, total: int, pauses: Sequence[tuple[date, date]]
) -> Iterator[Day]:
    if due.on <= start:
        yield Day(due.on, "due")
        return
    yield Day(start, "start")
    count = 0
    for ordinal in range(start.toordinal() + 1, due.on.toordinal() + 1):
        day = date.fromordinal(ordinal)
        is_paused = any(from_on <= day < to_on for from_on, to_on in pauses)
        counts = not is_paused and count < total and (unit != "workday" or calendar.is_workday(day))
        count += counts
        is_spent = is_paused or (count == total and not counts and day <= due.unrolled_on)
        kind = "due" if day == due.on else _kind(calendar, day, due, unit, counts, is_spent)
        yield Day(day, kind, count if counts else None, calendar.holiday_name(day) or calendar.makeup_name(day))


def _kind(calendar: Calendar, day: date, due: Due, unit: Unit, counts: bool, is_paused: bool) -> DayKind:
    if counts:
        return "makeup" if unit == "workday" and calendar.makeup_name(day) else "counted"
    if is_paused:
        return "paused"
    if day > due.unrolled_on:
        return "rolled"
    return "holiday" if calendar.holiday_name(day) else "off"


def rung_at(calendar: Calendar, due: date, offset: int, unit: Unit, *, is_reminder: bool) -> datetime:
    """The moment of a rung, 09:00 local: before-rungs on a day off act on the working day before, others after.

    Offset 0 is red: the first working day after the limit has ended.
    """
    if offset == 0:
        return local_time(calendar.workday_from(due + timedelta(1)))
    if unit == "workday":
        return local_time(calendar.nth_workday(due, offset))
    day = add_months(due, offset) if unit == "month" else due + timedelta(offset)
    return local_time(calendar.workday_until(day) if is_reminder else calendar.workday_from(day))


def workdays_between(calendar: Calendar, after: date, until: date) -> int:
    """How many working days lie in (after, until]."""
    return calendar.workdays_in(after, until)


def is_late(due: date, today: date) -> bool:
    """Late begins at 00:00 of the day after."""
    return today > due


def days_late(due: date, today: date) -> int:
    """Calendar days of lateness; 0 when not late."""
    return max((today - due).days, 0)


def workdays_late(calendar: Calendar, due: date, today: date) -> int:
    """Working days of lateness; 0 when not late."""
    return max(calendar.workdays_in(due, today), 0)
