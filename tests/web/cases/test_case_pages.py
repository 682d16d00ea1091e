"""The case page and its forms: what is offered is done, what was typed is kept, and a day of the past needs its paper."""

from __future__ import annotations

import io
import json
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row, rows_of
from web.formatting import full_day
from workflow.dates import local_day
from workflow.models import Content, Event, Evidence, StoredFile

NOW = hours.now()
RESULT = "公示栏已更换，照片附后。"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def case_id(county: County) -> int:
    """An immediate item that 东沟村 has signed for half an hour ago."""
    began = NOW - timedelta(minutes=30)
    return county.supervised_item(began, immediate="rectify_now", period="default_immediate", first_check="county")


@pytest.fixture
def handed_over(county: County) -> int:
    """An item that was handed to 东沟村 four days ago and is not signed for."""
    case_id = county.open_item(NOW - timedelta(days=4), immediate="rectify_now", period="default_immediate")
    county.hand_over(case_id, NOW - timedelta(days=4) + timedelta(minutes=1))
    return case_id


def act(who: FlaskClient, case_id: int, trigger: str, **data: Any) -> TestResponse:
    """Posts the form of a transition."""
    return post(who, f"/cases/{case_id}", f"/cases/{case_id}/do/{trigger}", data)


def upload(who: FlaskClient, case_id: int, label: str) -> TestResponse:
    """Uploads a picture with a label."""
    data = {"label": label, "file": (io.BytesIO(PNG), "扫描.png")}
    return post(who, f"/cases/{case_id}", f"/cases/{case_id}/evidence", data)


def test_the_page_offers_the_upload_and_it_works(client: Client, case_id: int) -> None:
    zhou, page = client("zhou"), f"/cases/{case_id}"
    assert 'type="file"' in zhou.get(page).text
    assert upload(zhou, case_id, "site_photo").status_code == 303
    assert "扫描.png" in words_of(zhou.get(page).text)


@pytest.fixture
def given_back(county: County) -> int:
    """An item that 农业农村局 has handed back: 马力 still reads it as it was."""
    began = NOW - timedelta(minutes=30)
    case_id = county.open_item(began, feedback_on=local_day(began).isoformat())
    county.hand_over(case_id, began, to="bureau")
    county.fire(case_id, "hand_back", "ma", began, hand_back_reason="not_ours", hand_back_note="应由属地承办")
    return case_id


def test_whose_turn_it_is_in_ones_own_organ_is_said_by_post(client: Client, case_id: int) -> None:
    own, others = words_of(client("lin").get(f"/cases/{case_id}").text), words_of(client("zhou").get(f"/cases/{case_id}").text)
    assert re.search(r"轮到本单位的(分管领导或)?主要负责人", own) and "轮到县委巡察办" not in own
    assert "轮到县委巡察办" in others


def test_the_upload_is_not_offered_to_whoever_only_reads(client: Client, given_back: int) -> None:
    page = client("ma").get(f"/cases/{given_back}")
    assert page.status_code == 200
    assert 'type="file"' not in page.text


def test_several_files_of_one_form_are_added_together(client: Client, county: County, case_id: int) -> None:
    zhou, page = client("zhou"), f"/cases/{case_id}"
    several = [(io.BytesIO(PNG), "前.png"), (io.BytesIO(PNG + b"1"), "后.png")]
    assert post(zhou, page, f"{page}/evidence", {"label": "site_photo", "file": several}).status_code == 303
    assert [event["verb"] for event in rows_of(county, Event, case_id=case_id)][-2:] == ["add_evidence"] * 2
    assert len(rows_of(county, StoredFile)) == 2


