"""A corrected year is decided by a second keeper, moves its deadlines, and keeps the list of what it moved."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests import hours
from tests.web.conftest import Client
from tests.web.site import words_of
from tests.workflow.configuration.conftest import Desk
from tests.workflow.looking import case_row
from workflow.calendars import document_of
from workflow.configuration.years import KIND
from workflow.dates import local_day

NOW = hours.now()


def longer_holiday(desk: Desk, day: Any) -> Any:
    """The year of a day as it is in force, with that day off."""
    calendar = desk.county.engine.read(NOW, lambda _store, occasion: occasion.calendar)
    document = document_of(day.year, calendar.years[day.year])
    document["holidays"]["县庆"] = [day.isoformat()]
    return document


def test_what_a_year_moves_is_seen_before_and_kept_after(desk: Desk, client: Client) -> None:
    county = desk.county
    case_id = county.supervised_item(NOW - timedelta(days=2), immediate="rectify_now")
    before = case_row(county, case_id)["due_on"]
    document = longer_holiday(desk, before)
    version_id = desk.propose(KIND, str(before.year), document, now=NOW)
    assert case_row(county, case_id)["due_on"] == before
    who = client("kong")
    waiting = words_of(who.get(f"/configuration/changes/{version_id}").text)
    assert "会移动" in waiting
    assert case_row(county, case_id)["number"] in waiting
    desk.decide(KIND, version_id, now=NOW)
    after = case_row(county, case_id)["due_on"]
    assert after > before
    kept = words_of(who.get(f"/configuration/changes/{version_id}").text)
    assert "移动了的期限" in kept
    assert case_row(county, case_id)["number"] in kept
    file = who.get(f"/configuration/changes/{version_id}/moved.csv").text
    assert f'"{case_row(county, case_id)["number"]}","{before.isoformat()}","{after.isoformat()}"' in file
    assert local_day(NOW) < after


def test_a_faulty_year_is_refused_with_the_day_that_is_wrong(desk: Desk, client: Client) -> None:
    assert desk
    who = client("jiang")
    page = "/configuration/calendar/2027"
    from tests.web.site import post

    for source, said in (
        ("year: 2027\nholidays: {元旦: ['2026-01-01']}\n", "放假里的“2026-01-01”不对"),
        ("year: 2026\nholidays: {}\n", "年份要写“2027”"),
        ("year: 2027\nmakeups: {元旦: ['2027-01-04']}\n", "调休上班里的“2027-01-04”不对"),
        ("- 一\n", "写法不对"),
    ):
        answer = post(who, page, page, {"source": source, "based_on": "0", "reason": "试", "act": "propose"})
        assert answer.status_code == 422
        assert said in words_of(answer.text)
