"""Two people: whose name may stand on paper as approver, and what merging asks of whoever merges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from states.errors import InvalidForm, NotPermitted, TransitionRefused
from tests.factories import County, at
from tests.workflow.looking import case_row, rows_of
from workflow.models import Content, Event, Evidence

DAY = date(2026, 3, 26)
NOON = at(DAY, 12)
Ask = Callable[[County, int, str, str], Any]


def pause(county: County, case_id: int, login: str, approver: str) -> Any:
    told = {"actor": county.actor(login), "now": NOON, "reason": "汛期", "approver": approver}
    return county.engine.pause(case_id, max_days=5, **told)


def void(county: County, case_id: int, login: str, approver: str) -> Any:
    told = {"actor": county.actor(login), "now": NOON, "reason": "登记有误", "approver": approver}
    return county.engine.void(case_id, **told)


def transfer(county: County, case_id: int, login: str, approver: str) -> Any:
    paper = {"approver": approver, "on": DAY.isoformat(), "scan": county.keep_file("审批单", login)}
    recipient = county.organs["donggou_branch"]
    return county.fire(case_id, "transfer", login, NOON, recipient=recipient, hand_over_mode="assign", approval=paper)


def refusal_of(call: Callable[[], Any]) -> Any:
    with pytest.raises((InvalidForm, NotPermitted)) as refused:
        call()
    return refused.value.params.get("fields") or refused.value.params["why"]


# A stranger, somebody without the role, the head of another office, a handler of the leading group's side.
@pytest.mark.parametrize("name", ["没有这个人", "林静", "严明", "song"])
@pytest.mark.parametrize(
    ("ask", "login", "field"), [(pause, "zhao", "approver"), (void, "zhao", "approver"), (transfer, "lin", "approval/approver")]
)
def test_only_somebody_in_post_whom_the_rule_allows_may_be_named(
    county: County, ask: Ask, login: str, field: str, name: str
) -> None:
    case_id = county.open_item(NOON)
    if ask is transfer and name == "林静":
        name = "方磊"  # the deputy, where the rule wants the head
    events = len(rows_of(county, Event))
    assert refusal_of(lambda: ask(county, case_id, login, name)) == {field: ["not_approver"]}
    assert len(rows_of(county, Event)) == events


@pytest.mark.parametrize("name", ["赵国华", "zhao"])
def test_nobody_approves_his_own_pause_or_disposal(county: County, name: str) -> None:
    case_id = county.open_item(NOON)
    for ask in (pause, void):
        assert refusal_of(partial(ask, county, case_id, "zhao", name)) == "separation_asked"


@pytest.mark.parametrize("name", ["高建国", "gao", "方磊"])
def test_a_leader_of_the_sponsor_or_above_it_is_named_by_login_or_by_name(county: County, name: str) -> None:
    case_id = county.open_item(NOON)
    pause(county, case_id, "zhao", name)
    event = rows_of(county, Content, case_id=case_id)[-1]
    assert ("高建国" if name != "方磊" else "方磊") in event["body"]


def test_a_leader_who_was_taken_off_the_case_approves_nothing(county: County) -> None:
    case_id = county.open_item(NOON)
    county.engine.bar(case_id, actor=county.actor("lin"), now=NOON, reason="亲属", person_id=county.people["gao"])
    assert refusal_of(lambda: pause(county, case_id, "zhao", "高建国")) == {"approver": ["not_approver"]}


def test_an_approval_on_paper_is_told_by_its_full_name_even_if_a_login_was_typed(county: County) -> None:
    case_id = county.open_item(NOON)
    transfer(county, case_id, "lin", "zhao")
    body = rows_of(county, Content, case_id=case_id)[-1]["body"]
    assert '"approver":"赵国华"' in body


# ---- merging --------------------------------------------------------------------------------------------------------------


def merge(county: County, case_id: int, into_id: int, login: str, **told: Any) -> Any:
    return county.engine.merge(case_id, actor=county.actor(login), now=NOON, into_id=into_id, **{"reason": "同一问题", **told})


def test_merging_without_a_reason_or_the_approval_that_closing_asks_for_is_refused(county: County) -> None:
    minor, main = county.open_item(NOON), county.open_item(NOON)
    events = len(rows_of(county, Event))
    for reason in ("", "  "):
        assert refusal_of(partial(merge, county, minor, main, "lin", reason=reason)) == {"reason": ["required"]}
    with pytest.raises(TransitionRefused) as refused:
        merge(county, minor, main, "lin")
    assert refused.value.params["why"] == [{"name": "approval_given", "params": {"trigger": "conclude"}}]
    with pytest.raises(InvalidForm):
        merge(county, minor, main, "lin", approval={"approver": "没有这个人", "on": DAY.isoformat(), "scan": 1})
    assert {row["state"] for row in (case_row(county, minor), case_row(county, main))} == {"received"}
    assert len(rows_of(county, Event)) == events


def test_merging_with_the_approval_on_paper_keeps_its_scan(county: County) -> None:
    minor, main = county.open_item(NOON), county.open_item(NOON)
    paper = {"approver": "赵国华", "on": DAY.isoformat(), "scan": county.keep_file("审批单", "lin")}
    assert merge(county, minor, main, "lin", approval=paper).state == "closed"
    assert [row["label"] for row in rows_of(county, Evidence, case_id=minor)] == ["approval_scan"]


def test_whoever_registered_an_item_by_hand_does_not_merge_it_once_it_is_on_its_way(county: County) -> None:
    main = county.open_item(NOON)
    minor = county.engine.open(
        "rectification",
        actor=county.actor("fang"),
        now=NOON,
        title="围墙倒塌",
        subject_id=county.organs["donggou_branch"],
        data={
            "problem": "围墙倒塌",
            "source": "feedback",
            "immediate": "ordinary",
            "first_check": "township",
            "period": "three_months",
            "feedback_on": DAY.isoformat(),
        },
    ).case_id
    county.hand_over(minor, NOON)
    assert refusal_of(lambda: merge(county, minor, main, "song")) == "role"
    assert refusal_of(lambda: merge(county, minor, main, "fang")) == "separation_registered"
    assert merge(county, minor, main, "zhao").state == "closed"
