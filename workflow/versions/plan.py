"""What an administrator says about the open cases of a kind that gets a new version, and what still has to be said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from states.definition import Definition, Field
from states.errors import BadInput

# Per state: the case comes under the new version at once, with its next step, or never.
NOW, NEXT, STAY = "now", "next", "stay"
WHEN = (NOW, NEXT, STAY)
# Per clock: the date stays, the new rule is applied from the old start, or a new run begins on the day.
KEEP, CARRY, RESTART = "keep", "carry", "restart"
POLICIES = (KEEP, CARRY, RESTART)
# Per ladder: of the new rungs that are past already the last one fires, all fire, or none.
FROM_NOW, CATCH_UP, OFF = "from-now", "catch-up", "off"
RUNGS = (FROM_NOW, CATCH_UP, OFF)

# A reason stands in the history of each case that is moved: a sentence, not a paper.
REASON_MOST = 300

# What is kept alike, so that a field of one type may become one of another and no answer is lost.
BECOMES = {"text": ("long_text",), "long_text": ("text",), "choice": ("text", "long_text")}


@dataclass(frozen=True, slots=True)
class Plan:
    """`when`: state → now, next or stay (not said: now). `states`: old state → new one, where the new version lacks it.

    `clocks`: clock → keep, carry or restart (not said: keep), `reasons`: clock → why, which only a date that stays may lack.
    `renames`: old clock → the one of the new version that it goes on as, where the new version lacks it (not said: it ends).
    `values`: field → {old choice → new one}. `rungs` says what
    becomes of rungs of the new ladders that are past already, as for an import (semantics.md §8).
    """

    when: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    clocks: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    renames: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rungs: str = FROM_NOW

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """The plan of a plain document; BadInput plan_unreadable, with the place, for what is not one."""
        for name in sorted(told.keys() - cls.__slots__):
            raise BadInput(why="plan_unreadable", where=str(name))
        for name in ("when", "states", "clocks", "reasons", "renames"):
            _require_words(told.get(name, {}), name)
        values = told.get("values", {})
        if not isinstance(values, Mapping):
            raise BadInput(why="plan_unreadable", where="values")
        for name, choices in values.items():
            _require_words(choices, f"values.{name}")
        _require_one_of(told.get("when", {}), WHEN, "when")
        _require_one_of(told.get("clocks", {}), POLICIES, "clocks")
        _require_one_of({"": told.get("rungs", FROM_NOW)}, RUNGS, "rungs")
        return cls(**told)

    def told(self) -> dict[str, Any]:
        """The plan as a plain document."""
        return asdict(self)

    def when_in(self, state: str) -> str:
        """When a case in `state` comes under the new version."""
        return self.when.get(state, NOW)

    def policy_of(self, clock: str) -> str:
        """What becomes of the date of a clock."""
        return self.clocks.get(clock, KEEP)

    def decided(self) -> tuple[tuple[str, str, str], ...]:
        """Each clock of which something is said beyond that its date stays: clock, policy, reason."""
        said = {
            clock: None for clock in (*self.clocks, *self.reasons) if self.policy_of(clock) != KEEP or self.reason_of(clock)
        }
        return tuple((clock, self.policy_of(clock), self.reason_of(clock)) for clock in said)

    def reason_of(self, clock: str) -> str:
        """Why that becomes of its date; empty where nobody had to say."""
        return self.reasons.get(clock, "").strip()

    def clock_for(self, clock: str) -> str:
        """The clock under the new version that goes on for an old one."""
        return self.renames.get(clock, clock)

    def clock_before(self, clock: str) -> str:
        """The old clock for which one of the new version goes on."""
        return next((old for old, new in self.renames.items() if new == clock), clock)

    def state_for(self, state: str) -> str:
        """The state under the new version."""
        return self.states.get(state, state)


def _require_words(told: Any, where: str) -> None:
    if not isinstance(told, Mapping) or not all(isinstance(word, str) for pair in told.items() for word in pair):
        raise BadInput(why="plan_unreadable", where=where)


def _require_one_of(told: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for name, word in told.items():
        if word not in known:
            raise BadInput(why="plan_unreadable", where=f"{where}.{name}".rstrip("."))


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that stands against publishing: `name` says what, `params` where."""

    name: str
    params: Mapping[str, str]


