"""Closed cases as they may leave the installation (R75): how many of a kind ended how, in which township and quarter.

1. Only periods that are over are told, and no total: a cell of fewer than k is merged with the other small ones of its quarter
   in the county, then of its year, and is left out where that is still too few. So nothing is there to subtract it from.
2. What was merged is told rounded down to a multiple of k, and never as the most that so many small cells can hold: else its
   sum would say what each of them is.
3. Cells do not overlap, and which one a case falls into hangs on nothing that a reader asks for, nor on who asks: every file
   says the same of a period. Who takes one leads the office that keeps the ledger, and only what each of those who lead it may
   open is counted: else whoever was taken off a case would find it by subtracting what his own ledger counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, not_, select

from states.errors import NotPermitted
from workflow.imports import OFFICE
from workflow.models import Grant, Organ
from workflow.occasion import Occasion
from workflow.people.actors import actor_of
from workflow.permissions import CASES, visible
from workflow.store import Store, table_of
from workflow.types import Actor
from workflow.verbs.standing import LEADING_ROLES

GRANTS, ORGANS = table_of(Grant), table_of(Organ)


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Of what so many are counted: `quarter` is 1 to 4, None for the year; `township` an area's id, 0 for none of them.

    `is_rest`: of what was small in the county; its number is at least that.
    """

    year: int
    quarter: int | None
    kind: str
    township: int
    ground: str
    is_rest: bool = False


def require_may_take(actor: Actor) -> None:
    """NotPermitted role for whoever does not lead the office that keeps the ledger; the operator sits at the machine itself."""
    if not (_leads(actor) or (actor.person_id is None and actor.sees_all)):
        raise NotPermitted(why="role")


def _leads(actor: Actor) -> bool:
    return any(grant.role in LEADING_ROLES and grant.organ_kind == OFFICE for grant in actor.posts)


def closed_cells(store: Store, occasion: Occasion, actor: Actor, *, k: int) -> list[tuple[Cell, int]]:
    """The cells that may be told, in order, each with its number; no case, and no number below k. NotPermitted role."""
    require_may_take(actor)
    asked = (CASES.c.kind, CASES.c.subject_township_id, CASES.c.ground, CASES.c.closed_on)
    open_to_all = [visible(taker, occasion.catalogue) for taker in _takers(store, occasion)]
    where = (CASES.c.final, not_(CASES.c.withdrawn), CASES.c.closed_on.is_not(None), *open_to_all)
    rows = store.select(select(*asked, func.count().label("n")).where(*where).group_by(*asked))
    counts: Counter[Cell] = Counter()
    for row in rows:
        on = row["closed_on"]
        cell = Cell(on.year, quarter_of(on), row["kind"], row["subject_township_id"] or 0, row["ground"] or "")
        counts[cell] += row["n"]
    return told_cells(counts, occasion.today, k=k)


def _takers(store: Store, occasion: Occasion) -> Iterator[Actor]:
    """Everybody who may take a file today."""
    leads = (GRANTS.c.role.in_(LEADING_ROLES), ORGANS.c.kind == OFFICE)
    rows = store.select(select(GRANTS.c.person_id).join(ORGANS, ORGANS.c.id == GRANTS.c.organ_id).where(*leads).distinct())
    found = (actor_of(store, row["person_id"], today=occasion.today) for row in rows)
    return (actor for actor in found if actor and _leads(actor))


def quarter_of(on: date) -> int:
    """1 to 4."""
    return (on.month + 2) // 3


def told_cells(counts: Mapping[Cell, int], today: date, *, k: int) -> list[tuple[Cell, int]]:
    """The rule itself, over counts by township and quarter."""
    this = (today.year, quarter_of(today))
    over = {cell: n for cell, n in counts.items() if (cell.year, cell.quarter or 0) < this}
    told = {cell: n for cell, n in over.items() if n >= k}
    of_county, small = _merged({cell: n for cell, n in over.items() if n < k}, k, keeps_quarter=True)
    of_year, _left_out = _merged({cell: n for cell, n in small.items() if cell.year < today.year}, k, keeps_quarter=False)
    return sorted((told | of_county | of_year).items(), key=lambda one: _order(one[0]))


def _merged(small: Mapping[Cell, int], k: int, *, keeps_quarter: bool) -> tuple[dict[Cell, int], dict[Cell, int]]:
    """What of the merged cells may be told, and what is small still."""
    parts: dict[Cell, list[int]] = {}
    for cell, n in small.items():
        rest = Cell(cell.year, cell.quarter if keeps_quarter else None, cell.kind, 0, cell.ground, is_rest=True)
        parts.setdefault(rest, []).append(n)
    most = {rest: len(found) * (k - 1) for rest, found in parts.items()}
    told = {rest: min(sum(found), most[rest] - 1) // k * k for rest, found in parts.items() if sum(found) >= k}
    left = {rest: sum(found) for rest, found in parts.items() if sum(found) < k}
    return {rest: n for rest, n in told.items() if n}, left


def _order(cell: Cell) -> tuple[int, int, str, bool, int, str]:
    return cell.year, cell.quarter or 5, cell.kind, cell.is_rest, cell.township, cell.ground
