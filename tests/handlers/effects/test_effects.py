"""What follows from a transition, as wishes: the main case and the empty one of each effect."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from handlers.registry import EFFECTS
from states.errors import BadInput
from tests.handlers.effects.acts import (
    BARE_TREE,
    COMMISSION,
    COMMUNITY_PARTY,
    DEPARTMENT,
    GROUP,
    OFFICE,
    STREET_PARTY,
    TOWN_DISCIPLINE,
    TOWN_PARTY,
    TOWN_UNIT,
    VILLAGE_PARTY,
    case,
    change,
    on_agenda,
)
from workflow.types import (
    Change,
    FixDates,
    IssueLetter,
    JoinInterview,
    LinkAgenda,
    Notify,
    OpenCase,
    PauseClocks,
    ReleaseAgenda,
    ResumeClocks,
    SetField,
    SettleClocks,
    Wish,
)


def wishes(name: str, of: Change, **params: Any) -> list[Wish]:
    return list(EFFECTS[name](of, **params))


# ---- notices --------------------------------------------------------------------------------------------------------


def test_posts_are_told_number_date_and_weekday() -> None:
    transferred = change(case(due_on=date(2026, 7, 17)), "transfer")
    told = Notify(
        ("handler@holder",),
        "to_sign",
        {"number": "整改〔2026〕17号", "due_on": date(2026, 7, 17), "weekday": 5},
    )
    assert wishes("notify_posts", transferred, to=["handler@holder"], message="to_sign") == [told]
    assert wishes("notify_holder", transferred, message="to_sign") == [told]


def test_the_sponsor_hears_who_handed_back_and_the_reason_picked_but_never_the_text_typed() -> None:
    answers = {
        "hand_back_reason": "recusal",
        "hand_back_note": "涉及张三",
        "approval": {"approver": "何清"},
    }
    back = change(case(holder_id=OFFICE), "hand_back", answers, before={"holder_id": TOWN_UNIT})
    (told,) = wishes("notify_supervisor", back, message="handed_back")
    assert isinstance(told, Notify)
    assert told.params == {
        "organ": "柳河镇财政所",
        "number": "整改〔2026〕17号",
        "reason": "涉及本单位人员需回避",
        "approver": "何清",
        "again_by": date(2026, 6, 26),
    }


def test_who_approves_by_firing_is_the_approver() -> None:
    back = change(case(holder_id=OFFICE), "hand_back", {"hand_back_reason": "not_ours"})
    (told,) = wishes("notify_supervisor", back, message="handed_back")
    assert isinstance(told, Notify) and told.params["approver"] == "周敏"


def test_an_interviewer_hears_how_many_items_are_open_and_until_when_he_must_talk() -> None:
    ends: dict[str, Any] = {"interviewer_id": TOWN_PARTY, "interviewee_id": VILLAGE_PARTY}
    ordered = change(
        case("interview", **ends),
        "order",
        {"hold_by": date(2026, 7, 24)},
        agenda=(on_agenda(1), on_agenda(2), on_agenda(3, is_closed=True)),
    )
    (told,) = wishes("notify_posts", ordered, to=["head@interviewer"], message="interview_ordered")
    assert isinstance(told, Notify)
    assert told.params == {
        "subject": "东沟村党支部",
        "count": 2,
        "due_on": date(2026, 7, 24),
        "organ": "柳河镇党委",
    }


def test_who_asks_for_approval_and_for_which_step_is_said_in_every_language_and_no_day() -> None:
    asking = change(case(data={"consent_for": "redirect"}), "ask_approval")
    (told,) = wishes("notify_posts", asking, to=["head@supervisor"], message="approval_asked")
    assert isinstance(told, Notify)
    step = {"zh-Hans": "改办", "zh-Hant": "改辦", "en": "Redirect"}
    assert told.params == {"name": "周敏", "step": step, "number": "整改〔2026〕17号"}


@pytest.mark.parametrize(("times", "told"), [(1, 0), (2, 1)])
def test_the_second_hand_back_asks_the_head_to_designate(times: int, told: int) -> None:
    back = change(case(holder_id=OFFICE), "hand_back", tally={"hand_back": times})
    assert len(wishes("hand_back_limit", back)) == told


# ---- cases ----------------------------------------------------------------------------------------------------------


def test_each_measure_of_a_plan_becomes_a_case_of_its_unit() -> None:
    rows = [
        {
            "text": "清理合同",
            "unit": TOWN_UNIT,
            "person": "李四",
            "due_words": "6月底前",
            "due_on": date(2026, 6, 30),
            "label": "dated",
        },
        {
            "text": "完善制度",
            "unit": VILLAGE_PARTY,
            "person": "王五",
            "due_words": "长期坚持",
            "label": "long_term",
        },
    ]
    opened = wishes("open_measures", change(case(), "submit_plan", {"measures": rows}))
    assert all(isinstance(wish, OpenCase) for wish in opened)
    assert [(w.kind, w.title, w.holder_id, w.parent_id, w.subject_id) for w in opened if isinstance(w, OpenCase)] == [
        ("measure", "清理合同", TOWN_UNIT, 100, VILLAGE_PARTY),
        ("measure", "完善制度", VILLAGE_PARTY, 100, VILLAGE_PARTY),
    ]
    assert isinstance(opened[0], OpenCase) and opened[0].data == rows[0]
    assert {w.registrar_id for w in opened if isinstance(w, OpenCase)} == {case().row["holder_id"]}


def test_a_plan_without_measures_opens_nothing() -> None:
    assert wishes("open_measures", change(case(), "submit_plan")) == []


def test_a_clue_turned_into_an_item_hands_on_the_named_facts_and_no_other() -> None:
    clue = case("clue", {"area": "party_building", "summary": "张三套取"}, holder_id=TOWN_DISCIPLINE)
    opened = wishes(
        "open_child",
        change(clue, "open_item", {"item_title": "规范台账"}),
        kind="rectification",
        title_from="item_title",
        fields=["area", "domain"],
        holder="supervisor",
    )
    assert opened == [OpenCase("rectification", "规范台账", VILLAGE_PARTY, OFFICE, OFFICE, {"area": "party_building"}, 100)]


def test_an_order_about_a_clue_is_about_the_body_that_handles_it() -> None:
    clue = case("clue", holder_id=TOWN_DISCIPLINE)
    opened = wishes(
        "open_child",
        change(clue, "supervise", {"order_title": "请报进展", "requirement": "尽快"}),
        kind="supervision_order",
        title_from="order_title",
        fields=["requirement"],
        holder="holder",
    )
    assert opened == [
        OpenCase(
            "supervision_order",
            "请报进展",
            TOWN_DISCIPLINE,
            TOWN_DISCIPLINE,
            OFFICE,
            {"requirement": "尽快"},
            100,
        )
    ]


def test_a_secret_fact_is_never_handed_on() -> None:
    with pytest.raises(BadInput):
        wishes(
            "open_child",
            change(case("clue"), "open_item"),
            kind="rectification",
            title_from="item_title",
            fields=["reporter_name"],
        )


# ---- clocks, facts, letters -----------------------------------------------------------------------------------------


def test_a_hold_stops_the_named_clocks_and_lets_every_other_run() -> None:
    clue = case("clue")
    (paused,) = wishes("pause_clocks", change(clue, "hold"), clocks=["feedback", "fast_track"], max_days=90)
    assert isinstance(paused, PauseClocks) and paused.max_days == 90
    assert {clock.key for clock in clue.definition.clocks} - set(paused.but) == {"feedback", "fast_track"}


def test_clocks_go_on_or_are_settled() -> None:
    released = change(case("clue"), "release")
    assert wishes("resume_clocks", released, clocks=["feedback"]) == [ResumeClocks()]
    assert wishes("settle_clocks", released, clocks=["feedback"]) == [SettleClocks(("feedback",))]


@pytest.mark.parametrize(
    ("before", "after"), [(None, "key"), ("ordinary", "key"), ("key", "listed"), ("listed", "listed"), ("nonsense", "key")]
)
def test_a_choice_goes_up_by_one_and_no_higher_than_the_highest(before: str | None, after: str) -> None:
    fired = change(case("rectification", {"supervision_level": before}), "reopen")
    assert wishes("raise_choice", fired, field="supervision_level") == [SetField("supervision_level", after)]


def test_a_choice_written_from_the_highest_down_goes_up_toward_the_first() -> None:
    fired = change(case("clue", {"class": "reference"}), "reopen")
    assert wishes("raise_choice", fired, field="class", toward="first") == [SetField("class", "informed")]
    assert wishes("raise_choice", fired, field="summary") == []


def test_a_fact_is_set_and_a_letter_is_due() -> None:
    fired = change(case(), "designate")
    assert wishes("set_field", fired, field="no_return", value=True) == [SetField("no_return", True)]
    assert wishes("issue_letter", fired, letter="assignment_sheet") == [IssueLetter("assignment_sheet")]


# ---- interviews: who talks to whom ----------------------------------------------------------------------------------


def ends(name: str, of: Change, **params: Any) -> tuple[int, int, int] | None:
    """(interviewer, interviewee, subject) of the interview wished for, if one is."""
    found = [wish for wish in wishes(name, of, **params) if isinstance(wish, JoinInterview)]
    return (found[0].interviewer_id, found[0].interviewee_id, found[0].subject_id) if found else None


@pytest.mark.parametrize(
    ("late", "tier", "expected"),
    [
        (VILLAGE_PARTY, 1, (TOWN_PARTY, VILLAGE_PARTY)),
        (COMMUNITY_PARTY, 1, (STREET_PARTY, COMMUNITY_PARTY)),
        (TOWN_PARTY, 1, (GROUP, TOWN_PARTY)),
        (TOWN_DISCIPLINE, 1, (GROUP, TOWN_PARTY)),
        (TOWN_UNIT, 1, (GROUP, TOWN_UNIT)),
        (DEPARTMENT, 1, (GROUP, DEPARTMENT)),
        (VILLAGE_PARTY, 2, (GROUP, TOWN_PARTY)),
        (TOWN_PARTY, 2, (GROUP, TOWN_PARTY)),
        (VILLAGE_PARTY, 3, (GROUP, TOWN_PARTY)),
    ],
)
def test_the_party_committee_one_level_above_who_is_late_talks_to_him(late: int, tier: int, expected: tuple[int, int]) -> None:
    fired = change(case(holder_id=late, subject_id=late), "propose_interview")
    assert ends("propose_interview", fired, tier=tier) == (*expected, expected[1])


def test_while_the_sponsor_checks_the_subject_answers() -> None:
    fired = change(case(holder_id=OFFICE), "propose_interview")
    assert ends("propose_interview", fired) == (TOWN_PARTY, VILLAGE_PARTY, VILLAGE_PARTY)


@pytest.mark.parametrize(("times", "proposed"), [(1, False), (2, True), (3, True)])
def test_the_second_send_back_proposes_an_interview_at_once(times: int, proposed: bool) -> None:
    sent = change(case(), "send_back", tally={"send_back": times})
    found = wishes("propose_interview", sent, trigger="send_back", times=2)
    assert bool(found) is proposed
    if proposed:
        assert isinstance(found[0], JoinInterview) and found[0].data == {
            "tier": "first",
            "reason": "not_adequate",
        }


def test_without_an_interviewer_in_the_tree_the_item_goes_on_the_sponsors_desk() -> None:
    (told,) = wishes("propose_interview", change(case(holder_id=TOWN_PARTY), "propose_interview", tree=BARE_TREE))
    assert isinstance(told, Notify) and told.to == ("handler@supervisor",)


def test_a_title_names_the_organ_talked_to_and_nothing_of_the_case() -> None:
    (proposed, _) = wishes("propose_interview", change(case(), "propose_interview"))
    assert isinstance(proposed, JoinInterview) and proposed.title == "关于东沟村党支部整改工作的约谈"


def test_a_late_clue_is_talked_about_with_the_body_that_handles_it_and_never_with_the_village() -> None:
    clue = case("clue", {"managed_by": "village"}, holder_id=TOWN_DISCIPLINE)
    fired = change(clue, "propose_interview")
    assert ends("propose_handler_interview", fired) == (GROUP, TOWN_DISCIPLINE, TOWN_DISCIPLINE)
    found = repr(wishes("propose_handler_interview", fired))
    assert "东沟" not in found and "秘密内容" not in found


def test_a_talk_about_clues_never_joins_a_talk_about_rectification() -> None:
    bodies = (TOWN_PARTY, TOWN_DISCIPLINE)
    of_clues = {ends("propose_handler_interview", change(case("clue", holder_id=body), "propose_interview")) for body in bodies}
    of_items = {
        ends("propose_interview", change(case(holder_id=body, subject_id=body), "propose_interview"), tier=tier)
        for body in (*bodies, TOWN_UNIT, VILLAGE_PARTY)
        for tier in (1, 2)
    }
    assert of_clues.isdisjoint(of_items)
    assert (COMMISSION, TOWN_PARTY, TOWN_PARTY) in of_clues


@pytest.mark.parametrize(
    "data",
    [
        {"managed_by": "township"},
        {"managed_by": "county"},
        {"managed_by": "village", "identity": ["township_leader"]},
    ],
)
def test_a_body_that_a_person_concerned_belongs_to_or_is_managed_by_is_left_out(data: dict[str, Any]) -> None:
    clue = case("clue", data, holder_id=TOWN_PARTY)
    (told,) = wishes("propose_handler_interview", change(clue, "propose_interview"))
    assert isinstance(told, Notify) and told.to == ("handler@supervisor",)


def test_the_neighbours_committee_is_not_concerned() -> None:
    clue = case("clue", {"managed_by": "township"}, holder_id=STREET_PARTY)
    fired = change(clue, "propose_interview")
    assert ends("propose_handler_interview", fired) == (COMMISSION, STREET_PARTY, STREET_PARTY)


def test_a_body_that_the_clue_is_about_is_left_out() -> None:
    clue = case("clue", holder_id=TOWN_DISCIPLINE, subject_id=TOWN_DISCIPLINE)
    assert ends("propose_handler_interview", change(clue, "propose_interview")) is None


# ---- an interview's own transitions ---------------------------------------------------------------------------------


def test_the_dates_fixed_in_the_talk_run_on_the_open_items() -> None:
    recorded = change(
        case("interview", state="held"),
        "record",
        {"new_dates": {"1": date(2026, 8, 20), "2": date(2026, 8, 28), "9": date(2026, 8, 1)}},
        agenda=(on_agenda(1), on_agenda(2, is_closed=True)),
    )
    assert wishes("fix_new_dates", recorded) == [FixDates({1: date(2026, 8, 20)})]
    assert wishes("fix_new_dates", change(case("interview"), "record")) == []


def test_with_the_order_the_agenda_takes_along_what_is_late_by_then() -> None:
    ordered = change(case("interview", state="ordered"), "order")
    assert wishes("link_agenda", ordered) == [LinkAgenda()]


def test_a_waived_talk_lets_its_items_go_on() -> None:
    waived = change(case("interview", state="waived"), "waive", agenda=(on_agenda(1),))
    assert wishes("close_agenda", waived) == [ReleaseAgenda("waive")]


def test_a_held_talk_keeps_its_agenda_where_every_item_has_its_date_or_is_closed() -> None:
    dated = (on_agenda(1, new_due_on=date(2026, 8, 20)), on_agenda(2, is_closed=True))
    held = case("interview", state="closed")
    assert wishes("close_agenda", change(held, "accept", agenda=dated)) == []
    assert wishes("close_agenda", change(held, "accept", agenda=(*dated, on_agenda(3)))) == [ReleaseAgenda("accept")]
