"""What holds for every start day of three years and each shape of limit, not only for the days we thought of."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from states.definition import Unit
from tests.config.test_calendars import calendar_as_shipped
from workflow.dates import Calendar, Pause, YearRule, due_on, explain, rung_at, workdays_between

CALENDAR = calendar_as_shipped()
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
STARTS = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
SHAPES: list[tuple[int, Unit]] = [
    *((n, "workday") for n in (1, 2, 3, 5, 10, 15, 20)),
    *((n, "day") for n in range(1, 31)),
    *((n, "month") for n in (1, 2, 3, 6)),
]
starts = st.dates(FIRST, LAST)
shapes = st.sampled_from(SHAPES)


@st.composite
def pauses_after(draw: st.DrawFn, start: date) -> list[Pause]:
    found, day = [], start
    for _ in range(draw(st.integers(0, 3))):
        day += timedelta(draw(st.integers(1, 12)))
        to_on = day + timedelta(draw(st.integers(0, 14)))
        found.append(Pause(day, to_on))
        day = to_on
    return found


@pytest.mark.parametrize(("amount", "unit"), SHAPES)
def test_the_deadline_is_the_last_day_of_its_explanation(amount: int, unit: Unit) -> None:
    for start in STARTS:
        told, due = explain(CALENDAR, start, amount, unit), due_on(CALENDAR, start, amount, unit)
        assert told[-1].on == due.on
        assert told[-1].kind == "due"
        counts = [day.count for day in told if day.count is not None]
        assert counts == list(range(1, len(counts) + 1))
        assert unit == "month" or counts[-1] == amount


@pytest.mark.parametrize("amount", [amount for amount, unit in SHAPES if unit == "workday"])
def test_working_days_are_those_of_the_other_source(amount: int) -> None:
    working = [day for day in STARTS if chinese_calendar.is_workday(day)]
    for start in STARTS:
        at = bisect_right(working, start) + amount - 1
        if at < len(working):
            assert due_on(CALENDAR, start, amount, "workday").on == working[at]


@pytest.mark.parametrize(("amount", "unit"), [shape for shape in SHAPES if shape[1] != "workday"])
def test_a_limit_in_days_or_months_rolls_to_the_next_day_that_the_other_source_calls_working(amount: int, unit: Unit) -> None:
    for start in STARTS:
        due = due_on(CALENDAR, start, amount, unit)
        end = due.unrolled_on
        while end <= LAST and not chinese_calendar.is_workday(end):
            end += timedelta(1)
        assert end > LAST or due.on == end


@given(start=starts, shape=shapes, roll=st.booleans(), data=st.data())
def test_with_pauses_too_the_explanation_ends_on_the_deadline_and_counts_no_paused_day(
    start: date, shape: tuple[int, Unit], roll: bool, data: st.DataObject
) -> None:
    pauses = data.draw(pauses_after(start))
    told = explain(CALENDAR, start, *shape, roll=roll, pauses=pauses)
    assert told[-1].on == due_on(CALENDAR, start, *shape, roll=roll, pauses=pauses).on
    assert not [d for d in told if d.count is not None and any(p.to_on and p.from_on <= d.on < p.to_on for p in pauses)]
    assert [d.on for d in told] == [told[0].on + timedelta(n) for n in range(len(told))]


@given(start=starts, amount=st.integers(1, 30), after=st.integers(1, 30), length=st.integers(1, 30))
def test_a_pause_moves_a_working_day_clock_by_exactly_its_working_days(
    start: date, amount: int, after: int, length: int
) -> None:
    pause = Pause(start + timedelta(after), start + timedelta(after + length))
    plain = due_on(CALENDAR, start, amount, "workday").on
    moved = due_on(CALENDAR, start, amount, "workday", pauses=[pause]).on
    days = [pause.from_on + timedelta(n) for n in range(length)]
    assert workdays_between(CALENDAR, plain, moved) == sum(CALENDAR.is_workday(day) for day in days)


@given(start=starts, amount=st.integers(1, 30), after=st.integers(1, 40), length=st.integers(1, 30))
def test_who_was_in_time_when_the_clock_was_paused_is_in_time_when_it_runs_again(
    start: date, amount: int, after: int, length: int
) -> None:
    pause = Pause(start + timedelta(after), start + timedelta(after + length))
    for unit in ("day", "workday"):
        if pause.from_on <= due_on(CALENDAR, start, amount, unit).on:
            assert due_on(CALENDAR, start, amount, unit, pauses=[pause]).on >= start + timedelta(after + length)


@given(start=starts, amount=st.integers(0, 60), unit=st.sampled_from(["day", "workday", "month"]), roll=st.booleans())
def test_a_longer_limit_and_a_later_start_never_end_sooner(start: date, amount: int, unit: Unit, roll: bool) -> None:
    here = due_on(CALENDAR, start, amount, unit, roll=roll).on
    assert here <= due_on(CALENDAR, start, amount + 1, unit, roll=roll).on
    assert here <= due_on(CALENDAR, start + timedelta(1), amount, unit, roll=roll).on


@given(due=starts, offset=st.integers(-40, 40), unit=st.sampled_from(["day", "workday"]))
def test_rungs_act_on_working_days_before_ones_not_late_and_after_ones_not_early(due: date, offset: int, unit: Unit) -> None:
    on = rung_at(CALENDAR, due, offset, unit, is_reminder=offset < 0).date()
    assert CALENDAR.is_workday(on)
    plain = due + timedelta(offset or 1)
    assert on <= plain if offset < 0 else on >= plain


def _counted(days: Sequence[date], calendar: Calendar) -> list[date]:
    return [day for day in days if calendar.is_workday(day)]


@given(
    off=st.sets(st.integers(0, 120), max_size=60),
    on=st.sets(st.integers(0, 120), max_size=60),
    start=st.integers(0, 120),
    n=st.integers(-40, 40),
)
def test_the_arithmetic_on_weeks_agrees_with_counting_one_by_one_however_odd_the_year(
    off: set[int], on: set[int], start: int, n: int
) -> None:
    first = date(2026, 1, 1)
    rule = YearRule({first + timedelta(d): "假" for d in off}, {first + timedelta(d): "班" for d in on})
    calendar, day = Calendar("odd", {2026: rule}), first + timedelta(start)
    around = [first + timedelta(d) for d in range(-200, 400)]
    if n > 0:
        assert calendar.nth_workday(day, n) == _counted([d for d in around if d > day], calendar)[n - 1]
    elif n < 0:
        assert calendar.nth_workday(day, n) == _counted([d for d in around if d < day], calendar)[n]
    else:
        assert calendar.nth_workday(day, 0) == _counted([d for d in around if d >= day], calendar)[0]
    assert calendar.workday_until(day) == _counted([d for d in around if d <= day], calendar)[-1]
