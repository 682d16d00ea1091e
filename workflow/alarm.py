"""The one alarm of a scheduler that has fallen silent: to who can start it again and to who must know, once an outage.

A dead scheduler delivers nothing, so whoever finds it dead writes the lines here and delivers these, and only these.
An outage is known by the last sweep that finished: only a scheduler that lived again in between can end one and begin another.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from workflow.dates import local_day
from workflow.heartbeat import is_alive, last_runs
from workflow.models import Outbox
from workflow.occasion import Occasion
from workflow.roster import Post
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical, digest

MESSAGE = "scheduler_silent"
# Who may start the machine again, wherever the post is; and the office whose deadlines stand.
STARTS_IT = "system_admin"
OFFICE = "inspection_office"

_outbox = table_of(Outbox)
IS_TOLD = Prepared(select(_outbox.c.id).where(_outbox.c.key == bindparam("key")))


def lines_due(store: Store, occasion: Occasion) -> list[Row]:
    """The lines that this outage still lacks; none while the scheduler lives. Reads only."""
    if is_alive(store, occasion.now):
        return []
    last = last_runs(store).get("tick")
    lines = [_line(person, channel, last, occasion.now) for person in _people(occasion) for channel in occasion.channels]
    return [line for line in lines if store.row(IS_TOLD, key=line["key"]) is None]


def write_lines(store: Store, lines: list[Row]) -> int:
    """Puts the lines into the outbox; how many another process had not put there meanwhile."""
    return sum(store.insert(Outbox, [line], ignore_conflict=True) for line in lines)


def _people(occasion: Occasion) -> list[int]:
    """The system administrators, and the heads of the inspection offices."""
    roster = occasion.roster
    offices = [organ.id for organ in occasion.tree.organs.values() if organ.kind == OFFICE]
    told = [people for (_organ, role), people in roster.holders.items() if role == STARTS_IT]
    told += [roster.people_at(Post("head", organ_id)) for organ_id in offices]
    return sorted({person for people in told for person in people})


def _line(person_id: int, channel: str, last: datetime | None, now: datetime) -> dict[str, Any]:
    outage = last.isoformat() if last else "never"
    minutes = int((now - last).total_seconds() // 60) if last else None
    return {
        "key": digest(MESSAGE, outage, str(person_id), channel),
        "channel": channel,
        "person_id": person_id,
        "message": MESSAGE,
        "params": canonical({"last_on": local_day(last) if last else None, "count": minutes}),
        "case_id": None,
        "created_at": now,
        "due_at": now,
    }
