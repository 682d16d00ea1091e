"""约谈: what its definition declares, told in stories; the last test counts that nothing was left out."""

from __future__ import annotations

import json

import pytest

from states.definition import Definition
from states.errors import BadInput, Conflict
from tests.shipped.every.counting import ToldCounty, require_all
from tests.shipped.every.telling import Story, d, morning, of_kind, refused_opening
from tests.workflow.looking import rows_of
from workflow import occasions
from workflow.models import AgendaItem, Event, Grant, Outbox
from workflow.store import Store

KIND = "interview"
ON_BOTH = True

# The township talks to the village; the village's head reads.
OFFICE = ("song", "zhou")
TOWNSHIP = ("chen", "zhou")
HANDED_IN = 'fired_at_least times=1 trigger="hand_in"'
TYPED = 'fired_at_least times=1 trigger="record"'
SIGNED_RECORD = 'has_evidence at_least=1 labels=["signed_record"]'

CANNOT_OCCUR: set[str] = set()


def late_item(
    county: ToldCounty, to: str = "donggou_branch", signer: str = "zhou", *, login: str = "lin", sponsor: str = "office"
) -> Story:
    """An item that was to be rectified by 9 March and was not."""
    facts = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    item = Story.open(county, "rectification", d("03-02"), login, sponsor=sponsor, **facts)
    item.press("transfer", "zhao" if sponsor == "office" else login, d("03-02"), recipient=to)
    item.press("sign_for", signer, d("03-03"))
    return item


def proposed(county: ToldCounty) -> Story:
    """A talk of the township with the village, proposed by the ladder on 17 March."""
    late_item(county)
    county.engine.tick(morning("03-17"))
    return of_kind(county, "interview")[-1]


def ordered(county: ToldCounty) -> Story:
    """A talk that the county has ordered on 18 March."""
    story = proposed(county)
    story.press("order", "zhao", d("03-18"))
    return story


def notified(county: ToldCounty) -> Story:
    """A talk announced on 19 March for the 24th."""
    story = ordered(county)
    story.press("notify", "chen", d("03-19"), held_on="2026-03-24")
    return story


def held(county: ToldCounty) -> Story:
    """A talk that was held on 24 March."""
    story = notified(county)
    story.press("hold_talk", "chen", d("03-24"), held_on="2026-03-24")
    return story


def recorded(county: ToldCounty) -> Story:
    """A talk whose signed record was handed in on 25 March."""
    story = held(county)
    story.prove("chen", d("03-25"), "signed_record")
    story.press("record", "chen", d("03-25"), new_dates=_dates(story))
    story.press("hand_in", "chen", d("03-25"))
    return story


def _dates(story: Story) -> dict[str, str]:
    return {str(item.id): "2026-04-20" for item in of_kind(story.county, "rectification")}


def test_talks_are_registered_by_the_office_the_group_the_commission_and_a_township(county: ToldCounty) -> None:
    about = {"lin": "donggou_branch", "gao": "liuhe_party", "yan": "qingshi_discipline", "chen": "xitou_branch"}
    for login, subject in about.items():
        assert Story.open(county, "interview", d("03-02"), login, subject=subject).row["state"] == "proposed"
    refused_opening(county, "interview", "luo", d("03-02"))


def test_a_talk_registered_by_hand_is_between_its_subject_and_whoever_stands_above_it(county: ToldCounty) -> None:
    ends = {"donggou_branch": "liuhe_party", "liuhe_finance": "leading_group", "bureau": "leading_group"}
    for subject, interviewer in ends.items():
        story = Story.open(county, "interview", d("03-02"), "lin", subject=subject)
        assert (story.row["interviewer_id"], story.row["interviewee_id"]) == (
            county.organs[interviewer],
            county.organs[subject],
        )
    with pytest.raises(BadInput) as nobody:
        Story.open(county, "interview", d("03-02"), "lin", subject="leading_group")
    assert nobody.value.params["why"] == "no_interviewer"