def test_of_several_files_a_bad_one_is_named_and_none_is_kept(client: Client, county: County, case_id: int) -> None:
    zhou, page, before = client("zhou"), f"/cases/{case_id}", case_row(county, case_id)
    several = [(io.BytesIO(PNG), "好的.png"), (io.BytesIO(b""), "空的.png"), (io.BytesIO(b"MZ" + b"0" * 99), "坏的.exe")]
    answer = post(zhou, page, f"{page}/evidence", {"label": "site_photo", "file": several})
    told = words_of(answer.text)
    assert answer.status_code == 422
    assert "“空的.png”：文件是空的" in told
    assert "“坏的.exe”：" in told
    assert "其他文件已经收下，不用再选" in told
    assert rows_of(county, StoredFile) == []
    assert case_row(county, case_id) == before


def test_an_upload_sent_twice_is_kept_once(client: Client, county: County, case_id: int) -> None:
    zhou, page = client("zhou"), f"/cases/{case_id}"
    for _ in range(2):
        data = {"label": "site_photo", "key": "k", "file": (io.BytesIO(PNG), "照片.png")}
        assert post(zhou, page, f"{page}/evidence", data).status_code == 303
    assert len(rows_of(county, StoredFile)) == 1


def test_whoever_only_reads_uploads_nothing(client: Client, county: County, given_back: int) -> None:
    data = {"label": "site_photo", "file": (io.BytesIO(PNG), "照片.png")}
    assert post(client("ma"), f"/cases/{given_back}", f"/cases/{given_back}/evidence", data).status_code == 403
    assert rows_of(county, StoredFile) == []


def test_what_was_typed_is_kept_when_somebody_was_faster(client: Client, county: County, case_id: int) -> None:
    zhou, answers = client("zhou"), {"result": RESULT, "progress_label": "done"}
    upload(zhou, case_id, "site_photo")
    version = case_row(county, case_id)["version"]
    county.fire(case_id, "report_rectified", "sun", hours.now(), **{**answers, "result": "已经报过"})
    answer = act(zhou, case_id, "report_rectified", version=version, **answers)
    assert answer.status_code == 409
    assert RESULT in answer.text
    assert "孙志强" in words_of(answer.text)
    assert case_row(county, case_id)["state"] == "rectified"


def test_a_form_of_another_state_leads_back_to_the_case(client: Client, case_id: int) -> None:
    answer = client("zhou").get(f"/cases/{case_id}/do/sign_for")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/cases/{case_id}")
    assert client("zhou").get(f"/cases/{case_id}/do/no_such_step").status_code == 404


def test_a_day_of_the_past_needs_the_scan_of_the_receipt(client: Client, county: County, handed_over: int) -> None:
    zhou, on = client("zhou"), local_day(NOW) - timedelta(days=2)
    refused = act(zhou, handed_over, "sign_for", pieces=1, happened_on=on.isoformat())
    assert refused.status_code == 422
    assert "签收单扫描件" in words_of(refused.text)
    assert f'value="{full_day(on, language="zh-Hans")}"' in refused.text
    assert case_row(county, handed_over)["state"] == "transferred"

    assert upload(zhou, handed_over, "receipt_scan").status_code == 303
    assert act(zhou, handed_over, "sign_for", pieces=1, happened_on=on.isoformat()).status_code == 303
    row = case_row(county, handed_over)
    assert (row["state"], row["state_since"]) == ("supervised", on)
    event = json.loads(rows_of(county, Event, case_id=handed_over)[-1]["facts"])
    assert local_day(datetime.fromisoformat(event["happened_at"])) == on
    assert local_day(datetime.fromisoformat(event["recorded_at"])) == local_day(hours.now())


@pytest.mark.parametrize("days", [-9, 1])
def test_the_day_on_the_receipt_lies_between_the_hand_over_and_today(
    client: Client, county: County, handed_over: int, days: int
) -> None:
    zhou, on = client("zhou"), local_day(NOW) + timedelta(days)
    upload(zhou, handed_over, "receipt_scan")
    answer = act(zhou, handed_over, "sign_for", pieces=1, happened_on=on.isoformat())
    assert answer.status_code == 422
    assert case_row(county, handed_over)["state"] == "transferred"


