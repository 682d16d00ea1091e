"""Who hears of a step: the desk that works, the head who answers for it, whoever asked, and nobody else."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from states.errors import TransitionRefused
from tests.factories import WHY_LATER, County, at, local_day_text
from tests.shipped.walking import Walk
from tests.workflow.looking import case_row, clock_row, rows_of
from workflow.models import Grant, Outbox
from workflow.occasions import moved
from workflow.reads.case_page import case_page
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


def leave(county: County, *logins: str) -> None:
    """They have their posts in another village from now on."""

    def work(store: Store) -> None:
        for login in logins:
            store.update(Grant, {"organ_id": county.organs["xitou_branch"]}, person_id=county.people[login])
        moved(store, "people")

    county.database.write(work)


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
    assert told(county, case_id, "redirected") == {"sun"}, "of whom it was taken from, but for whoever did it"


def test_a_unit_whose_item_the_office_gives_to_another_hears_that_it_is_gone_and_not_to_whom(
    county: County, case_id: int
) -> None:
    next_unit = {"recipient": county.organs["liuhe_discipline"], "redirect_reason": "职责在镇纪委"}
    county.fire(case_id, "redirect", "zhao", NOON, **next_unit)
    assert told(county, case_id, "redirected") == {"zhou", "sun"}
    assert "organ" not in said(county, case_id, "redirected")


def test_where_the_old_unit_has_nobody_nobody_else_reads_that_the_item_is_no_longer_his(county: County, case_id: int) -> None:
    leave(county, "zhou", "sun")
    ask(county, case_id, "lin", to="liuhe_discipline")
    county.fire(case_id, "agree", "zhao", NOON)
    next_unit = {"recipient": county.organs["liuhe_discipline"], "redirect_reason": "职责在镇纪委"}
    county.fire(case_id, "redirect", "lin", NOON, **next_unit)
    assert told(county, case_id, "redirected") == set()
    assert told(county, case_id, "to_sign") >= {"he", "luo"}


def test_nor_of_a_clue_that_is_given_to_another_body(county: County) -> None:
    known = {"class": "priority", "managed_by": "village", "identity": ["village_cadre"]}
    walk = Walk.open(county, "clue", DAY, summary="虚报补贴人数", **known)
    walk.press("transfer", "zhao", DAY, recipient="liuhe_discipline")
    walk.press("sign_for", "luo", DAY)
    leave(county, "he", "luo")
    walk.press("ask_approval", "lin", DAY, consent_for="redirect", recipient="commission")
    walk.press("agree", "zhao", DAY)
    walk.press("redirect", "lin", DAY, recipient="commission")
    assert told(county, walk.id, "redirected") == set()
    assert told(county, walk.id, "to_sign")


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
    county.fire(case_id, "return_plan", "chen", NOON, plan_fault="措施没有写到人")
    assert told(county, case_id, "plan_returned") == {"zhou", "sun"}
    assert "没有写到人" not in json.dumps(said(county, case_id, "plan_returned"), ensure_ascii=False)
    county.fire(case_id, "submit_plan", "sun", NOON, **plan)
    county.fire(case_id, "approve_plan", "chen", NOON, plan_approved_on=local_day_text(NOON))
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
    leave(county, "zhou")
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
    assert told(county, case_id, message) == {"zhou", "sun", "xu", "chen"}
    assert "等雨停" not in json.dumps(said(county, case_id, message), ensure_ascii=False)


def test_a_later_date_asked_for_is_told_once_to_the_head_and_the_word_on_it_to_the_township_that_advised(
    county: County, case_id: int
) -> None:
    clock = {"clock": "rectify", "actor": county.actor("zhou"), "now": NOON}
    wanted = date.fromisoformat(str(clock_row(county, case_id, "rectify")["due_on"])) + timedelta(5)
    county.engine.ask_extension(case_id, wanted_on=wanted, reason="雨季", data=WHY_LATER, **clock)
    county.fire(case_id, "advise_extension", "chen", NOON, extension_opinion="agreed")
    asked = [row["person_id"] for row in rows_of(county, Outbox, case_id=case_id, message="extension_asked")]
    assert asked.count(county.people["zhao"]) == 1
    granted = {"clock": "rectify", "granted": True, "reason": "等雨停"}
    county.engine.decide_extension(case_id, actor=county.actor("zhao"), now=NOON, **granted)
    assert {"xu", "chen"} <= told(county, case_id, "extension_granted")


# ---- what is reported as done ---------------------------------------------------------------------------------------------


def report(county: County, **facts: str) -> int:
    """An item that its village has reported as done; it waits for the township's check, unless the facts say otherwise."""
    at_once = {"immediate": "rectify_now", "period": "default_immediate"}
    case_id = county.supervised_item(NOON, **at_once, **facts)
    photo = county.keep_file("公示照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=NOON, file_id=photo, label="site_photo")
    county.fire(case_id, "report_rectified", "zhou", NOON, result="已更新", progress_label="done")
    return case_id


def said_to(county: County, case_id: int, message: str, login: str) -> str:
    """The day that the message names to this person."""
    rows = rows_of(county, Outbox, case_id=case_id, message=message, person_id=county.people[login])
    (day,) = {json.loads(row["params"])["due_on"] for row in rows}
    return str(day)


def test_what_is_reported_is_told_to_the_township_and_to_the_office_each_with_its_own_day(county: County) -> None:
    case_id = report(county)
    assert told(county, case_id, "check_due") == {"xu", "chen", "lin", "song"}
    for login, clock in (("xu", "township_check"), ("chen", "township_check"), ("lin", "county_check")):
        assert said_to(county, case_id, "check_due", login) == str(clock_row(county, case_id, clock)["due_on"])
    assert clock_row(county, case_id, "township_check")["due_on"] != clock_row(county, case_id, "county_check")["due_on"]


def test_what_the_county_checks_itself_is_not_told_to_the_township(county: County) -> None:
    assert told(county, report(county, first_check="county"), "check_due") == {"lin", "song"}


def test_a_reminder_of_what_waits_for_the_township_reaches_the_township(county: County) -> None:
    case_id = report(county)
    county.fire(case_id, "remind", "lin", NOON, remind_by="telephone")
    assert told(county, case_id, "reminded") == {"xu", "chen"}


def test_nobody_is_reminded_of_what_the_county_checks_itself(county: County) -> None:
    for case_id in (report(county, first_check="county"), report(county)):
        if case_row(county, case_id)["due_clock"] == "township_check":
            county.fire(case_id, "verify", "chen", NOON, township_opinion="agreed", verify_note="属实")
        with pytest.raises(TransitionRefused):
            county.fire(case_id, "remind", "song", NOON, remind_by="telephone")
        assert told(county, case_id, "reminded") == set()


def test_no_row_offers_to_remind_where_nobody_is_reminded(county: County) -> None:
    case_id = report(county, first_check="county")
    lin = county.actor("lin", DAY)
    page = county.engine.read(NOON, lambda store, occasion: case_page(store, occasion, lin, case_id))
    assert page.row.next is None


def test_the_close_is_told_to_the_desk_that_registered_it_and_the_township_but_not_to_whoever_closes(county: County) -> None:
    case_id = report(county)
    county.fire(case_id, "verify", "chen", NOON, township_opinion="agreed", verify_note="属实")
    county.fire(case_id, "close", "song", NOON, ground="completed")
    assert told(county, case_id, "closed") == {"zhou", "sun", "xu", "lin"}


def test_the_close_is_told_to_the_unit_that_did_the_work_for_the_village(county: County) -> None:
    at_once = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    case_id = county.open_item(NOON, **at_once)
    county.hand_over(case_id, NOON, to="bureau", by="zhao")
    county.fire(case_id, "sign_for", "ma", NOON, pieces=1)
    photo = county.keep_file("公示照片", "ma")
    county.engine.add_evidence(case_id, actor=county.actor("ma"), now=NOON, file_id=photo, label="site_photo")
    county.fire(case_id, "report_rectified", "ma", NOON, result="已更新", progress_label="done")
    county.fire(case_id, "close", "song", NOON, ground="completed")
    assert told(county, case_id, "closed") == {"ma", "zhou", "sun", "xu", "lin"}
