"""What was disposed of does not come back with a backup: its tombstones are listed beside the backups, and are set again (R73).

The list names ids, days and the number of the paper that approved it, and no words: what was written as the reason stays in the
database that was lost, and in that paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from workflow.cases import lock_any
from workflow.desk import Desk
from workflow.disposal.destroying import destroy
from workflow.models import Case, Person, Tombstone
from workflow.models.columns import time_from_text, time_to_text
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

DAYS, TIMES = ("closed_on", "due_on"), ("proposed_at", "decided_at")
PLAIN = ("retention", "proposed_by", "decided_by", "approval")

_stone, _case, _person = table_of(Tombstone), table_of(Case), table_of(Person)
KNOWN = Prepared(select(_person.c.id).where(_person.c.id == bindparam("id")))
STONES = Prepared(select(_stone).order_by(_stone.c.case_id))
STANDS = Prepared(select(_stone.c.case_id).where(_stone.c.case_id == bindparam("case_id")))
THERE = Prepared(select(_case.c.id).where(_case.c.id == bindparam("case_id")))


def told_now(store: Store) -> dict[str, Any]:
    """Every tombstone as the list says it, by the case's id as text."""
    return {str(row["case_id"]): _told(row) for row in store.rows(STONES)}


def _told(row: Row) -> dict[str, Any]:
    days = {name: row[name].isoformat() for name in DAYS}
    times = {name: time_to_text(row[name]) for name in TIMES}
    return {**{name: row[name] for name in PLAIN}, **days, **times}


def left_to_do(store: Store, listed: Mapping[str, Any]) -> list[int]:
    """The cases of the list that came back whole; one that the backup does not know yet is none."""
    return [int(case_id) for case_id in listed if _is_whole(store, int(case_id))]


def _is_whole(store: Store, case_id: int) -> bool:
    return store.row(THERE, case_id=case_id) is not None and store.row(STANDS, case_id=case_id) is None


def dispose_again(desk: Desk, case_id: int, told: Mapping[str, Any]) -> set[str]:
    """Disposes of a case that came back; the digests of its files."""
    file = lock_any(desk.store, desk.context, case_id, desk.occasion)
    days = {name: date.fromisoformat(told[name]) for name in DAYS}
    times = {name: time_from_text(told[name]) for name in TIMES}
    plain = {name: told[name] for name in PLAIN}
    for who in ("proposed_by", "decided_by"):
        # The backup may be from before he had an account; the list and the paper still know him.
        plain[who] = told[who] if desk.store.row(KNOWN, id=told[who] or 0) else None
    return destroy(desk, file, {**plain, **days, **times, "reason": "", "restored": True})