def test_no_other_step_can_be_dated_back(client: Client, county: County, case_id: int) -> None:
    zhou, before = client("zhou"), case_row(county, case_id)
    upload(zhou, case_id, "receipt_scan")
    told = {"result": RESULT, "progress_label": "done", "happened_on": (date.today() - timedelta(9)).isoformat()}
    assert act(zhou, case_id, "report_rectified", **told).status_code == 400
    after = case_row(county, case_id)
    assert (after["state"], after["state_since"]) == (before["state"], before["state_since"])


@pytest.fixture
def unapproved(county: County) -> int:
    """An item outside the signed feedback, whose hand-over the head of the office approves."""
    return county.open_item(NOW - timedelta(days=1), source="other")


def hand_over(who: FlaskClient, county: County, case_id: int, **data: Any) -> TestResponse:
    """Posts the form of the hand-over to 东沟村."""
    told = {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign", **data}
    return act(who, case_id, "transfer", **told)


def test_an_approval_on_paper_is_recorded_with_its_scan(client: Client, county: County, unapproved: int) -> None:
    song, on = client("song"), local_day(NOW).isoformat()
    assert 'name="approval/scan"' in song.get(f"/cases/{unapproved}/do/transfer").text
    paper = {"approval/approver": "赵国华", "approval/on": on, "approval/scan": (io.BytesIO(PNG), "批示.png")}
    assert hand_over(song, county, unapproved, **paper).status_code == 303
    evidence, stored = rows_of(county, Evidence, case_id=unapproved)[0], rows_of(county, StoredFile)[0]
    assert (evidence["label"], evidence["file_id"], stored["name"]) == ("approval_scan", stored["id"], "批示.png")
    said = json.loads(rows_of(county, Content, case_id=unapproved)[-1]["body"])
    assert said["answers"]["approval"]["scan"] == stored["id"]
    assert "批示.png" in words_of(song.get(f"/cases/{unapproved}").text)


def test_a_scan_is_not_kept_when_the_step_is_refused(client: Client, county: County, unapproved: int) -> None:
    song = client("song")
    answer = hand_over(song, county, unapproved, **{"approval/scan": (io.BytesIO(PNG), "批示.png")})
    assert answer.status_code == 422
    assert 'id="f-approval-approver-error"' in answer.text
    assert rows_of(county, StoredFile) == rows_of(county, Evidence) == []
    assert case_row(county, unapproved)["state"] == "received"


def test_a_scan_that_cannot_be_kept_is_refused_beside_its_box(client: Client, county: County, unapproved: int) -> None:
    paper = {"approval/approver": "赵国华", "approval/on": local_day(NOW).isoformat()}
    answer = hand_over(client("song"), county, unapproved, **paper, **{"approval/scan": (io.BytesIO(b""), "空.png")})
    assert answer.status_code == 422
    assert "文件是空的" in words_of(answer.text)
    assert "赵国华" in answer.text


def test_whoever_approves_himself_is_asked_for_no_paper(client: Client, county: County, unapproved: int) -> None:
    url = f"/cases/{unapproved}/do/transfer"
    assert 'name="approval/approver"' in client("song").get(url).text
    zhao = client("zhao")
    assert 'name="approval/approver"' not in zhao.get(url).text
    assert hand_over(zhao, county, unapproved).status_code == 303


def test_only_issued_letters_are_written(client: Client, case_id: int) -> None:
    lin, page = client("lin"), f"/cases/{case_id}/letters"
    assert lin.get(f"{page}/assignment_sheet").status_code == 200
    assert lin.get(f"{page}/accountability_proposal").status_code == 404
    assert lin.get(f"{page}/no_such_letter").status_code == 404


def test_registering_is_shown_to_those_who_may(client: Client) -> None:
    assert client("lin").get("/cases/new/rectification").status_code == 200
    for kind in ("rectification", "interview", "supervision_order", "measure"):
        assert client("zhou").get(f"/cases/new/{kind}").status_code == 404


def test_a_refused_registration_keeps_what_was_typed(client: Client) -> None:
    typed = {"title": "账目不清", "old_number": "柳巡2025-7"}
    answer = post(client("lin"), "/cases/new/rectification", "/cases/new/rectification", typed)
    assert answer.status_code == 422
    assert all(text in answer.text for text in typed.values())


def filled(who: FlaskClient, page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to `action`, as a browser would send them, twice if need be."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', who.get(page).text, re.S)
    assert form, action
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))


