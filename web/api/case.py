"""One case for a program. A past holder gets the case as it was when he handed it on, as on its page, and nothing later."""

from __future__ import annotations

import json
from typing import Any

from workflow.occasion import Occasion
from workflow.reads.case_lines import CLOCK_COLUMNS, EVENT_COLUMNS, line_of, show_case
from workflow.reads.seen import SeenCase, see
from workflow.reads.timeline import events_of
from workflow.statements import Row
from workflow.store import Store
from workflow.types import Actor


def case_of(store: Store, occasion: Occasion, actor: Actor, case_id: int) -> dict[str, Any]:
    """The case in the shape of `duban case show`; CaseNotFound also for whoever may not see it."""
    seen = see(store, occasion, actor, case_id)
    return show_case(store, occasion, actor, seen.row["number"]) if seen.is_whole else _then(seen)


def _then(seen: SeenCase) -> dict[str, Any]:
    row, clocks = seen.row, sorted(seen.clocks, key=lambda clock: (clock["cycle"], clock["started_on"]))
    return {
        "id": row["id"],
        "title": row["title"],
        **line_of(row, seen.occasion),
        "data": json.loads(row["data"]),
        "clocks": [_plain(clock, CLOCK_COLUMNS) for clock in clocks],
        "history": [_plain(event, EVENT_COLUMNS) for event in reversed(events_of(seen))],
        "links": [],
        "agenda": [],
    }


def _plain(row: Row, columns: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name].isoformat() if hasattr(row[name], "isoformat") else row[name] for name in columns}


def history_of(store: Store, occasion: Occasion, actor: Actor, case_id: int) -> list[Row]:
    """The events that the actor may read, oldest first; CaseNotFound also for whoever may not see the case."""
    return events_of(see(store, occasion, actor, case_id))[::-1]
