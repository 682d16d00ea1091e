"""The stretches of days that offices report by: weeks from Monday to Sunday, and halves of a month (practice §8.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from states.errors import BadInput

FIRST_HALF = 15  # the last day of the first half of a month


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
    if on.day <= FIRST_HALF:
        return Period(on.replace(day=1), on.replace(day=FIRST_HALF))
    next_month = (on.replace(day=1) + timedelta(31)).replace(day=1)
    return Period(on.replace(day=FIRST_HALF + 1), next_month - timedelta(1))


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
