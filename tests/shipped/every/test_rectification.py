"""整改事项: what its definition declares, told in stories; the last test counts that nothing was left out."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from states.definition import Definition
from states.errors import InvalidForm, TransitionRefused
from tests.factories import WHY_LATER, at
from tests.shipped.every.counting import ToldCounty, require_all
from tests.shipped.every.telling import Story, d, morning, of_kind, refused_opening
from tests.workflow.looking import rows_of
from workflow.models import AgendaItem, Event, Outbox

KIND = "rectification"
ON_BOTH = False

# Who may press a button of an item that its village rectifies, and who of the same rank elsewhere may not.
OFFICE = ("song", "wu")
LEADERS = ("zhao", "wu")
VILLAGE = ("zhou", "wu")
ANY_STAGE = {"remind": ("song", "zhou"), "report_up": ("song", "chen"), "record_instruction": OFFICE}
CONSENT = {"agree": LEADERS, "disagree": LEADERS, "take_agreement_back": LEADERS, "withdraw_ask": ("song", "xu")}
# Before the hand-over only the office sees it, and who has registered it: the team's head, or the township's clerk.
RECEIVED = {
    "record_instruction": OFFICE,
    "agree": LEADERS,
    "disagree": LEADERS,
    "transfer": OFFICE,
    "issue_now": ("wu", "zhao"),
    "designate": OFFICE,
    "conclude": OFFICE,
}
RECEIVED_FROM_TOWNSHIP = {"ask_approval": ("song", "xu"), "report_up": ("song", "xu"), "withdraw_ask": ("song", "xu")}
TRANSFERRED = {**ANY_STAGE, "conclude": LEADERS, "sign_for": VILLAGE, "hand_back": VILLAGE, "supervise": LEADERS}
SUPERVISED = {
    **ANY_STAGE,
    "ask_approval": ("song", "xu"),
    **CONSENT,
    "conclude": LEADERS,
    "redirect": VILLAGE,
    "submit_plan": VILLAGE,
    "add_measures": VILLAGE,
    "approve_plan": ("zhao", "zhou"),
    "return_plan": ("chen", "zhou"),
    "report_progress": VILLAGE,
    "propose_interview": OFFICE,
    "report_rectified": VILLAGE,
    "supervise": LEADERS,
}
RECTIFIED = {
    **ANY_STAGE,
    "conclude": LEADERS,
    "verify": ("chen", "zhou"),
    "check_directly": LEADERS,
    "send_back": ("song", "zhou"),
    "close": OFFICE,
}
TOWNSHIP = {"advise_extension": ("chen", "zhou")}
ASKED = 'is_waiting request="extension"'
AT_ONCE = 'field_in field="immediate" values=["rectify_now", "investigate_now"]'
MEASURES_DONE = 'children_all kind="measure" states=["done", "long_term", "cancelled"]'
TO_APPROVE = 'clock_is_live clock="plan_approval"'
SENT_BACK = 'clock_is_live clock="plan_again"'
HAS_MEASURES = 'has_children at_least=1 kind="measure"'

CANNOT_OCCUR: set[str] = set()


def received(county: ToldCounty, login: str = "lin", **facts: Any) -> Story:
    """An item on the office's desk since 2 March; one to be rectified at once, unless the story says otherwise."""
    known = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county", "feedback_on": None}
    told = {key: value for key, value in {**known, **facts}.items() if value is not None}
    return Story.open(county, "rectification", d("03-02"), login, **told)


def transferred(county: ToldCounty, to: str = "donggou_branch", **facts: Any) -> Story:
    """An item that waits for its unit to sign."""
    story = received(county, **facts)
    story.press("transfer", "zhao", d("03-02"), recipient=to)
    return story


def supervised(county: ToldCounty, to: str = "donggou_branch", signer: str = "zhou", **facts: Any) -> Story:
    """An item that is being rectified since 3 March."""
    story = transferred(county, to, **facts)
    story.press("sign_for", signer, d("03-03"))
    return story


def rectified(county: ToldCounty, to: str = "donggou_branch", signer: str = "zhou", **facts: Any) -> Story:
    """An item that was reported as rectified on 6 March."""
    story = supervised(county, to, signer, **facts)
    story.prove(signer, d("03-06"))
    story.press("report_rectified", signer, d("03-06"))
    return story


def closed(county: ToldCounty, **facts: Any) -> Story:
    """An item that was closed on 9 March."""
    story = rectified(county, **facts)
    story.press("close", "fang", d("03-09"), ground="completed")
    return story


# ---- who may ------------------------------------------------------------------------------------------------------------


def test_items_are_registered_by_the_office_the_team_and_a_township_that_sends_its_own_team(county: ToldCounty) -> None:
    for login in ("lin", "wu", "xu"):
        assert received(county, login).row["state"] == "received"
    refused_opening(county, "rectification", "zhou", d("03-02"))


