"""The twelve items that practice.md §6 walks, with its dates. What needs a later kind of case (petition, round) says so."""

from __future__ import annotations

import json
from datetime import date

import pytest

from states.errors import CaseNotFound, InvalidForm, NotPermitted, TransitionRefused
from tests.factories import County, at, merge_of
from tests.shipped.walking import Walk
from tests.workflow.looking import case_row, clock_row, rows_of, rows_of_table
from workflow.models import AgendaItem, Case, Link, Outbox, Secret
from workflow.types import MACHINE


def d(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def interviews(county: County) -> list[dict[str, object]]:
    return rows_of(county, Case, kind="interview")


def test_1_a_fast_lane_clue_has_fifteen_working_days_and_one_to_sign(county: County) -> None:
    walk = Walk.open(
        county,
        "clue",
        d("03-11"),
        **{"class": "priority", "managed_by": "village", "identity": ["village_cadre"], "fast_lane": True},
        facts_clear=True,
        corroborated=True,
        public_concern=True,
        team_leader="吴涛",
    )
    walk.press("transfer", "zhao", d("03-11"), recipient="liuhe_discipline")
    assert walk.clock("sign_for")["due_on"] == d("03-12")
    walk.press("sign_for", "luo", d("03-12"))
    assert walk.clock("fast_track")["due_on"] == d("04-01")


def test_2_a_clue_against_a_county_managed_cadre_goes_to_the_county_commission_only(county: County) -> None:
    walk = Walk.open(
        county, "clue", d("03-11"), **{"class": "priority", "managed_by": "county", "identity": ["township_leader"]}
    )
    with pytest.raises((TransitionRefused, InvalidForm)):
        walk.press("transfer", "zhao", d("03-12"), recipient="liuhe_discipline")
    walk.press("transfer", "zhao", d("03-12"), recipient="commission")
    assert walk.row["holder_id"] == county.organs["commission"]


def test_3_an_organisational_problem_goes_to_the_department_which_is_reported_up_and_not_interviewed(county: County) -> None:
    walk = Walk.open(
        county, "clue", d("03-11"), **{"class": "priority", "managed_by": "village", "identity": ["village_cadre"]}
    )
    walk.press("transfer", "zhao", d("03-12"), recipient="department")
    walk.press("sign_for", "sunli", d("03-13"))
    county.engine.tick(at(d("12-01")))
    assert interviews(county) == []
    leaders = {county.people["gao"], county.people["liu"]}
    assert any(line["case_id"] == walk.id and line["person_id"] in leaders for line in rows_of(county, Outbox))


def test_4_measures_of_three_units_stand_in_their_own_inboxes_with_their_own_dates(county: County) -> None:
    walk = Walk.open(
        county,
        "rectification",
        d("03-26"),
        immediate="ordinary",
        period="three_months",
        first_check="township",
        feedback_on="2026-03-26",
    )
    walk.press("transfer", "song", d("03-26"), recipient="donggou_branch")
    walk.press("sign_for", "zhou", d("03-26"))
    rows = [
        {
            "text": "清理合同",
            "unit": county.organs["bureau"],
            "person": "马力",
            "due_words": "6月26日前",
            "due_on": "2026-06-26",
            "label": "dated",
        },
        {
            "text": "追缴租金",
            "unit": county.organs["liuhe_finance"],
            "person": "丁凯",
            "due_words": "5月底前",
            "due_on": "2026-05-31",
            "label": "dated",
        },
        {
            "text": "完善制度",
            "unit": county.organs["donggou_branch"],
            "person": "周明远",
            "due_words": "长期坚持",
            "label": "long_term",
        },
    ]
    walk.press("submit_plan", "zhou", d("04-01"), measures=rows)
    measures = rows_of(county, Case, parent_id=walk.id)
    assert [row["holder_id"] for row in measures] == [
        county.organs[key] for key in ("bureau", "liuhe_finance", "donggou_branch")
    ]
    assert [row["due_on"] for row in measures] == [d("06-26"), d("05-31"), None]
    assert [row["number"].rsplit("-", 1)[1] for row in measures] == ["1", "2", "3"]
    walk.prove("zhou", d("05-01"))
    with pytest.raises(TransitionRefused):
        walk.press("report_rectified", "zhou", d("05-02"))


def test_5_five_working_days_of_an_immediate_item_end_on_the_makeup_saturday(county: County) -> None:
    walk = Walk.open(
        county, "rectification", d("04-29"), "wu", immediate="rectify_now", period="default_immediate", first_check="county"
    )
    walk.press("issue_now", "wu", d("04-29"), recipient="donggou_branch")
    assert walk.clock("rectify")["due_on"] == d("05-09")
    assert walk.clock("rectify")["ladder"] == "short"


def test_6_bounced_twice_the_whole_case_clock_never_restarts_and_only_designate_remains(county: County) -> None:
    walk = Walk.open(
        county, "clue", d("04-01"), **{"class": "priority", "managed_by": "village", "identity": ["village_cadre"]}
    )
    walk.press("transfer", "zhao", d("04-01"), recipient="liuhe_discipline")
    whole = walk.clock("whole_case")["due_on"]
    walk.press("hand_back", "he", d("04-07"))
    assert walk.clock("hand_over_again")["due_on"] == d("04-09")
    walk.press("transfer", "zhao", d("04-09"), recipient="department")
    assert walk.clock("sign_for")["run"] == 2
    walk.press("hand_back", "guo", d("04-15"))
    assert walk.clock("whole_case")["due_on"] == whole
    assert len(walk.runs("whole_case")) == 1
    with pytest.raises(TransitionRefused):
        walk.press("transfer", "zhao", d("04-16"), recipient="liuhe_discipline")
    walk.press("designate", "zhao", d("04-16"), recipient="liuhe_discipline")
    with pytest.raises((TransitionRefused, NotPermitted)):
        walk.press("hand_back", "he", d("04-17"))


def test_7_red_waits_two_working_days_for_an_extension_asked_in_time_and_then_is_annotated(county: County) -> None:
    walk = Walk.open(
        county,
        "rectification",
        d("03-30"),
        immediate="ordinary",
        period="three_months",
        first_check="township",
        feedback_on="2026-03-30",
    )
    walk.press("transfer", "song", d("03-30"), recipient="donggou_branch")
    walk.press("sign_for", "zhou", d("03-30"))
    assert walk.clock("rectify")["due_on"] == d("06-30")
    zhou, zhao = county.actor("zhou", d("06-29")), county.actor("zhao", d("06-29"))
    wanted = {"clock": "rectify", "wanted_on": d("07-31"), "reason": "汛期，路基进不了场"}
    asked = {"extension_cause": "objective", "extension_progress": "路基已挖开，尚未铺面"}
    with pytest.raises(InvalidForm) as unasked:
        county.engine.ask_extension(walk.id, actor=zhou, now=at(d("06-29"), 16), **wanted)
    assert set(unasked.value.params["fields"]) == set(asked), "a reason from the list, and the progress so far"
    with pytest.raises(InvalidForm) as unproven:
        county.engine.ask_extension(walk.id, actor=zhou, now=at(d("06-29"), 16), data=asked, **wanted)
    assert unproven.value.params["fields"] == {"proof": ["needs_proof"]}, "objective causes are proven"
    walk.prove("zhou", d("06-29"), "cause_proof")
    county.engine.ask_extension(walk.id, actor=zhou, now=at(d("06-29"), 16), data=asked, **wanted)
    walk.tick(d("07-01"))
    assert walk.clock("rectify")["overdue_since"] is None
    with pytest.raises(NotPermitted):
        county.engine.decide_extension(walk.id, actor=zhou, now=at(d("07-01")), clock="rectify", granted=True, reason="")
    walk.tick(d("07-03"))
    assert walk.clock("rectify")["overdue_since"] == d("07-01")
    told = {row["person_id"] for row in rows_of(county, Outbox, message="extension_undecided")}
    assert told == {county.people["fang"], county.people["zhao"]}, "red names who slept"
    grant = {"actor": zhao, "clock": "rectify", "granted": True, "reason": "同意"}
    with pytest.raises(TransitionRefused) as refused:
        county.engine.decide_extension(walk.id, now=at(d("07-03")), **grant)
    assert refused.value.params["why"][0]["params"]["trigger"] == "advise_extension", "a village asks past no township"
    walk.press("advise_extension", "chen", d("07-03"), extension_opinion="agreed")
    county.engine.decide_extension(walk.id, now=at(d("07-03"), 17), **grant)
    clock = walk.clock("rectify")
    assert (clock["due_on"], clock["original_due_on"], clock["overdue_since"]) == (d("07-31"), d("06-30"), None)
    with pytest.raises(TransitionRefused):
        county.engine.ask_extension(
            walk.id, actor=zhou, now=at(d("07-10")), clock="rectify", wanted_on=d("08-31"), reason="再延"
        )


def test_8_missed_missed_and_missed_again_climbs_from_the_township_to_the_county_to_the_leading_group(county: County) -> None:
    walk = Walk.open(
        county,
        "rectification",
        d("03-26"),
        immediate="ordinary",
        period="three_months",
        first_check="township",
        feedback_on="2026-03-26",
    )
    walk.press("transfer", "song", d("03-26"), recipient="donggou_branch")
    walk.press("sign_for", "zhou", d("03-26"))
    day = d("03-30")
    while day < d("08-28"):
        walk.press("report_progress", "zhou", day)
        day = date.fromordinal(day.toordinal() + 10)
    walk.tick(d("07-10"))
    first = Walk(county, int(str(interviews(county)[0]["id"])))
    first.press("order", "zhao", d("07-14"))
    first.press("notify", "chen", d("07-20"), held_on="2026-07-29")
    first.press("hold_talk", "chen", d("07-29"), held_on="2026-07-29")
    first.prove("chen", d("07-29"), "signed_record")
    first.press("record", "chen", d("07-29"), new_dates={str(walk.id): "2026-08-28"})
    first.press("hand_in", "chen", d("07-29"))
    assert (walk.clock("rectify")["due_on"], walk.clock("rectify")["tier"]) == (d("08-28"), 2)
    walk.press("report_progress", "zhou", d("08-28"))
    walk.tick(d("08-31"))
    second = interviews(county)[-1]
    assert (second["interviewer_id"], second["interviewee_id"]) == (
        county.organs["leading_group"],
        county.organs["liuhe_party"],
    )
    talk = Walk(county, int(str(second["id"])))
    talk.press("order", "zhao", d("09-01"))
    talk.press("notify", "gao", d("09-07"), held_on="2026-09-17")
    talk.press("hold_talk", "gao", d("09-17"), held_on="2026-09-17")
    talk.prove("gao", d("09-17"), "signed_record")
    talk.press("record", "gao", d("09-17"), new_dates={str(walk.id): "2026-10-02"})
    talk.press("hand_in", "gao", d("09-17"))
    assert walk.clock("rectify")["tier"] == 3
    county.engine.tick(at(d("12-01")))
    leaders = {county.people["gao"], county.people["liu"]}
    assert any(line["case_id"] == walk.id and line["person_id"] in leaders for line in rows_of(county, Outbox))


def test_9_a_merged_village_is_talked_to_once_and_the_item_keeps_the_organ_of_the_finding(county: County) -> None:
    items = {}
    for unit, signer in (("donggou_branch", "zhou"), ("xitou_branch", "feng")):
        items[unit] = county.supervised_item(at(d("03-26")), subject=unit, signer=signer, immediate="ordinary")
    county.engine.tick(at(d("07-13")))
    talks = rows_of(county, Case, kind="interview", state="proposed")
    first, second = [row["id"] for row in talks if row["interviewer_id"] == county.organs["liuhe_party"]]
    successor = county.organs["xitou_branch"]
    county.engine.reorganise(
        merge_of(county, "donggou_branch", "xitou_branch", d("07-14")), actor=MACHINE, now=at(d("07-13"), 18)
    )
    assert case_row(county, items["donggou_branch"])["holder_id"] == county.organs["donggou_branch"]
    assert county.engine.take_reorganisations(at(d("07-14"))) == 1
    gone, kept = case_row(county, first), case_row(county, second)
    assert (gone["state"], gone["ground"], gone["joinable"]) == ("withdrawn", "merged", False)
    assert (kept["state"], kept["joinable"], kept["interviewee_id"]) == ("proposed", True, successor)
    on_agenda = {row["case_id"] for row in rows_of(county, AgendaItem, interview_id=second) if row["left_at"] is None}
    assert on_agenda == set(items.values())
    assert {clock_row(county, case_id, "rectify")["held_by"] for case_id in items.values()} == {second}
    moved = case_row(county, items["donggou_branch"])
    assert (moved["found_in_id"], moved["subject_id"], moved["holder_id"]) == (
        county.organs["donggou_branch"],
        successor,
        successor,
    )


def test_10_a_clue_about_the_handler_is_not_shown_to_him_anywhere(county: County) -> None:
    about = Walk.open(
        county, "clue", d("03-11"), **{"class": "priority", "managed_by": "village", "identity": ["village_cadre"]}
    )
    about.press("transfer", "zhao", d("03-12"), recipient="liuhe_discipline")
    complaint = Walk.open(
        county, "clue", d("03-13"), **{"class": "priority", "managed_by": "township", "identity": ["village_cadre"]}
    )
    zhao = county.actor("zhao", d("03-13"))
    county.engine.bar(complaint.id, actor=zhao, now=at(d("03-13")), reason="被反映人", person_id=county.people["song"])
    county.engine.link(about.id, actor=zhao, now=at(d("03-13")), other_id=complaint.id)
    with pytest.raises(CaseNotFound):
        complaint.press("report_up", "song", d("03-13"))
    from workflow.reads.case_page import case_page

    song = county.actor("song", d("03-13"))
    page = county.engine.read(at(d("03-13")), lambda store, occasion: case_page(store, occasion, song, about.id))
    assert page.links == ()


def test_11_merging_closes_the_minor_one_and_keeps_both_numbers(county: County) -> None:
    """The petition's own clocks need a kind that comes later; clue into clue is walked here."""
    main = Walk.open(
        county, "clue", d("03-11"), **{"class": "priority", "managed_by": "village", "identity": ["village_cadre"]}
    )
    minor = Walk.open(
        county, "clue", d("03-12"), **{"class": "priority", "managed_by": "village", "identity": ["village_cadre"]}
    )
    county.engine.merge(minor.id, actor=county.actor("zhao"), now=at(d("03-12")), into_id=main.id, reason="反映同一问题")
    assert (minor.row["state"], minor.row["ground"]) == ("closed", "merged")
    assert [(row["other_id"], row["relation"]) for row in rows_of(county, Link, case_id=minor.id)] == [(main.id, "merged_into")]


def test_12_reopened_it_keeps_its_number_and_begins_in_the_second_tier(county: County) -> None:
    walk = Walk.open(
        county,
        "rectification",
        d("03-26"),
        immediate="rectify_now",
        period="default_immediate",
        first_check="county",
        feedback_on="2026-03-26",
    )
    number = walk.row["number"]
    walk.press("transfer", "song", d("03-26"), recipient="donggou_branch")
    walk.press("sign_for", "zhou", d("03-26"))
    walk.prove("zhou", d("03-27"))
    walk.press("report_rectified", "zhou", d("03-27"))
    walk.press("close", "fang", d("03-30"), ground="completed")
    level = json.loads(walk.row["data"]).get("supervision_level")
    walk.press("reopen", "zhao", d("09-01"), new_due_on="2026-09-30")
    assert json.loads(walk.row["data"])["supervision_level"] != level, "class up by one"
    clock = walk.clock("rectify")
    assert (walk.row["number"], walk.row["cycle"], walk.row["state"]) == (number, 2, "supervised")
    assert (clock["cycle"], clock["tier"], clock["due_on"]) == (2, 2, d("09-30"))
    assert walk.row["holder_id"] == county.organs["donggou_branch"]
    walk.prove("zhou", d("09-02"))
    walk.press("report_rectified", "zhou", d("09-02"))
    with pytest.raises(NotPermitted):
        walk.press("close", "fang", d("09-03"), ground="completed")
    walk.press("close", "song", d("09-03"), ground="completed")


def test_the_village_hears_nothing_of_its_clues_and_its_agenda_holds_items_only(county: County) -> None:
    for number in range(3):
        county.supervised_item(at(d("03-26")), title=f"第{number}项")
    for _ in range(2):
        clue = Walk.open(
            county, "clue", d("03-26"), **{"class": "priority", "managed_by": "village", "identity": ["village_cadre"]}
        )
        clue.press("transfer", "zhao", d("03-26"), recipient="liuhe_discipline")
    county.engine.tick(at(d("09-01")))
    village = county.organs["donggou_branch"]
    talk = next(row for row in interviews(county) if row["interviewee_id"] == village)
    agenda = rows_of(county, AgendaItem, interview_id=talk["id"])
    kinds = {row["id"]: row["kind"] for row in rows_of(county, Case)}
    assert [kinds[item["case_id"]] for item in agenda] == ["rectification"] * 3
    villagers = {county.people[login] for login in ("zhou", "sun")}
    told = [line for line in rows_of(county, Outbox) if line["person_id"] in villagers]
    assert told
    assert {kinds[line["case_id"]] for line in told} <= {"rectification", "supervision_order", "interview"}


def test_a_canary_in_a_secret_field_is_found_nowhere_else(county: County) -> None:
    walk = Walk.open(
        county,
        "clue",
        d("03-26"),
        **{"class": "priority", "managed_by": "village", "identity": ["village_cadre"]},
        reporter_name="金丝雀甲",
        reporter_contact="金丝雀乙",
    )
    walk.press("transfer", "zhao", d("03-26"), recipient="liuhe_discipline")
    county.engine.tick(at(d("09-01")))
    assert {row["field"] for row in rows_of(county, Secret)} >= {"reporter_name", "reporter_contact"}

    from workflow.models import metadata

    for table in metadata.sorted_tables:
        rows = rows_of_table(county, table)
        assert "金丝雀" not in repr(rows), table.name
