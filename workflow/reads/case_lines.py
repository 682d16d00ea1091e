"""Cases as the command line prints them (semantics.md §10): raw keys and ISO dates, for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, not_, or_, select, true

from states.errors import CaseNotFound
from workflow.cases import agenda_of
from workflow.models import Link
from workflow.occasion import Occasion
from workflow.permissions import CASES, visible
from workflow.reads.seen import SeenCase, find_number, refs_of, see
from workflow.reads.sight import present, sights_of
from workflow.reads.timeline import events_of
from workflow.receipts import how_made
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.types import Actor

_link = table_of(Link)
BATCH = 1_000


def case_lines(
    store: Store, occasion: Occasion, actor: Actor, *, kind: str | None = None, closed: bool = False
) -> Iterator[dict[str, Any]]:
    """Every visible case in ascending id, in batches."""
    after = 0
    while True:
        where = [visible(actor, occasion.catalogue), CASES.c.id > after]
        where += [CASES.c.kind == kind] if kind else []
        # Whether a case that somebody handed on has ended since is nothing that he is told either.
        where += [] if closed else [or_(not_(CASES.c.final), present(actor, occasion.catalogue).is_not(true()))]
        rows = store.select(select(CASES).where(and_(*where)).order_by(CASES.c.id).limit(BATCH))
        occasion.say_shown(rows)
        sights = sights_of(store, actor, occasion.catalogue, rows)
        for row in rows:
            upto = sights[row["id"]].upto_seq
            # What has become of a case since is nothing that its past holder is told.
            yield line_of(row if upto is None else see(store, occasion, actor, row["id"]).row, occasion)
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
    """One case by its number, with clocks, history, and links and agenda as far as the other end may be seen too.

    A past holder gets the case as it was when he handed it on, as on its page, and nothing later. CaseNotFound also for whoever
    may not see it.
    """
    case_id = find_number(store, occasion, actor, number)
    if case_id is None:
        raise CaseNotFound(number=number)
    return tell_case(see(store, occasion, actor, case_id))


def tell_case(seen: SeenCase) -> dict[str, Any]:
    """The same of a case that is seen."""
    row, clocks = seen.row, sorted(seen.clocks, key=lambda clock: (clock["cycle"], clock["started_on"]))
    return {
        "id": row["id"],
        "title": row["title"],
        **line_of(row, seen.occasion),
        "data": json.loads(row["data"]),
        "clocks": [{name: _plain(clock[name]) for name in CLOCK_COLUMNS} for clock in clocks],
        "history": [_event_line(event) for event in reversed(events_of(seen))],
        **(_beside(seen) if seen.is_whole else {"links": [], "agenda": []}),
    }


def _beside(seen: SeenCase) -> dict[str, Any]:
    """What stands beside the case, for whoever sees it as it is; an agenda names cases of many organs, by their numbers."""
    store, actor, catalogue = seen.store, seen.actor, seen.occasion.catalogue
    others = select(CASES.c.number, _link.c.relation).join(_link, _link.c.other_id == CASES.c.id)
    links = store.select(others.where(_link.c.case_id == seen.id, visible(actor, catalogue)))
    agenda = [item.case_id for item in agenda_of(store, seen.id)]
    shown = refs_of(store, seen.occasion, actor, set(agenda))
    return {"links": links, "agenda": [shown[case_id].number for case_id in agenda if case_id in shown]}


CLOCK_COLUMNS = ("key", "cycle", "run", "status", "started_on", "due_on", "original_due_on", "tier", "next_rung", "next_at")
EVENT_COLUMNS = ("seq", "verb", "trigger", "from_state", "to_state", "actor_id", "organ_id", "happened_at", "recorded_at")


# What a process log says of an event, beside its columns.
OF_A_LOG = ("activity", "resource")


def _event_line(event: Row) -> dict[str, Any]:
    content = event["content"] or {}
    columns = {name: _plain(event[name]) for name in EVENT_COLUMNS}
    made = {"receipt": made} if (made := how_made(event)) else {}
    return columns | {name: content[name] for name in OF_A_LOG if content.get(name)} | made


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
