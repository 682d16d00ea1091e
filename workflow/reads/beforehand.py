"""What was done with a case before it was handed over is told to nobody whom the case was kept from at the time.

A village reads its item from the hand-over on: that the county asked its leader before, what he answered and what was remarked
stays with those who had the case then. The steps themselves, by which the case came to be where it is, are told to everybody
who reads it; whose approval was recorded with such a step is not.
"""

from __future__ import annotations

from typing import Any

from states.definition import Definition
from workflow.reads.seen import SeenCase
from workflow.reads.sight import Sight
from workflow.statements import Row
from workflow.types import Actor

# What somebody is by having the case or having had it: it opens what happened while he had it, and nothing before.
BY_HAVING_IT = frozenset({"holder", "past_holder", "interviewer", "interviewee"})


def kept_from(actor: Actor, definition: Definition, sight: Sight) -> frozenset[str]:
    """The states in which a case lay out of the reader's sight, but for what he had himself; none for who saw it all."""
    rules = [rule for rule in definition.access if rule.relation in sight.relations]
    known = {state for rule in rules for state in rule.states}
    knows_all = any(not rule.states for rule in rules if rule.relation not in BY_HAVING_IT)
    if actor.sees_all or knows_all or not known:
        return frozenset()
    return frozenset(state.key for state in definition.states if state.key not in known)


def since_hand_over(seen: SeenCase, events: list[Row]) -> list[Row]:
    """Of the events those that lay open to the reader when they happened, and every step that changed the state."""
    kept = kept_from(seen.actor, seen.served.definition, seen.sight)
    if not kept:
        return events
    return [_without_approval(event, kept) for event in events if not lay_before(seen.actor, event, kept)]


def lay_before(actor: Actor, event: Row, kept: frozenset[str]) -> bool:
    """Did this happen while the case lay in a state that was kept from the reader, and not with him?"""
    is_step = event["from_state"] != event["to_state"] or event["seq"] == 1
    is_ours = bool({event["facts"]["holder"], event["organ_id"]} & set(actor.organ_ids))
    return not is_step and not is_ours and event["to_state"] in kept


def _without_approval(event: Row, kept: frozenset[str]) -> Row:
    content: dict[str, Any] = event["content"] or {}
    answers = content.get("answers") or {}
    if event["from_state"] not in kept or "approval" not in answers:
        return event
    return event | {"content": content | {"answers": {key: told for key, told in answers.items() if key != "approval"}}}
