"""Later dates that are asked for and not decided yet: what each request says, by when it is decided, whose turn it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, not_, select

from states.definition import Definition, ExtensionRule, Field, Text
from states.forms import transition_fields
from workflow.casefile import LIVE
from workflow.dates import local_day
from workflow.extensions import advisers, decide_by
from workflow.models import Clock, Content, Event, Person, Request
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.asked import Word
from workflow.reads.facts import Fact, answers_of
from workflow.reads.next_step import Look, NextStep, worked_on_all
from workflow.reads.rows import LedgerRow, organ_name, plain_looks
from workflow.reads.sight import TOGETHER, chunks, padded, present, sights_of
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor
from workflow.verbs.standing import LEADING_ROLES

_request, _clock = table_of(Request), table_of(Clock)
_event, _content, _person = table_of(Event), table_of(Content), table_of(Person)
_OF_THESE: list[BindParameter[Any]] = [bindparam(f"id{n}") for n in range(TOGETHER)]
WAITING = and_(_request.c.kind == "extension", _request.c.decided_at.is_(None))
LIVE_CLOCK = and_(_clock.c.case_id == _request.c.case_id, _clock.c.key == _request.c.clock, _clock.c.status.in_(LIVE))
ASKED = Prepared(
    select(_request, _clock.c.due_on, _person.c.name)
    .select_from(_request.join(_clock, LIVE_CLOCK).outerjoin(_person, _person.c.id == _request.c.asked_by))
    .where(_request.c.case_id.in_(_OF_THESE), WAITING)
    .order_by(_request.c.case_id, _request.c.asked_at)
)
SAID = Prepared(
    select(
        *(_event.c[name] for name in ("case_id", "verb", "trigger", "from_state", "organ_id", "recorded_at", "happened_at")),
        *(_content.c.body, _person.c.name),
    )
    .select_from(
        _event.outerjoin(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq)).outerjoin(
            _person, _person.c.id == _event.c.actor_id
        )
    )
    .where(_event.c.case_id.in_(_OF_THESE))
    .order_by(_event.c.case_id, _event.c.seq.desc())
)


@dataclass(frozen=True, slots=True)
class Later:
    """A request for a later date: of which clock, from which day to which, who asked and why, and by when it is decided.

    `opinion` is what the organ above a village thinks of it, `advice` the step by which this reader gives the opinion that is
    wanted first; `decides` tells whether it is his to decide now.
    """

    row: LedgerRow
    clock: str
    title: Text
    due_on: date | None
    wanted_on: date | None
    decide_by: date
    organ: str
    name: str
    on: date
    reason: str
    said: tuple[Fact, ...]
    opinion: Word | None
    advice: NextStep | None
    decides: bool

    @property
    def is_mine(self) -> bool:
        """Does it wait for this reader's word?"""
        return self.decides or self.advice is not None


def waiting_cases(store: Store, occasion: Occasion, actor: Actor, most: int) -> list[Row]:
    """The open cases that the actor sees as they are, with a request that waits; the longest first."""
    asked = select(_request.c.case_id).where(WAITING)
    where = and_(present(actor, occasion.catalogue), not_(CASES.c.final), CASES.c.id.in_(asked))
    return store.select(select(CASES).where(where).order_by(CASES.c.due_on, CASES.c.id).limit(most))


def asked_later(store: Store, rows: Iterable[LedgerRow]) -> frozenset[int]:
    """Those of the rows for which a later date is asked and not decided: they say so (practice.md §6 walk 7). One statement."""
    return frozenset(one["case_id"] for one in _asked(store, _as_they_are(rows)))


def _as_they_are(rows: Iterable[LedgerRow]) -> dict[int, LedgerRow]:
    """Open rows that the reader sees as they are now, by case."""
    return {row.id: row for row in rows if row.seen_upto is None and row.badge != "closed"}


