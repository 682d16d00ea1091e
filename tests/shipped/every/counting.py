"""What a shipped definition declares, and what has occurred of it: transitions, rungs, rules and refusals, each by a plain name.

What is declared is read from the definition alone. What occurred is read from the rows that a story leaves (history, fired
rungs, fired rules) and from the reasons of the refusals it has met.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from states.definition import Clock, Condition, Definition, ExtensionRule, Field, Transition, Who
from states.errors import CaseNotFound, DomainError, InvalidForm, NotPermitted, TransitionRefused
from states.machine import conditions_of
from tests.factories import MONDAY, County, at
from tests.workflow.looking import rows_of
from workflow.models import Case, Event, FiredRung, Party
from workflow.models import Clock as ClockRow
from workflow.permissions import standings
from workflow.types import Actor

SEPARATION = {
    "work": ("separation_worked", "separation_handling_organ"),
    "registration": ("separation_registered",),
    "asked": ("separation_asked",),
    "closing": ("separation_closed",),
    "holder": ("separation_holder",),
}
EXTENSION = ("asked_too_late", "extended_before", "beyond_cap")


def extension_reasons(rule: ExtensionRule) -> set[str]:
    """Why a request for a later date is refused: out of time, beyond the cap, its form not answered, its proof not there."""
    asked = {question.key for question in rule.form if question.required}
    return {*EXTENSION, *asked, *(("proof",) if rule.proof else ())}


@dataclass
class ToldCounty(County):
    """A county that remembers which refusals its people have met, as (kind, name)."""

    refused: set[tuple[str, str]] = field(default_factory=set)


# ---- what is declared ---------------------------------------------------------------------------------------------------


def declared(definition: Definition) -> set[str]:
    """The names of everything that the definition declares."""
    names = {"opening refused: role"}
    names |= {f"opened by {organ}" for who in definition.opened_by for organ in who.organs}
    for transition in definition.transitions:
        names |= {transition_name(state, transition.trigger) for state in transition.sources}
        names |= {refusal_name(definition, transition, reason) for reason in reasons(transition)}
    for clock in definition.clocks:
        names |= set(_rungs(definition, clock))
        if clock.extension is not None:
            names |= {extension_name(clock.key, reason) for reason in extension_reasons(clock.extension)}
    return names | {f"rule: {rule.key}" for rule in definition.rules}


def transition_name(state: str, trigger: str) -> str:
    """A transition by the state it leaves."""
    return f"transition: {trigger} from {state}"


def refusal_name(definition: Definition, transition: Transition, reason: str) -> str:
    """A refusal of a transition, without its bound; two transitions of one trigger are told apart by the states they leave."""
    several = sum(other.trigger == transition.trigger for other in definition.transitions) > 1
    which = f" from {', '.join(transition.sources)}" if several else ""
    return re.sub(r":[0-9-]+$", "", f"refusal: {transition.trigger}{which}: {reason}")


def rung_name(clock: str, ladder: str, tier: int, rung: str) -> str:
    """A rung of a tier of the ladder that a clock climbs."""
    return f"rung: {clock} on {ladder}, tier {tier}: {rung}"


def extension_name(clock: str, reason: str) -> str:
    """A refusal to move a clock's date."""
    return f"extension of {clock}: {reason}"


def _rungs(definition: Definition, clock: Clock) -> Iterator[str]:
    """The rungs of a clock; of a ladder by length, only those lengths for which there is one."""
    keys = ("long", "medium", "short") if clock.ladder == "by_length" else (clock.ladder,) if clock.ladder else ()
    for key in keys:
        for number, tier in enumerate(definition.ladder_by_key[key].tiers, 1):
            yield from (rung_name(clock.key, key, number, rung.key) for rung in tier)


def reasons(transition: Transition) -> set[str]:
    """Every reason for which a transition can be refused, but the state being another."""
    found = {"not_found", "role", "relation"}
    if any(who.organs for who in transition.who):
        found.add("organ")
    found |= {broken for rule in transition.separate for broken in SEPARATION[rule]}
    found |= {leaf for condition in conditions_of(transition) for leaf in _leaves(condition)}
    found |= {f"{key}: required" for key in missing_answers(transition)}
    found |= {f"{key}: {code}" for key, (_answer, code) in wrong_answers(transition).items()}
    found |= {f"{question.key}: is_subject" for question in transition.form if question.not_subject}
    if transition.approval is not None:
        found |= {"approval/approver: is_recorder", "approval/approver: not_approver"}
    if transition.from_paper:
        found |= {"happened_on: needs_scan", "happened_on: out_of_stay"}
    return found


def _leaves(condition: Condition, *, wanted: bool = True) -> Iterator[str]:
    if condition.name == "not":
        yield from _leaves(condition.parts[0], wanted=not wanted)
    elif condition.name in ("all", "any"):
        for part in condition.parts:
            yield from _leaves(part, wanted=wanted)
    else:
        yield _leaf(condition.name, dict(condition.params), negated=not wanted)


def _leaf(name: str, params: dict[str, object], *, negated: bool) -> str:
    told = " ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in sorted(params.items()) if value != [])
    return f"{'not ' if negated else ''}{name} {told}".strip()


def missing_answers(transition: Transition) -> set[str]:
    """The questions that an empty form leaves unanswered."""
    found = {question.key for question in transition.form if question.required}
    if len(transition.grounds) > 1:
        found.add("ground")
    if transition.approval is not None:
        found |= {"approval/approver", "approval/on", "approval/scan"}
    return found


