"""Proofs over scenarios: they speak of what there is, in order, and of no person and no words of a case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from states.checks.names import known_names
from states.definition import Definition, Field, Scenario
from states.faults import Fault, nearest, pointer_of
from states.vocabulary import Vocabulary

# What a definition may tell of a case: names and words of a real one must not travel with it.
TOLD = ("choice", "choices", "flag", "date")

SCENARIOS_AT_MOST, STEPS_AT_MOST = 200, 200


def scenario_speaks_of_nothing(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Every trigger, clock, rung, state, kind of organ, fact and answer of a scenario is one that there is."""
    known = known_names(d, v)
    for index, scenario in enumerate(d.scenarios):
        for pointer, what, name in _names(d, index, scenario):
            if name not in known[what]:
                params = {"what": what, "name": name, "meant": nearest(name, known[what])}
                yield Fault("scenario_speaks_of_nothing", pointer, params)
        yield from _rungs(d, index, scenario)


def scenario_tells_words(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Facts and answers are choices, flags and dates of questions that are asked, and nothing secret."""
    for index, scenario in enumerate(d.scenarios):
        told = [(pointer_of("scenarios", index, "facts"), scenario.facts, d.field_by_key)]
        for number, step in enumerate(scenario.steps):
            asked: dict[str, Field] = {}
            for transition in d.transitions:
                if transition.trigger == step.do:
                    asked |= {question.key: question for question in transition.form}
                    grounds = Field("ground", transition.title, "choice", choices=transition.grounds)
                    asked |= {"ground": grounds} if transition.grounds else {}
            told.append((pointer_of("scenarios", index, "steps", number, "answers"), step.answers, asked))
        for pointer, answers, fields in told:
            for key, value in answers.items():
                if not may_be_told(fields.get(key), value):
                    yield Fault("scenario_tells_words", f"{pointer}/{key}", {"field": key})


def may_be_told(field: Field | None, value: Any) -> bool:
    """Is it a choice, a flag or a day of a question that is asked and not secret?"""
    if field is None or field.secret or field.type not in TOLD:
        return False
    choices = {choice.key for choice in field.choices}
    if field.type == "choices":
        return isinstance(value, list | tuple) and set(value) <= choices
    if field.type == "choice":
        return value in choices
    return isinstance(value, bool) if field.type == "flag" else _is_day(value)


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def scenario_out_of_order(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Days go forward: opened, step by step, until the end; at most five years."""
    for index, scenario in enumerate(d.scenarios):
        days = [scenario.on, *(step.on for step in scenario.steps), scenario.until]
        if days != sorted(days) or (scenario.until - scenario.on).days > 5 * 366:
            yield Fault("scenario_out_of_order", pointer_of("scenarios", index), {})


def scenario_votes_amiss(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A vote is on a step that a body decides on, and somebody of the body is entitled to one."""
    decided = {transition.trigger for transition in d.transitions if transition.decision}
    for index, scenario in enumerate(d.scenarios):
        for number, step in enumerate(scenario.steps):
            told = step.vote
            if told and (step.do not in decided or told.agree + told.disagree + told.abstain + told.absent == 0):
                yield Fault("scenario_votes_amiss", pointer_of("scenarios", index, "steps", number, "vote"), {})


def scenarios_too_many(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Every scenario is lived through before a version is published, so there is an end to them and to the steps of each."""
    if len(d.scenarios) > SCENARIOS_AT_MOST:
        yield Fault("scenarios_too_many", "/scenarios", {"n": str(len(d.scenarios)), "most": str(SCENARIOS_AT_MOST)})
    for index, scenario in enumerate(d.scenarios):
        if len(scenario.steps) > STEPS_AT_MOST:
            said = {"n": str(len(scenario.steps)), "most": str(STEPS_AT_MOST)}
            yield Fault("scenarios_too_many", pointer_of("scenarios", index, "steps"), said)


def _names(d: Definition, index: int, scenario: Scenario) -> Iterator[tuple[str, str, str]]:
    at = ("scenarios", index)
    if scenario.subject:
        yield pointer_of(*at, "subject"), "organ_kind", scenario.subject
    for number, step in enumerate(scenario.steps):
        yield pointer_of(*at, "steps", number, "do"), "trigger", step.do
        if step.to:
            yield pointer_of(*at, "steps", number, "to"), "organ_kind", step.to
    yield pointer_of(*at, "expect", "state"), "state", scenario.expect.state
    for clock in scenario.expect.due:
        yield pointer_of(*at, "expect", "due", clock), "clock", clock


def _rungs(d: Definition, index: int, scenario: Scenario) -> Iterator[Fault]:
    for number, told in enumerate(scenario.expect.rungs):
        pointer = pointer_of("scenarios", index, "expect", "rungs", number)
        clock = d.clock_by_key.get(told.clock)
        rungs = {rung.key for ladder in d.ladders for tier in ladder.tiers for rung in tier}
        if clock is None:
            params = {"what": "clock", "name": told.clock, "meant": nearest(told.clock, d.clock_by_key)}
            yield Fault("scenario_speaks_of_nothing", f"{pointer}/clock", params)
        elif told.rung not in rungs:
            params = {"what": "rung", "name": told.rung, "meant": nearest(told.rung, rungs)}
            yield Fault("scenario_speaks_of_nothing", f"{pointer}/rung", params)
