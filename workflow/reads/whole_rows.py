"""The rows of an export: each case with its facts, the limit of its main clock and its measures, a page in memory at a time.

Only what the reader sees as it is now: who reads a case because he once held it has no use for a row with holes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select

from workflow.dates import local_day
from workflow.models import Clock, Content, Event
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.ledger import MOST, page
from workflow.reads.query import Cursor, Query
from workflow.reads.rows import LedgerRow, organ_name
from workflow.reads.sight import TOGETHER, chunks, padded, present
from workflow.reads.stood import end_of, occasion_of, rows_then, source_of
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.tree import Tree
from workflow.types import Actor

UNPLACED = "未归属"
# The step that reports progress and the question that it answers, in the kinds that have one; and where an old ledger's stands.
REPORTS, NOTE = "report_progress", "progress_note"
TOLD_BEFORE = "进展情况"

_clock, _event, _content = table_of(Clock), table_of(Event), table_of(Content)
_IDS: list[Any] = [bindparam(f"id{n}") for n in range(TOGETHER)]
FACTS = Prepared(select(CASES.c.id, CASES.c.data, CASES.c.definition_version_id).where(CASES.c.id.in_(_IDS)))
RUNS = (
    select(_clock.c.case_id, _clock.c.key, _clock.c.started_on, _clock.c.due_on, _clock.c.run)
    .where(_clock.c.case_id.in_(_IDS))
    .order_by(_clock.c.case_id, _clock.c.run)
)
CLOCKS = Prepared(RUNS.where(_clock.c.status != "settled"))
_then: Any = bindparam("on", type_=_clock.c.started_on.type)
_unsettled = or_(_clock.c.status != "settled", _clock.c.settled_on > _then)
CLOCKS_THEN = Prepared(RUNS.where(_clock.c.started_on <= _then, _unsettled))
_undo = _event.alias("undo")
_taken_back = exists().where(_undo.c.case_id == _event.c.case_id, _undo.c.seq == _event.c.seq + 1, _undo.c.verb == "undo")
_reported = and_(_event.c.trigger == REPORTS, _event.c.verb.in_(("fire", "replay")))
_newest = (
    select(_event.c.case_id, func.max(_event.c.seq).label("seq"))
    .where(_event.c.case_id.in_(_IDS), or_(_reported, _event.c.verb == "imported"))
    .where(_event.c.happened_at < bindparam("until"), ~_taken_back)
    .group_by(_event.c.case_id)
    .subquery()
)
# What was reported last of each; before anything was, what came in with the case.
PROGRESS = Prepared(
    select(_event.c.case_id, _event.c.verb, _event.c.happened_at, _content.c.body)
    .join(_newest, and_(_newest.c.case_id == _event.c.case_id, _newest.c.seq == _event.c.seq))
    .join(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq))
)


@dataclass(frozen=True, slots=True)
class Progress:
    """What was reported last: on which day, in which words; None for the day where an old ledger said so, in its words."""

    on: date | None
    words: str


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure under its item, with the unit that has it by name ("" where it is the item's own)."""

    data: Mapping[str, Any]
    state: str
    unit: str


@dataclass(frozen=True, slots=True)
class WholeRow:
    """A case for an export. Places are the areas' full names.

    `unit` is the holder where that is neither the subject nor the office. `due_on` and `started_on` are the main clock's.
    """

    row: LedgerRow
    data: Mapping[str, Any]
    township: str
    village: str
    unit: str
    due_on: date | None
    started_on: date | None
    measures: tuple[MeasureRow, ...]
    progress: Progress | None = None


def whole_rows(store: Store, occasion: Occasion, actor: Actor, query: Query) -> Iterator[WholeRow]:
    """Every row of the query in its order that the actor sees as it is now; of a past day as it was."""
    after: Cursor | None = None
    while True:
        found = page(store, occasion, actor, query, after=after, limit=MOST)
        rows = [row for row in found.rows if row.seen_upto is None]
        for whole in _whole(store, occasion_of(query.as_of, occasion), actor, rows, query.as_of):
            yield whole if query.as_of is None else replace(whole, due_on=whole.row.due_on)
        after = found.next_cursor
        if after is None:
            return


