"""Cases as the command line prints them (semantics.md §10): raw keys and ISO dates, for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, not_, select

from states.errors import CaseNotFound
from workflow.cases import agenda_of
from workflow.models import Clock, Link
from workflow.occasion import Occasion
from workflow.permissions import CASES, visible
from workflow.reads.seen import refs_of, see
from workflow.reads.timeline import events_of
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.types import Actor

_clock, _link = table_of(Clock), table_of(Link)
BATCH = 1_000


def case_lines(
    store: Store, occasion: Occasion, actor: Actor, *, kind: str | None = None, closed: bool = False
) -> Iterator[dict[str, Any]]:
    """Every visible case in ascending id, in batches."""
    after = 0
    while True:
        where = [visible(actor, occasion.catalogue), CASES.c.id > after]
        where += [CASES.c.kind == kind] if kind else []
        where += [] if closed else [not_(CASES.c.final)]
        rows = store.select(select(CASES).where(and_(*where)).order_by(CASES.c.id).limit(BATCH))
        occasion.say_shown(rows)
        yield from (line_of(row, occasion) for row in rows)
        if len(rows) < BATCH:
            return
        after = rows[-1]["id"]


def line_of(row: Row, occasion: Occasion) -> dict[str, Any]:
    """{number, kind, state, subject, holder, due_on, overdue, cycle, version}."""
    organs = occasion.tree.organs
    return {
        "number": row["number"],
        "kind": row["kind"],
        "state": row["state"],
        "subject": organs[row["subject_id"]].name,
        "holder": organs[row["holder_id"]].name if row["holder_id"] else None,
        "due_on": row["due_on"].isoformat() if row["due_on"] else None,
        "overdue": row["overdue_since"] is not None,
        "cycle": row["cycle"],
        "version": row["version"],
    }


def show_case(store: Store, occasion: Occasion, actor: Actor, number: str) -> dict[str, Any]:
    """One case by its number, with clocks, history and the links whose other end is visible too."""
    shown = visible(actor, occasion.catalogue)
    found = store.select(select(CASES).where(CASES.c.number == number, shown))
    if not found:
        raise CaseNotFound(number=number)
    row = found[0]
    clocks = store.select(select(_clock).where(_clock.c.case_id == row["id"]).order_by(_clock.c.cycle, _clock.c.started_on))
    others = select(CASES.c.number, _link.c.relation).join(_link, _link.c.other_id == CASES.c.id)
    links = store.select(others.where(_link.c.case_id == row["id"], shown))
    return {
        "id": row["id"],
        "title": row["title"],
        **line_of(row, occasion),
        "data": json.loads(row["data"]),
        "clocks": [{name: _plain(clock[name]) for name in CLOCK_COLUMNS} for clock in clocks],
        "history": [_event_line(event) for event in reversed(events_of(see(store, occasion, actor, row["id"])))],
        "links": links,
        "agenda": _agenda(store, occasion, actor, row["id"]),
    }


def _agenda(store: Store, occasion: Occasion, actor: Actor, interview_id: int) -> list[str]:
    """The numbers of a talk's items: an agenda names cases of many organs, and each reader is told of those that he sees."""
    ids = [item.case_id for item in agenda_of(store, interview_id)]
    shown = refs_of(store, occasion, actor, set(ids))
    return [shown[case_id].number for case_id in ids if case_id in shown]


CLOCK_COLUMNS = ("key", "cycle", "run", "status", "started_on", "due_on", "original_due_on", "tier", "next_rung", "next_at")
EVENT_COLUMNS = ("seq", "verb", "trigger", "from_state", "to_state", "actor_id", "organ_id", "happened_at", "recorded_at")


# What a process log says of an event, beside its columns.
OF_A_LOG = ("activity", "resource")


def _event_line(event: Row) -> dict[str, Any]:
    content = event["content"] or {}
    columns = {name: _plain(event[name]) for name in EVENT_COLUMNS}
    return columns | {name: content[name] for name in OF_A_LOG if content.get(name)}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
