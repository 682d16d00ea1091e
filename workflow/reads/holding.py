"""How many working days a case lies with a holder, on average: over what was handed on or closed in the last weeks.

The day on which a case comes is not counted, the day on which it goes is. A case that lay with a holder twice counts once, with
both stretches. One statement, over the stretches of the cases that have changed in those weeks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workflow.occasion import Occasion
from workflow.reads.query import NO_TOWNSHIP, Query
from workflow.reads.rows import area_name, organ_name
from workflow.reads.stays import ANYBODY, Stay, holder_stays, spells_since
from workflow.reads.townships import rows_over
from workflow.store import Store
from workflow.types import Actor


@dataclass(frozen=True, slots=True)
class Held:
    """`cases` lay with a holder for `workdays` together; `held` is the filter of the ledger that keeps them."""

    held: str
    name: str
    cases: int
    workdays: int

    @property
    def mean(self) -> float | None:
        """Working days for each case, with one decimal; None where there is no case."""
        return round(self.workdays / self.cases, 1) if self.cases else None


@dataclass(frozen=True, slots=True)
class Holding:
    """All of it: everybody together, the townships in the county's order, and the holders, slowest first."""

    total: Held
    townships: tuple[Held, ...]
    holders: tuple[Held, ...]


def holding(store: Store, occasion: Occasion, actor: Actor, query: Query) -> Holding:
    """The averages over the rows of a query."""
    tree, today = occasion.tree, occasion.today
    stays = list(holder_stays(rows_over(store, occasion, actor, query, spells_since), occasion.catalogue, today))
    of_holder: dict[int, list[Stay]] = {}
    of_area: dict[int, list[Stay]] = {}
    for stay in stays:
        of_holder.setdefault(stay.key, []).append(stay)
        area = tree.lineage(tree.organ(stay.key).area_id).get("township", NO_TOWNSHIP)
        of_area.setdefault(area, []).append(stay)
    areas = sorted(of_area, key=lambda area: (area == NO_TOWNSHIP, tree.area_rank.get(area, ())))
    holders = [_held(occasion, f"organ-{key}", organ_name(tree, key), found) for key, found in of_holder.items()]
    rank = {f"organ-{organ.id}": (tree.area_rank[organ.area_id], organ.official_order) for organ in tree.organs.values()}
    return Holding(
        total=_held(occasion, ANYBODY, "", stays),
        townships=tuple(_held(occasion, f"area-{area}", area_name(tree, area), of_area[area]) for area in areas),
        holders=tuple(sorted(holders, key=lambda held: (-(held.mean or 0), rank[held.held]))),
    )


def _held(occasion: Occasion, held: str, name: str, stays: Iterable[Stay]) -> Held:
    stays = list(stays)
    workdays = sum(occasion.calendar.workdays_in(stay.from_on, stay.to_on) for stay in stays)
    return Held(held, name, len({stay.case_id for stay in stays}), workdays)
