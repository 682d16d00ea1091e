"""The request for a step's approval that a case carries: asked, given or refused, until the case moves on.

An approval is for what was asked: another recipient, or another way of handing over, is another request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, bindparam, exists, select

from states.definition import ConsentRule, Definition, Text, Transition
from states.errors import InvalidForm
from states.forms import transition_fields
from workflow.casefile import CaseFile
from workflow.models import Content, Event
from workflow.statements import Prepared
from workflow.store import Store, table_of

_event, _content = table_of(Event), table_of(Content)
_undo = _event.alias("undo")
_undone = exists().where(_undo.c.case_id == _event.c.case_id, _undo.c.seq == _event.c.seq + 1, _undo.c.verb == "undo")
LAST_ASKED = Prepared(
    select(_content.c.body)
    .join(_event, and_(_event.c.case_id == _content.c.case_id, _event.c.seq == _content.c.seq))
    .where(_event.c.case_id == bindparam("case_id"), _event.c.trigger == bindparam("trigger"), ~_undone)
    .order_by(_event.c.seq.desc())
    .limit(1)
)

ASKED_LAST = Prepared(
    select(_event.c.actor_id)
    .where(_event.c.case_id == bindparam("case_id"), _event.c.trigger == bindparam("trigger"), ~_undone)
    .order_by(_event.c.seq.desc())
    .limit(1)
)


def find_asker(store: Store, file: CaseFile) -> int | None:
    """Who asked for the approval that the case carries, or carried last; None for nobody."""
    rule = file.served.definition.consent
    row = store.row(ASKED_LAST, case_id=file.id, trigger=rule.asked_by) if rule else None
    return row["actor_id"] if row else None


def has_consent(store: Store, file: CaseFile, transition: Transition, answers: Mapping[str, Any] | None = None) -> bool:
    """Was the approval of this very step asked for here, and given; with `answers`, for these?"""
    rule = file.served.definition.consent
    if rule is None or rule.find_step(file.data, "given") != transition.trigger:
        return False
    bound = {question.key for question in transition_fields(transition)} & set(rule.bound)
    return answers is None or not (bound and _differing(store, file, rule, bound, answers))


def require_as_approved(store: Store, file: CaseFile, transition: Transition, answers: Mapping[str, Any]) -> None:
    """Where the approval stands, but for other answers, those that differ are named: InvalidForm not_as_approved."""
    rule = file.served.definition.consent
    if rule is None:
        return
    bound = {question.key for question in transition_fields(transition)} & set(rule.bound)
    differing = _differing(store, file, rule, bound, answers)
    if differing:
        raise InvalidForm(fields={key: ["not_as_approved"] for key in differing})


def _differing(store: Store, file: CaseFile, rule: ConsentRule, bound: set[str], answers: Mapping[str, Any]) -> list[str]:
    """The questions that are answered otherwise than in the request."""
    row = store.row(LAST_ASKED, case_id=file.id, trigger=rule.asked_by)
    asked = json.loads(row["body"]).get("answers", {}) if row else {}
    return sorted(key for key in bound if answers.get(key) != asked.get(key))


def require_terms(file: CaseFile, transition: Transition, answers: Mapping[str, Any]) -> None:
    """What the approval would be bound to and the step must say is said with the request; InvalidForm where it is not."""
    rule = file.served.definition.consent
    if rule is None or transition.trigger != rule.asked_by:
        return
    step = file.served.definition.transition_by_edge.get((file.state, str(answers.get(rule.step))))
    wanted = {question.key for question in step.form if question.required} if step is not None else set()
    asked = {question.key for question in transition.form}
    missing = [key for key in rule.bound if key in wanted & asked and answers.get(key) is None]
    if missing:
        raise InvalidForm(fields={key: ["required"] for key in missing})


def terms_of(definition: Definition, state: str, ask: Transition) -> Mapping[str, tuple[Text, ...]]:
    """Question of the request → titles of the steps for whose approval it must be answered, though the form asks it of none.

    The same that `require_terms` asks: what the approval is bound to and the step must say.
    """
    rule = definition.consent
    if rule is None or ask.trigger != rule.asked_by:
        return {}
    choices = {choice.key for question in ask.form if question.key == rule.step for choice in question.choices}
    steps = [step for step in definition.triggers_from.get(state, ()) if step.trigger in choices]
    free = {question.key for question in ask.form if not question.required} & set(rule.bound)
    found = {key: tuple(s.title for s in steps if any(q.key == key and q.required for q in s.form)) for key in sorted(free)}
    return {key: titles for key, titles in found.items() if titles}


def keep_consent(file: CaseFile, trigger: str) -> None:
    """How the request stands after a step."""
    rule = file.served.definition.consent
    if rule is None:
        return
    stands = rule.outcomes.get(trigger)
    if stands is not None:
        file.data[rule.stands] = stands
    elif trigger in (*rule.outcomes, file.data.get(rule.step)) or file.row["state"] != file.before["state"]:
        drop_consent(file)


def drop_consent(file: CaseFile) -> None:
    """Nothing is asked any more."""
    rule = file.served.definition.consent
    for fact in (rule.stands, rule.step) if rule else ():
        file.data.pop(fact, None)
