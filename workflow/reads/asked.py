"""Approvals asked for here: what each request says, who made it and what was answered; read for rows that carry one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from states.definition import Definition, Text
from states.forms import transition_fields
from workflow.dates import local_day
from workflow.definitions import Catalogue
from workflow.models import Content, Event, Facet, Person
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.facts import Fact, answers_of
from workflow.reads.names import names_of
from workflow.reads.rows import LedgerRow, organ_name
from workflow.roster import Post
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.types import Actor

_event, _content, _facet, _person = table_of(Event), table_of(Content), table_of(Facet), table_of(Person)
_undo = _event.alias("undo")


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody asked or answered on a day, with what he wrote."""

    name: str
    organ: str
    on: date
    said: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """The request that a row carries: for which step, how it `stands` (asked, given, refused), who asked and who answered.

    `answers` are the names of those who may answer, while nobody has.
    """

    row: LedgerRow
    step: Text
    stands: str
    asked: Word
    answer: Word | None
    answers: tuple[str, ...] = ()


def may_be_asked(actor: Actor, catalogue: Catalogue) -> ColumnElement[bool]:
    """The WHERE of cases with a request that somebody of the actor's posts answers, as far as a list can tell."""
    facts = {fact for served in catalogue.by_id.values() for fact in _answered(actor, served.definition)}
    asked = [and_(_facet.c.field == fact, _facet.c.value == "asked") for fact in sorted(facts)]
    return CASES.c.id.in_(select(_facet.c.case_id).where(or_(false(), *asked))) if asked else false()


def _answered(actor: Actor, definition: Definition) -> Iterable[str]:
    """The fact by which the requests of a kind are found, where the actor has a role that answers them."""
    rule = definition.consent
    steps = [step for step in definition.transitions if rule and step.trigger == rule.given_by]
    may = any(actor.has_role(*who.roles) for step in steps for who in step.who)
    return (rule.stands,) if rule and may else ()


def askings(store: Store, occasion: Occasion, rows: Iterable[LedgerRow]) -> dict[int, Asking]:
    """The requests of those rows that carry one and are seen as they are; one statement, and none where no row does."""
    carrying = {row.id: row for row in rows if row.seen_upto is None and _stands(occasion, row)}
    events: dict[int, list[Row]] = {}
    for event in store.select(_of_requests(occasion, carrying)) if carrying else ():
        events.setdefault(event["case_id"], []).append(event)
    found = [_asking(occasion, row, events.get(case_id, [])) for case_id, row in carrying.items()]
    waiting = {asking.row.id: _who_answers(occasion, asking.row) for asking in found if asking and asking.stands == "asked"}
    names = names_of(store, [person for people in waiting.values() for person in people])
    return {
        asking.row.id: replace(asking, answers=tuple(names[one] for one in waiting.get(asking.row.id, ()) if one in names))
        for asking in found
        if asking is not None
    }


def _who_answers(occasion: Occasion, row: LedgerRow) -> list[int]:
    """Whoever holds a post that may answer the request."""
    organs = {"supervisor": row.supervisor_id, "holder": row.holder_id, "subject": row.subject_id}
    definition = _definition(occasion, row)
    rule, steps = definition.consent, definition.triggers_from.get(row.state, ())
    whos = [who for step in steps if rule and step.trigger == rule.given_by for who in step.who]
    posts = [(role, organs.get(relation)) for who in whos for relation in who.relations for role in who.roles]
    people = (occasion.roster.people_at(Post(role, organ)) for role, organ in posts if organ is not None)
    return list(dict.fromkeys(person for at_post in people for person in at_post))


def _definition(occasion: Occasion, row: LedgerRow) -> Definition:
    return occasion.catalogue.of_kind(row.kind).definition


def _stands(occasion: Occasion, row: LedgerRow) -> str:
    rule = _definition(occasion, row).consent
    return str(row.facts.get(rule.stands) or "") if rule else ""


def _of_requests(occasion: Occasion, carrying: Iterable[int]) -> object:
    """What was asked and answered on these cases, in order; what was undone was not."""
    rules = [served.definition.consent for served in occasion.catalogue.by_id.values() if served.definition.consent]
    triggers = sorted({trigger for rule in rules for trigger in (rule.asked_by, rule.given_by, rule.refused_by)})
    told = [_event.c[name] for name in ("case_id", "trigger", "from_state", "organ_id", "happened_at")]
    undone = exists().where(_undo.c.case_id == _event.c.case_id, _undo.c.seq == _event.c.seq + 1, _undo.c.verb == "undo")
    content = and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq)
    return (
        select(*told, _content.c.body, _person.c.name)
        .select_from(_event.outerjoin(_content, content).outerjoin(_person, _person.c.id == _event.c.actor_id))
        .where(_event.c.case_id.in_(sorted(carrying)), _event.c.trigger.in_(triggers), ~undone)
        .order_by(_event.c.case_id, _event.c.seq)
    )


def _asking(occasion: Occasion, row: LedgerRow, events: list[Row]) -> Asking | None:
    definition = _definition(occasion, row)
    rule, stands = definition.consent, _stands(occasion, row)
    assert rule is not None, "a row carries a request only by the rule of its kind"
    asked = [event for event in events if event["trigger"] == rule.asked_by]
    step = next((t for t in definition.transitions if t.trigger == row.facts.get(rule.step)), None)
    if not asked or step is None:
        return None
    answered = events[-1] if events[-1]["trigger"] != rule.asked_by and stands != "asked" else None
    word = _word(occasion, definition, asked[-1], rule.step)
    return Asking(row, step.title, stands, word, _word(occasion, definition, answered) if answered else None)


def _word(occasion: Occasion, definition: Definition, event: Row, beside: str = "") -> Word:
    """What the event says, without the question that the request itself tells."""
    answers = json.loads(event["body"] or "{}").get("answers") or {}
    step = definition.transition_by_edge.get((event["from_state"], event["trigger"]))
    asked = [field for field in transition_fields(step) if field.key in answers and field.key != beside] if step else []
    secret = frozenset(field.key for field in definition.fields if field.secret)
    said = answers_of(asked, {field.key: answers[field.key] for field in asked}, occasion.tree, secret)
    return Word(event["name"] or "", organ_name(occasion.tree, event["organ_id"]), local_day(event["happened_at"]), said)
