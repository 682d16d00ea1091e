"""The receipts of a case, as a reader who sees their events gets them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from states.errors import Conflict, NotFound
from workflow.reads.seen import SeenCase
from workflow.reads.timeline import events_of
from workflow.receipts import ON_DEMAND, TYPE, body_of, document_of, how_made, kept_of
from workflow.signing import Signer
from workflow.statements import Row


def receipt_of(seen: SeenCase, seq: int, *, signer: Signer, now: datetime) -> dict[str, Any]:
    """The signed receipt of an event that the reader sees, to the letter the one that is kept.

    Of an event without one, it is signed now and says so. NotFound for any other event; Conflict receipt_lost where the event
    says that one was made and it is gone, receipt_waiting where it is kept and not signed yet; NotReady no_key.
    """
    event = next((event for event in events_of(seen) if event["seq"] == seq), None)
    if event is None:
        raise NotFound(what="event", id=seq)
    return _receipt(seen, event, kept_of(seen.store, seen.id).get(seq), signer, now)


def receipts_of(seen: SeenCase, *, signer: Signer, now: datetime) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Each event that the reader sees and that gives a receipt, oldest first, with it; none that is gone or not signed yet."""
    kept = kept_of(seen.store, seen.id)
    for event in reversed(events_of(seen)):
        if how_made(event) and not _why_not(event, kept.get(event["seq"])):
            yield event, _receipt(seen, event, kept.get(event["seq"]), signer, now)


def _receipt(seen: SeenCase, event: Row, kept: Row | None, signer: Signer, now: datetime) -> dict[str, Any]:
    if why := _why_not(event, kept):
        raise Conflict(why=why)
    return document_of(kept) if kept else signer.require().sign(TYPE, told_now(seen, event, signer, now))


def _why_not(event: Row, kept: Row | None) -> str:
    """Why nobody gets a receipt of the event. What waits is never signed on demand: its event may have been rewritten since."""
    if kept is None:
        return "receipt_lost" if event["facts"].get("receipt") else ""
    return "" if kept["key_id"] else "receipt_waiting"


def told_now(seen: SeenCase, event: Row, signer: Signer, now: datetime) -> dict[str, Any]:
    """What a receipt says that is made when somebody asks for it."""
    facts = event["facts"]
    told = {"number": seen.row["number"], "kind": seen.served.definition.key, "origin": signer.origin}
    hands = {"before": facts["before"]["holder"], "holder": facts["holder"], "tree": seen.occasion.tree}
    return body_of(event, **told, **hands, issued_at=now, made=ON_DEMAND)
