"""The names behind the ids of people."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from workflow.models import Person
from workflow.store import Store, table_of

_person = table_of(Person)


def names_of(store: Store, ids: Iterable[int | None]) -> dict[int, str]:
    """The names behind person ids; one statement, none where there are none."""
    wanted = sorted({person_id for person_id in ids if person_id is not None})
    if not wanted:
        return {}
    rows = store.select(select(_person.c.id, _person.c.name).where(_person.c.id.in_(wanted)))
    return {row["id"]: row["name"] for row in rows}
