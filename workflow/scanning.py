"""Verdicts of a scanner for malware: what waits for one is not handed out, what was found is kept and never handed out again.

A verdict is of bytes, by their digest: the same file on another case has it already. An installation without a scanner waits
for nothing, but holds back what one has found before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import bindparam, func, select

from states.errors import Conflict
from workflow.database import Database
from workflow.files import Vault, get_file, open_file
from workflow.models import Scan, StoredFile
from workflow.occasion import Occasion
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

BATCH = 20
# What a scanner says of bytes: the name of what it found, "" for nothing; None where it says nothing.
Look = Callable[[BinaryIO], str | None]

_file, _scan = table_of(StoredFile), table_of(Scan)
VERDICT = Prepared(select(_scan).where(_scan.c.digest == bindparam("digest")))
_WAITS = _scan.c.digest.is_(None)
WAITING = Prepared(
    select(_file.c.digest, func.min(_file.c.id).label("first"))
    .outerjoin(_scan, _scan.c.digest == _file.c.digest)
    .where(_WAITS)
    .group_by(_file.c.digest)
    .having(func.min(_file.c.id) > bindparam("after"))
    .order_by(func.min(_file.c.id))
    .limit(BATCH)
)
FOUND = Prepared(select(func.count().label("n")).where(_scan.c.found != ""))


def held(store: Store, digest: str, *, scans: bool) -> str:
    """Why the bytes are not handed out: file_infected, file_waiting (for the scanner that is there), or ""."""
    verdict = store.row(VERDICT, digest=digest)
    if verdict is None:
        return "file_waiting" if scans else ""
    return "file_infected" if verdict["found"] else ""


def get_scanned(store: Store, occasion: Occasion, actor: Actor, file_id: int, *, scans: bool) -> Row:
    """`files.get_file`; Conflict with the `held` of what is not handed out."""
    row = get_file(store, occasion, actor, file_id)
    why = held(store, row["digest"], scans=scans)
    if why:
        raise Conflict(why=why)
    return row


def scan_waiting(database: Database, vault: Vault, look: Look, now: datetime) -> dict[str, int]:
    """Has every file looked at that waits: how many are clean, infected, and still wait.

    What the scanner says nothing of, or is damaged, waits for the next time; the others go through.
    """
    counts, after = {"clean": 0, "infected": 0, "unanswered": 0}, 0
    while rows := _after(database, after):
        for row in rows:
            counts[_scan_one(database, vault, look, row["digest"], now)] += 1
        after = rows[-1]["first"]
    return counts


def _after(database: Database, after: int) -> list[Row]:
    return database.read(lambda store: store.rows(WAITING, after=after))


def _scan_one(database: Database, vault: Vault, look: Look, digest: str, now: datetime) -> str:
    try:
        with open_file(vault, {"digest": digest}) as content:
            found = look(content)
    except Conflict:  # the bytes are not what they were: nobody opens them, and a scan would vouch for others
        found = None
    if found is None:
        return "unanswered"
    row: dict[str, Any] = {"digest": digest, "found": found, "at": now}
    database.write(lambda store: store.insert(Scan, [row], ignore_conflict=True))
    return "infected" if found else "clean"


def count_infected(store: Store) -> int:
    """How many files are held back for what was found in them."""
    return int(store.rows(FOUND)[0]["n"])


def count_waiting(store: Store) -> int:
    """How many files have no verdict."""
    waiting = select(func.count(_file.c.digest.distinct()).label("n")).outerjoin(_scan, _scan.c.digest == _file.c.digest)
    return int(store.select(waiting.where(_WAITS))[0]["n"])
