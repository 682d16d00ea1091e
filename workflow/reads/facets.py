"""The facts that lists are filtered and grouped by, and the text that they are searched in: today's, or those of a past day.

Of a past day a case has what it has still and had by then, and what it has had until later (workflow/facets.py). Cases that
began later are no business of these conditions: a past day has only those that a spell covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import product

from sqlalchemy import ColumnElement, FromClause, Table, and_, bindparam, exists, false, func, or_, select, true, union_all

from workflow.dates import end_of
from workflow.definitions import Catalogue
from workflow.models import Facet, FormerFacet, FormerText, NewlyListed, SearchText
from workflow.permissions import CASES
from workflow.store import table_of

_facet, _former = table_of(Facet), table_of(FormerFacet)
_newly = table_of(NewlyListed)
_text, _former_text = table_of(SearchText), table_of(FormerText)


def facets_at(as_of: date | None, field: str) -> tuple[FromClause, ColumnElement[bool]]:
    """What to join with cases for the values of a fact, as `value`, and how."""
    if as_of is None:
        table: FromClause = _facet.alias("grouped_by")
        return table, and_(table.c.case_id == CASES.c.id, table.c.field == field)
    told = [select(one.c.case_id, one.c.value).where(one.c.field == field, held) for one, held in _of_day(as_of)]
    found = union_all(*told).subquery("grouped_by")
    return found, found.c.case_id == CASES.c.id


def has_facet(as_of: date | None, field: str, values: Sequence[str] | None = None) -> ColumnElement[bool]:
    """The cases that have one of these values of the fact; None: any."""
    found = []
    for table, held in [(_facet, true())] if as_of is None else _of_day(as_of):
        is_one = table.c.value.in_(values) if values is not None else true()
        where = and_(table.c.case_id == CASES.c.id, table.c.field == field, is_one, held)
        found.append(exists(select(table.c.case_id).where(where).correlate(CASES)))
    return or_(*found)


def _of_day(as_of: date) -> list[tuple[Table, ColumnElement[bool]]]:
    """Both tables, each with what of it held at the end of the day."""
    end = end_of(as_of)
    begun = [or_(table.c.from_at.is_(None), table.c.from_at < end) for table in (_facet, _former)]
    return [(_facet, begun[0]), (_former, and_(begun[1], _former.c.until_at >= end))]


def not_found_yet(catalogue: Catalogue, kinds: Iterable[str], fields: Iterable[str]) -> ColumnElement[bool]:
    """The cases under older versions that are still to be told by one of these facts (newly_listed.py)."""
    found: list[ColumnElement[bool]] = [false()]
    for kind, field in product(kinds, fields):
        older = CASES.c.definition_version_id.in_(catalogue.not_listing(kind, field))
        row = and_(_newly.c.kind == kind, _newly.c.field == field, _newly.c.after_id < CASES.c.id)
        found.append(and_(CASES.c.kind == kind, older, exists(select(_newly.c.kind).where(row).correlate(CASES))))
    return or_(*found)


def has_words(as_of: date | None) -> ColumnElement[bool]:
    """The cases in whose text the words of the box stand, bound as `words`."""
    # The box's words as the list's filter; `reads.search` finds them by index, here they narrow what is already narrow.
    like = _text.c.body.like(bindparam("words"), escape="\\")
    now = _text.c.case_id == CASES.c.id
    if as_of is None:
        return exists(select(_text.c.case_id).where(and_(now, like)).correlate(CASES))
    later = and_(_former_text.c.case_id == CASES.c.id, _former_text.c.until_at >= end_of(as_of))
    was = select(_former_text.c.body).where(later).order_by(_former_text.c.until_at).limit(1).correlate(CASES).scalar_subquery()
    stands = select(_text.c.body).where(now).correlate(CASES).scalar_subquery()
    return func.coalesce(was, stands).like(bindparam("words"), escape="\\")