def test_a_talk_registered_by_hand_is_ordered_announced_held_and_accepted(county: ToldCounty) -> None:
    story = Story.open(county, "interview", d("03-16"), "lin")
    story.press("order", "zhao", d("03-18"))
    assert story.clock("hold")["organ_id"] == county.organs["liuhe_party"]
    story.press("notify", "chen", d("03-19"), held_on="2026-03-24")
    story.press("hold_talk", "chen", d("03-24"), held_on="2026-03-24")
    story.prove("chen", d("03-25"), "signed_record")
    story.press("record", "chen", d("03-25"))
    story.press("hand_in", "chen", d("03-25"))
    story.press("accept", "song", d("03-27"))
    assert story.row["state"] == "closed"


def test_a_second_talk_of_the_same_two_is_not_registered_while_items_may_join_the_first(county: ToldCounty) -> None:
    first = Story.open(county, "interview", d("03-02"), "lin")
    with pytest.raises(Conflict) as open_one:
        Story.open(county, "interview", d("03-03"), "lin")
    assert open_one.value.params["why"] == "interview_open"
    late_item(county)
    county.engine.tick(morning("03-17"))
    agenda = rows_of(county, AgendaItem)
    assert [(item["interview_id"], len(agenda)) for item in agenda] == [(first.id, 1)]


def test_each_button_of_each_stage_is_for_those_named_and_each_form_says_what_it_wants(county: ToldCounty) -> None:
    story = proposed(county)
    # The village does not see it before the notice.
    leaders, office = ("zhao", "chen"), ("song", "chen")
    story.is_only_for(d("03-18"), {"order": leaders, "waive": leaders, "withdraw_interview": leaders})
    desk = ("song", "xu")
    story.is_only_for(d("03-18"), {"ask_approval": desk, "withdraw_ask": desk})
    story.is_only_for(d("03-18"), {trigger: leaders for trigger in ("agree", "disagree", "take_agreement_back")})
    story.press("order", "zhao", d("03-18"))
    story.is_only_for(d("03-18"), {"sign_for": ("chen", "zhao"), "withdraw_interview": leaders, "remind": office})
    of_commission = Story.open(county, "interview", d("03-18"), "yan", subject="qingshi_discipline")
    of_commission.press("order", "zhao", d("03-18"))
    of_commission.is_only_for(d("03-18"), {"notify": ("zhao", "yan")})
    story.press("notify", "chen", d("03-19"), held_on="2026-03-24")
    at_the_notice = {"postpone": TOWNSHIP, "admit": TOWNSHIP, "confirm_notice": ("zhou", "lin")}
    story.is_only_for(d("03-19"), at_the_notice)
    assert story.refused("hold_talk", "chen", d("03-23"), held_on="2026-03-23") == {'date_reached field="held_on"'}
    story.is_only_for(d("03-24"), {"hold_talk": TOWNSHIP})
    story.press("hold_talk", "chen", d("03-24"), held_on="2026-03-24")
    story.is_only_for(d("03-24"), {"record": TOWNSHIP, "hand_in": TOWNSHIP, "return_record": OFFICE, "accept": OFFICE})


def test_the_inspection_office_writes_for_the_leading_group_and_no_other_sponsor_does(county: ToldCounty) -> None:
    item = late_item(county, "liuhe_finance", "ding", login="chen", sponsor="liuhe_party")
    county.engine.tick(morning("03-17"))
    story = of_kind(county, "interview")[0]
    assert story.row["interviewer_id"] == county.organs["leading_group"]
    story.press("order", "chen", d("03-18"))
    assert story.refused("notify", "xu", d("03-19")) == {"organ"}
    story.press("notify", "gao", d("03-19"), held_on="2026-03-24")
    assert story.refused("postpone", "xu", d("03-20")) == {"organ"}
    assert story.refused("admit", "xu", d("03-20")) == {"organ"}
    assert story.refused("hold_talk", "xu", d("03-24")) == {"organ"}
    story.press("hold_talk", "gao", d("03-24"), held_on="2026-03-24")
    story.prove("gao", d("03-24"), "signed_record")
    assert story.refused("record", "xu", d("03-24")) == {"organ"}
    assert story.refused("hand_in", "xu", d("03-24")) == {"organ"}
    story.press("record", "gao", d("03-24"), new_dates={str(item.id): "2026-04-20"})
    story.press("hand_in", "gao", d("03-24"))
    assert story.row["holder_id"] == county.organs["liuhe_party"]


