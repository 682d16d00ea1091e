"""The names behind the ids of people, and the unit and post by which people of one name are told apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from workflow.models import Grant, Person
from workflow.occasion import Occasion
from workflow.store import Store, table_of

_person, _grant = table_of(Person), table_of(Grant)


@dataclass(frozen=True, slots=True)
class Seat:
    """A unit by its short name, the role that somebody has in it, and what his post is called there ("": as the role is)."""

    organ: str
    role: str
    title: str = ""


def names_of(store: Store, ids: Iterable[int | None]) -> dict[int, str]:
    """The names behind person ids; one statement, none where there are none."""
    wanted = sorted({person_id for person_id in ids if person_id is not None})
    if not wanted:
        return {}
    rows = store.select(select(_person.c.id, _person.c.name).where(_person.c.id.in_(wanted)))
    return {row["id"]: row["name"] for row in rows}


def seats_of(store: Store, occasion: Occasion, ids: Iterable[int | None]) -> dict[int, Seat]:
    """Where each of these people is in post today, in the first of his units in the county's order; one statement.

    Nothing of whom holds no post any longer.
    """
    wanted, tree = {person_id for person_id in ids if person_id is not None}, occasion.tree
    held = [(organ, role, one) for (organ, role), people in occasion.roster.holders.items() for one in people if one in wanted]
    if not held:
        return {}
    held.sort(key=lambda each: (tree.area_rank[tree.organs[each[0]].area_id], tree.organs[each[0]].official_order, each))
    columns = (_grant.c.organ_id, _grant.c.role, _grant.c.person_id, _grant.c.title)
    rows = store.select(select(*columns).where(_grant.c.person_id.in_(sorted(wanted))).order_by(_grant.c.id))
    titles = {(row["organ_id"], row["role"], row["person_id"]): row["title"] for row in rows}
    found: dict[int, Seat] = {}
    for organ_id, role, person_id in held:
        organ = tree.organs[organ_id]
        seat = Seat(organ.short_name or organ.name, role, titles.get((organ_id, role, person_id), ""))
        found.setdefault(person_id, seat)
    return found
