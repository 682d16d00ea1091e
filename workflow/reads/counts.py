"""Figures of the ledger: how many are open, how many late, how late, at whose door. Each number is that of the rows behind it.

Everything is counted by the same selectable that the list shows, and told up to a cap, beyond which a figure says “10,000+”.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, false, func, literal, select, union_all

from workflow.definitions import Catalogue
from workflow.models.columns import BigId
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads import bands
from workflow.reads.query import Query, filters, kinds_of, values_of
from workflow.reads.rows import organ_name
from workflow.reads.sight import disjoint, past_only, present
from workflow.reads.stood import occasion_of, source_of, standing_of
from workflow.statements import Kept, Prepared
from workflow.store import Store
from workflow.types import Actor

CAP = 10_000
BUCKETS = {"late_1_10": "1-10", "late_11_30": "11-30", "late_over_30": "30+"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number; `is_capped`: there are more than the cap, which is what `n` says."""

    n: int
    is_capped: bool = False


@dataclass(frozen=True, slots=True)
class AtDoor:
    """How many late cases lie with one holder."""

    holder_id: int
    holder: str
    figure: Figure


NOUGHT = Figure(0)


@dataclass(frozen=True, slots=True)
class Counts:
    """The strip above the ledger. `late` is the sum of its three buckets; `soon` are due within ten days and not late.

    `closed_counted` are those closed on a ground that counts; `close_out_rate` is their share, in per cent with one decimal,
    of themselves and all that is open, None where there is neither, or more of them than are counted here.
    """

    open: Figure = NOUGHT
    late: Figure = NOUGHT
    late_1_10: Figure = NOUGHT
    late_11_30: Figure = NOUGHT
    late_over_30: Figure = NOUGHT
    late_by_holder: tuple[AtDoor, ...] = ()
    soon: Figure = NOUGHT
    to_sign: Figure = NOUGHT
    doing: Figure = NOUGHT
    waiting_check: Figure = NOUGHT
    closed: Figure = NOUGHT
    closed_counted: Figure = NOUGHT
    close_out_rate: float | None = None


def counts(store: Store, occasion: Occasion, actor: Actor, query: Query, *, cap: int = CAP) -> Counts:
    """The figures for the query's filters, whatever its band. Two statements."""
    wide = replace(query, band="all")
    values = {"over": cap + 1, **values_of(query, occasion)}
    told = store.row(_kept(store, actor, occasion.catalogue, wide, _strip), **values) or {}
    doors = store.rows(_kept(store, actor, occasion.catalogue, wide, _doors), **values)
    found = {name: _figure(n, cap) for name, n in told.items()}
    tree = occasion_of(query.as_of, occasion).tree
    at_door = [AtDoor(row["holder_id"], organ_name(tree, row["holder_id"]), _figure(row["n"], cap)) for row in doors]
    order = {organ.id: organ.official_order for organ in tree.organs.values()}
    at_door.sort(key=lambda door: (-door.figure.n, order.get(door.holder_id, 0), door.holder_id))
    closed_out, standing = found["closed_counted"], found["open"]
    rate = None if closed_out.is_capped or standing.is_capped else close_out_rate(closed_out.n, standing.n)
    return Counts(**found, late_by_holder=tuple(at_door), close_out_rate=rate)


def count_of(store: Store, occasion: Occasion, actor: Actor, query: Query, *, cap: int = CAP) -> Figure:
    """How many rows `ledger.page` would show for this very query. One statement."""
    values = {"over": cap + 1, **values_of(query, occasion)}
    row = store.row(_kept(store, actor, occasion.catalogue, query, _one), **values)
    return _figure(row["n"] if row else 0, cap)


def is_nothing_shown(store: Store, occasion: Occasion, actor: Actor, kinds: tuple[str, ...]) -> bool:
    """Does the reader see no case at all of these kinds, open or closed, as it is or as it was?"""
    return not count_of(store, occasion, actor, Query(kinds=kinds, band="all"), cap=1).n


def _figure(n: int, cap: int) -> Figure:
    return Figure(min(n, cap), n > cap)


