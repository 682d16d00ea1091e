"""Deadlines, rungs and lateness on days that an office knows by heart (practice.md §6, §9.1; semantics.md §3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from states.definition import Unit
from tests.config.test_calendars import calendar_as_shipped
from workflow.dates import (
    Calendar,
    Day,
    Pause,
    YearRule,
    credit,
    days_late,
    due_on,
    explain,
    is_late,
    local_day,
    local_time,
    rung_at,
    workdays_between,
    workdays_late,
)

CALENDAR = calendar_as_shipped()


def day(text: str) -> date:
    return date.fromisoformat(text)


def due(start: str, amount: int, unit: Unit, *, roll: bool = True) -> str:
    return due_on(CALENDAR, day(start), amount, unit, roll=roll).on.isoformat()


def rung(due_day: str, offset: int, unit: Unit) -> str:
    at = rung_at(CALENDAR, day(due_day), offset, unit, is_reminder=offset < 0)
    assert at == local_time(local_day(at), 9)
    return local_day(at).isoformat()


@pytest.mark.parametrize(
    ("start", "amount", "unit", "on"),
    [
        ("2026-03-11", 1, "workday", "2026-03-12"),
        ("2026-03-11", 3, "workday", "2026-03-16"),
        ("2026-03-11", 15, "workday", "2026-04-01"),
        ("2026-04-01", 3, "month", "2026-07-01"),
        ("2026-04-15", 3, "workday", "2026-04-20"),
        ("2026-04-29", 5, "day", "2026-05-06"),
        ("2026-04-29", 5, "workday", "2026-05-09"),
        ("2026-03-26", 3, "month", "2026-06-26"),
        ("2026-06-29", 5, "workday", "2026-07-06"),
        ("2026-07-10", 3, "workday", "2026-07-15"),
        ("2026-07-15", 10, "workday", "2026-07-29"),
        ("2026-07-29", 30, "day", "2026-08-28"),
        ("2026-09-17", 15, "day", "2026-10-08"),
    ],
)
def test_the_deadlines_of_the_walked_items_fall_where_the_office_expects_them(
    start: str, amount: int, unit: Unit, on: str
) -> None:
    assert due(start, amount, unit) == on


@pytest.mark.parametrize(
    ("due_day", "offset", "unit", "on"),
    [
        ("2026-06-26", -20, "day", "2026-06-05"),
        ("2026-06-26", -10, "day", "2026-06-16"),
        ("2026-06-26", 0, "day", "2026-06-29"),
        ("2026-06-26", 10, "workday", "2026-07-10"),
        ("2026-08-28", 0, "workday", "2026-08-31"),
        ("2026-10-08", 0, "day", "2026-10-09"),
        ("2026-10-08", 10, "workday", "2026-10-21"),
        ("2026-05-09", -1, "workday", "2026-05-08"),
        ("2026-05-08", 0, "day", "2026-05-09"),
        ("2026-08-31", 30, "day", "2026-09-30"),
        ("2026-09-02", 30, "day", "2026-10-08"),
        ("2026-09-02", 1, "month", "2026-10-08"),
    ],
)
def test_the_rungs_of_the_walked_items_ring_at_nine_on_a_working_day(due_day: str, offset: int, unit: Unit, on: str) -> None:
    assert rung(due_day, offset, unit) == on


def test_five_days_before_may_day_roll_to_the_sixth_and_say_where_they_fell() -> None:
    found = due_on(CALENDAR, day("2026-04-29"), 5, "day")
    assert (found.on, found.unrolled_on) == (day("2026-05-06"), day("2026-05-04"))
    assert due("2026-04-29", 5, "day", roll=False) == "2026-05-04"


def test_five_workdays_before_may_day_end_on_the_make_up_saturday_and_show_why() -> None:
    told = explain(CALENDAR, day("2026-04-29"), 5, "workday")
    assert told[:4] == (
        Day(day("2026-04-29"), "start"),
        Day(day("2026-04-30"), "counted", 1),
        Day(day("2026-05-01"), "holiday", None, "劳动节"),
        Day(day("2026-05-02"), "holiday", None, "劳动节"),
    )
    assert told[-1] == Day(day("2026-05-09"), "due", 5, "劳动节")
    assert [each.count for each in told if each.count] == [1, 2, 3, 4, 5]


def test_an_explanation_names_weekends_make_up_days_and_the_days_rolled_over() -> None:
    kinds = {each.on.isoformat(): each.kind for each in explain(CALENDAR, day("2026-05-07"), 4, "workday")}
    assert kinds["2026-05-09"] == "makeup"
    assert kinds["2026-05-10"] == "off"
    rolled = explain(CALENDAR, day("2026-04-29"), 5, "day")
    assert [each.kind for each in rolled] == ["start"] + ["counted"] * 5 + ["rolled", "due"]


@pytest.mark.parametrize(
    ("start", "amount", "on"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2026-03-31", 3, "2026-06-30"),
        ("2025-11-30", 3, "2026-02-28"),
    ],
)
def test_months_keep_the_day_number_or_end_with_the_month(start: str, amount: int, on: str) -> None:
    assert due(start, amount, "month", roll=False) == on


def test_a_limit_of_no_days_ends_on_the_day_itself_or_the_next_working_day() -> None:
    assert due("2026-03-11", 0, "day") == "2026-03-11"
    assert due("2026-05-01", 0, "workday") == "2026-05-06"
    assert explain(CALENDAR, day("2026-03-11"), 0, "day") == (Day(day("2026-03-11"), "due"),)


def test_pausing_five_working_days_across_a_make_up_saturday_moves_the_deadline_by_exactly_five() -> None:
    start, pause = day("2026-04-27"), Pause(day("2026-05-06"), day("2026-05-11"))
    assert credit(CALENDAR, [pause], "workday") == 4
    longer = Pause(day("2026-05-06"), day("2026-05-12"))
    assert credit(CALENDAR, [longer], "workday") == 5
    before = due_on(CALENDAR, start, 10, "workday").on
    after = due_on(CALENDAR, start, 10, "workday", pauses=[longer]).on
    assert workdays_between(CALENDAR, before, after) == 5


def test_a_limit_changed_while_paused_keeps_what_the_pause_gave() -> None:
    pause = Pause(day("2026-03-16"), day("2026-03-23"))
    assert due_on(CALENDAR, day("2026-03-11"), 20, "day", pauses=[pause]).unrolled_on == day("2026-04-07")
    assert due_on(CALENDAR, day("2026-03-11"), 1, "month", pauses=[pause]).unrolled_on == day("2026-04-18")


def test_an_open_pause_moves_nothing_and_overlapping_ones_count_each_day_once() -> None:
    start = day("2026-03-11")
    plain = due_on(CALENDAR, start, 10, "workday")
    assert due_on(CALENDAR, start, 10, "workday", pauses=[Pause(day("2026-03-16"))]) == plain
    twice = [Pause(day("2026-03-18"), day("2026-03-20")), Pause(day("2026-03-16"), day("2026-03-19"))]
    assert credit(CALENDAR, twice, "workday") == credit(CALENDAR, twice, "day") == 4


def test_days_paused_before_the_start_give_nothing_back() -> None:
    pause = Pause(day("2026-03-02"), day("2026-03-13"))
    assert due_on(CALENDAR, day("2026-03-11"), 10, "day", pauses=[pause]).unrolled_on == day("2026-03-23")


def test_a_pause_between_the_last_day_and_the_day_it_rolls_to_does_not_end_in_lateness() -> None:
    start, resumed_on = day("2026-03-11"), day("2026-03-25")
    assert due_on(CALENDAR, start, 10, "day").on == day("2026-03-23")
    paused = due_on(CALENDAR, start, 10, "day", pauses=[Pause(day("2026-03-22"), resumed_on)])
    assert paused.on == resumed_on


def test_a_pause_after_the_deadline_keeps_lateness_from_growing() -> None:
    due_day, pause = day("2026-06-26"), Pause(day("2026-07-06"), day("2026-07-13"))
    moved = due_on(CALENDAR, day("2026-03-26"), 3, "month", pauses=[pause]).on
    assert moved == day("2026-07-03")
    assert days_late(moved, pause.to_on or due_day) == days_late(due_day, pause.from_on)


def test_the_last_day_counts_whole_and_late_begins_with_the_next() -> None:
    last = day("2026-06-26")
    assert not is_late(last, last)
    assert is_late(last, last + timedelta(1))
    assert (days_late(last, last), days_late(last, day("2026-06-29"))) == (0, 3)
    assert (workdays_late(CALENDAR, last, day("2026-06-28")), workdays_late(CALENDAR, last, day("2026-06-29"))) == (0, 1)
    assert workdays_late(CALENDAR, last, day("2026-06-01")) == 0


def test_a_day_is_a_shanghai_day_and_nine_o_clock_is_one_in_the_morning_utc() -> None:
    assert local_day(datetime(2026, 3, 10, 16, 0, tzinfo=UTC)) == day("2026-03-11")
    assert local_day(datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC)) == day("2026-03-10")
    assert local_time(day("2026-03-11")) == datetime(2026, 3, 11, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "is_provisional"),
    [
        ("2026-12-01", 10, "workday", False),
        ("2026-12-25", 10, "workday", True),
        ("2023-11-20", 3, "month", False),
        ("2023-12-31", 5, "workday", False),
        ("2023-12-30", 5, "workday", True),
        ("2026-11-20", 3, "month", True),
    ],
)
def test_a_deadline_is_provisional_only_where_an_unpublished_year_decided(
    start: str, amount: int, unit: Unit, is_provisional: bool
) -> None:
    assert due_on(CALENDAR, day(start), amount, unit).provisional is is_provisional


def test_a_limit_that_does_not_roll_asks_no_calendar_and_is_never_provisional() -> None:
    assert not due_on(CALENDAR, day("2027-03-01"), 30, "day", roll=False).provisional


def test_a_year_without_a_notice_has_weekends_off_and_nothing_else() -> None:
    assert CALENDAR.is_provisional(2031)
    assert CALENDAR.is_workday(day("2031-10-01"))
    assert not CALENDAR.is_workday(day("2031-10-04"))
    assert CALENDAR.day_off_name(day("2031-10-04")) == ""
    assert CALENDAR.day_off_name(day("2026-10-03")) == "国庆节"


def test_a_notice_may_name_a_day_of_the_year_before() -> None:
    calendar = Calendar("x", {2027: YearRule({day("2026-12-31"): "元旦"}, {day("2026-12-27"): "元旦"})})
    assert not calendar.is_workday(day("2026-12-31"))
    assert calendar.is_workday(day("2026-12-27"))
