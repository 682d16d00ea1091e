"""What cases were found by, told again from history: whether facets and what is kept of earlier ones are what events tell.

Each event's content tells the columns that it changed as they were before it, so facts, title and numbers after every event are
known from the present back. A fact counts of a day where the version of that day or a later one of the kind lists by it, even
where the case never came under that one: who asks by a fact that a new version has begun to list asks for all that any case
ever said of it. Of a case whose contents were disposed of nothing is kept.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from sqlalchemy import and_, bindparam, delete, select

from states.definition import Definition
from workflow import newly_listed, search
from workflow.definitions import Catalogue
from workflow.facets import SAID, Named, facet_row, ground_of
from workflow.models import Case, Content, Event, Facet, FormerFacet, FormerText
from workflow.statements import DAMAGED, Prepared, Row
from workflow.store import Store, table_of

BATCH = 500  # cases
AT_ONCE = 200  # cases that one transaction tells by facts that are newly listed: whoever writes waits so long

Stretches = tuple[list[Row], list[Row]]

_cases, _content, _event = table_of(Case), table_of(Content), table_of(Event)
_TABLES = {model: table_of(model) for model in (Facet, FormerFacet, FormerText)}


def _between(column: Any) -> Any:
    return and_(column >= bindparam("first"), column <= bindparam("last"))


CASES = Prepared(
    select(_cases.c.id, _cases.c.kind, *(_cases.c[name] for name in SAID))
    .where(_cases.c.id > bindparam("after"))
    .order_by(_cases.c.id)
    .limit(BATCH)
)
ONE = Prepared(select(_cases.c.id, *(_cases.c[name] for name in SAID)).where(_cases.c.id == bindparam("case_id")))
EVENTS = Prepared(
    select(_event.c.case_id, _event.c.happened_at, _event.c.facts, _content.c.body)
    .outerjoin(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq))
    .where(_between(_event.c.case_id))
    .order_by(_event.c.case_id, _event.c.seq)
)
STORED = {model: Prepared(select(table).where(_between(table.c.case_id))) for model, table in _TABLES.items()}
CLEAR = tuple(Prepared(delete(table).where(_between(table.c.case_id))) for table in _TABLES.values())
CLEAR_FIELD = tuple(
    Prepared(delete(table).where(table.c.case_id == bindparam("case_id"), table.c.field == bindparam("field")))
    for table in (_TABLES[Facet], _TABLES[FormerFacet])
)


@dataclass(slots=True)
class Former:
    """What a case is and was found by, as rows."""

    facets: list[Row] = field(default_factory=list)
    former: list[Row] = field(default_factory=list)
    texts: list[Row] = field(default_factory=list)

    @property
    def rows(self) -> dict[Any, list[Row]]:
        """By the table where they are kept."""
        return {Facet: self.facets, FormerFacet: self.former, FormerText: self.texts}


@dataclass(frozen=True, slots=True)
class _After:
    """A case after one of its events, which counts from `at` on; `keys` are the facts that it is listed by."""

    at: datetime
    said: Row
    definition: Definition
    keys: frozenset[str] = frozenset()

    @property
    def facets(self) -> dict[Named, None]:
        return dict.fromkeys([*search.facets_by(self.keys, json.loads(self.said["data"])), *ground_of(self.said)])

    @property
    def texts(self) -> list[str]:
        return search.texts_of(self.definition, self.said, json.loads(self.said["data"]))


def former_of(events: list[Row], case: Row, catalogue: Catalogue) -> Former | None:
    """What the events of a case, in order, tell; None where their contents are not whole. DAMAGED where one cannot be read."""
    if any(event["body"] is None for event in events):
        return None
    afters = _afters(events, case, catalogue)
    facets, former = _stretches(case["id"], [(after.at, after.facets) for after in afters])
    return Former(facets, former, list(_texts(case["id"], afters)))


def _afters(events: list[Row], case: Row, catalogue: Catalogue) -> list[_After]:
    said, keys, at = {name: case[name] for name in SAID}, frozenset[str](), None
    found: list[_After] = []
    for event in reversed(events):
        served = catalogue.of_version(json.loads(event["facts"])["definition"])
        keys |= served.listed
        at = min(at or event["happened_at"], event["happened_at"])
        found.append(_After(at, said, served.definition, keys))
        said = {**said, **{name: value for name, value in _before(event).items() if name in SAID}}
    return found[::-1]


def _before(event: Row) -> Row:
    return (json.loads(event["body"]).get("before") or {}).get("case") or {}


def _stretches(case_id: int, told: Iterable[tuple[datetime, dict[Named, None]]]) -> Stretches:
    """Rows of Facet and of FormerFacet."""
    since: dict[Named, datetime | None] = {}
    former: list[Row] = []
    for n, (at, facets) in enumerate(told):
        for named in [one for one in since if one not in facets]:
            from_at = since.pop(named)
            if from_at is None or from_at < at:
                former.append({**facet_row(case_id, named, from_at), "until_at": at})
        for named in facets:
            since.setdefault(named, at if n else None)
    return [facet_row(case_id, named, from_at) for named, from_at in since.items()], former


def _texts(case_id: int, afters: list[_After]) -> Iterator[Row]:
    last = None
    for before, after in pairwise(afters):
        is_other = (before.said, before.definition) != (after.said, after.definition) and before.texts != after.texts
        if is_other and after.at != last:
            last = after.at
            yield {"case_id": case_id, "until_at": last, "body": search.body_of(before.texts)}


def list_anew(store: Store, case_id: int, keys: Iterable[str]) -> None:
    """A version has begun to list by these facts: what the case has said of them so far, told from its events."""
    case = store.row(ONE, case_id=case_id)
    assert case is not None, "it has come under the version"
    data: list[tuple[datetime, dict[str, Any]]] = []
    text, at = case["data"], None
    for event in reversed(store.rows(EVENTS, first=case_id, last=case_id)):
        at = min(at or event["happened_at"], event["happened_at"])
        data.append((at, json.loads(text)))
        text = _before(event).get("data", text)
    for key in sorted(keys):
        states = [(at, dict.fromkeys(search.facets_by([key], told))) for at, told in reversed(data)]
        _list_by(store, case_id, key, *_stretches(case_id, states))


def list_newly(store: Store, catalogue: Catalogue) -> int:
    """The next cases under older versions are found by facts that a version has begun to list by; how many, 0 at the end.

    One that cannot be read is left out: the night's comparison names it.
    """
    next_ones = newly_listed.lock_first(store)
    if next_ones is None:
        return 0
    kind, after, fields = next_ones
    cases = store.select(_older(catalogue, kind, fields, after))
    for case in cases:
        with suppress(*DAMAGED):
            for field, stretches in _told_by(store, dict(case), catalogue, fields):
                _list_by(store, case["id"], field, *stretches)
    newly_listed.advance(store, kind, after, cases[-1]["id"] if cases else None)
    return len(cases)


def _older(catalogue: Catalogue, kind: str, fields: Iterable[str], after: int) -> Any:
    versions = {version for field in fields for version in catalogue.not_listing(kind, field)}
    return (
        select(_cases.c.id, *(_cases.c[name] for name in SAID))
        .where(_cases.c.kind == kind, _cases.c.id > after, _cases.c.definition_version_id.in_(sorted(versions)))
        .order_by(_cases.c.id)
        .limit(AT_ONCE)
        .with_for_update()
    )


def _told_by(store: Store, case: Row, catalogue: Catalogue, fields: list[str]) -> list[tuple[str, Stretches]]:
    """What the case is and was found by in each of these facts; nothing of contents that are not whole. Raises DAMAGED."""
    events = store.rows(EVENTS, first=case["id"], last=case["id"])
    if any(event["body"] is None for event in events):
        return []
    said = [(after.at, after.keys, json.loads(after.said["data"])) for after in _afters(events, case, catalogue)]
    told = {field: [(at, dict.fromkeys(search.facets_by(keys & {field}, data))) for at, keys, data in said] for field in fields}
    return [(field, _stretches(case["id"], states)) for field, states in told.items()]


def _list_by(store: Store, case_id: int, field: str, facets: list[Row], former: list[Row]) -> None:
    for prepared in CLEAR_FIELD:
        store.run(prepared, case_id=case_id, field=field)
    store.insert(Facet, facets)
    store.insert(FormerFacet, former)


def compare_former(store: Store, catalogue: Catalogue) -> list[int]:
    """The ids of the cases whose rows are not what their history tells, or that cannot be read, ascending.

    Facts that cases are still to be told by (newly_listed.py) are left out.
    """
    wrong: list[int] = []
    waiting = newly_listed.waiting(store)
    for first, last, cases in _histories(store):
        stored: dict[Any, dict[int, list[Row]]] = {}
        for model, prepared in STORED.items():
            for row in store.rows(prepared, first=first, last=last):
                stored.setdefault(model, {}).setdefault(row["case_id"], []).append(row)
        for case, events in cases:
            try:
                told = (former_of(events, case, catalogue) or Former()).rows
            except DAMAGED:
                wrong.append(case["id"])
                continue
            untold = {field for field, after in waiting.get(case["kind"], {}).items() if case["id"] > after}
            kept = {model: stored.get(model, {}).get(case["id"], []) for model in told}
            if any(_sorted(own, untold) != _sorted(kept[model], untold) for model, own in told.items()):
                wrong.append(case["id"])
    return wrong


def _sorted(rows: list[Row], untold: Container[str]) -> list[list[tuple[str, str]]]:
    known = (row for row in rows if row.get("field") not in untold)
    return sorted(sorted((name, str(value)) for name, value in row.items()) for row in known)


def rebuild_former(store: Store, catalogue: Catalogue) -> int:
    """Writes every one of these rows anew from history, inside `database.write`; how many there are.

    DAMAGED where a case cannot be read; then nothing is written.
    """
    written = 0
    for first, last, cases in _histories(store):
        for prepared in CLEAR:
            store.run(prepared, first=first, last=last)
        whole = [former for case, events in cases if (former := former_of(events, case, catalogue)) is not None]
        for model in STORED:
            rows = [row for former in whole for row in former.rows[model]]
            store.insert(model, rows)
            written += len(rows)
    newly_listed.end_all(store)
    return written


def _histories(store: Store) -> Iterator[tuple[int, int, list[tuple[Row, list[Row]]]]]:
    """The cases, each with its events in order, so many at a time, with the first and the last id of each batch."""
    after = 0
    while cases := store.rows(CASES, after=after):
        first, last = cases[0]["id"], cases[-1]["id"]
        own = store.rows(EVENTS, first=first, last=last)
        events = {case_id: list(told) for case_id, told in groupby(own, key=itemgetter("case_id"))}
        yield first, last, [(case, events.get(case["id"], [])) for case in cases]
        after = last