def on_time_rate(kept: int, missed: int) -> float | None:
    """Promises kept, of those that were kept or missed, in per cent; None where there is neither."""
    return round(kept * 100 / (kept + missed), 1) if kept + missed else None


def close_out_rate(counted: int, still_open: int) -> float | None:
    """Closed on a ground that counts, of that and all that is open, in per cent; None where there is neither."""
    whole = counted + still_open
    return round(counted * 100 / whole, 1) if whole else None


# ---- statements -----------------------------------------------------------------------------------------------------------

_KEPT = Kept()


def _kept(store: Store, actor: Actor, catalogue: Catalogue, query: Query, build: Any) -> Prepared:
    key = (actor.person_id, actor.sees_all, actor.grants, catalogue.stamp, query, build)
    return _KEPT.get(key, store.dialect, lambda: build(actor, catalogue, query))


def scope_of(actor: Actor, catalogue: Catalogue, query: Query) -> ColumnElement[bool]:
    """The rows of a query that the reader sees as they are now."""
    kind = CASES.c.kind.in_(kinds_of(query, catalogue))
    return and_(present(actor, catalogue), kind, filters(query, catalogue, actor))


def parts_of(actor: Actor, catalogue: Catalogue, query: Query) -> list[ColumnElement[bool]]:
    """The rows of `scope_of` in parts that share none; one that holds nothing for who stands in no relation to anything."""
    kind = CASES.c.kind.in_(kinds_of(query, catalogue))
    return [and_(part, kind, filters(query, catalogue, actor)) for part in disjoint(actor, catalogue)] or [false()]


def _capped(parts: Iterable[ColumnElement[bool]], *where: ColumnElement[bool], source: Any = CASES) -> Any:
    """How many rows, counted no further than `over`."""
    rows = [select(literal(1).label("one")).select_from(source).where(part, *where) for part in parts]
    return select(func.count()).select_from(together(rows).limit(bindparam("over")).subquery()).scalar_subquery()


def together(selects: Sequence[Select[Any]]) -> Any:
    """The parts as one."""
    return union_all(*selects) if len(selects) > 1 else selects[0]


def _strip(actor: Actor, catalogue: Catalogue, query: Query) -> Select[Any]:
    parts, source = parts_of(actor, catalogue, query), source_of(query.as_of)
    at = standing_of(query.as_of, catalogue)
    # What is open is few beside what is closed: one walk over it counts every band of it, exactly.
    among = figures_of(catalogue, at)
    figures: list[Any] = [func.count().label("open"), *[func.count().filter(where).label(n) for n, where in among.items()]]
    each = together([select(*figures).select_from(source).where(part, at.open) for part in parts]).subquery()
    found: list[Any] = [func.sum(column).cast(BigId).label(column.key) for column in each.c]
    found.append(_capped(parts, at.final, source=source).label("closed"))
    found.append(_capped(parts, bands.closed_out(catalogue, at), source=source).label("closed_counted"))
    return select(*found).select_from(each)


def figures_of(catalogue: Catalogue, at: bands.Standing = bands.NOW) -> dict[str, ColumnElement[bool]]:
    """The figures among what is open, by name."""
    among = {band: bands.in_band(band, catalogue, at) for band in ("late", "soon", "to_sign", "doing", "waiting_check")}
    return among | {name: bands.late_by(bucket, at) for name, bucket in BUCKETS.items()}


def _doors(actor: Actor, catalogue: Catalogue, query: Query) -> Select[Any]:
    parts, source = parts_of(actor, catalogue, query), source_of(query.as_of)
    at = standing_of(query.as_of, catalogue)
    late = together([select(at.holder_id.label("holder_id")).select_from(source).where(part, at.late) for part in parts])
    some = late.limit(bindparam("over")).subquery()
    return select(some.c.holder_id, func.count().label("n")).group_by(some.c.holder_id)


def _one(actor: Actor, catalogue: Catalogue, query: Query) -> Select[Any]:
    shown = _capped(parts_of(actor, catalogue, query))
    past = None if query.asks_present else past_only(actor, catalogue)
    if past is None:
        return select(shown.label("n"))
    kind = CASES.c.kind.in_(kinds_of(query, catalogue))
    return select((shown + _capped([past], kind, filters(query, catalogue, actor))).label("n"))