def test_the_office_writes_for_the_leading_group_whose_staff_it_is(county: ToldCounty) -> None:
    item = late_item(county, "liuhe_finance", "ding")
    county.engine.tick(morning("03-17"))
    story = of_kind(county, "interview")[0]
    story.press("order", "zhao", d("03-18"))
    story.press("notify", "song", d("03-19"), held_on="2026-03-24")
    story.press("postpone", "song", d("03-20"), held_on="2026-03-25")
    story.press("hold_talk", "song", d("03-25"), held_on="2026-03-25")
    story.prove("song", d("03-25"), "signed_record")
    story.press("record", "song", d("03-25"), new_dates={str(item.id): "2026-04-08"})
    story.press("hand_in", "song", d("03-25"))
    assert item.clock("rectify")["due_on"] == d("04-08")


def test_a_leader_orders_the_talk_or_waives_it_and_the_desk_only_with_his_word_on_paper(county: ToldCounty) -> None:
    story = proposed(county)
    assert story.refused("order", "lin", d("03-18"), approval=None) == {'approval_given trigger="order"'}
    assert story.refused("waive", "lin", d("03-18"), approval=None) == {'approval_given trigger="waive"'}
    assert story.refused("waive", "fang", d("03-18"), approval=None) == {'approval_given trigger="waive"'}
    story.press("waive", "lin", d("03-18"), waive_reason="objective")
    item = of_kind(county, "rectification")[0]
    assert (story.row["state"], item.clock("rectify")["held_by"]) == ("waived", None)


def test_the_desk_asks_its_leader_here_for_the_order_or_the_waiver_and_for_no_other_step(county: ToldCounty) -> None:
    story = proposed(county)
    assert story.refused("ask_approval", "lin", d("03-18"), consent_for="accept") == {"consent_for: not_a_choice"}
    story.consents("order", d("03-18"), asker="lin", head="zhao", both="ren")
    assert story.refused("waive", "lin", d("03-18"), approval=None) == {'approval_given trigger="waive"'}
    story.press("order", "lin", d("03-18"), approval=None)
    given = json.loads(rows_of(county, Event, case_id=story.id)[-1]["facts"])
    assert given["approved_by"] == county.people["zhao"]
    assert not {"consent", "consent_for"} & set(json.loads(story.row["data"]))


def test_the_order_is_signed_for_once_and_by_paper_with_its_scan(county: ToldCounty) -> None:
    story = ordered(county)
    story.takes_paper("sign_for", "chen", d("03-20"), d("03-19"))
    assert story.refused("sign_for", "chen", d("03-20")) == {'fired_at_most times=0 trigger="sign_for"'}


def test_a_talk_is_postponed_once_and_its_notice_signed_for_twice(county: ToldCounty) -> None:
    story = notified(county)
    story.press("confirm_notice", "zhou", d("03-19"))
    story.press("postpone", "chen", d("03-20"), held_on="2026-03-26")
    story.press("confirm_notice", "xu", d("03-20"))
    assert story.refused("postpone", "chen", d("03-23")) == {'fired_at_most times=0 trigger="postpone"'}
    assert story.refused("confirm_notice", "zhou", d("03-23")) == {'fired_at_most times=1 trigger="confirm_notice"'}


def test_a_talk_is_announced_and_postponed_to_a_day_two_working_days_ahead_or_later(county: ToldCounty) -> None:
    story = ordered(county)
    too_near = {'min_workdays days=2 field="held_on"'}
    assert story.refused("notify", "chen", d("03-19"), held_on="2026-03-20") == too_near
    assert story.refused("notify", "chen", d("03-19"), held_on="2026-03-22") == too_near
    # A notice of Saturday is one of Monday.
    assert story.refused("notify", "chen", d("03-21"), held_on="2026-03-24") == too_near
    story.press("notify", "chen", d("03-19"), held_on="2026-03-23")
    assert story.refused("postpone", "chen", d("03-20"), held_on="2026-03-23") == too_near
    story.press("postpone", "chen", d("03-20"), held_on="2026-03-24")


