"""Trips to a provider of identities: each is begun here, ends here once, and is over after ten minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from states.errors import DomainError
from workflow.models import ProviderTrip
from workflow.people.bearer import digest_of
from workflow.statements import Prepared
from workflow.store import Store, table_of

LASTS = timedelta(minutes=10)

_trip = table_of(ProviderTrip)
FIND = Prepared(select(_trip).where(_trip.c.state_digest == bindparam("state_digest")))
FORGET = Prepared(delete(_trip).where(_trip.c.begun_at < bindparam("before", type_=_trip.c.begun_at.type)))


class TripOver(DomainError):
    """What came back belongs to no trip that was begun here a moment ago, or to one that has ended already."""

    code = "trip_over"


def begin(store: Store, *, state: str, now: datetime) -> None:
    """Somebody sets out and is to come back with `state`."""
    store.insert(ProviderTrip, [{"state_digest": digest_of(state), "begun_at": now, "used_at": None}])


def end(store: Store, *, state: str, now: datetime) -> datetime:
    """When the trip with this state began; it has ended now, whatever comes of it. TripOver for any other."""
    found = store.row(FIND, state_digest=digest_of(state))
    if found is None or now - found["begun_at"] >= LASTS:
        raise TripOver()
    # Of two that come back with the same state at once, one does.
    unused = (_trip.c.state_digest == found["state_digest"], _trip.c.used_at.is_(None))
    if store.execute(_trip.update().values(used_at=now).where(*unused)) != 1:
        raise TripOver()
    begun_at: datetime = found["begun_at"]
    return begun_at


def forget(store: Store, *, now: datetime) -> int:
    """Drops trips that are over; for the nightly job."""
    return store.run(FORGET, before=now - LASTS)
