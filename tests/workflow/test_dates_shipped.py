"""Every limit that the shipped kinds promise, on every start day of the published years, paused and not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from states.definition import Limit
from states.schema import load
from tests.config.test_calendars import calendar_as_shipped
from web.wiring import shipped_workflows
from workflow.dates import Calendar, Pause, add_months, due_on, explain, rung_at, workdays_between

CALENDAR = calendar_as_shipped()
FIRST = date(2024, 1, 1)
STARTS = [FIRST + timedelta(n) for n in range((date(2027, 1, 1) - FIRST).days)]
MAKE_UP_DAYS = (date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10))
OFFSETS = (-20, -10, -3, 1, 5, 10, 20)


def shipped_limits() -> list[tuple[Limit, bool]]:
    """Each limit of each clock once, and whether it rolls; a limit that a date field fixes is not computed."""
    clocks = [clock for document in shipped_workflows().values() for clock in load(document.data).clocks]
    said = {(row.limit, clock.roll) for clock in clocks for row in clock.limits if row.limit and row.limit.unit != "date"}
    return sorted(said, key=lambda one: (one[0].unit, one[0].amount, one[1]))


LIMITS = shipped_limits()
limits = pytest.mark.parametrize(("limit", "roll"), LIMITS, ids=[f"{one.amount}-{one.unit}-{roll}" for one, roll in LIMITS])


def pauses_after(start: date) -> tuple[Pause, ...]:
    """Two closed pauses and an open one, differing from start to start."""
    first = start + timedelta(1 + start.toordinal() % 9)
    second = first + timedelta(12)
    return (
        Pause(first, first + timedelta(start.toordinal() % 11)),
        Pause(second, second + timedelta(start.toordinal() % 17)),
        Pause(second + timedelta(40)),
    )


def pause_of_workdays(calendar: Calendar, from_on: date, workdays: int) -> Pause:
    """A pause that begins on a working day and holds exactly so many."""
    return Pause(from_on, calendar.nth_workday(from_on, workdays))


def test_the_shipped_kinds_promise_limits_in_days_working_days_and_months() -> None:
    assert {limit.unit for limit, _ in LIMITS} == {"day", "workday", "month"}


@limits
def test_the_deadline_of_a_shipped_limit_is_the_last_day_of_its_explanation(limit: Limit, roll: bool) -> None:
    for start in STARTS:
        for pauses in ((), pauses_after(start)):
            due = due_on(CALENDAR, start, limit.amount, limit.unit, roll=roll, pauses=pauses)
            assert explain(CALENDAR, start, limit.amount, limit.unit, roll=roll, pauses=pauses)[-1].on == due.on


@limits
def test_a_later_start_never_ends_sooner_and_a_rolled_day_is_a_working_day(limit: Limit, roll: bool) -> None:
    dues = [due_on(CALENDAR, start, limit.amount, limit.unit, roll=roll).on for start in STARTS]
    assert dues == sorted(dues)
    assert all(CALENDAR.is_workday(due) for due in dues if roll)


@limits
def test_a_deadline_is_provisional_where_the_year_it_ends_in_has_no_notice(limit: Limit, roll: bool) -> None:
    for start in STARTS:
        due = due_on(CALENDAR, start, limit.amount, limit.unit, roll=roll)
        assert due.provisional == (due.on.year > 2026)
        assert due.calendar_version == CALENDAR.version


@pytest.mark.parametrize("make_up", MAKE_UP_DAYS, ids=str)
@pytest.mark.parametrize("amount", [6, 10, 15, 20])
def test_five_working_days_of_pause_across_a_make_up_day_move_the_deadline_by_exactly_five(make_up: date, amount: int) -> None:
    for ahead in range(5):
        from_on = CALENDAR.nth_workday(make_up, -ahead)
        pause = pause_of_workdays(CALENDAR, from_on, 5)
        assert pause.to_on is not None
        assert pause.from_on <= make_up < pause.to_on
        start = CALENDAR.nth_workday(from_on, -3)
        before = due_on(CALENDAR, start, amount, "workday").on
        after = due_on(CALENDAR, start, amount, "workday", pauses=[pause]).on
        assert workdays_between(CALENDAR, before, after) == 5
        assert explain(CALENDAR, start, amount, "workday", pauses=[pause])[-1].on == after


def test_months_keep_the_day_number_or_end_with_the_month_from_every_start() -> None:
    for start in STARTS:
        for amount in range(1, 13):
            end = add_months(start, amount)
            assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == amount
            assert end.day == start.day or (end.day < start.day and (end + timedelta(1)).day == 1)


def test_the_rungs_of_a_ladder_ring_in_their_order_for_every_deadline() -> None:
    for due in STARTS:
        days = [rung_at(CALENDAR, due, offset, "day", is_reminder=offset < 0) for offset in OFFSETS]
        workdays = [rung_at(CALENDAR, due, offset, "workday", is_reminder=offset < 0) for offset in OFFSETS]
        assert days == sorted(days)
        assert workdays == sorted(set(workdays))
        red = rung_at(CALENDAR, due, 0, "day", is_reminder=False)
        assert days[2] < red <= workdays[3]