def test_each_button_of_each_stage_is_for_those_named_and_each_form_says_what_it_wants(county: ToldCounty) -> None:
    story = received(county, "wu")
    story.is_only_for(d("03-02"), RECEIVED)
    received(county, "xu").is_only_for(d("03-02"), RECEIVED_FROM_TOWNSHIP)
    story.press("transfer", "zhao", d("03-02"), recipient="donggou_branch")
    story.is_only_for(d("03-02"), TRANSFERRED)
    story.press("sign_for", "zhou", d("03-03"))
    story.is_only_for(d("03-03"), SUPERVISED)
    story.prove("zhou", d("03-06"))
    story.press("report_rectified", "zhou", d("03-06"))
    story.is_only_for(d("03-06"), RECTIFIED)
    story.press("close", "song", d("03-09"), ground="completed")
    story.is_only_for(d("03-09"), {"reopen": LEADERS})


def test_what_the_township_party_committee_does_for_its_village_its_discipline_committee_may_not(county: ToldCounty) -> None:
    story = transferred(county, first_check="township")
    assert story.refused("sign_for", "luo", d("03-03")) == {"organ"}
    story.press("sign_for", "xu", d("03-03"))
    for trigger in ("submit_plan", "add_measures", "report_progress", "report_rectified"):
        assert story.refused(trigger, "luo", d("03-03")) == {"organ"}
    assert story.refused("approve_plan", "he", d("03-03")) == {"organ"}
    assert story.refused("remind", "he", d("03-03")) == {"organ"}
    story.press("submit_plan", "xu", d("03-03"))
    story.press("approve_plan", "chen", d("03-04"))
    story.children("measure")[0].press("conclude", "zhao", d("03-05"), ground="moot")
    story.prove("zhou", d("03-06"))
    story.press("report_rectified", "xu", d("03-06"))
    assert story.refused("verify", "he", d("03-06")) == {"organ"}
    assert story.refused("send_back", "he", d("03-06")) == {"organ"}


def test_only_the_team_issues_at_once_and_reports_up_what_it_registered(county: ToldCounty) -> None:
    assert received(county, "zhao").refused("issue_now", "zhao", d("03-02")) == {"organ"}
    assert received(county, "chen").refused("report_up", "chen", d("03-02")) == {"organ"}


def test_who_rectified_for_the_village_does_not_verify_it_nor_does_anybody_of_his_office(county: ToldCounty) -> None:
    story = supervised(county, first_check="township")
    story.prove("zhou", d("03-06"))
    story.press("report_rectified", "xu", d("03-06"))
    assert story.refused("verify", "xu", d("03-09")) == {"separation_worked"}
    assert story.refused("verify", "chen", d("03-09")) == {"separation_handling_organ"}


def test_nobody_closes_what_he_registered_or_worked_on_nor_what_his_other_office_handled(county: ToldCounty) -> None:
    story = rectified(county, "liuhe_discipline", "luo")
    assert story.refused("close", "lin", d("03-09")) == {"separation_registered"}
    assert story.refused("close", "jin", d("03-09")) == {"separation_handling_organ"}
    assert story.refused("conclude", "jin", d("03-09")) == {"separation_handling_organ"}
    his_own = rectified(county, "liuhe_discipline", "jin", login="fang")
    assert his_own.refused("close", "jin", d("03-09")) == {"separation_worked"}
    assert his_own.refused("conclude", "jin", d("03-09")) == {"separation_worked"}
    assert his_own.refused("conclude", "fang", d("03-09")) == {"separation_registered"}


# ---- registered ---------------------------------------------------------------------------------------------------------


def test_an_item_out_of_an_approved_report_or_at_once_is_assigned_and_any_other_needs_approval(county: ToldCounty) -> None:
    story = received(county, immediate="ordinary", period="three_months")
    story.press("ask_approval", "lin", d("03-02"))
    assert story.refused("transfer", "lin", d("03-02"), recipient="donggou_branch", approval=None) == {
        'field_filled field="feedback_on"',
        AT_ONCE,
        'approval_given trigger="transfer"',
    }
    story.press("transfer", "lin", d("03-02"), recipient="donggou_branch")
    for facts in ({"feedback_on": "2026-03-02", "immediate": "ordinary", "period": "three_months"}, {}):
        approved = received(county, **facts)
        approved.press("transfer", "lin", d("03-02"), recipient="donggou_branch", approval=None)
        assert approved.row["state"] == "transferred"


def test_an_approval_is_asked_for_and_given_here_and_holds_until_the_item_moves_on(county: ToldCounty) -> None:
    story = received(county, immediate="ordinary", period="three_months")
    story.consents("transfer", d("03-02"), asker="lin", head="zhao", both="ren", to="bureau")
    assert story.refused("conclude", "lin", d("03-02"), approval=None) == {'approval_given trigger="conclude"'}
    given = {"recipient": "bureau", "hand_over_mode": "transfer"}
    for key, other in (("recipient", "donggou_branch"), ("hand_over_mode", "forward")):
        told = given | {key: other}
        assert story.refused("transfer", "lin", d("03-03"), approval=None, **told) == {f"{key}: not_as_approved"}
    story.press("transfer", "lin", d("03-03"), approval=None, **given)
    moved = json.loads(rows_of(county, Event, case_id=story.id)[-1]["facts"])
    assert moved["approved_by"] == county.people["zhao"]
    story.press("hand_back", "ma", d("03-04"))
    assert 'approval_given trigger="transfer"' in story.refused("transfer", "lin", d("03-04"), approval=None)
    unsaid = {"consent_for": "transfer", "recipient": None, "opinion": "拟交"}
    assert story.refused_form("ask_approval", "lin", d("03-04"), unsaid) == {"hand_over_mode: required", "recipient: required"}
    terms = {"consent_for": "transfer", "recipient": "donggou_branch", "hand_over_mode": "transfer"}
    story.press("ask_approval", "lin", d("03-04"), **terms)
    story.press("transfer", "lin", d("03-05"), recipient="donggou_branch")  # on paper after all
    story.press("sign_for", "zhou", d("03-05"))
    story.consents("redirect", d("03-06"), asker="zhou", head="zhao", both="ren", to="bureau")
    story.press("redirect", "zhou", d("03-09"), recipient="bureau", approval=None)
    assert story.row["holder_id"] == county.organs["bureau"]


