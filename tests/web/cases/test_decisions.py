"""A step that a body decides on, from the pages: put to the vote, voted on, recorded from minutes, and only then taken."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import rows_of
from tests.workflow.test_votes import STEP, publish
from workflow.dates import local_day
from workflow.models import Ballot, Resolution

NOW = hours.now()
STEP_PAGE = "/cases/{}/do/" + STEP


@pytest.fixture
def case_id(county: County) -> int:
    publish(county)
    return county.supervised_item(NOW - timedelta(minutes=10), immediate="rectify_now")


def ask(lin: FlaskClient, case_id: int) -> None:
    page = STEP_PAGE.format(case_id)
    assert post(lin, page, page, {"settled": "按第二种意见办", "ask": "1"}).status_code == 303


def vote(client: Client, case_id: int, login: str, choice: str, reason: str = "") -> int:
    told = {"trigger": STEP, "choice": choice, "reason": reason}
    page = f"/cases/{case_id}"
    return post(client(login), page, f"{page}/verbs/vote", told).status_code


def test_a_step_is_put_to_the_vote_voted_on_and_taken(client: Client, county: County, case_id: int) -> None:
    lin, page, step = client("lin"), f"/cases/{case_id}", STEP_PAGE.format(case_id)
    assert "提请集体研究：集体研究定案" in words_of(lin.get(page).text)
    assert "这一步须集体研究" in words_of(lin.get(step).text)
    ask(lin, case_id)
    shown = words_of(client("song").get(page).text)
    assert "表决中" in shown and "按第二种意见办" in shown and "3人" in shown
    assert "请你表决" in words_of(client("song").get("/inbox").text)
    assert "请你表决" not in words_of(client("zhou").get("/inbox").text)
    assert vote(client, case_id, "song", "agree") == 303
    assert vote(client, case_id, "fang", "disagree") == 422
    assert vote(client, case_id, "fang", "disagree", "证据不足") == 303
    assert post(lin, page, step, {"settled": "按第二种意见办"}).status_code == 409
    assert vote(client, case_id, "zhao", "agree") == 303
    assert "已通过，可以办理" in words_of(lin.get(page).text)
    assert "按第二种意见办" in lin.get(step).text, "the form comes with what has been carried"
    assert post(lin, page, step, {"settled": "按第三种意见办"}).status_code == 409
    assert post(lin, page, step, {"settled": "按第二种意见办"}).status_code == 303
    said = words_of(lin.get(page).text)
    assert "已通过并办理" in said and "证据不足" in said
    assert "证据不足" not in words_of(client("zhou").get(page).text)


def test_minutes_are_recorded_with_their_scan_and_a_faulty_form_comes_back(
    client: Client, county: County, case_id: int
) -> None:
    lin, page = client("lin"), f"/cases/{case_id}"
    ask(lin, case_id)
    url = f"{page}/verbs/record_votes"
    told = {"trigger": STEP, "met_on": local_day(NOW).isoformat(), "minutes": "第3次会议纪要"}
    told |= {f"member-{county.people[login]}": "agree" for login in ("song", "zhao")}
    refused = post(lin, page, url, told)
    assert refused.status_code == 422 and rows_of(county, Ballot) == []
    scan = (io.BytesIO(b"\x89PNG\r\n\x1a\n"), "纪要.png")
    assert post(lin, page, url, {**told, "scan": scan}).status_code == 303
    said = words_of(lin.get(page).text)
    assert "林静据会议纪要补录" in said and "第3次会议纪要" in said and "已通过，可以办理" in said


def test_whoever_recuses_himself_is_led_away_from_the_case(client: Client, case_id: int) -> None:
    ask(client("lin"), case_id)
    assert vote(client, case_id, "song", "recuse", "本人亲属") == 303
    assert client("song").get(f"/cases/{case_id}").status_code == 404


def test_whoever_asked_takes_it_back(client: Client, county: County, case_id: int) -> None:
    lin, page = client("lin"), f"/cases/{case_id}"
    ask(lin, case_id)
    assert post(lin, page, f"{page}/verbs/withdraw_decision", {"trigger": STEP, "reason": "再议"}).status_code == 303
    assert [row["outcome"] for row in rows_of(county, Resolution)] == ["withdrawn"]
    assert "已撤回" in words_of(lin.get(page).text)
