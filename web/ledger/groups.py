"""A ledger page in groups: by limit or by any other dimension, each with its number, its address and its most urgent rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from flask_babel import gettext

from web.language import current_language
from web.ledger.dimensions import DUE, Dimension, alike_together, asks_for, find_dimension
from web.ledger.listing import Listing, shown
from web.ledger.questions import FLAGS, GROUP, WINDOW, Asked
from workflow.reads import ledger
from workflow.reads.counts import Figure
from workflow.reads.groups import Group as Counted
from workflow.reads.groups import group_by
from workflow.reads.rows import LedgerRow

ROWS_EACH = 5
# Beyond so many groups only their heads are shown: each unfolded one is a walk of its own.
UNFOLDED = 12
SOON, NEAR = 10, 20


@dataclass(frozen=True, slots=True)
class Group:
    """The head of a group with its first rows. `asked` is the address that shows all of it."""

    sign: str
    title: str
    count: int | str
    href: str
    remark: str
    rows: tuple[LedgerRow, ...] = ()


def groups_of(listing: Listing, grouping: str) -> tuple[Group, ...]:
    """The groups that have rows, in their order: limits by urgency, places and organs in the county's own order."""
    dimension = find_dimension(listing, grouping)
    assert dimension is not None, "grouping_of refuses what is none"
    heads = list(_by_limit(listing) if grouping == DUE else _by_value(listing, grouping, dimension))
    queries = [listing.query_for(asked) for asked, _group in heads[:UNFOLDED]]
    found = ledger.first_rows(listing.store, listing.occasion, listing.actor, queries, limit=ROWS_EACH)
    found += [()] * (len(heads) - len(found))
    return tuple(replace(group, rows=rows) for (_asked, group), rows in zip(heads, found, strict=True))


def _head(
    listing: Listing, changes: dict[str, str | None], sign: str, title: str, figure: Figure, late: int
) -> tuple[Asked, Group]:
    asked = listing.asked.with_(**{GROUP: None, **changes})
    remark = gettext("其中逾期%(n)s项", n=late) if late else ""
    return asked, Group(sign, title, shown(figure), asked.link(listing.base), remark)


def _by_limit(listing: Listing) -> Iterator[tuple[Asked, Group]]:
    params = listing.asked.params
    for sign, title, changes in _limits(listing):
        if any(name in params and name in changes and changes[name] != params[name] for name in FLAGS):
            continue
        asked, group = _head(listing, changes, sign, title, Figure(0), 0)
        figure = listing.count(asked)
        if figure.n:
            yield asked, replace(group, count=shown(figure))


def _limits(listing: Listing) -> Iterator[tuple[str, str, dict[str, str | None]]]:
    """The stretches of the limit: those that are over, those that end soon, and the rest, each row in one of them."""
    today, query = listing.query.as_of or listing.today, listing.query

    def between(first: int | None, last: int | None) -> dict[str, str | None]:
        starts = [day for day in (query.due_from, today + timedelta(first) if first is not None else None) if day]
        ends = [day for day in (query.due_to, today + timedelta(last) if last is not None else None) if day]
        days = {"from": max(starts).isoformat() if starts else None, "to": min(ends).isoformat() if ends else None}
        return {"past": "0", WINDOW: None, **days}

    yield "late", gettext("逾期"), {"past": "1"}
    yield "soon", gettext("10天内到期"), between(None, SOON)
    yield "ok", gettext("20天内到期"), between(SOON + 1, NEAR)
    yield "ok", gettext("20天以后到期"), between(NEAR + 1, None)
    yield "open", gettext("没有期限"), {"past": "0", "dated": "0"}
    if query.band in ("closed", "all"):
        yield "closed", gettext("已办结"), {"band": "closed", "past": None}


def _by_value(listing: Listing, grouping: str, dimension: Dimension) -> Iterator[tuple[Asked, Group]]:
    found = group_by(listing.store, listing.occasion, listing.actor, listing.query, grouping)
    for counted in alike_together(found, current_language()) if grouping == "state" else found:
        changes = asks_for(listing, grouping, dimension.name, counted.key)
        yield _head(listing, changes, "open", _title(counted, dimension), counted.rows, counted.late)


def _title(counted: Counted, dimension: Dimension) -> str:
    if counted.key is None:
        return str(gettext(dimension.missing))
    return dimension.words(counted.key) if dimension.words else counted.label.in_(current_language())
