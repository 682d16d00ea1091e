"""Receipts: signed notes of what both sides of a case have to prove, made with the event and kept as they were signed.

A receipt has an event's place in the chain, the number, the step, the organs and the hours, and no content. It is made in the
transaction of each event by which a case changes hands, is signed for, ends or is taken up again, and its event says so under
the chain: so nobody can have a history that was rewritten since signed as if it had always been so, and a receipt that is gone
is missed. Whoever sees the event gets the same bytes whenever he asks (`workflow/reads/receipts.py`).

No step is lost for want of a key. Its receipt is kept unsigned then, and signed, saying that it was late, once there is one;
until then nobody gets any.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Text, and_, bindparam, exists, literal_column, select, tuple_, type_coerce

from workflow.casefile import CaseFile
from workflow.database import Database
from workflow.dates import local_day
from workflow.keyring import Key, PublicKey
from workflow.models import Event, Receipt
from workflow.models.columns import time_to_text
from workflow.occasions import read_tree
from workflow.permissions import CASES
from workflow.reads.bands import SIGNING
from workflow.signing import Signer
from workflow.statements import DAMAGED, Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.tree import Tree

TYPE = "duban/receipt/1"
# How a receipt came about, which its signed body says: with the event, later for want of a key, when somebody asked for it.
AT_EVENT, LATE, ON_DEMAND = "at_event", "late", "on_demand"
# What an event says, in its facts, of a receipt that was made with it.
MARK: Mapping[str, Any] = {"receipt": True}
# What an import tells of the past has happened between no two sides here.
BROUGHT = ("imported", "replay")
TOGETHER = 500
FIRST: Mapping[str, int] = {"case_id": 0, "seq": 0}
SIGNED = ("key_id", "algorithm", "signature")
# All that a receipt says.
SAID = frozenset(
    ("number", "kind", "heads", "step", "from", "to", "by", "happened_at", "recorded_at", "origin", "issued_at", "made")
)

_event, _receipt, _other = table_of(Event), table_of(Receipt), table_of(Receipt).alias("other")
# Written out, because a bound text does not tell the database that the index of what is unsigned is enough.
_unsigned = literal_column("''", Text)
_place = (_receipt.c.case_id, _receipt.c.seq)
_in_order = (*_place, _receipt.c.key_id)
_same = and_(_other.c.case_id == _receipt.c.case_id, _other.c.seq == _receipt.c.seq, _other.c.key_id != _unsigned)
_waits = and_(_receipt.c.key_id == _unsigned, ~exists(select(_other.c.seq).where(_same)))
# Hours as they lie there: one that is none any more differs from what the receipt says, and stops no row beside it.
_hours = (type_coerce(_event.c[name], Text).label(name) for name in ("happened_at", "recorded_at"))
_with_event = (
    select(_receipt, *(_event.c[name] for name in ("hash", "verb", "trigger", "facts")), *_hours, CASES.c.number, CASES.c.kind)
    .join(_event, and_(_event.c.case_id == _receipt.c.case_id, _event.c.seq == _receipt.c.seq))
    .join(CASES, CASES.c.id == _receipt.c.case_id)
)
OF_CASE = Prepared(select(_receipt).where(_receipt.c.case_id == bindparam("case_id")).order_by(*_in_order))
WAITING = Prepared(
    _with_event.where(_waits, tuple_(*_place) > tuple_(bindparam("case_id"), bindparam("seq")))
    .order_by(*_place)
    .limit(bindparam("limit"))
)
KEPT = Prepared(
    _with_event.where(tuple_(*_in_order) > tuple_(bindparam("case_id"), bindparam("seq"), bindparam("key_id")))
    .order_by(*_in_order)
    .limit(bindparam("limit"))
)
_has = exists(select(_receipt.c.seq).where(_receipt.c.case_id == _event.c.case_id, _receipt.c.seq == _event.c.seq))
LOST = Prepared(
    select(_event.c.case_id, _event.c.seq)
    .where(_event.c.facts.like(f"%{canonical(MARK)[1:-1]}%"), ~_has)
    .order_by(_event.c.case_id, _event.c.seq)
)


# ---- with the event -------------------------------------------------------------------------------------------------------


def is_due(file: CaseFile, verb: str, trigger: str) -> bool:
    """Does the coming event of the case give a receipt: does it change hands, is it signed for, does it end or go on again?"""
    was, now = file.before, file.row
    changes = was.get("holder_id") != now["holder_id"] or bool(was.get("final")) != bool(now["final"])
    return verb not in BROUGHT and (trigger == SIGNING or bool(now["head"] and changes))


def how_made(event: Row) -> str:
    """How the receipt that a page offers for an event comes about; "" for an event that gives none.

    An event from before receipts were made with it says nothing of one; it gets one on demand where the case changed hands or
    was signed for.
    """
    facts = event["facts"]
    if facts.get("receipt"):
        return AT_EVENT
    changed = event["seq"] > 1 and facts["before"]["holder"] != facts["holder"]
    return ON_DEMAND if changed or event["trigger"] == SIGNING else ""


def receipt_row(event: Row, file: CaseFile, before: int | None, tree: Tree, signer: Signer) -> Row:
    """The receipt of an event that was just chained; `before` is who held the case. Unsigned where there is no key."""
    told = {"number": file.row["number"], "kind": file.served.definition.key, "before": before, "holder": file.row["holder_id"]}
    body = body_of(event, tree=tree, origin=signer.origin, issued_at=event["recorded_at"], made=AT_EVENT, **told)
    return _row(event, body, signer.find())


def body_of(
    event: Row,
    *,
    number: str,
    kind: str,
    before: int | None,
    holder: int | None,
    tree: Tree,
    origin: str,
    issued_at: datetime,
    made: str,
) -> dict[str, Any]:
    """What a receipt says: an event, from whom to whom, by whom, when, and where it stands in the chain of its case."""

    day = local_day(event["recorded_at"])

    def called(organ_id: int | None) -> str:
        """By its name of that day."""
        organ = tree.organs.get(organ_id) if organ_id is not None else None
        then = tree.former_of(organ.id, day) if organ else None
        named = then or organ
        return (named.short_name or named.name) if named else ""

    return {
        "number": number,
        "kind": kind,
        "heads": [[event["case_id"], event["seq"], event["hash"]]],
        "step": event["trigger"] or event["verb"],
        "from": called(before),
        "to": called(holder),
        "by": called(event["organ_id"]),
        **{name: event[name] for name in ("happened_at", "recorded_at")},
        **{"origin": origin, "issued_at": issued_at, "made": made},
    }


def _row(event: Row, body: Mapping[str, Any], key: Key | None) -> Row:
    signed = key.sign(TYPE, body) if key else {"body": canonical(body), **dict.fromkeys(SIGNED, "")}
    return {name: event[name] for name in ("case_id", "seq")} | {name: signed[name] for name in ("body", *SIGNED)}


# ---- kept -----------------------------------------------------------------------------------------------------------------


def document_of(row: Row) -> dict[str, Any]:
    """The signed text as it was signed."""
    return {"type": TYPE, "body": row["body"], **{name: row[name] for name in SIGNED}}


def kept_of(store: Store, case_id: int) -> dict[int, Row]:
    """The receipts of a case by the event's `seq`: the signed one where one is signed, else the one that waits."""
    return {row["seq"]: row for row in store.rows(OF_CASE, case_id=case_id)}


