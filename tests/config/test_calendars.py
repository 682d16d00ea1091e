"""The shipped calendars against a package that keeps the State Council's notices on its own."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from config.calendars import shipped_calendars
from workflow.dates import Calendar, YearRule

YEARS = (2024, 2025, 2026)


def calendar_as_shipped() -> Calendar:
    def named(told: dict[str, list[date]]) -> dict[date, str]:
        return {day: name for name, days in told.items() for day in days}

    return Calendar(
        "shipped",
        {d["year"]: YearRule(named(d["holidays"]), named(d["makeups"]), d["published"]) for d in shipped_calendars()},
    )


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days)]


def test_three_published_years_ship_oldest_first() -> None:
    assert [document["year"] for document in shipped_calendars()] == list(YEARS)
    assert all(document["published"] is True for document in shipped_calendars())


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_a_published_year_is_a_working_day_exactly_where_the_other_source_says_so(year: int) -> None:
    calendar = calendar_as_shipped()
    assert [day for day in days_of(year) if calendar.is_workday(day) != chinese_calendar.is_workday(day)] == []


@pytest.mark.parametrize("year", YEARS)
def test_every_make_up_day_falls_on_a_weekend_and_is_no_holiday(year: int) -> None:
    calendar = calendar_as_shipped()
    rule = calendar.years[year]
    assert all(day.weekday() >= 5 for day in rule.makeups)
    assert not set(rule.makeups) & set(rule.holidays)
    assert set(rule.makeups.values()) <= set(rule.holidays.values())


@pytest.mark.parametrize("document", shipped_calendars(), ids=lambda document: str(document["year"]))
def test_no_day_is_listed_twice_and_each_lies_in_its_year(document: dict[str, object]) -> None:
    parts = [document["holidays"], document["makeups"]]
    listed = [day for part in parts if isinstance(part, dict) for days in part.values() for day in days]
    assert len(listed) == len(set(listed))
    assert {day.year for day in listed} == {document["year"]}


def test_the_notice_for_2026_stands_as_it_was_published() -> None:
    calendar = calendar_as_shipped()
    assert calendar.holiday_name(date(2026, 2, 23)) == "春节"
    assert calendar.makeup_name(date(2026, 5, 9)) == "劳动节"
    assert sorted(calendar.years[2026].makeups) == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]
    assert len(calendar.years[2026].holidays) == 33