def test_a_form_sent_twice_acts_once(client: Client, county: County, case_id: int) -> None:
    zhou, page, url = client("zhou"), f"/cases/{case_id}", f"/cases/{case_id}/verbs/comment"
    hidden = filled(zhou, page, url)
    for _ in range(2):
        assert zhou.post(url, data=hidden | {"text": "已到现场"}).status_code == 303
    assert [event["verb"] for event in rows_of(county, Event, case_id=case_id)].count("comment") == 1
    other = zhou.post(url, data=hidden | {"text": "又写一句"})
    assert other.status_code == 422
    assert "又写一句" in other.text
    assert "这次提交和上次内容不同" in words_of(other.text)


def test_every_form_that_acts_on_a_case_has_a_key_of_its_own(client: Client, case_id: int) -> None:
    text = client("zhao").get(f"/cases/{case_id}").text
    forms = re.findall(rf'<form[^>]*action="/cases/{case_id}/[^"]*".*?</form>', text, re.S)
    keys = [key for form in forms for key in re.findall(r'name="key" value="(\w+)"', form)]
    assert forms
    assert len(keys) == len(set(keys)) == len(forms)


def test_undo_is_offered_after_a_step_that_can_be_undone(client: Client, county: County, case_id: int) -> None:
    zhou = client("zhou")
    act(zhou, case_id, "report_progress", progress_note="已经开工", progress_label="ongoing")
    assert f"/cases/{case_id}/undo" in zhou.get(f"/cases/{case_id}").text
    assert post(zhou, f"/cases/{case_id}", f"/cases/{case_id}/undo", {}).status_code == 303
    assert rows_of(county, Event, case_id=case_id)[-1]["verb"] == "undo"


def test_a_step_at_an_hour_that_somebody_said_is_told_so_in_the_history(
    client: Client, county: County, handed_over: int
) -> None:
    told = "时刻由人给定"
    county.engine.tick(NOW)
    assert told not in words_of(client("lin").get(f"/cases/{handed_over}").text)
    county.engine.tick(NOW + timedelta(days=40), hour_given=True)
    assert told in words_of(client("lin").get(f"/cases/{handed_over}").text)


def test_who_supervises_a_case_takes_it_as_a_scenario_without_a_word_of_it(client: Client, case_id: int) -> None:
    path = f"/cases/{case_id}/scenario.yaml"
    answer = client("lin").get(path)
    text = answer.get_data(as_text=True)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "do: sign_for" in text and "state: supervised" in text
    assert "公开栏" not in text and "东沟" not in text
    assert client("zhou").get(path).status_code == 403
    assert client("han").get(path).status_code == 404


@pytest.mark.parametrize(("days", "is_wide"), [(["12月1日"] * 5, False), (["12月1日"] * 4 + ["2027年12月31日"], True)])
def test_days_of_another_year_have_room_beside_each_other(app: Flask, days: list[str], is_wide: bool) -> None:
    with app.test_request_context():
        macros = app.jinja_env.get_template("macros/case.html").module
        ladder = str(macros.ladder([{"title": "提醒", "on": on, "state": "ahead"} for on in days]))
        timeline = str(macros.timeline([{"at": on, "kind": "other", "text": "办理"} for on in days]))
    assert ("ladder-long" in ladder) is ("timeline-dated" in timeline) is is_wide
