"""How the reader of limits in words behaves beyond its table: spellings, cells with two facts, and what it must not guess."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.test_calendars import calendar_as_shipped
from workflow.date_words import DateWords, read_date_words
from workflow.dates import add_months

CALENDAR = calendar_as_shipped()
FEEDBACK = date(2026, 3, 26)
FULL_WIDTH = {ord("0") + n: 0xFF10 + n for n in range(10)}


def read(text: str, start: date | None = FEEDBACK) -> DateWords:
    return read_date_words(text, start=start, calendar=CALENDAR)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        (" 2026 年\n6 月 30 日 前 ", date(2026, 6, 30)),
        ("2026-06-30 00:00:00", date(2026, 6, 30)),
        ("2026-06-3 0:00", date(2026, 6, 3)),
        ("2026.06", date(2026, 6, 30)),
        ("2026年06月份", date(2026, 6, 30)),
        ("二零二六年十二月二十五日", date(2026, 12, 25)),
        ("2026年6月底前辦結", date(2026, 6, 30)),
        ("6月底前(2026年6月30日前)", date(2026, 6, 30)),
    ],
)
def test_blanks_midnights_and_a_day_said_twice_do_not_disturb(text: str, on: date) -> None:
    said = read(text)
    assert (said.on, said.asked, said.text) == (on, False, text)


@pytest.mark.parametrize(
    ("text", "start", "on"),
    [
        ("6月底前", date(2026, 6, 30), date(2026, 6, 30)),
        ("6月底前", date(2026, 7, 1), date(2027, 6, 30)),
        ("上半年", date(2026, 7, 1), date(2027, 6, 30)),
        ("下半年", date(2026, 7, 1), date(2026, 12, 31)),
        ("6月上旬", date(2026, 6, 15), date(2027, 6, 10)),
        ("2月底前", date(2027, 3, 1), date(2028, 2, 29)),
        ("6月", date(2026, 6, 15), date(2026, 6, 30)),
    ],
)
def test_the_start_itself_is_early_enough_for_a_year_to_be_presumed(text: str, start: date, on: date) -> None:
    assert read(text, start) == DateWords(text, on, presumed=True)


@pytest.mark.parametrize(("text", "amount"), [("半年内", 6), ("一年内", 12), ("兩個月內", 2)])
def test_half_a_year_and_years_are_counted_in_months(text: str, amount: int) -> None:
    assert read(text) == DateWords(text, add_months(FEEDBACK, amount), amount=amount, unit="month")


def test_a_day_in_words_is_not_moved_off_a_holiday_and_neither_is_an_amount() -> None:
    assert read("2026年10月1日前").on == date(2026, 10, 1)
    assert read("两个月", date(2024, 8, 2)).on == date(2024, 10, 2)
    assert read("5日内", date(2026, 4, 29)).on == date(2026, 5, 4)


@pytest.mark.parametrize("text", ["逐一整改并长期坚持", "已完成,长期坚持", "常态化推进"])
def test_the_long_term_wordings_of_ledgers_ask_nothing(text: str) -> None:
    assert read(text) == DateWords(text, long_term=True)


@pytest.mark.parametrize("text", ["2025年底前并长期坚持", "2025年底前\n长期坚持", "2025年底前完成(长期坚持)"])
def test_two_facts_are_read_however_the_cell_divides_them(text: str) -> None:
    assert read(text) == DateWords(text, date(2025, 12, 31), long_term=True)


@pytest.mark.parametrize(
    "text",
    [
        "十一前",
        "15日前",
        "1年",
        "6月前",
        "6月31日前",
        "20261330",
        "2026年2月29日",
        "6月底前、9月底前",
        "①6月底前②9月底前",
        "1、6月底前",
        "2026年1-6月",
        "0个工作日内",
        "3660年内",
        "99999个月",
        "一个半月内",
        "三五天内",
        "二十十日内",
        "123",
        "99999",
        "6.30",
    ],
)
def test_what_could_mean_two_days_or_none_is_asked(text: str) -> None:
    said = read(text)
    assert (said.on, said.asked, said.presumed) == (None, True, False)


def test_the_number_of_a_list_is_not_read_as_part_of_a_month() -> None:
    assert read("①1月底前").on == date(2027, 1, 31)


def test_a_day_beside_an_immediate_item_is_asked() -> None:
    said = read("立行立改,6月底前")
    assert (said.on, said.immediate, said.asked) == (None, True, True)


def test_an_immediate_item_without_a_start_or_a_calendar_keeps_its_flag_and_asks() -> None:
    asked = DateWords("立行立改", immediate=True, asked=True, amount=5, unit="workday")
    assert read("立行立改", None) == asked
    assert read_date_words("立行立改", start=FEEDBACK) == asked


@given(st.text("0123456789年月日底前内个工作周天半上中下旬季度长期坚持立行改,、()①〇十二 /.-", max_size=14))
@settings(max_examples=200, deadline=None)
def test_whatever_a_cell_says_the_reader_answers_and_never_raises(text: str) -> None:
    said = read(text)
    assert said.text == text
    assert not (said.on and said.asked)
    assert said.on is not None or not said.presumed


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
@settings(max_examples=80, deadline=None)
def test_a_day_written_in_any_of_the_listed_ways_is_read_back(day: date) -> None:
    written = [
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y/%m/%d}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日前".translate(FULL_WIDTH),
        str((day - date(1899, 12, 30)).days),
    ]
    assert {read(text).on for text in written} == {day}


@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(1, 24))
@settings(max_examples=80, deadline=None)
def test_months_in_words_are_the_months_of_the_clocks(start: date, amount: int) -> None:
    assert read(f"{amount}个月内", start).on == add_months(start, amount)
