"""Proofs over names: each is known, used once, and gets the parameters that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from states.checks.walk import (
    list_calls,
    list_conditions,
    list_extensions,
    list_fields,
    list_looks_beside,
    list_posts,
    list_rungs,
    list_transitions,
    list_who,
)
from states.definition import ASKER, STAY, Definition, Field, Transition
from states.faults import Fault, nearest, pointer_of
from states.vocabulary import NAMES, Parameter, Signature, Vocabulary

POST = re.compile(r"(?P<role>[a-z_]+)@(?P<where>[a-z_]+)(?::(?P<kind>[a-z_]+))?")
ABOVE = ("above_subject", "above_holder")
Found = Iterator[tuple[str, str, str]]  # pointer, what, name


def unknown_name(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Every name is one of the definition's own or of the closed vocabulary."""
    known = known_names(d, v)
    for names in (_of_people, _of_states, _of_clocks, _of_ladders, _of_calls, _of_posts, _of_kinds, _of_consent):
        for pointer, what, name in names(d):
            if name not in known[what]:
                yield Fault("unknown_name", pointer, {"what": what, "name": name, "meant": nearest(name, known[what])})


def known_names(d: Definition, v: Vocabulary) -> Mapping[str, Iterable[str]]:
    """Every name by what it names."""
    triggers = {transition.trigger for transition in d.transitions}
    return {
        "role": v.roles,
        "relation": v.relations,
        "organ_kind": v.organ_kinds,
        "kind": v.kinds | {d.key},
        "guard": v.guards,
        "effect": v.effects,
        "rung": v.rungs,
        "letter": v.letters,
        "message": v.messages,
        "evidence_label": v.evidence_labels,
        "retention": v.retentions,
        "separation": v.separation,
        "holder": v.holders,
        "level": v.levels,
        "where": {*v.relations, *v.levels, *ABOVE},
        "state": d.state_by_key,
        "trigger": triggers,
        "ground": {ground.key for transition in d.transitions for ground in transition.grounds},
        "start": triggers | {"open"},
        "field": d.field_by_key,
        "clock": d.clock_by_key,
        "ladder": {*d.ladder_by_key, "by_length", ""},
    }


def _of_people(d: Definition) -> Found:
    for pointer, who in list_who(d):
        yield from _each(f"{pointer}/roles", "role", who.roles)
        yield from _each(f"{pointer}/relations", "relation", who.relations)
        yield from _each(f"{pointer}/organs", "organ_kind", who.organs)
    for index, rule in enumerate(d.access):
        yield pointer_of("access", index, "relation"), "relation", rule.relation
        yield from _each(pointer_of("access", index, "organs"), "organ_kind", rule.organs)
        yield from _each(pointer_of("access", index, "in"), "state", rule.states)
    for pointer, transition in list_transitions(d):
        yield from _each(f"{pointer}/separate", "separation", transition.separate)
        yield f"{pointer}/holder", "holder", transition.holder
        if transition.approval:
            yield from _each(f"{pointer}/approval/roles", "role", transition.approval.roles)
            yield f"{pointer}/approval/relation", "relation", transition.approval.relation
            if transition.approval.later:
                yield f"{pointer}/approval/later", "clock", transition.approval.later
        if transition.decision:
            yield from _each(f"{pointer}/decision/roles", "role", transition.decision.roles)
            yield f"{pointer}/decision/relation", "relation", transition.decision.relation
        if transition.evidence:
            yield from _each(f"{pointer}/evidence/labels", "evidence_label", transition.evidence.labels)
    yield "/holder_at_open", "holder", d.holder_at_open


def _of_states(d: Definition) -> Found:
    for pointer, transition in list_transitions(d):
        yield from _each(f"{pointer}/from", "state", transition.sources)
        if transition.target != STAY:
            yield f"{pointer}/to", "state", transition.target
    if d.interview:
        for name in ("joinable_in", "consent_in", "held_in"):
            yield from _each(f"/interview/{name}", "state", getattr(d.interview, name))
        yield "/interview/withdrawn_by", "trigger", d.interview.withdrawn_by
        if d.interview.notice:
            yield "/interview/notice", "letter", d.interview.notice
        for level, address in d.interview.interviewers.items():
            yield f"/interview/interviewers/{level}", "level", level
            yield from _address(f"/interview/interviewers/{level}", str(address))


