"""问题线索: what its definition declares, told in stories; the last test counts that nothing was left out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from states.definition import Definition
from tests.shipped.every.counting import ToldCounty, require_all
from tests.shipped.every.telling import Story, d, morning, of_kind, refused_opening
from tests.workflow.looking import rows_of
from workflow.models import Clock, Evidence, Outbox

KIND = "clue"
ON_BOTH = False

# Who may press a button when township discipline handles the clue, and who of the same rank elsewhere may not.
OFFICE = ("song", "wu")
LEADERS = ("zhao", "wu")
BODY = ("luo", "wu")
BODY_HEAD = ("he", "wu")
ANY_STAGE = {"remind": OFFICE, "report_up": ("song", "he"), "record_instruction": OFFICE, "tell_received": OFFICE}
CONSENT = {"agree": LEADERS, "disagree": LEADERS, "take_agreement_back": LEADERS, "withdraw_ask": OFFICE}
RECEIVED = {
    "transfer": OFFICE,
    "designate": OFFICE,
    "conclude": OFFICE,
    "record_instruction": OFFICE,
    "tell_received": OFFICE,
    "record_approval": OFFICE,
}
TRANSFERRED = {**ANY_STAGE, "conclude": LEADERS, "sign_for": BODY, "hand_back": BODY, "supervise": LEADERS}
SUPERVISED = {
    **ANY_STAGE,
    "ask_approval": OFFICE,
    **CONSENT,
    "conclude": LEADERS,
    "redirect": BODY,
    "report_disposal": BODY,
    "report_progress": BODY,
    "report_filing": BODY,
    "hold": BODY_HEAD,
    "release": BODY_HEAD,
    "open_item": OFFICE,
    "propose_interview": LEADERS,
    "report_rectified": BODY,
    "supervise": LEADERS,
}
RECTIFIED = {"conclude": LEADERS, "open_item": OFFICE, "send_back": OFFICE, "close": OFFICE, "tell_result": OFFICE}
RECTIFIED |= {name: who for name, who in ANY_STAGE.items() if name != "remind"}

FAST = {"fast_lane": True, "facts_clear": True, "corroborated": True, "public_concern": True, "team_leader": "吴涛"}

# Nothing can make these occur: no limit of a clue is that short, and a reopened one, whose date may be, begins in tier 2.
CANNOT_OCCUR = {f"rung: feedback on short, tier 1: {rung}" for rung in ("warning", "red", "order", "interview")}


def received(county: ToldCounty, login: str = "lin", *, subject: str = "donggou_branch", **facts: Any) -> Story:
    """A clue on the office's desk since 11 March."""
    known = {"class": "priority", "managed_by": "village", "identity": ["village_cadre"]}
    return Story.open(county, "clue", d("03-11"), login, subject=subject, **{**known, **facts})


def transferred(county: ToldCounty, to: str = "liuhe_discipline", **facts: Any) -> Story:
    """A clue that waits for its handling body to sign."""
    story = received(county, **facts)
    story.press("transfer", "zhao", d("03-12"), recipient=to)
    return story


def supervised(county: ToldCounty, to: str = "liuhe_discipline", signer: str = "luo", **facts: Any) -> Story:
    """A clue that is being handled since 13 March."""
    story = transferred(county, to, **facts)
    story.press("sign_for", signer, d("03-13"))
    return story


def rectified(county: ToldCounty, **facts: Any) -> Story:
    """A clue that was reported as handled on 25 March."""
    story = supervised(county, **facts)
    story.press("report_disposal", "luo", d("03-16"), disposal="prelim_verify")
    story.prove("luo", d("03-25"), "reply_letter")
    story.press("report_rectified", "luo", d("03-25"))
    return story


def closed(county: ToldCounty, **facts: Any) -> Story:
    """A clue that was closed on 30 March."""
    story = rectified(county, **facts)
    story.press("close", "fang", d("03-30"), ground="punished")
    return story


# ---- who may ------------------------------------------------------------------------------------------------------------


def test_clues_are_registered_by_the_office_the_commission_the_team_and_a_township_that_sends_its_own_team(
    county: ToldCounty,
) -> None:
    for login in ("lin", "qian", "wu", "xu"):
        assert received(county, login).row["state"] == "received"
    refused_opening(county, "clue", "luo", d("03-11"))


