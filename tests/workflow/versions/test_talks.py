"""A case on the agenda of a talk comes under a new version: what ends leaves the talk, what goes on stays on it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import at
from tests.workflow.looking import case_row, clock_row, rows_of
from tests.workflow.test_sweep import talked_about
from tests.workflow.versions.conftest import NOW, TODAY, Document, Office, part
from tests.workflow.versions.test_changing_a_running_kind import require_whole
from tests.workflow.versions.test_renamed_clock import called
from workflow.models import AgendaItem, BulkItem

MOVED_AT = NOW + timedelta(minutes=5)


def on_a_talk(office: Office) -> tuple[int, int]:
    """An item of last year and the talk that is proposed about it: by its watch first, and for its limit as well."""
    case_id = office.county.supervised_item(at(date(2025, 12, 1)))
    office.county.engine.tick(NOW)
    row = agenda(office, case_id)
    talk = int(row["interview_id"])
    assert (row["clock"], case_row(office.county, talk)["state"]) == ("progress", "proposed")
    assert {clock_row(office.county, case_id, key)["held_by"] for key in ("progress", "rectify")} == {talk}
    return case_id, talk


def agenda(office: Office, case_id: int) -> Document:
    return next(iter(rows_of(office.county, AgendaItem, case_id=case_id)))


def two_months(document: Document) -> None:
    document.pop("scenarios")
    part(document, "clocks", "rectify")["limits"] = [{"limit": "2 month"}]


def brought_over(office: Office, edit: Any = two_months, **plan: Any) -> int:
    run = office.change(edit, MOVED_AT, **plan)
    assert run is not None
    return run


def test_what_begins_anew_leaves_the_talk_which_is_withdrawn_when_nobody_is_left_on_it(office: Office) -> None:
    case_id, talk = on_a_talk(office)
    brought_over(office, clocks={"rectify": "restart", "progress": "restart"})
    assert agenda(office, case_id)["left_at"] == MOVED_AT
    assert case_row(office.county, talk)["state"] == "withdrawn"
    require_whole(office.county)


@pytest.mark.parametrize("restarted", ["rectify", "progress"])
def test_it_stays_on_the_talk_for_the_other_clock_that_the_talk_holds(office: Office, restarted: str) -> None:
    case_id, talk = on_a_talk(office)
    brought_over(office, clocks={restarted: "restart"})
    assert agenda(office, case_id)["left_at"] is None
    assert case_row(office.county, talk)["state"] == "proposed"
    require_whole(office.county)


def test_a_clock_under_another_name_stands_on_the_talk_by_it_and_goes_back_with_the_migration(office: Office) -> None:
    case_id, talk = on_a_talk(office)
    before = agenda(office, case_id)
    run = brought_over(office, lambda document: called(document, "progress", "news"), renames={"progress": "news"})
    assert agenda(office, case_id) == before | {"clock": "news"}
    assert clock_row(office.county, case_id, "news")["held_by"] == talk
    back = office.both("reverse", at(TODAY, 12), run_id=run)
    office.work(back or 0, at(TODAY, 12))
    assert agenda(office, case_id) == before
    require_whole(office.county)


def test_what_has_left_a_talk_is_not_put_back(office: Office) -> None:
    case_id, talk = on_a_talk(office)
    run = brought_over(office, clocks={"rectify": "restart", "progress": "restart"})
    back = office.both("reverse", at(TODAY, 12), run_id=run)
    office.work(back or 0, at(TODAY, 12))
    refused = next(row for row in rows_of(office.county, BulkItem, run_id=back) if row["case_id"] == case_id)
    assert (refused["status"], "touched_since" in refused["params"]) == ("refused", True)
    assert clock_row(office.county, case_id, "rectify")["held_by"] is None
    assert case_row(office.county, talk)["final"]


@pytest.mark.parametrize("policy", ["carry", "restart"])
def test_a_date_that_was_fixed_in_a_talk_stays_in_its_tier(office: Office, policy: str) -> None:
    county = office.county
    case_id, _new = talked_about(county)
    before = clock_row(county, case_id, "rectify")
    assert json.loads(before["basis"])["kind"] == "interview"
    office.today = date(2026, 7, 22)
    office.change(two_months, at(office.today), clocks={"rectify": policy})
    after = clock_row(county, case_id, "rectify")
    assert after == before
    require_whole(county)