def _of_clocks(d: Definition) -> Found:
    for index, clock in enumerate(d.clocks):
        pointer = pointer_of("clocks", index)
        yield from _each(f"{pointer}/runs_in", "state", clock.runs_in)
        yield from _each(f"{pointer}/stands_in", "state", clock.stands_in)
        yield from _each(f"{pointer}/settled_by", "trigger", clock.settled_by)
        yield from _each(f"{pointer}/restarted_by", "trigger", clock.restarted_by)
        yield from _address(f"{pointer}/owner", clock.owner)
        yield f"{pointer}/ladder", "ladder", clock.ladder
        if clock.extension and clock.extension.opinion:
            yield f"{pointer}/extension/opinion", "trigger", clock.extension.opinion
        if clock.extension and clock.extension.proof:
            yield f"{pointer}/extension/proof/label", "evidence_label", clock.extension.proof.label
        for number, start in enumerate(clock.starts):
            here = f"{pointer}/starts/{number}"
            yield f"{here}/on", "start", start.on
            yield from ((f"{here}/when/{key}", "field", key) for key in start.when)
            yield from _date_field(here, start.date_field)
        for number, row in enumerate(clock.limits):
            here = f"{pointer}/limits/{number}"
            yield from ((f"{here}/when/{key}", "field", key) for key in row.when)
            yield from _date_field(here, row.date_field)


def _address(pointer: str, address: str) -> Found:
    """A relation or a level, and the kind of organ that stands there."""
    where, _, kind = address.partition(":")
    yield pointer, "where", where
    if kind:
        yield pointer, "organ_kind", kind


def _date_field(pointer: str, key: str | None) -> Found:
    if key is not None:
        yield f"{pointer}/date_field", "field", key


def _of_ladders(d: Definition) -> Found:
    for pointer, rung in list_rungs(d):
        yield f"{pointer}/do", "rung", rung.do
    for index, rule in enumerate(d.rules):
        yield pointer_of("rules", index, "do"), "rung", rule.do


def _of_calls(d: Definition) -> Found:
    for pointer, inside, registry, name, params in list_calls(d):
        if registry != "rung":
            yield pointer, registry, name
        for key, value in params.items():
            what = NAMES.get(key)
            if what in ("question", "post", None):
                continue
            for index, named in enumerate(value if isinstance(value, list | tuple) else [value]):
                if isinstance(named, str):
                    place = f"{inside}/{key}/{index}" if isinstance(value, list | tuple) else f"{inside}/{key}"
                    yield place, what, named


def _of_posts(d: Definition) -> Found:
    for pointer, post in list_posts(d):
        parts = POST.fullmatch(post)
        if parts is None:
            continue
        yield pointer, "role", parts["role"]
        yield pointer, "where", parts["where"]
        if parts["kind"]:
            yield pointer, "organ_kind", parts["kind"]


def _of_kinds(d: Definition) -> Found:
    yield from _each("/parents", "kind", d.parents)
    if d.retention:
        yield "/retention", "retention", d.retention
    for index, rule in enumerate(d.labels):
        yield pointer_of("labels", index, "label"), "evidence_label", rule.label
    for index, weight in enumerate(d.weights):
        here = pointer_of("weights", index)
        yield f"{here}/retention", "retention", weight.retention
        yield from ((f"{here}/when/{key}", "field", key) for key in weight.when)
        yield from _each(f"{here}/grounds", "ground", weight.grounds)
    for pointer, field in list_fields(d):
        yield from _each(f"{pointer}/kinds", "organ_kind", field.kinds)
        yield from _each(f"{pointer}/write", "relation", field.write)


def _of_consent(d: Definition) -> Found:
    for name in ("asked_by", "given_by", "refused_by", "withdrawn_by") if d.consent else ():
        yield f"/consent/{name}", "trigger", getattr(d.consent, name)
    if d.consent and d.consent.taken_back_by:
        yield "/consent/taken_back_by", "trigger", d.consent.taken_back_by
    for name in ("step", "stands") if d.consent else ():
        yield f"/consent/{name}", "field", getattr(d.consent, name)


def _each(pointer: str, what: str, names: Iterable[str]) -> Found:
    yield from ((f"{pointer}/{index}", what, name) for index, name in enumerate(names))


