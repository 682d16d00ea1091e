"""A day may be typed as people write it; what is no day stays in its box, with a sentence that says how to write one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.frame import make_frame
from tests.web.site import post, words_of
from web.days import Side, Unsure, example_day, plain_text, read_day, typed_day, unsure_days
from workflow.dates import local_day

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-25",
        "2026/11/25",
        "2026.11.25",
        "2026年11月25日",
        "2026年11月25号",
        " 2026 年 11 月 25 日 ",
        "２０２６－１１－２５",
        "20261125",
        "11-25",
        "11/25",
        "11月25日",
        "25 Nov 2026",
        "25 November",
    ],
)
def test_a_day_is_read_however_it_is_written(typed: str) -> None:
    assert read_day(typed, today=TODAY) == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("typed", "side", "day"),
    [
        ("3月5日", "ahead", date(2027, 3, 5)),
        ("3-5", "ahead", date(2027, 3, 5)),
        ("11.29", "ahead", date(2026, 11, 29)),  # today is still such a day
        ("12/5", "ahead", date(2026, 12, 5)),
        ("2-29", "ahead", date(2028, 2, 29)),
        ("5 Mar", "ahead", date(2027, 3, 5)),
        ("12月5日", "past", date(2025, 12, 5)),
        ("11-29", "past", date(2026, 11, 29)),
        ("2-29", "past", date(2024, 2, 29)),
        ("3-5", "", date(2026, 3, 5)),
        ("2-29", "", None),
        ("2月30日", "ahead", None),
        ("2026-3-5", "ahead", date(2026, 3, 5)),
    ],
)
def test_a_day_without_its_year_is_the_next_or_the_last_by_what_its_box_asks_for(
    typed: str, side: Side, day: date | None
) -> None:
    assert read_day(typed, today=TODAY, side=side) == day


def test_a_day_without_its_year_is_unsure_and_what_is_typed_in_full_is_not() -> None:
    typed = {"due": plain_text("3-5", today=TODAY, side="ahead"), "on": plain_text("2026年3月5日", today=TODAY)}
    rows = [{"on": plain_text("2月30日", today=TODAY)}, {"on": plain_text("月底", today=TODAY)}]
    assert unsure_days({**typed, "rows": rows}) == {"due": ["read_as:2027-03-05"], "rows/0/on": ["no_such_day"]}
    assert not isinstance(typed["on"], Unsure) and typed["due"] == "2027-03-05"


def test_a_box_shows_the_year_that_was_not_typed() -> None:
    with make_frame().test_request_context():
        assert typed_day("3-5", "ahead", today=TODAY) == "2027年3月5日"
        assert typed_day("2月30日", "ahead", today=TODAY) == "2月30日"
        assert typed_day(date(2026, 3, 5), today=TODAY) == "2026年3月5日"


@pytest.mark.parametrize("typed", ["", "11月31日", "2026-02-30", "25/11/2026", "26-11-25", "11", "月底", "2026-11", "０"])
def test_what_may_mean_another_day_is_not_guessed(typed: str) -> None:
    assert read_day(typed, today=TODAY) is None


def test_a_form_takes_a_day_in_words_and_keeps_what_is_none(client: Client, county: County) -> None:
    lin, page = client("lin"), "/cases/new/rectification"
    facts = {"title": "公示栏破损", "subject": county.organs["donggou_branch"], "problem": "没有更换", "source": "feedback"}
    facts |= {"immediate": "ordinary", "first_check": "township", "period": "three_months"}
    refused = post(lin, page, page, {**facts, "feedback_on": "11月31日"})
    assert refused.status_code == 422
    assert "反馈日期：没有这一天，核对月份和日子" in "".join(words_of(refused.text).split())
    assert 'value="11月31日"' in refused.text
    unread = post(lin, page, page, {**facts, "feedback_on": "月底"})
    assert "反馈日期：没有这一天，或者写法不对，如2026年11月25日" in "".join(words_of(unread.text).split())
    on = local_day(hours.now()) - timedelta(days=3)
    taken = post(lin, page, page, {**facts, "feedback_on": f"{on.year}年{on.month}月{on.day}日"})
    assert taken.status_code == 303
    assert f"{on.month}月{on.day}日" in words_of(lin.get(taken.headers["Location"]).text)


def test_a_day_without_its_year_counts_once_the_form_has_shown_it_in_full(client: Client, county: County) -> None:
    lin, page, today = client("lin"), "/cases/new/rectification", local_day(hours.now())
    facts = {"title": "公示栏破损", "subject": county.organs["donggou_branch"], "problem": "没有更换", "source": "feedback"}
    facts |= {"immediate": "ordinary", "first_check": "township", "period": "own_date"}
    ahead, past = today + timedelta(days=300), today - timedelta(days=300)
    asked = {"due_on": f"{ahead.month}月{ahead.day}日", "feedback_on": f"{past.month}-{past.day}"}
    shown = post(lin, page, page, {**facts, **asked})
    assert shown.status_code == 422
    for name, on in (("商定完成日期", ahead), ("反馈日期", past)):
        said = f"{on.year}年{on.month}月{on.day}日"
        assert f"{name}：没有写年份，读作{said}" in "".join(words_of(shown.text).split())
        assert f'value="{said}"' in shown.text
    again = {"due_on": f"{ahead.year}年{ahead.month}月{ahead.day}日", "feedback_on": past.isoformat()}
    assert post(lin, page, page, {**facts, **again}).status_code == 303


def test_a_filter_that_is_no_day_filters_nothing_and_says_so(client: Client, county: County) -> None:
    county.supervised_item(hours.now() - timedelta(minutes=30))
    lin = client("lin")
    answer = lin.get("/ledger?from=11月40日")
    assert answer.status_code == 400
    assert "“11月40日”不是能看的日期，没有按它筛选" in words_of(answer.text)
    assert 'value="11月40日"' in answer.text
    assert "村务公开栏半年未更新" in answer.text
    assert "村务公开栏半年未更新" not in lin.get("/ledger?to=2020年1月1日").text


def test_the_days_off_are_those_of_the_countys_calendar(client: Client) -> None:
    told = client("zhou").get("/calendar/days").get_json()
    assert told["holidays"]["2026-10-01"] and told["makeups"]


@pytest.mark.parametrize(
    ("latest", "ahead", "said"),
    [
        (None, None, "12月7日"),
        (None, 0, "11月30日"),
        (None, 3, "12月3日"),
        ("2026-12-02", None, "12月2日"),
        (date(2026, 12, 20), None, "12月7日"),
    ],
)
def test_the_example_in_an_empty_box_is_a_day_that_would_do(latest: date | str | None, ahead: int | None, said: str) -> None:
    with make_frame().test_request_context():
        assert example_day(latest, ahead, today=date(2026, 11, 30)) == said
