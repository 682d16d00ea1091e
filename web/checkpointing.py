"""Checkpoints of this installation: taken with its key, under its name."""

from __future__ import annotations

from datetime import datetime

from web.wiring import Office
from workflow.checkpoints import Checkpoint, take_checkpoint
from workflow.keyring import get_key


def take_signed(office: Office, now: datetime) -> Checkpoint:
    """A checkpoint signed by this installation; NotReady without a key that may be used."""
    settings = office.settings
    key = get_key(settings.key_folder, "checkpoint")
    return office.database.write(lambda store: take_checkpoint(store, now, key=key, origin=settings.origin))
