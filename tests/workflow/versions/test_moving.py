"""What becomes of clocks that are late, extended, paused or stand, and of rungs that are past, under a new version."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import WHY_LATER, at
from tests.workflow.looking import case_row, clock_row, day, fired
from tests.workflow.versions.conftest import NOW, TODAY, Document, Office, part
from tests.workflow.versions.test_changing_a_running_kind import OPENED, require_whole

LONG_AGO = at(date(2025, 12, 1))  # three months from here are over on 2026-03-01, a Sunday
TWO_MONTHS, SIX_MONTHS = "2 month", "6 month"
CARRY = {"rectify": "carry"}


def limited(limit: str) -> Any:
    """An edit that gives 整改 one limit for all."""

    def edit(document: Document) -> None:
        document.pop("scenarios")
        part(document, "clocks", "rectify")["limits"] = [{"limit": limit}]

    return edit


def climbs(ladder: str) -> Any:
    """An edit by which 整改 climbs another ladder."""

    def edit(document: Document) -> None:
        document.pop("scenarios")
        part(document, "clocks", "rectify")["ladder"] = ladder

    return edit


def earlier_rungs(document: Document) -> None:
    document.pop("scenarios")
    title = {"zh-Hans": "提醒", "zh-Hant": "提醒", "en": "Reminder"}
    told = {"title": title, "do": "remind", "to": ["handler@holder"], "params": {"message": "first_reminder"}}
    tier = part(document, "ladders", "long")["tiers"][0]
    tier[:0] = [{"key": "early_1", "at": "-80 day", **told}, {"key": "early_2", "at": "-70 day", **told}]


def late_item(office: Office) -> int:
    """An item of last year that is overdue."""
    case_id = office.county.supervised_item(LONG_AGO)
    office.county.engine.tick(NOW)
    assert clock_row(office.county, case_id, "rectify")["overdue_since"] == day("2026-03-03")
    return case_id


def later_by_decision(office: Office, wanted_on: date) -> int:
    """An item whose date was moved by an extension."""
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.engine.tick(NOW)
    told: Any = {"clock": "rectify", "actor": county.actor("zhou", TODAY), "now": NOW, "data": WHY_LATER}
    county.engine.ask_extension(case_id, wanted_on=wanted_on, reason="账目多", **told)
    county.fire(case_id, "advise_extension", "chen", NOW, extension_opinion="agreed")
    decided: Any = {"clock": "rectify", "granted": True, "reason": "同意"}
    county.engine.decide_extension(case_id, actor=county.actor("fang", TODAY), now=NOW, **decided)
    assert clock_row(county, case_id, "rectify")["due_on"] == wanted_on
    return case_id


# ---- late -----------------------------------------------------------------------------------------------------------------


def test_who_was_late_is_no_more_where_the_new_rule_gives_time(office: Office) -> None:
    case_id = late_item(office)
    impact = office.preview(office.draft(limited(SIX_MONTHS)), clocks=CARRY)
    counts = json.loads(impact["counts"])
    assert (counts["no_longer_late"], counts["turned_late"]) == (1, 0)
    office.work(office.publish(impact) or 0)
    clock = clock_row(office.county, case_id, "rectify")
    assert (clock["due_on"], clock["overdue_since"], clock["revision"]) == (day("2026-06-01"), None, 2)
    assert case_row(office.county, case_id)["overdue_since"] is None
    require_whole(office.county)


def test_who_is_late_still_is_so_since_the_day_after_the_new_date(office: Office) -> None:
    case_id = late_item(office)
    office.change(limited(TWO_MONTHS), clocks=CARRY)
    clock = clock_row(office.county, case_id, "rectify")
    assert (clock["due_on"], clock["overdue_since"]) == (day("2026-02-02"), day("2026-02-03"))


def test_a_kept_date_leaves_who_is_late_late_and_counts_no_change(office: Office) -> None:
    case_id = late_item(office)
    before = clock_row(office.county, case_id, "rectify")
    office.change(limited(SIX_MONTHS))
    after = clock_row(office.county, case_id, "rectify")
    same = ("due_on", "overdue_since", "revision", "spent", "original_due_on")
    assert [after[name] for name in same] == [before[name] for name in same]


# ---- extended -------------------------------------------------------------------------------------------------------------


def test_the_days_of_an_extension_lie_on_top_of_the_new_date(office: Office) -> None:
    case_id = later_by_decision(office, date(2026, 6, 20))  # 18 days after the rule's 2026-06-02
    office.change(limited(TWO_MONTHS), clocks=CARRY)
    clock = clock_row(office.county, case_id, "rectify")
    assert (clock["due_on"], clock["original_due_on"]) == (day("2026-05-06") + timedelta(18), day("2026-05-06"))
    assert json.loads(clock["basis"]) == {"carried": True, "kind": "extension", "on": "2026-05-24", "pauses": 0}
    assert clock["extended"] == 1
    require_whole(office.county)


def test_a_kept_extension_stays(office: Office) -> None:
    case_id = later_by_decision(office, date(2026, 6, 20))
    office.change(limited(TWO_MONTHS))
    clock = clock_row(office.county, case_id, "rectify")
    assert (clock["due_on"], json.loads(clock["basis"])["kind"]) == (day("2026-06-20"), "extension")


def asks_later(office: Office, wanted_on: date) -> int:
    """An item for which a later date is asked and not yet decided."""
    county = office.county
    case_id = county.supervised_item(OPENED)
    told: Any = {"clock": "rectify", "wanted_on": wanted_on, "reason": "账目多", "data": WHY_LATER}
    county.engine.ask_extension(case_id, actor=county.actor("zhou", TODAY), now=NOW, **told)
    return case_id


def no_extension(document: Document) -> None:
    document.pop("scenarios")
    part(document, "clocks", "rectify").pop("extension")


@pytest.mark.parametrize(
    ("edit", "policy"),
    [(limited(SIX_MONTHS), "carry"), (limited(SIX_MONTHS), "restart"), (no_extension, "keep")],
    ids=["its date is carried", "it begins anew", "nobody may grant it any more"],
)
def test_while_a_later_date_is_asked_for_the_date_it_was_asked_from_stays(office: Office, edit: Any, policy: str) -> None:
    case_id = asks_later(office, date(2026, 6, 20))
    before = clock_row(office.county, case_id, "rectify")
    impact = office.preview(office.draft(edit), clocks={"rectify": policy})
    line = office.lines(impact)[case_id]
    assert (line["fate"], line["why"]) == ("poisoned", "request_waits")
    office.work(office.publish(impact) or 0)
    assert clock_row(office.county, case_id, "rectify") == before


def test_what_is_asked_for_on_a_date_that_stays_is_granted_under_the_new_version(office: Office) -> None:
    county, wanted_on = office.county, date(2026, 6, 20)
    case_id = asks_later(office, wanted_on)
    office.change(limited(SIX_MONTHS))
    county.fire(case_id, "advise_extension", "chen", NOW, extension_opinion="agreed")
    decided: Any = {"clock": "rectify", "granted": True, "reason": "同意"}
    county.engine.decide_extension(case_id, actor=county.actor("fang", TODAY), now=NOW, **decided)
    assert clock_row(county, case_id, "rectify")["due_on"] == wanted_on
    require_whole(county)


# ---- paused, standing -----------------------------------------------------------------------------------------------------


def test_a_clock_that_is_paused_stays_so_whatever_becomes_of_its_date(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    told: Any = {"actor": county.actor("zhao", TODAY), "now": NOW, "reason": "汛期", "approver": "高建国"}
    county.engine.pause(case_id, max_days=5, **told)
    before = clock_row(county, case_id, "rectify")
    office.change(limited(TWO_MONTHS), clocks={"rectify": "restart"})
    clock = clock_row(county, case_id, "rectify")
    assert (clock["run"], clock["status"], clock["next_at"]) == (2, "paused", before["next_at"])
    assert json.loads(clock["pauses"]) == [[TODAY.isoformat(), None, "paused"]]
    county.engine.tick(at(TODAY + timedelta(5)))
    assert clock_row(county, case_id, "rectify")["status"] == "armed"


def paused_item(office: Office, case_id: int | None = None) -> int:
    """An item that stands still from today on, for ten days at most."""
    county = office.county
    case_id = case_id or county.supervised_item(OPENED)
    told: Any = {"actor": county.actor("zhao", TODAY), "now": NOW, "reason": "汛期", "approver": "高建国"}
    county.engine.pause(case_id, max_days=10, **told)
    return case_id


def test_a_carried_date_has_the_days_that_the_clock_stood(office: Office) -> None:
    case_id, resumed = paused_item(office), TODAY + timedelta(10)
    office.county.engine.tick(at(resumed))
    office.today = resumed
    office.change(limited(TWO_MONTHS), at(resumed, 12), clocks=CARRY)
    clock = clock_row(office.county, case_id, "rectify")
    assert (clock["started_on"], clock["original_due_on"]) == (OPENED.date(), day("2026-05-06"))
    assert clock["due_on"] == day("2026-05-12")  # ten days after 2026-05-02, the end of the limit before it rolls
    assert json.loads(clock["pauses"]) == [["2026-04-01", "2026-04-11", "paused"]]
    require_whole(office.county)


def test_a_clock_that_still_stands_is_carried_and_gets_its_days_when_it_goes_on(office: Office) -> None:
    case_id = paused_item(office)
    office.change(limited(TWO_MONTHS), clocks=CARRY)
    clock = clock_row(office.county, case_id, "rectify")
    assert (clock["status"], clock["run"], clock["due_on"]) == ("paused", 1, day("2026-05-06"))
    assert json.loads(clock["pauses"]) == [["2026-04-01", None, "paused"]]
    office.county.engine.tick(at(TODAY + timedelta(10)))
    clock = clock_row(office.county, case_id, "rectify")
    assert (clock["status"], clock["due_on"]) == ("armed", day("2026-05-12"))
    require_whole(office.county)


def test_what_was_extended_and_then_stood_keeps_both(office: Office) -> None:
    case_id, resumed = paused_item(office, later_by_decision(office, date(2026, 6, 20))), TODAY + timedelta(10)
    office.county.engine.tick(at(resumed))
    assert clock_row(office.county, case_id, "rectify")["due_on"] == day("2026-06-30")
    office.today = resumed
    office.change(limited(TWO_MONTHS), at(resumed, 12), clocks=CARRY)
    clock = clock_row(office.county, case_id, "rectify")
    assert clock["due_on"] == day("2026-05-06") + timedelta(18) + timedelta(10)
    assert (clock["original_due_on"], clock["extended"]) == (day("2026-05-06"), 1)
    require_whole(office.county)


def stands(document: Document) -> None:
    document.pop("scenarios")
    clock = part(document, "clocks", "rectify")
    clock["runs_in"], clock["stands_in"] = ["transferred"], ["supervised", "rectified"]


def runs(document: Document) -> None:
    document.pop("scenarios")
    clock = part(document, "clocks", "rectify")
    clock["runs_in"], clock["stands_in"] = ["transferred", "supervised", "rectified"], []


def test_a_clock_stands_and_goes_on_as_the_new_version_says_of_the_state(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    due = clock_row(county, case_id, "rectify")["due_on"]
    office.change(stands)
    clock = clock_row(county, case_id, "rectify")
    assert (clock["status"], clock["next_at"]) == ("standing", None)
    assert json.loads(clock["pauses"]) == [[TODAY.isoformat(), None, "standing"]]
    later = at(TODAY + timedelta(10))
    office.today = TODAY + timedelta(10)
    office.change(runs, later)
    clock = clock_row(county, case_id, "rectify")
    assert clock["status"] == "armed" and clock["next_at"] is not None
    assert clock["due_on"] >= due + timedelta(10)
    assert json.loads(clock["pauses"])[-1][1] == "2026-04-11"


# ---- ladders --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rungs", "coming", "skipped"),
    [
        ("from-now", [["rectify", "early_2"]], 1),
        ("catch-up", [["rectify", "early_1"], ["rectify", "early_2"]], 0),
        ("off", None, 2),
    ],
)
def test_of_new_rungs_that_are_past_the_last_acts_or_all_or_none(
    office: Office, rungs: str, coming: list[list[str]] | None, skipped: int
) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.engine.tick(NOW)
    impact = office.preview(office.draft(earlier_rungs), rungs=rungs)
    said = office.lines(impact)[case_id]["said"]
    assert (said.get("coming"), said.get("skipped", 0)) == (coming, skipped)
    office.work(office.publish(impact) or 0)
    county.engine.tick(at(TODAY, 11))
    acted = {rung: outcome for rung, outcome in fired(county, case_id, "rectify") if rung.startswith("early")}
    wanted = {"from-now": ("skipped", "fired"), "catch-up": ("fired", "fired"), "off": ("skipped", "skipped")}[rungs]
    assert acted == dict(zip(("early_1", "early_2"), wanted, strict=True))


def test_a_clock_on_another_ladder_is_pointed_at_a_rung_of_it(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.engine.tick(NOW)
    assert clock_row(county, case_id, "rectify")["ladder"] == "long"
    office.change(climbs("medium"))
    clock = clock_row(county, case_id, "rectify")
    assert (clock["ladder"], clock["next_rung"], clock["next_at"]) == ("medium", "reminder", at(date(2026, 5, 22), 9))


def test_without_a_ladder_only_the_end_of_its_limit_is_left(office: Office) -> None:
    county = office.county
    case_id = county.supervised_item(OPENED)
    county.engine.tick(NOW)
    office.change(climbs("none"))
    clock = clock_row(county, case_id, "rectify")
    assert (clock["next_rung"], clock["tier"], clock["held_by"]) == ("overdue", 1, None)


def test_a_rung_of_this_very_moment_is_past(office: Office) -> None:
    moment = at(date(2026, 3, 24), 9)  # of early_2
    office.today = date(2026, 3, 24)
    case_id = office.county.supervised_item(OPENED)
    office.county.engine.tick(moment)
    impact = office.preview(office.draft(earlier_rungs, now=moment), moment, rungs="off")
    assert office.lines(impact)[case_id]["said"]["skipped"] == 2
