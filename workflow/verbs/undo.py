"""undo: puts back exactly what the actor's own last event has changed, within ten minutes (semantics.md §6)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, select

from states.errors import TransitionRefused
from workflow.casefile import CaseFile, clock_key
from workflow.cases import lock
from workflow.desk import Desk
from workflow.models import Content, Event, FiredRung, Outbox
from workflow.models.columns import time_from_text
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.types import Outcome
from workflow.verbs.open import outcome_of

WITHIN = timedelta(minutes=10)
UNDOABLE = ("fire", "assign", "pause", "resume", "amend")

_event, _content, _fired, _outbox = table_of(Event), table_of(Content), table_of(FiredRung), table_of(Outbox)
LAST = Prepared(
    select(_event, _content.c.body)
    .join(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq))
    .where(_event.c.case_id == bindparam("case_id"), _event.c.seq == bindparam("seq"))
)
FIRED_SINCE = Prepared(
    select(func.count().label("n")).where(
        _fired.c.case_id == bindparam("case_id"),
        _fired.c.outcome != "too_short",
        _fired.c.fired_at >= bindparam("since", type_=_fired.c.fired_at.type),
    )
)
DELIVERED_SINCE = Prepared(
    select(func.count().label("n")).where(
        _outbox.c.case_id == bindparam("case_id"),
        _outbox.c.sent_at >= bindparam("since", type_=_outbox.c.sent_at.type),
    )
)
_DAYS = ("opened_on", "state_since", "holder_since", "closed_on", "due_on", "overdue_since", "paused_since")
_CLOCK_DAYS = ("started_on", "due_on", "original_due_on", "ladder_from", "overdue_since", "settled_on")
_CLOCK_TIMES = ("next_at", "waits_until")


def undo(desk: Desk, case_id: int) -> Outcome:
    """Refused for another's event, a later one, after ten minutes, and once a rung fired or a message went out."""
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    last = desk.store.row(LAST, case_id=file.id, seq=file.row["seq"])
    assert last is not None, "every case has its first event"
    why = _refusal(desk, file, last)
    if why:
        raise TransitionRefused(why=[{"name": why}])
    body = json.loads(last["body"])
    _put_back(file, body["before"])
    file.row["version"] += 1
    desk.store.execute(_outbox.delete().where(_outbox.c.case_id == file.id, _outbox.c.created_at >= last["recorded_at"]))
    desk.happened(file, "undo", extra={"undone": last["seq"]})
    return outcome_of(file)


def _refusal(desk: Desk, file: CaseFile, last: Row) -> str:
    if last["verb"] not in UNDOABLE or not _transition_allows(file, last):
        return "not_undoable"
    if last["actor_id"] is None or last["actor_id"] != desk.actor.person_id:
        return "not_yours"
    if desk.occasion.now - last["recorded_at"] > WITHIN:
        return "too_late"
    since = {"case_id": file.id, "since": last["recorded_at"]}
    if _count(desk, FIRED_SINCE, since) or _count(desk, DELIVERED_SINCE, since):
        return "already_told"
    return ""


def _count(desk: Desk, prepared: Prepared, values: dict[str, Any]) -> int:
    row = desk.store.row(prepared, **values)
    return int(row["n"]) if row else 0


def _transition_allows(file: CaseFile, last: Row) -> bool:
    if last["verb"] != "fire":
        return True
    if file.is_final or file.served.definition.interview or json.loads(last["facts"]).get("opened"):
        return False
    found = file.served.definition.transition_by_edge.get((last["from_state"], last["trigger"]))
    return found is not None and found.undo and not found.reopens


def _put_back(file: CaseFile, before: dict[str, Any]) -> None:
    for name, value in before["case"].items():
        if name == "state":
            file.served.machine.place(file, value)
        elif name not in ("version", "changed_at"):
            file.row[name] = _day(value) if name in _DAYS else value
    file.data, file.tally = json.loads(file.row["data"]), json.loads(file.row["tally"])
    stored = {clock_key(clock): clock for clock in file.clocks}
    for clock in before["clocks"]:
        stored[clock_key(clock)].update(_clock(clock))
    for key in before["new_clocks"]:
        fresh = stored[tuple(key)]
        fresh |= {"status": "cancelled", "next_rung": None, "next_at": None}
    # Of a clock one run lives at a time: the new one is ended before the old one lives again.
    file.clocks.sort(key=lambda clock: clock["status"] != "cancelled")


def _clock(clock: dict[str, Any]) -> dict[str, Any]:
    days = {name: _day(clock[name]) for name in _CLOCK_DAYS}
    times = {name: time_from_text(clock[name]) if clock[name] else None for name in _CLOCK_TIMES}
    return {**clock, **days, **times}


def _day(value: str | None) -> Any:

    return date.fromisoformat(value) if value else None
