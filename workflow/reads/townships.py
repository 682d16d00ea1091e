"""The figures of each township, today or as they stood on a past day: the table of the overview and of the Monday sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from workflow.models.columns import BigId
from workflow.occasion import Occasion
from workflow.reads import bands
from workflow.reads.counts import close_out_rate, figures_of, on_time_rate, parts_of, together
from workflow.reads.query import NO_TOWNSHIP, Query, values_of
from workflow.reads.rows import area_name
from workflow.reads.stood import occasion_of, source_of, standing_of
from workflow.statements import Row
from workflow.store import Store
from workflow.types import Actor

Figures = dict[str, ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Line:
    """One township (`area_id` NO_TOWNSHIP: what stands under none), or all of them (None), with its figures by name."""

    area_id: int | None
    name: str
    figures: Mapping[str, int]

    @property
    def rate(self) -> float | None:
        """The close-out rate."""
        return close_out_rate(self.figures["closed_counted"], self.figures["open"])

    @property
    def on_time(self) -> float | None:
        """The rate of promises kept."""
        return on_time_rate(self.figures["kept"], self.figures["missed"])


def township_lines(
    store: Store, occasion: Occasion, actor: Actor, query: Query, more: Figures | None = None
) -> tuple[tuple[Line, ...], Line]:
    """The townships in the county's order, what stands under none at the end where there is any, and the sum of them all.

    `more` are conditions to count beside the standing figures.
    """
    figures = {**_figures(occasion, query), **(more or {})}
    township = standing_of(query.as_of, occasion.catalogue).township_id
    tree = occasion_of(query.as_of, occasion).tree
    columns = [func.count().filter(where).cast(BigId).label(name) for name, where in figures.items()]

    def of_part(part: ColumnElement[bool]) -> Select[Any]:
        return select(township.label("area"), *columns).select_from(source_of(query.as_of)).where(part).group_by(township)

    found: dict[int | None, Counter[str]] = {}
    for row in rows_over(store, occasion, actor, query, of_part):
        found.setdefault(row["area"], Counter()).update({name: row[name] for name in figures})
    rank = tree.area_rank
    known = sorted((area for area in found if area is not None), key=lambda area: rank[area])
    lines = [Line(area, area_name(tree, area), dict(found[area])) for area in known]
    if None in found:
        lines.append(Line(NO_TOWNSHIP, "", dict(found[None])))
    total = {name: sum(line.figures[name] for line in lines) for name in figures}
    return tuple(lines), Line(None, "", total)


def _figures(occasion: Occasion, query: Query) -> Figures:
    """Every standing figure of a line, by name."""
    catalogue, at = occasion.catalogue, standing_of(query.as_of, occasion.catalogue)
    counted = bands.closed_out(catalogue, at)
    promises = {whether: bands.promised(whether, catalogue, at) for whether in bands.PROMISES}
    return {"open": at.open, **figures_of(catalogue, at), "closed": at.final, "closed_counted": counted, **promises}


def rows_over(
    store: Store, occasion: Occasion, actor: Actor, query: Query, of_part: Callable[[ColumnElement[bool]], Select[Any]]
) -> list[Row]:
    """The rows of one statement over all that the reader sees of a query; `of_part` selects from one part of it."""
    parts = [of_part(part) for part in parts_of(actor, occasion.catalogue, query)]
    told: Select[Any] = select(together(parts).subquery())
    return store.select(told.params(**values_of(query, occasion)))
