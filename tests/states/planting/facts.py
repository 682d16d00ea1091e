"""Faults of facts: read but never filled, secret, of another type, compared with what they cannot be."""

from __future__ import annotations

from typing import Any

from tests.states.planting.bed import TITLE, Bed, NotHere

OTHER_TYPES = ("text", "long_text", "date", "money", "integer", "organ", "person", "flag")


def _read(bed: Bed, key: str, *, value: Any = None) -> str:
    """The fact is read somewhere: by a guard, deep in one, by the unless of an approval, or in a limit table."""
    where = bed.dice.choice(("guard", "any", "not", "unless", "limit"))
    filled = {"field_filled": {"field": key}}
    if where == "limit":
        row = {"when": {key: value}, "limit": "5 day"}
        return _first_limit(bed, row) + f"/when/{key}"
    verb = bed.place("transitions/*")
    if where == "unless":
        bed.put(f"{verb}/approval", {"roles": ["head"], "relation": "holder", "unless": filled})
        return f"{verb}/approval/unless/field_filled/field"
    guard = {"guard": filled, "any": {"any": [{"has_evidence": {"at_least": 1}}, filled]}, "not": {"not": filled}}[where]
    inside = {"guard": "", "any": "/any/1", "not": "/not"}[where]
    return bed.into(f"{verb}/guards", guard) + f"{inside}/field_filled/field"


def _first_limit(bed: Bed, row: dict[str, Any]) -> str:
    pointer = bed.place("clocks/*") + "/limits"
    bed.put(pointer, [row, *bed.at(pointer)])
    return f"{pointer}/0"


def field_read_never_filled(bed: Bed) -> str:
    _, key = bed.add_field(type="flag")
    return _read(bed, key, value=True)


def secret_field_read(bed: Bed) -> str:
    bed.doc["on_agenda"] = False
    _, key = bed.add_field(type="flag", secret=True, write=["supervisor"])
    return _read(bed, key, value=True)


def secret_column_filtered(bed: Bed) -> str:
    bed.doc["on_agenda"] = False
    told = bed.dice.choice(({"secret": True}, {"type": "rows", "columns": [{"key": "name", "title": TITLE, "secret": True}]}))
    pointer, _ = bed.add_field(filter=True, write=["supervisor"], **told)
    return f"{pointer}/filter"


def secret_field_copied(bed: Bed) -> str:
    bed.doc["on_agenda"] = False
    _, key = bed.add_field(secret=True, write=["supervisor"])
    effect = {"open_child": {"kind": bed.dice.choice(("clue", "measure")), "title_from": "reason", "fields": [key]}}
    return bed.into(f"{bed.place('transitions/*')}/effects", effect) + "/open_child/fields/0"


def text_copied_to_its_subject(bed: Bed) -> str:
    return _told(bed, lambda key: {"title_from": "reason", "fields": [key]}) + "/open_child/fields/0"


def text_as_the_title_of_its_subject(bed: Bed) -> str:
    return _told(bed, lambda key: {"title_from": key}) + "/open_child/title_from"


def _told(bed: Bed, told: Any) -> str:
    bed.doc["on_agenda"] = False
    bed.add_field(secret=True, write=["supervisor"])
    bed.doc["access"] = [rule for rule in bed.doc["access"] if rule["relation"] != "subject"]
    _, key = bed.add_field(type=bed.dice.choice(("text", "long_text")), write=["supervisor"])
    effect = {"open_child": {"kind": bed.dice.choice(("clue", "measure")), **told(key), "holder": "supervisor"}}
    return bed.into(f"{bed.place('transitions/*')}/effects", effect)


def field_of_wrong_type_in_a_limit(bed: Bed) -> str:
    _, key = bed.add_field(type=bed.dice.choice(("text", "long_text", "money", "integer", "date")), write=["supervisor"])
    return _first_limit(bed, {"when": {key: "x"}, "limit": "5 day"}) + f"/when/{key}"


def date_field_that_is_none(bed: Bed) -> str:
    _, key = bed.add_field(type=bed.dice.choice(("text", "flag", "integer", "organ")), write=["supervisor"])
    if bed.dice.random() < 0.5:
        return _first_limit(bed, {"date_field": key, "at_most": "3 month"}) + "/date_field"
    return bed.put(f"{bed.place('clocks/*/starts/*')}/date_field", key)


def days_counted_to_what_is_no_date(bed: Bed) -> str:
    _, key = bed.add_field(type=bed.dice.choice(("text", "flag")), write=["supervisor"])
    guard = {"min_workdays": {"field": key, "days": bed.dice.randint(1, 9)}}
    return bed.into(f"{bed.place('transitions/*')}/guards", guard) + "/min_workdays/field"


def unknown_choice_in_a_limit(bed: Bed) -> str:
    key, value = bed.add_choice()
    wrong = bed.dice.choice((value + "s", "", True, 1, "o"))
    return _first_limit(bed, {"when": {key: wrong}, "limit": "5 day"}) + f"/when/{key}"


def unknown_choice_in_a_guard(bed: Bed) -> str:
    key, value = bed.add_choice()
    guard = {"field_in": {"field": key, "values": [value, bed.key()]}}
    return bed.into(f"{bed.place('transitions/*')}/guards", guard) + "/field_in/values/1"


def unknown_choice_set(bed: Bed) -> str:
    _, key = bed.add_field(type="flag", write=["supervisor"])
    effect = {"set_field": {"field": key, "value": bed.dice.choice((1, 0, "true", "yes"))}}
    return bed.into(f"{bed.place('transitions/*')}/effects", effect) + "/set_field/value"


def unknown_choice_beside(bed: Bed) -> str:
    key, _ = bed.add_choice()
    pointer, _ = bed.add_field(write=["supervisor"], required_when={key: bed.dice.choice(("two", "one_", False))})
    return f"{pointer}/required_when/{key}"


def unknown_choice_that_fits(bed: Bed) -> str:
    key, _ = bed.add_choice()
    value = bed.dice.choice(("two", ["two"], False))
    choices = [{"key": "fitting", "title": TITLE, "fits_when": {key: value}}]
    pointer, _ = bed.add_field(type="choice", write=["supervisor"], choices=choices)
    return f"{pointer}/choices/0/fits_when/{key}" + ("/0" if isinstance(value, list) else "")


def fits_a_secret(bed: Bed) -> str:
    bed.doc["on_agenda"] = False
    _, key = bed.add_field(type="flag", secret=True, write=["supervisor"])
    choices = [{"key": "fitting", "title": TITLE, "fits_when": {key: True}}]
    pointer, _ = bed.add_field(type="choice", write=["supervisor"], choices=choices)
    return f"{pointer}/choices/0/fits_when/{key}"


def question_unlike_fact(bed: Bed) -> str:
    verb = bed.place("transitions/*")
    fact = bed.one_of(field for field in bed.doc["fields"] if field.get("type", "text") not in ("rows", "agenda_dates"))
    if fact["key"] in {question["key"] for question in bed.at(verb).get("form", ())}:
        raise NotHere
    if fact.get("type") in ("choice", "choices") and bed.dice.random() < 0.5:
        more = [*fact["choices"], {"key": bed.key(), "title": TITLE}]
        question = {"key": fact["key"], "title": TITLE, "type": fact["type"], "choices": more}
    else:
        other = bed.dice.choice([name for name in OTHER_TYPES if name != fact.get("type", "text")])
        question = {"key": fact["key"], "title": TITLE, "type": other}
    return bed.into(f"{verb}/form", question)
