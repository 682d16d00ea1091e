"""The bell: what somebody has been told, newest first, and how much of it is unread."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_, update

from workflow.models import Notice
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.types import Actor

_notice = table_of(Notice)
LIMIT = 100

UNREAD = Prepared(
    select(func.count().label("n")).where(_notice.c.person_id == bindparam("person_id"), _notice.c.read_at.is_(None))
)
NEWEST = Prepared(
    select(_notice)
    .where(_notice.c.person_id == bindparam("person_id"))
    .order_by(_notice.c.created_at.desc(), _notice.c.id.desc())
    .limit(bindparam("limit"))
)
_place = _notice.alias("place")
_told_at = select(_place.c.created_at).where(_place.c.id == bindparam("after"), _place.c.person_id == bindparam("person_id"))
OLDER = Prepared(
    select(_notice)
    .where(
        _notice.c.person_id == bindparam("person_id"),
        tuple_(_notice.c.created_at, _notice.c.id) < tuple_(_told_at.scalar_subquery(), bindparam("after")),
    )
    .order_by(_notice.c.created_at.desc(), _notice.c.id.desc())
    .limit(bindparam("limit"))
)
READ = Prepared(
    update(_notice)
    .values(read_at=bindparam("now", type_=_notice.c.read_at.type))
    .where(_notice.c.person_id == bindparam("person_id"), _notice.c.read_at.is_(None))
)
READ_ONE = Prepared(
    update(_notice)
    .values(read_at=bindparam("now", type_=_notice.c.read_at.type))
    .where(_notice.c.id == bindparam("notice_id"), _notice.c.person_id == bindparam("person_id"), _notice.c.read_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One message: its key, the values of each of its lines, and the ids of its cases."""

    id: int
    message: str
    lines: tuple[Mapping[str, Any], ...]
    cases: tuple[int, ...]
    created_at: datetime
    is_read: bool


def unread_count(store: Store, actor: Actor) -> int:
    """How many messages the actor has not read."""
    row = store.row(UNREAD, person_id=actor.person_id)
    return int(row["n"]) if row else 0


def list_notices(store: Store, actor: Actor, *, after: int | None = None, limit: int = LIMIT) -> tuple[NoticeView, ...]:
    """The newest messages of the actor, or those that follow his message `after`; none where that is not his."""
    if after is None:
        return tuple(_view(row) for row in store.rows(NEWEST, person_id=actor.person_id, limit=limit))
    return tuple(_view(row) for row in store.rows(OLDER, person_id=actor.person_id, limit=limit, after=after))


def _view(row: Mapping[str, Any]) -> NoticeView:
    told = json.loads(row["params"])
    lines = tuple(told) if isinstance(told, list) else (told,)
    cases = tuple(json.loads(row["cases"]))
    return NoticeView(row["id"], row["message"], lines, cases, row["created_at"], row["read_at"] is not None)


def mark_read(store: Store, actor: Actor, now: datetime, *, notice_id: int | None = None) -> int:
    """The actor has read everything, or one message of his; how many were new."""
    if notice_id is None:
        return store.run(READ, person_id=actor.person_id, now=now)
    return store.run(READ_ONE, person_id=actor.person_id, now=now, notice_id=notice_id)
