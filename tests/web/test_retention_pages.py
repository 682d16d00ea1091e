"""到期鉴定 on pages: the list, the proposal, the other person's word, the tombstone; and nothing of it for others."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask

from tests import hours
from tests.factories import County
from tests.web.site import post, signed_in, words_of
from tests.workflow.disposal.acts import REASON, TITLE
from tests.workflow.looking import case_row, rows_of
from workflow.dates import add_months, local_day
from workflow.models import Case, Disposal, Hold, Spell, Tombstone

NOW = hours.now()


@pytest.fixture
def old(county: County) -> int:
    """An item that 林静 registered and 赵国华 voided, eleven years ago as its row says."""
    case_id = county.open_item(NOW - timedelta(hours=1), title=TITLE)
    county.engine.void(case_id, actor=county.actor("zhao"), now=NOW - timedelta(minutes=50), reason="重复", approver="高建国")
    closed_on = add_months(local_day(NOW), -12 * 11)
    county.database.write(lambda store: store.update(Case, {"closed_on": closed_on}, id=case_id))
    return case_id


def propose(
    app: Flask, county: County, case_id: int, *, login: str = "song", act: str = "propose", reason: str = REASON
) -> str:
    client = signed_in(app, county, login, hours.now())
    told = {"case": str(case_id), "reason": reason, "act": act}
    answer = post(client, "/retention", "/retention", told)
    return answer.headers.get("Location", "") or words_of(answer.text)


def test_two_people_end_a_case_on_the_pages_and_its_readers_see_what_is_left(app: Flask, county: County, old: int) -> None:
    number = case_row(county, old)["number"]
    place = propose(app, county, old)
    fang = signed_in(app, county, "fang", hours.now())
    assert REASON in words_of(fang.get(place).text)
    told = {"decision": "同意", "approval": "安档销3号", "granted": "yes"}
    answer = post(fang, place, place, told)
    assert answer.status_code == 303
    assert "已销毁" in words_of(fang.get(place).text)
    (stone,) = rows_of(county, Tombstone)
    for login in ("lin", "fang"):
        page = signed_in(app, county, login, hours.now()).get(f"/cases/{old}")
        assert page.status_code == 200
        assert number in page.text and "安档销3号" in page.text and TITLE not in page.text
        assert stone["head"][:8] in page.text
    for login in ("han", "shi", "qian"):
        outsider = signed_in(app, county, login, hours.now())
        assert outsider.get(f"/cases/{old}").status_code == 404
        assert words_of(outsider.get(f"/cases/{old}").text) == words_of(outsider.get("/cases/999999").text)
    assert "已销毁" in words_of(signed_in(app, county, "lin", hours.now()).get("/register").text)


def test_whoever_may_not_decide_is_told_why_and_has_no_button(app: Flask, county: County, old: int) -> None:
    place = propose(app, county, old)
    for login, words in (("song", "须由另一人决定"), ("zhao", "没有办过的人决定"), ("lin", "负责人决定")):
        page = signed_in(app, county, login, hours.now()).get(place)
        assert words in words_of(page.text) and 'name="granted"' not in page.text
    assert signed_in(app, county, "han", hours.now()).get(place).status_code == 404


def test_a_refusal_keeps_what_was_typed_and_says_what_is_missing(app: Flask, county: County, old: int) -> None:
    place = propose(app, county, old)
    fang = signed_in(app, county, "fang", hours.now())
    answer = post(fang, place, place, {"decision": "金丝雀理由", "approval": "", "granted": "yes"})
    assert answer.status_code == 400 and "填批准文号" in words_of(answer.text) and "金丝雀理由" in answer.text
    assert rows_of(county, Disposal)[0]["granted"] is None
    assert post(fang, place, place, {"decision": "再议", "granted": "no"}).status_code == 303
    assert rows_of(county, Disposal)[0]["granted"] is False and case_row(county, old)["title"]


def test_a_case_is_held_back_and_let_go_from_the_list(app: Flask, county: County, old: int) -> None:
    assert propose(app, county, old, act="hold_back", reason="有申诉") == "/retention"
    listed = words_of(signed_in(app, county, "song", hours.now()).get("/retention").text)
    assert "已留存备查" in listed
    assert "现在不能销毁" in propose(app, county, old)
    assert propose(app, county, old, act="let_go", login="fang", reason="申诉已结") == "/retention"
    assert rows_of(county, Hold)[0]["lifted_at"] is not None


def test_the_list_shows_to_each_what_he_sees_and_to_administrators_nothing(app: Flask, county: County, old: int) -> None:
    number = case_row(county, old)["number"]
    assert number in signed_in(app, county, "song", hours.now()).get("/retention").text
    for login in ("chen", "han", "qian"):
        assert number not in signed_in(app, county, login, hours.now()).get("/retention").text
    assert signed_in(app, county, "zhou", hours.now()).get("/retention").status_code == 404


def test_an_empty_or_broken_page_of_the_list_is_no_failure(app: Flask, county: County, old: int) -> None:
    song = signed_in(app, county, "song", hours.now())
    assert song.get("/retention?after=x").status_code == 400
    assert "没有保管期满" in words_of(song.get("/retention?after=2999-01-01.1").text)
    assert re.search("没有", html.unescape(song.get("/retention?after=2999-01-01.1").text))


def test_the_ledger_of_a_past_day_says_what_it_lacks(app: Flask, county: County, old: int) -> None:
    lin = signed_in(app, county, "lin", hours.now())
    database, today = county.database, local_day(NOW)
    database.write(lambda store: store.update(Case, {"opened_on": today - timedelta(days=3)}, id=old))
    database.write(lambda store: store.update(Spell, {"from_at": NOW - timedelta(days=3)}, case_id=old, seq=1))
    page = f"/ledger?band=all&asof={today - timedelta(days=1)}"
    assert "已按期销毁" not in words_of(lin.get(page).text)
    place = propose(app, county, old)
    post(signed_in(app, county, "fang", hours.now()), place, place, {"decision": "同意", "approval": "3号", "granted": "yes"})
    assert "另有1项后来已按期销毁" in words_of(lin.get(page).text)
    assert "已按期销毁" not in words_of(signed_in(app, county, "han", hours.now()).get(page).text)
    assert "已按期销毁" not in words_of(lin.get(f"/ledger?band=all&asof={today - timedelta(days=9)}").text)
