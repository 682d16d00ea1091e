"""Interviews that a transition proposes, and what an interview's own transitions do to its items."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.effects.interviewers import find_handler_talk, find_talk, responsible_of
from handlers.effects.messages import notice
from handlers.effects.proposals import handler_proposal, proposal
from workflow.types import Change, FixDates, LinkAgenda, ReleaseAgenda, Wish

DESK = ("handler@supervisor",)
DECIDES = ("head@supervisor",)


def propose_interview(change: Change, *, tier: int = 1, trigger: str = "", times: int = 1) -> Iterable[Wish]:
    """Proposes an interview of the responsible organ by hand, or once `trigger` was fired `times` times in this cycle.

    The second send-back is such a case (practice.md §5). Where the tree has no interviewer, it is on the sponsor's desk.
    """
    if trigger and change.tally.get(trigger, 0) < times:
        return
    talk = find_talk(change, responsible_of(change.case), tier)
    if talk is None:
        yield notice(change, DESK, "proposal_waiting")
        return
    yield proposal(change, talk, tier, "not_adequate" if trigger else "prominent")
    yield notice(change, DECIDES, "proposal_waiting")


def propose_handler_interview(change: Change, *, tier: int = 1) -> Iterable[Wish]:
    """Proposes an interview of the body that handles a clue: number and count only, and never about the village."""
    holder_id = change.case.row["holder_id"]
    talk = find_handler_talk(change, holder_id) if holder_id is not None else None
    if talk is None:
        yield notice(change, DESK, "proposal_waiting")
        return
    yield handler_proposal(change, talk, tier)
    yield notice(change, DECIDES, "proposal_waiting")


def link_agenda(change: Change) -> Iterable[Wish]:
    """What has turned late since the talk was proposed comes along before the notice goes out (semantics.md §5)."""
    if change.case.definition.interview is not None:
        yield LinkAgenda()


def fix_new_dates(change: Change, *, dates_from: str = "new_dates") -> Iterable[Wish]:
    """The dates fixed in the talk run on the items; an item that has been closed meanwhile needs none."""
    answered = change.answers.get(dates_from) or {}
    dates = {item.case_id: answered.get(str(item.case_id)) for item in change.agenda if not item.is_closed}
    fixed = {case_id: on for case_id, on in dates.items() if on is not None}
    if fixed:
        yield FixDates(fixed)


def close_agenda(change: Change, *, from_on: str = "look_again_on") -> Iterable[Wish]:
    """Lets the items go: all of them where no talk was held, only those without a new date where one was.

    `from_on` names the answer with the day that their next tier counts from.
    """
    rule = change.case.definition.interview
    was_held = rule is not None and change.case.row["state"] in rule.held_in
    waiting = [item for item in change.agenda if item.new_due_on is None and not (was_held and item.is_closed)]
    again_on = change.answers.get(from_on)
    if waiting or again_on:
        yield ReleaseAgenda(change.transition.trigger, again_on)