def _whole(store: Store, occasion: Occasion, actor: Actor, rows: list[LedgerRow], as_of: date | None) -> Iterator[WholeRow]:
    facts: dict[int, Row] = {}
    progress: dict[int, Progress | None] = {}
    clocks: dict[int, list[Row]] = {}
    measures: dict[int, list[MeasureRow]] = {}
    for ids in chunks([row.id for row in rows]):
        facts |= {row["id"]: row for row in _facts(store, occasion, ids, as_of)}
        runs = store.rows(CLOCKS, **padded(ids)) if as_of is None else store.rows(CLOCKS_THEN, **padded(ids), on=as_of)
        for clock in runs:
            clocks.setdefault(clock["case_id"], []).append(clock)
        for event in store.rows(PROGRESS, **padded(ids), until=end_of(as_of or occasion.today)):
            progress[event["case_id"]] = _progress(event)
        for child in _children(store, occasion, actor, ids, as_of):
            measures.setdefault(child["parent_id"], []).append(_measure(occasion.tree, child))
    for row in rows:
        definition = occasion.catalogue.of_version(facts[row.id]["definition_version_id"]).definition
        main = {clock.key for clock in definition.clocks if clock.main}
        live = next((clock for clock in reversed(clocks.get(row.id, [])) if clock["key"] in main), None)
        yield WholeRow(
            row,
            json.loads(facts[row.id]["data"]),
            **_place(occasion.tree, row),
            unit="" if row.holder_id in (None, row.subject_id, row.supervisor_id) else row.holder,
            due_on=live["due_on"] if live else None,
            started_on=live["started_on"] if live else None,
            measures=tuple(measures.get(row.id, ())),
            progress=progress.get(row.id),
        )


def _progress(event: Row) -> Progress | None:
    content = json.loads(event["body"])
    if event["verb"] == "imported":
        words, on = (content.get("extras") or {}).get(TOLD_BEFORE), None
    else:
        words, on = (content.get("answers") or {}).get(NOTE), local_day(event["happened_at"])
    return Progress(on, str(words)) if words else None


def _facts(store: Store, occasion: Occasion, ids: list[int], as_of: date | None) -> list[Row]:
    if as_of is None:
        return store.rows(FACTS, **padded(ids))
    stored = store.select(select(CASES).where(CASES.c.id.in_(ids)))
    return rows_then(store, occasion.catalogue, occasion.tree, as_of, stored)


def _children(store: Store, occasion: Occasion, actor: Actor, ids: list[int], as_of: date | None) -> list[Row]:
    kinds = occasion.catalogue.off_ledger
    if not kinds:
        return []
    where = and_(CASES.c.parent_id.in_(ids), CASES.c.kind.in_(kinds), present(actor, occasion.catalogue))
    if as_of is not None:
        stored = store.select(select(CASES).select_from(source_of(as_of)).where(where).order_by(CASES.c.id))
        return rows_then(store, occasion.catalogue, occasion.tree, as_of, stored)
    columns = [CASES.c[name] for name in ("parent_id", "data", "state", "holder_id", "subject_id", "supervisor_id")]
    return store.select(select(*columns).where(where).order_by(CASES.c.id))


def _measure(tree: Tree, child: Row) -> MeasureRow:
    data = json.loads(child["data"])
    named = data.get("unit")
    other = child["holder_id"] if child["holder_id"] not in (child["subject_id"], child["supervisor_id"]) else None
    return MeasureRow(data, child["state"], organ_name(tree, named or other))


def _place(tree: Tree, row: LedgerRow) -> dict[str, str]:
    names = {level: tree.areas[i].name for level, i in (("t", row.township_id), ("v", row.village_id)) if i is not None}
    township = names.get("t", "")
    return {"township": "" if township == UNPLACED else township, "village": names.get("v", "")}
