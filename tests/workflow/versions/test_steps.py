"""Undo and redo are a stack of texts that stands in the database, whoever reads it and wherever."""

from __future__ import annotations

from typing import Any

import pytest

from states.errors import Conflict
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import Office
from tests.workflow.versions.test_changing_a_running_kind import two_months
from workflow.models import Draft, DraftStep
from workflow.versions import steps
from workflow.versions.steps import STEPS_AT_MOST, Step

A, B, C = Step("a", {}), Step("b", {"begun": [1, 2]}), Step("c", {})


class Stack:
    """The steps of one draft, each call a transaction of its own."""

    def __init__(self, office: Office) -> None:
        self.office, self.draft_id = office, office.draft(two_months)

    def __getattr__(self, verb: str) -> Any:
        called = getattr(steps, verb)
        return lambda *told: self.office.county.database.write(lambda store: called(store, self.draft_id, *told))


@pytest.fixture
def stack(office: Office) -> Stack:
    """Those of a draft that nobody has changed yet."""
    return Stack(office)


def test_a_step_is_taken_back_and_done_again(stack: Stack) -> None:
    assert not stack.read_steps().may_undo and not stack.read_steps().may_redo
    stack.add_step(A, B)
    assert stack.step_to(-1) == A
    stack.stand_at(-1)
    assert (stack.read_steps().may_undo, stack.read_steps().may_redo) == (False, True)
    assert stack.step_to(1) == B


def test_what_was_taken_back_is_gone_with_the_next_step(stack: Stack) -> None:
    stack.add_step(A, B)
    stack.stand_at(-1)
    stack.add_step(A, C)
    assert stack.step_to(-1) == A
    with pytest.raises(Conflict):
        stack.step_to(1)


def test_a_text_that_was_changed_elsewhere_is_a_step_too(stack: Stack) -> None:
    stack.add_step(A, B)
    stack.add_step(C, A)
    assert stack.step_to(-1) == C


def test_only_so_many_are_kept_and_none_of_a_draft_that_is_over(stack: Stack) -> None:
    for number in range(STEPS_AT_MOST + 5):
        stack.add_step(Step(str(number), {}), Step(str(number + 1), {}))
    assert len(stack.read_steps().kept) == len(rows_of(stack.office.county, DraftStep)) == STEPS_AT_MOST
    stack.forget_steps()
    assert not stack.read_steps().kept and not rows_of(stack.office.county, DraftStep)


def test_nothing_is_kept_of_a_draft_that_was_published(office: Office) -> None:
    draft_id = office.draft(two_months)
    office.county.database.write(lambda store: steps.add_step(store, draft_id, A, B))
    office.publish(office.preview(draft_id))
    assert rows_of(office.county, DraftStep) == [] and rows_of(office.county, Draft)[0]["step"] == 0
