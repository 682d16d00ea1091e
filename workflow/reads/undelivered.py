"""What of the outbox waits, failed or was given up, for the health page: numbers and reasons, never whom it was for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, func, select

from workflow.models import Outbox
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

_outbox = table_of(Outbox)
HEALTH = Prepared(
    select(
        func.count().filter(_outbox.c.gave_up_at.is_(None)).label("waiting"),
        func.count().filter(_outbox.c.gave_up_at.is_not(None)).label("gave_up"),
        func.min(case((_outbox.c.gave_up_at.is_(None), _outbox.c.created_at), else_=None)).label("oldest_at"),
    ).where(_outbox.c.sent_at.is_(None))
)
FAILING = Prepared(
    select(_outbox.c.channel, _outbox.c.reason, func.count().label("n"), func.min(_outbox.c.due_at).label("due_at"))
    .where(_outbox.c.sent_at.is_(None), _outbox.c.gave_up_at.is_(None), _outbox.c.reason != "")
    .group_by(_outbox.c.channel, _outbox.c.reason)
    .order_by(func.min(_outbox.c.due_at), _outbox.c.channel, _outbox.c.reason)
    .limit(bindparam("limit"))
)
GIVEN_UP = Prepared(
    select(_outbox.c.id, _outbox.c.channel, _outbox.c.message, _outbox.c.reason, _outbox.c.attempts, _outbox.c.gave_up_at)
    .where(_outbox.c.gave_up_at.is_not(None))
    .order_by(_outbox.c.gave_up_at.desc(), _outbox.c.id.desc())
    .limit(bindparam("limit"))
)

GIVEN_UP_COUNTED = Prepared(
    select(_outbox.c.reason, func.count().label("n"), func.max(_outbox.c.gave_up_at).label("at"))
    .where(_outbox.c.gave_up_at.is_not(None))
    .group_by(_outbox.c.reason)
    .order_by(func.max(_outbox.c.gave_up_at).desc(), _outbox.c.reason)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Health:
    """How many lines wait, since when the oldest does, and how many were given up."""

    waiting: int
    oldest_at: datetime | None
    gave_up: int


def health(store: Store) -> Health:
    """The outbox at a glance."""
    row = store.row(HEALTH)
    assert row is not None, "a count has a row"
    return Health(row["waiting"], row["oldest_at"], row["gave_up"])


def list_given_up(store: Store, *, limit: int = 100) -> list[Row]:
    """id, channel, message key, reason, attempts and hour of the newest lines that were given up."""
    return store.rows(GIVEN_UP, limit=limit)


def list_failing(store: Store, *, limit: int = 20) -> list[Row]:
    """channel, reason, number of lines and next hour of what failed and is tried again."""
    return store.rows(FAILING, limit=limit)


def count_given_up(store: Store, *, limit: int = 1000) -> list[Row]:
    """Each reason for which lines were given up, with their number `n` and when the newest was."""
    return store.rows(GIVEN_UP_COUNTED, limit=limit)
