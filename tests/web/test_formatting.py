"""Days, times, numbers and money are said as design.md §4 says them, in three languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import render_template_string
from hypothesis import given
from hypothesis import strategies as st

from states.definition import LANGUAGES, Language
from tests.web.frame import make_frame
from web import formatting
from web.badges import Badge, clock_badge
from web.weeks import ExplainedDay, week_rows

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("on", "hans", "hant", "en"),
    [
        (date(2026, 11, 23), "今天", "今天", "today"),
        (date(2026, 11, 22), "昨天", "昨天", "yesterday"),
        (date(2026, 11, 24), "明天", "明天", "tomorrow"),
        (date(2026, 11, 11), "11月11日", "11月11日", "11 Nov"),
        (date(2027, 1, 15), "2027年1月15日", "2027年1月15日", "15 Jan 2027"),
    ],
)
def test_near_days_are_words_and_the_year_is_said_only_when_it_is_another(on: date, hans: str, hant: str, en: str) -> None:
    assert [formatting.day(on, today=TODAY, language=language) for language in LANGUAGES] == [hans, hant, en]


def test_new_years_eve_is_yesterday_and_not_a_day_of_another_year() -> None:
    assert formatting.day(date(2026, 12, 31), today=date(2027, 1, 1), language="zh-Hans") == "昨天"


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (date(2027, 1, 10), "明年1月10日"),
        (date(2025, 12, 1), "去年12月1日"),
        (date(2028, 1, 10), "2028年1月10日"),
        (date(2026, 12, 11), "12月11日"),
    ],
)
def test_narrow_places_say_next_year_in_words(on: date, said: str) -> None:
    assert formatting.narrow_day(on, today=TODAY, language="zh-Hans") == said


def test_a_moment_is_told_on_the_offices_clock_without_a_leading_zero() -> None:
    at = datetime(2026, 11, 23, 0, 40, tzinfo=UTC)
    assert formatting.moment(at, today=TODAY, language="zh-Hans") == "今天 8:40"
    late = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)  # already the 23rd in Shanghai
    assert formatting.moment(late, today=TODAY, language="zh-Hans") == "今天 0:05"
    assert formatting.clock_time(time(9, 30)) == "9:30"


@pytest.mark.parametrize(("days", "said"), [(0, "今天 8:40"), (1, "昨天"), (3, "11月20日"), (365, "2025年11月23日")])
def test_narrow_places_say_the_hour_of_today_only(days: int, said: str) -> None:
    at = datetime(2026, 11, 23, 0, 40, tzinfo=UTC) - timedelta(days)
    assert formatting.lately(at, today=TODAY, language="zh-Hans") == said


@pytest.mark.parametrize(
    ("left", "hans", "hant", "en"),
    [
        (-12, "逾期12天", "逾期12天", "12 days late"),
        (0, "今天到期", "今天到期", "due today"),
        (1, "剩1天", "剩1天", "1 day left"),
        (3, "剩3天", "剩3天", "3 days left"),
    ],
)
def test_days_left_are_calendar_days(left: int, hans: str, hant: str, en: str) -> None:
    assert [formatting.days_left(left, language=language) for language in LANGUAGES] == [hans, hant, en]


def test_working_days_name_themselves() -> None:
    said = [formatting.workdays_left(3, language=language) for language in LANGUAGES]
    assert said == ["剩3个工作日", "剩3個工作日", "3 working days left"]
    assert formatting.workdays_left(-8, language="zh-Hans") == "逾期8个工作日"


@pytest.mark.parametrize(
    ("cents", "hans", "hant", "en"),
    [
        (9_000_000, "9万元", "9萬元", "90,000 yuan"),
        (17_890_000, "17.89万元", "17.89萬元", "178,900 yuan"),
        (1_234_500, "1.235万元", "1.235萬元", "12,345 yuan"),
        (350_050, "3,500.5元", "3,500.5元", "3,500.5 yuan"),
        (0, "0元", "0元", "0 yuan"),
    ],
)
def test_money_is_in_wan_from_one_wan_up(cents: int, hans: str, hant: str, en: str) -> None:
    assert [formatting.money(cents, language=language) for language in LANGUAGES] == [hans, hant, en]


def test_numbers_sizes_and_shares_are_short() -> None:
    assert formatting.number(1204) == "1,204"
    assert formatting.percent(0.714) == "71.4%"
    assert formatting.percent(0.9) == "90%"
    assert formatting.size(1_258_291, language="zh-Hans") == "1.2兆"
    assert formatting.size(50 * 1024 * 1024, language="zh-Hans") == "50兆", "as the limit is set"
    assert formatting.size(36_864, language="zh-Hans") == "36千字节"
    assert formatting.size(10, language="en") == "1 KB"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(hours=1, minutes=12), "1小时12分"),
        (timedelta(days=3, minutes=5), "3天"),
        (timedelta(days=3, hours=2), "3天2小时"),
        (timedelta(minutes=2, seconds=3), "2分3秒"),
        (timedelta(hours=2, seconds=9), "2小时"),
        (timedelta(0), "0秒"),
    ],
)
def test_a_span_has_its_two_largest_units_and_no_empty_one(length: timedelta, said: str) -> None:
    assert formatting.span(length, language="zh-Hans") == said


def test_a_weekday_and_a_range_and_a_number_of_this_year() -> None:
    assert formatting.weekday(date(2026, 11, 25), language="zh-Hant") == "星期三"
    assert formatting.weekday(date(2026, 11, 25), language="en") == "Wednesday"
    first = date(2026, 9, 14)
    assert formatting.month_day_range(first, date(2026, 9, 18), today=TODAY, language="zh-Hans") == "9月14至18日"
    assert formatting.month_day_range(first, date(2026, 10, 2), today=TODAY, language="zh-Hans") == "9月14日至10月2日"
    assert formatting.case_number("整改〔2026〕417号", today=TODAY) == "整改417号"
    assert formatting.case_number("整改〔2025〕12号", today=TODAY) == "整改〔2025〕12号"
    assert formatting.case_number("417-2", today=TODAY) == "417-2"


@given(on=st.dates(date(2000, 1, 1), date(2100, 1, 1)), language=st.sampled_from(LANGUAGES))
def test_chinese_days_hold_no_english_and_english_days_no_chinese(on: date, language: Language) -> None:
    told = [f(on, today=TODAY, language=language) for f in (formatting.day, formatting.narrow_day, formatting.plain_day)]
    told.append(formatting.weekday(on, language=language))
    assert all(text.isascii() == (language == "en") for text in told)


@pytest.mark.parametrize(
    ("left", "state", "badge"),
    [
        (-1, {}, Badge("late", "逾期1天")),
        (0, {}, Badge("soon", "今天到期")),
        (10, {}, Badge("soon", "剩10天")),
        (11, {}, Badge("near", "剩11天")),
        (20, {}, Badge("near", "剩20天")),
        (21, {}, Badge("calm", "剩21天")),
        (-5, {"is_paused": True}, Badge("paused", "暂停")),
        (-5, {"is_paused": True, "closed": "免予约谈"}, Badge("done", "免予约谈")),
    ],
)
def test_the_badge_changes_at_the_ladders_days(left: int, state: dict[str, Any], badge: Badge) -> None:
    assert clock_badge(TODAY + timedelta(left), today=TODAY, language="zh-Hans", **state) == badge


def test_a_case_without_a_limit_says_so() -> None:
    assert clock_badge(None, today=TODAY, language="en") == Badge("none", "no limit")


def test_the_explanation_lies_in_whole_weeks_with_its_own_counts() -> None:
    days = [
        ExplainedDay(date(2026, 11, 5), "start"),
        ExplainedDay(date(2026, 11, 6), "counted", 1),
        ExplainedDay(date(2026, 11, 7), "off"),
        ExplainedDay(date(2026, 11, 9), "due", 2),
    ]
    (first, cells), (second, last) = week_rows(days, today=TODAY, language="zh-Hans")
    assert (first, second) == ("11月2日", "11月9日")
    assert [cell and cell.text for cell in cells] == [None, None, None, "移", "1", "·", None]
    assert last[0] is not None
    assert (last[0].kind, last[0].text, last[0].on) == ("due", "2", "11月9日")
    assert week_rows([], today=TODAY, language="en") == []


def test_a_size_keeps_with_its_unit_where_a_page_shows_it() -> None:
    with make_frame().test_request_context():
        assert render_template_string("{{ 1258291|size }}") == '<span class="number-whole">1.2兆</span>'
