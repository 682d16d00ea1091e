"""What the other administrators hear of a new version: that it waits for them, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from workflow.desk import Desk
from workflow.models import Outbox
from workflow.text import canonical, digest
from workflow.versions.drafts import ROLE

PROPOSED, GRANTED, REFUSED = "version_proposed", "version_granted", "version_refused"


def administrators(desk: Desk, *duties: str) -> tuple[int, ...]:
    """Everybody who administers workflows, or has another such duty, but for whoever acts."""
    held = (people for (_organ, role), people in desk.occasion.roster.holders.items() if role in (duties or (ROLE,)))
    return tuple(sorted({person for people in held for person in people} - {desk.actor.person_id}))


def tell(desk: Desk, publication_id: int, message: str, people: Iterable[int], from_on: date) -> None:
    """One line for each of them about a publication."""
    tell_each(desk, f"publication:{publication_id}", message, people, {"name": desk.actor.name, "from_on": from_on})


def tell_each(desk: Desk, about: str, message: str, people: Iterable[int], params: Mapping[str, Any]) -> None:
    """One line for each of them and channel; the same message about the same thing goes out once."""
    now, told = desk.occasion.now, canonical(params)
    for person_id in people:
        for channel in desk.occasion.channels:
            key = digest(about, message, str(person_id), channel)
            line = {"key": key, "channel": channel, "person_id": person_id, "message": message, "params": told}
            desk.store.insert(Outbox, [{**line, "case_id": None, "created_at": now, "due_at": now}], ignore_conflict=True)
