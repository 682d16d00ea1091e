"""Checkpoints: the heads of all cases that changed since the one before, chained and signed, in a form that leaves the machine.

What was cut off a history together with its head, or a case deleted whole, leaves the rest of the chain whole; only a list kept
elsewhere knows of it. Each covers all before it by the digest that it follows, so the newest that somebody remembers is enough.
It also says which text each version of a workflow has, by its digest: what histories are followed by counts as what they say.
Signed is a note of a few lines, short enough for a printed code; what is listed follows from the note's digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from workflow import trail
from workflow.digests import digest, holds
from workflow.keyring import Key
from workflow.models import Case, DefinitionVersion
from workflow.models import Checkpoint as CheckpointRow
from workflow.models.columns import time_from_text
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical

NOTE_TYPE = "duban/checkpoint/1"
# What the signed note repeats of the list, beside the two digests.
NOTED = ("origin", "number", "taken_at", "cases", "trail")

_case, _checkpoint, _version = table_of(Case), table_of(CheckpointRow), table_of(DefinitionVersion)
# One statement is one snapshot on either database. Never `id > last`: ids are given before they are committed.
CHANGED = Prepared(
    select(_case.c.id, _case.c.seq, _case.c.head).where(_case.c.checkpointed_seq < _case.c.seq).order_by(_case.c.id)
)
VERSIONS = Prepared(select(_version.c.id, _version.c.digest).order_by(_version.c.id))
HOW_MANY = Prepared(select(func.count().label("n")).select_from(_case))
HOW_MANY_TAKEN = Prepared(select(func.count().label("n")).select_from(_checkpoint))
EVERY = Prepared(select(_checkpoint).order_by(_checkpoint.c.id))
LAST = Prepared(select(_checkpoint).order_by(_checkpoint.c.id.desc()).limit(1))
ONE = Prepared(select(_checkpoint).where(_checkpoint.c.id == bindparam("id")))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint: `listed` is the text that its digest is over, after `prev`; the key id "" is unsigned."""

    listed: str
    prev: str
    digest: str
    key_id: str = ""
    algorithm: str = ""
    signature: str = ""

    @property
    def content(self) -> dict[str, Any]:
        """What is listed: taken_at, cases, heads, since they are signed also origin, number and trail, and definitions."""
        told: dict[str, Any] = json.loads(self.listed)
        return told

    @property
    def taken_at(self) -> datetime:
        """When it was taken."""
        return time_from_text(self.content["taken_at"])

    @property
    def cases(self) -> int:
        """How many cases there were."""
        return int(self.content["cases"])

    @property
    def number(self) -> int:
        """Its place in the row of checkpoints, from 1; 0 where it was taken before they had numbers."""
        return int(self.content.get("number") or 0)

    @property
    def heads(self) -> tuple[tuple[int, int, str], ...]:
        """(case, seq, head) of what changed, by case."""
        return tuple((int(case), int(seq), str(head)) for case, seq, head in self.content["heads"])

    @property
    def definitions(self) -> dict[int, str]:
        """The digest of the text of each version, by the version's id; none where it was taken before they were listed."""
        return {int(version): str(text) for version, text in self.content.get("definitions", {}).items()}

    def note(self) -> dict[str, Any]:
        """The signed note: {type, body, key_id, algorithm, signature}."""
        told = {"type": NOTE_TYPE, "body": _note(self.content, self.prev, self.digest)}
        return {**told, "key_id": self.key_id, "algorithm": self.algorithm, "signature": self.signature}

    def document(self) -> dict[str, Any]:
        """Note and list as plain data, to be written as a file and given to `audit.verify(against=…)`."""
        return {**self.note(), "listed": self.listed}


@dataclass
class Expected:
    """Per case the last (seq, head) that a checkpoint saw; `faults` counts checkpoints that are not what they were.

    `definitions` is (version, digest) of every text that one of them knew, `trail` the last link of the trail at each length.
    """

    heads: dict[int, tuple[int, str]]
    faults: int
    definitions: set[tuple[int, str]] = field(default_factory=set)
    trail: dict[int, str] = field(default_factory=dict)


