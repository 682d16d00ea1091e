"""The page of who may know of a case: seen by the two bodies, narrowing at once, loosening by a second person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row, rows_of
from workflow.dates import local_day
from workflow.models import Case, Loosening

NOW = hours.now()


@pytest.fixture
def case_id(county: County) -> int:
    return county.supervised_item(NOW - timedelta(hours=1))


def test_the_panel_and_the_page_are_for_the_two_bodies(client: Client, case_id: int) -> None:
    for login in ("lin", "zhou"):
        assert "知情范围" in words_of(client(login).get(f"/cases/{case_id}").text)
        assert client(login).get(f"/cases/{case_id}/discretion").status_code == 200
    chen = client("chen")
    assert "知情范围" not in words_of(chen.get(f"/cases/{case_id}").text)
    assert chen.get(f"/cases/{case_id}/discretion").status_code == 303
    assert client("han").get(f"/cases/{case_id}/discretion").status_code == 404


def test_a_handler_confines_it_and_a_leader_lets_somebody_in(client: Client, county: County, case_id: int) -> None:
    lin, page, song = client("lin"), f"/cases/{case_id}/discretion", county.people["song"]
    assert post(lin, page, f"/cases/{case_id}/verbs/confine", {"reason": "涉及在查人员"}).status_code == 303
    assert client("song").get(f"/cases/{case_id}").status_code == 404
    said = words_of(lin.get(f"/cases/{case_id}").text)
    assert "按规则知悉" in said and "林静指定：涉及在查人员" in said
    zhao, url = client("zhao"), f"/cases/{case_id}/discretion/let_in"
    assert post(lin, page, url, {"person": song, "reason": "协助"}).status_code == 403
    assert post(zhao, page, url, {"person": song, "reason": "协助"}).status_code == 303
    assert client("song").get(f"/cases/{case_id}").status_code == 200


def test_what_is_refused_comes_back_with_the_page(client: Client, case_id: int) -> None:
    page = f"/cases/{case_id}/discretion"
    answer = post(client("lin"), page, f"/cases/{case_id}/verbs/raise_level", {"level": "2", "reason": " "})
    assert answer.status_code == 422 and "调高级别" in words_of(answer.text)


def test_a_level_comes_down_by_the_word_of_another(client: Client, county: County, case_id: int) -> None:
    lin, zhao, page = client("lin"), client("zhao"), f"/cases/{case_id}/discretion"
    least = case_row(county, case_id)["level"]
    post(lin, page, f"/cases/{case_id}/verbs/raise_level", {"level": "3", "reason": "有举报线索"})
    told = {"what": "level", "level": str(least), "reason": "已查清"}
    assert post(lin, page, f"/cases/{case_id}/verbs/ask_loosening", told).status_code == 303
    assert "由交办机关的另一位负责人决定" in words_of(lin.get(page).text)
    decide = {"asked": rows_of(county, Loosening)[0]["id"], "granted": "1", "reason": "同意"}
    assert post(zhao, page, f"/cases/{case_id}/discretion/decide_loosening", decide).status_code == 303
    assert case_row(county, case_id)["level"] == least
    assert "同意放宽" in words_of(zhao.get(f"/cases/{case_id}").text)


def test_what_was_put_away_comes_back_by_the_word_of_another(client: Client, county: County) -> None:
    facts = {"summary": "一", "managed_by": "village", "reporter_name": "举报人甲"}
    told = {"title": "线索", "subject_id": county.organs["donggou_branch"], "data": facts}
    clue = county.engine.open("clue", actor=county.actor("lin"), now=NOW - timedelta(hours=1), **told).case_id
    county.engine.void(clue, actor=county.actor("zhao"), now=NOW - timedelta(minutes=50), reason="重复", approver="高建国")
    lin, page, sheet = client("lin"), f"/cases/{clue}", f"/cases/{clue}/discretion"
    assert "归档封存" not in words_of(lin.get(sheet).text)
    before = {"closed_on": local_day(NOW) - timedelta(days=200)}
    county.database.write(lambda store: store.update(Case, before, id=clue))
    assert county.engine.put_keys_away(NOW, days=90) == 1
    assert "保密内容归档封存" in words_of(lin.get(page).text) and "归档封存" in words_of(lin.get(sheet).text)
    opening = post(lin, page, f"{page}/sealed", {"fields": "reporter_name", "reason": "核对"})
    assert opening.status_code == 404 and "举报人甲" not in opening.text
    assert "保密内容已归档封存，在“知情范围”里提请取回" in words_of(lin.get(page).text)
    assert post(lin, sheet, f"{page}/verbs/ask_loosening", {"what": "archive", "reason": "再次来信"}).status_code == 303
    assert "从归档封存中取回保密内容" in words_of(lin.get(sheet).text)
    decide = {"asked": rows_of(county, Loosening)[0]["id"], "granted": "1", "reason": "同意"}
    assert post(lin, sheet, f"{sheet}/decide_loosening", decide).status_code == 403
    assert post(client("zhao"), sheet, f"{sheet}/decide_loosening", decide).status_code == 303
    assert "举报人甲" in post(lin, page, f"{page}/sealed", {"fields": "reporter_name", "reason": "核对"}).text