def test_the_team_leader_issues_at_once_only_what_is_to_be_done_at_once(county: ToldCounty) -> None:
    ordinary = received(county, "wu", immediate="ordinary", period="three_months")
    assert ordinary.refused("issue_now", "wu", d("03-02"), recipient="donggou_branch") == {AT_ONCE}
    story = received(county, "wu")
    story.press("issue_now", "wu", d("03-02"), recipient="donggou_branch")
    assert story.clock("sign_for")["due_on"] == d("03-03")


def test_what_is_handed_back_twice_is_told_to_the_head_designated_and_not_handed_back_again(county: ToldCounty) -> None:
    story = transferred(county)
    assert story.refused("hand_back", "sun", d("03-02"), approval=None) == {'approval_given trigger="hand_back"'}
    story.press("hand_back", "zhou", d("03-02"))
    assert story.refused("designate", "zhao", d("03-03"), recipient="donggou_branch") == {
        'fired_at_least times=2 trigger="hand_back"'
    }
    story.press("transfer", "zhao", d("03-03"), recipient="xitou_branch")
    story.press("hand_back", "feng", d("03-04"))
    assert story.refused("transfer", "zhao", d("03-05"), recipient="donggou_branch") == {
        'fired_at_most times=1 trigger="hand_back"'
    }
    assert story.refused("designate", "lin", d("03-05"), recipient="donggou_branch", approval=None) == {
        'approval_given trigger="designate"'
    }
    story.press("designate", "zhao", d("03-05"), recipient="donggou_branch")
    assert story.refused("hand_back", "zhou", d("03-05")) == {'not field_is field="no_return" value=true'}


def test_an_item_that_is_not_ours_ends_without_an_assignment_when_the_head_agrees(county: ToldCounty) -> None:
    story = received(county)
    assert story.refused("conclude", "lin", d("03-02"), approval=None) == {'approval_given trigger="conclude"'}
    story.press("conclude", "lin", d("03-02"), ground="forwarded")
    assert (story.row["state"], story.row["ground"]) == ("closed", "forwarded")


def test_from_every_later_stage_an_item_is_merged_or_made_void_by_two_leaders(county: ToldCounty) -> None:
    for story in (transferred(county), supervised(county), rectified(county)):
        assert story.refused("conclude", "fang", d("03-09"), approval=None) == {'approval_given trigger="conclude"'}
        story.press("conclude", "fang", d("03-09"), ground="moot")
        assert (story.row["state"], story.row["ground"]) == ("closed", "moot")


# ---- at any stage -------------------------------------------------------------------------------------------------------


def test_at_every_stage_the_office_reminds_reports_up_and_enters_an_instruction(county: ToldCounty) -> None:
    for story in (received(county), transferred(county), supervised(county), rectified(county, first_check="township")):
        by_township = story.row["state"] in ("transferred", "supervised")
        if story.row["state"] != "received":  # where it lies with the office itself
            story.press("remind", "chen" if by_township else "song", d("03-06"), remind_by="telephone")
        story.press("report_up", "song", d("03-06"))
        assert story.refused("record_instruction", "song", d("03-06")) == {
            'has_evidence at_least=1 labels=["instruction_scan"]'
        }
        story.prove("song", d("03-06"), "instruction_scan")
        story.press("record_instruction", "song", d("03-06"))
        assert '"instructed":true' in story.row["data"]


def test_nobody_reminds_his_own_other_office(county: ToldCounty) -> None:
    assert transferred(county, "liuhe_discipline").refused("remind", "jin", d("03-06")) == {"separation_holder"}


def test_nobody_is_reminded_of_what_the_county_checks_itself(county: ToldCounty) -> None:
    story = rectified(county, first_check="township")
    story.press("verify", "chen", d("03-09"), township_opinion="agreed")
    assert story.refused("remind", "song", d("03-09")) == {'not field_in field="township_opinion" values=["agreed", "partly"]'}
    assert rectified(county).refused("remind", "song", d("03-09")) == {'field_is field="first_check" value="township"'}


def test_an_order_goes_to_the_unit_that_has_not_signed_and_to_the_one_that_rectifies(county: ToldCounty) -> None:
    for story in (transferred(county), supervised(county)):
        story.press("supervise", "zhao", d("03-04"))
        assert story.children("supervision_order")[0].row["holder_id"] == county.organs["donggou_branch"]


# ---- rectifying ---------------------------------------------------------------------------------------------------------


