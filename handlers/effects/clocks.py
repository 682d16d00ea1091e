"""Clocks that a transition stops, lets go on, or settles whatever the state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflow.types import Change, PauseClocks, ResumeClocks, SettleClocks, Wish


def pause_clocks(change: Change, *, clocks: Sequence[str], max_days: int = 183, reason_from: str = "") -> Iterable[Wish]:
    """Stops the named clocks and no other, for at most `max_days`.

    `reason_from` names the question that asks why; without it no reason is asked for, and its answer stands in the
    history with the other answers.
    """
    others = tuple(clock.key for clock in change.case.definition.clocks if clock.key not in clocks)
    yield PauseClocks(but=others, max_days=max_days)


def resume_clocks(change: Change, *, clocks: Sequence[str] = ()) -> Iterable[Wish]:
    """Lets the clocks that were stopped go on; `clocks` says which those are, for whoever reads the definition."""
    yield ResumeClocks()


def settle_clocks(change: Change, *, clocks: Sequence[str]) -> Iterable[Wish]:
    """Settles the named clocks."""
    yield SettleClocks(tuple(clocks))