def test_what_turns_late_after_the_notice_joins_only_with_the_chairs_consent(county: ToldCounty) -> None:
    another = Story.open(county, "rectification", d("03-02"), immediate="ordinary", period="own_date", due_on="2026-03-17")
    story = notified(county)
    another.press("transfer", "zhao", d("03-02"), recipient="donggou_branch")
    county.engine.tick(morning("03-20"))
    on_it = {row["case_id"] for row in rows_of(county, AgendaItem, interview_id=story.id)}
    assert another.id not in on_it
    assert story.refused("admit", "xu", d("03-20"), approval=None) == {'approval_given trigger="admit"'}
    story.press("admit", "chen", d("03-20"), approval=None)
    joined = {row["case_id"] for row in rows_of(county, AgendaItem, interview_id=story.id)}
    assert another.id in joined
    county.engine.tick(morning("03-25"))
    assert another.clock("rectify")["held_by"] == story.id


def test_a_new_date_lies_within_thirty_days_of_the_first_talk_and_fifteen_of_the_second(county: ToldCounty) -> None:
    story = held(county)
    story.prove("chen", d("03-25"), "signed_record")
    (item,) = of_kind(county, "rectification")
    found = story.refused("record", "chen", d("03-25"), new_dates={str(item.id): "2026-04-24"})
    assert found == {f"new_dates/{item.id}: beyond_cap:2026-04-23"}
    story.press("record", "chen", d("03-25"), new_dates={str(item.id): "2026-04-23"})
    story.press("hand_in", "chen", d("03-25"))
    county.engine.tick(morning("04-27"))
    second = of_kind(county, "interview")[-1]
    second.press("order", "zhao", d("04-27"))
    second.press("notify", "gao", d("04-27"), held_on="2026-04-30")
    second.press("hold_talk", "gao", d("04-30"), held_on="2026-04-30")
    second.prove("gao", d("04-30"), "signed_record")
    found = second.refused("record", "gao", d("04-30"), new_dates={str(item.id): "2026-05-16"})
    assert found == {f"new_dates/{item.id}: beyond_cap:2026-05-15"}
    second.press("record", "gao", d("04-30"), new_dates={str(item.id): "2026-05-15"})
    second.press("hand_in", "gao", d("04-30"))
    assert item.clock("rectify")["due_on"] == d("05-15")


def test_held_is_left_only_with_a_new_date_for_each_item_and_a_record_typed_before_it_is_signed(county: ToldCounty) -> None:
    story = held(county)
    assert story.refused("accept", "song", d("03-25")) == {HANDED_IN, SIGNED_RECORD}
    assert story.refused("return_record", "song", d("03-25")) == {HANDED_IN}
    assert story.refused("hand_in", "chen", d("03-25")) == {TYPED, SIGNED_RECORD}
    assert story.refused("record", "chen", d("03-25")) == {"agenda_dated"}
    # Typed, it fixes the dates and can be printed; it stays with the township until the signed one is there.
    story.press("record", "chen", d("03-25"), new_dates=_dates(story))
    item = of_kind(county, "rectification")[0]
    assert (item.clock("rectify")["due_on"], item.clock("rectify")["tier"]) == (d("04-20"), 2)
    assert story.row["holder_id"] == county.organs["liuhe_party"]
    assert story.refused("hand_in", "chen", d("03-25")) == {SIGNED_RECORD}
    assert story.refused("accept", "song", d("03-25")) == {HANDED_IN, SIGNED_RECORD}
    story.prove("chen", d("03-26"), "signed_record")
    story.press("hand_in", "chen", d("03-26"))
    assert story.row["holder_id"] == county.organs["office"]
    story.press("accept", "song", d("03-27"))
    assert (story.row["state"], story.row["ground"]) == ("closed", "accepted")


