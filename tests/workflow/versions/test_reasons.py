"""Why a new version makes of each clock's date what it makes: asked for, sealed, and kept with every case that it moves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from states.errors import Conflict
from tests.factories import at
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import NOW, TODAY, Document, Office
from tests.workflow.versions.test_changing_a_running_kind import OPENED, two_months
from workflow.models import Content, Event
from workflow.reads.case_page import CasePage, case_page

CARRY: Any = {"clocks": {"rectify": "carry"}}
WHY = "区委办公室要求两个月内整改到位"


def page_of(office: Office, case_id: int) -> CasePage:
    county, actor = office.county, office.county.actor("lin", TODAY)
    return county.engine.read(NOW, lambda store, occasion: case_page(store, occasion, actor, case_id))


def migrated(office: Office, case_id: int) -> tuple[Document, Document]:
    """The facts and the content of the case's change of version."""
    (event,) = rows_of(office.county, Event, case_id=case_id, verb="migrate")
    (content,) = rows_of(office.county, Content, case_id=case_id, seq=event["seq"])
    return json.loads(event["facts"]), json.loads(content["body"])


def test_nobody_moves_a_date_without_a_reason(office: Office) -> None:
    office.county.supervised_item(OPENED)
    impact = office.preview(office.draft(two_months), **CARRY, reasons={})
    unsaid = [{"name": "clock_unreasoned", "params": {"clock": "rectify"}}]
    assert json.loads(impact["counts"])["obstacles"] == unsaid
    with pytest.raises(Conflict) as refusal:
        office.propose(impact)
    assert refusal.value.params["why"] == "plan_unfinished"


def test_the_reason_is_part_of_what_two_people_seal(office: Office) -> None:
    office.county.supervised_item(OPENED)
    draft = office.draft(two_months)
    seals = {office.preview(draft, **CARRY, reasons={"rectify": why})["seal"] for why in (WHY, WHY, "另有缘由")}
    assert len(seals) == 2


def test_every_case_moved_keeps_the_policy_and_the_reason_of_its_own_clocks(office: Office) -> None:
    case_id = office.county.supervised_item(OPENED)
    clocks = {"rectify": "carry", "sign_for": "restart"}
    office.change(two_months, clocks=clocks, reasons={"rectify": WHY, "sign_for": "重新签收"})
    facts, content = migrated(office, case_id)
    # Words of a person go with the content, which can be disposed of; the facts never can.
    assert facts["clocks"] == clocks and WHY not in json.dumps(facts, ensure_ascii=False)
    assert content["reasons"] == {"rectify": WHY}
    told = page_of(office, case_id).timeline
    assert [event.policies for event in told if event.verb == "migrate"] == [(("rectify", "carry", WHY),)]
    assert not any(event.policies for event in told if event.verb != "migrate")


def test_a_case_that_comes_with_its_next_step_keeps_it_too(office: Office) -> None:
    case_id = office.county.supervised_item(OPENED)
    office.change(two_months, **CARRY, when={"supervised": "next"}, reasons={"rectify": WHY})
    assert rows_of(office.county, Event, case_id=case_id, verb="migrate") == []
    office.county.fire(case_id, "report_progress", "zhou", at(TODAY, 12), progress_note="已清理一半")
    assert migrated(office, case_id)[1]["reasons"] == {"rectify": WHY}


def test_a_date_that_stays_may_have_a_reason_and_needs_none(office: Office) -> None:
    first = office.county.supervised_item(OPENED)
    office.change(two_months, reasons={"rectify": "已经与村里约定"})
    assert page_of(office, first).timeline[0].policies == (("rectify", "keep", "已经与村里约定"),)


def test_without_a_reason_nothing_is_kept_of_it(office: Office) -> None:
    case_id = office.county.supervised_item(OPENED)
    office.change(two_months)
    assert "reasons" not in migrated(office, case_id)[1]
    assert page_of(office, case_id).timeline[0].policies == ()
