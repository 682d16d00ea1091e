"""The ledger, a page at a time, for whoever looks at it. At most six statements, whatever the scope and the depth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads import walk
from workflow.reads.query import Cursor, Query, values_of
from workflow.reads.rows import LedgerRow, rows_of
from workflow.reads.stood import measures_then, occasion_of, rows_then
from workflow.statements import Prepared, Row
from workflow.store import Store
from workflow.types import Actor

LIMIT, MOST = 50, 500
# A county has thousands; the figures of so many are counted in a fraction of a second.
LONG = 50_000
NEWEST = Prepared(select(func.max(CASES.c.id).label("id")))


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in their order, where the next page begins, and where the one before ends; None where there is none."""

    rows: tuple[LedgerRow, ...]
    next_cursor: Cursor | None
    previous_cursor: Cursor | None = None


def page(
    store: Store, occasion: Occasion, actor: Actor, query: Query, *, after: Cursor | None = None, limit: int = LIMIT
) -> Page:
    """The next `limit` rows (at most 500) after the cursor. BadInput for a cursor that does not fit the query."""
    limit = max(1, min(limit, MOST))
    stored = _walk(store, occasion, actor, query, after, limit + 1)
    rows = _rows_of(store, occasion, actor, query, stored[:limit])
    onward = walk.cursor_after(stored[limit - 1], query) if len(stored) > limit else None
    return Page(tuple(rows), onward, walk.cursor_after(stored[0], query) if after and stored else None)


def page_before(store: Store, occasion: Occasion, actor: Actor, query: Query, *, before: Cursor, limit: int = LIMIT) -> Page:
    """The `limit` rows (at most 500) before the cursor, in the query's order; the first page where none are left before it."""
    limit = max(1, min(limit, MOST))
    stored = _walk(store, occasion, actor, query, before, limit + 1, back=True)[::-1]
    kept = stored[-limit:]
    if not kept:
        return page(store, occasion, actor, query, limit=limit)
    ends = [walk.cursor_after(row, query) for row in (kept[0], kept[-1])]
    rows = _rows_of(store, occasion, actor, query, kept)
    return Page(tuple(rows), ends[1], ends[0] if len(stored) > limit else None)


def first_rows(
    store: Store, occasion: Occasion, actor: Actor, queries: Iterable[Query], *, limit: int
) -> list[tuple[LedgerRow, ...]]:
    """The first rows of each query: one walk each, and the rest of the rows' facts for all of them together.

    The queries are of the same day.
    """
    queries = list(queries)
    stored = [_walk(store, occasion, actor, query, None, limit) for query in queries]
    together = [row for found in stored for row in found]
    rows = iter(_rows_of(store, occasion, actor, queries[0], together) if queries else ())
    return [tuple(islice(rows, len(found))) for found in stored]


def to_check(store: Store, occasion: Occasion, actor: Actor, kinds: tuple[str, ...]) -> tuple[int, ...]:
    """The most urgent cases whose reported work the actor himself may check next: at most as many as one page may have."""
    found = page(store, occasion, actor, Query(kinds=kinds, band="waiting_check"), limit=MOST)
    return tuple(row.id for row in found.rows if row.is_checking and row.next is not None and row.next.is_open)


def is_long(store: Store) -> bool:
    """Are there more cases than can be counted while somebody waits? One probe of an index."""
    newest = store.row(NEWEST)
    return newest is not None and (newest["id"] or 0) > LONG


def every_row(store: Store, occasion: Occasion, actor: Actor, query: Query) -> Iterator[LedgerRow]:
    """All rows of the query in their order, a page in memory at a time: what an export reads."""
    after: Cursor | None = None
    while True:
        found = page(store, occasion, actor, query, after=after, limit=MOST)
        yield from found.rows
        after = found.next_cursor
        if after is None:
            return


def first_ids(store: Store, occasion: Occasion, actor: Actor, query: Query, *, limit: int) -> list[int]:
    """The ids of the first rows of the query, as many as are asked for."""
    return [row["id"] for row in _walk(store, occasion, actor, query, None, limit)]


def _rows_of(store: Store, occasion: Occasion, actor: Actor, query: Query, stored: list[Row]) -> list[LedgerRow]:
    """The rows; those of a past day as they were, with no next step."""
    if query.as_of is None:
        return rows_of(store, occasion, actor, stored)
    then = replace(occasion_of(query.as_of, occasion), today=query.as_of)
    rows = rows_of(store, then, actor, rows_then(store, occasion.catalogue, then.tree, query.as_of, stored))
    counted = measures_then(store, occasion, actor, query.as_of, [row.id for row in rows if row.seen_upto is None])
    return [_without_today(row, *counted.get(row.id, (0, 0))) for row in rows]


def _without_today(row: LedgerRow, done: int, measures: int) -> LedgerRow:
    return replace(row, next=None, lacking=(), days_stayed=None, measures_done=done, measures=measures)


def _walk(
    store: Store, occasion: Occasion, actor: Actor, query: Query, after: Cursor | None, limit: int, *, back: bool = False
) -> list[Row]:
    """The stored rows: the segment of the cursor first, then, where it ends too soon, all that follow in one statement.

    `back`: those before the cursor, the nearest first.
    """
    values = values_of(query, occasion)
    cursor, segments = walk.bound(query, after), walk.segments_of(query)
    if back:
        query, segments = replace(query, descending=not query.descending), segments[::-1]
    first = segments.index(after.segment) if after else 0
    found = _rows(store, occasion, actor, query, segments[first : first + 1], {**values, **cursor}, limit, bool(after))
    rest = segments[first + 1 :]
    if len(found) < limit and rest:
        found += _rows(store, occasion, actor, query, rest, values, limit - len(found), False)
    return found


def _rows(
    store: Store,
    occasion: Occasion,
    actor: Actor,
    query: Query,
    segments: tuple[int, ...],
    values: dict[str, Any],
    limit: int,
    after: bool,
) -> list[Row]:
    prepared = walk.statement(actor, occasion.catalogue, query, segments, after=after, dialect=store.dialect)
    return store.rows(prepared, limit=limit, **values)
