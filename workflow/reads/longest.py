"""The cases that are late the longest, today or as they stood on a past day."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads import ledger
from workflow.reads.counts import scope_of
from workflow.reads.query import Query, values_of
from workflow.reads.rows import LedgerRow
from workflow.reads.stood import source_of, standing_of
from workflow.store import Store
from workflow.types import Actor


def longest_late(store: Store, occasion: Occasion, actor: Actor, query: Query, *, limit: int) -> tuple[LedgerRow, ...]:
    """The first rows of what is late in a query, the longest first, whatever its band."""
    late = replace(query, band="late")
    at = standing_of(query.as_of, occasion.catalogue)
    chosen = select(CASES.c.id).select_from(source_of(query.as_of)).where(scope_of(actor, occasion.catalogue, late))
    wanted = chosen.order_by(at.overdue_since, CASES.c.id).limit(limit).params(**values_of(late, occasion))
    ids = tuple(row["id"] for row in store.select(wanted))
    rows = ledger.page(store, occasion, actor, replace(late, ids=ids), limit=limit).rows if ids else ()
    return tuple(sorted(rows, key=lambda row: ids.index(row.id)))
