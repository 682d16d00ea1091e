"""Who hears of a step: the desk that works, the head who answers for it, whoever asked, and nobody else."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.factories import WHY_LATER, County, at
from tests.workflow.looking import clock_row, rows_of
from workflow.models import Grant, Outbox
from workflow.occasions import moved
from workflow.store import Store

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)


@pytest.fixture
def case_id(county: County) -> int:
    """An item that 东沟村 has signed for."""
    return county.supervised_item(NOON)


def told(county: County, case_id: int, message: str) -> set[str]:
    """The logins of those who were told so of the case."""
    logins = {person_id: login for login, person_id in county.people.items()}
    return {logins[row["person_id"]] for row in rows_of(county, Outbox, case_id=case_id, message=message)}


def said(county: County, case_id: int, message: str) -> dict[str, Any]:
    """The values of that message, which are the same for everybody."""
    (params,) = {row["params"] for row in rows_of(county, Outbox, case_id=case_id, message=message)}
    return dict(json.loads(params))


def ask(county: County, case_id: int, login: str, now: datetime = NOON, *, to: str = "bureau") -> None:
    terms = {"consent_for": "redirect", "recipient": county.organs[to], "opinion": "应由该单位办"}
    county.fire(case_id, "ask_approval", login, now, **terms)


# ---- a body of a head and a clerk ----------------------------------------------------------------------------------------


def test_a_hand_over_is_told_to_the_desk_and_to_the_head_who_may_sign_for_it(county: County) -> None:
    case_id = county.open_item(NOON, feedback_on=DAY.isoformat())
    county.hand_over(case_id, NOON)
    assert told(county, case_id, "to_sign") == {"zhou", "sun"}


def test_a_redirected_item_is_told_to_the_desk_and_the_head_of_the_next_unit(county: County, case_id: int) -> None:
    ask(county, case_id, "zhou", to="liuhe_discipline")
    county.fire(case_id, "agree", "zhao", NOON)
    next_unit = {"recipient": county.organs["liuhe_discipline"], "redirect_reason": "职责在镇纪委"}
    county.fire(case_id, "redirect", "zhou", NOON, **next_unit)
    assert told(county, case_id, "to_sign") == {"zhou", "sun", "he", "luo"}


def test_a_reminder_by_hand_reaches_the_head(county: County, case_id: int) -> None:
    county.fire(case_id, "remind", "lin", NOON, remind_by="telephone")
    assert told(county, case_id, "reminded") == {"zhou", "sun"}


def test_an_order_that_is_issued_by_hand_is_told_to_whom_it_is_for(county: County, case_id: int) -> None:
    county.fire(case_id, "supervise", "zhao", NOON, order_title="关于公开栏", requirement="限期更新")
    assert told(county, case_id, "order_issued") == {"zhou", "sun"}
    assert "限期更新" not in json.dumps(said(county, case_id, "order_issued"), ensure_ascii=False)


def test_a_plan_waits_for_the_head_of_the_township_who_may_approve_it(county: County, case_id: int) -> None:
    branch = county.organs["donggou_branch"]
    line = {"text": "更新公开栏", "unit": branch, "person": "周明远", "due_words": "长期坚持", "label": "long_term"}
    plan = {"cause": "无人管理", "first_responsible_post": "书记", "first_responsible": "周明远", "measures": [line]}
    county.fire(case_id, "submit_plan", "sun", NOON, **plan)
    assert told(county, case_id, "plan_waiting") == {"xu", "chen", "lin", "song"}
    county.fire(case_id, "approve_plan", "chen", NOON)
    assert told(county, case_id, "plan_approved") == {"zhou", "sun"}


def test_the_head_hears_that_his_item_went_red_and_of_the_order(county: County, case_id: int) -> None:
    county.engine.tick(at(date(2026, 6, 30), 12))
    assert told(county, case_id, "overdue") == {"zhou", "sun"}


# ---- a request for approval -----------------------------------------------------------------------------------------------


def test_whoever_is_asked_for_approval_hears_who_asks_and_for_which_step(county: County, case_id: int) -> None:
    ask(county, case_id, "zhou")
    assert told(county, case_id, "approval_asked") == {"zhao"}
    asked = said(county, case_id, "approval_asked")
    assert (asked["name"], asked["step"]) == ("周明远", {"zh-Hans": "改办", "zh-Hant": "改辦", "en": "Redirect"})
    assert told(county, case_id, "proposal_waiting") == set()


@pytest.mark.parametrize(("answer", "message"), [("agree", "approval_given"), ("disagree", "approval_refused")])
@pytest.mark.parametrize("asker", ["zhou", "fang"])
def test_an_approval_given_or_refused_is_told_to_whoever_asked(
    county: County, case_id: int, asker: str, answer: str, message: str
) -> None:
    ask(county, case_id, asker)
    county.fire(case_id, answer, "zhao", NOON, **({"disagree_reason": "先协商"} if answer == "disagree" else {}))
    heard = told(county, case_id, message)
    assert asker in heard and not {"zhou", "fang"} - {asker} & heard
    assert heard - {asker} == {"sun", "lin", "song"}


def test_an_approval_that_is_taken_back_is_told_to_whoever_asked(county: County, case_id: int) -> None:
    ask(county, case_id, "zhou")
    county.fire(case_id, "agree", "zhao", NOON)
    county.fire(case_id, "take_agreement_back", "zhao", NOON, take_back_reason="情况有变")
    assert "zhou" in told(county, case_id, "approval_taken_back")


def test_the_answer_is_for_whoever_asked_last_and_not_for_a_request_that_was_undone(county: County, case_id: int) -> None:
    ask(county, case_id, "zhou")
    county.engine.undo(case_id, actor=county.actor("zhou"), now=NOON + timedelta(minutes=1))
    ask(county, case_id, "fang", NOON + timedelta(minutes=2))
    county.fire(case_id, "agree", "zhao", NOON + timedelta(minutes=3))
    assert told(county, case_id, "approval_given") == {"fang", "sun", "lin", "song"}


def test_whoever_asked_and_has_left_the_body_since_hears_nothing_more(county: County, case_id: int) -> None:
    ask(county, case_id, "zhou")

    def leave(store: Store) -> None:
        away = {"organ_id": county.organs["xitou_branch"]}
        store.update(Grant, away, person_id=county.people["zhou"])
        moved(store, "people")

    county.database.write(leave)
    county.fire(case_id, "agree", "zhao", NOON)
    assert "zhou" not in told(county, case_id, "approval_given")


# ---- a later date ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("granted", "message"), [(True, "extension_granted"), (False, "extension_refused")])
@pytest.mark.parametrize("asker", ["zhou", "sun"])
def test_the_word_on_a_later_date_is_told_to_whoever_asked_the_desk_and_the_head(
    county: County, case_id: int, asker: str, granted: bool, message: str
) -> None:
    clock = {"clock": "rectify", "actor": county.actor(asker), "now": NOON}
    wanted = date.fromisoformat(str(clock_row(county, case_id, "rectify")["due_on"])) + timedelta(5)
    county.engine.ask_extension(case_id, wanted_on=wanted, reason="雨季", data=WHY_LATER, **clock)
    county.fire(case_id, "advise_extension", "chen", NOON, extension_opinion="agreed")
    decided = {"clock": "rectify", "actor": county.actor("zhao"), "now": NOON, "granted": granted, "reason": "等雨停"}
    county.engine.decide_extension(case_id, **decided)
    assert told(county, case_id, message) == {"zhou", "sun"}
    assert "等雨停" not in json.dumps(said(county, case_id, message), ensure_ascii=False)
