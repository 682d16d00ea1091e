"""What a preview says of a case beside its date: who is late for it, which rung comes next, whose rights change."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from tests.factories import at
from tests.workflow.looking import case_row, clock_row
from tests.workflow.versions.conftest import Document, Office, part
from web.versions.lines import changed_posts
from web.wiring import shipped_titles
from workflow.definitions import catalogue
from workflow.versions.permitted import ACCESS, APPROVAL, STEP, Post, Right, changed, permitted
from workflow.versions.plan import Plan

OPENED = at(date(2026, 3, 2))


def told(office: Office, edit: Any, kind: str = "rectification", **plan: Any) -> tuple[Document, dict[int, Document]]:
    """The counts and lines of a preview of one edit."""
    impact = office.preview(office.draft(edit, kind), **plan)
    return json.loads(impact["counts"]), {case: line["said"] for case, line in office.lines(impact).items()}


def owned_by_the_supervisor(document: Document) -> None:
    part(document, "clocks", "rectify")["owner"] = "supervisor"


def without_its_first_rung(document: Document) -> None:
    del part(document, "ladders", "long")["tiers"][0][0]


def test_another_owner_of_a_clock_is_said_and_is_who_is_late_afterwards(office: Office) -> None:
    county, case_id = office.county, office.county.supervised_item(OPENED)
    counts, lines = told(office, owned_by_the_supervisor)
    assert lines[case_id]["owned"] == [["rectify", "holder", "supervisor"]] and counts["owned"] == 1
    office.change(owned_by_the_supervisor)
    assert clock_row(county, case_id, "rectify")["organ_id"] == case_row(county, case_id)["supervisor_id"]


def test_another_rung_that_comes_next_is_said_and_comes_next_afterwards(office: Office) -> None:
    county, case_id = office.county, office.county.supervised_item(OPENED)
    before = clock_row(county, case_id, "rectify")["next_rung"]
    counts, lines = told(office, without_its_first_rung)
    ((clock, was, now),) = lines[case_id]["pressed"]
    assert (clock, was) == ("rectify", before) and now not in (None, before) and counts["pressed"] == 1
    office.change(without_its_first_rung)
    assert clock_row(county, case_id, "rectify")["next_rung"] == now


def test_whoever_promised_stays_late_though_the_case_lies_with_another_by_now(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED, first_check="county", immediate="rectify_now", period="default_immediate")
    photo = county.keep_file("照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=OPENED, file_id=photo, label="site_photo")
    county.fire(case_id, "report_rectified", "zhou", OPENED, result="已整改", progress_label="done")
    village = county.organs["donggou_branch"]
    assert case_row(county, case_id)["holder_id"] != village == clock_row(county, case_id, "rectify")["organ_id"]
    _counts, lines = told(office, lambda document: document.update(measure_word="项"))
    assert "owned" not in lines[case_id]
    office.change(lambda document: document.update(measure_word="项"))
    assert clock_row(county, case_id, "rectify")["organ_id"] == village


def test_what_changes_nothing_for_anybody_says_nothing_of_it(office: Office) -> None:
    office.county.supervised_item(OPENED)
    counts, lines = told(office, lambda document: document.update(measure_word="项"))
    assert not any(said.keys() & {"owned", "pressed", "rights"} for said in lines.values())
    assert counts["owned"] == counts["pressed"] == counts["rights"] == 0


def another_approves(document: Document) -> None:
    part(document, "transitions", "redirect")["approval"]["roles"] = ["head", "deputy"]


def the_subject_reads_nothing(document: Document) -> None:
    document["access"] = [rule for rule in document["access"] if rule["relation"] != "subject"]


def test_each_right_whose_posts_change_is_said_of_each_case_in_that_state_alone(office: Office) -> None:
    county = office.county
    supervised, waiting = county.supervised_item(OPENED), county.open_item(OPENED)
    counts, lines = told(office, another_approves)
    assert lines[supervised]["rights"] == [[APPROVAL, "redirect"]]
    assert "rights" not in lines[waiting] and counts["rights"] == 1
    counts, lines = told(office, the_subject_reads_nothing)
    assert lines[supervised]["rights"] == [[ACCESS, "read"]]  # the village sees nothing of what is not handed over yet
    assert "rights" not in lines[waiting] and counts["rights"] == 1


def test_who_may_do_what_is_told_for_each_version_that_has_open_cases(office: Office) -> None:
    county = office.county
    county.supervised_item(OPENED)
    office.change(another_approves, when={"supervised": "stay"})
    served = county.database.read(catalogue)
    olds = [one for one in served.by_id.values() if one.kind == "rectification"]
    new = served.of_kind("rectification").definition
    first, second = sorted(olds, key=lambda one: one.number)
    found = changed_posts([second, first], new, Plan(), shipped_titles(), "zh-Hans")
    assert {one.versions for one in found} == {(first.number,)}
    (one,) = {one.step: one for one in found}.values()
    assert one.step == "审批“改办”" and not one.less and len(one.more) == 1


def test_posts_are_named_by_role_and_organ(office: Office) -> None:
    definition = office.county.database.read(catalogue).of_kind("rectification").definition
    rights = permitted(definition, "supervised")
    assert Right(STEP, "redirect") in rights and Right(ACCESS, "act") in rights
    assert Post("", "holder", "") in rights[Right(ACCESS, "act")]
    assert changed(definition, "supervised", definition, "supervised") == {}
