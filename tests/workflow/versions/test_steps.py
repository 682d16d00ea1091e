"""Undo and redo are a stack of texts that survives whoever reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from states.errors import Conflict
from workflow.versions.steps import STEPS_AT_MOST, Step, add_step, forget_steps, read_steps, stand_at, step_to

A, B, C = Step("a", {}), Step("b", {"begun": [1, 2]}), Step("c", {})


def test_a_step_is_taken_back_and_done_again(tmp_path: Path) -> None:
    add_step(tmp_path, 7, A, B)
    assert step_to(tmp_path, 7, -1) == A
    stand_at(tmp_path, 7, -1)
    assert (read_steps(tmp_path, 7).may_undo, read_steps(tmp_path, 7).may_redo) == (False, True)
    assert step_to(tmp_path, 7, 1) == B


def test_what_was_taken_back_is_gone_with_the_next_step(tmp_path: Path) -> None:
    add_step(tmp_path, 7, A, B)
    stand_at(tmp_path, 7, -1)
    add_step(tmp_path, 7, A, C)
    assert step_to(tmp_path, 7, -1) == A
    with pytest.raises(Conflict):
        step_to(tmp_path, 7, 1)


def test_a_text_that_was_changed_elsewhere_is_a_step_too(tmp_path: Path) -> None:
    add_step(tmp_path, 7, A, B)
    add_step(tmp_path, 7, C, A)
    assert step_to(tmp_path, 7, -1) == C


def test_only_so_many_are_kept_and_none_of_a_draft_that_is_over(tmp_path: Path) -> None:
    for number in range(STEPS_AT_MOST + 5):
        add_step(tmp_path, 7, Step(str(number), {}), Step(str(number + 1), {}))
    assert len(read_steps(tmp_path, 7).kept) == STEPS_AT_MOST
    assert len(list((tmp_path / "drafts" / "7").glob("[0-9]*.json"))) == STEPS_AT_MOST
    forget_steps(tmp_path, 7)
    assert not read_steps(tmp_path, 7).kept and not (tmp_path / "drafts" / "7").exists()
