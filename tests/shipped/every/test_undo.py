"""Undo gives back exactly what was: asked of every step of every story, once for each transition and state.

Where a step may be undone the database after step and undo is the database before it, but for the history, which keeps both.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from states.definition import Definition
from states.errors import TransitionRefused
from states.schema import load
from tests.shipped.every.conftest import MakeCounty
from tests.shipped.every.counting import ToldCounty
from tests.shipped.every.test_kinds import COUNTED
from tests.workflow.looking import case_row
from web.wiring import shipped_workflows
from workflow.models import metadata
from workflow.store import Store
from workflow.types import Outcome

# The history keeps the step and its undoing, with what was found by it meanwhile; a scan that was taken in stays on the disk.
KEEPS = {"event", "content", "answer", "note", "stored_file", "former_facet", "former_text"}
MOVING = {
    "facet": {"from_at"},
    "cases": {"seq", "head", "version", "changed_at", "told_at"},
    "secret": {"was", "seq"},
    "evidence": {"undone_seq"},
}
Tables = dict[str, list[str]]


@dataclass
class UndoingCounty(ToldCounty):
    """A county whose people take back each new kind of step, look whether all is as before, and take it again."""

    undone: set[tuple[str, str, str]] = field(default_factory=set)
    stays: dict[tuple[str, str, str], str] = field(default_factory=dict)  # with the reason why it cannot be undone
    pressed: int = 0

    def fire(self, case_id: int, trigger: str, login: str, at: datetime, **data: Any) -> Outcome:
        """A transition by somebody, undone once and done again."""
        row, before = case_row(self, case_id), tables_of(self)
        at = self._later(at)
        outcome = super().fire(case_id, trigger, login, at, **data)
        edge = (row["kind"], row["state"], trigger)
        if edge in self.undone or not self._undo(case_id, login, at, edge):
            return outcome
        assert tables_of(self) == before, edge
        self.undone.add(edge)
        return super().fire(case_id, trigger, login, at, **data)

    def _later(self, at: datetime) -> datetime:
        """Stories press everything of a day at one hour; no two things really happen in the same instant."""
        self.pressed += 1
        return at + timedelta(microseconds=self.pressed)

    def _undo(self, case_id: int, login: str, at: datetime, edge: tuple[str, str, str]) -> bool:
        try:
            self.engine.undo(case_id, actor=self.actor(login, at.date()), now=at)
        except TransitionRefused as refusal:
            self.stays[edge] = refusal.params["why"][0]["name"]
            return False
        return True


def tables_of(county: ToldCounty) -> Tables:
    """Every table as far as undo answers for it."""

    def read(store: Store) -> Tables:
        return {
            table.name: sorted(
                repr({name: value for name, value in row.items() if name not in MOVING.get(table.name, ())})
                for row in store.select(select(table))
                if row.get("undone_seq") is None
            )
            for table in metadata.sorted_tables
            if table.name not in KEEPS
        }

    return county.database.read(read)


def may_be_undone(definition: Definition) -> Iterator[tuple[str, str, str]]:
    """(kind, state, trigger) of each step whose definition lets it be undone."""
    for transition in definition.transitions:
        closes = definition.state_by_key.get(transition.target)
        if transition.undo and not transition.reopens and not definition.interview and not (closes and closes.final):
            yield from ((definition.key, state, transition.trigger) for state in transition.sources)


@pytest.fixture(scope="module")
def told(sqlite_county: MakeCounty) -> UndoingCounty:
    """All stories of all kinds, each in a county of its own, told with every new step undone."""
    undone: set[tuple[str, str, str]] = set()
    stays: dict[tuple[str, str, str], str] = {}
    for module in COUNTED:
        for name, story in vars(module).items():
            if name.startswith("test_") and list(inspect.signature(story).parameters) == ["county"]:
                made = sqlite_county()
                county = UndoingCounty(**vars(made), undone=undone, stays=stays)
                story(county)
                county.database.close()
    return county


def test_every_step_that_may_be_undone_gives_back_all_that_was(told: UndoingCounty) -> None:
    definitions = [load(document.data) for document in shipped_workflows().values()]
    edges = {edge for definition in definitions for edge in may_be_undone(definition)}
    assert edges - told.undone - told.stays.keys() == set()
    assert {told.stays[edge] for edge in edges - told.undone} <= {"other_cases", "already_told", "not_undoable"}
