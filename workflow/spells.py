"""Spells made again from history: whether the stretches of time that figures read are those that the events tell.

A spell begins with the event that changed state, holder, subject, lateness, limit or colour, at the hour it happened, and ends
where the next begins. The events' own facts say the first four; what the limit and the colour were, each event's content tells
of the time before it. So the table can be compared each night and, where it is wrong, written anew. Of a case whose contents
were disposed of nobody knows any more what its limits were: there the four are compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, select

from workflow.casefile import DAYS, spell_of
from workflow.models import Case, Content, Event, Spell
from workflow.statements import DAMAGED, Prepared, Row
from workflow.store import Store, table_of

BATCH = 500  # cases

_cases, _content, _event, _spell = table_of(Case), table_of(Content), table_of(Event), table_of(Spell)
# What the facts of an event say of a spell, and what only contents do.
TOLD = ("state", "holder_id", "subject_id", "overdue_since")
LIMIT = ("due_on", "paused_since", "colour")
UNKNOWN: Row = {"due_on": None, "paused_since": None, "colour": ""}
NEXT_CASES = Prepared(
    select(_event.c.case_id)
    .where(_event.c.seq == 1, _event.c.case_id > bindparam("after"))
    .order_by(_event.c.case_id)
    .limit(BATCH)
)
EVENTS = Prepared(
    select(_event.c.case_id, _event.c.seq, _event.c.to_state, _event.c.happened_at, _event.c.facts, _content.c.body)
    .outerjoin(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq))
    .where(_event.c.case_id >= bindparam("first"), _event.c.case_id <= bindparam("last"))
    .order_by(_event.c.case_id, _event.c.seq)
)
CASES = Prepared(
    select(_cases.c.id, *[_cases.c[name] for name in LIMIT]).where(
        _cases.c.id >= bindparam("first"), _cases.c.id <= bindparam("last")
    )
)
SPELLS = Prepared(
    select(_spell)
    .where(_spell.c.case_id >= bindparam("first"), _spell.c.case_id <= bindparam("last"))
    .order_by(_spell.c.case_id, _spell.c.seq)
)
CLEAR = Prepared(_spell.delete().where(_spell.c.case_id >= bindparam("first"), _spell.c.case_id <= bindparam("last")))


def without_undone(events: Iterable[Row]) -> list[Row]:
    """The events of one case in order, their facts read, without those that were undone and without the undoing.

    An undo puts back all that the event before it has changed: what is read from history goes on as if neither had happened.
    """
    found: list[Row] = []
    for event in events:
        told = {**event, "facts": json.loads(event["facts"])}
        if told["facts"]["verb"] == "undo":
            found.pop()
        else:
            found.append(told)
    return found


def spells_of(events: Iterable[Row], case: Row) -> list[Row]:
    """The spells of one case from its events in order and its present limit."""
    found: list[Row] = []
    for event in without_undone(_with_limits(list(events), case)):
        facts = event["facts"]
        since = facts["overdue_since"]
        now = spell_of(
            {
                **event["limit"],
                "state": event["to_state"],
                "holder_id": facts["holder"],
                "subject_id": facts["subject"],
                "overdue_since": date.fromisoformat(since) if since else None,
            }
        )
        if found and all(found[-1][name] == value for name, value in now.items()):
            continue
        if found:
            found[-1]["to_at"] = event["happened_at"]
        place = {"case_id": event["case_id"], "seq": event["seq"], "from_at": event["happened_at"], "to_at": None}
        found.append({**place, **now})
    return found


def _with_limits(events: list[Row], case: Row) -> list[Row]:
    """The events, each with the limit that held after it: from the present back by what every later one has changed."""
    limit, is_known = {name: case[name] for name in LIMIT}, True
    found: list[Row] = []
    for event in reversed(events):
        found.append({**event, "limit": limit if is_known else UNKNOWN})
        is_known = is_known and event["body"] is not None
        before = (json.loads(event["body"]).get("before") or {}).get("case") or {} if is_known else {}
        limit = {**limit, **{name: _value(name, before[name]) for name in LIMIT if name in before}}
    return found[::-1]


def _value(name: str, told: Any) -> Any:
    return date.fromisoformat(told) if told and name in DAYS else told


def compare_spells(store: Store) -> list[int]:
    """The ids of the cases whose stored spells are not what their history tells, or that cannot be read, ascending."""
    wrong: list[int] = []
    for first, last, events, cases in _histories(store):
        stored = _by_case(store.rows(SPELLS, first=first, last=last))
        for case_id in sorted(events.keys() | stored.keys()):
            try:
                agrees = _agrees(events.get(case_id, []), cases[case_id], stored.get(case_id, []))
            except DAMAGED:
                agrees = False
            if not agrees:
                wrong.append(case_id)
    return wrong


def _agrees(events: list[Row], case: Row, stored: list[Row]) -> bool:
    told = spells_of(events, case)
    is_dim = any(event["body"] is None for event in events)
    return _outline(told) == _outline(stored) if is_dim else told == stored


def _outline(spells: list[Row]) -> list[Row]:
    """The stretches as the facts of the events alone tell them."""
    found: list[Row] = []
    for spell in spells:
        if found and all(found[-1][name] == spell[name] for name in TOLD):
            found[-1]["to_at"] = spell["to_at"]
        else:
            found.append({name: spell[name] for name in (*TOLD, "seq", "from_at", "to_at")})
    return found


def rebuild_spells(store: Store) -> int:
    """Writes every spell anew from history, inside `database.write`; how many there are.

    DAMAGED where a case cannot be read; then nothing is written.
    """
    written = 0
    for first, last, events, cases in _histories(store):
        store.run(CLEAR, first=first, last=last)
        spells = [spell for case_id, told in events.items() for spell in spells_of(told, cases[case_id])]
        store.insert(Spell, spells)
        written += len(spells)
    return written


def _histories(store: Store) -> Iterator[tuple[int, int, dict[int, list[Row]], dict[int, Row]]]:
    """Events in order and the limit of each case, by its id, so many at a time, with the first and last id of each batch."""
    after = 0
    while True:
        ids = [row["case_id"] for row in store.rows(NEXT_CASES, after=after)]
        if not ids:
            return
        events = store.rows(EVENTS, first=ids[0], last=ids[-1])
        cases = {row["id"]: row for row in store.rows(CASES, first=ids[0], last=ids[-1])}
        yield ids[0], ids[-1], _by_case(events), cases
        after = ids[-1]


def _by_case(rows: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row["case_id"], []).append(row)
    return found