def wrong_answers(transition: Transition) -> dict[str, tuple[object, str]]:
    """Questions that the definition limits, each with an answer outside the limit and the code it is refused with."""
    found: dict[str, tuple[object, str]] = {}
    for question in transition.form:
        found |= {f"{question.key}{path}": wrong for path, wrong in _wrong(question)}
    if len(transition.grounds) > 1:
        found["ground"] = ("no_such_ground", "not_a_choice")
    if transition.approval is not None:
        found["approval/on"] = ("2100-01-01", "too_late")
    return found


def _wrong(question: Field) -> Iterator[tuple[str, tuple[object, str]]]:
    if question.type == "choice":
        yield "", ("no_such_choice", "not_a_choice")
    elif question.type == "date" and question.max_days is not None:
        yield "", ("2100-01-01", "after_day" if question.max_days else "too_late")
    elif question.type == "time":
        yield "", ("25点99", "not_a_time")
    elif question.type == "organ" and question.kinds:
        yield "", ("office", "wrong_kind")
    elif question.type == "agenda_dates":
        yield "/1", ("2000-01-01", "too_early")
    elif question.type == "rows":
        for column in question.columns:
            if column.required:
                yield f"/0/{column.key}", (None, "required")


def wrong_form(transition: Transition, organs: dict[str, int]) -> dict[str, object]:
    """A form whose every limited question is answered outside its limit."""
    form: dict[str, object] = {}
    for path, (answer, _code) in wrong_answers(transition).items():
        key, *rest = path.split("/")
        if key == "approval":
            form[key] = {"approver": "赵国华", "on": answer}
        elif len(rest) == 2:
            form[key] = [{}]
        elif rest:
            form[key] = {rest[0]: answer}
        else:
            form[key] = organs[str(answer)] if answer == "office" else answer
    return form


def require_all(definition: Definition, told: set[str], cannot_occur: set[str]) -> None:
    """Everything declared was told, but exactly what is known not to occur; fails with the names of what is amiss."""
    names = declared(definition)
    missing = names - told
    amiss = [f"in no story: {name}" for name in sorted(missing - cannot_occur)]
    amiss += [f"said not to occur, and does: {name}" for name in sorted(cannot_occur - missing)]
    counted = f"{definition.key}: {len(names) - len(missing)} of {len(names)} occur"
    assert not amiss, "\n".join([counted, *amiss])


# ---- what has occurred --------------------------------------------------------------------------------------------------


def occurred(county: ToldCounty, kind: str) -> set[str]:
    """The names of everything of the kind that has occurred in the county."""
    cases = {row["id"]: row for row in rows_of(county, Case, kind=kind)}
    events = [event for event in rows_of(county, Event) if event["case_id"] in cases]
    names = {transition_name(event["from_state"], event["trigger"]) for event in events if event["verb"] == "fire"}
    facts = [json.loads(event["facts"]) for event in events]
    names |= {f"rule: {told['rule']}" for told in facts if told["verb"] == "organisation_rule"}
    names |= _openings(county, cases, events)
    ladders = {(row["case_id"], row["key"], row["cycle"], row["run"]): row["ladder"] for row in rows_of(county, ClockRow)}
    for row in rows_of(county, FiredRung):
        if row["case_id"] in cases and row["outcome"] == "fired":
            ladder = ladders[row["case_id"], row["clock"], row["cycle"], row["run"]]
            names.add(rung_name(row["clock"], ladder, row["tier"], row["rung"]))
    return names | {name for of, name in county.refused if of == kind}


def _openings(county: ToldCounty, cases: dict[int, dict[str, object]], events: list[dict[str, object]]) -> set[str]:
    """The kinds of organs in which somebody has registered a case by hand."""
    tree = county.database.read(lambda store: county.engine.occasion(store, at(MONDAY))).tree
    opened = {event["case_id"] for event in events if event["verb"] == "open" and event["actor_id"] is not None}
    return {f"opened by {tree.organ(int(str(cases[int(str(i))]['registrar_id']))).kind}" for i in opened}


def reasons_of(refusal: DomainError, county: County, case_id: int, actor: Actor, who: tuple[Who, ...]) -> set[str]:
    """A refusal as the names that `reasons` gives them."""
    if isinstance(refusal, CaseNotFound):
        return {"not_found"}
    if isinstance(refusal, NotPermitted):
        return {"organ"} if _only_the_organ_is_wrong(county, case_id, actor, who) else {refusal.params["why"]}
    if isinstance(refusal, TransitionRefused):
        return {leaf for why in refusal.params["why"] for leaf in _told_leaves(why)}
    if isinstance(refusal, InvalidForm):
        return {f"{key}: {code}" for key, codes in refusal.params["fields"].items() for code in codes}
    raise refusal


def _only_the_organ_is_wrong(county: County, case_id: int, actor: Actor, who: tuple[Who, ...]) -> bool:
    """Has the actor a post of the right role and relation, in an organ of a kind that the definition does not name?"""
    row = rows_of(county, Case, id=case_id)[0]
    parties = [(party["relation"], party["organ_id"]) for party in rows_of(county, Party, case_id=case_id)]
    return not any(_fits(actor, row, parties, one, any_organ=False) for one in who) and any(
        _fits(actor, row, parties, one, any_organ=True) for one in who
    )


def _fits(actor: Actor, row: dict[str, object], parties: list[tuple[str, int]], who: Who, *, any_organ: bool) -> bool:
    return any(
        found.relation in who.relations
        and found.grant.role in who.roles
        and (any_organ or not who.organs or found.grant.organ_kind in who.organs)
        for found in standings(actor, row, parties)
    )


def _told_leaves(why: dict[str, object]) -> Iterator[str]:
    alternatives = why.get("alternatives")
    if isinstance(alternatives, list):
        for alternative in alternatives:
            yield from _told_leaves(alternative)
    else:
        params = why.get("params") or {}
        assert isinstance(params, dict)
        yield _leaf(str(why["name"]), params, negated=bool(why.get("negated")))
