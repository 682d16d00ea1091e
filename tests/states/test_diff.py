"""What changed between two definitions."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from states.definition import Text
from states.diff import Change, compare
from states.schema import load
from tests.states.samples import SHIPPED, definition, document


def changes(change: Any) -> tuple[Change, ...]:
    changed = document()
    change(changed)
    return compare(definition(), load(changed))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_definition_does_not_differ_from_itself(name: str) -> None:
    assert compare(definition(name), load(document(name))) == ()


def test_a_changed_value_is_told_with_both_values() -> None:
    assert changes(lambda d: d["clocks"][1]["limits"][1].update(limit="6 month")) == (
        Change("/clocks/1/limits/1/limit", "changed", "3 month", "6 month"),
    )
    assert changes(lambda d: d["title"].update(en="Letter")) == (Change("/title/en", "changed", "Note", "Letter"),)


def test_what_was_left_out_before_is_added() -> None:
    assert changes(lambda d: d.update(level=2)) == (Change("/level", "added", None, 2),)
    assert changes(lambda d: d["transitions"][0].pop("main")) == (Change("/transitions/0/main", "removed", True, None),)


def test_parts_of_lists_are_told_by_their_names() -> None:
    def first_out(d: Any) -> None:
        del d["transitions"][1]
        d["transitions"][1]["undo"] = False

    assert changes(first_out) == (
        Change("/transitions/1/undo", "added", None, False),
        Change("/transitions/1", "removed", _written(1), None),
    )


def _written(index: int) -> Any:
    written = deepcopy(document()["transitions"][index])
    return {**written, "done": written["title"]}


def test_names_in_a_list_are_added_removed_and_moved() -> None:
    def other_roles(d: Any) -> None:
        d["transitions"][0]["who"][0]["roles"] = ["head", "deputy", "handler"]

    assert changes(other_roles) == (
        Change("/transitions/0/who/0/roles/1", "added", None, "deputy"),
        Change("/transitions/0/who/0/roles", "moved", ["handler", "head"], ["head", "handler"]),
    )


def test_states_that_change_places_are_moved_and_nothing_else() -> None:
    assert changes(lambda d: d["states"].reverse()) == (
        Change("/states", "moved", ["received", "supervised", "closed"], ["closed", "supervised", "received"]),
    )


def test_conditions_are_told_by_their_names() -> None:
    def other_guard(d: Any) -> None:
        d["transitions"][2]["guards"][0]["any"][0] = {"has_evidence": {"at_least": 2}}

    assert changes(other_guard) == (Change("/transitions/2/guards/0/any/0/has_evidence/at_least", "changed", 1, 2),)


def test_the_same_trigger_twice_is_told_apart() -> None:
    old, new = document("clue"), document("clue")
    second = [index for index, verb in enumerate(new["transitions"]) if verb["trigger"] == "conclude"][1]
    new["transitions"][second]["undo"] = True
    assert compare(load(old), load(new)) == (Change(f"/transitions/{second}/undo", "removed", False, None),)


def test_a_label_that_becomes_a_bare_string_is_changed() -> None:
    (change,) = changes(lambda d: d.update(title="便函"))
    assert (change.pointer, change.kind, change.new) == ("/title", "changed", "便函")
    assert Text("便函").in_("en") == "便函"
