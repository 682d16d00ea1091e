"""A setting on its page: the boxes to type in, what was typed as data, and how it would look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from config.documents import DocumentFault, parse
from handlers.letters.forms import is_sheet, rows_of
from handlers.letters.official import compose
from handlers.letters.sample import sample
from handlers.settings.mappings import NAME as MAPPING
from handlers.settings.registry import SETTINGS
from states.definition import LANGUAGES
from web.configuration.forms import FORMS, typed_form
from web.configuration.words import example_number, example_params, values_of_setting, with_names, with_words
from web.current import now, office, today
from web.language import current_language
from web.messages import render
from web.setting_words import part_words
from workflow.configuration.kinds import written
from workflow.configuration.settings import LETTER, LETTER_NUMBER, ROLE
from workflow.configuration.years import CALENDAR
from workflow.reads.configuration import last_number
from workflow.reads.several import say_numbers
from workflow.verbs import recalendar

# Kinds whose texts are a few plain lines; the others are written as the text of the file.
WITH_BOXES = ("message", "evidence_label", LETTER_NUMBER)


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a form: its name, what it is for, and what stands in it."""

    name: str
    label: str
    value: str
    is_long: bool
    language: str


def boxes_of(kind: str, data: Any) -> list[Box]:
    """A box for each line of the text; of what is new the three languages."""
    found = dict(_leaves(data or dict.fromkeys(LANGUAGES, ""), ""))
    return [
        Box(path, part_words(path, current_language()), with_words(text), kind == "message", path.rpartition("/")[2])
        for path, text in found.items()
    ]


def blank(kind: str, key: str) -> str:
    """What the form of a setting that the county adds begins with."""
    title = dict.fromkeys(LANGUAGES, "")
    begun: Mapping[str, Any] = {
        CALENDAR: {"year": int(key) if key.isdecimal() else key, "holidays": {}, "makeups": {}},
        ROLE: {"title": title, "posts": {}},
        MAPPING: {"name": "", "columns": {}},
    }
    return written(begun.get(kind, title))


def _leaves(data: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        path = f"{where}/{key}" if where else key
        if isinstance(value, Mapping):
            yield from _leaves(value, path)
        else:
            yield path, str(value)


def typed_source(kind: str, key: str, form: Mapping[str, str], data: Any) -> str:
    """The text of the setting, from what was typed; line ends are the browser's no more."""
    if kind in FORMS and "source" not in form:
        return typed_form(kind, key, form, data)
    if kind not in WITH_BOXES:
        return form.get("source", "").replace("\r\n", "\n")
    values, told = values_of_setting(kind, key), dict[str, Any]()
    for box in boxes_of(kind, data):
        steps, into = box.name.split("/"), told
        for step in steps[:-1]:
            into = into.setdefault(step, {})
        into[steps[-1]] = with_names(" ".join(form.get(box.name, "").split("\n")).replace("\r", "").strip(), values)
    return written(told)


def shown_boxes(kind: str, source: str) -> list[Box]:
    """The boxes with a text that was typed."""
    return boxes_of(kind, parse(source, name="").data)


def data_in(source: str) -> Any:
    """What a text says, or None where it cannot be read yet."""
    try:
        return parse(source, name="").data
    except DocumentFault:
        return None


@dataclass(frozen=True, slots=True)
class Preview:
    """How a text would look: sentences of a message by language, a letter or a sheet filled in, the next number."""

    sentences: tuple[tuple[str, str], ...] = ()
    letter: Any = None
    rows: tuple[Any, ...] = ()
    title: str = ""
    foot: str = ""
    number: str = ""
    moves: tuple[Mapping[str, Any], ...] | None = None


def preview_of(kind: str, key: str, data: Any) -> Preview | None:
    """The example of a text that has passed its check."""
    if kind == "message":
        words = {**data, "params": list(example_params(key))}
        titles = {"messages": {key: words}}
        told = tuple((language, render(titles, key, example_params(key), language)) for language in LANGUAGES)
        return Preview(sentences=told)
    if kind == LETTER_NUMBER:
        return Preview(number=example_number(data["pattern"], today(), _last(key))) if data["pattern"] else None
    if kind == CALENDAR:
        return Preview(moves=_moves(data))
    if kind == LETTER and is_sheet(key):
        facts = sample(data, _next_number(key))
        return Preview(rows=tuple(rows_of(key, facts)), title=data["title"], foot=data.get("foot", ""))
    if kind == LETTER:
        return Preview(letter=compose(key, sample(data, _next_number(key))))
    return None


def _moves(document: Any) -> tuple[Mapping[str, Any], ...]:
    """The deadlines that a year would move, if it were put in force now."""
    found = office().engine.read(now(), lambda store, occasion: recalendar.preview(store, occasion, document=document))
    return tuple({"number": one.number, "before": one.before, "after": one.after} for one in found)


def moves_of(report: Any) -> tuple[Mapping[str, Any], ...]:
    """The deadlines that a year has moved when it was put in force; whose numbers these are goes on the trail."""
    numbers = {str(one["number"]) for one in report or ()}
    office().engine.read(now(), lambda store, occasion: say_numbers(store, occasion, numbers))
    return tuple({**one, **{end: date.fromisoformat(one[end]) for end in ("before", "after")}} for one in report or ())


def _next_number(key: str) -> str:
    told = office().engine.settings.data(LETTER_NUMBER).get(key) or SETTINGS[LETTER_NUMBER].shipped()[key]
    return example_number(told["pattern"], today(), _last(key))


def _last(key: str) -> int:
    return office().database.read(lambda store: last_number(store, key, today().year))