def test_each_button_of_each_stage_is_for_those_named_and_each_form_says_what_it_wants(county: ToldCounty) -> None:
    story = received(county, "wu")
    story.is_only_for(d("03-11"), RECEIVED)
    story.press("transfer", "zhao", d("03-12"), recipient="liuhe_discipline")
    story.is_only_for(d("03-12"), TRANSFERRED)
    story.press("sign_for", "luo", d("03-13"))
    story.is_only_for(d("03-13"), SUPERVISED)
    story.press("report_disposal", "luo", d("03-16"), disposal="prelim_verify")
    story.prove("luo", d("03-25"), "reply_letter")
    story.press("report_rectified", "luo", d("03-25"))
    story.is_only_for(d("03-25"), RECTIFIED)
    story.press("close", "song", d("03-30"), ground="punished")
    story.is_only_for(d("03-31"), {"reopen": LEADERS})
    of_the_township = received(county, "xu")
    of_the_township.is_only_for(d("03-11"), {"ask_approval": ("song", "xu")})


def test_an_approval_is_asked_for_and_given_here_for_a_hand_over_and_for_another_body(county: ToldCounty) -> None:
    story = received(county, fast_lane=True, **{key: told for key, told in FAST.items() if key != "fast_lane"})
    story.consents("transfer", d("03-11"), asker="lin", head="zhao", both="ren", to="liuhe_discipline")
    story.press("transfer", "lin", d("03-12"), recipient="liuhe_discipline", approval=None)
    assert [row for row in rows_of(county, Clock, case_id=story.id) if row["key"] == "approval"] == []  # it need not follow
    story.press("sign_for", "luo", d("03-13"))
    story.consents("redirect", d("03-13"), asker="luo", head="zhao", both="ren", to="commission")
    story.press("redirect", "luo", d("03-16"), recipient="commission", approval=None)
    assert story.row["holder_id"] == county.organs["commission"]


def test_a_department_answers_with_its_own_list_and_a_discipline_organ_with_its_own(county: ToldCounty) -> None:
    at_department = supervised(county, "department", "sunli", login="wu")
    at_department.is_only_for(d("03-13"), {"report_handling": ("sunli", "wu")})
    assert at_department.refused("report_disposal", "sunli", d("03-14")) == {"organ"}
    assert at_department.refused("report_filing", "sunli", d("03-14")) == {"organ"}
    at_department.press("report_handling", "sunli", d("03-14"), disposal="organisational")
    at_department.press("open_item", "sunli", d("03-15"), item_title="完善三会一课")
    assert [item.row["holder_id"] for item in at_department.children("rectification")] == [county.organs["office"]]
    at_township = supervised(county)
    assert at_township.refused("report_handling", "luo", d("03-14")) == {"organ"}
    assert at_township.refused("open_item", "luo", d("03-14")) == {"organ"}


def test_a_township_that_registered_a_clue_reports_it_up_through_its_sponsor(county: ToldCounty) -> None:
    story = received(county, "xu")
    assert story.refused("report_up", "chen", d("03-12")) == {"organ"}


def test_nobody_closes_what_he_registered_or_worked_on_nor_what_his_other_office_handled(county: ToldCounty) -> None:
    story = rectified(county)
    assert story.refused("close", "lin", d("03-26")) == {"separation_registered"}
    assert story.refused("close", "jin", d("03-26")) == {"separation_handling_organ"}
    his_own = supervised(county, login="fang")
    assert his_own.refused("conclude", "fang", d("03-16")) == {"separation_registered"}
    his_own.press("report_disposal", "jin", d("03-16"), disposal="prelim_verify")
    assert his_own.refused("conclude", "jin", d("03-16")) == {"separation_worked"}
    his_own.prove("jin", d("03-25"), "reply_letter")
    his_own.press("report_rectified", "jin", d("03-25"))
    assert his_own.refused("close", "jin", d("03-26")) == {"separation_worked"}
    of_his_office = supervised(county)
    of_his_office.press("report_progress", "luo", d("03-16"))
    assert of_his_office.refused("conclude", "jin", d("03-17")) == {"separation_handling_organ"}


# ---- received -----------------------------------------------------------------------------------------------------------


