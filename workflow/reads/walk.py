"""The ordered walk through the ledger: which ids come next, for this reader, in this order.

Each scope of the reader (an organ in a relation) and each kind is one probe: `… ORDER BY due_on, id LIMIT n` over one index.
The probes are united, which drops what two scopes share, and ordered once more. `present` is the union of those scopes by
construction, so the walk shows exactly what the counts count; a property test compares the two. Nothing is ever skipped by
OFFSET: a page begins after the key of the last row before it, so a deep page costs what the first one does.

Segments follow each other: open with a date, open without, closed, seen only as it was when handed on (by id alone, so that its
place says nothing of what came later). Where instructed cases come first (practice.md §8.1), those that are open stand in two
segments of their own before them, and those that are closed in one before the other closed ones. Orders by something else than
the limit have one segment instead of all but the last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, false, func, literal, not_, null, select, tuple_, union
from sqlalchemy.sql.elements import ColumnElement

from states.errors import BadInput
from workflow.definitions import Catalogue
from workflow.models import Area, Facet
from workflow.models.columns import time_from_text
from workflow.permissions import CASES
from workflow.reads.facets import has_facet
from workflow.reads.query import Cursor, Query, filters, kinds_of
from workflow.reads.rows import INSTRUCTED
from workflow.reads.sight import hidden, past_only, present, present_scopes
from workflow.reads.stood import limit_then, standing_of, stood_so
from workflow.statements import Kept, Prepared, Shared
from workflow.store import table_of
from workflow.text import canonical
from workflow.types import Actor

FIRST_DATED, FIRST_UNDATED, DATED, UNDATED, FIRST_CLOSED, CLOSED, PAST = range(7)
# Segments of instructed cases alone, and what they are beside that; those that are ordered by a date; orders by the limit.
FIRST = {FIRST_DATED: DATED, FIRST_UNDATED: UNDATED, FIRST_CLOSED: CLOSED}
BY_DATE = (FIRST_DATED, DATED)
BY_LIMIT = ("due", "instructed")
# SQLite takes 500 terms in a union; who has more scopes than this (a hundred kinds, say) is asked in one probe of all of them.
MOST_SCOPES = 80
_TOWNSHIP, _VILLAGE = table_of(Area).alias("township"), table_of(Area).alias("village")
_facet = table_of(Facet)
_JOINED = CASES.outerjoin(_TOWNSHIP, _TOWNSHIP.c.id == CASES.c.subject_township_id).outerjoin(
    _VILLAGE, _VILLAGE.c.id == CASES.c.subject_village_id
)


@dataclass(frozen=True)
class Order:
    """Key columns before the id, and how a cursor's text becomes their values. `walks`: an index serves it."""

    keys: tuple[ColumnElement[Any], ...]
    read: Callable[[Any], Any]
    walks: bool = False


# Numbers are given in the order of ids inside a kind; as text, 10 would come before 2.
ORDERS = {
    **dict.fromkeys(BY_LIMIT, Order((CASES.c.due_on,), date.fromisoformat, walks=True)),
    "number": Order((CASES.c.kind,), str, walks=True),
    # By what everybody who reads a case is told of it: a place by any other change would tell its hour (R19).
    "changed": Order((CASES.c.told_at,), time_from_text),
    "official": Order(
        (
            func.coalesce(_TOWNSHIP.c.official_order, -1),
            func.coalesce(_TOWNSHIP.c.id, 0),
            func.coalesce(_VILLAGE.c.official_order, -1),
            func.coalesce(_VILLAGE.c.id, 0),
        ),
        int,
    ),
}


def order_of(query: Query) -> Order:
    """The order that the query asks for: of a past day by the limits of that day, which no index has."""
    if query.sort not in BY_LIMIT or query.as_of is None:
        return ORDERS[query.sort]
    return Order((limit_then(query.as_of),), date.fromisoformat)


