"""The ledger as it stood on a past day: which cases were open, in which state, with whom, how many of them late.

Spells tell it. Visibility is that of today: a past figure is shown to whoever may see the rows behind it now, and a case whose
present the reader does not see is in none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from workflow.dates import local_time
from workflow.models import Spell
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.query import NO_TOWNSHIP, Query, kinds_of
from workflow.reads.sight import present
from workflow.store import Store, table_of
from workflow.types import Actor

_spell = table_of(Spell)


@dataclass(frozen=True, slots=True)
class Stood:
    """How many cases of a kind stood in a state with one holder at the end of a day, and how many of them were late."""

    kind: str
    state: str
    is_final: bool
    holder_id: int | None
    cases: int
    late: int


@dataclass(frozen=True, slots=True)
class AsOf:
    """The ledger at the end of `on`. `open` and `late` are sums over the rows that are not final."""

    on: date
    open: int
    late: int
    closed: int
    stood: tuple[Stood, ...]


@dataclass(frozen=True, slots=True)
class CaseAsOf:
    """One case at the end of a day."""

    case_id: int
    state: str
    holder_id: int | None
    subject_id: int
    overdue_since: date | None


def as_of(store: Store, occasion: Occasion, actor: Actor, on: date, query: Query | None = None) -> AsOf:
    """The figures at 24:00 (Asia/Shanghai) of `on`; of a query only kinds and area are looked at. One statement."""
    late = func.sum(case((_spell.c.overdue_since.is_not(None), 1), else_=0)).label("late")
    by = (CASES.c.kind, CASES.c.definition_version_id, _spell.c.state, _spell.c.holder_id)
    statement = _stood_at(occasion, actor, on, query or Query(), (*by, func.count().label("n"), late)).group_by(*by)
    found = tuple(sorted((_stood(occasion, row) for row in store.select(statement)), key=_order))
    return AsOf(
        on,
        open=sum(row.cases for row in found if not row.is_final),
        late=sum(row.late for row in found if not row.is_final),
        closed=sum(row.cases for row in found if row.is_final),
        stood=found,
    )


def cases_as_of(store: Store, occasion: Occasion, actor: Actor, on: date, query: Query | None = None) -> tuple[CaseAsOf, ...]:
    """The cases behind `as_of`'s figures, by ascending id."""
    names = ("case_id", "state", "holder_id", "subject_id", "overdue_since")
    statement = _stood_at(occasion, actor, on, query or Query(), tuple(_spell.c[name] for name in names))
    return tuple(CaseAsOf(**row) for row in store.select(statement.order_by(_spell.c.case_id)))


def _stood_at(occasion: Occasion, actor: Actor, on: date, query: Query, columns: tuple[Any, ...]) -> Any:
    end = local_time(on + timedelta(1), 0)
    where = [present(actor, occasion.catalogue), CASES.c.kind.in_(kinds_of(query, occasion.catalogue))]
    where += [_spell.c.from_at < end, or_(_spell.c.to_at.is_(None), _spell.c.to_at >= end)]
    if query.area_id == NO_TOWNSHIP:
        where.append(CASES.c.subject_township_id.is_(None))
    elif query.area_id is not None:
        levels = ("subject_county_id", "subject_township_id", "subject_village_id")
        where.append(or_(*[CASES.c[level] == query.area_id for level in levels]))
    return select(*columns).select_from(_spell.join(CASES, CASES.c.id == _spell.c.case_id)).where(and_(*where))


def _stood(occasion: Occasion, row: dict[str, Any]) -> Stood:
    state = occasion.catalogue.of_version(row["definition_version_id"]).definition.state_by_key[row["state"]]
    return Stood(row["kind"], row["state"], state.final, row["holder_id"], row["n"], int(row["late"]))


def _order(stood: Stood) -> tuple[str, str, int]:
    return (stood.kind, stood.state, stood.holder_id or 0)
