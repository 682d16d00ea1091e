"""The bell: what somebody has been told, newest first, and how much of it is unread.

What he was told of a case that he may not be told of any more, a post of his having ended, stands there no longer (R13).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, tuple_, update

from workflow.models import Notice
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.statements import Kept, Prepared, Row, is_listed
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.told import may_be_told
from workflow.types import Actor

_notice = table_of(Notice)
LIMIT = 100
# Nobody reads a higher number on his bell than 99+.
COUNTED_AT_MOST = 100
# A look reads so many messages and asks for their cases in at most five statements; one message that has more cases than that
# is asked for alone. The bell stands on every page, so it looks less often.
MESSAGES, CASES_OF_A_LOOK = LIMIT + 1, 2_000
LOOKS, LOOKS_TO_COUNT = 10, 3


def _newest(*conditions: Any) -> Prepared:
    return Prepared(
        select(_notice)
        .where(_notice.c.person_id == bindparam("person_id"), *conditions)
        .order_by(_notice.c.created_at.desc(), _notice.c.id.desc())
        .limit(bindparam("limit"))
    )


_place = _notice.alias("place")
_told_at = select(_place.c.created_at).where(_place.c.id == bindparam("after"), _place.c.person_id == bindparam("person_id"))
_is_unread = _notice.c.read_at.is_(None)
_is_older = tuple_(_notice.c.created_at, _notice.c.id) < tuple_(_told_at.scalar_subquery(), bindparam("after"))
# From the newest on, and from the place of a message on.
ALL = _newest(), _newest(_is_older)
UNREAD = _newest(_is_unread), _newest(_is_unread, _is_older)
_NUMBERS = Kept()
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


@dataclass(frozen=True, slots=True)
class Listed:
    """Messages, and the one after which it goes on: not always the last of them, for some are not told; None at the end."""

    notices: tuple[NoticeView, ...]
    after: int | None


def unread_count(store: Store, occasion: Occasion, actor: Actor) -> int:
    """How many messages the actor has not read, COUNTED_AT_MOST at most.

    Three looks, hence some 300 messages at most and 15 statements: what lies beyond, behind so many that he is not told any
    more or that are about so many cases, is not counted.
    """
    counted = 0
    for look in _Walk(store, occasion, actor, UNREAD).look(LOOKS_TO_COUNT):
        counted += len(look)
        if counted >= COUNTED_AT_MOST:
            return COUNTED_AT_MOST
    return counted


def list_notices(store: Store, occasion: Occasion, actor: Actor, *, after: int | None = None, limit: int = LIMIT) -> Listed:
    """The newest messages of the actor, or those that follow his message `after`; none where that is not his.

    Ten looks, hence some 1,000 messages at most, and 50 statements: where so many are not told, fewer than the limit are
    found, or none, and `after` leads on to what is left.
    """
    found: list[NoticeView] = []
    walk = _Walk(store, occasion, actor, ALL, after)
    for look in walk.look(LOOKS):
        found += look
        if len(found) > limit:
            return Listed(tuple(found[:limit]), found[limit - 1].id)
    return Listed(tuple(found), walk.after)


class _Walk:
    """Messages of the actor look by look; `after` is the last that was looked at, None where nothing follows."""

    def __init__(
        self, store: Store, occasion: Occasion, actor: Actor, order: tuple[Prepared, Prepared], after: int | None = None
    ) -> None:
        self.after = after
        self._store, self._occasion, self._actor, self._order = store, occasion, actor, order
        self._told, self._asked = set[int](), set[int]()

    def look(self, times: int) -> Iterator[list[NoticeView]]:
        """What the actor is told of each look's messages."""
        for _ in range(times):
            rows = self._rows()
            views = self._learn(rows)
            is_last = len(rows) < MESSAGES and len(views) == len(rows)
            self.after = None if is_last else views[-1].id
            yield self._shown(views)
            if is_last:
                return

    def _rows(self) -> list[Row]:
        first, older = self._order
        place = {} if self.after is None else {"after": self.after}
        return self._store.rows(older if place else first, person_id=self._actor.person_id, limit=MESSAGES, **place)

    def _learn(self, rows: list[Row]) -> list[NoticeView]:
        """As many of these messages as one look asks for, at least one; what may be told of their cases is known then."""
        views, new = list[NoticeView](), set[int]()
        for view in map(_view, rows):
            more = set(view.cases) - self._asked - new
            if views and len(new) + len(more) > CASES_OF_A_LOOK:
                break
            views.append(view)
            new |= more
        self._told |= may_be_told(self._store, self._occasion.catalogue, self._occasion.tree, self._actor, new)
        self._asked |= new
        return views

    def _shown(self, views: list[NoticeView]) -> list[NoticeView]:
        """The messages without the cases that the actor may not be told of; one that says nothing else is left out."""
        left = [view for view in views if not view.cases or not self._told.isdisjoint(view.cases)]
        hidden = {case_id for view in left for case_id in view.cases} - self._told
        if not hidden:
            return left
        asked = _NUMBERS.get((), self._store.dialect, lambda: _numbers(self._store.dialect))
        numbers = {row["number"] for row in self._store.rows(asked, ids=canonical(sorted(hidden)))}
        return [view for view in (_without(view, hidden, numbers) for view in left) if view is not None]


def _numbers(dialect: str) -> Any:
    return select(CASES.c.number).where(is_listed(CASES.c.id, dialect))


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