def segments_of(query: Query) -> tuple[int, ...]:
    """The segments that can hold rows of this query, in their order."""
    if query.sort not in BY_LIMIT:
        found = [DATED]
    else:
        every = range(PAST) if query.sort == "instructed" else (DATED, UNDATED, CLOSED)
        closed = (FIRST_CLOSED, CLOSED)
        if query.band == "all" or query.as_of is not None:
            found = list(every)
        else:
            found = [segment for segment in every if (segment in closed) is (query.band == "closed")]
    return tuple(found if query.asks_present else [*found, PAST])


# ---- the statement --------------------------------------------------------------------------------------------------------

_KEPT = Kept()


def statement(
    actor: Actor, catalogue: Catalogue, query: Query, segments: tuple[int, ...], *, after: bool, dialect: str
) -> Prepared:
    """The next rows of these segments, bound by `limit`, `values_of`, and, with `after`, the cursor's key.

    Written once per reader, query and set of served versions. Segments in falling order, with the query's own order turned
    round, walk backwards.
    """
    versions = tuple(sorted(served.version_id for served in catalogue.by_id.values()))
    key = (actor.person_id, actor.sees_all, actor.grants, versions, query, segments, after)
    return _KEPT.get(key, dialect, lambda: _write(actor, catalogue, query, segments, after, dialect))


def _write(
    actor: Actor, catalogue: Catalogue, query: Query, segments: tuple[int, ...], after: bool, dialect: str
) -> Select[Any]:
    probes = [
        probe
        for segment in segments
        for probe in _probes(actor, catalogue, query, segment, after=after and segment == segments[0], dialect=dialect)
    ]
    # Who has no scope at all finds nothing.
    probes = probes or [select(literal(PAST).label("segment"), CASES.c.id).where(false())]
    found = union(*[select(probe.subquery()) for probe in probes]).subquery("found")
    order = order_of(query)
    keys = [case((found.c.segment == PAST, null()), else_=key) for key in order.keys]
    chosen = select(CASES, found.c.segment, *[key.label(f"key{n}") for n, key in enumerate(order.keys)])
    chosen = chosen.select_from(_JOINED.join(found, found.c.id == CASES.c.id))
    segment = found.c.segment.desc() if segments[0] > segments[-1] else found.c.segment
    return chosen.order_by(segment, *_directed(query, [*keys, CASES.c.id])).limit(bindparam("limit"))


def _probes(
    actor: Actor, catalogue: Catalogue, query: Query, segment: int, *, after: bool, dialect: str
) -> Iterable[Select[Any]]:
    order = order_of(query)
    # The same in every probe: who has many scopes would wait for it to be written out for each of them.
    shown = hidden(actor, catalogue)
    where: list[ColumnElement[bool]] = [
        Shared(and_(filters(query, catalogue, actor), shown, *_segment(query, catalogue, segment)))
    ]
    if segment == PAST:
        past = past_only(actor, catalogue)
        if past is not None:
            kind = CASES.c.kind.in_(kinds_of(query, catalogue))
            where += [past, kind, *(_beyond(query, [CASES.c.id], dialect)[0] if after else [])]
            yield _probe(where, query, segment, [CASES.c.id])
        return
    keys = list(order.keys) if segment in BY_DATE else []
    ways = _beyond(query, [*keys, CASES.c.id], dialect) if after else [[]]
    is_few = segment in FIRST and query.as_of is None
    for scope in _scopes(actor, catalogue, query, walks=order.walks and not is_few):
        for beyond in ways:
            told = [scope, *where, *beyond]
            yield _probe(_of_few(told) if is_few else told, query, segment, [*order.keys, CASES.c.id])