def take_checkpoint(store: Store, now: datetime, *, key: Key | None = None, origin: str = "") -> Checkpoint:
    """Lists what changed, seals the trail, signs, writes it down and marks it as listed; inside `database.write`."""
    sealed = trail.seal(store)
    heads = [[row["id"], row["seq"], row["head"]] for row in store.rows(CHANGED)]
    last, cases = store.row(LAST), count_cases(store)
    told: dict[str, Any] = {"taken_at": now, "cases": cases, "heads": heads, "origin": origin, "trail": list(sealed)}
    # By name and not in lists, which look like heads to whoever searches for a case's.
    told["definitions"] = {str(row["id"]): row["digest"] for row in store.rows(VERSIONS)}
    listed = canonical({**told, "number": _count(store, HOW_MANY_TAKEN) + 1})
    prev = last["digest"] if last else ""
    taken = _signed(Checkpoint(listed, prev, digest(store.digest_suite, prev, listed)), key)
    signed = {"key_id": taken.key_id, "algorithm": taken.algorithm, "signature": taken.signature}
    row = {"taken_at": now, "cases": cases, "digest": taken.digest, "prev": prev, **signed, "body": listed}
    store.insert(CheckpointRow, [row])
    for case_id, seq, _head in heads:
        store.update(Case, {"checkpointed_seq": seq}, id=case_id)
    return taken


def _signed(taken: Checkpoint, key: Key | None) -> Checkpoint:
    if key is None:
        return taken
    signed = key.sign(NOTE_TYPE, json.loads(_note(taken.content, taken.prev, taken.digest)))
    return Checkpoint(taken.listed, taken.prev, taken.digest, signed["key_id"], signed["algorithm"], signed["signature"])


def _note(content: Mapping[str, Any], prev: str, own: str) -> str:
    return canonical({**{name: content.get(name) for name in NOTED}, "prev": prev, "digest": own})


def count_cases(store: Store) -> int:
    """How many cases there are, of every kind and state."""
    return _count(store, HOW_MANY)


def _count(store: Store, how_many: Prepared) -> int:
    told = store.row(how_many)
    return int(told["n"]) if told else 0


def last_checkpoint(store: Store) -> Checkpoint | None:
    """The newest one in the table, as it stands there."""
    row = store.row(LAST)
    return of_row(row) if row else None


def get_checkpoint(store: Store, checkpoint_id: int) -> Checkpoint:
    """The one with this id in the table."""
    row = store.row(ONE, id=checkpoint_id)
    assert row is not None, "its id was just read"
    return of_row(row)


def checkpoint_of(document: Mapping[str, Any]) -> Checkpoint:
    """A checkpoint file read back, also one from before they were signed. KeyError, TypeError, ValueError for what is none."""
    if "heads" in document:
        listed = canonical({name: document[name] for name in ("taken_at", "cases", "heads")})
        return Checkpoint(listed, document["prev"], document["digest"], document["key_id"])
    note = json.loads(document["body"])
    signed = (document["key_id"], document["algorithm"], document["signature"])
    return Checkpoint(document["listed"], note["prev"], note["digest"], *signed)


def is_whole(checkpoint: Checkpoint) -> bool:
    """Is the digest that of its own content?"""
    return holds(checkpoint.digest, checkpoint.prev, checkpoint.listed)


def expected_heads(store: Store, against: Mapping[str, Any] | None) -> Expected:
    """What the checkpoints of the table, and the file that left the machine, say that there must be.

    The file also has to stand in the table's chain: a table that was rewritten does not know it.
    """
    found, prev, digests = Expected({}, 0), "", set()
    for row in store.rows(EVERY):
        checkpoint = of_row(row)
        found.faults += checkpoint.prev != prev or not is_whole(checkpoint)
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
    found.definitions |= checkpoint.definitions.items()
    found.trail |= dict([checkpoint.content.get("trail") or (0, "")])


def of_row(row: Row) -> Checkpoint:
    """A checkpoint as its row holds it."""
    signed = (row["key_id"], row["algorithm"], row["signature"])
    return Checkpoint(row["body"], row["prev"], row["digest"], *signed)
