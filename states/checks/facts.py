"""Proofs over facts: what is read was filled, is open to reading, and has the type that the reader needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from states.checks.walk import list_calls, list_conditions, list_looks_beside, list_transitions
from states.definition import Definition, Field, LimitRow, Start
from states.faults import Fault, nearest, pointer_of
from states.forms import opening_fields
from states.shut import is_shut_to_subject
from states.vocabulary import Vocabulary

Read = tuple[str, str]  # pointer, fact
FREE = ("text", "long_text", "rows")


def field_read_never_filled(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A fact that a guard, a limit or a clock reads is asked for somewhere, or set by an effect."""
    filled = _filled(d)
    for pointer, key in _reads(d):
        if key in d.field_by_key and key not in filled:
            yield Fault("field_read_never_filled", pointer, {"field": key})


def secret_field_read(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A secret fact decides nothing, filters nothing and is copied nowhere."""
    copied = [
        (f"{inside}/fields/{index}", key)
        for _, inside, registry, _, params in list_calls(d)
        if registry == "effect" and isinstance(params.get("fields"), list | tuple)
        for index, key in enumerate(params["fields"])
    ]
    filtered = [(pointer_of("fields", i, "filter"), field.key) for i, field in enumerate(d.fields) if field.filter]
    for pointer, key in [*_reads(d), *copied, *filtered]:
        if key in d.field_by_key and _is_secret(d.field_by_key[key]):
            yield Fault("secret_field_read", pointer, {"field": key})


def text_told_to_its_subject(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A kind that is shut to the body it is about copies no free text to a case of that body: it is written anew.

    What goes to its own handler (`holder: holder`) is about the handler. Rule: 检控规则 art. 47(三).
    """
    if not is_shut_to_subject(d):
        return
    for _, inside, registry, name, params in list_calls(d):
        if registry != "effect" or name != "open_child" or params.get("holder") == "holder":
            continue
        named = params.get("fields") if isinstance(params.get("fields"), list | tuple) else ()
        copied = [(f"{inside}/fields/{index}", key) for index, key in enumerate(named or ())]
        for pointer, key in [(f"{inside}/title_from", params.get("title_from")), *copied]:
            field = d.field_by_key.get(key) if isinstance(key, str) else None
            if field is not None and field.type in FREE and not field.secret:
                yield Fault("text_told_to_its_subject", pointer, {"field": key})


def field_of_wrong_type(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A limit table and a start look at pick lists and flags; a date field is a date."""
    for pointer, key, wanted in _typed_reads(d):
        field = d.field_by_key.get(key)
        if field is not None and field.type not in wanted:
            yield Fault("field_of_wrong_type", pointer, {"field": key, "type": field.type, "wanted": list(wanted)})


def unknown_choice(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A value that a pick list is compared with, or set to, is one of its choices; a flag is true or false."""
    compared = [(pointer, d.field_by_key.get(key), value) for pointer, key, value in _compared(d)]
    for pointer, field, value in [*compared, *_beside(d)]:
        choices = _choices(field) if field else None
        if field and choices is not None and not any(value is c or (value == c and type(value) is type(c)) for c in choices):
            meant = nearest(str(value), [str(choice) for choice in choices])
            yield Fault("unknown_choice", pointer, {"field": field.key, "value": value, "meant": meant})


def question_unlike_fact(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A question whose answer becomes a fact has the fact's type, and no choice that the fact does not know."""
    for pointer, transition in list_transitions(d):
        for index, question in enumerate(transition.form):
            fact = d.field_by_key.get(question.key)
            if fact is None or not question.stores:
                continue
            alike = question.type == fact.type and {c.key for c in question.choices} <= {c.key for c in fact.choices}
            if not alike:
                yield Fault("question_unlike_fact", f"{pointer}/form/{index}", {"field": question.key})


def _filled(d: Definition) -> set[str]:
    filled = {field.key for field in opening_fields(d)}
    for transition in d.transitions:
        filled |= {question.key for question in transition.form if question.stores}
        filled |= {str(call.params.get("field")) for call in transition.effects if "field" in call.params}
    return filled | ({d.consent.stands} if d.consent else set())


def _reads(d: Definition) -> Iterator[Read]:
    for pointer, condition in list_conditions(d):
        if isinstance(condition.params.get("field"), str):
            yield f"{pointer}/{condition.name}/field", condition.params["field"]
    for pointer, key, _ in _typed_reads(d):
        yield pointer, key
    for index, field in enumerate(d.fields):
        for number, choice in enumerate(field.choices):
            yield from ((pointer_of("fields", index, "choices", number, "fits_when", key), key) for key in choice.fits_when)


def _typed_reads(d: Definition) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for pointer, when in _weighed(d):
        yield from ((f"{pointer}/{key}", key, ("choice", "flag")) for key in when)
    for pointer, row in _rows(d):
        yield from ((f"{pointer}/when/{key}", key, ("choice", "flag")) for key in row.when)
        if row.date_field:
            yield f"{pointer}/date_field", row.date_field, ("date",)
    for pointer, condition in list_conditions(d):
        if condition.name in ("min_workdays", "date_reached") and isinstance(condition.params.get("field"), str):
            yield f"{pointer}/{condition.name}/field", condition.params["field"], ("date",)


def _rows(d: Definition) -> Iterator[tuple[str, Start | LimitRow]]:
    for index, clock in enumerate(d.clocks):
        yield from ((pointer_of("clocks", index, "starts", number), start) for number, start in enumerate(clock.starts))
        yield from ((pointer_of("clocks", index, "limits", number), row) for number, row in enumerate(clock.limits))


def _weighed(d: Definition) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from ((pointer_of("weights", index, "when"), weight.when) for index, weight in enumerate(d.weights))


def _compared(d: Definition) -> Iterator[tuple[str, str, Any]]:
    for _, inside, _, _, params in list_calls(d):
        key = params.get("field")
        if isinstance(key, str) and "value" in params:
            yield f"{inside}/value", key, params["value"]
        if isinstance(key, str) and isinstance(params.get("values"), list | tuple):
            yield from ((f"{inside}/values/{index}", key, value) for index, value in enumerate(params["values"]))
    for pointer, when in _weighed(d):
        yield from ((f"{pointer}/{key}", key, value) for key, value in when.items())
    for pointer, row in _rows(d):
        yield from ((f"{pointer}/when/{key}", key, value) for key, value in row.when.items())


def _beside(d: Definition) -> Iterator[tuple[str, Field, Any]]:
    for place, key, beside, value in list_looks_beside(d):
        if key in beside and isinstance(value, list | tuple):
            yield from ((f"{place}/{index}", beside[key], one) for index, one in enumerate(value))
        elif key in beside:
            yield place, beside[key], value


def _choices(field: Field) -> tuple[Any, ...] | None:
    if field.type == "flag":
        return (True, False)
    return tuple(choice.key for choice in field.choices) if field.type in ("choice", "choices") else None


def _is_secret(field: Field) -> bool:
    return field.secret or any(column.secret for column in field.columns)
