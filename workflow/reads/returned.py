"""What has gone back lately: sent back to the actor's organs and still with them, or given back by them.

A case goes back where it comes to a state that stands before the one it left, and not to a unit that the step names: what is
passed on (改办) is new to whoever gets it, and comes back to nobody. The stretches of time know nothing of what
was undone, so what was taken back has not gone back.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, and_, func, or_, select

from states.definition import Text
from states.forms import transition_fields
from workflow.dates import local_day, local_time
from workflow.models import Content, Event, Spell
from workflow.occasion import Occasion
from workflow.permissions import CASES, visible
from workflow.reads.facts import Fact, answers_of
from workflow.reads.rows import LedgerRow, organ_name, rows_of
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.types import Actor

LATELY = 14  # calendar days
MOST = 20

_event, _content = table_of(Event), table_of(Content)
_spell = table_of(Spell)
_before, _earlier = _spell.alias("before"), _spell.alias("earlier")


@dataclass(frozen=True, slots=True)
class Return:
    """A case that went back on a day, by `organ`; `is_ours`: the actor's organs gave it back. `said` is why."""

    row: LedgerRow
    title: Text
    on: date
    organ: str
    is_ours: bool
    said: tuple[Fact, ...]


def returned(store: Store, occasion: Occasion, actor: Actor, organs: Collection[int]) -> tuple[Return, ...]:
    """The newest first, each case once; at most 20, and only of what the actor may read. At most five statements."""
    found: dict[int, Row] = {}
    for move in store.select(_moves(occasion, actor, organs)):
        if move["case_id"] not in found and _is_back(occasion, move) and _concerns(move, organs):
            found[move["case_id"]] = move
    stored = store.select(select(CASES).where(CASES.c.id.in_(list(found)[:MOST]))) if found else []
    rows = {row.id: row for row in rows_of(store, occasion, actor, stored)}
    told = [(rows[case_id], move) for case_id, move in found.items() if case_id in rows]
    readable = [(row, move) for row, move in told if row.seen_upto is None or move["seq"] <= row.seen_upto]
    return tuple(_told(occasion, row, move, organs) for row, move in readable)


def came_back(store: Store, occasion: Occasion, actor: Actor, case_ids: Collection[int]) -> frozenset[int]:
    """Those of the cases that were sent back or reopened and that nothing has moved since, however long ago. One statement."""
    newest: dict[int, Row] = {}
    for move in store.select(_changes(occasion, actor).where(CASES.c.id.in_(list(case_ids)))) if case_ids else ():
        newest.setdefault(move["case_id"], move)
    return frozenset(case_id for case_id, move in newest.items() if _is_undone_work(occasion, move))


def _is_undone_work(occasion: Occasion, move: Row) -> bool:
    definition = occasion.catalogue.of_version(move["now_definition_version_id"]).definition
    step = definition.transition_by_edge.get((move["from_state"], move["trigger"]))
    return step is not None and (step.sends_back or step.reopens) and move["now_state"] == move["to_state"]


def _moves(occasion: Occasion, actor: Actor, organs: Collection[int]) -> Select[tuple[object, ...]]:
    """Every change of state of the last days in what lies with these organs, or that they have made; the newest first."""
    lately = _spell.c.from_at >= local_time(occasion.today - timedelta(LATELY), 0)
    return _changes(occasion, actor).where(lately, or_(CASES.c.holder_id.in_(organs), _event.c.organ_id.in_(organs)))


def _changes(occasion: Occasion, actor: Actor) -> Select[tuple[object, ...]]:
    """Every change of state in what the actor may read, the newest first."""
    place = select(func.max(_earlier.c.seq)).where(_earlier.c.case_id == _spell.c.case_id, _earlier.c.seq < _spell.c.seq)
    came_from = and_(_before.c.case_id == _spell.c.case_id, _before.c.seq == place.correlate(_spell).scalar_subquery())
    event = and_(_event.c.case_id == _spell.c.case_id, _event.c.seq == _spell.c.seq)
    content = and_(_content.c.case_id == _spell.c.case_id, _content.c.seq == _spell.c.seq)
    case = ("holder_id", "state", "definition_version_id")
    columns = [_event.c[name] for name in ("case_id", "seq", "trigger", "from_state", "to_state", "organ_id", "happened_at")]
    told = select(*columns, *[CASES.c[name].label(f"now_{name}") for name in case], _content.c.body)
    joined = _spell.join(_before, came_from).join(_event, event).join(CASES, CASES.c.id == _spell.c.case_id)
    return (
        told.select_from(joined.outerjoin(_content, content))
        .where(visible(actor, occasion.catalogue), _before.c.state != _spell.c.state)
        .order_by(_spell.c.from_at.desc(), _spell.c.case_id, _spell.c.seq.desc())
    )


def _is_back(occasion: Occasion, move: Row) -> bool:
    order = [state.key for state in occasion.catalogue.of_version(move["now_definition_version_id"]).definition.states]
    ends = (move["to_state"], move["from_state"])
    if _is_passed_on(occasion, move):
        return False
    return all(end in order for end in ends) and order.index(ends[0]) < order.index(ends[1])


def _is_passed_on(occasion: Occasion, move: Row) -> bool:
    """Was it given to a unit that the step's form named?"""
    definition = occasion.catalogue.of_version(move["now_definition_version_id"]).definition
    step = definition.transition_by_edge.get((move["from_state"], move["trigger"]))
    return step is not None and step.holder == "recipient"


def _concerns(move: Row, organs: Collection[int]) -> bool:
    """Was it given back by these organs and lies elsewhere, or was it sent back to them, where it still is?"""
    is_ours, is_here = move["organ_id"] in organs, move["now_holder_id"] in organs
    return not is_here if is_ours else is_here and move["now_state"] == move["to_state"]


def _told(occasion: Occasion, row: LedgerRow, move: Row, organs: Collection[int]) -> Return:
    definition = occasion.catalogue.of_version(move["now_definition_version_id"]).definition
    step = definition.transition_by_edge.get((move["from_state"], move["trigger"]))
    answers = json.loads(move["body"] or "{}").get("answers") or {}
    asked = transition_fields(step) if step else ()
    known = {field.key: answers[field.key] for field in asked if field.key in answers}
    secret = frozenset(field.key for field in definition.fields if field.secret)
    return Return(
        row=row,
        title=step.done if step else definition.state_by_key[move["to_state"]].title,
        on=local_day(move["happened_at"]),
        organ=organ_name(occasion.tree, move["organ_id"]),
        is_ours=move["organ_id"] in organs,
        said=answers_of(asked, known, occasion.tree, secret),
    )
