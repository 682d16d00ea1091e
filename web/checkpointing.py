"""Checkpoints of this installation: taken with its key, under its name, on a schedule, and carried to every place."""

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
from web.wiring import Office
from workflow import deliveries
from workflow.checkpoints import Checkpoint, take_checkpoint
from workflow.keyring import get_key

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


def keep_checkpoints(office: Office, now: datetime) -> Mapping[str, Any]:
    """Takes one if it is time, and carries to each place what it lacks; how many were taken and carried."""
    due = office.database.read(lambda store: deliveries.is_due(store, now, every(office.settings)))
    if due:
        take_signed(office, now)
    return {"taken": int(due), "carried": sum(_carry(office, place, now) for place in places_of(office.settings))}


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
