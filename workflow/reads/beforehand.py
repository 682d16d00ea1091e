"""What was done with a case before it was handed over is told to nobody whom the case was kept from at the time.

A village reads its item from the hand-over on: that the county asked its leader before, what he answered and what was remarked
stays with those who had the case then. The steps themselves, by which the case came to be where it is, are told to everybody
who reads it; whose approval was recorded with such a step is not, nor what was registered and put right before the hand-over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from states.definition import AccessRule, Definition
from workflow.permissions import READING
from workflow.reads.seen import SeenCase
from workflow.reads.sight import Sight
from workflow.statements import Row
from workflow.types import Actor

# What somebody is by having the case or having had it: it opens what happened while he had it, and nothing before.
BY_HAVING_IT = frozenset({"holder", "past_holder", "interviewer", "interviewee"})


def opened(versions: Iterable[Definition], relation: str, organ_kind: str) -> frozenset[str] | None:
    """The states in which the relation lets bodies of this kind read a case, under any version; None where none is kept.

    A past day bears the keys of its version, so each speaks of the states that it has. What one of them keeps is kept.
    """
    given: set[str] = set()
    kept: set[str] = set()
    for definition in versions:
        rules = _reading(definition, relation, organ_kind)
        if rules:
            own = set(definition.state_by_key)
            told = own if any(not rule.states for rule in rules) else own & {state for rule in rules for state in rule.states}
            given, kept = given | told, kept | own - told
    return frozenset(given - kept) if kept else None


def _reading(definition: Definition, relation: str, organ_kind: str) -> list[AccessRule]:
    rules = (rule for rule in definition.access if rule.relation == relation and rule.may in READING)
    return [rule for rule in rules if not rule.organs or organ_kind in rule.organs]


def kept_from(actor: Actor, versions: tuple[Definition, ...], sight: Sight) -> frozenset[str]:
    """The states in which a case lay out of the reader's sight, but for what he had himself; none for who saw it all.

    `versions` are those of its kind, the current one first: by it he reads the case, and the others name older states.
    """
    stands = {(standing.relation, standing.grant.organ_kind) for standing in sight.standings}
    known = {one: opened(versions, *one) for one in stands if _reading(versions[0], *one)}
    timed = [states for states in known.values() if states is not None]
    knows_all = any(states is None and relation not in BY_HAVING_IT for (relation, _), states in known.items())
    if actor.sees_all or knows_all or not timed:
        return frozenset()
    return frozenset(state for one in versions for state in one.state_by_key).difference(*timed)


def since_hand_over(seen: SeenCase, events: list[Row]) -> list[Row]:
    """Of the events those that lay open to the reader when they happened, and every step that changed the state."""
    kept = kept_from(seen.actor, seen.occasion.catalogue.versions_of(seen.served.kind), seen.sight)
    if not kept:
        return events
    told = [event for event in events if not lay_before(seen.actor, event, kept)]
    put_right = _put_right(event for event in events if lay_before(seen.actor, event, kept))
    return [_without(event, _untold(event, kept, put_right)) for event in told]


def lay_before(actor: Actor, event: Row, kept: frozenset[str]) -> bool:
    """Did this happen while the case lay in a state that was kept from the reader, and not with him?"""
    is_step = event["from_state"] != event["to_state"] or event["seq"] == 1
    is_ours = bool({event["facts"]["holder"], event["organ_id"]} & set(actor.organ_ids))
    return not is_step and not is_ours and event["to_state"] in kept


def _put_right(hidden: Iterable[Row]) -> dict[str, int]:
    """The facts that were changed out of the reader's sight, each with the last event that changed it."""
    found: dict[str, int] = {}
    for event in hidden:
        if event["verb"] == "amend":
            found |= {key: max(event["seq"], found.get(key, 0)) for key in (event["content"] or {}).get("answers") or ()}
    return found


def _untold(event: Row, kept: frozenset[str], put_right: Mapping[str, int]) -> set[str]:
    """The answers of a step that are not told: whose approval it had, and what was put right before the reader had the case."""
    approval = {"approval"} if event["from_state"] in kept else set()
    return approval | {key for key, seq in put_right.items() if event["to_state"] in kept and event["seq"] < seq}


def _without(event: Row, untold: set[str]) -> Row:
    content: dict[str, Any] = event["content"] or {}
    answers = content.get("answers") or {}
    if untold.isdisjoint(answers):
        return event
    return event | {"content": content | {"answers": {key: told for key, told in answers.items() if key not in untold}}}
