"""Steps that somebody may take, but that are not what is to be done now: they stand behind those that are.

Each is open to the engine as before. It steps aside where what it is for was done, or where the reader has the better answer.
"""

from __future__ import annotations

from collections.abc import Iterable

from workflow.reads.buttons import Button
from workflow.reads.later import Later
from workflow.reads.next_step import is_for_holder
from workflow.reads.seen import SeenCase
from workflow.reads.timeline import TimelineEvent


def aside_of(
    seen: SeenCase, buttons: Iterable[Button], later: Iterable[Later], timeline: Iterable[TimelineEvent]
) -> frozenset[str]:
    """The triggers of those steps.

    Withdrawing a request, for whoever answers it: he says no to it, and whoever asked withdraws it. An opinion on a later date
    that was given on all that is asked for. A check that was made in this state already (the work of others, so kept apart from
    theirs), work that was done here and lies with the supervisor now, and what he would do in the holder's place.
    """
    definition, buttons, later = seen.served.definition, tuple(buttons), tuple(later)
    opened = {button.trigger for button in buttons if button.allowed}
    found: set[str] = set()
    if definition.consent and definition.consent.given_by in opened:
        found.add(definition.consent.withdrawn_by)
    opinions = {clock.extension.opinion for clock in definition.clocks if clock.extension and clock.extension.opinion}
    found |= opinions - {one.advice.trigger for one in later if one.advice}
    is_handed_in = seen.row["holder_id"] == seen.row["supervisor_id"]
    steps = definition.triggers_from.get(seen.row["state"], ())
    found |= {step.trigger for step in steps if step.work and (step.separate or is_handed_in)} & _taken_here(timeline)
    place = (seen.row, seen.sight.standings, seen.occasion.tree)
    found |= {step.trigger for step in steps if (step.main or step.work) and is_for_holder(step, *place)}
    return frozenset(found & opened)


def _taken_here(timeline: Iterable[TimelineEvent]) -> set[str]:
    """The steps taken since the case came to its present state; the newest event comes first."""
    found: set[str] = set()
    undone: set[int] = set()
    for event in timeline:
        if event.kind == "state":
            break
        undone.add(event.params.get("undone", event.seq) if event.verb == "undo" else 0)
        if event.seq not in undone:
            found.add(event.trigger)
    return found