def test_a_clue_is_transferred_with_the_heads_word_or_his_word_on_paper_and_not_without(county: ToldCounty) -> None:
    story = received(county)
    to = {"recipient": "liuhe_discipline"}
    story.press("ask_approval", "lin", d("03-11"), consent_for="designate", approval_body="secretary_meeting", **to)
    assert story.refused("transfer", "lin", d("03-12"), approval=None) == {
        'approval_given trigger="transfer"',
        'field_is field="fast_lane" value=true',
    }
    story.press("transfer", "zhao", d("03-12"), approval=None)
    assert story.row["state"] == "transferred"


def test_the_fast_lane_needs_no_approval_first_but_its_three_ticks_and_the_team_leader(county: ToldCounty) -> None:
    story = received(county, fast_lane=True)
    assert story.refused("transfer", "lin", d("03-11"), approval=None) == {
        'not field_is field="fast_lane" value=true',
        'field_is field="facts_clear" value=true',
        'field_is field="corroborated" value=true',
        'field_is field="public_concern" value=true',
        'field_filled field="team_leader"',
    }
    ticked = received(county, **FAST)
    ticked.press("transfer", "lin", d("03-11"), approval=None)
    assert ticked.row["state"] == "transferred"


def handed_over_first(county: ToldCounty) -> Story:
    """A clue on the fast lane, handed over on 11 March before its approval."""
    story = received(county, **FAST)
    story.press("transfer", "lin", d("03-11"), recipient="liuhe_discipline", approval=None)
    assert (story.clock("approval")["due_on"], story.clock("approval")["organ_id"]) == (d("03-16"), county.organs["office"])
    return story


def test_an_approval_that_follows_is_recorded_at_whatever_stage_within_three_working_days(county: ToldCounty) -> None:
    at_once = handed_over_first(county)
    assert at_once.refused("record_approval", "lin", d("03-12"), approval=None) == {'approval_given trigger="record_approval"'}
    handed_back, handled, reported = handed_over_first(county), handed_over_first(county), handed_over_first(county)
    handed_back.press("hand_back", "he", d("03-12"))
    for story in (handled, reported):
        story.press("sign_for", "luo", d("03-12"))
    reported.prove("luo", d("03-13"), "reply_letter")
    reported.press("report_rectified", "luo", d("03-13"))
    for story in (at_once, handed_back, handled, reported):
        story.press("record_approval", "zhao", d("03-13"), approval=None)
        assert (story.clock("approval")["status"], story.clock("approval")["settled_on"]) == ("settled", d("03-13"))
        assert story.refused("record_approval", "zhao", d("03-13"), approval=None) == {'clock_is_live clock="approval"'}


def test_no_approval_follows_where_it_was_given_and_a_later_hand_over_with_it_makes_up_for_it(county: ToldCounty) -> None:
    given = received(county, **FAST)
    given.press("transfer", "zhao", d("03-11"), recipient="liuhe_discipline", approval=None)
    assert given.runs("approval") == []
    story = handed_over_first(county)
    story.press("hand_back", "he", d("03-12"))
    story.press("transfer", "lin", d("03-13"), recipient="commission")
    assert [run["settled_on"] for run in story.runs("approval")] == [d("03-13")]


def test_an_approval_that_does_not_follow_is_told_to_the_desk_and_to_the_head(county: ToldCounty) -> None:
    story = handed_over_first(county)
    story.tick(d("04-10"))
    assert story.climbed("approval") == ["reminder", "red"]
    told = {line["person_id"] for line in rows_of(county, Outbox, case_id=story.id) if line["message"] == "proposal_waiting"}
    assert {county.people[login] for login in ("lin", "zhao")} <= told


