"""The ledger grouped by a dimension: how many rows, and how many of them late, under each value, in the county's own order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, select

from states.definition import Text
from states.errors import BadInput
from workflow.models import Facet
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.counts import CAP, Figure, scope_of
from workflow.reads.query import Query, kinds_of, values_of
from workflow.reads.rows import area_name, organ_name
from workflow.reads.stood import SPELL, source_of, standing_of
from workflow.store import Store, table_of
from workflow.types import Actor

DIMENSIONS = {
    "holder": CASES.c.holder_id,
    "supervisor": CASES.c.supervisor_id,
    "subject": CASES.c.subject_id,
    "township": CASES.c.subject_township_id,
    "village": CASES.c.subject_village_id,
    "assignee": CASES.c.assignee_id,
    "kind": CASES.c.kind,
    "state": CASES.c.state,
    "colour": CASES.c.colour,
}
# Dimensions that a past day has of its own.
OF_THE_DAY = {"holder": "holder_id", "subject": "subject_id", "state": "state"}
_ORGANS, _AREAS = ("holder", "supervisor", "subject"), ("township", "village")
_facet = table_of(Facet)


@dataclass(frozen=True, slots=True)
class Group:
    """One value of the dimension (None where a case has none), its words, and how many rows are under it, late ones beside."""

    key: Any
    label: Text
    rows: Figure
    late: int


def group_by(
    store: Store, occasion: Occasion, actor: Actor, query: Query, dimension: str, *, cap: int = CAP
) -> tuple[Group, ...]:
    """The groups of a query; `dimension` is a key of DIMENSIONS or a filterable fact. One statement.

    At most `cap` rows are counted; beyond them every figure is a lower bound and says so. Raises BadInput for a dimension
    that no kind asked for has.
    """
    column = _column(occasion, query, dimension)
    where = scope_of(actor, occasion.catalogue, query)
    late = case((standing_of(query.as_of, occasion.catalogue).late, 1), else_=0).label("late")
    source = source_of(query.as_of)
    if dimension not in DIMENSIONS:
        source = source.outerjoin(_facet, and_(_facet.c.case_id == CASES.c.id, _facet.c.field == dimension))
    chosen = select(column.label("key"), late).select_from(source)
    some = chosen.where(where).limit(cap + 1).subquery()
    grouped = select(some.c.key, func.count().label("n"), func.sum(some.c.late).label("late")).group_by(some.c.key)
    told = store.select(grouped.params(**values_of(query, occasion.today)))
    over = sum(row["n"] for row in told) > cap
    label, rank = _words(occasion, query, dimension), _ranks(occasion, dimension)
    groups = [Group(row["key"], label(row["key"]), Figure(row["n"], over), int(row["late"])) for row in told]
    return tuple(sorted(groups, key=lambda group: (group.key is None, rank(group.key))))


def _column(occasion: Occasion, query: Query, dimension: str) -> Any:
    if dimension in OF_THE_DAY and query.as_of is not None:
        return SPELL.c[OF_THE_DAY[dimension]]
    if dimension in DIMENSIONS:
        return DIMENSIONS[dimension]
    for kind in kinds_of(query, occasion.catalogue):
        field = occasion.catalogue.of_kind(kind).definition.field_by_key.get(dimension)
        if field is not None and field.filter and not field.secret:
            return _facet.c.value
    raise BadInput(why="unknown_dimension", dimension=dimension)


def _words(occasion: Occasion, query: Query, dimension: str) -> Callable[[Any], Text]:
    definitions = [occasion.catalogue.of_kind(kind).definition for kind in kinds_of(query, occasion.catalogue)]
    titles: dict[Any, Text] = {}
    for definition in reversed(definitions):
        field = definition.field_by_key.get(dimension)
        titles |= {choice.key: choice.title for choice in field.choices} if field else {}
        titles |= {state.key: state.title for state in definition.states} if dimension == "state" else {}
        titles |= {definition.key: definition.title} if dimension == "kind" else {}

    def word(key: Any) -> Text:
        if dimension in _ORGANS:
            return Text(organ_name(occasion.tree, key))
        if dimension in _AREAS:
            return Text(area_name(occasion.tree, key))
        return titles.get(key) or Text("" if key is None else str(key))

    return word


def _ranks(occasion: Occasion, dimension: str) -> Callable[[Any], Any]:
    tree = occasion.tree
    if dimension in _ORGANS:
        return lambda key: (tree.area_rank[tree.organs[key].area_id], tree.organs[key].official_order, key) if key else ()
    if dimension in _AREAS:
        return lambda key: (tree.area_rank[key], key) if key else ()
    return lambda key: str(key) if key is not None else ""