def test_a_signature_on_paper_is_entered_later_with_its_scan(county: ToldCounty) -> None:
    story = transferred(county)
    story.takes_paper("sign_for", "zhou", d("03-06"), d("03-03"))
    assert story.clock("sign_for")["settled_on"] == d("03-03")


def test_a_plan_is_handed_in_once_approved_and_added_to(county: ToldCounty) -> None:
    story = supervised(county, plan_required=True)
    assert story.refused("add_measures", "zhou", d("03-04")) == {HAS_MEASURES}
    for answer in ("approve_plan", "return_plan"):
        assert story.refused(answer, "chen", d("03-04")) == {TO_APPROVE}
    story.press("submit_plan", "zhou", d("03-04"))
    assert story.clock("plan")["settled_on"] == d("03-04")
    assert story.refused("submit_plan", "zhou", d("03-05")) == {f"not {HAS_MEASURES}", SENT_BACK}
    story.press("add_measures", "zhou", d("03-05"))
    waiting = story.clock("plan_approval")
    assert (waiting["status"], waiting["due_on"], waiting["organ_id"]) == ("armed", None, county.organs["liuhe_party"])
    story.press("approve_plan", "chen", d("03-06"))
    assert len(story.children("measure")) == 2
    assert story.clock("plan_approval")["settled_on"] == d("03-06")
    assert json.loads(story.row["data"])["plan_approved_on"] == "2026-03-06"
    assert story.refused("return_plan", "chen", d("03-06")) == {TO_APPROVE}


def test_a_plan_that_is_sent_back_is_owed_again_and_its_measures_end_with_it(county: ToldCounty) -> None:
    story = supervised(county, immediate="ordinary", period="three_months")
    story.press("submit_plan", "zhou", d("03-04"))
    assert story.refused("return_plan", "he", d("03-05")) == {"organ"}
    story.press("return_plan", "chen", d("03-05"))
    again = story.clock("plan_again")
    assert (again["status"], again["due_on"], again["organ_id"]) == ("armed", d("03-12"), county.organs["donggou_branch"])
    assert story.clock("plan_approval")["settled_on"] == d("03-05")
    assert [(one.row["state"], one.row["ground"]) for one in story.children("measure")] == [("cancelled", "plan_returned")]
    assert story.refused("add_measures", "zhou", d("03-06")) == {f"not {SENT_BACK}"}
    story.prove("zhou", d("03-06"))
    assert story.refused("report_rectified", "zhou", d("03-06")) == {f"not {SENT_BACK}"}
    story.press("submit_plan", "zhou", d("03-06"))
    assert story.clock("plan_again")["settled_on"] == d("03-06")
    assert [one.row["state"] for one in story.children("measure")] == ["cancelled", "doing"]
    assert (story.clock("plan_approval")["run"], story.clock("plan_approval")["status"]) == (2, "armed")
    story.press("approve_plan", "chen", d("03-09"))
    assert story.clock("plan_approval")["settled_on"] == d("03-09")


def test_whoever_leaves_a_plan_lying_that_came_back_hears_of_it(county: ToldCounty) -> None:
    story = supervised(county, immediate="ordinary", period="three_months", plan_required=True, feedback_on="2026-03-02")
    story.press("submit_plan", "zhou", d("03-04"))
    story.press("return_plan", "chen", d("03-05"))
    story.tick(d("03-20"))
    assert story.climbed("plan_again") == ["warning", "red", "order"]


def test_a_plan_is_not_owed_later_than_the_work_it_is_for(county: ToldCounty) -> None:
    at_once = supervised(county, plan_required=True)
    assert at_once.clock("plan")["due_on"] == at_once.clock("rectify")["due_on"] == d("03-09")
    agreed = supervised(county, immediate="ordinary", period="own_date", due_on="2026-03-20", plan_required=True)
    assert agreed.clock("plan")["due_on"] == d("03-20")
    agreed.press("submit_plan", "zhou", d("03-17"))
    agreed.press("return_plan", "chen", d("03-17"))
    assert agreed.clock("plan_again")["due_on"] == d("03-20")
    long = supervised(county, immediate="ordinary", period="three_months", plan_required=True)
    assert long.clock("plan")["due_on"] == d("04-02")


def test_what_is_to_be_rectified_at_once_is_given_no_three_months(county: ToldCounty) -> None:
    for way, period in (("rectify_now", "three_months"), ("investigate_now", "six_months"), ("ordinary", "default_immediate")):
        with pytest.raises(InvalidForm) as wrong:
            received(county, immediate=way, period=period)
        assert wrong.value.params["fields"] == {"period": ["unfit_beside"]}
    item = received(county, immediate="ordinary", period="three_months")
    told = {"data": {"immediate": "rectify_now"}, "reason": "登记有误"}
    with pytest.raises(InvalidForm) as wrong:
        county.engine.amend(item.id, actor=county.actor("song"), now=morning("03-03"), **told)
    assert wrong.value.params["fields"] == {"period": ["unfit_beside"]}


def test_a_plan_that_waits_for_its_approval_is_no_delay_of_the_unit(county: ToldCounty) -> None:
    story = supervised(county, immediate="ordinary", period="three_months", plan_required=True)
    story.press("submit_plan", "zhou", d("03-04"))
    story.tick(d("04-20"))
    assert story.climbed("plan") == [] and story.clock("plan_approval")["overdue_since"] is None