def test_nobody_handles_a_clue_about_people_whom_a_higher_level_manages_or_about_itself(county: ToldCounty) -> None:
    story = received(county, managed_by="county")
    assert story.refused("transfer", "zhao", d("03-12"), recipient="liuhe_discipline") == {"recipient_may_handle_subjects"}
    story.press("transfer", "zhao", d("03-12"), recipient="commission")
    story.press("sign_for", "qian", d("03-13"))
    assert story.refused("redirect", "zhao", d("03-16"), recipient="liuhe_party") == {"recipient_may_handle_subjects"}
    about_the_township = received(county, subject="liuhe_party")
    assert about_the_township.refused("transfer", "zhao", d("03-12"), recipient="liuhe_party") == {"recipient: is_subject"}
    assert about_the_township.refused("designate", "zhao", d("03-12"), recipient="liuhe_party") == {"recipient: is_subject"}
    asked = {"consent_for": "transfer", "recipient": "liuhe_party", "hand_over_mode": "transfer"}
    assert about_the_township.refused("ask_approval", "lin", d("03-12"), **asked) == {"recipient: is_subject"}
    about_the_township.press("transfer", "zhao", d("03-12"), recipient="commission")
    about_the_township.press("sign_for", "qian", d("03-13"))
    assert about_the_township.refused("redirect", "zhao", d("03-16"), recipient="liuhe_party") == {"recipient: is_subject"}
    asked = {"consent_for": "redirect", "recipient": "liuhe_party"}
    assert about_the_township.refused("ask_approval", "lin", d("03-16"), **asked) == {"recipient: is_subject"}


def test_nobody_reminds_his_own_other_office(county: ToldCounty) -> None:
    assert transferred(county).refused("remind", "jin", d("03-16")) == {"separation_holder"}


def test_what_is_handed_back_twice_is_designated_by_the_head_and_not_handed_back_again(county: ToldCounty) -> None:
    story = transferred(county, managed_by="county", to="commission")
    assert story.refused("hand_back", "qian", d("03-12"), approval=None) == {'approval_given trigger="hand_back"'}
    story.press("hand_back", "qian", d("03-12"))
    assert story.refused("designate", "zhao", d("03-13"), recipient="commission") == {
        'fired_at_least times=2 trigger="hand_back"'
    }
    assert story.clock("hand_over_again")["due_on"] == d("03-16")
    story.press("transfer", "zhao", d("03-13"), recipient="department")
    story.press("hand_back", "guo", d("03-16"))
    assert story.clock("hand_over_again")["due_on"] == d("03-19")
    assert story.refused("transfer", "zhao", d("03-17"), recipient="commission") == {
        'fired_at_most times=1 trigger="hand_back"'
    }
    assert story.refused("designate", "lin", d("03-17"), recipient="commission", approval=None) == {
        'approval_given trigger="designate"'
    }
    assert story.refused("designate", "zhao", d("03-17"), recipient="liuhe_party") == {"recipient_may_handle_subjects"}
    story.press("designate", "zhao", d("03-17"), recipient="commission")
    assert story.refused("hand_back", "yan", d("03-18")) == {'not field_is field="no_return" value=true'}


def test_a_clue_that_is_not_ours_ends_without_a_transfer_when_the_head_agrees(county: ToldCounty) -> None:
    story = received(county, managed_by="above")
    assert story.refused("conclude", "lin", d("03-12"), approval=None) == {'approval_given trigger="conclude"'}
    story.press("conclude", "lin", d("03-12"), ground="reported_up")
    assert (story.row["state"], story.row["ground"]) == ("closed", "reported_up")


def test_from_every_later_stage_a_clue_is_merged_or_made_void_by_two_leaders(county: ToldCounty) -> None:
    for story in (transferred(county), supervised(county), rectified(county)):
        assert story.refused("conclude", "fang", d("03-26"), approval=None) == {'approval_given trigger="conclude"'}
        story.press("conclude", "fang", d("03-26"), ground="void")
        assert (story.row["state"], story.row["ground"]) == ("closed", "void")


# ---- at any stage -------------------------------------------------------------------------------------------------------


def test_at_every_stage_the_office_reminds_reports_up_enters_an_instruction_and_tells_the_reporter(
    county: ToldCounty,
) -> None:
    for story in (received(county), transferred(county), supervised(county), rectified(county)):
        if story.row["state"] in ("transferred", "supervised"):  # else it lies with the office itself
            story.press("remind", "song", d("03-26"), remind_by="telephone")
        story.press("report_up", "song", d("03-26"))
        assert story.refused("record_instruction", "song", d("03-26")) == {
            'has_evidence at_least=1 labels=["instruction_scan"]'
        }
        story.prove("song", d("03-26"), "instruction_scan")
        story.press("record_instruction", "song", d("03-26"))
        assert story.refused("tell_received", "song", d("03-26")) == {'field_is field="real_name" value=true'}
    for story in (
        received(county, real_name=True),
        transferred(county, real_name=True),
        supervised(county, real_name=True),
        rectified(county, real_name=True),
    ):
        story.press("tell_received", "song", d("03-26"))
        assert story.clock("tell_received")["settled_on"] == d("03-26")


