"""Is the machine's clock to be trusted? Events are in order by their numbers whatever it says; deadlines are not."""

from __future__ import annotations

import ctypes
from datetime import datetime

from sqlalchemy import func, select

from workflow.models import Event
from workflow.statements import Prepared
from workflow.store import Store, table_of

_event = table_of(Event)
LAST = Prepared(select(func.max(_event.c.recorded_at).label("at")))
# What adjtimex(2) answers where nothing keeps the clock, and how much room its structure may want.
NOBODY_KEEPS_IT = 5
ROOM = 512


def last_recorded(store: Store) -> datetime | None:
    """When the latest event was written down."""
    row = store.row(LAST)
    return row["at"] if row else None


def is_synchronised() -> bool | None:
    """Does a time service keep the clock? None where the system does not say."""
    try:
        told = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(ROOM))
    except (AttributeError, OSError):
        return None
    return None if told < 0 else bool(told != NOBODY_KEEPS_IT)
