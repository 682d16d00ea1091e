"""The state machine of a definition, and the only place in the program that writes a case's state.

One machine serves all cases of a version and all threads: it has no models, so nothing is bound to a row and nothing keeps
one alive. The library gets keys with a prefix of ours and callables, never a string that it could look up or import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from transitions import Machine

from states.definition import STAY, Condition, Definition, Transition
from states.errors import Conflict, TransitionRefused
from states.facts import Facts
from states.guards import Unmet, holds, unmet

# A trigger called like the model's attribute is refused by the library; with a prefix none can be.
_PREFIX = "fire_"


class HasState(Protocol):
    """Anything with a state: a row, a case file."""

    state: str


def conditions_of(transition: Transition) -> tuple[Condition, ...]:
    """All that must hold for a transition: its guards, and what its evidence, its approval and its vote ask for."""
    needed = list(transition.guards)
    if transition.evidence is not None:
        wanted: dict[str, Any] = {"at_least": transition.evidence.at_least, "labels": list(transition.evidence.labels)}
        wanted |= {"fresh": True} if transition.evidence.fresh else {}
        needed.append(Condition("has_evidence", wanted))
    if transition.approval is not None:
        given = Condition("approval_given", {"trigger": transition.trigger})
        unless = transition.approval.unless
        needed.append(Condition("any", parts=(unless, given)) if unless else given)
    if transition.decision is not None:
        needed.append(Condition("decision_stands", {"trigger": transition.trigger}))
    return tuple(needed)


def why_not(transition: Transition, facts: Facts) -> tuple[Unmet, ...]:
    """Every unmet condition of a transition of the case's present state; empty when it may be fired."""
    return unmet(conditions_of(transition), facts)


class StateMachine:
    """The machine of one definition version. Thread-safe: it is only read after it was built."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self._machine = Machine(
            model=None,
            states=[state.key for state in definition.states],
            initial=None,
            auto_transitions=False,
            model_attribute="state",
        )
        for transition in definition.transitions:
            self._add(transition)

    def _add(self, transition: Transition) -> None:
        for source in transition.sources:
            self._machine.add_transition(
                _PREFIX + transition.trigger,
                source,
                None if transition.target == STAY else transition.target,
                conditions=[_checked(conditions_of(transition))],
            )

    def fire(self, row: HasState, trigger: str, facts: Facts) -> Transition:
        """Moves the row and says by which transition.

        Raises TransitionRefused; its `why` lists `wrong_state`, or every unmet condition.
        """
        transition = self.definition.transition_by_edge.get((row.state, trigger))
        if transition is None:
            raise TransitionRefused(trigger=trigger, state=row.state, why=[{"name": "wrong_state"}])
        if not self._machine.events[_PREFIX + trigger].trigger(row, facts):
            why = [reason.as_dict() for reason in why_not(transition, facts)]
            raise TransitionRefused(trigger=trigger, state=row.state, why=why)
        return transition

    def place(self, row: HasState, state: str) -> None:
        """Puts the row into a state past every guard: for import, undo and migration, which answer for it themselves."""
        if state not in self.definition.state_by_key:
            raise Conflict(why="no_such_state", state=state)
        row.state = state

    def permitted(self, state: str) -> tuple[Transition, ...]:
        """The transitions that leave the state, in the order written; guards and people not looked at."""
        return self.definition.triggers_from.get(state, ())


def _checked(conditions: tuple[Condition, ...]) -> Callable[..., Any]:
    def check(facts: Facts) -> bool:
        return all(holds(condition, facts) for condition in conditions)

    return check
