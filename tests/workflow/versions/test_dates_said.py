"""Every date that a new version moves is said beforehand and told to whoever holds the case, the first to fall due or not."""

from __future__ import annotations

import json

import pytest

from tests.factories import County, at
from tests.workflow.looking import case_row, clock_row, day, rows_of
from tests.workflow.versions.conftest import TODAY, Document, Office, part
from workflow.models import Outbox


def edited(document: Document) -> None:
    document.pop("scenarios")
    part(document, "clocks", "rectify")["limits"] = [{"limit": "2 month"}]


def handed_over(county: County) -> int:
    """An item that its unit has to sign for first, and to put right within three months."""
    case_id = county.open_item(at(TODAY, 8), feedback_on=TODAY.isoformat())
    county.hand_over(case_id, at(TODAY, 9))
    assert case_row(county, case_id)["due_clock"] == "sign_for"
    return case_id


@pytest.fixture
def told(county: County, office: Office) -> tuple[int, Document]:
    """The item, and the preview by which another of its dates moves than the one that is due first; it has happened."""
    case_id = handed_over(county)
    impact = office.preview(office.draft(edited), clocks={"rectify": "carry"})
    office.work(office.publish(impact) or 0)
    return case_id, impact


def test_a_date_behind_an_earlier_one_is_said_and_counted(county: County, office: Office, told: tuple[int, Document]) -> None:
    case_id, impact = told
    said = office.lines(impact)[case_id]["said"]
    assert said["dated"] == [["rectify", "2026-07-01", "2026-06-01"]] and "due" not in said
    assert clock_row(county, case_id, "rectify")["due_on"] == day("2026-06-01")
    assert json.loads(impact["counts"])["dated"] == 1


def test_the_holder_hears_of_it_with_both_its_dates(county: County, told: tuple[int, Document]) -> None:
    heard = [json.loads(row["params"]) for row in rows_of(county, Outbox) if row["message"] == "version_changed"]
    assert heard and {(one["original_due_on"], one["due_on"]) for one in heard} == {("2026-07-01", "2026-06-01")}


def test_the_date_of_a_clock_that_begins_is_said_too(county: County, office: Office) -> None:
    case_id = handed_over(county)

    def one_more(document: Document) -> None:
        edited(document)
        clock = {
            "key": "watch",
            "title": "另看",
            "starts": [{"on": "open"}],
            "runs_in": ["received", "transferred", "supervised"],
        }
        document["clocks"].append({**clock, "limits": [{"limit": "10 day"}], "ladder": "none"})

    said = office.lines(office.preview(office.draft(one_more)))[case_id]["said"]
    assert said["dated"] == [["watch", None, "2026-04-13"]]
