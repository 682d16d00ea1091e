"""What a clock that is due makes the office do, as wishes: the main case and the empty one of each rung."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from handlers.registry import RUNGS
from tests.handlers.effects.acts import (
    BARE_TREE,
    DEPARTMENT,
    GROUP,
    OFFICE,
    TODAY,
    TOWN_DISCIPLINE,
    TOWN_PARTY,
    VILLAGE_PARTY,
    case,
    due,
)
from workflow.types import (
    ClimbItems,
    DueRung,
    IssueLetter,
    JoinInterview,
    Notify,
    OpenCase,
    SetColour,
    SetField,
    Wish,
)


def wishes(name: str, of: DueRung, **params: Any) -> list[Wish]:
    return list(RUNGS[name](of, **params))


def item(**said: Any) -> DueRung:
    return due(case(), "rectify", VILLAGE_PARTY, **said)


def clue(holder_id: int = TOWN_DISCIPLINE, data: dict[str, Any] | None = None, **said: Any) -> DueRung:
    return due(case("clue", data, holder_id=holder_id), "feedback", holder_id, **said)


@pytest.mark.parametrize(("name", "message"), [("remind", "first_reminder"), ("warn", "second_warning")])
def test_a_reminder_says_how_many_days_are_left(name: str, message: str) -> None:
    soon = item(to=("handler@holder",), due_on=date(2026, 7, 30))
    told = {"number": "整改〔2026〕17号", "due_on": date(2026, 7, 30), "days": 20}
    assert wishes(name, soon) == [Notify(("handler@holder",), message, told)]


def test_red_says_how_many_working_days_late_and_brings_its_letter() -> None:
    red = wishes("turn_red", item(colour="red", workdays_late=1), message="overdue", letter="reminder_sheet")
    told = {"number": "整改〔2026〕17号", "due_on": date(2026, 6, 26), "workdays": 1, "answer_by": ""}
    assert red == [IssueLetter("reminder_sheet"), Notify(("head@supervisor",), "overdue", told)]


def test_red_colours_the_case_where_the_rung_names_no_colour() -> None:
    assert wishes("turn_red", item())[0] == SetColour("red")


def test_unsigned_counts_the_working_days_since_the_hand_over() -> None:
    late = due(case("clue", {"fast_lane": False}), "sign_for", TOWN_DISCIPLINE, workdays_late=3)
    (told,) = wishes("notify_posts", late, message="unsigned")
    assert isinstance(told, Notify) and told.params["workdays"] == 8


def test_a_rung_that_names_no_post_tells_nobody() -> None:
    assert wishes("remind", item(to=())) == []
    assert wishes("report_up", item(to=())) == []


def test_leaders_hear_of_it_and_the_level_of_supervision_rises() -> None:
    to = ("head@county:leading_group",)
    assert [wish.to for wish in wishes("report_up", clue(to=to)) if isinstance(wish, Notify)] == [to]
    assert wishes("raise_level", clue(), level="listed")[0] == SetField("supervision_level", "listed")
    assert not any(isinstance(wish, SetField) for wish in wishes("raise_level", due(case("interview"), "hold", TOWN_PARTY)))


def test_a_circular_is_only_drafted() -> None:
    drafted = wishes("draft_circular", item(), letter="accountability_proposal")
    assert drafted[0] == IssueLetter("accountability_proposal", {"draft": True})
    assert isinstance(drafted[1], Notify) and drafted[1].message == "proposal_waiting"


def test_an_order_goes_to_the_organ_that_is_late() -> None:
    opened, letter, told = wishes("issue_order", item(), answer_within="five")
    assert opened == OpenCase(
        "supervision_order",
        "关于督促办理整改〔2026〕17号事项的通知",
        VILLAGE_PARTY,
        VILLAGE_PARTY,
        OFFICE,
        {"origin": "ladder", "answer_within": "five"},
        100,
    )
    assert letter == IssueLetter("supervision_order")
    assert isinstance(told, Notify)


def test_an_order_about_a_clue_names_neither_the_village_nor_the_matter() -> None:
    opened, *_ = wishes("issue_order", clue())
    assert isinstance(opened, OpenCase)
    assert (opened.subject_id, opened.holder_id) == (TOWN_DISCIPLINE, TOWN_DISCIPLINE)
    assert opened.title == "关于督促办理有关事项的通知"


def test_a_late_item_proposes_a_talk_and_the_head_is_told_to_decide() -> None:
    proposed, told = wishes("propose_interview", item(), tier=1)
    assert proposed == JoinInterview(
        "interview",
        TOWN_PARTY,
        VILLAGE_PARTY,
        VILLAGE_PARTY,
        1,
        "关于东沟村党支部整改工作的约谈",
        {"tier": "first", "reason": "overdue"},
    )
    assert isinstance(told, Notify) and told.message == "proposal_waiting"
    assert told.params["due_on"] == "", "the day of the late item is none by which to decide"


def test_a_decision_that_has_a_clock_of_its_own_is_due_by_that_clock() -> None:
    late = due(case("interview"), "order", OFFICE, do="turn_red")
    *_, told = wishes("turn_red", late, message="proposal_waiting")
    assert isinstance(told, Notify) and told.params["due_on"] == late.clock.due_on


def test_a_clock_of_progress_proposes_a_talk_about_progress() -> None:
    proposed, *_ = wishes("propose_interview", due(case(), "progress", VILLAGE_PARTY), tier=1)
    assert isinstance(proposed, JoinInterview) and proposed.data["reason"] == "no_progress"


def test_a_rule_about_send_backs_proposes_a_talk_because_the_work_was_not_adequate() -> None:
    proposed, *_ = wishes("propose_interview", item(workdays_late=0, key="not_adequate"), tier=1, per="case")
    assert isinstance(proposed, JoinInterview) and proposed.data["reason"] == "not_adequate"


def test_a_rule_says_which_organ_has_reached_its_threshold() -> None:
    (told,) = wishes("notify_posts", item(key="village_overdue", count=4), message="organisation_rule")
    assert isinstance(told, Notify)
    assert told.params == {"organ": "东沟村党支部", "rule": "拟约谈", "count": 4, "threshold": 3}


def test_without_an_interviewer_the_item_goes_on_the_sponsors_desk() -> None:
    (told,) = wishes("propose_interview", item(tree=BARE_TREE), tier=2)
    assert isinstance(told, Notify) and told.to == ("handler@supervisor",)


def test_a_late_clue_brings_the_handling_body_to_talk_by_number_only() -> None:
    found = wishes("propose_handler_interview", clue(data={"managed_by": "village"}), tier=1)
    assert found[0] == JoinInterview(
        "interview",
        GROUP,
        TOWN_DISCIPLINE,
        TOWN_DISCIPLINE,
        1,
        "关于柳河镇纪委办理工作的约谈",
        {"tier": "handler", "reason": "clue_overdue"},
    )
    assert "东沟" not in repr(found) and "秘密内容" not in repr(found)


@pytest.mark.parametrize(("county_organ", "post"), [("report_up", "head@county:leading_group"), ("desk", "handler@supervisor")])
def test_a_late_county_organ_is_reported_up_and_not_interviewed(county_organ: str, post: str) -> None:
    (told,) = wishes("propose_handler_interview", clue(DEPARTMENT), county_organ=county_organ)
    assert isinstance(told, Notify) and told.to == (post,)


def test_a_concerned_body_is_left_out_and_the_desk_decides() -> None:
    (told,) = wishes("propose_handler_interview", clue(TOWN_PARTY, {"managed_by": "township"}))
    assert isinstance(told, Notify) and told.to == ("handler@supervisor",)


def test_a_talk_not_held_lets_its_items_climb_from_its_own_limit() -> None:
    ends: dict[str, Any] = {"interviewer_id": TOWN_PARTY, "interviewee_id": VILLAGE_PARTY}
    late = due(case("interview", **ends), "hold", TOWN_PARTY, due_on=date(2026, 7, 3))
    climbed, told = wishes("climb_items", late, tier=2)
    assert climbed == ClimbItems(date(2026, 7, 3))
    assert isinstance(told, Notify)
    assert told.params == {"subject": "东沟村党支部", "due_on": date(2026, 7, 3), "organ": "柳河镇党委"}
    undated = due(case("interview", **ends), "hold", TOWN_PARTY, due_on=None, to=())
    assert wishes("climb_items", undated) == [ClimbItems(TODAY)]


def test_no_message_of_a_clue_names_its_village_or_its_matter() -> None:
    late = clue(data={"managed_by": "village", "summary": "张三套取"})
    for name in sorted(RUNGS):
        for wish in wishes(name, late):
            if isinstance(wish, Notify):
                assert "东沟" not in repr(wish) and "秘密内容" not in repr(wish) and "张三" not in repr(wish)
