"""What lists are filtered by, as it changes: facets and the text of search, with what they were until each change.

A case's present facets and text are rows of their own; what an event has replaced is kept beside them with the hour until
which it held, so that a past day is asked like today (reads/facets.py). All of it is derived: `workflow/former.py` tells it
again from the events.

The chain's order counts: what paper tells of an earlier hour than the event before it has both of them happen at that hour.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_leave

from workflow import search
from workflow.definitions import Served
from workflow.models import Facet, FormerFacet, FormerText, SearchText
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

Named = tuple[str, str]  # field and value
# What of a case is found.
SAID = ("number", "old_number", "title", "data", "ground")
# Under this name, which no fact can have, stands the ground on which a case was closed.
GROUND = "=ground"

_facet, _former = table_of(Facet), table_of(FormerFacet)
_text, _text_then = table_of(SearchText), table_of(FormerText)
_until = bindparam("until", type_=_former.c.until_at.type)
_of, _of_text = _facet.c.case_id == bindparam("case_id"), _text_then.c.case_id == bindparam("case_id")
_one = and_(_of, _facet.c.field == bindparam("field"), _facet.c.value == bindparam("value"))
_columns = ("case_id", "field", "value", "from_at")
KEEP = Prepared(
    _former.insert().from_select(
        [*_columns, "until_at"],
        select(*(_facet.c[name] for name in _columns), _until.label("until_at")).where(
            _one, or_(_facet.c.from_at.is_(None), _facet.c.from_at < _until)
        ),
    )
)
CLEAR = Prepared(delete(_facet).where(_one))
KEEP_TEXT = Prepared(
    insert_or_leave(_text_then)
    .from_select(
        ["case_id", "until_at", "body"],
        select(_text.c.case_id, _until.label("until_at"), _text.c.body).where(_text.c.case_id == bindparam("case_id")),
    )
    .on_conflict_do_nothing()
)
# What was told of later hours than an event that is told now, by paper: it has happened by the hour on the paper.
_later = and_(_former.c.case_id == bindparam("case_id"), _former.c.until_at > _until)
_earlier = or_(_former.c.from_at.is_(None), _former.c.from_at < _until)
_same = _text_then.alias()
_of_same = and_(_same.c.case_id == bindparam("case_id"), _same.c.until_at >= _until)
_first = select(func.min(_same.c.until_at)).where(_of_same).scalar_subquery()
BROUGHT_FORWARD = (
    Prepared(update(_facet).where(_of, _facet.c.from_at > _until).values(from_at=_until)),
    Prepared(update(_former).where(_later, _earlier).values(until_at=_until)),
    Prepared(delete(_former).where(_later)),
    Prepared(delete(_text_then).where(_of_text, _text_then.c.until_at > _until, _text_then.c.until_at > _first)),
    Prepared(update(_text_then).where(_of_text, _text_then.c.until_at > _until).values(until_at=_until)),
)


@dataclass(slots=True)
class Change:
    """What an event at `at` has changed: facets that are gone and that have come, and the texts before, where those changed."""

    at: datetime
    gone: tuple[Named, ...]
    come: tuple[Named, ...]
    texts: list[str] | None


class FoundBy:
    """What a case under work is found by, as its last event left it, and every change of it in this transaction."""

    def __init__(self, served: Served, row: Mapping[str, Any], *, is_new: bool) -> None:
        self.served, self.is_new = served, is_new
        self.said: Row = {} if is_new else {name: row[name] for name in SAID}
        self.newly: set[str] = set()  # facts that lists are filtered by only from the version on that the case has come under
        self.changes: list[Change] = []
        self.since: datetime | None = None  # the earliest hour that an event of this transaction tells of

    def tell(self, served: Served, row: Mapping[str, Any], at: datetime) -> None:
        """An event of the hour `at` leaves the case so."""
        for earlier in self.changes:
            earlier.at = min(earlier.at, at)
        self.since = min(self.since or at, at)
        said = {name: row[name] for name in SAID}
        if said == self.said and served.definition is self.served.definition:
            return
        before, after = _found_by(self.served, self.said), _found_by(served, said)
        gone, come = (tuple(one for one in a if one not in b) for a, b in ((before[0], after[0]), (after[0], before[0])))
        texts = before[1] if before[1] != after[1] else None
        if gone or come or texts is not None or not self.said:
            self.changes.append(Change(at, gone, come, texts))
        self.newly |= set(search.listed_by(served.definition)).difference(search.listed_by(self.served.definition))
        self.said, self.served = said, served

    def write(self, store: Store, case_id: int, now: datetime) -> tuple[list[Row], list[Row], list[Row]]:
        """Ends what is gone; the rows of Facet, FormerFacet and FormerText that are to be written."""
        if not self.is_new and self.since is not None and self.since < now:
            for prepared in BROUGHT_FORWARD:
                store.run(prepared, case_id=case_id, until=self.since)
        begun: dict[Named, datetime | None] = {}
        former: list[Row] = []
        for n, change in enumerate(self.changes):
            for named in change.gone:
                former += self._end(store, case_id, named, change.at, begun)
            begun |= dict.fromkeys(change.come, None if self.is_new and n == 0 else change.at)
        facets = [facet_row(case_id, named, from_at) for named, from_at in begun.items()]
        return facets, former, self._texts(store, case_id)

    @property
    def has_other_words(self) -> bool:
        """Is its text of search to be written?"""
        return self.is_new or any(change.texts is not None for change in self.changes)

    def _end(self, store: Store, case_id: int, named: Named, until: datetime, begun: dict[Named, datetime | None]) -> list[Row]:
        if named not in begun:
            told = dict(zip(("field", "value"), named, strict=True))
            store.run(KEEP, case_id=case_id, until=until, **told)
            store.run(CLEAR, case_id=case_id, **told)
            return []
        from_at = begun.pop(named)
        is_whole = from_at is None or from_at < until
        return [{**facet_row(case_id, named, from_at), "until_at": until}] if is_whole else []

    def _texts(self, store: Store, case_id: int) -> list[Row]:
        told: dict[datetime, list[str]] = {}
        for change in self.changes:
            if change.texts is not None:
                told.setdefault(change.at, change.texts)
        if not self.is_new and told:
            first = next(iter(told))
            store.run(KEEP_TEXT, case_id=case_id, until=first)
            del told[first]
        return [{"case_id": case_id, "until_at": at, "body": search.body_of(texts)} for at, texts in told.items()]


def _found_by(served: Served, said: Row) -> tuple[dict[Named, None], list[str] | None]:
    """Its facets and texts; nothing of a case before its first event."""
    if not said:
        return {}, None
    data = json.loads(said["data"])
    facets = dict.fromkeys([*search.facets_by(served.listed, data), *ground_of(said)])
    return facets, search.texts_of(served.definition, said, data)


def ground_of(said: Row) -> list[Named]:
    """The ground as something that the case is found by; nothing while it is open."""
    return [(GROUND, said["ground"])] if said["ground"] else []


def facet_row(case_id: int, named: Named, from_at: datetime | None) -> Row:
    """A row of Facet; with `until_at` one of FormerFacet."""
    return {"case_id": case_id, "field": named[0], "value": named[1], "from_at": from_at}
