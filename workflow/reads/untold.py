"""What led to a talk is told of a case only to those who see the talk: the step, the rung or the rule that proposed it.

Whoever a talk is about learns of it by its notice; the history, the ladder and the row of his own case do not tell him before,
nor that there was to be one where it was waived. What a talk has fixed, a new date, is told to everybody who reads the case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from states.definition import Definition
from workflow.definitions import Catalogue
from workflow.models import AgendaItem
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.seen import SeenCase, refs_of
from workflow.reads.sight import Sight
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.talks import leading_to_talks
from workflow.types import Actor

AGENDA = table_of(AgendaItem)
# A place on an agenda, as far as it tells which step, rung or rule has led to it.
PLACE = tuple(AGENDA.c[name] for name in ("interview_id", "clock", "tier", "rung", "joined_at"))
ON = Prepared(select(*PLACE).where(AGENDA.c.case_id == bindparam("case_id")))
NAMES = ("opened", "interview")  # where the facts of an event name the talk that it led to, or that it comes from


@dataclass(frozen=True, slots=True)
class Untold:
    """What this reader is not told of a case: `talks` are those that he does not see, `on` its places on their agendas.

    `seen_on` are its places on the agendas of the others.
    """

    definition: Definition
    talks: frozenset[int]
    on: tuple[Row, ...]
    seen_on: tuple[Row, ...]

    def hides(self, event: Row) -> bool:
        """Is the event about a talk that the reader does not see, and about nothing else?"""
        facts, named = event["facts"], _named(event["facts"])
        if event["verb"] == "new_date" or event["from_state"] != event["to_state"]:
            return False
        if named:
            return bool(self.talks & named)
        if event["verb"] == "rung":
            here = (facts["clock"], facts["tier"], facts["rung"])
            is_seen = any((item["clock"], item["tier"], item["rung"]) == here for item in self.seen_on)
            return facts["rung"] in leading_to_talks(self.definition) and not is_seen
        if event["verb"] == "organisation_rule":
            return any(item["rung"] == f"rule_{facts['rule']}" for item in self.on)
        return event["verb"] == "fire" and any(_by_hand(item, event) for item in self.on)


def told(seen: SeenCase, events: list[Row]) -> list[Row]:
    """Of the case's events those that the reader is told. Three statements at most."""
    if tells_all(seen.actor, seen.sight):
        return events
    agenda = seen.store.rows(ON, case_id=seen.id)
    talks = {item["interview_id"] for item in agenda}
    named = {case_id for event in events for case_id in _named(event["facts"])}
    known = refs_of(seen.store, seen.occasion, seen.actor, talks | named)
    talks |= _talks_among(seen.store, seen.occasion.catalogue, named - talks - set(known))
    untold = Untold(
        seen.served.definition,
        talks=frozenset(talks - set(known)),
        on=tuple(item for item in agenda if item["interview_id"] not in known),
        seen_on=tuple(item for item in agenda if item["interview_id"] in known),
    )
    return [event for event in events if not untold.hides(event)]


def tells_all(actor: Actor, sight: Sight) -> bool:
    """Who supervises the case supervises its talks."""
    return actor.sees_all or "supervisor" in sight.relations


def _named(facts: Mapping[str, Any]) -> set[int]:
    told = [facts.get(name) for name in NAMES]
    return {case_id for one in told for case_id in (one if isinstance(one, list) else [one]) if isinstance(case_id, int)}


def _by_hand(item: Row, event: Row) -> bool:
    """Did this very step put the case on the agenda?"""
    return bool(item["rung"] == f"by_hand_{item['interview_id']}" and item["joined_at"] == event["recorded_at"])


def _talks_among(store: Store, catalogue: Catalogue, ids: Collection[int]) -> set[int]:
    kinds = [kind for kind, served in catalogue.current.items() if served.definition.interview is not None]
    if not ids or not kinds:
        return set()
    found = store.select(select(CASES.c.id).where(CASES.c.id.in_(sorted(ids)), CASES.c.kind.in_(kinds)))
    return {row["id"] for row in found}


# ---- rows -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Talks:
    """The talks that rows stand on an agenda of, or are held by: case → talks, and those that the reader sees."""

    of: Mapping[int, frozenset[int]]
    seen: frozenset[int]

    def unseen(self, case_id: int) -> frozenset[int]:
        """The talks about a case that the reader does not see."""
        return self.of.get(case_id, frozenset()) - self.seen


def talks_of(
    store: Store,
    occasion: Occasion,
    actor: Actor,
    rows: Iterable[Row],
    sights: Mapping[int, Sight],
    talks: Mapping[int, frozenset[int]],
) -> Talks:
    """Of the talks of cases, those of the rows that the reader is not told everything of. One statement where there is any."""
    ids = sorted(row["id"] for row in rows if row["id"] in talks and not tells_all(actor, sights[row["id"]]))
    found = {case_id: talks[case_id] for case_id in ids}
    return Talks(found, frozenset(refs_of(store, occasion, actor, {talk for each in found.values() for talk in each})))


def without_rung(
    occasion: Occasion, actor: Actor, rows: Iterable[Row], sights: Mapping[int, Sight], talks: Talks
) -> frozenset[int]:
    """Of these rows, those whose last rung led to a talk that the actor does not see."""
    pressed = {row["id"] for row in rows if not tells_all(actor, sights[row["id"]]) and _is_pressed(occasion, row)}
    return frozenset(case_id for case_id in pressed if talks.unseen(case_id) or not talks.of.get(case_id))


def _is_pressed(occasion: Occasion, row: Row) -> bool:
    return row["rung"] in leading_to_talks(occasion.catalogue.of_version(row["definition_version_id"]).definition)
