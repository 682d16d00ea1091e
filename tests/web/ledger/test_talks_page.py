"""The page of talks counts talks: by stage, past their date, at whose door; and no rate of what is closed out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import hours
from tests.copies import Copies
from tests.factories import County, make_county
from tests.web.conftest import Client
from tests.web.ledger.reading import every_row, numbers_of, page
from tests.web.site import words_of
from tests.workflow.looking import rows_of
from workflow.dates import local_day
from workflow.models import Case


@pytest.fixture
def county(copies: Copies) -> County:
    """A talk that is proposed and late, and one that is ordered."""
    return copies.of(make_two_talks)


def make_two_talks(url: str) -> County:
    """That county in a migrated database."""
    made, now = make_county(url), hours.now()
    made.supervised_item(now - timedelta(days=150), title="公示栏破损")
    made.engine.tick(now - timedelta(days=30))
    made.supervised_item(now - timedelta(days=150), title="路灯损坏", subject="xitou_branch", signer="feng")
    made.engine.tick(now - timedelta(minutes=9))
    talks = rows_of(made, Case, kind="interview")
    made.fire(int(max(str(talk["id"]) for talk in talks)), "order", "zhao", now - timedelta(minutes=5))
    return made


@pytest.mark.parametrize("login", ["lin", "chen", "han", "gao", "zhou"])
def test_every_figure_of_the_talks_is_that_of_the_rows_behind_it(client: Client, county: County, login: str) -> None:
    looking = client(login)
    for start in ("/interviews", "/interviews?band=open&state=proposed", "/interviews?band=late", "/interviews?f.tier=first"):
        for url, number in numbers_of(page(looking, start)):
            assert len(every_row(looking, url)) == number, (start, url)


def test_the_talks_are_told_by_stage_and_lateness_and_without_a_close_out_rate(client: Client, county: County) -> None:
    words = words_of(page(client("lin"), "/interviews"))
    strip = words.partition("逾期在谁手里")[0]
    for title, n in (("待签批", 1), ("已责成、待安排", 1), ("已通知", 0), ("已约谈、待审记录", 0), ("全部在办", 2)):
        assert f"{title} {n}" in " ".join(strip.split()), title
    assert "销号" not in words and "待我验收" not in words
    assert "销号率" in words_of(page(client("lin"), "/ledger")) and "办结率" in words_of(page(client("lin"), "/orders"))


def test_a_row_tells_the_day_of_the_talk_and_the_village_signs_for_its_notice_there(client: Client, county: County) -> None:
    talk = int(max(str(one["id"]) for one in rows_of(county, Case, kind="interview")))
    now, held_on = hours.now(), local_day(hours.now()) + timedelta(days=9)
    told = {"held_on": held_on.isoformat(), "held_time": "9:30", "place": "镇政府二楼会议室", "chair": "陈立新"}
    told |= {"interviewee_post": "书记", "interviewee_name": "冯国栋", "contact_name": "何勇", "contact_phone": "13800000000"}
    county.fire(talk, "notify", "chen", now, **told)
    for login in ("lin", "chen", "feng"):
        words = words_of(page(client(login), "/interviews"))
        assert "约谈日期" in words and f"{held_on.month}月{held_on.day}日" in words, login
    assert "签收通知" in words_of(page(client("feng"), "/interviews"))
    assert "签收通知" not in words_of(page(client("lin"), "/interviews"))
    county.fire(talk, "confirm_notice", "feng", now + timedelta(minutes=1))
    assert "签收通知" not in words_of(page(client("feng"), "/interviews"))
