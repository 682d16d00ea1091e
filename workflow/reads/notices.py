"""The bell: what somebody has been told, newest first, and how much of it is unread.

What he was told of a case that he may not be told of any more, a post of his having ended, stands there no longer (R13).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, select, tuple_, update

from workflow.models import Notice
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.told import may_be_told
from workflow.types import Actor

_notice = table_of(Notice)
LIMIT = 100
# Nobody reads a higher number on his bell than this; each message that is counted is asked for.
COUNTED_AT_MOST = 1_000

UNREAD = Prepared(
    select(_notice)
    .where(_notice.c.person_id == bindparam("person_id"), _notice.c.read_at.is_(None))
    .order_by(_notice.c.created_at.desc(), _notice.c.id.desc())
    .limit(bindparam("limit"))
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


def unread_count(store: Store, occasion: Occasion, actor: Actor) -> int:
    """How many messages the actor has not read, of the newest COUNTED_AT_MOST."""
    return len(_shown(store, occasion, actor, store.rows(UNREAD, person_id=actor.person_id, limit=COUNTED_AT_MOST)))


def list_notices(
    store: Store, occasion: Occasion, actor: Actor, *, after: int | None = None, limit: int = LIMIT
) -> tuple[NoticeView, ...]:
    """The newest messages of the actor, or those that follow his message `after`; none where that is not his."""
    return tuple(islice(_from(store, occasion, actor, after, limit), limit))


def _from(store: Store, occasion: Occasion, actor: Actor, after: int | None, limit: int) -> Iterator[NoticeView]:
    """Every message from there on, so many at a time."""
    while True:
        place = {} if after is None else {"after": after}
        rows = store.rows(NEWEST if after is None else OLDER, person_id=actor.person_id, limit=limit, **place)
        yield from _shown(store, occasion, actor, rows)
        if len(rows) < limit:
            return
        after = rows[-1]["id"]


def _shown(store: Store, occasion: Occasion, actor: Actor, rows: list[Row]) -> list[NoticeView]:
    """The messages without the cases that the actor may not be told of; one that says nothing else is left out."""
    views = [_view(row) for row in rows]
    about = {case_id for view in views for case_id in view.cases}
    hidden = about - may_be_told(store, occasion.catalogue, occasion.tree, actor, about) if about else about
    if not hidden:
        return views
    numbers = {row["number"] for row in store.select(select(CASES.c.number).where(CASES.c.id.in_(sorted(hidden))))}
    shown = (_without(view, hidden, numbers) for view in views)
    return [view for view in shown if view is not None]


def _without(view: NoticeView, hidden: set[int], numbers: set[str]) -> NoticeView | None:
    if hidden.isdisjoint(view.cases):
        return view
    cases = tuple(case_id for case_id in view.cases if case_id not in hidden)
    lines = tuple(line for line in view.lines if line.get("number") not in numbers)
    return replace(view, cases=cases, lines=lines) if cases and lines else None


def _view(row: Row) -> NoticeView:
    told = json.loads(row["params"])
    lines = tuple(told) if isinstance(told, list) else (told,)
    cases = tuple(json.loads(row["cases"]))
    return NoticeView(row["id"], row["message"], lines, cases, row["created_at"], row["read_at"] is not None)


def mark_read(store: Store, actor: Actor, now: datetime, *, notice_id: int | None = None) -> int:
    """The actor has read everything, or one message of his; how many were new."""
    if notice_id is None:
        return store.run(READ, person_id=actor.person_id, now=now)
    return store.run(READ_ONE, person_id=actor.person_id, now=now, notice_id=notice_id)
