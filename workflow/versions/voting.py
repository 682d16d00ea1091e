"""A body of the made county votes on a step as a scenario says: just so many people, by the verbs that people use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from states.definition import Decision, Transition, Vote
from states.errors import Conflict
from workflow import deciding, occasions
from workflow.cases import parties_of
from workflow.dates import local_day
from workflow.models import Grant
from workflow.occasion import Occasion
from workflow.people.actors import actor_of
from workflow.permissions import organs_in
from workflow.reads.seen import see
from workflow.store import Store
from workflow.types import Actor
from workflow.versions.made_county import MadeCounty, hire

SAID = "情景"


class Sitting(NamedTuple):
    """The body on a day: the organs that it sits in, and who of it is entitled to a vote."""

    organs: tuple[int, ...]
    entitled: tuple[int, ...]


@contextmanager
def voted(
    county: MadeCounty, case_id: int, transition: Transition, vote: Vote | None, *, actor: Actor, now: datetime, data: Any
) -> Iterator[None]:
    """The step is put to the vote with these answers, and the body says what `vote` says; unsaid, all of it agree.

    The body has just so many people while the block runs, in which the step is taken. Whatever the engine refuses is raised.
    """
    rule = transition.decision
    assert rule is not None, "the caller has looked"
    _ask(county, case_id, transition.trigger, actor=actor, now=now, data=data)
    sitting = _sitting(county, case_id, transition, actor=actor, now=now)
    counts = asdict(vote) if vote else {deciding.AGREE: max(len(sitting.entitled), rule.least)}
    wanted = sum(counts.values())
    kept, relieved = sitting.entitled[:wanted], sitting.entitled[wanted:]
    county.database.write(lambda store: _hire(store, sitting.organs, rule, wanted - len(kept)))
    _relieve(county, relieved, sitting.organs, rule, now)
    try:
        voters = iter(_sitting(county, case_id, transition, actor=actor, now=now).entitled)
        for choice in deciding.CHOICES:
            for _, person_id in zip(range(counts.get(choice, 0)), voters, strict=False):
                _say(county, case_id, transition.trigger, person_id, choice, now)
        yield
    finally:
        _relieve(county, relieved, sitting.organs, rule, None)


def _ask(county: MadeCounty, case_id: int, trigger: str, *, actor: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """Puts the step to the vote; one that goes on from before is taken back by whoever asked."""
    try:
        county.engine.ask_decision(case_id, trigger, actor=actor, now=now, data=data)
    except Conflict:
        found = county.database.read(lambda store: deciding.find_open(store, case_id, trigger))
        asked_by = _actor(county, found["asked_by"], now) if found else actor
        county.engine.withdraw_decision(case_id, trigger, actor=asked_by, now=now, reason=SAID)
        county.engine.ask_decision(case_id, trigger, actor=actor, now=now, data=data)


def _sitting(county: MadeCounty, case_id: int, transition: Transition, *, actor: Actor, now: datetime) -> Sitting:
    def read(store: Store, occasion: Occasion) -> Sitting:
        seen = see(store, occasion, actor, case_id)
        file, rule = seen.file(), transition.decision
        assert rule is not None, "it was put to the vote"
        organs = organs_in(rule.relation, file.row, parties_of(store, file), occasion.tree)
        found = deciding.tally(seen.desk(), file, transition, deciding.find_open(store, case_id, transition.trigger))
        return Sitting(organs, tuple(sorted(found.entitled)))

    return county.engine.read(now, read)


def _hire(store: Store, organs: tuple[int, ...], rule: Decision, count: int) -> None:
    for _ in range(count if organs else 0):
        hire(store, organs[0], rule.roles[0])
    if count > 0:
        occasions.moved(store, "people")


def _relieve(county: MadeCounty, people: Iterable[int], organs: tuple[int, ...], rule: Decision, now: datetime | None) -> None:
    """Takes these people's seats from them, or without a day gives them back."""
    until = local_day(now) - timedelta(1) if now else None

    def work(store: Store) -> None:
        for person_id in people:
            for organ_id in organs:
                for role in rule.roles:
                    store.update(Grant, {"until": until}, person_id=person_id, organ_id=organ_id, role=role)
        occasions.moved(store, "people")

    if people:
        county.database.write(work)


def _say(county: MadeCounty, case_id: int, trigger: str, person_id: int, choice: str, now: datetime) -> None:
    reason = "" if choice == deciding.AGREE else SAID
    county.engine.vote(case_id, trigger, actor=_actor(county, person_id, now), now=now, choice=choice, reason=reason)


def _actor(county: MadeCounty, person_id: int, now: datetime) -> Actor:
    found = county.database.read(lambda store: actor_of(store, person_id, today=local_day(now)))
    assert found is not None, "whoever sits in the body is in post"
    return found
