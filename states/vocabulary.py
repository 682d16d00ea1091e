"""The closed vocabulary that a definition may speak: handed in by web/wiring.py, which alone knows every room.

What a guard, an effect or a rung takes is read from the signature of its function; what a parameter names is told by its own
name: `field` is a fact, `trigger` a verb, `to` a list of posts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import Parameter as Argument
from inspect import signature
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from states.definition import RELATIONS
from states.guards import GUARDS

ParameterType = Literal["text", "integer", "flag", "list", "mapping", "any"]

# What the parameters of these names name; every other parameter is plain.
NAMES: Mapping[str, str] = {
    "field": "field",
    "fields": "field",
    "trigger": "trigger",
    "clock": "clock",
    "clocks": "clock",
    "kind": "kind",
    "kinds": "organ_kind",
    "to": "post",
    "letter": "letter",
    "message": "message",
    "labels": "evidence_label",
    "title_from": "question",
    "reason_from": "question",
    "rows_from": "question",
    "dates_from": "question",
}
_TYPES: Mapping[Any, ParameterType] = {str: "text", int: "integer", bool: "flag", Any: "any"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function of a registry."""

    type: ParameterType
    required: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes beside its first argument; `is_open` where it takes anything more."""

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    is_open: bool = False


def signature_of(function: Callable[..., Any]) -> Signature:
    """The signature behind the first argument (the facts, the change, the due rung).

    str is text, int a whole number, bool a flag, a mapping a mapping, any other collection a list; without a hint: anything.
    """
    hints = get_type_hints(function)
    arguments = list(signature(function).parameters.values())[1:]
    named = [argument for argument in arguments if argument.kind is not Argument.VAR_KEYWORD]
    return Signature(
        {
            argument.name: Parameter(_type_of(hints.get(argument.name, Any)), argument.default is Argument.empty)
            for argument in named
        },
        is_open=len(named) < len(arguments),
    )


def _type_of(hint: Any) -> ParameterType:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        parts = [part for part in get_args(hint) if part is not NoneType]
        return _type_of(parts[0]) if len(parts) == 1 else "any"
    if origin is not None and isinstance(origin, type):
        return "mapping" if issubclass(origin, Mapping) else "list"
    return _TYPES.get(hint, "any")


def guard_signatures() -> Mapping[str, Signature]:
    """The guards of this room."""
    return {name: signature_of(guard.function) for name, guard in GUARDS.items()}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every name that a definition may use. `organ_kinds` maps a kind to its level, `levels` runs from the top down.

    `languages` are those that every label must have. `holders` are the words of a transition's `holder`,
    `retentions` the classes that say how long cases are kept.
    """

    roles: frozenset[str]
    organ_kinds: Mapping[str, str]
    kinds: frozenset[str]
    effects: Mapping[str, Signature]
    rungs: Mapping[str, Signature]
    letters: frozenset[str]
    messages: frozenset[str]
    evidence_labels: frozenset[str]
    relations: frozenset[str] = frozenset(RELATIONS)
    retentions: frozenset[str] = frozenset()
    guards: Mapping[str, Signature] = field(default_factory=guard_signatures)
    calendars: frozenset[str] = frozenset()
    levels: tuple[str, ...] = ("county", "township", "village")
    languages: tuple[str, ...] = ("zh-Hans",)
    separation: frozenset[str] = frozenset({"work", "registration", "asked", "closing", "holder"})
    holders: frozenset[str] = frozenset(
        {"keep", "supervisor", "subject", "recipient", "past_holder", "interviewer", "interviewee", "registrar"}
    )
