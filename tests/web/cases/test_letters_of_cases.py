"""Letters of real cases: an official document names every body in full, however lists shorten it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from docx import Document

from tests.factories import County
from tests.web.conftest import Client
from tests.workflow.looking import rows_of
from web.cases.letters import letter_facts
from workflow import organisations
from workflow.dates import local_day
from workflow.models import Case
from workflow.reads.case_page import case_page

NOW = datetime.now(UTC)
FULL = {
    "office": ("中共安澜县委巡察工作领导小组办公室", "县委巡察办"),
    "leading_group": ("中共安澜县委巡察工作领导小组", "县委领导小组"),
    "liuhe_party": ("中共安澜县柳河镇委员会", "柳河镇党委"),
    "donggou_branch": ("中共柳河镇东沟村支部委员会", "东沟村党支部"),
}


@pytest.fixture
def county(county: County) -> County:
    """The county, whose bodies have a full name and a short one."""

    def rename(store: Any) -> None:
        for key, (name, short) in FULL.items():
            organisations.rename_organ(store, organ_id=county.organs[key], name=name, short_name=short)

    county.database.write(rename)
    return county


def test_a_downloaded_letter_has_full_names_only(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1))
    answer = client("lin").get(f"/cases/{case_id}/letters/assignment_sheet")
    document = Document(io.BytesIO(answer.data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    assert FULL["donggou_branch"][0] in text
    assert FULL["office"][0] in text
    assert all(short not in text for _full, short in FULL.values())


def test_the_parties_of_a_talk_are_named_in_full(county: County) -> None:
    began = NOW - timedelta(days=200)
    county.supervised_item(began)
    county.engine.tick(NOW)
    talk = rows_of(county, Case, kind="interview")[0]
    lin = county.actor("lin", local_day(NOW))
    facts = county.engine.read(
        NOW,
        lambda store, occasion: letter_facts(case_page(store, occasion, lin, talk["id"]), occasion, local_day(NOW)),
    )
    names = {organ_id: FULL[key][0] for key, organ_id in county.organs.items() if key in FULL}
    assert facts.interviewer == names[talk["interviewer_id"]]
    assert facts.interviewee == names[talk["interviewee_id"]]
    assert facts.issuer == names[talk["supervisor_id"]]
    assert facts.recipient == names[talk["holder_id"]]
    assert facts.leading_group == FULL["leading_group"][0]
