"""The plan as a form: what it asks of an administrator, and what he has answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from states.definition import Clock, Definition, Language
from web.language import current_language
from web.versions.naming import Names
from workflow.definitions import Served
from workflow.occasion import Occasion
from workflow.reads import versions as reads
from workflow.store import Store
from workflow.versions.plan import FROM_NOW, KEEP, NOW, Plan


@dataclass(frozen=True, slots=True)
class StateAsked:
    """An old state: when its cases come over; `is_gone` asks for a new one, which stands in `to`."""

    key: str
    title: str
    open: int
    when: str
    is_gone: bool
    to: str


@dataclass(frozen=True, slots=True)
class ClockAsked:
    """A clock whose rule differs, or of which the plan says something: what it gave and gives, what becomes of dates, why."""

    key: str
    title: str
    before: str
    after: str
    policy: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClockGone:
    """A clock that the new version lacks: as which of its new clocks (`to`) it goes on, or that it ends; then its dates."""

    key: str
    title: str
    before: str
    to: str
    to_title: str
    policy: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChoiceAsked:
    """A choice that is gone: which one takes its place."""

    field: str
    field_title: str
    key: str
    title: str
    to: str
    choices: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The name of its question."""
        return f"value/{self.field}/{self.key}"


@dataclass(frozen=True, slots=True)
class PlanForm:
    """Everything that is asked."""

    states: tuple[StateAsked, ...]
    targets: tuple[tuple[str, str], ...]
    clocks: tuple[ClockAsked, ...]
    gone: tuple[ClockGone, ...]
    fresh: tuple[tuple[str, str], ...]
    choices: tuple[ChoiceAsked, ...]
    rungs: str

    def plan_of(self, answers: MultiDict[str, str]) -> Plan:
        """The plan that the answers make. What was not asked is not said."""
        states = {one.key: answers.get(f"state/{one.key}", "") for one in self.states if one.is_gone}
        values: dict[str, dict[str, str]] = {}
        for one in self.choices:
            if to := answers.get(one.name, ""):
                values.setdefault(one.field, {})[one.key] = to
        renames = {one.key: answers.get(f"become/{one.key}", "") for one in self.gone}
        renames = {key: to for key, to in renames.items() if to}
        # A clock that is gone is asked about under its old name; what is said counts for the one that it goes on as.
        asked = {**{one.key: one.key for one in self.clocks}, **renames}
        reasons = {to: answers.get(f"why/{key}", "").strip() for key, to in asked.items()}
        return Plan.of(
            {
                "when": {one.key: answers.get(f"when/{one.key}", NOW) for one in self.states},
                "states": {key: to for key, to in states.items() if to},
                "clocks": {to: answers.get(f"clock/{key}", KEEP) for key, to in asked.items()},
                "reasons": {to: reason for to, reason in reasons.items() if reason},
                "renames": renames,
                "values": values,
                "rungs": answers.get("rungs", FROM_NOW),
            }
        )


def olds_of(occasion: Occasion, kind: str) -> list[Definition]:
    """Every version of the kind under which a case may be open, the current one first."""
    return [served.definition for served in _served(occasion, kind)]


def living(store: Store, occasion: Occasion, kind: str) -> list[Served]:
    """The versions of the kind under which a case is open; without one, that under which the next would be."""
    open_under = {row["definition_version_id"] for row in store.rows(reads.OPEN)}
    known = _served(occasion, kind)
    return [served for served in known if served.version_id in open_under] or known[:1]


def _served(occasion: Occasion, kind: str) -> list[Served]:
    current = occasion.catalogue.current.get(kind)
    found = [served for served in occasion.catalogue.by_id.values() if served.kind == kind and served is not current]
    return [*([current] if current else []), *found[::-1]]


