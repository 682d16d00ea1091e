"""The stretches of days that offices report by (practice §8.1): weeks from Monday, 旬, halves of a month, months, quarters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from states.errors import BadInput

FIRST_HALF = 15  # the last day of the first half of a month
TENS = (10, 20)  # the last days of 上旬 and 中旬


@dataclass(frozen=True, slots=True)
class Period:
    """From its first day to the end of its last."""

    first: date
    last: date


Rhythm = Callable[[date], Period]


def week_of(on: date) -> Period:
    """The week that the day lies in."""
    monday = on - timedelta(on.weekday())
    return Period(monday, monday + timedelta(6))


def half_month_of(on: date) -> Period:
    """The half of a month that the day lies in: the 1st to the 15th, the 16th to the end."""
    return _part_of_month(on, (FIRST_HALF,))


def ten_days_of(on: date) -> Period:
    """The 旬 that the day lies in: the 1st to the 10th, the 11th to the 20th, the 21st to the end."""
    return _part_of_month(on, TENS)


def month_of(on: date) -> Period:
    """The month that the day lies in."""
    return _part_of_month(on, ())


def _part_of_month(on: date, ends: tuple[int, ...]) -> Period:
    begins = 1
    for end in ends:
        if on.day <= end:
            return Period(on.replace(day=begins), on.replace(day=end))
        begins = end + 1
    return Period(on.replace(day=begins), _end_of_month(on))


def quarter_of(on: date) -> Period:
    """The quarter of a year that the day lies in."""
    first = on.replace(month=(on.month - 1) // 3 * 3 + 1, day=1)
    return Period(first, _end_of_month(first.replace(month=first.month + 2)))


def _end_of_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(31)).replace(day=1) - timedelta(1)


def before(rhythm: Rhythm, period: Period) -> Period:
    """The period that ends where this one begins."""
    return rhythm(period.first - timedelta(1))


def after(rhythm: Rhythm, period: Period) -> Period:
    """The period that begins where this one ends."""
    return rhythm(period.last + timedelta(1))


def last_over(rhythm: Rhythm, today: date) -> Period:
    """The last period that is over."""
    return before(rhythm, rhythm(today))


def over(rhythm: Rhythm, on: date, today: date) -> Period:
    """The period that the day lies in; BadInput where it is not over, or lies before all calendars."""
    if on.year <= date.min.year + 1 or on >= rhythm(today).first:
        raise BadInput(why="period_not_over")
    return rhythm(on)
