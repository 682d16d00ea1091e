"""Fired rungs as rows: the fence that lets a rung act once per occurrence, whatever became of it."""

from __future__ import annotations

from datetime import datetime

from workflow.casefile import CaseFile
from workflow.deadlines import Skipped
from workflow.desk import Desk
from workflow.ladders import Step, spend
from workflow.models import FiredRung
from workflow.statements import Row


def spent_row(file: CaseFile, clock: Row, step: Step, outcome: str, now: datetime, *, tier: int | None = None) -> Row:
    """Marks the step as spent on the clock; the row that says so."""
    occurrence = spend(clock, step.key)
    row = {name: clock[name] for name in ("cycle", "run")}
    row |= {"case_id": file.id, "clock": clock["key"], "tier": tier or clock["tier"], "rung": step.key}
    return row | {"occurrence": occurrence, "due_at": step.at, "fired_at": now, "outcome": outcome}


def write_fired(desk: Desk, file: CaseFile, clock: Row, step: Step, outcome: str, *, tier: int | None = None) -> int:
    """Marks the step as spent and writes its row; its occurrence, counted from 1."""
    row = spent_row(file, clock, step, outcome, desk.occasion.now, tier=tier)
    desk.context.add(FiredRung, row)
    return int(row["occurrence"])


def write_skipped(desk: Desk, file: CaseFile, skipped: Skipped, outcome: str = "too_short") -> None:
    """Rungs whose moment is not after the clock's start: recorded, never fired (practice.md §9.1 G3)."""
    for clock, step in skipped:
        write_fired(desk, file, clock, step, outcome)