def test_a_talk_is_held_at_an_hour_of_a_day_that_is_past_and_not_before_its_notice(county: ToldCounty) -> None:
    story = notified(county)
    assert story.refused("hold_talk", "chen", d("03-24"), held_on="2026-03-18") == {"held_on: before_beginning:2026-03-19"}
    assert story.refused("hold_talk", "chen", d("03-24"), held_on="2026-03-25") == {"held_on: too_late"}
    for typed in ("25点99", "24:00", "9:60", "上午", 930):
        assert story.refused("hold_talk", "chen", d("03-24"), held_on="2026-03-24", held_time=typed) == {
            "held_time: not_a_time"
        }
    story.press("hold_talk", "chen", d("03-24"), held_on="2026-03-23", held_time="09:05")
    known = json.loads(story.row["data"])
    assert (known["held_on"], known["held_time"]) == ("2026-03-23", "9:05")


def test_of_everybody_it_is_said_whether_he_came_and_of_who_did_not_why(county: ToldCounty) -> None:
    story, told = notified(county), {"name": "孙强", "post": "村委会委员"}
    untold = story.refused("hold_talk", "chen", d("03-24"), held_on="2026-03-24", attendance=[told])
    assert untold == {"attendance/0/present: required"}
    unexplained = story.refused("hold_talk", "chen", d("03-24"), held_on="2026-03-24", attendance=[{**told, "present": False}])
    assert unexplained == {"attendance/0/absence: required"}
    came = [{**told, "present": False, "absence": "住院"}, {"name": "周明远", "post": "书记", "present": True}]
    story.press("hold_talk", "chen", d("03-24"), held_on="2026-03-24", attendance=came)
    assert json.loads(story.row["data"])["attendance"] == came


def test_a_record_is_returned_for_what_is_missing_and_handed_in_again(county: ToldCounty) -> None:
    story = recorded(county)
    story.press("return_record", "song", d("03-26"))
    assert story.row["holder_id"] == county.organs["liuhe_party"]
    story.press("record", "chen", d("03-27"), new_dates=_dates(story))
    story.press("hand_in", "chen", d("03-27"))
    assert story.clock("accept")["run"] == 2


def test_a_talk_is_withdrawn_by_a_leader_before_the_notice(county: ToldCounty) -> None:
    story = proposed(county)
    story.press("withdraw_interview", "zhao", d("03-18"), ground="withdrawn")
    assert story.row["state"] == "withdrawn"
    assert _told(story, "interview_withdrawn") == set(), "nobody had been told to hold it"
    item = of_kind(county, "rectification")[0]
    assert item.clock("rectify")["held_by"] is None


def test_whoever_was_told_to_hold_a_talk_hears_that_it_is_withdrawn(county: ToldCounty) -> None:
    story = ordered(county)
    story.press("withdraw_interview", "zhao", d("03-19"), ground="withdrawn")
    assert _told(story, "interview_withdrawn") == {county.people[login] for login in ("xu", "chen")}


def _told(story: Story, message: str) -> set[int]:
    return {line["person_id"] for line in rows_of(story.county, Outbox, case_id=story.id, message=message)}


def test_the_head_of_the_village_hears_of_the_new_date_and_the_chair_of_a_record_that_came_back(county: ToldCounty) -> None:
    story = recorded(county)
    assert county.people["zhou"] in _told(story, "new_date")
    story.press("return_record", "song", d("03-26"))
    assert _told(story, "sent_back") == {county.people[login] for login in ("xu", "chen")}


def test_an_ordered_talk_is_withdrawn_by_itself_when_its_last_item_is_closed(county: ToldCounty) -> None:
    story = ordered(county)
    item = of_kind(county, "rectification")[0]
    item.prove("zhou", d("03-19"))
    item.press("report_rectified", "zhou", d("03-19"))
    item.press("close", "fang", d("03-20"), ground="completed")
    assert (story.row["state"], story.row["ground"]) == ("withdrawn", "withdrawn")


