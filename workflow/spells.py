"""Spells made again from history: whether the stretches of time that figures read are those that the events tell.

A spell begins with the event that changed state, holder, subject or lateness, at the hour it happened, and ends where the next
begins. The events' own facts say all of it, so the table can be compared each night and, where it is wrong, written anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, select

from workflow.models import Event, Spell
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

BATCH = 500  # cases

_event, _spell = table_of(Event), table_of(Spell)
NEXT_CASES = Prepared(
    select(_event.c.case_id)
    .where(_event.c.seq == 1, _event.c.case_id > bindparam("after"))
    .order_by(_event.c.case_id)
    .limit(BATCH)
)
EVENTS = Prepared(
    select(_event.c.case_id, _event.c.seq, _event.c.to_state, _event.c.happened_at, _event.c.facts)
    .where(_event.c.case_id >= bindparam("first"), _event.c.case_id <= bindparam("last"))
    .order_by(_event.c.case_id, _event.c.seq)
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


def spells_of(events: Iterable[Row]) -> list[Row]:
    """The spells of one case from its events in order."""
    found: list[Row] = []
    for event in without_undone(events):
        facts = event["facts"]
        since = facts["overdue_since"]
        now = {
            "state": event["to_state"],
            "holder_id": facts["holder"],
            "subject_id": facts["subject"],
            "overdue_since": date.fromisoformat(since) if since else None,
        }
        if found and all(found[-1][name] == value for name, value in now.items()):
            continue
        if found:
            found[-1]["to_at"] = event["happened_at"]
        place = {"case_id": event["case_id"], "seq": event["seq"], "from_at": event["happened_at"], "to_at": None}
        found.append({**place, **now})
    return found


def compare_spells(store: Store) -> list[int]:
    """The ids of the cases whose stored spells are not what their history tells, ascending."""
    wrong: list[int] = []
    for first, last, told in _told(store):
        stored = _by_case(store.rows(SPELLS, first=first, last=last))
        wrong += [case_id for case_id in sorted(told.keys() | stored.keys()) if told.get(case_id) != stored.get(case_id)]
    return wrong


def rebuild_spells(store: Store) -> int:
    """Writes every spell anew from history, inside `database.write`; how many there are."""
    written = 0
    for first, last, told in _told(store):
        store.run(CLEAR, first=first, last=last)
        spells = [spell for case_id in sorted(told) for spell in told[case_id]]
        store.insert(Spell, spells)
        written += len(spells)
    return written


def _told(store: Store) -> Iterator[tuple[int, int, dict[int, list[Row]]]]:
    """The spells that history tells, so many cases at a time, with the first and last id of each batch."""
    after = 0
    while True:
        ids = [row["case_id"] for row in store.rows(NEXT_CASES, after=after)]
        if not ids:
            return
        events = store.rows(EVENTS, first=ids[0], last=ids[-1])
        yield ids[0], ids[-1], {case_id: spells_of(told) for case_id, told in _groups(events)}
        after = ids[-1]


def _groups(rows: list[Row]) -> Iterator[tuple[int, Iterator[Row]]]:
    return groupby(rows, key=_case)


def _case(row: Row) -> int:
    return int(row["case_id"])


def _by_case(rows: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row["case_id"], []).append(row)
    return found
