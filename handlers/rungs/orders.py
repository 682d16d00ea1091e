"""The supervision order that a ladder issues."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.effects.messages import is_secret, notice
from states.definition import Definition
from workflow.types import DueRung, IssueLetter, OpenCase, Wish

# The kind of the order, and its letter, where a rung says no other.
ORDER = "supervision_order"


def issue_order(
    due: DueRung, *, kind: str = ORDER, letter: str = ORDER, answer_within: str = "five", message: str = "overdue"
) -> Iterable[Wish]:
    """Opens an order of `kind` for the organ that is late, with its letter, and tells the posts.

    An order about a case that keeps secrets is about the body that handles it, and its title says no number: more people may
    read the order than the case. Who may read both finds the case linked, and its number in the letter.
    """
    row, late_id, is_closed = due.case.row, due.clock.organ_id, is_secret(due.case)
    yield OpenCase(
        kind=kind,
        title="关于督促办理有关事项的通知" if is_closed else f"关于督促办理{row['number']}事项的通知",
        subject_id=late_id if is_closed else row["subject_id"],
        holder_id=late_id,
        supervisor_id=row["supervisor_id"],
        data={"origin": "ladder", "answer_within": answer_within},
        parent_id=due.case.id,
    )
    yield IssueLetter(letter)
    if due.rung.to:
        yield notice(due, due.rung.to, message)


def orders_in(definitions: Iterable[Definition]) -> frozenset[str]:
    """The kinds of what ladders issue: the order that ships, and those that a rung of these definitions names."""
    rungs = (rung for one in definitions for ladder in one.ladders for tier in ladder.tiers for rung in tier)
    return frozenset({ORDER, *(str(rung.params.get("kind", ORDER)) for rung in rungs if rung.do == issue_order.__name__)})
