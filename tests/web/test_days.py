"""A day may be typed as people write it; what is no day stays in its box, with a sentence that says how to write one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.frame import make_frame
from tests.web.site import post, words_of
from web.days import example_day, read_day
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


@pytest.mark.parametrize("typed", ["", "11月31日", "2026-02-30", "25/11/2026", "26-11-25", "11", "月底", "2026-11", "０"])
def test_what_may_mean_another_day_is_not_guessed(typed: str) -> None:
    assert read_day(typed, today=TODAY) is None


def test_a_form_takes_a_day_in_words_and_keeps_what_is_none(client: Client, county: County) -> None:
    lin, page = client("lin"), "/cases/new/rectification"
    facts = {"title": "公示栏破损", "subject": county.organs["donggou_branch"], "problem": "没有更换", "source": "feedback"}
    facts |= {"immediate": "ordinary", "first_check": "township", "period": "three_months"}
    refused = post(lin, page, page, {**facts, "feedback_on": "11月31日"})
    assert refused.status_code == 422
    assert "反馈日期：没有这一天，或者写法不对，如2026年11月25日" in "".join(words_of(refused.text).split())
    assert 'value="11月31日"' in refused.text
    on = local_day(hours.now()) - timedelta(days=3)
    taken = post(lin, page, page, {**facts, "feedback_on": f"{on.year}年{on.month}月{on.day}日"})
    assert taken.status_code == 303
    assert f"{on.month}月{on.day}日" in words_of(lin.get(taken.headers["Location"]).text)


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