def test_an_order_goes_to_the_body_that_has_not_signed_and_to_the_one_that_handles(county: ToldCounty) -> None:
    for story in (transferred(county), supervised(county)):
        story.press("supervise", "zhao", d("03-16"))
        order = story.children("supervision_order")[0]
        assert (order.row["holder_id"], order.row["subject_id"]) == (county.organs["liuhe_discipline"],) * 2


# ---- handling -----------------------------------------------------------------------------------------------------------


def test_a_signature_on_paper_is_entered_later_with_its_scan(county: ToldCounty) -> None:
    story = transferred(county)
    story.takes_paper("sign_for", "luo", d("03-18"), d("03-13"))
    assert story.clock("sign_for")["settled_on"] == d("03-13")


def test_a_clue_held_for_later_stops_its_feedback_and_is_reported_only_after_its_release(county: ToldCounty) -> None:
    story = supervised(county)
    assert story.refused("release", "he", d("03-16")) == {'field_is field="on_hold" value=true'}
    story.press("hold", "he", d("03-16"))
    assert (story.clock("feedback")["status"], story.clock("disposal")["status"]) == ("paused", "settled")
    assert story.refused("hold", "he", d("03-17")) == {'not field_is field="on_hold" value=true'}
    story.prove("luo", d("03-17"), "reply_letter")
    assert 'not field_is field="on_hold" value=true' in story.refused("report_rectified", "luo", d("03-17"))
    story.press("release", "he", d("03-20"))
    assert story.clock("feedback")["status"] == "armed"


def test_a_clue_is_reported_with_a_disposal_and_the_reply_letter(county: ToldCounty) -> None:
    story = supervised(county)
    assert story.refused("report_rectified", "luo", d("03-16")) == {
        'fired_at_least times=1 trigger="report_disposal"',
        'fired_at_least times=1 trigger="report_handling"',
        'field_is field="fast_lane" value=true',
        "in_cycle_after cycle=1",
        'has_evidence at_least=1 fresh=true labels=["reply_letter"]',
    }
    story.press("report_progress", "luo", d("03-16"))
    story.press("report_disposal", "luo", d("03-17"), disposal="prelim_verify")
    story.press("report_filing", "luo", d("03-18"))
    assert story.clock("feedback")["status"] == "settled"
    story.prove("luo", d("03-18"), "reply_letter")
    story.press("report_rectified", "luo", d("03-18"))
    assert story.row["holder_id"] == county.organs["office"]


def test_the_holder_asks_the_sponsor_approves_and_the_clue_goes_to_another_body(county: ToldCounty) -> None:
    story = supervised(county)
    assert story.refused("redirect", "luo", d("03-16"), recipient="commission", approval=None) == {
        'approval_given trigger="redirect"'
    }
    story.press("redirect", "luo", d("03-16"), recipient="commission")
    assert (story.row["state"], story.row["holder_id"]) == ("transferred", county.organs["commission"])
    assert story.clock("sign_for")["run"] == 2


def test_a_redirected_clue_begins_its_clocks_anew_for_the_new_body_and_the_whole_case_goes_on(county: ToldCounty) -> None:
    story = received(county, **FAST)
    story.press("transfer", "zhao", d("03-12"), recipient="liuhe_discipline")
    story.press("sign_for", "luo", d("03-13"))
    story.press("hold", "he", d("03-16"))
    story.press("redirect", "luo", d("03-20"), recipient="commission")
    for key in ("disposal", "feedback", "fast_track", "first_note"):
        clock = story.clock(key)
        assert (clock["run"], clock["organ_id"], clock["started_on"]) == (2, county.organs["commission"], d("03-20")), key
        assert clock["status"] == "armed"
    assert story.runs("feedback")[0]["settled_on"] == d("03-20")
    assert [run["started_on"] for run in story.runs("whole_case")] == [d("03-12")]
    assert (story.row["paused_since"], '"on_hold":false' in story.row["data"]) == (None, True)
    story.tick(d("05-20"))
    orders = story.children("supervision_order")
    assert {order.row["holder_id"] for order in orders} == {county.organs["commission"]}


