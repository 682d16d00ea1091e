"""Where each checkpoint stands outside the database, and since when nothing stands at two places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from workflow.checkpoints import Checkpoint, of_row
from workflow.models import Checkpoint as CheckpointRow
from workflow.models import Delivery
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

# One place may burn with the machine, or belong to the same hands.
PLACES_AT_LEAST = 2
# So many checkpoints may fail to reach two places before it is an alarm.
LATE_AFTER = 3
BATCH = 500
# The place of what was printed and put away.
PAPER = "paper"

_checkpoint, _delivery = table_of(CheckpointRow), table_of(Delivery)
_here = select(_delivery.c.checkpoint_id).where(_delivery.c.place == bindparam("place"))
LACKING = Prepared(
    select(_checkpoint)
    .where(_checkpoint.c.signature != "", _checkpoint.c.id.not_in(_here))
    .order_by(_checkpoint.c.id)
    .limit(BATCH)
)
NEWEST = Prepared(select(_checkpoint).where(_checkpoint.c.signature != "").order_by(_checkpoint.c.id.desc()).limit(1))
SIGNED = select(func.min(_checkpoint.c.taken_at).label("first"), func.max(_checkpoint.c.taken_at).label("last"))
SINCE = Prepared(SIGNED.where(_checkpoint.c.signature != ""))
_twice = select(_delivery.c.checkpoint_id).group_by(_delivery.c.checkpoint_id).having(func.count() >= PLACES_AT_LEAST)
OUTSIDE = Prepared(select(_checkpoint).where(_checkpoint.c.id.in_(_twice)).order_by(_checkpoint.c.id.desc()).limit(1))
_newest = select(_delivery.c.place, func.max(_delivery.c.checkpoint_id).label("id")).group_by(_delivery.c.place).subquery()
AT_PLACES = Prepared(
    select(_newest.c.place, _checkpoint.c.body, _checkpoint.c.taken_at, _delivery.c.delivered_at)
    .join(_checkpoint, _checkpoint.c.id == _newest.c.id)
    .join(_delivery, (_delivery.c.checkpoint_id == _newest.c.id) & (_delivery.c.place == _newest.c.place))
    .order_by(_newest.c.place)
)


@dataclass(frozen=True, slots=True)
class At:
    """The newest checkpoint at a place."""

    place: str
    number: int
    taken_at: datetime
    delivered_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """`outside` is the newest checkpoint at two places, `window_from` when it was taken: nothing later is proven elsewhere.

    `is_late` is the alarm: for longer than three intervals no checkpoint has reached two places.
    """

    newest_at: datetime | None
    outside: int
    window_from: datetime | None
    places: tuple[At, ...]
    is_late: bool


def lacking(store: Store, place: str) -> list[tuple[int, Checkpoint]]:
    """The signed checkpoints that a place does not have, with their ids, the oldest first; so many at a time."""
    return [(row["id"], of_row(row)) for row in store.rows(LACKING, place=place)]


def newest(store: Store) -> tuple[int, Checkpoint] | None:
    """The newest signed checkpoint with its id."""
    row = store.row(NEWEST)
    return (row["id"], of_row(row)) if row else None


def say_delivered(store: Store, checkpoint_id: int, *, place: str, now: datetime, answer: str) -> bool:
    """Writes down that a place has it; False where that was known."""
    row: Row = {"checkpoint_id": checkpoint_id, "place": place, "delivered_at": now, "answer": answer}
    return store.insert(Delivery, [row], ignore_conflict=True) == 1


def is_due(store: Store, now: datetime, every: timedelta) -> bool:
    """Was the last signed checkpoint taken so long ago?"""
    last = _since(store)[1]
    return last is None or now - last >= every


def standing(store: Store, now: datetime, every: timedelta) -> Standing:
    """Where the checkpoints stand."""
    first, last = _since(store)
    row = store.row(OUTSIDE)
    outside = of_row(row) if row else None
    waiting_from = outside.taken_at if outside else first
    places = tuple(_at(row) for row in store.rows(AT_PLACES))
    is_late = waiting_from is not None and now - waiting_from > (LATE_AFTER + 1) * every
    return Standing(last, outside.number if outside else 0, outside.taken_at if outside else None, places, is_late)


def _at(row: Row) -> At:
    number = Checkpoint(row["body"], "", "").number
    return At(row["place"], number, row["taken_at"], row["delivered_at"])


def _since(store: Store) -> tuple[datetime | None, datetime | None]:
    row = store.row(SINCE)
    return (row["first"], row["last"]) if row else (None, None)
