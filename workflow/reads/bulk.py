"""Bulk runs as their owner sees them, and nobody else: how far each has come, and what became of every case."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import and_, bindparam, case, func, or_, select

from states.errors import BadInput, CaseNotFound, DomainError, NotFound, refusal_of
from workflow.models import BulkItem, BulkRun
from workflow.occasion import Occasion
from workflow.reads.rows import LedgerRow
from workflow.reads.seen import see
from workflow.reads.several import rows_by_id
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor
from workflow.verbs.undo import LAST, WITHIN, refusal

RUNS_SHOWN, ITEMS_SHOWN = 30, 50

_run, _item = table_of(BulkRun), table_of(BulkItem)
# Refusals come first: they are what is left to do.
_rank = case({"refused": 0, "waiting": 1}, value=_item.c.status, else_=2)
NEWEST = Prepared(
    select(_run.c.id).where(_run.c.person_id == bindparam("person_id")).order_by(_run.c.id.desc()).limit(RUNS_SHOWN)
)
ITEMS = Prepared(
    select(_item, _rank.label("rank"))
    .where(
        _item.c.run_id == bindparam("run_id"),
        or_(_rank > bindparam("after_rank"), and_(_rank == bindparam("after_rank"), _item.c.case_id > bindparam("after_id"))),
    )
    .order_by(_rank, _item.c.case_id)
    .limit(bindparam("limit"))
)
FIRST_DONE = Prepared(
    select(_item)
    .where(_item.c.run_id == bindparam("run_id"), _item.c.status == "done")
    .order_by(_item.c.case_id)
    .limit(ITEMS_SHOWN)
)
TAKEN_BACK = Prepared(
    select(_item.c.case_id)
    .join(_run, _run.c.id == _item.c.run_id)
    .where(_run.c.undoes == bindparam("run_id"), _item.c.status == "done")
)


@dataclass(frozen=True, slots=True)
class Run:
    """A run with how many of its cases are done and refused. `finished_at` None: there is still something to do."""

    id: int
    trigger: str
    kind: str
    condition: str
    undoes: int | None
    total: int
    unseen: int
    origin: str
    started_at: datetime
    finished_at: datetime | None
    done: int
    refused: int

    @property
    def settled(self) -> int:
        """How many are over, one way or the other."""
        return self.done + self.refused

    @property
    def left_out(self) -> int:
        """How many of those asked for were not done: refused, or out of the owner's sight from the first."""
        return self.refused + self.unseen


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one case. `row` is None where the reader sees it no more; `why` is its refusal."""

    case_id: int
    row: LedgerRow | None
    status: str
    why: DomainError | None
    is_taken_back: bool
    can_undo: bool


@dataclass(frozen=True, slots=True)
class Items:
    """One page of them; `after` is where the next begins, "" after the last. `can_undo`: is there any to take back at all?"""

    items: tuple[Item, ...]
    after: str
    can_undo: bool


def list_runs(store: Store, actor: Actor) -> list[Run]:
    """The actor's own runs of late, newest first."""
    return _runs(store, actor, [row["id"] for row in store.rows(NEWEST, person_id=actor.person_id)])


def get_run(store: Store, actor: Actor, run_id: int) -> Run:
    """The actor's own run, or NotFound."""
    found = _runs(store, actor, [run_id])
    if not found:
        raise NotFound(what="bulk_run", id=run_id)
    return found[0]


def _runs(store: Store, actor: Actor, ids: list[int]) -> list[Run]:
    counts = [func.count().filter(_item.c.status == name).label(name) for name in ("done", "refused")]
    joined = select(_run, *counts).outerjoin(_item, _item.c.run_id == _run.c.id).group_by(_run.c.id)
    where = (_run.c.id.in_(ids), _run.c.person_id == actor.person_id)
    rows = store.select(joined.where(*where).order_by(_run.c.id.desc()))
    return [Run(**{one.name: row[one.name] for one in fields(Run)}) for row in rows]


def items_of(store: Store, occasion: Occasion, actor: Actor, run: Run, after: str = "") -> Items:
    """The next cases of one's own run: refused, waiting, done. BadInput for a place that is none."""
    rank, case_id = _place(after)
    asked = {"run_id": run.id, "after_rank": rank, "after_id": case_id}
    stored = store.rows(ITEMS, **asked, limit=ITEMS_SHOWN + 1)
    shown = stored[:ITEMS_SHOWN]
    rows = rows_by_id(store, occasion, actor, [row["case_id"] for row in shown])
    taken_back = {row["case_id"] for row in store.rows(TAKEN_BACK, run_id=run.id)}
    open_ones = set() if run.undoes else set(_undoable(store, occasion, actor, shown))
    items = tuple(_item_of(row, rows.get(row["case_id"]), taken_back, open_ones) for row in shown)
    others = () if run.undoes or open_ones or not run.done else store.rows(FIRST_DONE, run_id=run.id)
    can_undo = bool(open_ones) or any(True for _ in _undoable(store, occasion, actor, others))
    return Items(items, f"{shown[-1]['rank']}.{shown[-1]['case_id']}" if len(stored) > ITEMS_SHOWN else "", can_undo)


def done_events(store: Store, actor: Actor, run_id: int, most: int) -> list[tuple[int, int]]:
    """The first cases of one's own run that it has done and not taken back, each with the event; NotFound for another's."""
    run = get_run(store, actor, run_id)
    taken_back = {row["case_id"] for row in store.rows(TAKEN_BACK, run_id=run.id)}
    done = select(_item.c.case_id, _item.c.seq).where(_item.c.run_id == run.id, _item.c.status == "done")
    rows = store.select(done.order_by(_item.c.case_id))
    return [(row["case_id"], row["seq"]) for row in rows if row["case_id"] not in taken_back][:most]


def _place(after: str) -> tuple[int, int]:
    rank, _, case_id = after.partition(".")
    if not after:
        return -1, 0
    if not (rank in ("0", "1", "2") and case_id.isascii() and case_id.isdecimal() and len(case_id) <= 18):
        raise BadInput(why="cursor")
    return int(rank), int(case_id)


def _item_of(row: Row, seen: LedgerRow | None, taken_back: set[int], open_ones: set[int]) -> Item:
    why = refusal_of(row["code"], json.loads(row["params"])) if row["status"] == "refused" else None
    return Item(row["case_id"], seen, row["status"], why, row["case_id"] in taken_back, row["case_id"] in open_ones)


def _undoable(store: Store, occasion: Occasion, actor: Actor, stored: Iterable[Row]) -> Iterable[int]:
    """The cases whose last event is still the one of the run, and may be taken back: the verb itself is asked."""
    for row in stored:
        if row["status"] != "done" or occasion.now - row["settled_at"] > WITHIN:
            continue
        try:
            seen = see(store, occasion, actor, row["case_id"])
        except CaseNotFound:
            continue
        last = store.row(LAST, case_id=seen.id, seq=row["seq"])
        if seen.row["seq"] == row["seq"] and last is not None and not refusal(seen.desk(), seen.file(), last):
            yield seen.id
