"""Cases that somebody has ticked, as rows: what a step on many at once looks at before, and tells of afterwards."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, select

from workflow.occasion import PROTECTING, Occasion
from workflow.permissions import CASES, visible
from workflow.reads.rows import LedgerRow, rows_of
from workflow.store import Store
from workflow.types import Actor

AT_ONCE = 1_000


def rows_by_id(store: Store, occasion: Occasion, actor: Actor, ids: Iterable[int]) -> dict[int, LedgerRow]:
    """Those of the cases that the actor may see."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    where = and_(CASES.c.id.in_(wanted), visible(actor, occasion.catalogue))
    return {row.id: row for row in rows_of(store, occasion, actor, store.select(select(CASES).where(where)))}


def say_numbers(store: Store, occasion: Occasion, numbers: Iterable[str]) -> None:
    """Numbers of cases that were kept elsewhere are shown: on the trail as those that were read."""
    wanted = sorted(set(numbers))
    columns = [CASES.c[name] for name in ("id", *PROTECTING)]
    for first in range(0, len(wanted), AT_ONCE):
        occasion.say_shown(store.select(select(*columns).where(CASES.c.number.in_(wanted[first : first + AT_ONCE]))))