def test_the_next_unit_meets_its_promise_of_a_plan_with_measures_of_its_own(county: ToldCounty) -> None:
    story = supervised(county, plan_required=True)
    story.press("submit_plan", "zhou", d("03-04"))
    story.press("redirect", "zhao", d("03-05"), recipient="xitou_branch", approval=None)
    story.press("sign_for", "feng", d("03-06"))
    story.press("add_measures", "feng", d("03-09"))
    assert (story.clock("plan")["run"], story.clock("plan")["settled_on"]) == (2, d("03-09"))


def test_an_ordinary_item_is_reported_with_its_measures_done_and_its_evidence(county: ToldCounty) -> None:
    story = supervised(county, immediate="ordinary", period="three_months")
    evidence = "has_evidence at_least=1 fresh=true"
    assert story.refused("report_rectified", "zhou", d("03-04")) == {AT_ONCE, HAS_MEASURES, evidence}
    story.press("submit_plan", "zhou", d("03-04"))
    story.prove("zhou", d("03-05"))
    assert story.refused("report_rectified", "zhou", d("03-05")) == {MEASURES_DONE}
    measure = story.children("measure")[0]
    measure.prove("zhou", d("03-05"))
    measure.press("complete", "zhou", d("03-05"))
    story.press("report_progress", "zhou", d("03-06"))
    story.press("report_rectified", "zhou", d("03-06"))
    assert story.row["holder_id"] == county.organs["office"]


def test_the_unit_asks_the_sponsor_approves_and_the_item_goes_to_another_unit(county: ToldCounty) -> None:
    story = supervised(county)
    assert story.refused("redirect", "sun", d("03-04"), recipient="xitou_branch", approval=None) == {
        'approval_given trigger="redirect"'
    }
    story.press("redirect", "sun", d("03-04"), recipient="xitou_branch")
    assert (story.row["state"], story.row["holder_id"]) == ("transferred", county.organs["xitou_branch"])


def test_a_redirected_item_begins_its_clocks_anew_for_the_new_unit_and_leaves_the_talk_with_the_old(county: ToldCounty) -> None:
    story = supervised(county, plan_required=True)
    story.tick(d("03-17"))
    talk = of_kind(county, "interview")[0]
    assert story.clock("rectify")["held_by"] == talk.id
    story.press("redirect", "zhao", d("03-18"), recipient="xitou_branch", approval=None)
    for key in ("rectify", "plan"):
        clock = story.clock(key)
        assert (clock["run"], clock["organ_id"], clock["held_by"]) == (2, county.organs["xitou_branch"], None), key
        assert clock["started_on"] == d("03-18")
    assert (talk.row["state"], talk.row["ground"]) == ("withdrawn", "withdrawn")
    story.press("sign_for", "feng", d("03-18"))
    story.tick(d("04-10"))
    assert of_kind(county, "interview")[-1].row["interviewee_id"] == county.organs["xitou_branch"]
    assert story.children("supervision_order")[-1].row["holder_id"] == county.organs["xitou_branch"]


def test_the_head_of_the_unit_does_not_redirect_without_the_sponsors_word(county: ToldCounty) -> None:
    story = supervised(county)
    assert story.refused("redirect", "zhou", d("03-04"), recipient="xitou_branch", approval=None) == {
        'approval_given trigger="redirect"'
    }


def test_a_dated_measure_without_a_date_is_refused_in_its_row(county: ToldCounty) -> None:
    story = supervised(county)
    row = {
        "text": "追缴租金",
        "unit": county.organs["donggou_branch"],
        "person": "周明远",
        "due_words": "尽快",
        "label": "dated",
    }
    long_term = {**row, "label": "long_term"}
    assert story.refused("submit_plan", "zhou", d("03-04"), measures=[long_term, row]) == {"measures/1/due_on: required"}
    story.press("submit_plan", "zhou", d("03-04"), measures=[long_term])
    assert story.refused("add_measures", "zhou", d("03-05"), measures=[row]) == {"measures/0/due_on: required"}


def test_the_township_that_writes_for_its_village_adds_the_evidence_too(county: ToldCounty) -> None:
    story = supervised(county)
    story.prove("xu", d("03-06"))
    story.press("report_rectified", "xu", d("03-06"))
    assert story.row["state"] == "rectified"


def test_the_township_verifies_again_what_the_county_sent_back_and_by_another_than_before(county: ToldCounty) -> None:
    story = rectified(county, first_check="township")
    story.press("verify", "chen", d("03-09"))
    story.press("send_back", "song", d("03-10"))
    story.prove("zhou", d("03-12"))
    story.press("report_rectified", "zhou", d("03-12"))
    assert story.refused("verify", "chen", d("03-13")) == {"separation_worked"}
    story.press("verify", "xu", d("03-13"))
    assert story.clock("township_check")["status"] == "settled"