def obstacles(plan: Plan, olds: Iterable[Definition], new: Definition) -> tuple[Obstacle, ...]:
    """Everything that the plan leaves unsaid or says wrongly, for cases under any of the `olds`; each once."""
    olds = tuple(olds)
    found = [*_about_the_plan(plan, olds, new)]
    for old in olds:
        found += [*_about_states(plan, old, new), *_about_facts(plan, old, new)]
    return tuple({(one.name, *one.params.items()): one for one in found}.values())


def _about_the_plan(plan: Plan, olds: tuple[Definition, ...], new: Definition) -> Iterator[Obstacle]:
    """Names in the plan that nothing has: a slip of the pen must not pass for a decision."""
    states = {state.key for old in olds for state in old.states}
    for state in sorted({*plan.when, *plan.states} - states):
        yield Obstacle("unknown_state", {"state": state})
    clocks = {clock.key for old in olds for clock in old.clocks} | set(new.clock_by_key)
    for clock in sorted({*plan.clocks, *plan.reasons} - clocks):
        yield Obstacle("unknown_clock", {"clock": clock})
    yield from _about_reasons(plan)
    yield from _about_renames(plan, olds, new)
    fields = {one.key for old in olds for one in old.fields}
    for name in sorted(plan.values.keys() - fields):
        yield Obstacle("unknown_field", {"field": name})


def _about_reasons(plan: Plan) -> Iterator[Obstacle]:
    """Whoever moves a promised date says why, clock by clock; a date that stays needs no reason."""
    for clock, policy, reason in plan.decided():
        if policy != KEEP and not reason:
            yield Obstacle("clock_unreasoned", {"clock": clock})
        elif len(reason) > REASON_MOST:
            yield Obstacle("reason_too_long", {"clock": clock, "most": str(REASON_MOST)})


def _about_renames(plan: Plan, olds: tuple[Definition, ...], new: Definition) -> Iterator[Obstacle]:
    """A clock that is gone goes on as one that no old version has and no other goes on as."""
    known = {clock.key for old in olds for clock in old.clocks}
    targets = list(plan.renames.values())
    for clock, to in sorted(plan.renames.items()):
        if clock not in known:
            yield Obstacle("unknown_clock", {"clock": clock})
        elif clock in new.clock_by_key:
            yield Obstacle("clock_not_gone", {"clock": clock})
        elif to not in new.clock_by_key or to in known or targets.count(to) > 1:
            yield Obstacle("clock_unfit", {"clock": clock, "to": to})


def _about_states(plan: Plan, old: Definition, new: Definition) -> Iterator[Obstacle]:
    for state in old.states:
        if state.final or plan.when_in(state.key) == STAY:
            continue
        target = new.state_by_key.get(plan.state_for(state.key))
        if target is None:
            yield Obstacle("state_unmapped", {"state": state.key})
        elif target.final:
            # Closing is a decision about a case, with its ground and its approval; a new version decides none.
            yield Obstacle("state_closes", {"state": state.key, "to": target.key})


def _about_facts(plan: Plan, old: Definition, new: Definition) -> Iterator[Obstacle]:
    if (old.interview is None) != (new.interview is None):
        yield Obstacle("interview_changed", {})
    for was in old.fields:
        now = new.field_by_key.get(was.key)
        if now is None:
            continue
        if was.secret != now.secret:
            yield Obstacle("secrecy_changed", {"field": was.key})
        elif now.type not in (was.type, *BECOMES.get(was.type, ())):
            yield Obstacle("type_changed", {"field": was.key})
        else:
            yield from _about_choices(plan, was, now)


def _about_choices(plan: Plan, was: Field, now: Field) -> Iterator[Obstacle]:
    known = {choice.key for choice in now.choices}
    told = plan.values.get(was.key, {})
    for key in sorted(known & told.keys() if now.choices else told.keys()):
        # A new version renames what is gone; it decides nothing about what is still there.
        yield Obstacle("choice_not_gone", {"field": was.key, "choice": key})
    for choice in was.choices if now.choices else ():
        if told.get(choice.key, choice.key) not in known:
            yield Obstacle("choice_unmapped", {"field": was.key, "choice": choice.key})
