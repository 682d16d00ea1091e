"""The machine moves a row by a trigger, or says every reason why it does not."""

from __future__ import annotations

import inspect
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest

from states.definition import STAY, Approval, Condition, Evidence
from states.errors import Conflict, TransitionRefused
from states.facts import Facts
from states.machine import StateMachine, conditions_of, why_not
from states.schema import load
from tests.states.mutations import TITLE, add_verb
from tests.states.samples import SHIPPED, definition, document


@dataclass
class Row:
    state: str


def facts(state: str, **more: Any) -> Facts:
    return Facts(kind="note", state=state, **{"answers": {}, **more})


MACHINE = StateMachine(definition())
APPROVED = {"approvals": frozenset({"close"})}


def why(row: Row, trigger: str, found: Facts) -> list[dict[str, Any]]:
    before = row.state
    with pytest.raises(TransitionRefused) as refused:
        MACHINE.fire(row, trigger, found)
    assert row.state == before
    reasons: list[dict[str, Any]] = refused.value.params["why"]
    return reasons


def test_a_transition_moves_the_row_and_is_told() -> None:
    row = Row("received")
    assert MACHINE.fire(row, "transfer", facts("received")).trigger == "transfer"
    assert row.state == "supervised"


def test_a_transition_that_stays_leaves_the_row() -> None:
    row = Row("supervised")
    assert MACHINE.fire(row, "remark", facts("supervised")).target == STAY
    assert row.state == "supervised"


def test_a_trigger_of_another_state_is_refused_as_such() -> None:
    assert why(Row("received"), "close", facts("received")) == [{"name": "wrong_state"}]
    assert why(Row("received"), "no_such_trigger", facts("received")) == [{"name": "wrong_state"}]
    assert why(Row("no_such_state"), "close", facts("received")) == [{"name": "wrong_state"}]


def test_every_unmet_condition_is_told() -> None:
    reasons = why(Row("supervised"), "close", facts("supervised", data={"urgency": "urgent"}))
    assert [reason["name"] for reason in reasons] == ["any", "approval_given"]
    assert reasons[1]["params"] == {"trigger": "close"}


def test_the_approval_is_asked_for_by_the_machine() -> None:
    row = Row("supervised")
    assert [reason["name"] for reason in why(row, "close", facts("supervised"))] == ["approval_given"]
    MACHINE.fire(row, "close", facts("supervised", **APPROVED))
    assert row.state == "closed"


def test_what_evidence_and_approval_ask_for_are_conditions() -> None:
    closing = definition().transition_by_edge["supervised", "close"]
    waived = Approval(("head",), "supervisor", unless=Condition("is_paused"))
    asked = replace(closing, guards=(), evidence=Evidence(1, ("scan",)), approval=waived)
    assert [condition.name for condition in conditions_of(asked)] == ["has_evidence", "any"]
    assert why_not(asked, facts("supervised", evidence=("scan",), paused=True)) == ()
    assert [unmet.name for unmet in why_not(asked, facts("supervised"))] == ["has_evidence", "any"]
    assert [unmet.name for unmet in why_not(asked, facts("supervised", answers=None))] == ["has_evidence"]


def test_a_row_is_placed_past_every_guard_but_only_in_a_known_state() -> None:
    row = Row("closed")
    MACHINE.place(row, "supervised")
    assert row.state == "supervised"
    with pytest.raises(Conflict):
        MACHINE.place(row, "nowhere")
    assert row.state == "supervised"


def test_the_permitted_transitions_are_those_of_the_state() -> None:
    assert [transition.trigger for transition in MACHINE.permitted("supervised")] == ["remark", "close"]
    assert MACHINE.permitted("nowhere") == ()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_definition_has_a_machine_with_its_edges_and_no_more(name: str) -> None:
    d = definition(name)
    machine = StateMachine(d)
    library = machine._machine
    assert set(library.states) == set(d.state_by_key)
    built = {
        (source, trigger.removeprefix("fire_"))
        for trigger, event in library.events.items()
        for source, transitions in event.transitions.items()
        if transitions
    }
    assert built == set(d.transition_by_edge)
    assert library.models == []


def test_no_key_of_a_definition_means_anything_to_the_library() -> None:
    changed = document()
    for trigger in ("state", "trigger", "to_closed", "model", "initial", "os_getcwd"):
        add_verb(changed, trigger, "supervised", "=")
    changed["states"].append({"key": "initial", "title": TITLE, "final": True})
    add_verb(changed, "dispatch", "supervised", "initial")
    machine = StateMachine(load(changed))
    row = Row("supervised")
    for trigger in ("state", "trigger", "to_closed", "model", "initial", "os_getcwd", "dispatch"):
        machine.fire(row, trigger, facts("supervised"))
    assert row.state == "initial"
    assert vars(row) == {"state": "initial"}


def test_one_machine_serves_many_threads() -> None:
    def live(number: int) -> str:
        row = Row("received")
        for _ in range(20):
            MACHINE.place(row, "received")
            MACHINE.fire(row, "transfer", facts("received"))
            if number % 2:
                MACHINE.fire(row, "close", facts("supervised", **APPROVED))
        return row.state

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(live, range(40))) == ["supervised", "closed"] * 20


def test_only_the_machine_writes_a_state() -> None:
    source = inspect.getsource(StateMachine)
    assert source.count("row.state = ") == 1
