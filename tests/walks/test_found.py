"""What walks over made-up definitions have found, each on the smallest definition that shows it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from states.checks import prove
from tests.copies import Copies
from tests.factories import County, at, make_county
from tests.states.samples import document
from tests.walks.made_up import office_vocabulary
from tests.workflow.looking import case_row, clock_row, rows_of
from workflow import definitions, occasions
from workflow.casefile import LIVE
from workflow.models import Clock, Event, FiredRung
from workflow.reconcile import reconcile

DAY = date(2026, 3, 2)
NOW = at(DAY)


@pytest.fixture
def county(copies: Copies) -> County:
    """A county with an engine, and no case yet."""
    return copies.of(make_county)


def serve(county: County, made: dict[str, Any]) -> int:
    """Publishes the definition, which has no fault, and hands a case of it to the village."""
    assert prove(made, office_vocabulary()) == ()
    county.database.write(lambda store: definitions.publish(store, made, source="", now=NOW))
    county.database.write(lambda store: occasions.moved(store, "definitions"))
    organ = county.organs["donggou_branch"]
    told = {"actor": county.actor("lin"), "now": NOW, "title": "便函", "subject_id": organ, "data": {"summary": "事由"}}
    case_id = county.engine.open("note", **told).case_id
    county.fire(case_id, "transfer", "lin", NOW, recipient=organ)
    return case_id


def live(county: County, case_id: int) -> list[tuple[str, int, str]]:
    clocks = rows_of(county, Clock, case_id=case_id)
    return [(clock["key"], clock["run"], clock["status"]) for clock in clocks if clock["status"] in LIVE]


def test_a_case_reopened_where_its_main_clock_does_not_live_has_only_the_clock_that_does(county: County) -> None:
    made = document()
    made["clocks"][0]["starts"].append({"on": "reopen"})
    made["transitions"][-1]["to"] = "received"
    case_id = serve(county, made)
    county.fire(case_id, "close", "zhao", NOW, result="已办")
    county.fire(case_id, "reopen", "zhao", NOW, new_due_on="2026-04-01")
    assert live(county, case_id) == [("hand_over", 1, "armed")]
    county.fire(case_id, "transfer", "lin", NOW, recipient=county.organs["donggou_branch"])
    assert live(county, case_id) == [("handle", 1, "armed")]
    assert county.engine.tick(at(date(2026, 9, 1))).cancelled == []


def test_undoing_the_step_that_began_a_new_run_brings_the_old_run_back(county: County) -> None:
    made = document()
    for clock in made["clocks"]:
        clock["restarted_by"] = ["remark"]
    case_id = serve(county, made)
    for _ in range(3):
        county.fire(case_id, "remark", "sun", NOW)
    before = live(county, case_id)
    county.fire(case_id, "remark", "sun", NOW)
    county.engine.undo(case_id, actor=county.actor("sun"), now=NOW + timedelta(minutes=1))
    assert live(county, case_id) == before == [("handle", 4, "armed")]


def test_a_run_that_was_undone_hides_neither_its_successor_nor_a_clock_of_the_next_cycle(county: County) -> None:
    made = document()
    made["clocks"][1]["restarted_by"] = ["remark"]
    made["transitions"][-1]["to"] = "received"
    made["clocks"][0]["starts"].append({"on": "reopen"})
    case_id = serve(county, made)
    county.fire(case_id, "remark", "sun", NOW)
    county.engine.undo(case_id, actor=county.actor("sun"), now=NOW)
    county.fire(case_id, "remark", "sun", NOW)
    county.engine.comment(case_id, actor=county.actor("sun"), now=NOW, text="已联系")
    told = json.loads(rows_of(county, Event, case_id=case_id)[-1]["facts"])["before"]["clocks"]
    assert {key: (status, run) for key, (status, _due, _tier, _next, run) in told.items()} == {"handle": ("armed", 2)}
    county.fire(case_id, "close", "zhao", NOW, result="已办")
    county.fire(case_id, "reopen", "zhao", NOW, new_due_on="2026-04-01")
    assert county.engine.read(NOW, reconcile) == ()


def test_a_repeating_rung_ends_every_sweep_and_goes_on_after_the_date_has_moved(county: County) -> None:
    made = document()
    made["clocks"][1] |= {"extension": {}}
    made["ladders"][0]["tiers"][0][1]["every"] = "7 day"
    case_id = serve(county, made)
    due = clock_row(county, case_id, "handle")["due_on"]
    wanted = {"clock": "handle", "wanted_on": due + timedelta(1), "reason": "雨季"}
    county.engine.ask_extension(case_id, actor=county.actor("zhou"), now=at(due), **wanted)
    late = due + timedelta(30)
    county.engine.tick(at(late))
    decided = {"clock": "handle", "granted": True, "reason": "同意"}
    county.engine.decide_extension(case_id, actor=county.actor("zhao"), now=at(late, 11), **decided)
    clock = clock_row(county, case_id, "handle")
    assert (clock["next_rung"], clock["next_at"] > at(late, 11)) == ("red", True)
    assert county.engine.read(at(late, 12), reconcile) == ()
    fired = [row for row in rows_of(county, FiredRung, case_id=case_id, rung="red") if row["outcome"] == "fired"]
    county.engine.tick(at(late + timedelta(8)))
    again = [row for row in rows_of(county, FiredRung, case_id=case_id, rung="red") if row["outcome"] == "fired"]
    assert len(again) > len(fired)
    assert case_row(county, case_id)["overdue_since"] is not None
