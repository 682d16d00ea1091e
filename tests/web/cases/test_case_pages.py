"""The case page and its forms: what is offered is done, what was typed is kept, and a day of the past needs its paper."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row, rows_of
from workflow.dates import local_day
from workflow.models import Event

NOW = datetime.now(UTC)
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


def test_the_upload_is_not_offered_to_whoever_only_reads(client: Client, case_id: int) -> None:
    page = client("chen").get(f"/cases/{case_id}")
    assert page.status_code == 200
    assert 'type="file"' not in page.text


def test_what_was_typed_is_kept_when_somebody_was_faster(client: Client, county: County, case_id: int) -> None:
    zhou, answers = client("zhou"), {"result": RESULT, "progress_label": "done"}
    upload(zhou, case_id, "site_photo")
    version = case_row(county, case_id)["version"]
    county.fire(case_id, "report_rectified", "sun", datetime.now(UTC), **{**answers, "result": "已经报过"})
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
    assert on.isoformat() in refused.text
    assert case_row(county, handed_over)["state"] == "transferred"

    assert upload(zhou, handed_over, "receipt_scan").status_code == 303
    assert act(zhou, handed_over, "sign_for", pieces=1, happened_on=on.isoformat()).status_code == 303
    row = case_row(county, handed_over)
    assert (row["state"], row["state_since"]) == ("supervised", on)
    event = json.loads(rows_of(county, Event, case_id=handed_over)[-1]["facts"])
    assert local_day(datetime.fromisoformat(event["happened_at"])) == on
    assert local_day(datetime.fromisoformat(event["recorded_at"])) == local_day(datetime.now(UTC))


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


def test_undo_is_offered_after_a_step_that_can_be_undone(client: Client, case_id: int) -> None:
    zhou = client("zhou")
    act(zhou, case_id, "report_progress", progress_note="已经开工", progress_label="ongoing")
    assert f"/cases/{case_id}/undo" in zhou.get(f"/cases/{case_id}").text
