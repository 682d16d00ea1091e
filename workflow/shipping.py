"""Shipments: rows of histories and of the trail on their way to another system soon after they are written (security.md R58).

A shipment is a signed text of at most so many rows, which follows the one before by its digest; it is in the form of the audit
package and holds nothing of what was said. What each holds is kept by its numbers and read again for every place: a row of a
history or of the trail never changes, so a place that was away gets to the letter what the others got.

What is new is found by the hour at which it was recorded, and with each checkpoint by looking at every case. So a clock that
went wrong makes a row late and never lost.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from states.errors import Conflict
from workflow import trail
from workflow.digests import digest, holds
from workflow.keyring import Key
from workflow.models import Case, DefinitionText, DefinitionVersion, Event, Shipment, ShipmentPlace, Shipped, Trail
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical

# A purpose's key signs its own words alone; it is the checkpoints' that places know already.
SHIPMENT_TYPE = "duban/checkpoint/rows/1"
ROWS_AT_MOST = 2_000
# A transaction that was long under way when the last shipment was made.
RECORDED_BEFORE = timedelta(hours=1)
# Longer than a place is away for a restart.
LATE_AFTER = timedelta(minutes=15)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_case, _event, _trail = table_of(Case), table_of(Event), table_of(Trail)
_version, _text = table_of(DefinitionVersion), table_of(DefinitionText)
_shipment, _shipped, _place = table_of(Shipment), table_of(Shipped), table_of(ShipmentPlace)
_done = func.coalesce(_shipped.c.seq, 0)
_cases = (
    select(_case.c.id, _case.c.seq, _done.label("done"))
    .outerjoin(_shipped, (_shipped.c.kind == "event") & (_shipped.c.id == _case.c.id))
    .where(_case.c.seq > _done)
    .order_by(_case.c.id)
    .limit(bindparam("limit"))
)
_lately = select(_event.c.case_id).where(_event.c.recorded_at >= bindparam("since", type_=_event.c.recorded_at.type))
LATELY = Prepared(_cases.where(_case.c.id.in_(_lately)))
BEYOND = Prepared(_cases.where(_case.c.id > bindparam("beyond")))
# Whoever makes a shipment holds the trail's row, so that no two make the same.
TURN = Prepared(select(_shipped.c.seq).where(_shipped.c.kind == "trail").with_for_update())
_known = select(_shipped.c.id).where(_shipped.c.kind == "version")
VERSIONS = Prepared(select(_version.c.id).where(_version.c.id.not_in(_known)).order_by(_version.c.id).limit(bindparam("limit")))
UNSEALED = Prepared(select(_trail.c.at).where(_trail.c.seq.is_(None)).order_by(_trail.c.id).limit(1))
SO_FAR = Prepared(select(_shipped.c.seq).where(_shipped.c.kind == "trail"))
LAST = Prepared(select(_shipment).order_by(_shipment.c.number.desc()).limit(1))
AFTER = Prepared(select(_shipment).where(_shipment.c.number > bindparam("number")).order_by(_shipment.c.number).limit(1))
AT = Prepared(select(_place).where(_place.c.place == bindparam("place")))
OF_VERSION = Prepared(
    select(_version.c.id, _version.c.digest, _text.c.canonical)
    .join(_text, _text.c.digest == _version.c.digest)
    .where(_version.c.id == bindparam("id"))
)
OF_CASE = Prepared(
    select(_event)
    .where(_event.c.case_id == bindparam("case_id"), _event.c.seq.between(bindparam("first"), bindparam("last")))
    .order_by(_event.c.seq)
)
OF_TRAIL = Prepared(select(_trail).where(_trail.c.seq.between(bindparam("first"), bindparam("last"))).order_by(_trail.c.seq))


@dataclass(frozen=True, slots=True)
class Made:
    """A shipment, with how many rows it has; every case up to `beyond` is in shipments to its end."""

    number: int
    rows: int
    beyond: int


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a place is: the last shipment that it has (0 for none), and since when one waits for it (None: it has all)."""

    place: str
    number: int
    waiting_since: datetime | None
    is_late: bool


def make_shipment(store: Store, now: datetime, *, key: Key, origin: str, beyond: int | None = None) -> Made | None:
    """Puts what is in no shipment yet into one, so many rows at most; None where there is nothing. Inside `database.write`.

    Looks at what was recorded lately; with `beyond`, at every case with a larger id.
    """
    store.insert(Shipped, [{"kind": "trail", "id": 0, "seq": 0}], ignore_conflict=True)
    turn, last = store.row(TURN), store.row(LAST)
    assert turn is not None, "it was just added"
    versions = [int(row["id"]) for row in store.rows(VERSIONS, limit=ROWS_AT_MOST)]
    room = ROWS_AT_MOST - len(versions)
    cases = _cases_of(store, last, beyond, room)
    room -= sum(upto - first + 1 for _case_id, first, upto in cases)
    first, upto = turn["seq"] + 1, min(trail.seal(store)[0], turn["seq"] + room)
    told = {"versions": versions, "events": cases, "trail": [first, upto] if upto >= first else []}
    if not any(told.values()):
        return None
    parts, prev = canonical(told), last["digest"] if last else ""
    text = _text_of(store, told)
    row: Row = {"number": last["number"] + 1 if last else 1, "made_at": now, "origin": origin, "prev": prev, "parts": parts}
    row["digest"] = digest(store.digest_suite, prev, text)
    signed = key.sign(SHIPMENT_TYPE, _note(row))
    store.insert(Shipment, [row | {name: signed[name] for name in ("key_id", "algorithm", "signature")}])
    _say_shipped(store, told)
    return Made(row["number"], text.count("\n") + 1, cases[-1][0] - 1 if cases else beyond or 0)