def _of_few(where: list[ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    """The conditions on instructed cases, which are few: found by their facet, and asked the rest one by one.

    Said plainly, the rest would have SQLite, which counts nothing beforehand, walk an index of all cases for those few.
    """
    marked = select(_facet.c.case_id).where(_facet.c.field == INSTRUCTED, _facet.c.value == str(True))
    return [CASES.c.id.in_(marked), case((and_(*where), 1), else_=0) == 1]


def _scopes(actor: Actor, catalogue: Catalogue, query: Query, *, walks: bool) -> Iterable[ColumnElement[bool]]:
    kinds = kinds_of(query, catalogue)
    if walks:
        scopes = [scope for kind in kinds for scope in present_scopes(actor, catalogue, kind)]
        if len(scopes) <= MOST_SCOPES:
            return scopes
    return [and_(present(actor, catalogue), CASES.c.kind.in_(kinds))] if kinds else []


def _segment(query: Query, catalogue: Catalogue, segment: int) -> list[ColumnElement[bool]]:
    if query.sort not in BY_LIMIT or segment == PAST:
        return []
    at, of = standing_of(query.as_of, catalogue), FIRST.get(segment, segment)
    dated = at.due_on.is_not(None) if of == DATED else at.due_on.is_(None)
    here = [at.final] if of == CLOSED else [at.open, dated]
    here = here if query.as_of is None else [stood_so(query.as_of, here)]
    if query.sort != "instructed":
        return here
    is_first = has_facet(query.as_of, INSTRUCTED, (str(True),))
    if segment in FIRST:
        return here if query.as_of is None else [*here, is_first]
    return [*here, not_(is_first)]


def _probe(where: list[ColumnElement[bool]], query: Query, segment: int, order: list[ColumnElement[Any]]) -> Select[Any]:
    source = _JOINED if query.sort == "official" else CASES
    chosen = select(literal(segment).label("segment"), CASES.c.id).select_from(source).where(*where)
    return chosen.order_by(*_directed(query, order)).limit(bindparam("limit"))


def _directed(query: Query, keys: list[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    return [key.desc() if query.descending else key.asc() for key in keys]


def _beyond(query: Query, keys: list[ColumnElement[Any]], dialect: str) -> list[list[ColumnElement[bool]]]:
    """The rows after the cursor, whose values are bound as `at0`, `at1` … and `at_id`, as conditions of one probe each.

    SQLite seeks an index by the first key of a comparison of rows only, and would walk all that fall due on one day: there what
    has the cursor's own key and what comes after it are two probes.
    """
    bound = [bindparam(f"at{n}", type_=key.type) for n, key in enumerate(keys[:-1])]
    last = bindparam("at_id", type_=CASES.c.id.type)
    if dialect == "sqlite" and len(bound) == 1:
        return [[keys[0] == bound[0], _after(query, keys[1], last)], [_after(query, keys[0], bound[0])]]
    return [[_after(query, tuple_(*keys), tuple_(*bound, last))]]


def _after(query: Query, here: Any, there: Any) -> ColumnElement[bool]:
    compared: ColumnElement[bool] = here < there if query.descending else here > there
    return compared


# ---- the cursor -----------------------------------------------------------------------------------------------------------


def bound(query: Query, after: Cursor | None) -> dict[str, Any]:
    """What `_beyond` binds; BadInput for a cursor of another order."""
    if after is None:
        return {}
    order = order_of(query)
    wanted = len(order.keys) if after.segment in BY_DATE else 0
    if after.segment not in segments_of(query) or len(after.key) != wanted:
        raise BadInput(why="cursor")
    try:
        values = [order.read(value) for value in after.key]
    except (ValueError, TypeError) as error:
        raise BadInput(why="cursor") from error
    return {**{f"at{n}": value for n, value in enumerate(values)}, "at_id": after.id}


def cursor_after(row: dict[str, Any], query: Query) -> Cursor:
    """The place after this row; its key is as plain as a URL gives it back."""
    keys = order_of(query).keys if row["segment"] in BY_DATE else ()
    plain = json.loads(canonical([row[f"key{n}"] for n in range(len(keys))]))
    return Cursor(row["segment"], tuple(plain), row["id"])