def wrong_post(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A post is written role@relation, role@above_subject:ORGAN_KIND or role@LEVEL:ORGAN_KIND."""
    for pointer, post in list_posts(d):
        parts = POST.fullmatch(post)
        needs_kind = parts is not None and (parts["where"] in v.levels or parts["where"] in ABOVE)
        if post != ASKER and (parts is None or needs_kind != bool(parts["kind"])):
            yield Fault("wrong_post", pointer, {"post": post})


def nobody_asked(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Whoever asked is told by the steps that answer a request for approval, and by no other."""
    answers = d.consent.answers if d.consent else ()
    told = tuple(f"{pointer}/effects/" for pointer, transition in list_transitions(d) if transition.trigger in answers)
    for pointer, post in list_posts(d):
        if post == ASKER and not pointer.startswith(told):
            yield Fault("nobody_asked", pointer)


def wrong_owner(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Who is late is one organ: what stands above somebody, or at a level, says of which kind."""
    addresses = [(pointer_of("clocks", index, "owner"), clock.owner) for index, clock in enumerate(d.clocks)]
    for level, address in d.interview.interviewers.items() if d.interview else ():
        addresses.append((f"/interview/interviewers/{level}", str(address)))
    for pointer, address in addresses:
        where, _, kind = address.partition(":")
        if (where in ABOVE or where in v.levels) != bool(kind):
            yield Fault("wrong_owner", pointer, {"owner": address})


def wrong_parameter(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A guard, an effect or a rung gets what it takes, and all that it needs."""
    registries = {"guard": v.guards, "effect": v.effects, "rung": v.rungs}
    for pointer, inside, registry, name, params in list_calls(d):
        if name in registries[registry]:
            yield from _parameters(pointer, inside, name, params, registries[registry][name])


def _parameters(pointer: str, inside: str, name: str, params: Mapping[str, Any], taken: Signature) -> Iterator[Fault]:
    for key, parameter in taken.parameters.items():
        if parameter.required and key not in params:
            yield Fault("wrong_parameter", pointer, {"name": name, "parameter": key, "why": "missing"})
    for key, value in params.items():
        if key in taken.parameters:
            if not _fits(taken.parameters[key], value):
                yield Fault("wrong_parameter", f"{inside}/{key}", {"name": name, "parameter": key, "why": "type"})
        elif not taken.is_open:
            meant = nearest(key, taken.parameters)
            said = {"name": name, "parameter": key, "why": "unknown", "meant": meant}
            yield Fault("wrong_parameter", f"{inside}/{key}", said)


def _fits(parameter: Parameter, value: Any) -> bool:
    types: Mapping[str, type | tuple[type, ...]] = {"text": str, "flag": bool, "list": (list, tuple), "mapping": Mapping}
    if parameter.type == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return parameter.type == "any" or isinstance(value, types[parameter.type])


def question_not_asked(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Whoever takes an answer of the form (`title_from`, a guard, `required_when`, `fits_when`) names a question of it."""
    yield from _guards_unasked(d)
    yield from _beside_unasked(d)
    for pointer, transition in list_transitions(d):
        asked = {question.key for question in transition.form} | {"reason", "comment"}
        for index, call in enumerate(transition.effects):
            for key, value in call.params.items():
                if NAMES.get(key) == "question" and value not in asked:
                    place = f"{pointer}/effects/{index}/{call.name}/{key}"
                    yield Fault("question_not_asked", place, {"name": value, "meant": nearest(str(value), asked)})


def _guards_unasked(d: Definition) -> Iterator[Fault]:
    for pointer, condition in list_conditions(d):
        if condition.name != "min_workdays":
            continue
        asked = [q.key for q in d.transitions[int(pointer.split("/")[2])].form]
        name = str(condition.params.get("field"))
        if name not in asked:
            place = f"{pointer}/{condition.name}/field"
            yield Fault("question_not_asked", place, {"name": name, "meant": nearest(name, asked)})


def _beside_unasked(d: Definition) -> Iterator[Fault]:
    for place, name, beside, _value in list_looks_beside(d):
        if name not in beside:
            yield Fault("question_not_asked", place, {"name": name, "meant": nearest(name, beside)})


def duplicate_key(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A key names one thing in its list, and a label of evidence has one rule."""
    for pointer, keys in _lists(d):
        yield from _twice(pointer, "key", keys)
    yield from _twice("/labels", "label", [rule.label for rule in d.labels])


def _twice(pointer: str, name: str, keys: Iterable[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield Fault("duplicate_key", f"{pointer}/{index}/{name}", {"key": key})
        seen.add(key)


def _lists(d: Definition) -> Iterator[tuple[str, list[str]]]:
    for name in ("states", "fields", "clocks", "ladders", "rules"):
        yield f"/{name}", [part.key for part in getattr(d, name)]
    for pointer, transition in list_transitions(d):
        yield from _lists_of(pointer, transition)
    for pointer, rule in list_extensions(d):
        yield f"{pointer}/form", _keys(rule.form)
    for pointer, field in list_fields(d):
        yield f"{pointer}/choices", [choice.key for choice in field.choices]
        yield f"{pointer}/columns", _keys(field.columns)
    for index, ladder in enumerate(d.ladders):
        for number, tier in enumerate(ladder.tiers):
            yield pointer_of("ladders", index, "tiers", number), [rung.key for rung in tier]


def _lists_of(pointer: str, transition: Transition) -> Iterator[tuple[str, list[str]]]:
    yield f"{pointer}/form", _keys(transition.form)
    yield f"{pointer}/grounds", [ground.key for ground in transition.grounds]


def _keys(fields: Iterable[Field]) -> list[str]:
    return [field.key for field in fields]