def has_begun(store: Store) -> bool:
    """Has a shipment been made yet?"""
    return store.row(LAST) is not None


def is_something_new(store: Store, *, beyond: int | None = None) -> bool:
    """Is there something for the next shipment, looked for as `make_shipment` does? A look without a lock."""
    so_far, sealed = store.row(SO_FAR), store.row(trail.LAST)
    if store.row(UNSEALED) or (sealed["seq"] if sealed else 0) > (so_far["seq"] if so_far else 0):
        return True
    return bool(store.rows(VERSIONS, limit=1) or _cases_of(store, store.row(LAST), beyond, 1))


def _cases_of(store: Store, last: Row | None, beyond: int | None, room: int) -> list[list[int]]:
    """[case, first, last] of histories that are not shipped to their end, as far as there is room."""
    if beyond is None:
        since = last["made_at"] - RECORDED_BEFORE if last else LONG_AGO
        rows = store.rows(LATELY, since=since, limit=room)
    else:
        rows = store.rows(BEYOND, beyond=beyond, limit=room)
    found = []
    for row in rows:
        upto = min(row["seq"], row["done"] + room)
        if room > 0:
            found.append([row["id"], row["done"] + 1, upto])
        room -= upto - row["done"]
    return found


def _say_shipped(store: Store, told: Mapping[str, Any]) -> None:
    rows = [("version", version, 1, 1) for version in told["versions"]]
    rows += [("event", case_id, first, last) for case_id, first, last in told["events"]]
    rows += [("trail", 0, *told["trail"])] if told["trail"] else []
    new = [{"kind": kind, "id": at, "seq": last} for kind, at, first, last in rows if first == 1 and kind != "trail"]
    store.insert(Shipped, new)
    for kind, at, first, last in rows:
        if first > 1 or kind == "trail":
            store.update(Shipped, {"seq": last}, kind=kind, id=at)


def _text_of(store: Store, told: Mapping[str, Any]) -> str:
    """The rows, a line each, as the audit package has them."""
    return "\n".join(canonical({"table": table, **row}) for table, row in _rows_of(store, told))


def _rows_of(store: Store, told: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    for version in told["versions"]:
        for row in store.rows(OF_VERSION, id=version):
            yield "definition", {"digest": row["digest"], "canonical": row["canonical"]}
            yield "definition_version", {"id": row["id"], "digest": row["digest"]}
    for case_id, first, last in told["events"]:
        yield from (("event", row) for row in store.rows(OF_CASE, case_id=case_id, first=first, last=last))
    if told["trail"]:
        first, last = told["trail"]
        yield from (("trail", row) for row in store.rows(OF_TRAIL, first=first, last=last))


def _note(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("origin", "number", "made_at", "prev", "digest")}


def next_for(store: Store, place: str) -> tuple[int, str, dict[str, Any]] | None:
    """The next shipment that a place does not have: number, origin and document, as it was made; None where it has all.

    Conflict rows_changed where the rows are not what they were when it was made.
    """
    at = store.row(AT, place=place)
    row = store.row(AFTER, number=at["number"] if at else 0)
    if row is None:
        return None
    text = _text_of(store, json.loads(row["parts"]))
    if not holds(row["digest"], row["prev"], text):
        raise Conflict(why="rows_changed", number=row["number"])
    signed = {name: row[name] for name in ("key_id", "algorithm", "signature")}
    document = {"type": SHIPMENT_TYPE, "body": canonical(_note(row)), **signed, "listed": text}
    return row["number"], row["origin"], document


def say_arrived(store: Store, place: str, number: int, *, now: datetime) -> None:
    """Writes down that a place has this shipment and all before it."""
    row = {"number": number, "delivered_at": now}
    if not store.update(ShipmentPlace, row, place=place):
        store.insert(ShipmentPlace, [{"place": place, **row}], ignore_conflict=True)


def lags(store: Store, places: Collection[str], now: datetime) -> list[Lag]:
    """How far each of the places is. Late is also what should be in a shipment by now and is in none."""
    unsealed = store.row(UNSEALED)
    found = []
    for place in places:
        at = store.row(AT, place=place)
        waits = store.row(AFTER, number=at["number"] if at else 0)
        since = waits["made_at"] if waits else unsealed["at"] if unsealed else None
        found.append(Lag(place, at["number"] if at else 0, since, since is not None and now - since > LATE_AFTER))
    return found
