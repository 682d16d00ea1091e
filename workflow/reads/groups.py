"""The ledger grouped by a dimension: how many rows, and how many of them late, under each value, in the county's own order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, or_, select

from states.definition import LANGUAGES, Definition, Text
from states.errors import BadInput
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.bands import Standing
from workflow.reads.counts import CAP, Figure, scope_of
from workflow.reads.dimensions import DIMENSIONS, FACT, Dimension, field_of
from workflow.reads.facets import facets_at
from workflow.reads.names import names_of
from workflow.reads.query import Query, filters, kinds_of, values_of
from workflow.reads.rows import area_name, organ_name
from workflow.reads.sight import past_only
from workflow.reads.stood import occasion_of, source_of, standing_of
from workflow.store import Store
from workflow.types import Actor

# Between what two kinds call the same state.
EITHER = "／"


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
    """The groups of a query by a dimension (reads/dimensions.py). One statement.

    At most `cap` rows are counted; beyond them every figure is a lower bound and says so. Raises BadInput for a dimension
    that no kind asked for has.
    """
    occasion = occasion_of(query.as_of, occasion)
    definitions = [one for kind in kinds_of(query, occasion.catalogue) for one in occasion.catalogue.versions_of(kind)]
    at, known = standing_of(query.as_of, occasion.catalogue), DIMENSIONS.get(dimension)
    if known is None and not any(field_of(definition, dimension) for definition in definitions):
        raise BadInput(why="unknown_dimension", dimension=dimension)
    source = source_of(query.as_of)
    column, source = (known.value(at), source) if known else _of_fact(query, dimension.removeprefix(FACT), source)
    where, is_late = _where(occasion, actor, query, known, at)
    late = case((is_late, 1), else_=0).label("late")
    some = select(column.label("key"), late).select_from(source).where(where).limit(cap + 1).subquery()
    grouped = select(some.c.key, func.count().label("n"), func.sum(some.c.late).label("late")).group_by(some.c.key)
    told = store.select(grouped.params(**values_of(query, occasion)))
    over = sum(row["n"] for row in told) > cap
    people = names_of(store, [row["key"] for row in told]) if known and known.names == "people" else {}
    label, rank = _words(occasion, definitions, dimension, people), _ranks(occasion, definitions, dimension)
    groups = [Group(row["key"], label(row["key"]), Figure(row["n"], over), int(row["late"])) for row in told]
    return tuple(sorted(groups, key=lambda group: (group.key is None, rank(group.key))))


def _of_fact(query: Query, key: str, source: FromClause) -> tuple[ColumnElement[Any], FromClause]:
    """The values of a fact, and what they come from."""
    facets, of_case = facets_at(query.as_of, key)
    # Where some of its values are asked for, those alone are groups: a row's other values are nobody's question.
    chosen = dict(query.facets).get(key)
    return facets.c.value, source.outerjoin(facets, and_(of_case, facets.c.value.in_(chosen)) if chosen else of_case)


def _where(
    occasion: Occasion, actor: Actor, query: Query, known: Dimension | None, at: Standing
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The rows that are grouped, and which of them are late.

    Where the dimension tells nothing of what came later, those are among them that are seen only as they were when handed on.
    """
    present = scope_of(actor, occasion.catalogue, query)
    past = past_only(actor, occasion.catalogue) if known and known.is_fixed and not query.asks_present else None
    if past is None:
        return present, at.late
    kind = CASES.c.kind.in_(kinds_of(query, occasion.catalogue))
    return or_(present, and_(past, kind, filters(query, occasion.catalogue, actor))), and_(present, at.late)


def state_phrases(definitions: Iterable[Definition]) -> dict[str, Text]:
    """What an official calls each state, by its key; where kinds call it differently, what each of them does.

    Of a kind's versions, which follow each other, the first that has a state says what it is called.
    """
    told: dict[tuple[str, str], Text] = {}
    for definition in definitions:
        for state in definition.states:
            told.setdefault((definition.key, state.key), state.phrase)
    phrases: dict[str, dict[str, Text]] = {}
    for (_kind, key), phrase in told.items():
        phrases.setdefault(key, {}).setdefault(phrase.zh_hans, phrase)
    return {key: _either(tuple(found.values())) for key, found in phrases.items()}


def _either(texts: tuple[Text, ...]) -> Text:
    return Text(*(EITHER.join(text.in_(language) for text in texts) for language in LANGUAGES))


def _titles(definitions: list[Definition], dimension: str) -> dict[Any, Text]:
    """The words of values that a definition names, in its order; where two kinds differ, the first one's."""
    if dimension == "state":
        return dict(state_phrases(definitions))
    titles: dict[Any, Text] = {}
    for key, title in (told for definition in definitions for told in _named(definition, dimension)):
        titles.setdefault(key, title)
    return titles


def _named(definition: Definition, dimension: str) -> Iterator[tuple[Any, Text]]:
    if dimension == "kind":
        yield definition.key, definition.title
    elif (field := field_of(definition, dimension)) is not None:
        yield from ((choice.key, choice.title) for choice in field.choices)


def _words(occasion: Occasion, definitions: list[Definition], dimension: str, people: dict[int, str]) -> Callable[[Any], Text]:
    names = DIMENSIONS[dimension].names if dimension in DIMENSIONS else ""
    if names == "organs":
        return lambda key: Text(organ_name(occasion.tree, key))
    if names == "areas":
        return lambda key: Text(area_name(occasion.tree, key))
    if names == "people":
        return lambda key: Text(people.get(key, ""))
    titles = _titles(definitions, dimension)
    return lambda key: titles.get(key) or Text("" if key is None else str(key))


def _ranks(occasion: Occasion, definitions: list[Definition], dimension: str) -> Callable[[Any], Any]:
    tree, names = occasion.tree, DIMENSIONS[dimension].names if dimension in DIMENSIONS else ""
    if names == "organs":
        return lambda key: (tree.area_rank[tree.organs[key].area_id], tree.organs[key].official_order, key) if key else ()
    if names == "areas":
        return lambda key: (tree.area_rank[key], key) if key else ()
    if names == "people":
        return lambda key: (key,) if key else ()
    places = {key: place for place, key in enumerate(_titles(definitions, dimension))}
    return lambda key: (places.get(key, len(places)), str(key))
