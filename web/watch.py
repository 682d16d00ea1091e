"""What a web process does about a scheduler that it finds dead: it writes the one alarm and delivers it itself."""

from __future__ import annotations

from datetime import datetime

from web.delivery import channels_of
from web.wiring import Office
from workflow.alarm import MESSAGE, lines_due, write_lines
from workflow.heartbeat import Watch
from workflow.outbox import deliver


def watch_over(office: Office) -> Watch:
    """The watch of this process over the scheduler, not yet begun."""
    return Watch(lambda now: look(office, now))


def look(office: Office, now: datetime) -> int:
    """How many messages went out. While the scheduler lives, and once everybody has been told, this is two reads."""
    lines = office.engine.read(now, lines_due)
    if lines:
        office.database.write(lambda store: write_lines(store, lines))
    return deliver(office.database, channels_of(office), now=now, only=MESSAGE)["sent"]
