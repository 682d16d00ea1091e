"""Each row of the table of limits in words (practice.md §8.3, item 23), and what no row reads."""

from __future__ import annotations

from datetime import date

import pytest

from states.definition import Unit
from tests.config.test_calendars import calendar_as_shipped
from workflow.date_words import read_date_words

START = date(2026, 3, 2)
CALENDAR = calendar_as_shipped()


def day(text: str) -> date:
    return date.fromisoformat(text)


def told(text: str, *, start: date | None = START, has_calendar: bool = True) -> dict[str, object]:
    """What a reading says, without what it leaves out."""
    read = read_date_words(text, start=start, calendar=CALENDAR if has_calendar else None)
    assert read.text == text
    said = {name: getattr(read, name) for name in ("on", "amount", "unit", "long_term", "immediate", "presumed", "asked")}
    return {name: value for name, value in said.items() if value not in (None, False)}


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("2026年底前", "2026-12-31"),
        ("2026年末前完成", "2026-12-31"),
        ("2026年6月底前", "2026-06-30"),
        ("2025年2月底前", "2025-02-28"),
        ("2026年6月30日前", "2026-06-30"),
        ("于2026年6月30日前完成整改", "2026-06-30"),
        ("2026年上半年", "2026-06-30"),
        ("2026年一季度末", "2026-03-31"),
        ("2026年第三季度", "2026-09-30"),
        ("2026年6月上旬", "2026-06-10"),
        ("2026年6月中旬", "2026-06-20"),
        ("2026年2月下旬", "2026-02-28"),
        ("2026年6月中", "2026-06-15"),
        ("2026.6.30", "2026-06-30"),
        ("2026/6/30", "2026-06-30"),
        ("2026-06-30", "2026-06-30"),
        ("20260630", "2026-06-30"),
        ("46203", "2026-06-30"),
        ("2026年6月", "2026-06-30"),
        ("\uff12\uff10\uff12\uff16\u3000年 6 月 \uff13\uff10 日", "2026-06-30"),
        ("二〇二六年六月三十日", "2026-06-30"),
        ("二○二六年十二月底前", "2026-12-31"),
        ("二零二六年十月二十号", "2026-10-20"),
        ("2026年10月3日前", "2026-10-03"),
    ],
)
def test_a_written_day_stands_as_written_also_on_a_day_off(text: str, on: str) -> None:
    for start in (START, None):
        assert told(text, start=start) == {"on": day(on)}


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("年底", "2026-12-31"),
        ("年底前", "2026-12-31"),
        ("6月底前", "2026-06-30"),
        ("6月30日前", "2026-06-30"),
        ("3月2日", "2026-03-02"),
        ("3月1日", "2027-03-01"),
        ("2月底前", "2027-02-28"),
        ("2月29日前", "2028-02-29"),
        ("上半年", "2026-06-30"),
        ("一季度末", "2026-03-31"),
        ("三季度", "2026-09-30"),
        ("6月上旬", "2026-06-10"),
        ("6月中旬", "2026-06-20"),
        ("6月下旬", "2026-06-30"),
        ("十二月底前", "2026-12-31"),
    ],
)
def test_a_year_that_is_not_written_is_the_first_on_or_after_the_start_and_presumed(text: str, on: str) -> None:
    assert told(text) == {"on": day(on), "presumed": True}
    assert told(text, start=None) == {"asked": True}


@pytest.mark.parametrize(
    ("text", "amount", "unit", "on"),
    [
        ("半个月内", 15, "day", "2026-03-17"),
        ("两周内", 14, "day", "2026-03-16"),
        ("兩週內", 14, "day", "2026-03-16"),
        ("2个星期", 14, "day", "2026-03-16"),
        ("一个月内", 1, "month", "2026-04-02"),
        ("三个月", 3, "month", "2026-06-02"),
        ("3個月內完成", 3, "month", "2026-06-02"),
        ("15日内", 15, "day", "2026-03-17"),
        ("十五天内", 15, "day", "2026-03-17"),
        ("5个工作日内", 5, "workday", "2026-03-09"),
        ("五個工作日內", 5, "workday", "2026-03-09"),
        ("十个工作日", 10, "workday", "2026-03-16"),
        ("收到反馈后两个月内", 2, "month", "2026-05-02"),
        ("收到反饋意見後兩個月內", 2, "month", "2026-05-02"),
        ("自反馈之日起3个月内完成", 3, "month", "2026-06-02"),
        ("反馈意见后15日内", 15, "day", "2026-03-17"),
    ],
)
def test_a_limit_that_counts_is_counted_from_the_start_and_asks_for_a_missing_one(
    text: str, amount: int, unit: Unit, on: str
) -> None:
    assert told(text) == {"on": day(on), "amount": amount, "unit": unit}
    assert told(text, start=None) == {"amount": amount, "unit": unit, "asked": True}


def test_working_days_are_not_counted_without_a_calendar() -> None:
    assert told("5个工作日内", has_calendar=False) == {"amount": 5, "unit": "workday", "asked": True}
    assert told("两个月", has_calendar=False) == {"on": day("2026-05-02"), "amount": 2, "unit": "month"}


@pytest.mark.parametrize("text", ["立行立改", "即知即改", "马上改", "馬上改", "立行立改完成"])
def test_at_once_sets_the_flag_and_is_five_working_days_from_the_notice(text: str) -> None:
    read = told(text, start=day("2026-04-29"))
    assert read == {"on": day("2026-05-09"), "amount": 5, "unit": "workday", "immediate": True}


def test_two_facts_in_one_cell_are_both_kept() -> None:
    both = told("立行立改,长期坚持")
    assert both == {"on": day("2026-03-09"), "amount": 5, "unit": "workday", "immediate": True, "long_term": True}
    for text in ("2025年底前,并长期坚持", "2025年底前完成并长期坚持", "2025年底前完成、長期堅持", "长期坚持;2025年底前"):
        assert told(text) == {"on": day("2025-12-31"), "long_term": True}


@pytest.mark.parametrize("text", ["长期坚持", "長期堅持", "持续推进", "常态化", "常態化推進", "并长期坚持。"])
def test_for_good_has_no_day_and_asks_nothing(text: str) -> None:
    assert told(text) == {"long_term": True}


@pytest.mark.parametrize("text", ["", " ", "/", "无", "無", "--", "已完成", "已整改"])
def test_words_that_name_no_limit_are_no_error(text: str) -> None:
    assert told(text) == {}


@pytest.mark.parametrize("text", ["春节前", "麦收前", "汛期前", "换届前完成"])
def test_a_season_or_an_event_is_asked_for(text: str) -> None:
    assert told(text) == {"asked": True}


@pytest.mark.parametrize(
    "text",
    [
        "15日内制定详细方案",
        "约1年",
        "5月20日下发,麦收前完成",
        "几天内(春节前)",
        "5月17日进驻,5月22日完成清查",
        "2026年",
        "2026",
        "2026年2月30日",
        "2026年13月底",
        "2026年6月前",
        "15日",
        "三五天",
        "尽快",
        "2026年3月至6月",
        "19999",
    ],
)
def test_what_no_rule_reads_stays_words_and_is_asked(text: str) -> None:
    assert told(text) == {"asked": True}


def test_an_unread_time_beside_for_good_is_asked_and_the_flag_kept() -> None:
    assert told("麦收前,长期坚持") == {"long_term": True, "asked": True}
