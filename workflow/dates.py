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
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from states.definition import Unit

ZONE = ZoneInfo("Asia/Shanghai")
RUNG_HOUR = 9
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)

DayKind = Literal["start", "counted", "off", "holiday", "makeup", "paused", "rolled", "due"]


@dataclass(frozen=True)
class YearRule:
    """One year of the State Council's notice: holidays and make-up workdays with their names."""

    holidays: Mapping[date, str] = field(default_factory=dict)
    makeups: Mapping[date, str] = field(default_factory=dict)
    published: bool = True


@dataclass(frozen=True)
class Calendar:
    """A version of the working calendar. A year without a rule is provisional: only weekends are off."""

    version: str
    years: Mapping[int, YearRule]

    def is_provisional(self, year: int) -> bool:
        """Has the year's notice not been published?"""
        rule = self.years.get(year)
        return rule is None or not rule.published

    def holiday_name(self, day: date) -> str:
        """The name of the holiday on that day, or ""."""
        rule = self.years.get(day.year)
        return rule.holidays.get(day, "") if rule else ""

    def makeup_name(self, day: date) -> str:
        """The holiday that this weekend day makes up for, or ""."""
        rule = self.years.get(day.year)
        return rule.makeups.get(day, "") if rule else ""

    def is_workday(self, day: date) -> bool:
        """Is work done on that day?"""
        if self.makeup_name(day):
            return True
        return day.weekday() < 5 and not self.holiday_name(day)

    @cached_property
    def _workdays(self) -> list[int]:
        span = range(FIRST_DAY.toordinal(), LAST_DAY.toordinal() + 1)
        return [ordinal for ordinal in span if self.is_workday(date.fromordinal(ordinal))]

    def workdays_in(self, after: date, until: date) -> int:
        """How many working days lie in (after, until]."""
        days = self._workdays
        return bisect_right(days, until.toordinal()) - bisect_right(days, after.toordinal())

    def nth_workday(self, start: date, n: int) -> date:
        """The n-th working day after `start` (before it, where n is negative)."""
        days = self._workdays
        at = bisect_right(days, start.toordinal()) - 1 + n if n > 0 else bisect_left(days, start.toordinal()) + n
        return date.fromordinal(days[at])

    def workday_from(self, day: date) -> date:
        """The day itself or the next working day."""
        return date.fromordinal(self._workdays[bisect_left(self._workdays, day.toordinal())])

    def workday_until(self, day: date) -> date:
        """The day itself or the last working day before it."""
        return date.fromordinal(self._workdays[bisect_right(self._workdays, day.toordinal()) - 1])


@dataclass(frozen=True, slots=True)
class Pause:
    """Days d with from_on ≤ d < to_on do not count; an open pause (`to_on` None) goes on."""

    from_on: date
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A computed deadline. `provisional`: the days counted touch a year whose notice is not out."""

    on: date
    unrolled_on: date
    provisional: bool
    calendar_version: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an explanation; `count` is the running count, where the day counts."""

    on: date
    kind: DayKind
    count: int | None = None
    note: str = ""


def local_day(at: datetime) -> date:
    """The Shanghai day of an instant."""
    return at.astimezone(ZONE).date()


def local_time(day: date, hour: int = RUNG_HOUR) -> datetime:
    """The instant of a Shanghai hour, in UTC."""
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


def add_months(day: date, amount: int) -> date:
    """The same day number so many months on, clamped to the month's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    last = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def credit(calendar: Calendar, pauses: Sequence[Pause], unit: Unit) -> int:
    """What closed pauses give back: working days among them to a working-day clock, else calendar days."""
    closed = [(p.from_on, p.to_on) for p in pauses if p.to_on is not None]
    if unit == "workday":
        return sum(calendar.workdays_in(a - timedelta(1), b - timedelta(1)) for a, b in closed)
    return sum((b - a).days for a, b in closed)


def due_on(calendar: Calendar, start: date, amount: int, unit: Unit, *, roll: bool = True, pauses: Sequence[Pause] = ()) -> Due:
    """The last day of a limit that begins at `start`."""
    if unit == "workday":
        end = calendar.nth_workday(start, amount + credit(calendar, pauses, unit))
        return _due(calendar, start, end, end)
    plain = add_months(start, amount) if unit == "month" else start + timedelta(amount)
    plain += timedelta(credit(calendar, pauses, unit))
    return _due(calendar, start, plain, calendar.workday_from(plain) if roll else plain)


def _due(calendar: Calendar, start: date, plain: date, end: date) -> Due:
    provisional = any(calendar.is_provisional(year) for year in range(start.year, end.year + 1))
    return Due(end, plain, provisional, calendar.version)


def explain(
    calendar: Calendar, start: date, amount: int, unit: Unit, *, roll: bool = True, pauses: Sequence[Pause] = ()
) -> tuple[Day, ...]:
    """Every day from the start to the deadline and how it counted; the last one is `due_on`'s answer."""
    due = due_on(calendar, start, amount, unit, roll=roll, pauses=pauses)
    return tuple(_days(calendar, start, due, unit, pauses))


def _days(calendar: Calendar, start: date, due: Due, unit: Unit, pauses: Sequence[Pause]) -> Iterator[Day]:
    count, day = 0, start
    if due.on > start:
        yield Day(start, "start")
    while day < due.on:
        day += timedelta(1)
        is_paused = any(p.from_on <= day and (p.to_on is None or day < p.to_on) for p in pauses)
        counts = not is_paused and (calendar.is_workday(day) if unit == "workday" else day <= due.unrolled_on)
        count += counts
        yield _day(calendar, day, due, unit, count if counts else None, is_paused)
    if due.on <= start:
        yield Day(due.on, "due")


def _day(calendar: Calendar, day: date, due: Due, unit: Unit, count: int | None, is_paused: bool) -> Day:
    name = calendar.holiday_name(day) or calendar.makeup_name(day)
    if day == due.on:
        return Day(day, "due", count, name)
    if is_paused:
        return Day(day, "paused", None, name)
    if unit != "workday":
        return Day(day, "counted" if day <= due.unrolled_on else "rolled", count, name)
    if count is not None:
        return Day(day, "makeup" if calendar.makeup_name(day) else "counted", count, name)
    return Day(day, "holiday" if calendar.holiday_name(day) else "off", None, name)


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