def test_a_reopened_item_is_supervised_one_level_higher_and_checked_by_another_than_last_time(county: ToldCounty) -> None:
    story = closed(county)
    for level, closer in (("key", "song"), ("listed", "zhao")):
        story.press("reopen", "zhao", d("03-16"), new_due_on="2026-04-14")
        assert f'"supervision_level":"{level}"' in story.row["data"]
        story.prove("zhou", d("03-17"))
        story.press("report_rectified", "zhou", d("03-17"))
        assert story.refused("close", "fang", d("03-18")) == {"separation_closed"}
        story.press("close", closer, d("03-18"), ground="completed")


def test_a_talk_with_the_village_is_proposed_by_hand_with_the_item_on_its_agenda(county: ToldCounty) -> None:
    story = supervised(county)
    story.press("propose_interview", "song", d("03-04"))
    talk = of_kind(county, "interview")[0]
    assert talk.row["interviewee_id"] == county.organs["donggou_branch"]
    assert [item["case_id"] for item in rows_of(county, AgendaItem, interview_id=talk.id)] == [story.id]


# ---- checking -----------------------------------------------------------------------------------------------------------


def test_an_item_is_closed_after_the_township_has_verified_it_and_while_its_measures_are_done(county: ToldCounty) -> None:
    story = supervised(county, first_check="township")
    story.press("submit_plan", "zhou", d("03-03"))
    measure = story.children("measure")[0]
    measure.prove("zhou", d("03-05"))
    measure.press("keep_up", "zhou", d("03-05"))
    story.prove("zhou", d("03-06"))
    story.press("report_rectified", "zhou", d("03-06"))
    assert story.refused("close", "fang", d("03-09"), ground="stage") == {
        'field_is field="first_check" value="county"',
        'field_in field="township_opinion" values=["agreed", "partly"]',
    }
    story.press("verify", "chen", d("03-09"), township_opinion="agreed")
    measure.press("put_back", "song", d("03-10"))
    assert story.refused("close", "fang", d("03-10"), ground="stage") == {MEASURES_DONE}
    measure.press("keep_up", "zhou", d("03-11"))
    story.press("close", "fang", d("03-12"), ground="stage")
    assert story.row["ground"] == "stage"


def test_the_county_checks_directly_what_the_township_was_to_verify(county: ToldCounty) -> None:
    story = rectified(county, first_check="township")
    story.press("check_directly", "zhao", d("03-20"))
    assert story.refused("check_directly", "zhao", d("03-20")) == {'field_is field="first_check" value="township"'}
    story.press("close", "fang", d("03-23"), ground="completed")


def test_an_item_of_an_old_ledger_that_was_done_there_is_not_closed_without_evidence(county: ToldCounty) -> None:
    facts: dict[str, Any] = {"problem": "旧账", "immediate": "rectify_now", "first_check": "county"}
    story = Story.adopted(county, on=d("03-02"), kind="rectification", state="rectified", period="default_immediate", **facts)
    assert story.refused("close", "song", d("03-03"), ground="completed") == {"has_evidence at_least=1"}
    story.prove("song", d("03-03"))
    story.press("close", "song", d("03-03"), ground="completed")


def test_what_was_sent_back_is_not_reported_again_on_the_evidence_from_before(county: ToldCounty) -> None:
    fresh, story = "has_evidence at_least=1 fresh=true", rectified(county)
    story.press("send_back", "song", d("03-09"), send_back_reason="evidence_missing")
    assert story.refused("report_rectified", "zhou", d("03-12")) == {fresh}
    story.prove("zhou", d("03-12"))
    story.press("report_rectified", "zhou", d("03-12"))
    # The same holds each time; what came between two send-backs is old by the second.
    story.press("send_back", "song", d("03-13"), send_back_reason="perfunctory")
    assert story.refused("report_rectified", "zhou", d("03-16")) == {fresh}
    story.prove("zhou", d("03-16"))
    story.press("report_rectified", "zhou", d("03-16"))
    assert story.row["state"] == "rectified"


def test_a_send_back_that_was_undone_asks_for_nothing_new(county: ToldCounty) -> None:
    story, now = rectified(county), at(d("03-09"), 11)
    story.press("send_back", "song", d("03-09"), send_back_reason="other")
    county.engine.undo(story.id, actor=county.actor("song"), now=now + timedelta(minutes=1))
    assert story.row["state"] == "rectified"
    story.press("send_back", "song", d("03-10"), send_back_reason="other")
    story.prove("zhou", d("03-11"))
    story.press("report_rectified", "zhou", d("03-12"))
    assert story.row["state"] == "rectified"


def test_an_item_sent_back_twice_is_not_adequate_and_its_village_is_to_be_talked_to(county: ToldCounty) -> None:
    story = rectified(county)
    story.press("send_back", "song", d("03-09"), send_back_reason="not_done")
    assert story.row["holder_id"] == county.organs["donggou_branch"]
    assert of_kind(county, "interview") == []
    story.prove("zhou", d("03-12"))
    story.press("report_rectified", "zhou", d("03-12"))
    story.press("send_back", "chen", d("03-13"), send_back_reason="perfunctory")
    talk = of_kind(county, "interview")[0]
    assert '"reason":"not_adequate"' in talk.row["data"]
    assert [item["case_id"] for item in rows_of(county, AgendaItem, interview_id=talk.id)] == [story.id]


