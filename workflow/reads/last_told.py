"""When a case changed last, as far as this reader is told: a talk that he does not see leaves no hour behind on the row.

The version of a case still counts every change, for compare-and-set; it says that something changed, not when.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, union

from workflow.models import Event
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.seen import refs_of
from workflow.reads.sight import Sight
from workflow.reads.untold import AGENDA, CLOCKS, PLACE, Untold, named_in, talks_among, tells_all
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.types import Actor

_event = table_of(Event)
_TOLD = ("case_id", "verb", "from_state", "to_state", "recorded_at", "facts")


def last_told(
    store: Store, occasion: Occasion, actor: Actor, rows: Iterable[Row], sights: Mapping[int, Sight]
) -> dict[int, datetime]:
    """Of these rows, those whose last change the reader is not told, with the one before that he is. Six statements at most."""
    asked = {row["id"]: row for row in rows if not tells_all(actor, sights[row["id"]])}
    if not asked:
        return {}
    ids = sorted(asked)
    held = select(CLOCKS.c.case_id, CLOCKS.c.held_by.label("talk")).where(CLOCKS.c.case_id.in_(ids), CLOCKS.c.held_by > 0)
    listed = select(AGENDA.c.case_id, AGENDA.c.interview_id.label("talk")).where(AGENDA.c.case_id.in_(ids))
    talks: dict[int, set[int]] = {}
    for one in store.select(union(held, listed)):
        talks.setdefault(one["case_id"], set()).add(one["talk"])
    for event in _events(store, ids, last=True):
        talks.setdefault(event["case_id"], set()).update(named_in(event["facts"]))
    talks = {case_id: found for case_id, found in talks.items() if found}
    named = {talk for found in talks.values() for talk in found}
    unseen = talks_among(store, occasion.catalogue, named - set(refs_of(store, occasion, actor, named)))
    kept = sorted(case_id for case_id, found in talks.items() if found & unseen)
    return _of_cases(store, occasion, [asked[case_id] for case_id in kept], unseen) if kept else {}


def _of_cases(store: Store, occasion: Occasion, rows: list[Row], unseen: set[int]) -> dict[int, datetime]:
    ids = [row["id"] for row in rows]
    places = store.select(select(AGENDA.c.case_id, *PLACE).where(AGENDA.c.case_id.in_(ids)))
    events: dict[int, list[Row]] = {}
    for event in _events(store, ids, last=False):
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


def _events(store: Store, ids: list[int], *, last: bool) -> list[dict[str, Any]]:
    """The events of these cases, newest first, with their facts read; of each only its last where that is enough."""
    wanted = select(*(_event.c[name] for name in _TOLD)).where(_event.c.case_id.in_(ids)).order_by(_event.c.seq.desc())
    if last:
        wanted = wanted.join(CASES, and_(CASES.c.id == _event.c.case_id, CASES.c.seq == _event.c.seq))
    return [{**row, "facts": json.loads(row["facts"])} for row in store.select(wanted)]
