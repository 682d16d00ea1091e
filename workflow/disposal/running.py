"""The run of a disposal that was granted: case by case, each in a transaction of its own, by whoever comes by.

A case that is no longer free (reopened, held back, linked with an open one) stays, with the reason. What broke off goes on with
the next ring: an item waits until its own transaction has settled it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from states.errors import DomainError, OutcomeUnknown
from workflow.cases import lock_any
from workflow.desk import Desk
from workflow.disposal.appraisal import handled_by, holds_of
from workflow.disposal.deciding import class_of, has_run_out
from workflow.disposal.destroying import destroy
from workflow.models import Disposal, DisposalItem
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

Write = Callable[[Callable[[Desk], set[str]]], set[str]]

_disposal, _item = table_of(Disposal), table_of(DisposalItem)
_granted = _disposal.c.granted.is_(True)
WAITING = Prepared(
    select(_item.c.disposal_id, _item.c.case_id)
    .join(_disposal, _disposal.c.id == _item.c.disposal_id)
    .where(_item.c.status == "waiting", _granted)
    .order_by(_item.c.disposal_id, _item.c.case_id)
    .limit(bindparam("limit"))
)
LOCKED = Prepared(
    select(_item, _disposal)
    .join(_disposal, _disposal.c.id == _item.c.disposal_id)
    .where(
        _item.c.disposal_id == bindparam("disposal_id"), _item.c.case_id == bindparam("case_id"), _item.c.status == "waiting"
    )
    .with_for_update()
)
LEFT = Prepared(select(_item.c.case_id).where(_item.c.disposal_id == bindparam("id"), _item.c.status == "waiting").limit(1))


def waiting(store: Store, limit: int) -> list[tuple[int, int]]:
    """(disposal, case) of what was granted and is not settled yet."""
    return [(row["disposal_id"], row["case_id"]) for row in store.rows(WAITING, limit=limit)]


def settle(write: Write, disposal_id: int, case_id: int) -> set[str]:
    """Settles one; the digests of files whose bytes may go now. One that cannot be done is kept as failed, and said so."""
    try:
        return write(partial(_settle, disposal_id=disposal_id, case_id=case_id))
    except OutcomeUnknown:
        return set()  # The next ring looks whether it was done.
    except (DomainError, SQLAlchemyError):
        return write(partial(_fail, disposal_id=disposal_id, case_id=case_id))


def _settle(desk: Desk, disposal_id: int, case_id: int) -> set[str]:
    found = desk.store.row(LOCKED, disposal_id=disposal_id, case_id=case_id)
    if found is None:
        return set()
    file = lock_any(desk.store, desk.context, case_id, desk.occasion)
    why = _kept_for(desk, file_id=case_id, found=found) or ("" if has_run_out(desk, file) else "not_due")
    if why:
        _say(desk, found, "kept", why)
        return set()
    retention = class_of(desk, file)
    assert retention is not None, "its time has run out"
    stone: Row = {
        name: found[name] for name in ("proposed_by", "proposed_at", "reason", "decided_by", "decided_at", "approval")
    }
    stone |= {"retention": retention.key, "closed_on": file.row["closed_on"], "restored": False}
    digests = destroy(desk, file, {**stone, "due_on": retention.due_on(file.row["closed_on"])})
    _say(desk, found, "done", "")
    return digests


def _kept_for(desk: Desk, *, file_id: int, found: Row) -> str:
    """What has come between since it was granted, or ""."""
    holds = holds_of(desk.store, [file_id], but=found["disposal_id"])[file_id]
    if holds:
        return holds[0]
    return "handled" if handled_by(desk.store, [file_id], (found["proposed_by"], found["decided_by"])) else ""


def _fail(desk: Desk, disposal_id: int, case_id: int) -> set[str]:
    found = desk.store.row(LOCKED, disposal_id=disposal_id, case_id=case_id)
    if found is not None:
        _say(desk, found, "kept", "failed")
    return set()


def _say(desk: Desk, found: Row, status: str, why: str) -> None:
    key = {"disposal_id": found["disposal_id"], "case_id": found["case_id"]}
    desk.store.update(DisposalItem, {"status": status, "why": why, "settled_at": desk.occasion.now}, **key)
    if desk.store.row(LEFT, id=found["disposal_id"]) is None:
        desk.store.update(Disposal, {"finished_at": desk.occasion.now}, id=found["disposal_id"])


def settle_all(
    read: Callable[[Callable[[Store], list[tuple[int, int]]]], list[tuple[int, int]]],
    write: Write,
    limit: int,
) -> tuple[int, Iterable[str]]:
    """The next `limit` that wait, oldest first; how many were settled, and the digests of files whose bytes may go."""
    found = read(partial(waiting, limit=limit))
    digests: set[str] = set()
    for disposal_id, case_id in found:
        digests |= settle(write, disposal_id, case_id)
    return len(found), digests