def test_the_head_of_the_handling_body_does_not_redirect_without_the_sponsors_word(county: ToldCounty) -> None:
    story = supervised(county)
    assert story.refused("redirect", "he", d("03-16"), recipient="commission", approval=None) == {
        'approval_given trigger="redirect"'
    }
    story.press("redirect", "zhao", d("03-16"), recipient="commission", approval=None)
    assert story.row["holder_id"] == county.organs["commission"]


def test_an_approval_on_paper_is_recorded_by_another_than_the_approver_and_with_its_scan(county: ToldCounty) -> None:
    story = received(county)
    paper = {"approver": "林静", "on": "2026-03-11", "scan": county.keep_file("审批单", "lin")}
    assert story.refused("transfer", "lin", d("03-12"), approval=paper) == {"approval/approver: is_recorder"}
    paper["approver"] = "赵国华"
    assert story.refused("transfer", "lin", d("03-12"), approval={**paper, "scan": 987_654}) == {"approval/scan: no_such_file"}
    of_another = {**paper, "scan": county.keep_file("别人的审批单", "song")}
    assert story.refused("transfer", "lin", d("03-12"), approval=of_another) == {"approval/scan: no_such_file"}
    assert rows_of(county, Evidence, case_id=story.id) == []
    story.press("transfer", "lin", d("03-12"), recipient="liuhe_discipline", approval=paper)
    kept = rows_of(county, Evidence, case_id=story.id)
    assert [(row["label"], row["file_id"]) for row in kept] == [("approval_scan", paper["scan"])]


def test_a_signed_approval_is_no_proof_of_the_work(county: ToldCounty) -> None:
    story = received(county)
    story.press("transfer", "lin", d("03-12"), recipient="liuhe_discipline")
    story.press("sign_for", "luo", d("03-13"))
    assert [row["label"] for row in rows_of(county, Evidence, case_id=story.id)] == ["approval_scan"]
    assert 'has_evidence at_least=1 fresh=true labels=["reply_letter"]' in story.refused("report_rectified", "luo", d("03-16"))


def test_a_closed_clue_is_reopened_with_the_heads_word_on_paper(county: ToldCounty) -> None:
    story = closed(county)
    story.press("reopen", "fang", d("06-01"), new_due_on="2026-06-30")
    assert (story.row["state"], story.row["cycle"]) == ("supervised", 2)


def test_an_item_for_the_village_is_opened_out_of_a_clue_while_it_is_handled_and_after(county: ToldCounty) -> None:
    for story in (supervised(county), rectified(county)):
        story.press("open_item", "song", d("03-26"), item_title="规范危房改造补助发放")
        assert [item.row["title"] for item in story.children("rectification")] == ["规范危房改造补助发放"]


def test_a_talk_with_the_handling_body_is_proposed_by_hand_and_never_with_the_village(county: ToldCounty) -> None:
    story = supervised(county)
    story.press("propose_interview", "zhao", d("03-16"))
    talk = of_kind(county, "interview")[0]
    assert talk.row["interviewee_id"] == county.organs["liuhe_discipline"]


# ---- checking -----------------------------------------------------------------------------------------------------------


def test_a_clue_sent_back_returns_to_its_body_and_is_reported_again(county: ToldCounty) -> None:
    story = rectified(county)
    story.press("send_back", "song", d("03-26"), send_back_reason="facts_unclear")
    assert (story.row["state"], story.row["holder_id"]) == ("supervised", county.organs["liuhe_discipline"])
    old_letter = {'has_evidence at_least=1 fresh=true labels=["reply_letter"]'}
    assert story.refused("report_rectified", "luo", d("04-01")) == old_letter
    story.prove("luo", d("04-01"), "reply_letter")
    story.press("report_rectified", "luo", d("04-01"))
    story.press("close", "song", d("04-02"), ground="unfounded")
    assert story.row["ground"] == "unfounded"


