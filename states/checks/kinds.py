"""Proofs over the kind as a whole: its agenda, its interviews, its number, its languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from states.checks.walk import list_texts
from states.definition import Definition
from states.faults import Fault, pointer_of
from states.vocabulary import Vocabulary

_PLACES = re.compile(r"\{[^{}]*\}|[{}]")


def agenda_kind_has_secret_fields(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """What may stand on an agenda has nothing to hide."""
    for index, field in enumerate(d.fields):
        if d.on_agenda and (field.secret or any(column.secret for column in field.columns)):
            yield Fault("agenda_kind_has_secret_fields", pointer_of("fields", index), {"field": field.key})


def interview_kind_incomplete(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """An interview can be withdrawn while it is joinable, and fixes new dates."""
    if d.interview is None:
        return
    for index, state in enumerate(d.interview.joinable_in):
        withdrawn = d.transition_by_edge.get((state, d.interview.withdrawn_by))
        if withdrawn is None or withdrawn.target not in {s.key for s in d.states if s.final}:
            said = {"missing": "withdrawal", "state": state}
            yield Fault("interview_kind_incomplete", pointer_of("interview", "joinable_in", index), said)
    if not any(_fixes_dates(d, index) for index in range(len(d.transitions))):
        yield Fault("interview_kind_incomplete", "/interview", {"missing": "new_dates"})
    for name in ("joinable_in", "held_in", "max_days"):
        if not getattr(d.interview, name):
            yield Fault("interview_kind_incomplete", pointer_of("interview", name), {"missing": name})


def _fixes_dates(d: Definition, index: int) -> bool:
    transition = d.transitions[index]
    asked = any(question.type == "agenda_dates" for question in transition.form)
    return asked and any(call.name == "fix_new_dates" for call in transition.effects)


def wrong_number_pattern(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A number counts ({n}), and speaks of {year} and, where there is one, of the {parent}."""
    places = _PLACES.findall(d.number)
    allowed = {"{n}", "{year}"} | ({"{parent}"} if d.parents else set())
    if "{n}" not in places or not set(places) <= allowed:
        yield Fault("wrong_number_pattern", "/number", {"number": d.number})


def text_missing_language(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """Every label is there in each language that is asked for."""
    attribute = {"zh-Hans": "zh_hans", "zh-Hant": "zh_hant", "en": "en"}
    for pointer, text in list_texts(d):
        # The measure word has a default that nobody wrote.
        if pointer == "/measure_word" and text.zh_hans == "件" and not text.en:
            continue
        missing = [language for language in v.languages if not getattr(text, attribute[language])]
        if missing:
            yield Fault("text_missing_language", pointer, {"languages": missing, "text": text.zh_hans})
