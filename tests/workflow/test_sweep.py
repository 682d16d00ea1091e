"""The sweep: what is late climbs its ladder in order, once, whoever sweeps, however late (semantics.md §4–§5)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import date, timedelta

import pytest

from tests.factories import MONDAY, County, at
from tests.workflow.looking import case_row, clock_row, day, dump, fired, rows_of
from workflow.audit import verify
from workflow.database import Database
from workflow.engine import Engine
from workflow.models import AgendaItem, Case, Event, FiredRung, Note, Outbox, RuleFiring
from workflow.types import DueRung
from workflow.verbs import tick

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)


def interviews(county: County) -> list[dict[str, object]]:
    """Every interview case."""
    return rows_of(county, Case, kind="interview")


def quiet_item(county: County, **more: object) -> int:
    """An item whose progress watch is off, so that only its main clock climbs."""
    return county.supervised_item(NOON, immediate="ordinary", **more)


def keep_reporting(county: County, case_id: int, until: date, login: str = "zhou") -> None:
    """Progress notes often enough that the no-progress ladder stays quiet."""
    on = DAY
    while on <= until:
        county.fire(case_id, "report_progress", login, at(on, 15), progress_note="继续推进", progress_label="ongoing")
        on += timedelta(7)


def test_a_late_item_climbs_on_the_days_of_the_guide(county: County) -> None:
    case_id = quiet_item(county)
    keep_reporting(county, case_id, date(2026, 7, 13))
    for text in ("2026-06-05", "2026-06-16", "2026-06-29", "2026-07-10"):
        before = at(day(text), 8)
        county.engine.tick(before)
        known = len(fired(county, case_id, "rectify"))
        county.engine.tick(at(day(text), 9))
        assert len(fired(county, case_id, "rectify")) > known, text
    assert [rung for rung, _outcome in fired(county, case_id, "rectify")] == [
        "reminder",
        "warning",
        "overdue",
        "red",
        "order",
        "interview",
    ]
    interview = interviews(county)[0]
    assert (interview["interviewer_id"], interview["interviewee_id"], interview["state"]) == (
        county.organs["liuhe_party"],
        county.organs["donggou_branch"],
        "proposed",
    )
    assert clock_row(county, case_id, "rectify")["held_by"] == interview["id"]


def test_three_late_items_of_a_village_stand_on_one_agenda_and_its_late_clues_do_not(county: County) -> None:
    items = [quiet_item(county, title=f"第{n}项") for n in range(3)]
    clue = county.engine.open(
        "clue",
        actor=county.actor("lin"),
        now=NOON,
        title="反映某村补助发放不公",
        subject_id=county.organs["donggou_branch"],
        data={"summary": "优亲厚友", "managed_by": "village", "identity": ["village_cadre"], "class": "priority"},
    ).case_id
    county.fire(clue, "transfer", "zhao", NOON, recipient=county.organs["liuhe_discipline"], hand_over_mode="transfer")
    county.engine.tick(at(date(2026, 9, 1)))
    joinable = [
        row for row in interviews(county) if row["joinable"] and row["interviewee_id"] == county.organs["donggou_branch"]
    ]
    assert len(joinable) == 1
    agenda = rows_of(county, AgendaItem, interview_id=joinable[0]["id"])
    assert sorted(row["case_id"] for row in agenda) == items
    assert clue not in {row["case_id"] for row in rows_of(county, AgendaItem)} or all(
        row["interviewee_id"] != county.organs["donggou_branch"]
        for row in interviews(county)
        if row["id"] in {item["interview_id"] for item in rows_of(county, AgendaItem, case_id=clue)}
    )


def test_a_second_sweep_and_a_later_hour_of_the_same_day_change_nothing(county: County) -> None:
    quiet_item(county)
    county.engine.tick(at(date(2026, 9, 1), 9))
    before = dump(county)
    county.engine.tick(at(date(2026, 9, 1), 9))
    county.engine.tick(at(date(2026, 9, 1), 17))
    assert dump(county) == before


def test_waking_late_climbs_the_same_rungs_in_the_same_order(another_county: Callable[[], County]) -> None:
    daily, late = another_county(), another_county()
    ids = [quiet_item(daily), quiet_item(late)]
    assert ids[0] == ids[1]
    on = DAY
    while on <= date(2026, 7, 31):
        daily.engine.tick(at(on, 9))
        on += timedelta(1)
    late.engine.tick(at(date(2026, 7, 31), 9))
    keys = [
        sorted((r["clock"], r["rung"], r["occurrence"]) for r in rows_of(c, FiredRung, case_id=ids[0])) for c in (daily, late)
    ]
    assert keys[0] == keys[1]


def three_villages_of_items(county: County) -> None:
    """Enough late items in three villages for the rules about organs to act beside the ladders."""
    for number in range(24):
        village = ("donggou_branch", "xitou_branch", "shimen_branch")[number % 3]
        signer = ("zhou", "feng", "shi")[number % 3]
        county.supervised_item(NOON, subject=village, signer=signer, title=f"第{number}项")


def left_by(county: County) -> dict[str, list[tuple[object, ...]]]:
    """What a sweep leaves, told without the ids of the cases that it opened: rungs, agendas, messages."""
    cases = {row["id"]: row for row in rows_of(county, Case)}
    named = {i: (row["kind"], row["subject_id"], row["interviewer_id"], row["title"]) for i, row in cases.items()}
    rung = ("clock", "cycle", "run", "tier", "rung", "occurrence", "outcome")
    return {
        "rungs": sorted((*map(str, named[r["case_id"]]), *(r[name] for name in rung)) for r in rows_of(county, FiredRung)),
        "agendas": sorted((*map(str, named[r["interview_id"]]), r["case_id"], r["rung"]) for r in rows_of(county, AgendaItem)),
        "firings": sorted((r["organ_id"], r["rule"], r["count"], r["cases"]) for r in rows_of(county, RuleFiring)),
        "messages": sorted((r["person_id"], r["message"], r["channel"]) for r in rows_of(county, Outbox)),
    }


def together(rungs: Mapping[str, Callable[..., object]], sweepers: int) -> dict[str, Callable[..., object]]:
    """The same rungs, but each sweeper waits at its first one until all of them hold a batch: they do run at once."""
    barrier, known = threading.Barrier(sweepers, timeout=60), threading.local()

    def waiting(rung: Callable[..., object]) -> Callable[..., object]:
        def wait_and_climb(due: object, **params: object) -> object:
            if not getattr(known, "has_waited", False):
                known.has_waited = True
                barrier.wait()
            return rung(due, **params)

        return wait_and_climb

    return {name: waiting(rung) for name, rung in rungs.items()}


def test_small_batches_leave_what_large_ones_leave(
    another_county: Callable[[], County], monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small = another_county(), another_county()
    three_villages_of_items(large)
    three_villages_of_items(small)
    hour = at(date(2026, 9, 1), 9)
    large.engine.tick(hour)
    monkeypatch.setattr(tick, "BATCH", 5)
    small.engine.tick(hour)
    assert left_by(large)["firings"]
    assert left_by(small) == left_by(large)


def test_four_sweepers_leave_what_one_leaves(another_county: Callable[[], County], monkeypatch: pytest.MonkeyPatch) -> None:
    one, four = another_county(), another_county()
    three_villages_of_items(one)
    three_villages_of_items(four)
    hour = at(date(2026, 9, 1), 9)
    one.engine.tick(hour)
    monkeypatch.setattr(tick, "BATCH", 6)  # the first day is four batches of the 24 items
    rungs = four.engine.rungs if four.engine.database.is_sqlite else together(four.engine.rungs, 4)
    engines = [Engine(Database(four.database.url), effects=four.engine.effects, rungs=rungs) for _ in range(4)]
    swept = [None] * 4

    def sweep(place: int) -> None:
        swept[place] = engines[place].tick(hour)

    threads = [threading.Thread(target=sweep, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    four.engine.tick(hour)
    for engine in engines:
        engine.database.close()
    assert not any(found.postponed for found in swept if found)
    assert four.engine.database.is_sqlite or all(found.fired for found in swept if found), "each of the four fired"
    for county in (one, four):
        assert not rows_of(county, Note, kind="postponed")
    assert left_by(four) == left_by(one)


def test_a_rule_talks_about_all_that_it_counted_and_keeps_no_village_from_its_own_talk(county: County) -> None:
    three_villages_of_items(county)
    county.engine.tick(at(date(2026, 9, 1), 9))
    firing = next(row for row in rows_of(county, RuleFiring) if row["rule"] == "rectification.township_overdue")
    counted = json.loads(firing["cases"])
    on_agendas: dict[object, set[int]] = {}
    for row in rows_of(county, AgendaItem, rung="rule_township_overdue"):
        on_agendas.setdefault(row["interview_id"], set()).add(row["case_id"])
    assert len(counted) >= firing["threshold"]
    assert set(counted) in on_agendas.values()
    for case_id in counted:
        held_by = clock_row(county, case_id, "rectify")["held_by"]
        assert rows_of(county, AgendaItem, case_id=case_id, interview_id=held_by)
        assert case_row(county, held_by)["interviewee_id"] == case_row(county, case_id)["subject_id"]


def test_a_broken_rule_is_noted_and_stops_nothing_and_the_night_looks_again(county: County) -> None:
    three_villages_of_items(county)

    def propose_interview(due: DueRung, **params: object) -> object:
        if due.rung.key == "township_overdue":
            raise RuntimeError("broken rule")
        return county.engine.rungs["propose_interview"](due, **params)

    rungs = {**county.engine.rungs, "propose_interview": propose_interview}
    engine = Engine(county.database, effects=county.engine.effects, rungs=rungs)
    swept = engine.tick(at(date(2026, 9, 1), 9))
    assert {told["rung"] for told in swept.postponed} == {"township_overdue"}
    assert "broken rule" in rows_of(county, Note, kind="postponed")[0]["body"]
    assert not rows_of(county, RuleFiring, rule="rectification.township_overdue")
    assert any(rung == "interview" for rung, _outcome in fired(county, 1, "rectify"))
    county.engine.look_at_rules(at(date(2026, 9, 2), 2))
    assert rows_of(county, RuleFiring, rule="rectification.township_overdue")


def test_a_poisoned_rung_is_postponed_with_its_reason_and_the_rest_go_through(county: County) -> None:
    poisoned, healthy = quiet_item(county, title="毒"), quiet_item(county, title="好")

    def remind(due: DueRung, **params: object) -> object:
        if due.case.id == poisoned:
            raise RuntimeError("poisoned rung")
        return county.engine.rungs["remind"](due, **params)

    engine = Engine(county.database, effects=county.engine.effects, rungs={**county.engine.rungs, "remind": remind})
    keep_reporting(county, poisoned, date(2026, 6, 1))
    keep_reporting(county, healthy, date(2026, 6, 1))
    swept = engine.tick(at(date(2026, 6, 5), 9))
    assert [told["case"] for told in swept.postponed] == [poisoned]
    assert ("reminder", "fired") in fired(county, healthy, "rectify")
    assert ("reminder", "fired") not in fired(county, poisoned, "rectify")
    assert "poisoned rung" in rows_of(county, Note, kind="postponed")[0]["body"]


def test_an_idle_sweep_writes_nothing(county: County) -> None:
    quiet_item(county)
    before = dump(county)
    assert county.engine.tick(at(DAY, 18)).is_empty
    assert dump(county) == before


def talked_about(county: County) -> tuple[int, date]:
    """A late item, and the new date that a talk has fixed for it."""
    case_id = quiet_item(county)
    keep_reporting(county, case_id, date(2026, 7, 10))
    county.engine.tick(at(date(2026, 7, 10), 9))
    interview = int(str(interviews(county)[0]["id"]))
    county.fire(interview, "order", "zhao", at(date(2026, 7, 14)), hold_by="2026-07-28")
    county.fire(
        interview,
        "notify",
        "chen",
        at(date(2026, 7, 15)),
        held_on="2026-07-20",
        held_time="9:30",
        place="镇政府二楼会议室",
        chair="陈立新",
        interviewee_post="村党支部书记",
        interviewee_name="周明远",
        contact_name="许洁",
        contact_phone="0300-2345678",
    )
    county.fire(interview, "hold_talk", "chen", at(date(2026, 7, 20)), **held_talk())
    new = date(2026, 8, 17)
    county.engine.add_evidence(
        interview,
        actor=county.actor("chen"),
        now=at(date(2026, 7, 21)),
        file_id=county.keep_file("记录", "chen"),
        label="signed_record",
    )
    county.fire(interview, "record", "chen", at(date(2026, 7, 21)), **record(case_id, new))
    county.fire(interview, "hand_in", "chen", at(date(2026, 7, 21)))
    return case_id, new


def test_an_interview_fixes_new_dates_and_the_next_tier_counts_from_them(county: County) -> None:
    case_id, new = talked_about(county)
    clock = clock_row(county, case_id, "rectify")
    assert (clock["due_on"], clock["original_due_on"], clock["tier"], clock["held_by"]) == (new, date(2026, 6, 26), 2, None)
    assert case_row(county, case_id)["overdue_since"] is None
    keep = [event["verb"] for event in rows_of(county, Event, case_id=case_id)]
    assert "new_date" in keep


def held_talk() -> dict[str, object]:
    """What is answered when a talk is held."""
    came = {"name": "周明远", "post": "村党支部书记", "present": True}
    return {"held_on": "2026-07-20", "held_time": "9:30", "attendance": [came]}


def record(case_id: int, new: date) -> dict[str, object]:
    """The four-part record with a new date for the one item."""
    parts = {
        "pointed_out": "逾期未改",
        "explained": "换届交接",
        "required": "限期整改",
        "pledged": "按期完成",
        "recorder": "许洁",
    }
    return {**parts, "new_dates": {str(case_id): new.isoformat()}}


@pytest.mark.parametrize("unit", ["workday"])
def test_pausing_five_working_days_moves_the_date_by_exactly_five_across_a_makeup_saturday(county: County, unit: str) -> None:
    case_id = county.open_item(at(date(2026, 5, 6)))
    before = clock_row(county, case_id, "assign")["due_on"]
    fang = county.actor("fang")
    county.engine.pause(case_id, actor=fang, now=at(date(2026, 5, 7)), reason="防汛", approver="赵国华", max_days=30)
    county.engine.resume(case_id, actor=fang, now=at(date(2026, 5, 13)), reason="恢复")
    after = clock_row(county, case_id, "assign")["due_on"]
    # 05-07, 05-08, the make-up Saturday 05-09, 05-11 and 05-12 were given back.
    assert (before, after) == (date(2026, 5, 12), date(2026, 5, 19))


def test_a_pause_resumes_by_itself_after_its_maximum(county: County) -> None:
    case_id = county.open_item(at(date(2026, 5, 6)))
    fang = county.actor("fang")
    county.engine.pause(case_id, actor=fang, now=at(date(2026, 5, 7)), reason="防汛", approver="赵国华", max_days=6)
    county.engine.tick(at(date(2026, 5, 13), 9))
    assert case_row(county, case_id)["paused_since"] is None
    assert clock_row(county, case_id, "assign")["status"] == "armed"


def test_a_note_answers_for_its_half_month_once_and_a_late_one_leaves_the_next_day(county: County) -> None:
    case_id = quiet_item(county)

    def due_after(on: date) -> date:
        county.fire(case_id, "report_progress", "zhou", at(on, 15), progress_note="推进", progress_label="ongoing")
        due: date = clock_row(county, case_id, "progress")["due_on"]
        return due

    assert clock_row(county, case_id, "progress")["due_on"] == date(2026, 3, 31)
    assert due_after(date(2026, 3, 30)) == date(2026, 4, 15)
    assert due_after(date(2026, 3, 31)) == date(2026, 4, 15)
    assert due_after(date(2026, 4, 14)) == date(2026, 4, 30)
    assert due_after(date(2026, 5, 6)) == date(2026, 5, 15)


def test_events_of_a_sweep_at_a_given_hour_say_so_under_the_chain_and_those_by_the_clock_do_not(county: County) -> None:
    items = [quiet_item(county), quiet_item(county, title="另一项")]
    county.engine.tick(at(date(2026, 6, 8)))
    by_clock = marked(county)
    county.engine.tick(at(date(2026, 8, 3)), hour_given=True)
    given = {key: mark for key, mark in marked(county).items() if key not in by_clock}
    assert (set(by_clock.values()), set(given.values())) == ({False}, {True})
    assert {case_id for case_id, _seq in given} > set(items)
    assert county.database.read(verify).ok


def marked(county: County) -> dict[tuple[int, int], bool]:
    """Does each event, by case and seq, say that its hour was given?"""
    return {(r["case_id"], r["seq"]): "hour_given" in json.loads(r["facts"]) for r in rows_of(county, Event)}


def test_a_small_office_has_a_backlog_by_its_share_alone_and_is_armed_again_when_it_is_gone(county: County) -> None:
    """A8: twenty, or one in ten, of what lies there."""
    quick = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    reported = county.supervised_item(at(MONDAY), **quick)
    proof = county.keep_file("整改照片", "zhou")
    county.engine.add_evidence(reported, actor=county.actor("zhou"), now=at(MONDAY, 14), file_id=proof)
    county.fire(reported, "report_rectified", "zhou", at(MONDAY, 15), result="已更新", progress_label="done")
    later = MONDAY + timedelta(35)
    county.engine.tick(at(later, 9))
    others = [county.open_item(at(later, 10), title=f"新登记{n}", **quick) for n in range(10)]

    def backlogs(day: int) -> list[tuple[object, object]]:
        county.engine.look_at_rules(at(later + timedelta(day), 2))
        return [(row["count"], row["threshold"]) for row in rows_of(county, RuleFiring, rule="rectification.check_backlog")]

    assert backlogs(1) == [], "one of eleven"
    county.hand_over(others[0], at(later + timedelta(1), 10))
    assert backlogs(2) == [(1, 1)], "one of ten"
    assert backlogs(3) == [(1, 1)], "once, until it is gone"
    told = [row for row in rows_of(county, Outbox, message="organisation_rule") if row["case_id"] == reported]
    assert {row["person_id"] for row in told} == {county.people["zhao"]}
    county.fire(reported, "close", "song", at(later + timedelta(3), 10), ground="completed")
    backlogs(4)
    assert rows_of(county, RuleFiring, rule="rectification.check_backlog")[0]["rearmed_at"] is not None
