"""Proofs over the kind as a whole: its agenda, its interviews, its number, its languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from states.checks.walk import list_texts
from states.definition import CONSENT, STAY, ConsentRule, Definition, Transition
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


def consent_incomplete(d: Definition, v: Vocabulary) -> Iterator[Fault]:
    """A request for consent names a step that needs approval, can be answered where it was made, and is found by its fact."""
    rule = d.consent
    if rule is None:
        return
    stands, step = d.field_by_key.get(rule.stands), d.field_by_key.get(rule.step)
    if stands is None or not stands.filter or {choice.key for choice in stands.choices} != set(CONSENT):
        yield Fault("consent_incomplete", "/consent/stands", {"missing": "/".join(CONSENT)})
    named = {choice.key for choice in step.choices} if step else set()
    needing = {t.trigger for t in d.transitions if t.approval}
    if not named or not named <= needing:
        yield Fault("consent_incomplete", "/consent/step", {"missing": "approval"})
    yield from _unbound(d, rule)
    for transition in d.transitions:
        if transition.trigger in rule.outcomes and transition.target != STAY:
            yield Fault("consent_incomplete", "/consent", {"missing": STAY})
        if transition.trigger == rule.asked_by:
            yield from _unasked(transition, rule)
            yield from _unanswered(d, transition, rule)


def _unbound(d: Definition, rule: ConsentRule) -> Iterator[Fault]:
    """What an approval is bound to is asked with the request, and again by a step that may be asked for."""
    steps = [t for t in d.transitions if t.approval]
    asking = [t for t in d.transitions if t.trigger == rule.asked_by]
    for index, key in enumerate(rule.bound):
        for transitions in (asking, steps):
            if not any(question.key == key for t in transitions for question in t.form):
                yield Fault("consent_incomplete", pointer_of("consent", "bound", index), {"missing": key})
                break


def _unasked(asking: Transition, rule: ConsentRule) -> Iterator[Fault]:
    if not any(question.key == rule.step and question.required and question.stores for question in asking.form):
        yield Fault("consent_incomplete", "/consent/asked_by", {"missing": rule.step})


def _unanswered(d: Definition, asking: Transition, rule: ConsentRule) -> Iterator[Fault]:
    for name in ("given_by", "refused_by", "withdrawn_by", "taken_back_by"):
        trigger = getattr(rule, name)
        if trigger and any((state, trigger) not in d.transition_by_edge for state in asking.sources):
            yield Fault("consent_incomplete", f"/consent/{name}", {"missing": trigger})


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