def test_the_office_urges_the_talk_while_it_lies_with_another_body(county: ToldCounty) -> None:
    story = Story.open(county, "interview", d("03-16"), "lin")
    story.press("order", "zhao", d("03-18"))
    story.press("remind", "song", d("03-19"), remind_by="telephone")
    story.press("notify", "chen", d("03-19"), held_on="2026-03-24")
    story.press("remind", "song", d("03-23"), remind_by="telephone")
    story.press("hold_talk", "chen", d("03-24"), held_on="2026-03-24")
    story.press("remind", "song", d("03-25"), remind_by="telephone")
    story.prove("chen", d("03-25"), "signed_record")
    story.press("record", "chen", d("03-25"))
    story.press("hand_in", "chen", d("03-25"))
    assert story.refused("remind", "song", d("03-26")) == {"separation_holder"}  # the record is the office's own to accept


def test_a_proposal_that_nobody_signs_climbs_to_the_leader_in_charge(county: ToldCounty) -> None:
    story = proposed(county)
    story.tick(d("04-10"))
    assert story.climbed("order") == ["red", "leader"]


def test_an_ordered_talk_that_is_not_held_lets_its_items_climb_to_the_county(county: ToldCounty) -> None:
    story = ordered(county)
    story.tick(d("04-20"))
    assert story.climbed("hold") == ["reminder", "red", "climb"]
    item = of_kind(county, "rectification")[0]
    assert item.clock("rectify")["tier"] == 2
    assert of_kind(county, "interview")[-1].row["interviewee_id"] == county.organs["liuhe_party"]


def test_a_record_that_does_not_come_is_told_to_the_township(county: ToldCounty) -> None:
    story = held(county)
    story.tick(d("04-10"))
    assert story.climbed("record") == ["red"]


def test_nobody_accepts_the_record_that_he_or_his_other_office_has_handed_in(county: ToldCounty) -> None:
    story = held(county)
    story.prove("song", d("03-25"), "signed_record")
    for trigger in ("record", "hand_in"):
        told = {"new_dates": _dates(story)} if trigger == "record" else {}
        story.press(trigger, "song", d("03-25"), **told)
    assert story.refused("accept", "song", d("03-26")) == {"separation_worked"}
    other = held_by_hand(county)
    _give_post(county, "jin", "leading_group")
    assert other.refused("accept", "jin", d("03-26")) == {"separation_handling_organ"}
    other.press("accept", "fang", d("03-26"))


def held_by_hand(county: ToldCounty) -> Story:
    """A talk of the leading group with a department, handed in by the group."""
    story = Story.open(county, "interview", d("03-16"), "lin", subject="bureau")
    story.press("order", "zhao", d("03-18"))
    story.press("notify", "gao", d("03-19"), held_on="2026-03-24")
    story.press("hold_talk", "gao", d("03-24"), held_on="2026-03-24")
    story.prove("gao", d("03-25"), "signed_record")
    story.press("record", "gao", d("03-25"))
    story.press("hand_in", "gao", d("03-25"))
    return story


def _give_post(county: ToldCounty, login: str, organ: str) -> None:
    row = {"person_id": county.people[login], "role": "deputy", "organ_id": county.organs[organ], "title": "", "ceiling": 3}

    def work(store: Store) -> None:
        store.insert(Grant, [row])
        for part in occasions.PARTS:
            occasions.moved(store, part)

    county.database.write(work)


def test_a_record_that_nobody_accepts_is_told_to_the_offices_head(county: ToldCounty) -> None:
    story = recorded(county)
    story.tick(d("04-10"))
    assert story.climbed("accept") == ["red"]


def test_two_talks_that_a_township_does_not_hold_are_reported_to_the_leading_group(county: ToldCounty) -> None:
    late_item(county)
    late_item(county, "xitou_branch", "feng")
    county.engine.tick(morning("03-17"))
    talks = of_kind(county, "interview")
    for story in talks:
        story.press("order", "zhao", d("03-18"))
    county.engine.tick(morning("04-02"))
    told = {line["person_id"] for line in rows_of(county, Outbox) if line["case_id"] in {talk.id for talk in talks}}
    assert county.people["gao"] in told


def test_everything_that_the_definition_of_a_talk_declares_occurs(all_told: set[str], shipped: Definition) -> None:
    require_all(shipped, all_told, CANNOT_OCCUR)