def test_an_item_that_comes_back_is_reopened_with_the_heads_word(county: ToldCounty) -> None:
    story = closed(county)
    assert story.refused("reopen", "fang", d("06-01"), approval=None) == {'approval_given trigger="reopen"'}
    story.press("reopen", "zhao", d("06-01"), new_due_on="2026-06-30")
    assert (story.row["state"], story.row["cycle"], story.clock("rectify")["tier"]) == ("supervised", 2, 2)


def test_an_item_that_comes_back_after_twelve_months_is_a_new_item(county: ToldCounty) -> None:
    story, again = closed(county), closed(county)
    year_on = story.row["closed_on"].replace(year=2027)
    day_after = year_on + timedelta(1)
    told = {"new_due_on": (day_after + timedelta(30)).isoformat()}
    assert story.refused("reopen", "zhao", day_after, **told) == {"closed_within months=12"}
    again.press("reopen", "zhao", year_on, **told)
    assert again.row["state"] == "supervised"


# ---- lateness -----------------------------------------------------------------------------------------------------------


def test_an_item_that_lies_on_the_offices_desk_is_reported_to_the_leader_in_charge(county: ToldCounty) -> None:
    story = received(county, immediate="ordinary", period="three_months")
    story.tick(d("04-10"))
    assert story.climbed("assign") == ["reminder", "red", "leader"]


def test_an_item_handed_back_and_left_lying_is_told_to_the_head(county: ToldCounty) -> None:
    story = transferred(county)
    story.press("hand_back", "zhou", d("03-03"))
    story.tick(d("04-10"))
    assert story.climbed("assign_again") == ["red"]


def test_an_unsigned_item_climbs_to_the_township_and_the_sponsors_desk(county: ToldCounty) -> None:
    story = transferred(county, immediate="ordinary", period="three_months")
    story.tick(d("04-01"))
    assert story.climbed("sign_for") == ["reminder", "warning", "red", "decide"]


def test_a_plan_that_does_not_come_is_ordered(county: ToldCounty) -> None:
    story = supervised(county, immediate="ordinary", period="three_months", plan_required=True)
    story.tick(d("04-20"))
    assert story.climbed("plan") == ["reminder", "warning", "red", "order"]


def test_three_half_months_without_a_note_bring_the_village_onto_an_agenda(county: ToldCounty) -> None:
    story = supervised(county, immediate="ordinary", period="three_months")
    story.tick(d("05-10"))
    assert story.climbed("progress") == ["first", "second", "third"]
    assert '"reason":"no_progress"' in of_kind(county, "interview")[0].row["data"]


def _talk(county: ToldCounty, story: Story, chair: str, days: tuple[str, str], new_date: str) -> None:
    """The newest interview is ordered, announced, held, and its record gives the item a new date."""
    talk = of_kind(county, "interview")[-1]
    talk.press("order", "zhao", d(days[0]))
    talk.press("notify", chair, d(days[0]), held_on=f"2026-{days[1]}")
    talk.press("hold_talk", chair, d(days[1]), held_on=f"2026-{days[1]}")
    talk.prove(chair, d(days[1]), "signed_record")
    talk.press("record", chair, d(days[1]), new_dates={str(story.id): f"2026-{new_date}"})
    talk.press("hand_in", chair, d(days[1]))


def _missed_three_times(county: ToldCounty, due_on: str) -> list[str]:
    """Missed, talked about, missed again, talked about higher up, and missed for good; the rungs that were climbed."""
    story = supervised(county, period="own_date", due_on=f"2026-{due_on}")
    story.tick(d("06-20"))
    _talk(county, story, "chen", ("06-22", "06-26"), "07-24")
    story.tick(d("08-01"))
    assert of_kind(county, "interview")[-1].row["interviewee_id"] == county.organs["liuhe_party"]
    _talk(county, story, "gao", ("08-03", "08-07"), "08-21")
    story.tick(d("09-30"))
    return story.climbed("rectify")


AGAIN = ["warning_2", "red_2", "interview_2", "red_3", "leading_group_3", "circular_3", "accountability_3"]


def test_a_long_limit_missed_three_times_climbs_from_the_township_to_a_circular(county: ToldCounty) -> None:
    climbed = _missed_three_times(county, "05-29")
    assert climbed == ["reminder", "warning", "red", "order", "interview", *AGAIN]


def test_a_medium_limit_missed_three_times_climbs_as_a_long_one_and_warns_later(county: ToldCounty) -> None:
    climbed = _missed_three_times(county, "04-01")
    assert climbed == ["reminder", "warning", "red", "order", "interview", *AGAIN]


def test_a_short_limit_missed_three_times_warns_once_and_climbs_to_a_circular(county: ToldCounty) -> None:
    climbed = _missed_three_times(county, "03-13")
    assert climbed == ["reminder", "red", "order", "interview", *AGAIN]


def test_the_township_is_late_when_it_does_not_verify_and_the_county_when_it_does_not_check(county: ToldCounty) -> None:
    story = rectified(county, first_check="township")
    story.tick(d("05-10"))
    assert story.clock("township_check")["organ_id"] == county.organs["liuhe_party"]
    assert story.climbed("township_check") == ["reminder", "red", "direct"]
    assert story.climbed("county_check") == ["reminder", "red", "leader"]
    assert story.climbed("rectify") == []


