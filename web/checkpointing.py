"""What leaves this installation: checkpoints, taken with its key on a schedule, and rows soon after they are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from config.settings import Settings
from handlers.channels.webhook import WebhookRefused
from handlers.places import Place, PlaceRefused, Sent
from handlers.places.folder import Folder
from handlers.places.timestamp import TimeStamp
from handlers.places.witness import Witness
from states.errors import Conflict
from web.wiring import Office
from workflow import deliveries, shipping
from workflow.checkpoints import Checkpoint, take_checkpoint
from workflow.keyring import get_key
from workflow.receipts import sign_waiting
from workflow.store import Store

log = structlog.get_logger()


def take_signed(office: Office, now: datetime) -> Checkpoint:
    """A checkpoint signed by this installation; NotReady without a key that may be used."""
    settings = office.settings
    key = get_key(settings.key_folder, "checkpoint")
    return office.database.write(lambda store: take_checkpoint(store, now, key=key, origin=settings.origin))


def every(settings: Settings) -> timedelta:
    """How often one is taken."""
    return timedelta(minutes=settings.checkpoint_minutes)


def places_of(settings: Settings) -> list[Place]:
    """The places of this installation that need nobody's hand."""
    places: list[Place] = []
    if settings.checkpoint_folder is not None:
        places.append(Folder(settings.checkpoint_folder))
    if settings.witness_url:
        places.append(Witness(settings.witness_url, settings.witness_hosts))
    if settings.timestamp_folder is not None:
        places.append(TimeStamp(settings.timestamp_folder))
    return places


def keep_outside(office: Office, now: datetime) -> Mapping[str, Any]:
    """Takes a checkpoint if it is time, and carries rows and then checkpoints, so that a checkpoint finds its rows there.

    Last, so that it stops none of these, it signs the receipts that wait.
    """
    due = _take_if_due(office, now)
    told = {"taken": int(due), "shipped": keep_rows(office, now, is_whole=due), "carried": _carry_checkpoints(office, now)}
    return {"signed": sign_waiting(office.database, office.signer, now), **told}


def keep_checkpoints(office: Office, now: datetime) -> Mapping[str, Any]:
    """Takes one if it is time, and carries to each place what it lacks; how many were taken and carried."""
    return {"taken": int(_take_if_due(office, now)), "carried": _carry_checkpoints(office, now)}


def _take_if_due(office: Office, now: datetime) -> bool:
    due = office.database.read(lambda store: deliveries.is_due(store, now, every(office.settings)))
    if due:
        take_signed(office, now)
    return due


def _carry_checkpoints(office: Office, now: datetime) -> int:
    return sum(_carry(office, place, now) for place in places_of(office.settings))


def keep_rows(office: Office, now: datetime, *, is_whole: bool = False) -> int:
    """Puts new rows into shipments and carries those to each place that takes them; how many were carried.

    `is_whole` looks at every case, which the first time does in any case.
    """
    places = [place for place in places_of(office.settings) if place.takes_rows]
    has_begun = office.database.read(shipping.has_begun)
    if places and has_begun:
        _make_shipments(office, now)
    if places and (is_whole or not has_begun):
        _make_shipments(office, now, beyond=0)
    return sum(_ship(office, place, now) for place in places)


def _make_shipments(office: Office, now: datetime, *, beyond: int | None = None) -> None:
    """One after the other, each in a transaction of its own; `beyond` 0 looks at every case, and mostly without a lock."""
    key, origin = get_key(office.settings.key_folder, "checkpoint"), office.settings.origin

    def is_something_new(store: Store) -> bool:
        return shipping.is_something_new(store, beyond=beyond)

    def make(store: Store) -> shipping.Made | None:
        return shipping.make_shipment(store, now, key=key, origin=origin, beyond=beyond)

    while office.database.read(is_something_new):
        made = office.database.write(make)
        if made is None:
            return
        beyond = None if beyond is None else made.beyond


def _ship(office: Office, place: Place, now: datetime) -> int:
    """How many shipments the place has got: in their order, up to the first that it cannot take."""
    carried = 0
    while True:
        try:
            found = office.database.read(lambda store: shipping.next_for(store, place.name))
            if found is None:
                return carried
            number, origin, document = found
            place.put(Sent(origin, number, document, "rows"))
        except (OSError, PlaceRefused, WebhookRefused, ValueError, Conflict) as fault:
            log.warning("rows_not_delivered", place=place.name, error=repr(fault))
            return carried
        _say_arrived(office, place.name, number, now)
        carried += 1


def _say_arrived(office: Office, place: str, number: int, now: datetime) -> None:
    office.database.write(lambda store: shipping.say_arrived(store, place, number, now=now))


def lags_of(office: Office, now: datetime) -> list[shipping.Lag]:
    """How far each place that takes rows is with them."""
    places = [place.name for place in places_of(office.settings) if place.takes_rows]
    return office.database.read(lambda store: shipping.lags(store, places, now))


def _carry(office: Office, place: Place, now: datetime) -> int:
    """How many checkpoints the place has got: in their order, up to the first that it cannot take."""
    carried = 0
    for checkpoint_id, checkpoint in office.database.read(lambda store: deliveries.lacking(store, place.name)):
        sent = Sent(checkpoint.content["origin"], checkpoint.number, checkpoint.document())
        try:
            answer = place.put(sent)
        except (OSError, PlaceRefused, WebhookRefused, ValueError) as fault:
            log.warning("checkpoint_not_delivered", place=place.name, number=sent.number, error=repr(fault))
            break
        if answer is not None:
            _say(office, checkpoint_id, place.name, answer, now)
            carried += 1
    return carried


def _say(office: Office, checkpoint_id: int, place: str, answer: str, now: datetime) -> None:
    office.database.write(lambda store: deliveries.say_delivered(store, checkpoint_id, place=place, now=now, answer=answer))
