"""The rows of an export: each case with its facts, the limit of its main clock and its measures, a page in memory at a time.

Only what the reader sees as it is now: who reads a case because he once held it has no use for a row with holes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from states.definition import Definition
from workflow.models import Clock
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.ledger import MOST, page
from workflow.reads.open_then import open_then
from workflow.reads.progress import Progress, newest_told
from workflow.reads.query import Cursor, Query
from workflow.reads.rows import LedgerRow, organ_name
from workflow.reads.sight import TOGETHER, chunks, padded, present
from workflow.reads.stood import occasion_of, rows_then, source_of, standing_of
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.tree import Tree
from workflow.types import Actor

UNPLACED = "未归属"

_clock = table_of(Clock)
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
    progress: dict[int, Progress] = {}
    clocks: dict[int, list[Row]] = {}
    measures: dict[int, list[MeasureRow]] = {}
    definitions: dict[int, Definition] = {}
    for ids in chunks([row.id for row in rows]):
        found = {row["id"]: row for row in _facts(store, occasion, ids, as_of)}
        own = {i: occasion.catalogue.of_version(row["definition_version_id"]).definition for i, row in found.items()}
        facts, definitions = facts | found, definitions | own
        runs = store.rows(CLOCKS, **padded(ids)) if as_of is None else store.rows(CLOCKS_THEN, **padded(ids), on=as_of)
        for clock in runs:
            clocks.setdefault(clock["case_id"], []).append(clock)
        progress |= newest_told(store, occasion, actor, own, as_of or occasion.today)
        for child in _children(store, occasion, actor, ids, as_of):
            measures.setdefault(child["parent_id"], []).append(_measure(occasion.tree, child))
    for row in rows:
        main = {clock.key for clock in definitions[row.id].clocks if clock.main}
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
        lay_open = open_then(actor, occasion.catalogue, standing_of(as_of, occasion.catalogue))
        stored = store.select(select(CASES).select_from(source_of(as_of)).where(where, *lay_open).order_by(CASES.c.id))
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