def test_a_real_name_is_told_the_result_before_the_clue_is_closed(county: ToldCounty) -> None:
    story = rectified(county, real_name=True)
    assert story.refused("close", "song", d("03-26"), ground="punished") == {
        'not field_is field="real_name" value=true',
        'fired_at_least times=1 trigger="tell_result"',
    }
    story.press("tell_result", "song", d("03-26"))
    story.press("close", "song", d("03-27"), ground="punished")
    anonymous = rectified(county)
    assert anonymous.refused("tell_result", "song", d("03-26")) == {'field_is field="real_name" value=true'}


def test_a_clue_of_an_old_ledger_that_was_reported_there_is_not_closed_without_its_reply_letter(county: ToldCounty) -> None:
    story = Story.adopted(
        county, on=d("03-11"), kind="clue", state="rectified", summary="旧账", managed_by="village", fast_lane=True
    )
    assert story.runs("approval") == []
    assert story.refused("close", "song", d("03-12"), ground="punished") == {'has_evidence at_least=1 labels=["reply_letter"]'}
    story.prove("song", d("03-12"), "reply_letter")
    story.press("close", "song", d("03-12"), ground="punished")


def test_a_reopened_clue_keeps_its_number_and_needs_no_second_disposal(county: ToldCounty) -> None:
    story = closed(county)
    number = story.row["number"]
    assert story.refused("reopen", "fang", d("06-01"), approval=None) == {'approval_given trigger="reopen"'}
    story.press("reopen", "zhao", d("06-01"), new_due_on="2026-06-30")
    story.prove("luo", d("06-10"), "reply_letter")
    story.press("report_rectified", "luo", d("06-10"))
    assert (story.row["number"], story.row["state"], story.row["cycle"]) == (number, "rectified", 2)


def test_a_reopened_clue_goes_up_by_one_class_and_is_checked_by_another_than_last_time(county: ToldCounty) -> None:
    for before, after in (("reference", "informed"), ("informed", "priority"), ("priority", "priority")):
        story = closed(county, **{"class": before})
        story.press("reopen", "zhao", d("06-01"), new_due_on="2026-06-30")
        assert f'"class":"{after}"' in story.row["data"]
        story.prove("luo", d("06-10"), "reply_letter")
        story.press("report_rectified", "luo", d("06-10"))
        assert story.refused("close", "fang", d("06-11")) == {"separation_closed"}
        story.press("close", "song", d("06-11"), ground="punished")
        assert story.row["state"] == "closed"


# ---- lateness -----------------------------------------------------------------------------------------------------------


def test_a_clue_that_lies_on_the_offices_desk_is_reported_to_the_leader_in_charge(county: ToldCounty) -> None:
    story = received(county)
    story.tick(d("04-10"))
    assert story.climbed("hand_over") == ["reminder", "red", "leader"]
    told = {line["person_id"] for line in rows_of(county, Outbox, case_id=story.id)}
    assert {county.people[login] for login in ("lin", "zhao", "liu")} <= told


def test_an_unsigned_clue_climbs_to_the_sponsors_desk_and_never_to_an_interview(county: ToldCounty) -> None:
    story = transferred(county)
    story.tick(d("04-10"))
    assert story.climbed("sign_for") == ["reminder", "warning", "red", "decide"]
    assert of_kind(county, "interview") == []


def test_a_clue_handed_back_and_left_lying_is_told_to_the_head(county: ToldCounty) -> None:
    story = transferred(county)
    story.press("hand_back", "he", d("03-16"))
    story.tick(d("04-10"))
    assert story.climbed("hand_over_again") == ["red"]


def test_a_clue_left_for_a_year_with_a_county_organ_is_reported_to_the_leading_group(county: ToldCounty) -> None:
    story = supervised(county, "department", "sunli")
    story.tick(d("12-01"))
    story.tick(d("12-01") + timedelta(200))
    assert story.climbed("disposal") == ["reminder", "warning", "red", "order"]
    first = ["reminder", "warning", "red", "order", "interview", "listed", "leading_group"]
    second = ["warning_2", "red_2", "order_2", "interview_2", "leading_group_2"]
    assert story.climbed("feedback") == [*first, *second], "nobody may talk to a county organ, and it is not forgotten either"
    assert story.climbed("whole_case") == ["reminder", "warning", "red", "leading_group", "hard_stop"]
    assert story.row["data"].count('"supervision_level":"listed"') == 1
    assert of_kind(county, "interview") == []


