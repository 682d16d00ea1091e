"""What the other administrators of workflows hear of a new version: that it waits for them, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from workflow.desk import Desk
from workflow.models import Outbox
from workflow.text import canonical, digest
from workflow.versions.drafts import ROLE

PROPOSED, GRANTED, REFUSED = "version_proposed", "version_granted", "version_refused"


def administrators(desk: Desk) -> tuple[int, ...]:
    """Everybody who administers workflows, but for whoever acts."""
    held = (people for (_organ, role), people in desk.occasion.roster.holders.items() if role == ROLE)
    return tuple(sorted({person for people in held for person in people} - {desk.actor.person_id}))


def tell(desk: Desk, publication_id: int, message: str, people: Iterable[int], from_on: date) -> None:
    """One line for each of them and channel; the same message about the same publication goes out once."""
    now, params = desk.occasion.now, canonical({"name": desk.actor.name, "from_on": from_on})
    for person_id in people:
        for channel in desk.occasion.channels:
            key = digest("publication", str(publication_id), message, str(person_id), channel)
            line = {"key": key, "channel": channel, "person_id": person_id, "message": message, "params": params}
            desk.store.insert(Outbox, [{**line, "case_id": None, "created_at": now, "due_at": now}], ignore_conflict=True)
