"""What a preview counts as coming at once is what the next sweep does, and nothing of a case that waits for its next step."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from tests.factories import County, at
from tests.workflow.looking import clock_row
from tests.workflow.versions.conftest import NOW, Document, Office, part

LATE_BY_ONE_MONTH = date(2026, 1, 5)


def one_month(document: Document) -> None:
    document.pop("scenarios")
    part(document, "clocks", "rectify")["limits"] = [{"limit": "1 month"}]


def item_in_time(county: County) -> int:
    """An item of January that has three months: under one month it is late enough for a talk."""
    case_id = county.supervised_item(at(LATE_BY_ONE_MONTH))
    county.engine.tick(NOW)
    return case_id


@pytest.mark.parametrize("rungs", ["from-now", "catch-up"])
def test_a_talk_behind_the_turn_to_late_is_counted_and_proposed_by_the_next_sweep(
    county: County, office: Office, rungs: str
) -> None:
    case_id = item_in_time(county)
    impact = office.preview(office.draft(one_month), clocks={"rectify": "carry"}, rungs=rungs)
    coming = [rung for _clock, rung in office.lines(impact)[case_id]["said"]["coming"]]
    office.work(office.publish(impact) or 0)
    swept = county.engine.tick(NOW + timedelta(minutes=1))
    climbed = [one["rung"] for one in swept.fired if (one["case"], one["clock"]) == (case_id, "rectify")]
    assert coming == climbed and "overdue" in coming and coming[-1] == "interview"
    opened = [one for one in swept.opened if one["kind"] == "interview"]
    assert json.loads(impact["counts"])["talks"] == len(opened) + len(swept.joined) == 1
    assert clock_row(county, case_id, "rectify")["held_by"] is not None


def test_what_waits_for_its_next_step_is_in_no_other_count(county: County, office: Office) -> None:
    case_id = item_in_time(county)
    impact = office.preview(office.draft(one_month), clocks={"rectify": "carry"}, when={"supervised": "next"})
    line, counts = office.lines(impact)[case_id], json.loads(impact["counts"])
    assert (line["fate"], line["said"]["talks"]) == ("follows", 1)
    assert (counts.get("moves", 0), counts["follows"]) == (0, 1)
    assert not any(counts.get(name) for name in ("dated", "turned_late", "rungs", "talks", "skipped", "owned", "pressed"))
