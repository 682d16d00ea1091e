"""R27 as a model check: on every path through every shipped kind, by every choice of people, nobody ends what was his own.

The whole graph is walked: guards may answer anything and forms may be filled in any way, so that only roles, relations and the
separation of duties stand between a person and a step. What holds here holds on every real path.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest

from states.definition import Definition, Transition
from states.errors import NotPermitted
from states.schema import load
from tests.drills.scale import IS_DRILL
from web.wiring import shipped_workflows
from workflow.permissions import Standing, Worked, require_may_fire, standings
from workflow.types import Actor, GrantFact

KINDS = {kind: load(document.data) for kind, document in shipped_workflows().items()}
SPONSOR, HOLDER, TOWNSHIP, VILLAGE = 1, 2, 3, 4
ORGANS = {
    SPONSOR: ("inspection_office", "county", 10),
    HOLDER: ("township_discipline_committee", "township", 20),
    TOWNSHIP: ("township_party_committee", "township", 20),
    VILLAGE: ("village_party_organisation", "village", 30),
}
# One of the sponsor (two in a drill), one of both, one of the holder and one of the township: each in every role, so that no
# role stops him.
PEOPLE = {1: (SPONSOR,), 3: (SPONSOR, HOLDER), 4: (HOLDER,), 5: (TOWNSHIP,)} | ({2: (SPONSOR,)} if IS_DRILL else {})
GOES = {"supervisor": SPONSOR, "recipient": HOLDER, "past_holder": HOLDER, "subject": HOLDER}
GOES |= {"interviewer": TOWNSHIP, "interviewee": VILLAGE}


@dataclass(frozen=True, slots=True)
class Path:
    """As much of a path as any rule may ask for: where the case is, who has done what of it, who closed it and who asked."""

    state: str
    holder: int
    registrar: int | None
    work: frozenset[tuple[str, int, int]] = frozenset()  # trigger where a rule tells it from others, person, organ
    closers: frozenset[int] = frozenset()
    asker: int | None = None


@cache
def person(person_id: int) -> Actor:
    roles = ("handler", "deputy", "head")
    posts = [(role, organ) for organ in PEOPLE[person_id] for role in roles]
    grants = tuple(GrantFact(n, role, organ, *ORGANS[organ], ceiling=3) for n, (role, organ) in enumerate(posts))
    return Actor(person_id, str(person_id), grants)


@cache
def stands(by: int, holder: int) -> tuple[Standing, ...]:
    return standings(person(by), row_of(Path("", holder, None)))


def row_of(path: Path) -> dict[str, int | None]:
    columns = {"registrar": SPONSOR, "supervisor": SPONSOR, "holder": path.holder, "subject": VILLAGE}
    columns |= {"interviewer": TOWNSHIP, "interviewee": VILLAGE}
    areas = {"subject_county_id": 10, "subject_township_id": 20, "subject_village_id": 30}
    return (
        {f"{name}_id": organ for name, organ in columns.items()} | areas | {"level": 2, "registrar_person_id": path.registrar}
    )


def worked_of(path: Path) -> Worked:
    persons, organs = {person for _, person, _ in path.work}, {(trigger, organ) for trigger, _, organ in path.work}
    return Worked(frozenset(persons), frozenset(organs), path.closers, path.asker)


def pressed(definition: Definition, step: Transition, path: Path, by: int) -> Path | None:
    """The path after the step, or None where this person may not take it."""
    try:
        post = require_may_fire(step, person(by), row_of(path), stands(by, path.holder), worked_of(path))
    except NotPermitted:
        return None
    assert post is not None
    told = {one.trigger for one in definition.transitions if one.work and one.separate}
    work = {(step.trigger if step.trigger in told else "", by, post.organ_id)} if step.work else set()
    consent = definition.consent
    return Path(
        state=step.target_from(path.state),
        holder=GOES.get(step.holder, path.holder),
        registrar=path.registrar,
        work=path.work | work,
        closers=path.closers | ({by} if step.trigger in definition.closing_triggers else set()),
        asker=by if consent and step.trigger == consent.asked_by else path.asker,
    )


def steps_on(definition: Definition) -> Iterator[tuple[Path, Transition, int]]:
    """Every step that anybody may take on any path, once for each thing that a rule can tell of the path before it."""
    first = next(state.key for state in definition.states if state.initial)
    found = {Path(first, SPONSOR, registrar) for registrar in (1, 3, None)}
    waiting = list(found)
    while waiting:
        path = waiting.pop()
        for step in definition.triggers_from.get(path.state, ()):
            for by in PEOPLE:
                after = pressed(definition, step, path, by)
                if after is None:
                    continue
                yield path, step, by
                if after not in found:
                    found.add(after)
                    waiting.append(after)


@cache
def decisive(kind: str) -> tuple[tuple[Path, Transition, int], ...]:
    """Of these the close-outs that separate duties, and the answers to what was asked."""
    definition = KINDS[kind]
    consent = definition.consent
    answers = (consent.given_by, consent.refused_by) if consent else ()
    return tuple(
        (path, step, by)
        for path, step, by in steps_on(definition)
        if step.trigger in answers or (step.separate and is_close_out(definition, step, path.state))
    )


def is_close_out(definition: Definition, step: Transition, state: str) -> bool:
    """Does the step end the case on a ground that counts?"""
    ends = {one.key for one in definition.states if one.final}
    return step.target_from(state) in ends and any(ground.counted for ground in step.grounds)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nobody_closes_what_he_registered_did_verified_or_closed_before_nor_anybody_of_a_handling_organ(kind: str) -> None:
    definition, ended = KINDS[kind], set()
    for path, step, by in decisive(kind):
        if not is_close_out(definition, step, path.state):
            continue
        ended.add(by)
        workers = {person for _, person, _ in path.work}
        handling = {organ for trigger, _, organ in path.work if trigger != step.trigger} - {SPONSOR}
        if "work" in step.separate:
            assert by not in workers, (path, step.trigger)
            assert handling.isdisjoint(PEOPLE[by]), (path, step.trigger)
        if "registration" in step.separate:
            assert by != path.registrar, (path, step.trigger)
        if "closing" in step.separate:
            assert by not in path.closers, (path, step.trigger)
    assert ended or not any(is_close_out(definition, step, state) and step.separate
                            for step in definition.transitions for state in step.sources), "somebody may end it"  # fmt: skip


@pytest.mark.parametrize("kind", sorted(kind for kind, definition in KINDS.items() if definition.consent))
def test_nobody_answers_what_he_asked_for(kind: str) -> None:
    consent, answered = KINDS[kind].consent, set()
    assert consent is not None
    for path, step, by in decisive(kind):
        if step.trigger in (consent.given_by, consent.refused_by):
            answered.add(by)
            assert by != path.asker, (path, step.trigger)
    assert answered, "somebody answers"


# Kinds whose close-out is not of somebody else's work: a measure is done by the unit that has it, and the item above it is checked.
CLOSED_BY_ITS_UNIT = {"measure"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_step_that_ends_a_case_on_a_ground_that_counts_separates_the_work(kind: str) -> None:
    definition = KINDS[kind]
    ends = [step for step in definition.transitions for state in step.sources if is_close_out(definition, step, state)]
    unseparated = {step.trigger for step in ends if "work" not in step.separate}
    assert (unseparated == set()) == (kind not in CLOSED_BY_ITS_UNIT), unseparated


def test_the_check_finds_a_rule_that_is_missing() -> None:
    """With the separation of one close-out taken away, the walk finds who ends his own work."""
    whole = KINDS["clue"]
    loose = replace(whole, transitions=tuple(replace(s, separate=()) if s.trigger == "close" else s for s in whole.transitions))
    closing = ((path, by) for path, step, by in steps_on(loose) if step.trigger == "close")
    assert any(by in {worker for _, worker, _ in path.work} for path, by in closing)
