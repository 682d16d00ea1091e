"""What other administrators of workflows hear of a new version, or of its end: that it waits for them, what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow.desk import Desk
from workflow.models import Outbox
from workflow.text import canonical, digest
from workflow.versions.drafts import ROLE

# By how it was decided: not yet, yes, no.
VERSION: Mapping[bool | None, str] = {None: "version_proposed", True: "version_granted", False: "version_refused"}
MOTION: Mapping[bool | None, str] = {None: "motion_proposed", True: "motion_granted", False: "motion_refused"}


@dataclass(frozen=True, slots=True)
class Told:
    """A message about something that two people decide, once for each of them."""

    about: str
    id: int
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


def administrators(desk: Desk, *duties: str) -> tuple[int, ...]:
    """Everybody who administers workflows, or has another such duty, but for whoever acts."""
    return tuple(sorted(on_duty(desk, *(duties or (ROLE,))) - {desk.actor.person_id}))


def on_duty(desk: Desk, *roles: str) -> set[int]:
    """Everybody who has one of these posts today."""
    held = (people for (_organ, role), people in desk.occasion.roster.holders.items() if role in roles)
    return {person for people in held for person in people}


def tell(desk: Desk, told: Told, people: Iterable[int]) -> None:
    """One line for each of them and channel; the same message about the same thing goes out once."""
    now, params = desk.occasion.now, canonical({"name": desk.actor.name, **told.params})
    for person_id in people:
        for channel in desk.occasion.channels:
            key = digest(told.about, str(told.id), told.message, str(person_id), channel)
            line = {"key": key, "channel": channel, "person_id": person_id, "message": told.message, "params": params}
            desk.store.insert(Outbox, [{**line, "case_id": None, "created_at": now, "due_at": now}], ignore_conflict=True)
