"""A body decides over the API: asked, voted, recorded from minutes, taken back, each under its key and told as the page does."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests import hours
from tests.copies import Copies
from tests.factories import County, make_county
from tests.web.api.test_api import bearer
from tests.web.site import site
from tests.workflow.looking import rows_of
from tests.workflow.test_votes import DATA, STEP, publish
from workflow.dates import local_day
from workflow.models import Ballot, Resolution

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
NOW = hours.now()
Call = Callable[..., Any]


@pytest.fixture
def county(copies: Copies) -> County:
    return copies.of(make_county)


@pytest.fixture
def case_id(county: County) -> int:
    publish(county)
    return county.supervised_item(NOW - timedelta(minutes=10), immediate="rectify_now")


@pytest.fixture
def call(county: County, home: Path) -> Call:
    """What the API answers somebody: (login, path, body) posts, without a body it reads."""
    app: Flask = site(county, home)
    tokens: dict[str, dict[str, str]] = {}

    def asked(login: str, path: str, body: Any = None, key: str = "", **more: Any) -> Any:
        who = tokens.setdefault(login, bearer(county, login)) | ({"Idempotency-Key": key} if key else {})
        method = "GET" if body is None and not more else "POST"
        return app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=who, **more)

    return asked


def told(call: Call, login: str, case_id: int) -> Any:
    (one,) = call(login, f"/cases/{case_id}/votes").json["votes"]
    return one


def test_a_step_is_put_to_the_vote_voted_on_and_taken(call: Call, case_id: int) -> None:
    votes, step = f"/cases/{case_id}/votes/{STEP}", f"/cases/{case_id}/transitions/{STEP}"
    assert call("lin", f"/cases/{case_id}/votes").json == {"votes": []}
    assert call("lin", step, {"data": DATA}).status_code == 409
    assert call("chen", votes, {"data": DATA}).status_code == 403
    assert call("lin", votes, {"data": DATA}).status_code == 200
    assert call("lin", votes, {"data": DATA}).json["code"] == "conflict"
    assert call("lin", f"{votes}/vote", {"choice": "agree"}).status_code == 403, "who asked has no word"
    assert call("fang", f"{votes}/vote", {"choice": "disagree"}).json["fields"].keys() == {"reason"}
    assert call("fang", f"{votes}/vote", {"choice": "perhaps"}).json["fields"].keys() == {"choice"}
    assert call("fang", f"{votes}/vote", {"choice": "disagree", "reason": "证据不足"}).status_code == 200
    assert call("fang", f"{votes}/vote", {"choice": "agree"}).status_code == 409, "a word is said once"
    assert call("song", f"{votes}/vote", {"choice": "agree"}).status_code == 200
    assert call("lin", step, {"data": DATA}).status_code == 409
    assert call("zhao", f"{votes}/vote", {"choice": "agree"}).status_code == 200
    one = told(call, "lin", case_id)
    assert (one["outcome"], one["data"], one["voted"], one["agreed"]) == ("carried", DATA, 3, 2)
    assert call("lin", step, {"data": {"settled": "按第三种意见办"}}).status_code == 409
    assert call("lin", step, {"data": DATA}).status_code == 200
    assert told(call, "lin", case_id)["outcome"] == "used"


def test_who_said_what_is_told_to_the_bodies_that_vote_and_to_nobody_else(call: Call, case_id: int, county: County) -> None:
    votes = f"/cases/{case_id}/votes/{STEP}"
    call("lin", votes, {"data": DATA})
    call("fang", f"{votes}/vote", {"choice": "disagree", "reason": "证据不足"})
    inside, outside = told(call, "song", case_id), told(call, "zhou", case_id)
    assert [(one["name"], one["choice"], one["reason"]) for one in inside["ballots"]] == [("方磊", "disagree", "证据不足")]
    assert {one["person_id"] for one in inside["members"]} == {county.people["song"], county.people["zhao"]}
    assert (inside["may_vote"], outside["may_vote"]) == (True, False)
    assert (outside["ballots"], outside["members"], outside["recused"], outside["minutes"]) == ([], [], [], "")
    assert (outside["voted"], set(outside)) == (1, set(inside))
    absent = call("han", "/cases/999999/votes")
    assert (absent.status_code, call("han", f"/cases/{case_id}/votes").data) == (404, absent.data)


def test_each_verb_heeds_its_key(call: Call, case_id: int, county: County) -> None:
    votes = f"/cases/{case_id}/votes/{STEP}"
    for login, path, body, other in (
        ("lin", votes, {"data": DATA}, {"data": {"settled": "另一种"}}),
        ("song", f"{votes}/vote", {"choice": "agree"}, {"choice": "abstain", "reason": "不清楚"}),
        ("lin", f"{votes}/withdraw", {"reason": "再议"}, {"reason": "不议"}),
    ):
        first = call(login, path, body, key=path)
        assert first.status_code == 200, first.text
        assert call(login, path, body, key=path).json == first.json
        assert call(login, path, other, key=path).json["code"] == "key_reused"
    assert len(rows_of(county, Ballot)) == 1
    assert [row["outcome"] for row in rows_of(county, Resolution)] == ["withdrawn"]


def test_minutes_are_recorded_with_a_scan_that_the_recorder_has_sent(call: Call, case_id: int, county: County) -> None:
    votes = f"/cases/{case_id}/votes/{STEP}"
    call("lin", votes, {"data": DATA})
    body: dict[str, Any] = {"met_on": local_day(NOW).isoformat(), "minutes": "第3次会议纪要"}
    body["votes"] = [{"person_id": county.people[login], "choice": "agree"} for login in ("song", "zhao")]
    assert call("lin", f"{votes}/minutes", body).json["fields"].keys() == {"file_id"}
    strange = call("song", "/files", data={"file": (io.BytesIO(PNG), "纪要.png")}).json["id"]
    assert call("lin", f"{votes}/minutes", body | {"file_id": strange}).json["fields"].keys() == {"scan"}
    assert rows_of(county, Ballot) == []
    body["file_id"] = call("lin", "/files", data={"file": (io.BytesIO(PNG), "纪要.png")}).json["id"]
    first = call("lin", f"{votes}/minutes", body, key="once")
    assert first.status_code == 200, first.text
    assert call("lin", f"{votes}/minutes", body, key="once").json == first.json
    assert call("lin", f"{votes}/minutes", body | {"minutes": "另一份"}, key="once").json["code"] == "key_reused"
    one = told(call, "lin", case_id)
    assert (one["outcome"], one["minutes"], one["met_on"]) == ("carried", "第3次会议纪要", body["met_on"])
    assert {ballot["recorder"] for ballot in one["ballots"]} == {"林静"}


def test_what_nobody_knows_is_refused_by_name(call: Call, case_id: int) -> None:
    votes = f"/cases/{case_id}/votes/{STEP}"
    assert call("song", f"{votes}/vote", {"choice": "agree", "for": 3}).json["fields"].keys() == {"for"}
    assert call("lin", f"{votes}/minutes", {"votes": [{"person_id": "3", "choice": "agree"}], "file_id": 1}).json[
        "fields"
    ].keys() == {"votes", "met_on"}
    assert call("lin", f"/cases/{case_id}/votes/report_progress", {"data": {}}).json["code"] == "bad_input"
