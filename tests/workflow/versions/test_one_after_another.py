"""One version of a kind after another: what two people have sealed leads to their version, and to no other."""

from __future__ import annotations

import json

import pytest

from states.errors import Conflict, DomainError
from tests.workflow.looking import case_row, rows_of
from tests.workflow.versions.conftest import NOW, TODAY, Office
from tests.workflow.versions.test_changing_a_running_kind import OPENED, nothing, two_months
from workflow import occasions
from workflow.definitions import add_version
from workflow.models import BulkItem
from workflow.store import Store


def why(refusal: pytest.ExceptionInfo[DomainError]) -> object:
    """What the refusal says."""
    return refusal.value.params["why"]


def test_no_version_follows_while_cases_are_still_brought_under_the_one_before(office: Office) -> None:
    office.county.supervised_item(OPENED)
    run = office.publish(office.preview(office.draft(two_months)))  # killed before its first case
    assert run is not None
    second = office.preview(office.draft(nothing))
    with pytest.raises(Conflict) as refusal:
        office.propose(second)
    assert why(refusal) == "migration_goes_on"
    office.work(run)
    assert office.propose(second)


def test_nor_is_one_decided_while_cases_are_put_back(office: Office) -> None:
    office.county.supervised_item(OPENED)
    run = office.change(two_months)
    assert run is not None
    impact = office.preview(office.draft(nothing))
    publication = office.propose(impact)
    back = office.both("reverse", run_id=run)
    assert back is not None
    told = {"actor": office.admin("kong"), "now": NOW, "granted": True, "seal": impact["seal"]}
    with pytest.raises(Conflict) as refusal:
        office.county.engine.decide_publication(publication, **told)
    assert why(refusal) == "migration_goes_on"
    other = office.preview(office.draft(nothing, "clue"))
    assert office.propose(other), "another kind does not wait with it"


def test_what_is_over_before_its_turn_is_no_failure_and_is_not_put_back(office: Office) -> None:
    county = office.county
    moves, over = county.supervised_item(OPENED), county.supervised_item(OPENED)
    run = office.publish(office.preview(office.draft(two_months)))
    assert run is not None
    county.engine.void(over, actor=county.actor("zhao", TODAY), now=NOW, reason="重复", approver="高建国")
    before = case_row(county, over)
    office.work(run)
    items = {row["case_id"]: (row["status"], row["seq"]) for row in rows_of(county, BulkItem, run_id=run)}
    assert items == {moves: ("done", case_row(county, moves)["seq"]), over: ("done", 0)}
    assert case_row(county, over) == before
    back = office.both("reverse", run_id=run)
    assert [row["case_id"] for row in rows_of(county, BulkItem, run_id=back)] == [moves]


def test_a_plan_leads_no_case_to_a_version_that_it_was_not_made_for(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    before = case_row(county, case_id)["definition_version_id"]
    run = office.publish(office.preview(office.draft(two_months)))
    assert run is not None
    other = office.preview(office.draft(nothing))["digest"]

    def third(store: Store) -> None:
        add_version(store, "rectification", other, now=NOW)
        occasions.moved(store, "definitions")

    county.database.write(third)
    office.work(run)
    assert case_row(county, case_id)["definition_version_id"] == before
    item = rows_of(county, BulkItem, run_id=run)[0]
    assert (item["status"], json.loads(item["params"])) == ("refused", {"why": "version_superseded"})
