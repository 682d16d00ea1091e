"""A label may ask for a picture or a scan: what is none is refused at the box, and counts for nothing where it lies already."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from states.definition import Definition
from states.errors import InvalidForm, TransitionRefused
from states.evidence import counted, takes, unfit
from states.schema import load
from tests.factories import County, at
from tests.workflow.looking import rows_of
from web.wiring import shipped_workflows
from workflow.models import Evidence, StoredFile
from workflow.reads.case_page import case_page
from workflow.store import Store
from workflow.versions.preview import _newly_needed

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)
DONE = {"result": "已更新", "progress_label": "done"}


def definition(kind: str = "rectification") -> Definition:
    return load(shipped_workflows()[kind].data)


def item(county: County) -> int:
    return county.supervised_item(NOON, immediate="rectify_now", period="default_immediate")


def prove(county: County, case_id: int, name: str, label: str) -> None:
    file_id = county.keep_file(name, "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou", DAY), now=NOON, file_id=file_id, label=label)


@pytest.mark.parametrize(
    ("label", "media_type", "is_taken"),
    [
        ("site_photo", "image/jpeg", True),
        ("site_photo", "image/heic", True),
        ("site_photo", "application/pdf", False),
        ("site_photo", "text/plain", False),
        ("approval_scan", "application/pdf", True),
        ("approval_scan", "image/png", True),
        ("approval_scan", "application/zip", False),
        ("voucher", "text/plain", True),
        ("", "text/plain", True),
    ],
)
def test_a_label_takes_what_its_rule_says(label: str, media_type: str, is_taken: bool) -> None:
    assert takes(definition(), label, media_type) is is_taken
    assert takes(replace(definition(), labels=()), label, media_type), "a version without rules takes any"


def test_what_is_not_taken_proves_nothing() -> None:
    files = [("site_photo", "text/plain"), ("site_photo", "image/png"), ("other", "text/plain")]
    assert counted(definition(), files) == ("site_photo", "other")
    assert unfit(definition(), files) == {"site_photo"}


def test_a_text_is_no_photograph_and_nothing_of_it_is_kept_on_the_case(county: County) -> None:
    case_id = item(county)
    with pytest.raises(InvalidForm) as refusal:
        prove(county, case_id, "说明.txt", "site_photo")
    assert refusal.value.params["fields"] == {"file": [{"file": "说明.txt", "why": "not_a_picture"}]}
    assert rows_of(county, Evidence) == []
    prove(county, case_id, "现场", "site_photo")
    county.fire(case_id, "report_rectified", "zhou", NOON, **DONE)


def test_an_approval_on_paper_has_a_scan_that_is_one(county: County) -> None:
    subject, told = county.organs["donggou_branch"], {"summary": "虚报危房改造补助", "managed_by": "village"}
    opened = county.engine.open("clue", actor=county.actor("lin", DAY), now=NOON, title="线索", subject_id=subject, data=told)
    paper = {"approver": "赵国华", "on": DAY.isoformat(), "scan": county.keep_file("审批单.txt", "lin")}
    handed: dict[str, Any] = {"recipient": county.organs["liuhe_discipline"], "hand_over_mode": "transfer"}
    with pytest.raises(InvalidForm) as refusal:
        county.fire(opened.case_id, "transfer", "lin", NOON, **handed, approval=paper)
    assert refusal.value.params["fields"] == {"approval/scan": [{"file": "审批单.txt", "why": "not_a_scan"}]}
    county.fire(
        opened.case_id, "transfer", "lin", NOON, **handed, approval={**paper, "scan": county.keep_file("审批单", "lin")}
    )


def test_a_file_from_before_the_rule_stays_and_opens_no_gate(county: County) -> None:
    case_id = item(county)
    prove(county, case_id, "现场", "site_photo")

    def made_text(store: Store) -> None:
        store.update(StoredFile, {"media_type": "text/plain"}, digest="现场")

    county.database.write(made_text)
    with pytest.raises(TransitionRefused) as refusal:
        county.fire(case_id, "report_rectified", "zhou", NOON, **DONE)
    (why,) = refusal.value.params["why"]
    assert (why["name"], why["told"]) == ("has_evidence", {"unfit": True})
    zhou = county.actor("zhou", DAY)
    page = county.engine.read(NOON, lambda store, occasion: case_page(store, occasion, zhou, case_id))
    assert [file.label for file in page.evidence] == ["site_photo"]
    (button,) = (one for one in page.buttons if one.trigger == "report_rectified")
    assert [reason.told for reason in button.why] == [{"unfit": True}]
    prove(county, case_id, "照片", "site_photo")
    county.fire(case_id, "report_rectified", "zhou", NOON, **DONE)


def test_a_preview_names_the_label_that_a_new_version_wants_of_other_files() -> None:
    new = definition("interview")
    old = replace(new, labels=())
    assert _newly_needed(old, "held", new, "held") == ("signed_record",)
    assert _newly_needed(new, "held", new, "held") == () == _newly_needed(new, "held", old, "held")
