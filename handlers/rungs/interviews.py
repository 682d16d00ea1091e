"""Rungs that act on persons: they propose, and a named leader orders or waives (practice.md §9.1 G5)."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.effects.interviewers import find_handler_talk, find_talk
from handlers.effects.messages import notice
from handlers.effects.proposals import handler_proposal, proposal
from workflow.types import ClimbItems, DueRung, Wish

DESK = ("handler@supervisor",)
GROUP = ("head@county:leading_group",)


def propose_interview(
    due: DueRung, *, tier: int = 1, after: str = "", per: str = "organ", message: str = "proposal_waiting"
) -> Iterable[Wish]:
    """Proposes an interview of the organ that is late, or lays it on the sponsor's desk where nobody may hold it.

    `per` (what a rule counts over) and `after` (how late the case must be before it acts) are read by the engine, which
    decides when a rule acts.
    """
    talk = find_talk(due, due.clock.organ_id, tier)
    if talk is None:
        yield notice(due, DESK, message)
        return
    yield proposal(due, talk, tier, _reason(due))
    yield notice(due, due.rung.to or DESK, message)


def _reason(due: DueRung) -> str:
    """Sent back too often is not adequate; clocks that every note restarts are about progress, others about lateness."""
    rules = {rule.key: rule.counts for rule in due.case.definition.rules}
    if rules.get(due.rung.key) == "sent_back":
        return "not_adequate"
    clock = due.case.definition.clock_by_key[due.clock.key]
    return "no_progress" if clock.restarted_by else "overdue"


def propose_handler_interview(
    due: DueRung, *, tier: int = 1, county_organ: str = "report_up", message: str = "proposal_waiting"
) -> Iterable[Wish]:
    """Proposes an interview of the body that handles a clue: number and count only, and never about the village.

    A late county organ is not interviewed (practice.md §9.2 C3b): `county_organ` "report_up" tells the leading group,
    anything else leaves it on the sponsor's desk. So does a body that a person concerned belongs to.
    """
    if due.tree.organ(due.clock.organ_id).level == "county":
        yield notice(due, GROUP if county_organ == "report_up" else DESK, "overdue")
        return
    talk = find_handler_talk(due, due.clock.organ_id)
    if talk is None:
        yield notice(due, DESK, message)
        return
    yield handler_proposal(due, talk, tier)
    yield notice(due, due.rung.to or DESK, message)


def climb_items(due: DueRung, *, tier: int = 2, message: str = "second_interview") -> Iterable[Wish]:
    """The talk was not held in time: its items go on in the next tier, counted from the talk's own limit.

    Their own rung of that tier proposes the county's talk; `tier` says which it is, for whoever reads the definition.
    """
    yield ClimbItems(due.clock.due_on or due.today)
    if due.rung.to:
        yield notice(due, due.rung.to, message)
