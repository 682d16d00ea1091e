"""People of a body whose place another takes: their posts go along or end, and nobody comes to hold more than he held."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import or_, select, update

from workflow.desk import Desk
from workflow.models import Grant, Person, SavedView, SignIn
from workflow.people import grants
from workflow.statements import Row
from workflow.store import Store, table_of

_grant, _person, _sign_in = table_of(Grant), table_of(Person), table_of(SignIn)
# The filters of a saved view that name an area or an organ.
NAMING = ("area", "township", "village", "holder", "subject", "supervisor")


def posts_in(desk: Desk, organ_ids: Collection[int]) -> list[Row]:
    """The posts in these bodies that have not ended, with the names of their people."""
    today = desk.occasion.today
    where = (_grant.c.organ_id.in_(organ_ids), or_(_grant.c.until.is_(None), _grant.c.until >= today))
    chosen = select(_grant, _person.c.name.label("person"), _person.c.disabled_at).join(
        _person, _person.c.id == _grant.c.person_id
    )
    return desk.store.select(chosen.where(*where).order_by(_grant.c.organ_id, _grant.c.id))


@dataclass(frozen=True, slots=True)
class Carried:
    """A post that ended: where it goes on, and whether that is a new post. It would have ended with `until`."""

    grant_id: int
    until: date | None
    new_id: int | None = None
    is_new: bool = False


def carry(desk: Desk, goes: Mapping[int, int], posts: Iterable[Row], ended: Collection[int] = ()) -> list[Carried]:
    """The posts end here; those that are not `ended` go on in the new body, as they were.

    A post that somebody holds there already stays what it is: its ceiling is not raised by that of another body.
    """
    carried = []
    for post in posts:
        to = goes[post["organ_id"]]
        held = {(row["role"], row["organ_id"]): row for row in grants.list_grants(desk.store, post["person_id"])}
        # Ended first: the separation of administrators looks at what is held.
        grants.end(desk.store, grant_id=post["id"], today=desk.occasion.today)
        if post["id"] in ended or post["disabled_at"] is not None:
            carried.append(Carried(post["id"], post["until"]))
            continue
        known = held.get((post["role"], to))
        is_held = known is not None and (known["until"] is None or known["until"] >= desk.occasion.today)
        new_id = known["id"] if known is not None and is_held else _give(desk, post, to)
        carried.append(Carried(post["id"], post["until"], new_id, is_new=known is None))
        desk.store.execute(update(_sign_in).where(_sign_in.c.acting_grant_id == post["id"]).values(acting_grant_id=new_id))
    return carried


def _give(desk: Desk, post: Row, to: int) -> int:
    told = {name: post[name] for name in ("person_id", "role", "ceiling", "title", "since", "until")}
    return grants.give(desk.store, organ_id=to, today=desk.occasion.today, **told)


def carry_views(store: Store, areas: Mapping[int, int], organs: Mapping[int, int]) -> list[list[Any]]:
    """Saved views that ask for a unit that has ended ask for the one in its place; what they asked before, by id."""
    view, before = table_of(SavedView), []
    for row in store.select(select(view.c.id, view.c.query)):
        told = [(name, _instead(name, value, areas, organs)) for name, value in parse_qsl(row["query"])]
        query = urlencode(told)
        if told != parse_qsl(row["query"]):
            before.append([row["id"], row["query"]])
            store.update(SavedView, {"query": query}, id=row["id"])
    return before


def _instead(name: str, value: str, areas: Mapping[int, int], organs: Mapping[int, int]) -> str:
    if name not in NAMING or not value.isdecimal():
        return value
    units = areas if name in ("area", "township", "village") else organs
    return str(units.get(int(value), value))
