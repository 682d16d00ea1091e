"""Proofs over ladders: the rungs stand in the order of time, and each can come."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import inf

from states.definition import Clock, Definition, Ladder, Limit, Rung
from states.faults import Fault, pointer_of
from states.vocabulary import Vocabulary

# Rough days, only to compare: five working days are a week, a month is its longest when it is a limit.
_DAYS = {"day": 1.0, "workday": 1.4, "month": 31.0, "date": inf}
# semantics.md §4: the longest limit that each ladder of `by_length` serves, in days.
_LENGTHS = {"long": inf, "medium": 45.0, "short": 15.0}


def days_of(limit: Limit) -> float:
    """About how many calendar days a limit is."""
    return limit.amount * _DAYS[limit.unit]


def ladder_out_of_order(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Within a tier, a later rung is not earlier in time."""
    for pointer, tier in _tiers(d):
        for order, (before, rung) in enumerate(pairwise(tier), start=1):
            if days_of(rung.offset) < days_of(before.offset):
                yield Fault("ladder_out_of_order", f"{pointer}/{order}/at", {"rung": rung.key, "before": before.key})


def ladder_unused(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A clock climbs each ladder."""
    used = {clock.ladder for clock in d.clocks}
    used |= set(_LENGTHS) if "by_length" in used else set()
    for index, ladder in enumerate(d.ladders):
        if ladder.key not in used:
            yield Fault("ladder_unused", pointer_of("ladders", index), {"ladder": ladder.key})


def clock_never_due(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A clock with a ladder has a limit."""
    for index, clock in enumerate(d.clocks):
        if clock.ladder and longest(clock) is None:
            yield Fault("clock_never_due", pointer_of("clocks", index, "ladder"), {"clock": clock.key})


def rung_before_start(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A rung of the first tier comes after its clock's start, on the longest of the limits at least."""
    for index, ladder in enumerate(d.ladders):
        limits = [length for clock in d.clocks if (length := _served(clock, ladder)) is not None]
        for order, rung in enumerate(ladder.tiers[0]):
            if limits and days_of(rung.offset) <= -max(limits):
                place = pointer_of("ladders", index, "tiers", 0, order, "at")
                yield Fault("rung_before_start", place, {"rung": rung.key, "ladder": ladder.key})


def rung_behind_held(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A rung that holds its ladder is the last in its tier: what stands behind it would wait for ever."""
    for pointer, tier in _tiers(d):
        held = next((order for order, rung in enumerate(tier) if rung.holds), len(tier))
        for order in range(held + 1, len(tier)):
            if days_of(tier[order].offset) > days_of(tier[held].offset):
                yield Fault("rung_behind_held", f"{pointer}/{order}", {"rung": tier[order].key, "held": tier[held].key})


def tier_never_reached(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A tier is reached from one that holds; the second also by reopening."""
    reopens = any(transition.reopens for transition in d.transitions)
    for index, ladder in enumerate(d.ladders):
        for number in range(1, len(ladder.tiers)):
            held = any(rung.holds for rung in ladder.tiers[number - 1])
            if not held and not (number == 1 and reopens):
                place = pointer_of("ladders", index, "tiers", number)
                yield Fault("tier_never_reached", place, {"ladder": ladder.key, "tier": number + 1})
                break


def longest(clock: Clock) -> float | None:
    """The longest limit of a clock in rough days, or None where it has none at all."""
    found = [days_of(row.limit) for row in clock.limits if row.limit]
    found += [days_of(row.at_most) if row.at_most else inf for row in clock.limits if row.date_field]
    return max(found, default=None)


def _served(clock: Clock, ladder: Ladder) -> float | None:
    """The longest limit of the clock on which it climbs this ladder; None where it never does."""
    length = longest(clock)
    if length is not None and clock.ladder == "by_length" and ladder.key in _LENGTHS:
        return min(length, _LENGTHS[ladder.key])
    return length if clock.ladder == ladder.key else None


def _tiers(d: Definition) -> Iterator[tuple[str, tuple[Rung, ...]]]:
    for index, ladder in enumerate(d.ladders):
        for number, tier in enumerate(ladder.tiers):
            yield pointer_of("ladders", index, "tiers", number), tier
