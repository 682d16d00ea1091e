"""Proofs over the states and the verbs between them."""

from __future__ import annotations

from collections.abc import Iterator

from states.checks.walk import edges, list_transitions
from states.definition import STAY, Definition
from states.faults import Fault, pointer_of
from states.forms import RESERVED
from states.vocabulary import Vocabulary


def initial_state(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A case begins in exactly one state."""
    initial = [(index, state) for index, state in enumerate(d.states) if state.initial]
    if not initial:
        yield Fault("no_initial", "/states")
    for index, state in initial[1:]:
        yield Fault("many_initial", pointer_of("states", index, "initial"), {"state": state.key, "first": initial[0][1].key})


def unreachable_state(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Every state can be reached from the initial one."""
    reached = reachable(d, {state.key for state in d.states if state.initial})
    for index, state in enumerate(d.states):
        if state.key not in reached and any(other.initial for other in d.states):
            yield Fault("unreachable_state", pointer_of("states", index), {"state": state.key})


def trap_state(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A state that is not final has a way out."""
    left = {source for source, _, target in edges(d) if source != target}
    for index, state in enumerate(d.states):
        if not state.final and state.key not in left:
            yield Fault("trap_state", pointer_of("states", index), {"state": state.key})


def no_way_to_final(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """From every state that has a way out, one leads to a final state."""
    final = {state.key for state in d.states if state.final}
    left = {source for source, _, target in edges(d) if source != target}
    ahead = reached_from(d)
    for index, state in enumerate(d.states):
        if state.key in left and not final & ahead[state.key]:
            yield Fault("no_way_to_final", pointer_of("states", index), {"state": state.key})


def final_state_left(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A final state is left only by a transition that reopens."""
    final = {state.key for state in d.states if state.final}
    for pointer, transition in list_transitions(d):
        left = [key for key in transition.sources if key in final and transition.target_from(key) != key]
        if left and not transition.reopens:
            yield Fault("final_state_left", pointer, {"trigger": transition.trigger, "state": left[0]})


def reopens_open_case(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Reopening leads from final states to one that is not."""
    final = {state.key for state in d.states if state.final}
    for pointer, transition in list_transitions(d):
        if transition.reopens and not (set(transition.sources) <= final and transition.target not in {STAY, *final}):
            yield Fault("reopens_open_case", f"{pointer}/reopens", {"trigger": transition.trigger})


def reopen_without_date(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Reopening asks for the new date, which the ladder then counts from."""
    for pointer, transition in list_transitions(d):
        asked = [q for q in transition.form if q.key == "new_due_on" and q.type == "date" and q.required]
        if transition.reopens and not asked:
            yield Fault("reopen_without_date", pointer, {"trigger": transition.trigger})


def ambiguous_trigger(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A trigger means one transition in each state."""
    seen: set[tuple[str, str]] = set()
    for pointer, transition in list_transitions(d):
        for index, source in enumerate(transition.sources):
            if (source, transition.trigger) in seen:
                yield Fault("ambiguous_trigger", f"{pointer}/from/{index}", {"trigger": transition.trigger, "state": source})
            seen.add((source, transition.trigger))


def many_main(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A state has at most one main next step, because the row has one button."""
    seen: dict[str, str] = {}
    for pointer, transition in list_transitions(d):
        for source in transition.sources if transition.main else ():
            if source in seen:
                said = {"trigger": transition.trigger, "first": seen[source], "state": source}
                yield Fault("many_main", f"{pointer}/main", said)
            seen.setdefault(source, transition.trigger)


def closing_without_ground(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Closing says on what ground, because the close-out rate counts by it."""
    final = {state.key for state in d.states if state.final}
    for pointer, transition in list_transitions(d):
        closes = transition.target in final and not set(transition.sources) <= final
        if closes and not transition.grounds:
            yield Fault("closing_without_ground", pointer, {"trigger": transition.trigger})


def recipient_not_asked(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Handing over to a recipient asks for one."""
    for pointer, transition in list_transitions(d):
        asked = [q for q in transition.form if q.key == "recipient" and q.type == "organ" and q.required]
        if transition.holder == "recipient" and not asked:
            yield Fault("recipient_not_asked", f"{pointer}/holder", {"trigger": transition.trigger})


def reserved_key(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """The ground and the approval are asked for by the form itself."""
    for pointer, transition in list_transitions(d):
        for index, question in enumerate(transition.form):
            if question.key in RESERVED:
                yield Fault("reserved_key", f"{pointer}/form/{index}/key", {"key": question.key})


def reachable(d: Definition, start: set[str]) -> set[str]:
    """The states that can be reached from `start`, itself included."""
    return _reached(_ways(d), start)


def reached_from(d: Definition) -> dict[str, set[str]]:
    """The same from each state alone."""
    ways = _ways(d)
    return {state.key: _reached(ways, {state.key}) for state in d.states}


def _ways(d: Definition) -> dict[str, set[str]]:
    ways: dict[str, set[str]] = {}
    for source, _, target in edges(d):
        ways.setdefault(source, set()).add(target)
    return ways


def _reached(ways: dict[str, set[str]], start: set[str]) -> set[str]:
    found, waiting = set(start), list(start)
    while waiting:
        new = ways.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found
