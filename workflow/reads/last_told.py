"""When a case changed last, as far as this reader is told: a talk that he does not see leaves no hour behind on the row.

The version of a case still counts every change, for compare-and-set; it says that something changed, not when.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from workflow.models import Event
from workflow.occasion import Occasion
from workflow.reads.untold import AGENDA, PLACE, Talks, Untold
from workflow.statements import Row
from workflow.store import Store, table_of

_event = table_of(Event)
_TOLD = ("case_id", "verb", "from_state", "to_state", "recorded_at", "facts")


def last_told(store: Store, occasion: Occasion, rows: Iterable[Row], talks: Talks) -> dict[int, datetime]:
    """Of these rows, those about which there is a talk that the reader does not see: the last change that he is told.

    Two statements, where there is any.
    """
    kept = [row for row in rows if talks.unseen(row["id"])]
    return _of_cases(store, occasion, kept, {talk for row in kept for talk in talks.unseen(row["id"])}) if kept else {}


def _of_cases(store: Store, occasion: Occasion, rows: list[Row], unseen: set[int]) -> dict[int, datetime]:
    ids = [row["id"] for row in rows]
    places = store.select(select(AGENDA.c.case_id, *PLACE).where(AGENDA.c.case_id.in_(ids)))
    events: dict[int, list[Row]] = {}
    for event in _events(store, ids):
        events.setdefault(event["case_id"], []).append(event)
    found: dict[int, datetime] = {}
    for row in rows:
        own = [place for place in places if place["case_id"] == row["id"]]
        untold = Untold(
            occasion.catalogue.of_version(row["definition_version_id"]).definition,
            talks=frozenset(unseen),
            on=tuple(place for place in own if place["interview_id"] in unseen),
            seen_on=tuple(place for place in own if place["interview_id"] not in unseen),
        )
        told = next((event for event in events[row["id"]] if not untold.hides(event)), None)
        if told is not None:
            found[row["id"]] = told["recorded_at"]
    return found


def _events(store: Store, ids: list[int]) -> list[dict[str, Any]]:
    """The events of these cases, newest first, with their facts read."""
    wanted = select(*(_event.c[name] for name in _TOLD)).where(_event.c.case_id.in_(ids)).order_by(_event.c.seq.desc())
    return [{**row, "facts": json.loads(row["facts"])} for row in store.select(wanted)]
