"""The course that cases of a kind take: what stands in each state, how long they stay there, and which ways they go from it.

What stands is of today; what has gone is counted over the last weeks, and a median is that of the working days of every stay,
found among the stays themselves, so that both databases say the same. Two statements, over what the reader sees as it is now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from states.definition import Definition, Text
from workflow.definitions import Catalogue
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.bands import NOW
from workflow.reads.query import Query
from workflow.reads.stays import Stay, spells_since, state_stays
from workflow.reads.townships import rows_over
from workflow.store import Store
from workflow.types import Actor


@dataclass(frozen=True, slots=True)
class Standing:
    """A state: `now` stand in it, `late` of them late; `left` cases have left it, after `median` working days."""

    key: str
    title: Text
    now: int
    late: int
    left: int
    median: float | None


@dataclass(frozen=True, slots=True)
class Gone:
    """A way between two states: so many cases went it, so many times in all, after `median` working days in the first."""

    source: str
    target: str
    cases: int
    times: int
    median: float | None


@dataclass(frozen=True, slots=True)
class Course:
    """A kind with its states and ways, in the order of its definition; those of older versions follow where they are in use."""

    definition: Definition
    states: tuple[Standing, ...]
    ways: tuple[Gone, ...]
    titles: dict[str, Text]


def course(store: Store, occasion: Occasion, actor: Actor, query: Query) -> Course:
    """The course of the one kind of a query over what its filters keep, whatever its band; NotFound where it is not served."""
    (kind,), query = query.kinds, replace(query, band="all", late_for="", ids=None)
    definition = occasion.catalogue.of_kind(kind).definition
    standing = {row["state"]: row for row in rows_over(store, occasion, actor, query, _standing)}
    stays = list(state_stays(rows_over(store, occasion, actor, query, spells_since), occasion.today))
    titles = titles_of(occasion.catalogue, kind)
    drawn = [state.key for state in definition.states]
    older = sorted({*standing, *(stay.key for stay in stays)} - set(drawn))
    ways = dict.fromkeys(ways_of(definition))
    ways.update(dict.fromkeys(sorted({(stay.key, stay.then) for stay in stays})))
    return Course(
        definition=definition,
        states=tuple(
            Standing(
                key,
                titles[key],
                standing.get(key, {}).get("now", 0),
                standing.get(key, {}).get("late", 0),
                *_gone(occasion, [stay for stay in stays if stay.key == key]),
            )
            for key in (*drawn, *older)
        ),
        ways=tuple(_way(occasion, source, target, stays) for source, target in ways),
        titles=titles,
    )


def ways_of(definition: Definition) -> list[tuple[str, str]]:
    """Every way from one state to another, in the order of the states."""
    place = {state.key: order for order, state in enumerate(definition.states)}
    found = {
        (source, transition.target_from(source))
        for transition in definition.transitions
        for source in transition.sources
        if transition.target_from(source) != source
    }
    return sorted(found, key=lambda way: (place[way[0]], place[way[1]]))


def _standing(part: ColumnElement[bool]) -> Select[Any]:
    late = func.count().filter(NOW.late).label("late")
    return select(CASES.c.state, func.count().label("now"), late).where(part).group_by(CASES.c.state)


def titles_of(catalogue: Catalogue, kind: str) -> dict[str, Text]:
    """The title of every state that any version of the kind has, as the newest that has it says it."""
    served = [one for one in catalogue.by_id.values() if one.kind == kind]
    versions = [*sorted(served, key=lambda one: one.number), catalogue.of_kind(kind)]
    return {state.key: state.title for version in versions for state in version.definition.states}


def _way(occasion: Occasion, source: str, target: str, stays: Iterable[Stay]) -> Gone:
    found = [stay for stay in stays if (stay.key, stay.then) == (source, target)]
    cases, middle = _gone(occasion, found)
    return Gone(source, target, cases, len(found), middle)


def _gone(occasion: Occasion, stays: list[Stay]) -> tuple[int, float | None]:
    """How many cases, and the median of the working days of their stays."""
    days = [occasion.calendar.workdays_in(stay.from_on, stay.to_on) for stay in stays]
    return len({stay.case_id for stay in stays}), float(median(days)) if days else None
