"""Is a database that came back what its history says, and what is remembered elsewhere? Asked before anybody works in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, select

from states.errors import BadInput, Conflict
from workflow import audit
from workflow.backups import dumps
from workflow.checkpoints import EVERY, Checkpoint, checkpoint_of, is_whole
from workflow.database import Database
from workflow.files import Vault, open_file
from workflow.models import StoredFile
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

_file = table_of(StoredFile)
FILES = Prepared(select(_file).where(_file.c.id > bindparam("id")).order_by(_file.c.id).limit(500))


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong, in counts: of the database itself, its histories, its trail, its files, its place among checkpoints.

    `last` is the number of its newest checkpoint, `ahead` those of newer ones that others remember: what they list is lost.
    """

    damage: int
    history: int
    trail: int
    files: int
    forgotten: int
    last: int
    ahead: tuple[int, ...]
    cases: int
    events: int

    @property
    def is_whole(self) -> bool:
        """Is nothing wrong? That it is older than what others remember is no fault of its own."""
        return not (self.damage or self.history or self.trail or self.files or self.forgotten)


def check(database: Database, vault: Vault, remembered: Iterable[Checkpoint]) -> Found:
    """Looks at everything; only reads."""
    damage = dumps.find_damage(database.url)
    verdict = database.read(audit.verify)
    last, known = database.read(_known)
    outside = list(remembered)
    forgotten = sum(one.number <= last and not (is_whole(one) and one.digest in known) for one in outside)
    ahead = tuple(sorted(one.number for one in outside if one.number > last))
    breaks = sum(fault.kind == audit.OF_TRAIL for fault in verdict.faults)
    files = sum(not _opens(vault, row) for row in database.read(lambda store: list(_files(store))))
    counts = (verdict.cases, verdict.events)
    return Found(len(damage), len(verdict.faults) - breaks, breaks, files, forgotten, last, ahead, *counts)


def remembered_in(folder: Path, origin: str) -> list[Checkpoint]:
    """The checkpoints of an installation that lie in a folder outside. BadInput not_json for a file that is none."""
    found = []
    for path in sorted(folder.glob(f"{origin}-[0-9]*.json")):
        try:
            found.append(checkpoint_of(json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, KeyError, TypeError):
            raise BadInput(why="not_json", text=path.name) from None
    return found


def _known(store: Store) -> tuple[int, set[str]]:
    """The newest checkpoint's number, and every digest of the table."""
    rows: list[dict[str, Any]] = store.rows(EVERY)
    number = int(json.loads(rows[-1]["body"]).get("number") or 0) if rows else 0
    return number, {row["digest"] for row in rows}


def _files(store: Store) -> Iterator[Row]:
    after = 0
    while rows := store.rows(FILES, id=after):
        yield from rows
        after = rows[-1]["id"]


def _opens(vault: Vault, row: Row) -> bool:
    """Is a file whole under the keys that came back with it?"""
    try:
        with open_file(vault, row):
            return True
    except Conflict:
        return False
