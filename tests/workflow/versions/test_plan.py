"""A plan for the open cases: what it may say, and everything that it leaves unsaid or says wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from states.definition import Definition
from states.errors import BadInput
from states.schema import load
from tests.states.samples import definition, document
from workflow.versions.plan import REASON_MOST, Plan, obstacles

Doc = dict[str, Any]
Found = list[tuple[str, dict[str, str]]]
OLD = definition()
WHY = {"handle": "县里改了时限"}
TITLE = {"zh-Hans": "测试"}


def changed(edit: Callable[[Doc], object]) -> Definition:
    told = document()
    edit(told)
    return load(told)


def against(new: Definition, old: Definition = OLD, **told: Any) -> Found:
    return [(one.name, dict(one.params)) for one in obstacles(Plan.of(told), (old,), new)]


def field(told: Doc, key: str) -> Doc:
    found: Doc = next(one for one in told["fields"] if one["key"] == key)
    return found


def rename_supervised(told: Doc) -> None:
    told["states"][1]["key"] = "in_hand"
    for verb in told["transitions"]:
        verb["from"] = ["in_hand" if state == "supervised" else state for state in verb["from"]]
        verb["to"] = "in_hand" if verb["to"] == "supervised" else verb["to"]
    for clock in told["clocks"]:
        clock["runs_in"] = ["in_hand" if state == "supervised" else state for state in clock["runs_in"]]


WRONG: tuple[tuple[Doc, str], ...] = (
    ({"whenn": {}}, "whenn"),
    ({"when": ["received"]}, "when"),
    ({"when": {"received": 1}}, "when"),
    ({"states": "received"}, "states"),
    ({"states": {1: "received"}}, "states"),
    ({"clocks": {"handle": None}}, "clocks"),
    ({"reasons": {"handle": 1}}, "reasons"),
    ({"reasons": "改了"}, "reasons"),
    ({"values": []}, "values"),
    ({"values": {"urgency": "urgent"}}, "values.urgency"),
    ({"values": {"urgency": {"urgent": 1}}}, "values.urgency"),
    ({"when": {"received": "later"}}, "when.received"),
    ({"clocks": {"handle": "anew"}}, "clocks.handle"),
    ({"rungs": "all"}, "rungs"),
)


@pytest.mark.parametrize(("told", "where"), WRONG)
def test_what_is_no_plan_is_refused_with_its_place(told: Doc, where: str) -> None:
    with pytest.raises(BadInput) as refusal:
        Plan.of(told)
    assert refusal.value.params == {"why": "plan_unreadable", "where": where}


def test_a_plan_is_told_as_it_was_read_and_says_nothing_of_what_it_does_not_name() -> None:
    told = {
        "when": {"received": "stay"},
        "states": {"a": "b"},
        "clocks": {"handle": "carry"},
        "renames": {},
        "values": {"f": {"x": "y"}},
    }
    plan = Plan.of(told)
    assert plan.told() == {**told, "reasons": {}, "rungs": "from-now"}
    assert (plan.when_in("received"), plan.when_in("supervised")) == ("stay", "now")
    assert (plan.policy_of("handle"), plan.policy_of("hand_over")) == ("carry", "keep")
    assert (plan.state_for("a"), plan.state_for("c")) == ("b", "c")


def test_every_way_of_saying_when_what_and_which_is_one() -> None:
    for when in ("now", "next", "stay"):
        for clock in ("keep", "carry", "restart"):
            for rungs in ("from-now", "catch-up", "off"):
                plan = Plan.of({"when": {"received": when}, "clocks": {"handle": clock}, "rungs": rungs})
                assert (plan.when_in("received"), plan.policy_of("handle"), plan.rungs) == (when, clock, rungs)


def test_nothing_stands_against_a_version_with_the_same_names() -> None:
    assert against(OLD) == []
    assert against(OLD, when={"received": "stay"}, clocks={"handle": "carry"}, reasons=WHY) == []


def test_a_name_that_nothing_has_is_a_slip() -> None:
    assert against(OLD, when={"nowhere": "stay"}) == [("unknown_state", {"state": "nowhere"})]
    assert against(OLD, states={"nowhere": "received"}) == [("unknown_state", {"state": "nowhere"})]
    assert against(OLD, clocks={"nothing": "carry"}, reasons={"nothing": "改了"}) == [("unknown_clock", {"clock": "nothing"})]
    assert against(OLD, reasons={"nothing": "改了"}) == [("unknown_clock", {"clock": "nothing"})]
    assert against(OLD, values={"nothing": {"a": "b"}}) == [("unknown_field", {"field": "nothing"})]


def test_a_clock_of_either_version_may_be_named() -> None:
    new = changed(lambda told: told["clocks"][1].update(key="handle_x"))
    assert against(new, clocks={"handle": "carry", "handle_x": "restart"}, reasons={**WHY, "handle_x": "新立的"}) == []


def test_whoever_does_not_keep_a_date_says_why_clock_by_clock() -> None:
    for policy in ("carry", "restart"):
        assert against(OLD, clocks={"handle": policy}) == [("clock_unreasoned", {"clock": "handle"})]
        assert against(OLD, clocks={"handle": policy}, reasons={"handle": " \n"}) == [("clock_unreasoned", {"clock": "handle"})]
        assert against(OLD, clocks={"handle": policy}, reasons=WHY) == []
    two = {"handle": "carry", "hand_over": "restart"}
    assert against(OLD, clocks=two, reasons=WHY) == [("clock_unreasoned", {"clock": "hand_over"})]
    assert against(OLD, clocks={"handle": "keep"}) == []


def test_a_reason_is_a_sentence_not_a_paper() -> None:
    told = {"clocks": {"handle": "carry"}}
    assert against(OLD, **told, reasons={"handle": "长" * REASON_MOST + " "}) == []
    long = [("reason_too_long", {"clock": "handle", "most": "300"})]
    assert against(OLD, **told, reasons={"handle": "长" * (REASON_MOST + 1)}) == long
    assert against(OLD, reasons={"handle": "长" * (REASON_MOST + 1)}) == long


def test_a_plan_tells_what_it_decides_of_clocks_and_no_date_that_stays_unsaid() -> None:
    clocks = {"a": "keep", "b": "carry", "c": "keep"}
    plan = Plan.of({"clocks": clocks, "reasons": {"b": " 县里改了 ", "c": "已经约定"}})
    assert plan.decided() == (("b", "carry", "县里改了"), ("c", "keep", "已经约定"))


def test_a_state_that_is_gone_needs_another_that_is_open() -> None:
    new = changed(rename_supervised)
    assert against(new) == [("state_unmapped", {"state": "supervised"})]
    assert against(new, states={"supervised": "elsewhere"}) == [("state_unmapped", {"state": "supervised"})]
    assert against(new, states={"supervised": "closed"}) == [("state_closes", {"state": "supervised", "to": "closed"})]
    assert against(new, states={"supervised": "in_hand"}) == []
    assert against(new, when={"supervised": "stay"}) == []
    assert against(new, when={"supervised": "next"}) == [("state_unmapped", {"state": "supervised"})]


def test_a_final_state_needs_no_other() -> None:
    def edit(told: Doc) -> None:
        told["states"][2]["key"] = "done"
        for verb in told["transitions"]:
            verb["from"] = ["done" if state == "closed" else state for state in verb["from"]]
            verb["to"] = "done" if verb["to"] == "closed" else verb["to"]

    assert against(changed(edit)) == []


def test_a_fact_keeps_its_secrecy_and_a_type_in_which_no_answer_is_lost() -> None:
    assert against(changed(lambda told: field(told, "result").update(secret=True))) == [
        ("secrecy_changed", {"field": "result"})
    ]
    wrong = changed(lambda told: field(told, "summary").update(type="date"))
    assert against(wrong) == [("type_changed", {"field": "summary"})]
    for key, kind in (("summary", "long_text"), ("result", "text"), ("urgency", "text"), ("urgency", "long_text")):

        def retype(told: Doc, key: str = key, kind: str = kind) -> None:
            field(told, key).update(type=kind)
            field(told, key).pop("choices", None)

        assert against(changed(retype)) == [], (key, kind)
    back = changed(lambda told: field(told, "summary").update(type="choice", choices=[{"key": "a", "title": TITLE}]))
    assert against(back) == [("type_changed", {"field": "summary"})]
    assert against(changed(lambda told: told["fields"].remove(field(told, "result")))) == []


def test_a_choice_that_is_gone_needs_another_and_one_that_is_not_may_not_be_decided() -> None:
    def edit(told: Doc) -> None:
        field(told, "urgency")["choices"][1] = {"key": "later", "title": TITLE}

    new = changed(edit)
    assert against(new) == [("choice_unmapped", {"field": "urgency", "choice": "slow"})]
    assert against(new, values={"urgency": {"slow": "later"}}) == []
    assert against(new, values={"urgency": {"slow": "soon"}}) == [("choice_unmapped", {"field": "urgency", "choice": "slow"})]
    told = {"slow": "later", "urgent": "later"}
    assert against(new, values={"urgency": told}) == [("choice_not_gone", {"field": "urgency", "choice": "urgent"})]


def test_what_has_no_choices_any_more_maps_none() -> None:
    def edit(told: Doc) -> None:
        field(told, "urgency").update(type="text")
        field(told, "urgency").pop("choices")

    assert against(changed(edit), values={"urgency": {"slow": "缓"}}) == [
        ("choice_not_gone", {"field": "urgency", "choice": "slow"})
    ]


def test_a_kind_does_not_become_an_interview() -> None:
    def edit(told: Doc) -> None:
        told["interview"] = {"joinable_in": ["received"], "consent_in": [], "held_in": [], "withdrawn_by": "close"}

    assert against(changed(edit)) == [("interview_changed", {})]
    assert against(OLD, old=changed(edit)) == [("interview_changed", {})]
    assert against(changed(edit), old=changed(edit)) == []


def test_what_stands_against_two_old_versions_alike_is_said_once() -> None:
    new = changed(rename_supervised)
    found = obstacles(Plan(), (OLD, changed(lambda told: told.update(number="{n}"))), new)
    assert [(one.name, dict(one.params)) for one in found] == [("state_unmapped", {"state": "supervised"})]