def _asked(store: Store, case_ids: Iterable[int]) -> list[Row]:
    return [one for ids in chunks(list(case_ids)) for one in store.rows(ASKED, **padded(ids))]


def later_dates(store: Store, occasion: Occasion, actor: Actor, rows: Iterable[LedgerRow]) -> dict[int, tuple[Later, ...]]:
    """The requests that wait on those rows; one statement where there is none."""
    whole = _as_they_are(rows)
    asked = _asked(store, whole)
    if not asked:
        return {}
    ids = list(dict.fromkeys(one["case_id"] for one in asked))
    stored = store.select(select(CASES).where(CASES.c.id.in_(ids)))
    sights = sights_of(store, actor, occasion.catalogue, stored)
    looks = plain_looks(occasion, actor, stored, sights, worked_on_all(store, stored, occasion.catalogue))
    events = [event for some in chunks(ids) for event in store.rows(SAID, **padded(some))]
    found: dict[int, tuple[Later, ...]] = {}
    for one in asked:
        case_id = one["case_id"]
        later = _later(occasion, whole[case_id], looks[case_id], one, [e for e in events if e["case_id"] == case_id])
        found[case_id] = (*found.get(case_id, ()), *([later] if later else []))
    return found


def _later(occasion: Occasion, row: LedgerRow, look: Look, asked: Row, events: list[Row]) -> Later | None:
    clock = look.definition.clock_by_key.get(asked["clock"])
    if clock is None or clock.extension is None:
        return None
    rule = clock.extension
    opinion = next((e for e in events if rule.opinion and _is_opinion(e, rule, asked)), None)
    above = advisers(occasion.tree, look.definition, rule, look.row["holder_id"], look.row["subject_id"])
    is_advised = not above or opinion is not None
    request = next((e for e in events if e["verb"] == "ask_extension" and e["recorded_at"] == asked["asked_at"]), None)
    return Later(
        row,
        asked["clock"],
        clock.title,
        due_on=asked["due_on"],
        wanted_on=asked["wanted_on"],
        decide_by=decide_by(occasion.calendar, rule, asked["asked_at"]),
        organ=organ_name(occasion.tree, asked["asked_organ_id"]),
        name=asked["name"] or "",
        on=local_day(asked["asked_at"]),
        reason=asked["reason"],
        said=_said(occasion, look.definition, rule.form, request) if request else (),
        opinion=_opinion(occasion, look.definition, opinion) if opinion else None,
        advice=None if is_advised else _advice(look, rule),
        decides=is_advised and _decides(look, asked),
    )


def _is_opinion(event: Row, rule: ExtensionRule, asked: Row) -> bool:
    return bool(event["trigger"] == rule.opinion and event["recorded_at"] >= asked["asked_at"])


def _opinion(occasion: Occasion, definition: Definition, event: Row) -> Word:
    step = definition.transition_by_edge.get((event["from_state"], event["trigger"]))
    asked = transition_fields(step) if step else ()
    said = _said(occasion, definition, asked, event)
    return Word(event["name"] or "", organ_name(occasion.tree, event["organ_id"]), local_day(event["happened_at"]), said)


def _said(occasion: Occasion, definition: Definition, questions: Iterable[Field], event: Mapping[str, Any]) -> tuple[Fact, ...]:
    answers = json.loads(event["body"] or "{}").get("answers") or {}
    secret = frozenset(field.key for field in definition.fields if field.secret)
    return answers_of(questions, answers, occasion.tree, secret)


def _advice(look: Look, rule: ExtensionRule) -> NextStep | None:
    step = look.find(rule.opinion)
    return NextStep(step.trigger, step.title, True) if step is not None else None


def _decides(look: Look, asked: Row) -> bool:
    """A leader of the sponsor's, who has not asked himself."""
    is_own = asked["asked_by"] is not None and asked["asked_by"] == look.actor.person_id
    return not is_own and any(one.relation == "supervisor" and one.grant.role in LEADING_ROLES for one in look.found)
