"""Proofs over clocks: nothing lies about without a promise, and every promise begins and ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from states.checks.graph import reached_from
from states.checks.walk import edges, list_transitions
from states.definition import Clock, Definition, Transition
from states.faults import Fault, pointer_of
from states.vocabulary import Vocabulary

Situation = tuple[str, frozenset[str]]  # a state, and the clocks that surely live in it
MOST_SITUATIONS = (
    300  # a shipped kind has a dozen; clocks that replace each other one by one may have more than anybody waits for
)


def state_without_running_clock(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """In every open state, on whatever way it was reached, a clock runs that started without a condition."""
    final = {state.key for state in d.states if state.final}
    runs_in = {clock.key: set(clock.runs_in) for clock in d.clocks}
    bare = {state for state, live in situations(d) if state not in final and not any(state in runs_in[k] for k in live)}
    for index, state in enumerate(d.states):
        if state.key in bare or (state.key not in final and not any(state.key in states for states in runs_in.values())):
            yield Fault("state_without_running_clock", pointer_of("states", index), {"state": state.key})


def clocks_too_tangled(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Which clocks live where can be followed on every way through the states."""
    if len(situations(d)) > MOST_SITUATIONS:
        yield Fault("clocks_too_tangled", "/clocks", {"most": MOST_SITUATIONS})


def situations(d: Definition) -> set[Situation]:
    """The (state, living clocks) that a case can come into, as far as `MOST_SITUATIONS`; conditional starts are not counted on.

    Of two in one state only the one with fewer clocks is kept: what the other lacks on any way, this one lacks too.
    """
    ways: dict[str, list[_Way]] = {}
    for source, transition, target in edges(d):
        if target in d.state_by_key:
            ways.setdefault(source, []).append(_way(d, transition.trigger, target, transition))
    opened = [(s.key, _way(d, "open", s.key, None).begins) for s in d.states if s.initial][:1]
    least: dict[str, set[frozenset[str]]] = {state: {live} for state, live in opened}
    waiting = list(opened)
    while waiting and sum(map(len, least.values())) <= MOST_SITUATIONS:
        state, live = waiting.pop()
        for way in ways.get(state, ()) if live in least[state] else ():
            reached = way.begins | (live & way.keeps)
            known = least.setdefault(way.target, set())
            if not any(other <= reached for other in known):
                known -= {other for other in known if reached < other}
                known.add(reached)
                waiting.append((way.target, reached))
    return {(state, live) for state, found in least.items() for live in found}


class _Way(NamedTuple):
    """A transition into a state: the clocks that it begins there, and those that live on if they lived before."""

    target: str
    begins: frozenset[str]
    keeps: frozenset[str]


def _way(d: Definition, trigger: str, target: str, by: Transition | None) -> _Way:
    covering = [clock for clock in d.clocks if target in clock.covers]
    begins = frozenset(clock.key for clock in covering if _starts(clock, trigger, by))
    return _Way(target, begins, frozenset(clock.key for clock in covering if trigger not in clock.settled_by))


def _starts(clock: Clock, trigger: str, by: Transition | None) -> bool:
    is_for_later = by is not None and by.approval is not None and by.approval.later == clock.key
    begun = any(start.on == trigger and not start.when for start in clock.starts) and not is_for_later
    return begun or trigger in clock.restarted_by or (clock.main and by is not None and by.reopens)


def clock_never_started(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Each start of a clock leads into a state in which it lives."""
    entered: dict[str, set[str]] = {"open": {state.key for state in d.states if state.initial}}
    for _, transition, target in edges(d):
        entered.setdefault(transition.trigger, set()).add(target)
    for index, clock in enumerate(d.clocks):
        for number, start in enumerate(clock.starts):
            if entered.get(start.on) and not entered[start.on] & set(clock.covers):
                place = pointer_of("clocks", index, "starts", number)
                yield Fault("clock_never_started", place, {"clock": clock.key, "on": start.on})


def later_never_started(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """The clock of an approval that follows is started by the step that did without it."""
    for pointer, transition in list_transitions(d):
        clock = d.clock_by_key.get(transition.approval.later) if transition.approval else None
        if clock is not None and transition.trigger not in {start.on for start in clock.starts}:
            said = {"clock": clock.key, "trigger": transition.trigger}
            yield Fault("later_never_started", f"{pointer}/approval/later", said)


def clock_never_settled(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """From each state in which a clock lives, it can be settled: by a trigger, or by a state in which it does not live."""
    ahead = reached_from(d)
    ways = {(source, transition.trigger, target) for source, transition, target in edges(d)}
    for index, clock in enumerate(d.clocks):
        covers = set(clock.covers)
        ends = {source for source, trigger, target in ways if trigger in clock.settled_by or target not in covers}
        for state in clock.covers:
            if state in d.state_by_key and not ends & ahead[state]:
                yield Fault("clock_never_settled", pointer_of("clocks", index), {"clock": clock.key, "state": state})
                break


def clock_in_final_state(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Nobody can be late with a case that is done."""
    final = {state.key for state in d.states if state.final}
    for index, clock in enumerate(d.clocks):
        for name in ("runs_in", "stands_in"):
            for number, state in enumerate(getattr(clock, name)):
                if state in final:
                    place = pointer_of("clocks", index, name, number)
                    yield Fault("clock_in_final_state", place, {"clock": clock.key, "state": state})


def runs_and_stands(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A clock either runs in a state or stands in it."""
    for index, clock in enumerate(d.clocks):
        for number, state in enumerate(clock.stands_in):
            if state in clock.runs_in:
                place = pointer_of("clocks", index, "stands_in", number)
                yield Fault("runs_and_stands", place, {"clock": clock.key, "state": state})


def limit_table_without_last_row(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """The last row of a limit table has neither `when` nor a date that may be unknown, so that every case has an answer."""
    for index, clock in enumerate(d.clocks):
        if clock.limits and (clock.limits[-1].when or clock.limits[-1].date_field):
            place = pointer_of("clocks", index, "limits", len(clock.limits) - 1)
            yield Fault("limit_table_without_last_row", place, {"clock": clock.key})


def limit_row_never_reached(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """No row stands behind one that already takes every case which it could take."""
    for index, clock in enumerate(d.clocks):
        for number, row in enumerate(clock.limits):
            before = [other.when for other in clock.limits[:number] if other.date_field in (None, row.date_field)]
            if any(all(key in row.when and row.when[key] == value for key, value in w.items()) for w in before):
                yield Fault("limit_row_never_reached", pointer_of("clocks", index, "limits", number), {"clock": clock.key})


def many_main_clocks(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """At most one clock is the main one: reopening and sending back speak of it."""
    main = [(index, clock.key) for index, clock in enumerate(d.clocks) if clock.main]
    for index, key in main[1:]:
        yield Fault("many_main_clocks", pointer_of("clocks", index, "main"), {"clock": key, "first": main[0][1]})


def by_length_without_ladders(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """`by_length` chooses among the ladders `long`, `medium` and `short`, so the definition has all three."""
    missing = [key for key in ("long", "medium", "short") if key not in d.ladder_by_key]
    for index, clock in enumerate(d.clocks):
        if clock.ladder == "by_length" and missing:
            yield Fault("by_length_without_ladders", pointer_of("clocks", index, "ladder"), {"missing": missing})
