"""Ladders: which step of a clock comes next, and when.

Steps are computed from the date, never stored: a moved date moves every rung that has not fired. `spent` remembers what has
fired as "tier:rung:revision"; a reminder (`again`) fires once more when the date was changed, an order or an interview never.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from states.definition import Clock as ClockRule
from states.definition import Definition, Ladder, Rung
from workflow.dates import Calendar, due_on, local_day, local_time, rung_at
from workflow.statements import Row

OVERDUE = "overdue"  # the engine's own step: the first moment of the day after the limit
RESUME = "resume"  # the engine's own step: a pause is over
LONG_DAYS, SHORT_DAYS = 45, 15  # semantics.md §4


class Step(NamedTuple):
    """A rung, or one of the engine's own steps (`rung` None), and the moment it is due."""

    at: datetime
    order: int
    key: str
    rung: Rung | None


def ladder_key(rule: ClockRule, started_on: date, due: date | None) -> str:
    """Which ladder a clock climbs: the one it names, or by the length of its limit."""
    if rule.ladder != "by_length" or due is None:
        return "" if rule.ladder == "by_length" else rule.ladder
    days = (due - started_on).days
    if days > LONG_DAYS:
        return "long"
    return "short" if days <= SHORT_DAYS else "medium"


def ladder_of(definition: Definition, clock: Row) -> Ladder | None:
    """The ladder a clock row climbs, if any."""
    return definition.ladder_by_key.get(clock["ladder"])


def tiers_of(definition: Definition, clock: Row) -> int:
    """How many tiers the clock's ladder has; 1 where it has none."""
    ladder = ladder_of(definition, clock)
    return len(ladder.tiers) if ladder else 1


def find_rung(definition: Definition, clock: Row) -> Rung | None:
    """The rung that the clock row points at, or None for the engine's own steps."""
    ladder = ladder_of(definition, clock)
    tier = ladder.tiers[clock["tier"] - 1] if ladder else ()
    return next((rung for rung in tier if rung.key == clock["next_rung"]), None)


def steps(definition: Definition, clock: Row, calendar: Calendar) -> list[Step]:
    """Every step of the clock's present tier in order of time, spent or not."""
    if clock["due_on"] is None:
        return []
    found = [] if clock["overdue_since"] else [Step(local_time(clock["due_on"] + timedelta(1), 0), -1, OVERDUE, None)]
    ladder = ladder_of(definition, clock)
    if ladder and clock["ladder_on"]:
        found += _rung_steps(ladder.tiers[clock["tier"] - 1], clock, calendar)
    return sorted(found)


def _rung_steps(tier: tuple[Rung, ...], clock: Row, calendar: Calendar) -> Iterable[Step]:
    asked = (id(tier), clock["ladder_from"] or clock["due_on"])
    if asked not in calendar.tiers:
        # The tier is kept beside its steps, so that no other one gets its id.
        calendar.tiers[asked] = (tier, tuple(_unspent(tier, asked[1], calendar)))
    first: tuple[Step, ...] = calendar.tiers[asked][1]
    return first if clock["spent"] == "[]" else [_repeated(step, clock, calendar) for step in first]


def _unspent(tier: Iterable[Rung], base: date, calendar: Calendar) -> Iterator[Step]:
    """The steps of a tier counted from `base`, before any of them has fired."""
    for order, rung in enumerate(tier):
        at = rung_at(calendar, base, rung.offset.amount, rung.offset.unit, is_reminder=rung.offset.amount < 0)
        yield Step(at, order, rung.key, rung)


def _repeated(step: Step, clock: Row, calendar: Calendar) -> Step:
    """A rung that repeats is due again by its distance for each time it has fired on this date."""
    if step.rung is not None and step.rung.every is not None:
        for _ in range(spent_of(clock).count(_mark(clock, step.key))):
            step = again(step, calendar) or step
    return step


def spent_of(clock: Row) -> tuple[str, ...]:
    """The marks of the rungs that this run has spent."""
    return _marks(clock["spent"])


@lru_cache(maxsize=4096)
def _marks(text: str) -> tuple[str, ...]:
    """A tier has few rungs, so many clocks of a long ledger have spent the same."""
    return tuple(json.loads(text))


def _mark(clock: Row, rung_key: str) -> str:
    return f"{clock['tier']}:{rung_key}:{clock['revision']}"


def times_spent(clock: Row, rung_key: str) -> int:
    """How often the rung was spent in this run and tier, on whatever date."""
    return _times(clock["spent"], f"{clock['tier']}:{rung_key}:")


@lru_cache(maxsize=4096)
def _times(text: str, prefix: str) -> int:
    return sum(mark.startswith(prefix) for mark in _marks(text))


def spend(clock: Row, rung_key: str) -> int:
    """Marks the rung as spent; its occurrence, counted from 1."""
    occurrence = times_spent(clock, rung_key) + 1
    clock["spent"] = _with(clock["spent"], _mark(clock, rung_key))
    return occurrence


@lru_cache(maxsize=4096)
def _with(text: str, mark: str) -> str:
    return json.dumps([*_marks(text), mark])


def is_open(step: Step, clock: Row) -> bool:
    """May the step still fire: it repeats, or has not been spent on this date (a reminder) or at all (anything else)?"""
    if clock["spent"] == "[]" or step.rung is None or step.rung.every is not None:
        return True
    if step.rung.again:
        return _mark(clock, step.key) not in spent_of(clock)
    return times_spent(clock, step.key) == 0


def arm(definition: Definition, clock: Row, calendar: Calendar, *, floor: date | None = None) -> list[Step]:
    """Points the clock at its next step; returns the steps skipped because their day is not after `floor`.

    A rung that is not after the clock's start (or after the day its date was changed) is recorded and does nothing
    (practice.md §9.1 G3). Without `floor` nothing is skipped: what is past due is climbed in order at the next sweep.
    """
    if clock["status"] == "paused":
        return []  # The end of its pause stays its next step.
    clock["next_rung"] = clock["next_at"] = None
    if clock["status"] != "armed" or clock["held_by"] is not None:
        return []
    skipped: list[Step] = []
    ahead: list[Step] = []
    for step in steps(definition, clock, calendar):
        if is_open(step, clock):
            passed, coming = _parted(step, calendar, floor)
            skipped += passed
            ahead += coming
    if ahead:
        first = min(ahead)
        clock["next_rung"], clock["next_at"] = first.key, _waiting(first, clock)
    return skipped


def _parted(step: Step, calendar: Calendar, floor: date | None) -> tuple[list[Step], list[Step]]:
    """The times of a step that are not after `floor`, and the one that comes next; a rung that does not repeat has one time."""
    passed: list[Step] = []
    while floor and step.rung and local_day(step.at) <= floor:
        passed.append(step)
        following = again(step, calendar)
        if following is None:
            return passed, []
        step = following
    return passed, [step]


def again(step: Step, calendar: Calendar) -> Step | None:
    """The next time of a rung that repeats; None of any other step."""
    every = step.rung.every if step.rung else None
    if every is None:
        return None
    # A repetition is at least a day later, whatever its definition says: a sweep must come to an end.
    day = due_on(calendar, local_day(step.at), max(every.amount, 1), every.unit).on
    return step._replace(at=local_time(day))


def _waiting(step: Step, clock: Row) -> datetime:
    """Red waits for an extension that was asked for in time and is not yet decided (practice.md §6.7)."""
    waits_until: datetime | None = clock.get("waits_until")
    is_red = step.key == OVERDUE or (step.rung is not None and step.rung.offset.amount >= 0)
    return max(step.at, waits_until) if waits_until and is_red else step.at
