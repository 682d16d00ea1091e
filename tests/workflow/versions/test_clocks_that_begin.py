"""Clocks that a new version begins: from which day they count, and that whoever checks the ledger later agrees."""

from __future__ import annotations

from datetime import date, timedelta

from tests.factories import at
from tests.workflow.looking import clock_row
from tests.workflow.versions.conftest import NOW, TODAY, Document, Office
from workflow.reconcile import reconcile

OPENED = date(2026, 3, 2)
TITLE = {"zh-Hans": "新增", "zh-Hant": "新增", "en": "New"}


def one_more(document: Document) -> None:
    document.pop("scenarios")
    covered = [state["key"] for state in document["states"] if not state.get("final")]
    clock = {"key": "watch", "title": TITLE, "starts": [{"on": "open"}], "runs_in": covered}
    document["clocks"].append({**clock, "limits": [{"limit": "6 month"}], "ladder": "none"})


def test_a_carried_clock_counts_from_the_opening_and_the_check_of_the_ledger_agrees_ever_after(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(at(OPENED), feedback_on=OPENED.isoformat())
    office.change(one_more, clocks={"watch": "carry"})
    assert clock_row(county, case_id, "watch")["started_on"] == OPENED
    later = NOW + timedelta(hours=1)
    county.engine.comment(case_id, actor=county.actor("lin", TODAY), now=later, text="已电话了解")
    assert county.engine.read(later, reconcile) == ()


def test_one_that_is_not_carried_counts_from_the_day_of_the_new_version(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(at(OPENED), feedback_on=OPENED.isoformat())
    office.change(one_more)
    assert clock_row(county, case_id, "watch")["started_on"] == TODAY
