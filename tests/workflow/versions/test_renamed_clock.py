"""A clock that gets another key goes on under it where the plan says so: its date, pauses, talk and rungs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from states.schema import load
from tests.factories import WHY_LATER, at
from tests.workflow.looking import case_row, clock_row, rows_of
from tests.workflow.versions.conftest import NOW, TODAY, Document, Office, part
from tests.workflow.versions.test_changing_a_running_kind import OPENED, require_whole
from web.wiring import shipped_workflows
from workflow.models import Clock, FiredRung
from workflow.versions import editing
from workflow.versions.plan import Plan, obstacles

MEND = {"rectify": "mend"}


def another_key(document: Document) -> None:
    """整改 is the same clock under another key."""
    called(document, "rectify", "mend")


def called(document: Document, old: str, new: str) -> None:
    changed = editing.rename(document, "clock", old, new)
    document.clear()
    document.update(changed)


def another_key_and_limit(document: Document) -> None:
    another_key(document)
    part(document, "clocks", "mend")["limits"] = [{"limit": "2 month"}]


def test_it_keeps_its_date_and_its_rungs_stay_fired(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.engine.tick(NOW)
    before, acted = clock_row(county, case_id, "rectify"), rows_of(county, FiredRung, case_id=case_id)
    impact = office.preview(office.draft(another_key), renames=MEND)
    said = office.lines(impact)[case_id]["said"]
    assert said["renamed"] == [["rectify", "mend"]] and not {"ended", "begun", "due"} & set(said)
    run = office.publish(impact)
    assert run is not None
    office.work(run)
    after = clock_row(county, case_id, "mend")
    same = ("started_on", "due_on", "original_due_on", "pauses", "status", "tier", "spent", "revision", "overdue_since")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert clock_row(county, case_id, "rectify")["status"] == "cancelled"
    assert case_row(county, case_id)["due_clock"] == "mend"
    county.engine.tick(NOW)
    assert rows_of(county, FiredRung, case_id=case_id) == acted
    require_whole(county)


def test_a_new_rule_is_carried_over_the_new_name(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    was = clock_row(county, case_id, "rectify")["due_on"]
    office.change(another_key_and_limit, renames=MEND, clocks={"mend": "carry"})
    now = clock_row(county, case_id, "mend")
    assert (now["started_on"], now["unit"]) == (clock_row(county, case_id, "rectify")["started_on"], "month")
    assert now["due_on"] < was


def test_without_the_plan_it_is_one_clock_less_and_one_more(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    said = office.lines(office.preview(office.draft(another_key)))[case_id]["said"]
    assert (said["ended"], said["begun"]) == (["rectify"], ["mend"])


def test_a_clock_that_had_ended_is_not_begun_anew_under_its_new_name(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.fire(case_id, "report_progress", "zhou", NOW, progress_note="一半")
    live = {row["key"] for row in rows_of(county, Clock, case_id=case_id) if row["status"] in ("armed", "standing", "paused")}

    assert "sign_for" not in live
    office.change(lambda document: called(document, "sign_for", "receipt"), at(TODAY, 12), renames={"sign_for": "receipt"})
    after = {row["key"] for row in rows_of(county, Clock, case_id=case_id) if row["status"] in ("armed", "standing", "paused")}
    assert after == live


def test_it_goes_back_to_its_old_name_with_the_migration(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    before = clock_row(county, case_id, "rectify")
    run = office.change(another_key, renames=MEND)
    back = office.both("reverse", at(TODAY, 12), run_id=run)
    assert back is not None
    office.work(back, at(TODAY, 12))
    assert clock_row(county, case_id, "rectify") == before
    assert [row for row in rows_of(county, Clock, case_id=case_id) if row["key"] == "mend"] == []
    require_whole(county)


def test_while_a_later_date_is_asked_for_it_stays_where_it_is(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    told: Any = {"clock": "rectify", "wanted_on": clock_row(county, case_id, "rectify")["due_on"].replace(month=7)}
    county.engine.ask_extension(case_id, actor=county.actor("zhou", TODAY), now=NOW, reason="账目多", data=WHY_LATER, **told)
    line = office.lines(office.preview(office.draft(another_key), renames=MEND))[case_id]
    assert (line["fate"], line["why"]) == ("poisoned", "request_waits")


@pytest.mark.parametrize(
    ("renames", "name"),
    [
        ({"nothing": "mend"}, "unknown_clock"),
        ({"sign_for": "mend"}, "clock_not_gone"),
        ({"rectify": "nothing"}, "clock_unfit"),
        ({"rectify": "sign_for"}, "clock_unfit"),
    ],
)
def test_a_plan_that_names_clocks_wrongly_is_told(renames: dict[str, str], name: str) -> None:
    old = shipped_workflows()["rectification"].data
    new = json.loads(json.dumps(old, ensure_ascii=False))
    another_key(new)
    assert [one.name for one in obstacles(Plan.of({"renames": renames}), [load(old)], load(new))] == [name]
