"""Walks over a definition that give each part with its JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from states.definition import Choice, Condition, Definition, ExtensionRule, Field, Params, Text, Transition, Who
from states.faults import Path, pointer_of

# Attributes whose name in the document is another.
_WRITTEN = {"sources": "from", "target": "to", "offset": "at", "zh_hans": "zh-Hans", "zh_hant": "zh-Hant"}


def list_texts(part: Any, path: Path = ()) -> Iterator[tuple[str, Text]]:
    """Every label."""
    if isinstance(part, Text):
        yield pointer_of(*path), part
    elif is_dataclass(part):
        for attribute in fields(part):
            name = _WRITTEN.get(attribute.name, attribute.name)
            yield from list_texts(getattr(part, attribute.name), (*path, name))
    elif isinstance(part, tuple):
        for index, inner in enumerate(part):
            yield from list_texts(inner, (*path, index))


def list_conditions(d: Definition) -> Iterator[tuple[str, Condition]]:
    """Every guard in use: the leaves of the conditions of transitions and approvals."""
    for index, transition in enumerate(d.transitions):
        for number, condition in enumerate(transition.guards):
            yield from _leaves(condition, ("transitions", index, "guards", number))
        if transition.approval and transition.approval.unless:
            yield from _leaves(transition.approval.unless, ("transitions", index, "approval", "unless"))


def _leaves(condition: Condition, path: Path) -> Iterator[tuple[str, Condition]]:
    if condition.name == "not":
        yield from _leaves(condition.parts[0], (*path, "not"))
    elif condition.name in ("all", "any"):
        for index, part in enumerate(condition.parts):
            yield from _leaves(part, (*path, condition.name, index))
    else:
        yield pointer_of(*path), condition


def list_calls(d: Definition) -> Iterator[tuple[str, str, str, str, Params]]:
    """Every use of a registry with parameters: (pointer, pointer of the parameters, registry, name, parameters)."""
    for pointer, condition in list_conditions(d):
        yield pointer, f"{pointer}/{condition.name}", "guard", condition.name, condition.params
    for index, transition in enumerate(d.transitions):
        for number, call in enumerate(transition.effects):
            pointer = pointer_of("transitions", index, "effects", number)
            yield pointer, f"{pointer}/{call.name}", "effect", call.name, call.params
    for pointer, rung in list_rungs(d):
        yield f"{pointer}/do", f"{pointer}/params", "rung", rung.do, rung.params
    for index, rule in enumerate(d.rules):
        pointer = pointer_of("rules", index)
        yield f"{pointer}/do", f"{pointer}/params", "rung", rule.do, rule.params


def list_rungs(d: Definition) -> Iterator[tuple[str, Any]]:
    """Every rung of every ladder."""
    for index, ladder in enumerate(d.ladders):
        for number, tier in enumerate(ladder.tiers):
            for order, rung in enumerate(tier):
                yield pointer_of("ladders", index, "tiers", number, order), rung


def list_posts(d: Definition) -> Iterator[tuple[str, str]]:
    """Every post that a rung, a rule or an effect speaks to, or that a question names."""
    for pointer, rung in list_rungs(d):
        yield from ((f"{pointer}/to/{index}", post) for index, post in enumerate(rung.to))
    for number, rule in enumerate(d.rules):
        yield from ((pointer_of("rules", number, "to", index), post) for index, post in enumerate(rule.to))
    for _, pointer, registry, _, params in list_calls(d):
        named = params.get("to") if registry == "effect" else None
        if isinstance(named, list | tuple):
            yield from ((f"{pointer}/to/{index}", post) for index, post in enumerate(named) if isinstance(post, str))
    for pointer, field in list_fields(d):
        if field.suggest is not None:
            yield f"{pointer}/suggest/post", field.suggest.post


def list_transitions(d: Definition) -> Iterator[tuple[str, Transition]]:
    """Every transition."""
    for index, transition in enumerate(d.transitions):
        yield pointer_of("transitions", index), transition


def list_who(d: Definition) -> Iterator[tuple[str, Who]]:
    """Everybody who may open or fire."""
    for index, who in enumerate(d.opened_by):
        yield pointer_of("opened_by", index), who
    for pointer, transition in list_transitions(d):
        yield from ((f"{pointer}/who/{index}", who) for index, who in enumerate(transition.who))


def list_fields(d: Definition) -> Iterator[tuple[str, Field]]:
    """Every fact and question, columns included."""
    for index, field in enumerate(d.fields):
        yield from _with_columns(pointer_of("fields", index), field)
    for pointer, form in list_forms(d):
        for index, question in enumerate(form):
            yield from _with_columns(f"{pointer}/{index}", question)


def list_forms(d: Definition) -> Iterator[tuple[str, tuple[Field, ...]]]:
    """The forms of every transition and of every request for an extension."""
    yield from ((f"{pointer}/form", transition.form) for pointer, transition in list_transitions(d))
    yield from ((f"{pointer}/form", rule.form) for pointer, rule in list_extensions(d))


def list_extensions(d: Definition) -> Iterator[tuple[str, ExtensionRule]]:
    """The extension rule of every clock that has one."""
    for index, clock in enumerate(d.clocks):
        if clock.extension is not None:
            yield pointer_of("clocks", index, "extension"), clock.extension


def list_looks_beside(d: Definition) -> Iterator[tuple[str, str, dict[str, Field], Any]]:
    """Whatever depends on an answer given beside it: (pointer, the question looked at, all questions beside, the value)."""
    lists = [("/fields", d.fields), *list_forms(d)]
    lists += [(f"{pointer}/columns", field.columns) for pointer, field in list_fields(d) if field.columns]
    for pointer, fields_ in lists:
        beside = {field.key: field for field in fields_}
        for index, field in enumerate(fields_):
            for key, value in field.required_when.items():
                yield f"{pointer}/{index}/required_when/{key}", key, beside, value
            yield from _fitting(f"{pointer}/{index}/choices", field.choices, beside)
    for pointer, transition in list_transitions(d):
        yield from _fitting(f"{pointer}/grounds", transition.grounds, {asked.key: asked for asked in transition.form})
    for pointer, rule in list_extensions(d):
        beside = {field.key: field for field in rule.form}
        for key, value in rule.proof.when.items() if rule.proof else ():
            yield f"{pointer}/proof/when/{key}", key, beside, value


def _fitting(
    pointer: str, choices: tuple[Choice, ...], beside: dict[str, Field]
) -> Iterator[tuple[str, str, dict[str, Field], Any]]:
    for number, choice in enumerate(choices):
        for key, value in choice.fits_when.items():
            yield f"{pointer}/{number}/fits_when/{key}", key, beside, value


def _with_columns(pointer: str, field: Field) -> Iterator[tuple[str, Field]]:
    yield pointer, field
    for index, column in enumerate(field.columns):
        yield f"{pointer}/columns/{index}", column


def edges(d: Definition) -> Iterator[tuple[str, Transition, str]]:
    """Every (state, transition, next state)."""
    for transition in d.transitions:
        for source in transition.sources:
            yield source, transition, transition.target_from(source)
