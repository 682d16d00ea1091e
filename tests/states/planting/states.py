"""Faults of the states and of the verbs between them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from states.forms import RESERVED
from tests.states.planting.bed import TITLE, Bed, Doc, NotHere

GROUNDS = [{"key": "done", "title": TITLE}]
NEW_DATE = {"key": "new_due_on", "title": TITLE, "type": "date", "required": True}


def no_initial(bed: Bed) -> str:
    for state in bed.doc["states"]:
        state.pop("initial", None)
    bed.doc["title"] = {**TITLE, "en": bed.key()}
    return "/states"


def many_initial(bed: Bed) -> str:
    bed.put(f"{bed.index_of('states', lambda state: not state.get('initial'))}/initial", True)
    return [pointer for pointer, state in bed.every("states") if state.get("initial")][1] + "/initial"


def state_that_nothing_leads_to(bed: Bed) -> str:
    pointer, _ = bed.add_state(final=True)
    return pointer


def state_that_is_led_past(bed: Bed) -> str:
    pointer = bed.index_of("states", lambda state: not state.get("initial"))
    for verb in bed.doc["transitions"]:
        verb["to"] = "=" if verb["to"] == bed.at(pointer)["key"] else verb["to"]
    return pointer


def trap_state(bed: Bed) -> str:
    pointer = bed.index_of("states", lambda state: not state.get("final"))
    key = bed.at(pointer)["key"]
    for verb in bed.doc["transitions"]:
        if verb["to"] not in ("=", key):
            verb["from"] = [state for state in verb["from"] if state != key]
    bed.doc["transitions"] = [verb for verb in bed.doc["transitions"] if verb["from"]]
    return pointer


def no_way_to_final(bed: Bed) -> str:
    way = [bed.add_state()[1] for _ in range(bed.dice.randint(2, 4))]
    bed.add_verb(bed.state(), way[0])
    for here, there in zip(way, [*way[1:], way[0]], strict=True):
        bed.add_verb(here, there)
    lost = bed.dice.choice(way)
    return bed.index_of("states", lambda state: state["key"] == lost)


def final_state_left(bed: Bed) -> str:
    return bed.add_verb(bed.dice.choice(sorted(bed.finals)), bed.state())


def final_state_left_by_what_reopened(bed: Bed) -> str:
    pointer = bed.index_of("transitions", lambda verb: bool(verb.get("reopens")))
    bed.at(pointer).pop("reopens")
    return pointer


def reopens_open_case(bed: Bed) -> str:
    pointer = bed.index_of("transitions", lambda verb: not set(verb["from"]) <= bed.finals)
    return bed.put(f"{pointer}/reopens", True)


def reopen_without_date(bed: Bed) -> str:
    pointer = bed.index_of("transitions", lambda verb: bool(verb.get("reopens")))
    asked = next(question for question in bed.at(pointer)["form"] if question["key"] == "new_due_on")
    spoil = bed.dice.choice(("gone", "free", "other", "renamed"))
    if spoil == "gone":
        bed.at(pointer)["form"].remove(asked)
    elif spoil == "renamed":
        asked["key"] = bed.key()
    else:
        asked["required" if spoil == "free" else "type"] = False if spoil == "free" else "organ"
        for only_of_a_date in ("max_days", "min_days", "not_after"):
            asked.pop(only_of_a_date, None)
    return pointer


def one_more_that_asks_no_date(bed: Bed) -> str:
    form = bed.dice.choice(([], [{**NEW_DATE, "required": False}], [{**NEW_DATE, "key": "due_on_new"}]))
    return bed.add_verb(bed.dice.choice(sorted(bed.finals)), bed.state(), reopens=True, form=form)


def ambiguous_trigger(bed: Bed) -> str:
    verb: Doc = bed.one_of(bed.doc["transitions"])
    source = bed.dice.choice(verb["from"])
    return bed.into("/transitions", {**deepcopy(verb), "main": False, "from": [source]}, last=True) + "/from/0"


def many_main(bed: Bed) -> str:
    verb = bed.at(bed.index_of("transitions", lambda verb: bool(verb.get("main"))))
    other = bed.add_verb(bed.dice.choice(verb["from"]), "=", main=True)
    return max(other, bed.index_of("transitions", lambda found: found is verb), key=_number) + "/main"


def _number(pointer: str) -> int:
    return int(pointer.split("/")[2])


def closing_without_ground(bed: Bed) -> str:
    pointer = bed.index_of("transitions", lambda verb: verb["to"] in bed.finals and not set(verb["from"]) <= bed.finals)
    bed.at(pointer).pop("grounds")
    return pointer


def recipient_not_asked(bed: Bed) -> str:
    asked = [part for part in bed.doc["transitions"] if part.get("holder") == "recipient"]
    if asked and bed.dice.random() < 0.5:
        verb = bed.one_of(asked)
        question = next(question for question in verb["form"] if question["key"] == "recipient")
        if bed.dice.random() < 0.5:
            question["required"] = False
        else:
            verb["form"].remove(question)
        return bed.index_of("transitions", lambda found: found is verb) + "/holder"
    pointer = bed.index_of("transitions", lambda verb: not any(q["key"] == "recipient" for q in verb.get("form", ())))
    return bed.put(f"{pointer}/holder", "recipient")


def reserved_key(bed: Bed) -> str:
    question: dict[str, Any] = {"key": bed.dice.choice(RESERVED), "title": TITLE}
    return bed.into(f"{bed.place('transitions/*')}/form", question) + "/key"


def text_missing_language(bed: Bed) -> str:
    pointer = bed.one_of(pointer for pointer in _texts(bed.doc, "") if pointer != "/measure_word")
    gone = bed.dice.choice(("zh-Hant", "en"))
    said = {name: words for name, words in bed.at(pointer).items() if name != gone}
    return bed.put(pointer, bed.dice.choice((said, said["zh-Hans"])))


def _texts(part: Any, pointer: str) -> list[str]:
    if isinstance(part, dict):
        inner = [text for key, value in part.items() for text in _texts(value, f"{pointer}/{key}")]
        return [pointer, *inner] if "zh-Hans" in part else inner
    if isinstance(part, list):
        return [text for index, value in enumerate(part) for text in _texts(value, f"{pointer}/{index}")]
    return []


def wrong_number_pattern(bed: Bed) -> str:
    number = bed.dice.choice(
        ("无号", "{n}{}", "{year}", "〔{n", "{n}}", "{n.__class__}", "{n!r}", "{n:>99}", "{m}{n}", "{n}{ year}")
    )
    if bed.doc["number"] == number:
        raise NotHere
    return bed.put("/number", number)
