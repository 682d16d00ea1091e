"""What was reported last of a case, as far as this reader is told: nothing out of a state that was kept from him then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select

from states.definition import Definition
from workflow.dates import end_of, local_day
from workflow.models import Content, Event
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.beforehand import kept_from, lay_before
from workflow.reads.sight import TOGETHER, padded, sights_of
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

# The step that reports progress and the question that it answers, in the kinds that have one; and where an old ledger's stands.
REPORTS, NOTE = "report_progress", "progress_note"
TOLD_BEFORE = "进展情况"

_event, _content = table_of(Event), table_of(Content)
_IDS: list[Any] = [bindparam(f"id{n}") for n in range(TOGETHER)]
_undo = _event.alias("undo")
_taken_back = exists().where(_undo.c.case_id == _event.c.case_id, _undo.c.seq == _event.c.seq + 1, _undo.c.verb == "undo")
_reported = and_(_event.c.trigger == REPORTS, _event.c.verb.in_(("fire", "replay")))
_newest = (
    select(_event.c.case_id, func.max(_event.c.seq).label("seq"))
    .where(_event.c.case_id.in_(_IDS), or_(_reported, _event.c.verb == "imported"))
    .where(_event.c.happened_at < bindparam("until"), ~_taken_back)
    .group_by(_event.c.case_id, _event.c.to_state)
    .subquery()
)
_TOLD = [_event.c[name] for name in ("case_id", "seq", "verb", "happened_at", "from_state", "to_state", "organ_id", "facts")]
# What was reported last of each in each of its states; before anything was, what came in with the case.
PROGRESS = Prepared(
    select(*_TOLD, _content.c.body)
    .join(_newest, and_(_newest.c.case_id == _event.c.case_id, _newest.c.seq == _event.c.seq))
    .join(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq))
    .order_by(_event.c.seq)
)


@dataclass(frozen=True, slots=True)
class Progress:
    """What was reported last: on which day, in which words; None for the day where an old ledger said so, in its words."""

    on: date | None
    words: str


def newest_told(
    store: Store, occasion: Occasion, actor: Actor, definitions: Mapping[int, Definition], on: date
) -> dict[int, Progress]:
    """Of these cases, at most `TOGETHER` by id with their definitions, what was reported last by the end of the day."""
    events = store.rows(PROGRESS, **padded(list(definitions)), until=end_of(on))
    kept = _kept(store, occasion, actor, definitions, events)
    found = {event["case_id"]: _progress(event) for event in events if not _lay_before(actor, event, kept)}
    return {case_id: progress for case_id, progress in found.items() if progress is not None}


def _kept(
    store: Store, occasion: Occasion, actor: Actor, definitions: Mapping[int, Definition], events: list[Row]
) -> dict[int, frozenset[str]]:
    """The states kept from the reader, of those cases that lay in a state which a rule keeps from somebody; mostly of none."""
    of_kind = {kind: occasion.catalogue.versions_of(kind) for kind in {one.key for one in definitions.values()}}
    versions = {case_id: of_kind[one.key] for case_id, one in definitions.items()}
    ids = {event["case_id"] for event in events if _is_kept(versions[event["case_id"]], event["to_state"])}
    rows = store.select(select(CASES).where(CASES.c.id.in_(sorted(ids)))) if ids else []
    sights = sights_of(store, actor, occasion.catalogue, rows) if rows else {}
    return {case_id: kept_from(actor, versions[case_id], sight) for case_id, sight in sights.items()}


def _is_kept(versions: Iterable[Definition], state: str) -> bool:
    rules = (rule for one in versions if state in one.state_by_key for rule in one.access)
    return any(rule.states and state not in rule.states for rule in rules)


def _lay_before(actor: Actor, event: Row, kept: Mapping[int, frozenset[str]]) -> bool:
    states = kept.get(event["case_id"], frozenset())
    return bool(states) and lay_before(actor, event | {"facts": json.loads(event["facts"])}, states)


def _progress(event: Row) -> Progress | None:
    content = json.loads(event["body"])
    if event["verb"] == "imported":
        words, on = (content.get("extras") or {}).get(TOLD_BEFORE), None
    else:
        words, on = (content.get("answers") or {}).get(NOTE), local_day(event["happened_at"])
    return Progress(on, str(words)) if words else None
