"""Facts that a version has begun to list by: how far the cases of its kind are found by them.

A case that comes under the version brings its facts with it (context.py). Those that stay under an older one, the closed ones
among them, are told batch by batch (former.py); until then a filter by such a fact does not know them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, bindparam, delete, select, update

from workflow.models import NewlyListed
from workflow.statements import Prepared
from workflow.store import Store, table_of

_newly = table_of(NewlyListed)
_of_kind = _newly.c.kind == bindparam("of_kind")
WAITING = Prepared(select(_newly).order_by(_newly.c.kind, _newly.c.after_id, _newly.c.field))
LOCKED = Prepared(select(_newly).order_by(_newly.c.kind, _newly.c.after_id, _newly.c.field).with_for_update())
CLEAR = Prepared(delete(_newly).where(_of_kind, _newly.c.field == bindparam("of_field")))
_same = and_(_of_kind, _newly.c.after_id == bindparam("before_id"))
ADVANCE = Prepared(update(_newly).where(_same).values(after_id=bindparam("reached_id")))
END = Prepared(delete(_newly).where(_same))
END_ALL = Prepared(delete(_newly))


def begin(store: Store, kind: str, fields: Iterable[str]) -> None:
    """No case of the kind is found by these facts yet."""
    for field in sorted(fields):
        store.run(CLEAR, of_kind=kind, of_field=field)
        store.insert(NewlyListed, [{"kind": kind, "field": field, "after_id": 0}])


def waiting(store: Store) -> dict[str, dict[str, int]]:
    """By kind the facts that not all of its cases are found by yet, each with the id up to which they are."""
    found: dict[str, dict[str, int]] = {}
    for row in store.rows(WAITING):
        found.setdefault(row["kind"], {})[row["field"]] = row["after_id"]
    return found


def lock_first(store: Store) -> tuple[str, int, list[str]] | None:
    """Of one kind the facts that its cases are to be told by next, and after which id; None where nothing waits.

    Nobody else goes on with them until the end of the transaction.
    """
    rows = store.rows(LOCKED)
    if not rows:
        return None
    kind, after = rows[0]["kind"], rows[0]["after_id"]
    return kind, after, [row["field"] for row in rows if (row["kind"], row["after_id"]) == (kind, after)]


def advance(store: Store, kind: str, before: int, reached: int | None) -> None:
    """The facts that stood at `before` stand at `reached`; None: every case is found by them."""
    if reached is None:
        store.run(END, of_kind=kind, before_id=before)
    else:
        store.run(ADVANCE, of_kind=kind, before_id=before, reached_id=reached)


def end_all(store: Store) -> None:
    """Every case is found by every fact that it is listed by."""
    store.run(END_ALL)
