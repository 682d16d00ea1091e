"""Checkpoints: the heads of all cases that changed since the one before, chained, in a form that leaves the machine.

What was cut off a history together with its head, or a case deleted whole, leaves the rest of the chain whole; only a list kept
elsewhere knows of it. Unsigned checkpoints have the key id "".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from workflow.models import Case
from workflow.models import Checkpoint as CheckpointRow
from workflow.models.columns import time_from_text, time_to_text
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical, digest

_case, _checkpoint = table_of(Case), table_of(CheckpointRow)
# One statement is one snapshot on either database. Never `id > last`: ids are given before they are committed.
CHANGED = Prepared(
    select(_case.c.id, _case.c.seq, _case.c.head).where(_case.c.checkpointed_seq < _case.c.seq).order_by(_case.c.id)
)
HOW_MANY = Prepared(select(func.count().label("n")).select_from(_case))
EVERY = Prepared(select(_checkpoint).order_by(_checkpoint.c.id))
LAST = Prepared(select(_checkpoint).order_by(_checkpoint.c.id.desc()).limit(1))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint: `heads` are (case, seq, head) by case; `digest` is over `prev` and the body."""

    taken_at: datetime
    cases: int
    heads: tuple[tuple[int, int, str], ...]
    prev: str
    digest: str
    key_id: str = ""

    def document(self) -> dict[str, Any]:
        """The checkpoint as plain data, to be written as a file and given to `audit.verify(against=…)`."""
        return {**_body(self.taken_at, self.cases, self.heads), "prev": self.prev, "digest": self.digest, "key_id": self.key_id}


@dataclass
class Expected:
    """Per case the last (seq, head) that a checkpoint saw; `faults` counts checkpoints that are not what they were."""

    heads: dict[int, tuple[int, str]]
    faults: int


def take_checkpoint(store: Store, now: datetime) -> Checkpoint:
    """Lists what changed, writes it down and marks it as listed; inside `database.write`."""
    heads = tuple((row["id"], row["seq"], row["head"]) for row in store.rows(CHANGED))
    last = store.row(LAST)
    cases, prev = count_cases(store), last["digest"] if last else ""
    body = canonical(_body(now, cases, heads))
    taken = Checkpoint(now, cases, heads, prev, digest(prev, body))
    store.insert(
        CheckpointRow,
        [{"taken_at": now, "cases": cases, "digest": taken.digest, "prev": prev, "key_id": "", "body": body}],
    )
    for case_id, seq, _head in heads:
        store.update(Case, {"checkpointed_seq": seq}, id=case_id)
    return taken


def _body(taken_at: datetime, cases: int, heads: Any) -> dict[str, Any]:
    return {"taken_at": time_to_text(taken_at), "cases": cases, "heads": [list(head) for head in heads]}


def count_cases(store: Store) -> int:
    """How many cases there are, of every kind and state."""
    told = store.row(HOW_MANY)
    return int(told["n"]) if told else 0


def last_checkpoint(store: Store) -> Checkpoint | None:
    """The newest one in the table, as it stands there."""
    row = store.row(LAST)
    return _of(row) if row else None


def checkpoint_of(document: Mapping[str, Any]) -> Checkpoint:
    """A checkpoint file read back. Raises KeyError, TypeError or ValueError for what is none."""
    heads = tuple((int(case), int(seq), str(head)) for case, seq, head in document["heads"])
    taken_at, plain = time_from_text(document["taken_at"]), ("cases", "prev", "digest", "key_id")
    return Checkpoint(taken_at=taken_at, heads=heads, **{name: document[name] for name in plain})


def is_whole(checkpoint: Checkpoint) -> bool:
    """Is the digest that of its own content?"""
    body = canonical(_body(checkpoint.taken_at, checkpoint.cases, checkpoint.heads))
    return checkpoint.digest == digest(checkpoint.prev, body)


def expected_heads(store: Store, against: Mapping[str, Any] | None) -> Expected:
    """What the checkpoints of the table, and the file that left the machine, say that there must be.

    The file also has to stand in the table's chain: a table that was rewritten does not know it.
    """
    found, prev, digests = Expected({}, 0), "", set()
    for row in store.rows(EVERY):
        checkpoint = _of(row)
        found.faults += checkpoint.prev != prev or digest(prev, row["body"]) != checkpoint.digest
        _take_over(found, checkpoint)
        prev = checkpoint.digest
        digests.add(prev)
    if against is not None:
        told = checkpoint_of(against)
        found.faults += not is_whole(told) or told.digest not in digests
        _take_over(found, told)
    return found


def _take_over(found: Expected, checkpoint: Checkpoint) -> None:
    for case_id, seq, head in checkpoint.heads:
        if seq >= found.heads.get(case_id, (0, ""))[0]:
            found.heads[case_id] = (seq, head)


def _of(row: Row) -> Checkpoint:
    body = json.loads(row["body"])
    heads = tuple((case, seq, head) for case, seq, head in body["heads"])
    return Checkpoint(row["taken_at"], body["cases"], heads, row["prev"], row["digest"], row["key_id"])