def test_a_late_urgent_clue_waits_for_the_talk_with_its_body_and_goes_on_when_the_talk_is_waived(county: ToldCounty) -> None:
    story = supervised(county, urgency="urgent")
    assert story.clock("feedback")["ladder"] == "medium"
    story.tick(d("07-01"))
    assert story.climbed("feedback") == ["reminder", "warning", "red", "order", "interview"]
    of_kind(county, "interview")[0].press("waive", "zhao", d("07-02"))
    story.tick(d("07-03"))
    assert story.climbed("feedback")[-2:] == ["listed", "leading_group"]


def test_a_reopened_clue_that_is_late_again_is_talked_about_and_reported_to_the_leading_group(county: ToldCounty) -> None:
    for new_date, ladder in (("06-08", "short"), ("06-30", "medium"), ("07-30", "long")):
        story = closed(county)
        story.press("reopen", "zhao", d("06-01"), new_due_on=f"2026-{new_date}")
        assert (story.clock("feedback")["ladder"], story.clock("feedback")["tier"]) == (ladder, 2)
        story.tick(d("08-12"))
        assert story.climbed("feedback") == ["warning_2", "red_2", "order_2", "interview_2"]
        of_kind(county, "interview")[-1].press("waive", "zhao", d("08-13"))
        story.tick(d("08-31"))
        assert story.climbed("feedback")[-1] == "leading_group_2"


def test_the_fast_lane_asks_for_a_first_note_in_three_days_and_a_talk_in_twenty(county: ToldCounty) -> None:
    story = received(county, fast_lane=True, facts_clear=True, corroborated=True, public_concern=True, team_leader="吴涛")
    story.press("transfer", "zhao", d("03-11"), recipient="liuhe_discipline")
    story.press("sign_for", "luo", d("03-12"))
    story.tick(d("04-20"))
    assert story.climbed("first_note") == ["reminder", "red"]
    assert story.climbed("fast_track") == ["warning", "red", "order", "interview"]
    assert [talk.row["interviewee_id"] for talk in of_kind(county, "interview")] == [county.organs["liuhe_discipline"]]


def test_the_office_itself_is_late_when_it_does_not_check(county: ToldCounty) -> None:
    story = rectified(county, real_name=True)
    story.tick(d("05-20"))
    assert story.climbed("check") == ["reminder", "red", "leader"]
    assert story.climbed("tell_received") == ["reminder", "red"]
    assert story.climbed("tell_result") == ["reminder", "red"]


def test_a_clue_on_hold_is_reviewed_after_six_months(county: ToldCounty) -> None:
    story = supervised(county)
    story.press("hold", "he", d("03-16"))
    story.tick(d("10-30"))
    assert story.climbed("hold_review") == ["reminder", "red"]
    assert of_kind(county, "interview") == []


def test_the_dates_of_a_clue_are_moved_once_and_within_their_cap(county: ToldCounty) -> None:
    supervised(county).moves_once("feedback", "luo", "zhao", d("03-20"), d("07-10"))
    fast = received(county, fast_lane=True, facts_clear=True, corroborated=True, public_concern=True, team_leader="吴涛")
    fast.press("transfer", "zhao", d("03-11"), recipient="liuhe_discipline")
    fast.moves_once("fast_track", "luo", "zhao", d("03-20"), d("04-08"))


# ---- too much in one place ----------------------------------------------------------------------------------------------


def test_a_body_that_leaves_three_clues_unsigned_hears_of_it(county: ToldCounty) -> None:
    for _ in range(3):
        transferred(county)
    county.engine.tick(morning("03-30"))
    assert county.engine.look_at_rules(morning("03-31")) == 1


def test_twenty_clues_waiting_for_their_check_are_told_to_the_offices_head(county: ToldCounty) -> None:
    for _ in range(20):
        rectified(county)
    county.engine.tick(morning("04-20"))
    assert county.engine.look_at_rules(morning("04-21")) == 1


# ---- the count ----------------------------------------------------------------------------------------------------------


def test_everything_that_the_definition_of_a_clue_declares_occurs(all_told: set[str], shipped: Definition) -> None:
    require_all(shipped, all_told, CANNOT_OCCUR)
