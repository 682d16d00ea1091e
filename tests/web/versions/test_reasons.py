"""Why a clock's date does not stay: asked on the form, read by the second person, told on the run, the case and in the file."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import County
from tests.web.site import post, signed_in, words_of
from tests.web.versions.test_version_pages import NOW, an_item, decided, previewed, proposed, rename, shorter
from tests.workflow.versions.conftest import Document, Office, part

WHY = "区委办公室要求六周内整改到位"


@pytest.fixture
def jiang(app: Flask, county: County, office: Office) -> FlaskClient:
    """The first administrator."""
    return signed_in(app, county, "jiang", NOW)


@pytest.fixture
def kong(app: Flask, county: County, office: Office) -> FlaskClient:
    """The second administrator."""
    return signed_in(app, county, "kong", NOW)


def explained(app: Flask, county: County, case_id: int) -> str:
    return words_of(signed_in(app, county, "lin", NOW).get(f"/cases/{case_id}").text)


def test_a_date_that_does_not_stay_is_refused_without_a_reason_and_what_was_said_stands(
    county: County, office: Office, jiang: FlaskClient
) -> None:
    an_item(county)
    page = f"/versions/drafts/{office.draft(shorter, now=NOW)}"
    answer = post(jiang, page, f"{page}/preview", {"clock/rectify": "carry", "why/rectify": "  "})
    assert answer.status_code == 422
    assert "不保留原期限，要写明理由" in words_of(answer.text)
    assert re.search(r'value="carry" checked', answer.text)
    answer = post(jiang, page, f"{page}/preview", {"clock/rectify": "carry", "why/rectify": "长" * 301})
    assert answer.status_code == 422 and "的理由太长，最多300字" in words_of(answer.text)
    assert f'value="{"长" * 301}"' in answer.text
    assert post(jiang, page, f"{page}/preview", {"clock/rectify": "keep"}).status_code == 303


def test_the_reason_is_read_before_it_is_agreed_and_told_wherever_it_counts(
    app: Flask, county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    case_id = an_item(county)
    draft = office.draft(shorter, now=NOW)
    preview = previewed(jiang, draft, clock__rectify="carry", why__rectify=WHY)
    said = f"按新规则重算，理由：{WHY}"
    assert said in words_of(jiang.get(preview).text)
    assert f'value="{WHY}"' in jiang.get(f"/versions/drafts/{draft}").text
    with jiang.get(f"{preview}/lines.xlsx") as answer:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert any(said in str(cell.value) for row in sheet.iter_rows() for cell in row)
    proposal = proposed(jiang, preview)
    assert f"理由：{WHY}" in words_of(kong.get(proposal).text)
    run = decided(kong, proposal).headers["Location"]
    assert said in words_of(kong.get(run).text)
    told = explained(app, county, case_id)
    assert f"“整改”{said}" in told and f"换版时{said}" in told


def test_of_a_version_that_was_taken_back_the_explanation_says_nothing(
    app: Flask, county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    case_id = an_item(county)
    run = decided(
        kong, proposed(jiang, previewed(jiang, office.draft(shorter, now=NOW), clock__rectify="carry", why__rectify=WHY))
    )
    run_id = int(run.headers["Location"].rsplit("/", 1)[1])
    back = office.both("reverse", NOW, run_id=run_id)
    assert back is not None
    office.work(back, NOW)
    told = explained(app, county, case_id)
    assert f"理由：{WHY}" in told and "换版时按新规则重算" not in told


def test_a_clock_goes_on_under_another_name_with_its_reason(
    app: Flask, county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    def another(document: Document) -> None:
        document.pop("scenarios")
        clock = part(document, "clocks", "rectify")
        clock["key"], clock["limits"] = "mend", [{"limit": "30 workday"}]

    an_item(county)
    draft = office.draft(another, now=NOW)
    preview = previewed(jiang, draft, become__rectify="mend", clock__rectify="restart", why__rectify=WHY)
    assert f"重新起算，理由：{WHY}" in words_of(jiang.get(preview).text)


def test_what_the_command_line_says_of_a_clock_whose_rule_stays_is_read_by_the_second_person(
    county: County, office: Office, jiang: FlaskClient, kong: FlaskClient
) -> None:
    county.supervised_item(NOW - timedelta(days=20))
    plan = {"states": {"supervised": "in_hand"}, "clocks": {"rectify": "restart"}, "reasons": {"rectify": WHY}}
    publication = office.propose(office.preview(office.draft(rename, now=NOW), NOW, **plan), NOW)
    told = words_of(kong.get(f"/versions/proposals/{publication}").text)
    assert "重新起算" in told and f"理由：{WHY}" in told