def is_waiting(store: Store) -> bool:
    """Is there a receipt that nobody has signed?"""
    return store.row(WAITING, **FIRST, limit=1) is not None


def sign_waiting(database: Database, signer: Signer, now: datetime) -> int:
    """Signs what was kept unsigned, so many in a transaction; how many.

    What no longer agrees with its event is left: that would be signing what somebody has changed.
    """
    signed, after = 0, dict(FIRST)
    names = database.read(_names)
    while rows := _waiting(database, after) if (key := signer.find()) else []:
        late = {"origin": signer.origin, "issued_at": now, "made": LATE}
        made = [_row(row, {**json.loads(row["body"]), **late}, key) for row in rows if _agrees(row, names)]
        database.write(partial(_keep, rows=made))
        signed += len(made)
        after = {name: rows[-1][name] for name in after}
    return signed


def _keep(store: Store, rows: list[Row]) -> None:
    store.insert(Receipt, rows, ignore_conflict=True)


def _waiting(database: Database, after: Mapping[str, int]) -> list[Row]:
    return database.read(lambda store: store.rows(WAITING, **after, limit=TOGETHER))


def find_faults(store: Store, keys: Iterable[PublicKey]) -> Iterator[dict[str, Any]]:
    """Receipts that are not what they were or not of their event, and events whose receipt is gone: {case, seq, kind}.

    Kinds: signature, event, lost.
    """
    known = {key.id: key for key in keys}
    names = _names(store)
    after: dict[str, Any] = {**FIRST, "key_id": ""}
    while rows := store.rows(KEPT, **after, limit=TOGETHER):
        for row in rows:
            key = known.get(row["key_id"])
            if row["key_id"] and not (key and key.verifies(document_of(row))):
                yield _fault(row, "signature")
            elif not _agrees(row, names):
                yield _fault(row, "event")
        after = {name: rows[-1][name] for name in after}
    yield from (_fault(row, "lost") for row in store.rows(LOST))


def _fault(row: Row, kind: str) -> dict[str, Any]:
    return {"case": row["case_id"], "seq": row["seq"], "kind": kind}


def _names(store: Store) -> Mapping[int, frozenset[str]]:
    """What each organ is and was called: the receipt has its name of the hour, which may have changed on the same day."""
    tree = read_tree(store)
    names = {organ.id: {organ.short_name or organ.name} for organ in tree.organs.values()}
    for unit in tree.former:
        if unit.organ_id is not None:
            names.setdefault(unit.organ_id, set()).add(unit.short_name or unit.name)
    return {organ_id: frozenset(called) for organ_id, called in names.items()}


def _agrees(row: Row, names: Mapping[int, frozenset[str]]) -> bool:
    """Does the receipt say of the event, as it stands now, all that receipts say, and does the event say that it has one?"""
    try:
        told, facts = json.loads(row["body"]), json.loads(row["facts"])
        said = [told[name] for name in ("number", "kind", "heads", "step", "happened_at", "recorded_at")]
        ends = {"from": facts["before"]["holder"], "to": facts["holder"], "by": facts["organ"]}
        is_between = all(told[name] in names.get(organ_id, ("",)) for name, organ_id in ends.items())
        is_whole = told.keys() == SAID and bool(facts.get("receipt"))
    except DAMAGED:
        return False
    hours = [_text_of(row[name]) for name in ("happened_at", "recorded_at")]
    stands = [[[row["case_id"], row["seq"], row["hash"]]], row["trigger"] or row["verb"], *hours]
    return is_whole and is_between and bool(said == [row["number"], row["kind"], *stands])


def _text_of(hour: datetime | str) -> str:
    return hour if isinstance(hour, str) else time_to_text(hour)
