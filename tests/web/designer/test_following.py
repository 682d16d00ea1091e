"""The open panel goes with what it is of: when entries before it move or go, and when the text is written anew or taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from states.faults import path_of
from tests.web.designer.conftest import Desk
from web.designer.following import after_move, by_name

New = Callable[..., Desk]


@pytest.mark.parametrize(
    ("at", "moved", "to", "then"),
    [
        ("/states/3", "/states/1", None, "/states/2"),
        ("/states/1", "/states/3", None, "/states/1"),
        ("/states/1/title", "/states/1", None, ""),
        ("/states/1", "/states/1", 4, "/states/4"),
        ("/states/2", "/states/1", 4, "/states/1"),
        ("/states/2", "/states/4", 0, "/states/3"),
        ("/clocks/2", "/states/1", None, "/clocks/2"),
        ("/ladders/0/tiers/1/2", "/ladders/0/tiers/0", None, "/ladders/0/tiers/0/2"),
        ("/ladders/0/tiers/1/2", "/ladders/0/tiers/1/0", 2, "/ladders/0/tiers/1/1"),
        ("", "/states/1", None, ""),
        ("way:a:b", "/states/1", None, "way:a:b"),
    ],
)
def test_a_pointer_after_an_entry_of_a_list_has_moved(at: str, moved: str, to: int | None, then: str) -> None:
    assert after_move(at, path_of(moved), to) == then


def test_a_named_part_is_found_by_its_name_and_one_that_has_gone_is_not_taken_for_another() -> None:
    before = {"states": [{"key": "a"}, {"key": "b"}, {"key": "c"}]}
    assert by_name("/states/1/title", before, {"states": [{"key": "new"}, *before["states"]]}) == "/states/2/title"
    assert by_name("/states/1", before, {"states": [{"key": "a"}, {"key": "c"}]}) == ""
    assert by_name("/states/1", before, before) == "/states/1"
    assert by_name("/rules/1", before, {"states": "nothing"}) == "/rules/1"


def test_the_panel_stays_with_its_state_whatever_is_done_to_those_beside_it(new: New) -> None:
    desk = new(how="current", kind="rectification")
    assert desk.done("then", then="up:/states/2", at="/states/2").endswith("at=/states/1")
    assert desk.done("then", then="to:/states/0=2", at="/states/1").endswith("at=/states/0")
    assert desk.done("undo", at="/states/0").endswith("at=/states/1")
    text = desk.row["source"].replace("states:\n", "states:\n  - {key: before, title: 之前}\n", 1)
    assert desk.done("text", source=text, at="/states/1").endswith("at=/states/2")
    assert desk.done("then", then="remove:/states/0", at="/states/2").endswith("at=/states/1")


def test_the_panel_of_a_verb_stays_with_it_when_a_state_takes_others_along(new: New) -> None:
    desk = new()
    desk.done("state")
    desk.done("connect", source="begun", target="state_1")
    desk.done("connect", source="begun", target="done")
    assert desk.done("then", then="remove:/states/2", at="/transitions/2").endswith("at=/transitions/1")
