"""Who is told of a transition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handlers.effects.messages import notice
from workflow.types import Change, Wish


def notify_posts(change: Change, *, to: Sequence[str], message: str, clock: str = "") -> Iterable[Wish]:
    """Tells the posts; where a clock is named, only while it runs, and its day is the one that is told."""
    if not clock:
        yield notice(change, to, message)
    elif (due_on := change.due_dates.get(clock)) is not None:
        yield notice(change, to, message, due_on=due_on, weekday=due_on.isoweekday())


def notify_holder(change: Change, *, message: str) -> Iterable[Wish]:
    """Tells who handles the case now."""
    yield notice(change, ("handler@holder",), message)


def notify_supervisor(change: Change, *, message: str) -> Iterable[Wish]:
    """Tells the sponsor's desk."""
    yield notice(change, ("handler@supervisor",), message)


def hand_back_limit(change: Change, *, times: int = 2) -> Iterable[Wish]:
    """After so many hand-backs the sponsor's head must designate (practice.md §9.6 A6); the guards refuse the rest."""
    if change.tally.get(change.transition.trigger, 0) >= times:
        yield notice(change, ("head@supervisor",), "proposal_waiting", due_on=change.case.row["due_on"])
