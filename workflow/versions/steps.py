"""The texts that a draft has had, for undo and redo: rows beside the draft, so that every web process reads the same ones.

They are a convenience of whoever writes: the text of the draft is its truth, and what is taken back becomes its next text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, select

from states.errors import Conflict
from workflow.models import Draft, DraftStep
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.text import canonical

STEPS_AT_MOST = 100

_draft, _step = table_of(Draft), table_of(DraftStep)
_of_draft = _step.c.draft_id == bindparam("draft_id")
AT = Prepared(select(_draft.c.step).where(_draft.c.id == bindparam("draft_id")))
NUMBERS = Prepared(select(_step.c.number).where(_of_draft).order_by(_step.c.number))
STEP = Prepared(select(_step.c.source, _step.c.layout).where(_of_draft, _step.c.number == bindparam("number")))
FORGET_AFTER = Prepared(delete(_step).where(_of_draft, _step.c.number > bindparam("number")))
FORGET_BEFORE = Prepared(delete(_step).where(_of_draft, _step.c.number < bindparam("number")))


@dataclass(frozen=True, slots=True)
class Step:
    """A text and the places of its states in the drawing."""

    source: str
    layout: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Steps:
    """The numbers of the steps that are kept, and which of them the draft stands at."""

    kept: tuple[int, ...] = ()
    at: int = -1

    @property
    def may_undo(self) -> bool:
        """Is there one before?"""
        return self.at > 0

    @property
    def may_redo(self) -> bool:
        """Is there one after?"""
        return 0 <= self.at < len(self.kept) - 1


def read_steps(store: Store, draft_id: int) -> Steps:
    """What is kept of a draft."""
    kept = tuple(row["number"] for row in store.rows(NUMBERS, draft_id=draft_id))
    row = store.row(AT, draft_id=draft_id)
    return Steps(kept, kept.index(row["step"])) if row is not None and row["step"] in kept else Steps()


def add_step(store: Store, draft_id: int, before: Step, after: Step) -> None:
    """The draft went from one text to the next; what was taken back before can no longer be done again."""
    steps = read_steps(store, draft_id)
    last = steps.kept[steps.at] if steps.kept else 0
    store.run(FORGET_AFTER, draft_id=draft_id, number=last)
    if not last or _read(store, draft_id, last) != before:
        last = _push(store, draft_id, last + 1, before)
    _push(store, draft_id, last + 1, after)


def _push(store: Store, draft_id: int, number: int, step: Step) -> int:
    row = {"draft_id": draft_id, "number": number, "source": step.source, "layout": canonical(step.layout)}
    store.insert(DraftStep, [row])
    store.run(FORGET_BEFORE, draft_id=draft_id, number=number - STEPS_AT_MOST + 1)
    store.update(Draft, {"step": number}, id=draft_id)
    return number


def step_to(store: Store, draft_id: int, by: int) -> Step:
    """The step before (-1) or after (1) the one that the draft stands at; Conflict draft_no_step where there is none."""
    return _read(store, draft_id, _number(store, draft_id, by))


def stand_at(store: Store, draft_id: int, by: int) -> None:
    """The draft stands at the step before or after now."""
    store.update(Draft, {"step": _number(store, draft_id, by)}, id=draft_id)


def _number(store: Store, draft_id: int, by: int) -> int:
    steps = read_steps(store, draft_id)
    if not (steps.may_undo if by < 0 else steps.may_redo):
        raise Conflict(why="draft_no_step")
    return steps.kept[steps.at + by]


def forget_steps(store: Store, draft_id: int) -> None:
    """Nothing is kept of a draft that is over."""
    store.run(FORGET_AFTER, draft_id=draft_id, number=0)
    store.update(Draft, {"step": 0}, id=draft_id)


def _read(store: Store, draft_id: int, number: int) -> Step:
    row = store.row(STEP, draft_id=draft_id, number=number)
    assert row is not None, "its number was just read"
    return Step(row["source"], json.loads(row["layout"]))
