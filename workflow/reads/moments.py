"""A case as it was after one of its events, put together from what every later event says it has changed.

Each event's content keeps the columns and clocks that it changed as they were before it. So the value of a column after event
n is what the first later event that changed it remembers, or the present value where none did. Where the content of a later
event was disposed of, what it changed is not known: then the columns it may have changed are blanked, never shown as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, select

from workflow.casefile import CLOCK_DAYS, CLOCK_TIMES, DAYS
from workflow.models import Content, Event, Party
from workflow.models.columns import time_from_text
from workflow.reads.sight import PAST, TOGETHER, chunks, padded
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

_event, _content, _party = table_of(Event), table_of(Content), table_of(Party)
LATER = Prepared(
    select(_event.c.case_id, _event.c.seq, _event.c.recorded_at, _content.c.body)
    .outerjoin(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq))
    .where(_event.c.case_id == bindparam("case_id"), _event.c.seq > bindparam("seq"))
    .order_by(_event.c.seq)
)
# The last event that each past holder of these cases may read.
HANDED_ON = Prepared(
    select(_event.c.case_id, _event.c.seq, _event.c.to_state, _event.c.recorded_at, _event.c.facts)
    .join(_party, and_(_party.c.case_id == _event.c.case_id, _party.c.upto_seq == _event.c.seq))
    .where(_event.c.case_id.in_([bindparam(f"id{n}") for n in range(TOGETHER)]), _party.c.relation == PAST)
)
AT = Prepared(
    select(_event.c.to_state, _event.c.recorded_at, _event.c.facts).where(
        _event.c.case_id == bindparam("case_id"), _event.c.seq == bindparam("seq")
    )
)
# What a disposed event may have changed and nobody may guess.
BLANK: Mapping[str, Any] = {
    "data": "{}",
    "tally": "{}",
    "due_on": None,
    "due_clock": None,
    "overdue_since": None,
    "promised_on": None,
    "reported_on": None,
    "rung": None,
    "colour": "",
    "paused_since": None,
    "assignee_id": None,
    "closed_on": None,
    "ground": None,
}


@dataclass(frozen=True)
class Moment:
    """The case row and clocks as they were; `at` is when the event was recorded."""

    row: Row
    clocks: tuple[Row, ...]
    at: Any


def moment_of(store: Store, row: Row, clocks: Iterable[Row], seq: int) -> Moment:
    """The case after event `seq`. One or two statements."""
    then = store.row(AT, case_id=row["id"], seq=seq)
    assert then is not None, "nobody reads up to an event that did not happen"
    bodies = [later["body"] for later in store.rows(LATER, case_id=row["id"], seq=seq)]
    known, before, is_whole = _before(bodies)
    past = row | known | _facts(json.loads(then["facts"]), then["to_state"])
    past |= {"seq": seq, "changed_at": then["recorded_at"], "told_at": then["recorded_at"]}
    return Moment(past, _clocks(clocks, before) if is_whole else (), then["recorded_at"])


def columns_before(bodies: Iterable[str | None]) -> Row:
    """The columns of a case before what these contents tell, first what came first, where that differs from what it is now."""
    return _before(bodies)[0]


def _before(bodies: Iterable[str | None]) -> tuple[dict[str, Any], dict[tuple[str, int, int], Row | None], bool]:
    """The columns and the clocks before, and whether every content is there to tell them."""
    known: dict[str, Any] = {}
    before: dict[tuple[str, int, int], Row | None] = {}
    for body in bodies:
        if body is None:
            return known | dict(BLANK), before, False
        _remember(json.loads(body).get("before") or {}, known, before)
    return known, before, True


def outlines_of(store: Store, rows: Mapping[int, Row], upto: Mapping[int, int]) -> dict[int, Row]:
    """Case rows as lists show them to past holders: state and holder after event `upto`, all that may be later blank."""
    found: dict[int, Row] = {}
    for chunk in chunks(list(upto)):
        for event in store.rows(HANDED_ON, **padded(chunk)):
            case_id = event["case_id"]
            if event["seq"] == upto[case_id]:
                then = {"seq": event["seq"], "told_at": event["recorded_at"], "final": False}
                found[case_id] = rows[case_id] | dict(BLANK) | _facts(json.loads(event["facts"]), event["to_state"]) | then
    return found


def _facts(facts: Mapping[str, Any], state: str) -> dict[str, Any]:
    """What the event itself says of the case, which the chain covers."""
    named = {"holder_id": "holder", "subject_id": "subject", "version": "version", "cycle": "cycle", "ground": "ground"}
    return {"state": state, **{column: facts[fact] for column, fact in named.items()}}


def _remember(told: Mapping[str, Any], known: dict[str, Any], before: dict[tuple[str, int, int], Row | None]) -> None:
    for name, value in (told.get("case") or {}).items():
        known.setdefault(name, _day(value) if name in DAYS else value)
    for clock in told.get("clocks") or ():
        before.setdefault((clock["key"], clock["cycle"], clock["run"]), _clock(clock))
    for key, cycle, run in told.get("new_clocks") or ():
        before.setdefault((key, cycle, run), None)


def _clocks(clocks: Iterable[Row], before: Mapping[tuple[str, int, int], Row | None]) -> tuple[Row, ...]:
    found = [before.get((c["key"], c["cycle"], c["run"]), c) for c in clocks]
    return tuple(clock for clock in found if clock is not None)


def _clock(clock: Mapping[str, Any]) -> Row:
    times = {name: time_from_text(clock[name]) if clock[name] else None for name in CLOCK_TIMES}
    return {**clock, **{name: _day(clock[name]) for name in CLOCK_DAYS}, **times}


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None