def test_the_date_of_an_item_is_moved_once_and_within_its_cap(county: ToldCounty) -> None:
    story = supervised(county, immediate="ordinary", period="three_months")
    story.moves_once("rectify", "zhou", "zhao", d("05-29"), d("06-30"), adviser="chen")


# ---- too much in one place ----------------------------------------------------------------------------------------------


def test_five_late_items_of_a_township_bring_its_party_committee_before_the_leading_group(county: ToldCounty) -> None:
    for village, head in (("donggou_branch", "zhou"), ("xitou_branch", "feng")):
        for _ in range(3):
            supervised(county, village, head, subject=village)
    county.engine.tick(morning("03-10"))
    talks = {talk.row["interviewee_id"]: talk.row["interviewer_id"] for talk in of_kind(county, "interview")}
    assert talks == {county.organs["liuhe_party"]: county.organs["leading_group"]}


def test_three_items_of_a_village_five_working_days_late_bring_it_before_its_township(county: ToldCounty) -> None:
    for _ in range(3):
        supervised(county, immediate="ordinary", period="own_date", due_on="2026-04-10")
    county.engine.tick(morning("04-13"))
    assert county.engine.look_at_rules(morning("04-14")) == 0
    county.engine.look_at_rules(morning("04-20"))
    assert [talk.row["interviewee_id"] for talk in of_kind(county, "interview")] == [county.organs["donggou_branch"]]


def test_a_village_that_leaves_three_items_unsigned_is_told_of_to_its_township(county: ToldCounty) -> None:
    for _ in range(3):
        transferred(county)
    county.engine.tick(morning("03-05"))
    assert county.engine.look_at_rules(morning("03-06")) == 1


def test_twenty_items_waiting_for_their_check_are_told_to_the_offices_head(county: ToldCounty) -> None:
    for _ in range(20):
        rectified(county)
    county.engine.tick(morning("03-23"))
    county.engine.look_at_rules(morning("03-24"))


# ---- the count ----------------------------------------------------------------------------------------------------------


def test_everything_that_the_definition_of_an_item_declares_occurs(all_told: set[str], shipped: Definition) -> None:
    require_all(shipped, all_told, CANNOT_OCCUR)


def test_a_village_asks_past_no_township_which_says_what_it_thinks_once_it_was_asked(county: ToldCounty) -> None:
    told = {"immediate": "ordinary", "period": "three_months"}
    unsigned = transferred(county, **told)
    for story in (unsigned, supervised(county, **told)):
        assert story.refused("advise_extension", "chen", d("03-04")) == {ASKED}
        wanted = {"clock": "rectify", "wanted_on": d("06-30"), "reason": "汛期", "data": WHY_LATER}
        county.engine.ask_extension(story.id, actor=county.actor("zhou"), now=at(d("03-05")), **wanted)
        story.is_only_for(d("03-05"), TOWNSHIP)
        assert story.refused("advise_extension", "he", d("03-05")) == {"organ"}
        granted = {"clock": "rectify", "granted": True, "reason": "同意", "actor": county.actor("zhao")}
        with pytest.raises(TransitionRefused):
            county.engine.decide_extension(story.id, now=at(d("03-05")), **granted)
        story.press("advise_extension", "chen", d("03-06"), extension_opinion="not_agreed")
        county.engine.decide_extension(story.id, now=at(d("03-06"), 17), **granted)
        assert story.clock("rectify")["due_on"] == d("06-30")


def test_what_the_township_does_not_answer_for_is_refused_without_its_opinion(county: ToldCounty) -> None:
    story = supervised(county, immediate="ordinary", period="three_months")
    wanted = {"clock": "rectify", "wanted_on": d("06-30"), "reason": "汛期", "data": WHY_LATER}
    county.engine.ask_extension(story.id, actor=county.actor("zhou"), now=at(d("03-05")), **wanted)
    told = {row["person_id"] for row in rows_of(county, Outbox, case_id=story.id, message="extension_asked")}
    assert {county.people["zhao"], county.people["chen"]} <= told
    refused = {"clock": "rectify", "granted": False, "reason": "理由不足"}
    county.engine.decide_extension(story.id, actor=county.actor("zhao"), now=at(d("03-05"), 16), **refused)
    # Asked again, the opinion of the first time would not do.
    county.engine.ask_extension(story.id, actor=county.actor("zhou"), now=at(d("03-09")), **wanted)
    story.press("advise_extension", "chen", d("03-10"), extension_opinion="agreed")
    county.engine.decide_extension(
        story.id, actor=county.actor("zhao"), now=at(d("03-10"), 17), clock="rectify", granted=True, reason="同意"
    )


def test_what_a_unit_of_the_township_asks_needs_no_opinion_of_it(county: ToldCounty) -> None:
    story = supervised(county, "liuhe_finance", "ding", immediate="ordinary", period="three_months")
    wanted = {"clock": "rectify", "wanted_on": d("06-30"), "reason": "汛期", "data": WHY_LATER}
    county.engine.ask_extension(story.id, actor=county.actor("ding"), now=at(d("03-05")), **wanted)
    county.engine.decide_extension(
        story.id, actor=county.actor("zhao"), now=at(d("03-05"), 16), clock="rectify", granted=True, reason="同意"
    )
    assert story.clock("rectify")["due_on"] == d("06-30")