def plan_form(olds: list[Definition], new: Definition, names: Names, plan: Plan, counts: Mapping[str, int]) -> PlanForm:
    """What there is to say for cases under `olds`; `plan` is what was said last, `counts` the open cases of each state."""
    language = current_language()
    states: dict[str, StateAsked] = {}
    clocks: dict[str, ClockAsked] = {}
    gone: dict[str, ClockGone] = {}
    said = {clock for clock, _, _ in plan.decided()}
    for old in olds:
        for state in old.states:
            if not state.final and state.key not in states:
                is_gone = state.key not in new.state_by_key
                told = (state.title.in_(language), counts.get(state.key, 0), plan.when_in(state.key), is_gone)
                states[state.key] = StateAsked(state.key, *told, plan.states.get(state.key, ""))
        for rule in old.clocks:
            now = new.clock_by_key.get(rule.key)
            if now is None:
                gone.setdefault(rule.key, _gone(rule, new, names, plan, language))
            elif rule.key not in clocks and (_dates(rule) != _dates(now) or rule.key in said):
                clocks[rule.key] = _asked(now, _limits(rule, names), names, plan, language)
    targets = tuple((state.key, state.title.in_(language)) for state in new.states if not state.final)
    known = {rule.key for old in olds for rule in old.clocks}
    begun = [rule for rule in new.clocks if rule.key not in known]
    fresh = tuple((rule.key, rule.title.in_(language)) for rule in begun)
    for rule in begun:
        if rule.key in said and rule.key not in plan.renames.values():
            clocks[rule.key] = _asked(rule, "", names, plan, language)
    asked = (tuple(clocks.values()), tuple(gone.values()), fresh, _choices(olds, new, plan, language))
    return PlanForm(tuple(states.values()), targets, *asked, plan.rungs)


def _asked(rule: Clock, before: str, names: Names, plan: Plan, language: Language) -> ClockAsked:
    told = (plan.policy_of(rule.key), plan.reason_of(rule.key))
    return ClockAsked(rule.key, rule.title.in_(language), before, _limits(rule, names), *told)


def _gone(rule: Clock, new: Definition, names: Names, plan: Plan, language: Language) -> ClockGone:
    to = plan.renames.get(rule.key, "")
    title = new.clock_by_key[to].title.in_(language) if to in new.clock_by_key else ""
    return ClockGone(
        rule.key, rule.title.in_(language), _limits(rule, names), to, title, plan.policy_of(to), plan.reason_of(to)
    )


def _dates(rule: Clock) -> tuple[Any, ...]:
    """What of a rule gives its dates."""
    return rule.limits, rule.roll, rule.fixed_days, rule.within_main, rule.ladder


def _limits(rule: Clock, names: Names) -> str:
    if rule.fixed_days:
        return names.days(rule.fixed_days)
    rows = []
    for row in rule.limits:
        limit = "none" if row.limit is None else f"{row.limit.amount} {row.limit.unit}"
        at_most = f"{row.at_most.amount} {row.at_most.unit}" if row.at_most else None
        told = names.limit_row({"limit": limit, "date_field": row.date_field, "at_most": at_most})
        rows.append(told + names.aside(names.when(row.when)))
    return "；".join(rows)


def _choices(olds: list[Definition], new: Definition, plan: Plan, language: str) -> tuple[ChoiceAsked, ...]:
    found: dict[tuple[str, str], ChoiceAsked] = {}
    for old in olds:
        for was in old.fields:
            now = new.field_by_key.get(was.key)
            if now is None or not now.choices or was.secret != now.secret:
                continue
            known = tuple((choice.key, choice.title.in_(language)) for choice in now.choices)
            for choice in was.choices:
                if choice.key not in dict(known):
                    to = plan.values.get(was.key, {}).get(choice.key, "")
                    title = now.title.in_(language)
                    asked = ChoiceAsked(was.key, title, choice.key, choice.title.in_(language), to, known)
                    found.setdefault((was.key, choice.key), asked)
    return tuple(found.values())


def said_last(impact: Mapping[str, Any] | None) -> Plan:
    """The plan of the last preview; without one, that every case comes at once and keeps its dates."""
    return Plan.of(json.loads(impact["plan"])) if impact else Plan()
