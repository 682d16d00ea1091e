"""What is to be done next: where an approval is missing it is asking for it; what is not to be done now stands aside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from states.errors import InvalidForm
from tests.factories import MONDAY, at
from tests.workflow.looking import case_row, clock_row
from tests.workflow.reads.scenes import Scene
from workflow.cases import BY_ID
from workflow.consent import terms_of
from workflow.occasion import Occasion
from workflow.reads.buttons import Button
from workflow.reads.case_page import CasePage, case_page
from workflow.reads.inbox import inbox
from workflow.reads.next_step import Look, NextStep, next_step
from workflow.reads.rows import plain_looks
from workflow.reads.sight import sights_of
from workflow.store import Store


def page_of(scene: Scene, login: str, case_id: int) -> CasePage:
    return scene.look(login, case_page, case_id)


def step_of(scene: Scene, login: str, case_id: int) -> NextStep:
    step = page_of(scene, login, case_id).row.next
    assert step is not None
    return step


def button(scene: Scene, login: str, case_id: int, trigger: str) -> Button:
    return next(one for one in page_of(scene, login, case_id).buttons if one.trigger == trigger)


def told(scene: Scene, to: str = "donggou_branch") -> dict[str, Any]:
    return {"recipient": scene.county.organs[to], "hand_over_mode": "assign"}


def ask(scene: Scene, case_id: int, by: str = "song") -> None:
    scene.county.fire(case_id, "ask_approval", by, scene.now, consent_for="transfer", opinion="拟交东沟村", **told(scene))


# ---- an approval that is missing ------------------------------------------------------------------------------------------


def test_while_an_approval_is_missing_asking_for_it_is_the_next_step(scene: Scene) -> None:
    case_id, county = scene.ids["received"], scene.county
    step = step_of(scene, "lin", case_id)
    assert (step.trigger, step.asks_for, step.is_mine) == ("ask_approval", "transfer", True)
    found = scene.look("lin", inbox)
    rows = (*found.to_do, *found.soon)
    assert {row.id: row.next for row in rows}[case_id] == step, "the row says the same"
    ask(scene, case_id)
    waiting = page_of(scene, "lin", case_id)
    assert (waiting.row.next, waiting.row.waits and waiting.row.waits.zh_hans) == (None, "交办")
    county.fire(case_id, "disagree", "zhao", scene.now, disagree_reason="先补齐名单")
    assert step_of(scene, "lin", case_id) == step, "refused, it is asked for anew"
    ask(scene, case_id)
    county.fire(case_id, "agree", "zhao", scene.now)
    assert (step_of(scene, "lin", case_id).trigger, step_of(scene, "lin", case_id).asks_for) == ("transfer", "")


def test_who_approves_himself_and_what_needs_no_approval_goes_straight_on(scene: Scene) -> None:
    assert step_of(scene, "zhao", scene.ids["received"]).trigger == "transfer"
    waived = scene.county.open_item(at(MONDAY), feedback_on=MONDAY.isoformat())
    assert step_of(scene, "lin", waived).trigger == "transfer"


def a_talk(scene: Scene, to: str = "donggou_branch") -> int:
    county = scene.county
    return county.engine.open(
        "interview",
        actor=county.actor("lin"),
        now=scene.now,
        title="关于整改工作的约谈",
        subject_id=county.organs[to],
        data={"tier": "first", "reason": "overdue"},
    ).case_id


def test_the_desk_asks_its_leader_to_order_a_talk_before_it_does(scene: Scene) -> None:
    county, talk = scene.county, a_talk(scene)
    step = step_of(scene, "lin", talk)
    assert (step.trigger, step.asks_for) == ("ask_approval", "order")
    ordering = button(scene, "lin", talk, "order")
    assert (ordering.lacks_approval, ordering.asked_by) == (True, "ask_approval")
    assert step_of(scene, "zhao", talk).trigger == "order", "who may sign orders it himself"
    county.fire(talk, "ask_approval", "lin", scene.now, consent_for="order", opinion="拟责成柳河镇党委约谈")
    assert step_of(scene, "zhao", talk).trigger == "agree"
    county.fire(talk, "agree", "zhao", scene.now)
    assert (step_of(scene, "lin", talk).trigger, step_of(scene, "lin", talk).asks_for) == ("order", "")


def test_a_step_whose_approval_cannot_be_asked_for_here_is_itself_the_next(scene: Scene) -> None:
    look = look_at(scene, "lin", a_talk(scene))
    step = next_step(replace(look, definition=replace(look.definition, consent=None)))
    assert step is not None and (step.trigger, step.asks_for) == ("order", "")


def look_at(scene: Scene, login: str, case_id: int) -> Look:
    def read(store: Store, occasion: Occasion) -> Look:
        row = store.row(BY_ID, id=case_id)
        assert row is not None
        sights = sights_of(store, scene.actor(login), occasion.catalogue, [row])
        return plain_looks(occasion, scene.actor(login), [row], sights, {})[case_id]

    return scene.read(read)


def test_a_button_says_that_it_lacks_an_approval_and_how_one_is_asked_for(scene: Scene) -> None:
    case_id = scene.ids["received"]
    handing = button(scene, "lin", case_id, "transfer")
    assert (handing.allowed, handing.lacks_approval, handing.asked_by) == (True, True, "ask_approval")
    assert [one.name for one in handing.approvers] == ["赵国华"]
    assert not button(scene, "zhao", case_id, "transfer").lacks_approval
    ask(scene, case_id)
    assert button(scene, "lin", case_id, "transfer").asked_by == "", "it is asked for already"
    scene.county.fire(case_id, "agree", "zhao", scene.now)
    assert not button(scene, "lin", case_id, "transfer").lacks_approval


def test_whoever_would_pass_an_item_on_asks_its_sponsor(scene: Scene) -> None:
    passing = button(scene, "zhou", scene.ids["doing"], "redirect")
    assert (passing.lacks_approval, passing.asked_by) == (True, "ask_approval")
    assert step_of(scene, "zhou", scene.ids["doing"]).trigger != "redirect"


# ---- what lies with another body -------------------------------------------------------------------------------------------


def test_the_office_prods_the_township_that_is_to_hold_a_talk_and_does_its_work_only_from_under_the_others(
    scene: Scene,
) -> None:
    county, talk = scene.county, a_talk(scene)
    county.fire(talk, "order", "zhao", scene.now)
    assert step_of(scene, "chen", talk).trigger == "notify"
    for login in ("zhao", "song"):
        page = page_of(scene, login, talk)
        assert page.row.next is not None
        assert (page.row.next.trigger, page.row.next.is_mine, page.aside) == ("remind", False, {"notify"})
        assert button(scene, login, talk, "notify").allowed


def test_the_office_is_the_staff_of_the_leading_group_and_writes_its_notices(scene: Scene) -> None:
    county = scene.county
    talk = a_talk(scene, "liuhe_party")
    county.fire(talk, "order", "zhao", scene.now)
    for login in ("gao", "zhao", "song"):
        assert (step_of(scene, login, talk).trigger, page_of(scene, login, talk).aside) == ("notify", frozenset())


# ---- what an approval is bound to -----------------------------------------------------------------------------------------


def test_an_approval_for_another_unit_is_refused_at_the_unit(scene: Scene) -> None:
    case_id, county = scene.ids["received"], scene.county
    ask(scene, case_id)
    county.fire(case_id, "agree", "zhao", scene.now)
    with pytest.raises(InvalidForm) as refused:
        county.fire(case_id, "transfer", "song", scene.now, **told(scene, "xitou_branch"))
    assert refused.value.params["fields"] == {"recipient": ["not_as_approved"]}
    assert county.fire(case_id, "transfer", "song", scene.now, **told(scene)).case_id == case_id


def test_whoever_may_approve_is_bound_to_nothing(scene: Scene) -> None:
    case_id, county = scene.ids["received"], scene.county
    ask(scene, case_id)
    county.fire(case_id, "agree", "zhao", scene.now)
    assert county.fire(case_id, "transfer", "zhao", scene.now, **told(scene, "xitou_branch")).case_id == case_id


def test_the_request_says_which_steps_need_an_answer_that_its_form_leaves_free(scene: Scene) -> None:
    definition = page_of(scene, "lin", scene.ids["received"]).definition
    asking = definition.transition_by_edge[("received", "ask_approval")]
    found = {key: [one.zh_hans for one in titles] for key, titles in terms_of(definition, "received", asking).items()}
    assert found == {"hand_over_mode": ["交办"], "recipient": ["交办", "指定承办"]}
    again = definition.transition_by_edge[("supervised", "ask_approval")]
    assert terms_of(definition, "supervised", again) == {}, "its form asks for the unit itself"
    assert terms_of(definition, "received", definition.transition_by_edge[("received", "transfer")]) == {}


# ---- what stands aside ----------------------------------------------------------------------------------------------------


def test_withdrawing_a_request_is_not_offered_to_whoever_answers_it(scene: Scene) -> None:
    case_id = scene.ids["received"]
    ask(scene, case_id)
    assert "withdraw_ask" in page_of(scene, "zhao", case_id).aside
    assert button(scene, "zhao", case_id, "withdraw_ask").allowed, "it stays open to him"
    assert "withdraw_ask" not in page_of(scene, "song", case_id).aside


def test_an_opinion_on_a_later_date_is_given_once(scene: Scene) -> None:
    case_id, county = scene.ids["doing"], scene.county
    due = clock_row(county, case_id, "rectify")["due_on"]
    county.engine.ask_extension(
        case_id,
        clock="rectify",
        wanted_on=(due + timedelta(5)).isoformat(),
        reason="还差两户",
        data={"extension_cause": "funds", "extension_progress": "已退还八户"},
        actor=county.actor("zhou"),
        now=scene.now,
    )
    assert "advise_extension" not in page_of(scene, "chen", case_id).aside
    county.fire(case_id, "advise_extension", "chen", scene.now, extension_opinion="agreed")
    page = page_of(scene, "chen", case_id)
    assert "advise_extension" in page.aside
    assert page.later[0].opinion is not None


def test_a_check_that_was_made_stands_aside_until_the_work_comes_anew(scene: Scene) -> None:
    county = scene.county
    case_id = scene.ids["reported"]
    assert "verify" not in page_of(scene, "xu", case_id).aside
    county.fire(case_id, "verify", "chen", scene.now, township_opinion="agreed", verify_note="属实")
    assert "verify" in page_of(scene, "xu", case_id).aside
    county.engine.undo(case_id, actor=county.actor("chen"), now=scene.now)
    assert "verify" not in page_of(scene, "xu", case_id).aside, "what was taken back was not done"


# ---- what went back -------------------------------------------------------------------------------------------------------


def test_what_is_passed_on_has_gone_back_to_nobody(scene: Scene) -> None:
    county, case_id = scene.county, scene.ids["doing"]
    unit = county.organs["xitou_branch"]
    county.fire(case_id, "redirect", "zhao", scene.now, recipient=unit, redirect_reason="应由西头村办")
    assert case_row(county, case_id)["holder_id"] == unit
    assert scene.look("feng", inbox).returned == ()
    assert case_id not in {one.row.id for one in scene.look("zhou", inbox).returned}
    back = scene.ids["reported"]
    county.fire(back, "send_back", "song", scene.now, send_back_reason="not_done", send_back_note="重新公示")
    assert [(one.row.id, one.is_ours) for one in scene.look("feng", inbox).returned] == [(back, False)]
