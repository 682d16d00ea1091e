"""What a change leaves to be taken back by, and taking it back: exactly what it has changed, where nothing has happened since.

What made something new, or brought talks together, is not taken back but changed again: the new is known by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, update

from states.errors import Conflict
from workflow.cases import lock_any
from workflow.desk import Desk
from workflow.models import Area, Barred, FormerPlace, FormerUnit, Grant, Organ, SavedView, SignIn
from workflow.occasions import moved, read_tree
from workflow.people import grants
from workflow.reorganisation.performing import Done
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.verbs import undo

WITHIN = timedelta(minutes=10)
AREA_COLUMNS = ("name", "short_name", "parent_id", "official_order", "valid_to", "successor_id")
ORGAN_COLUMNS = ("name", "short_name", "area_id", "official_order", "valid_to", "successor_id")
_barred, _former, _place = table_of(Barred), table_of(FormerUnit), table_of(FormerPlace)
_grant, _sign_in = table_of(Grant), table_of(SignIn)


def trail(desk: Desk, done: Done, last_former: int) -> dict[str, Any]:
    """What the change has changed, as it was. `last_former` is what was remembered before it."""
    was, now = desk.occasion.tree, read_tree(desk.store)
    areas = [_before(unit, AREA_COLUMNS) for unit in was.areas.values() if now.areas[unit.id] != unit]
    organs = [_before(unit, ORGAN_COLUMNS) for unit in was.organs.values() if now.organs[unit.id] != unit]
    posts = [[post.grant_id, post.until, post.new_id, post.is_new] for post in done.posts]
    told: dict[str, Any] = {"events": sorted(done.moves.events.items()), "areas": areas, "organs": organs, "posts": posts}
    return {**told, "bars": done.bars, "views": done.views, "last_former": last_former}


def _before(unit: Any, columns: tuple[str, ...]) -> list[Any]:
    return [unit.id, {name: getattr(unit, name) for name in columns}]


def leaves_trail(done: Mapping[str, Any], settled_at: datetime | None, now: datetime) -> bool:
    """Was it done less than ten minutes ago, and has it made nothing new?"""
    return settled_at is not None and now - settled_at <= WITHIN and not done["made"] and not done["merged_talks"]


def take_back(desk: Desk, told: Mapping[str, Any], settled_at: Any) -> None:
    """Puts back all of it. Conflict where a case has gone on since, or somebody was told."""
    for case_id, seq in told["events"]:
        _put_back(desk, case_id, seq)
    ids = [case_id for case_id, _seq in told["events"]]
    store = desk.store
    if ids:
        store.execute(delete(_place).where(_place.c.case_id.in_(ids), _place.c.until_at == settled_at))
    for case_id, organ_id in told["bars"]:
        store.execute(delete(_barred).where(_barred.c.case_id == case_id, _barred.c.organ_id == organ_id))
    for grant_id, until, new_id, is_new in told["posts"]:
        _give_back(desk, grant_id, until, new_id, is_new)
    for view_id, query in told["views"]:
        store.update(SavedView, {"query": query}, id=view_id)
    _units(store, told)
    moved(store, "tree")
    moved(store, "people")


def _put_back(desk: Desk, case_id: int, seq: int) -> None:
    file = lock_any(desk.store, desk.context, case_id, desk.occasion)
    last = desk.store.row(undo.LAST, case_id=case_id, seq=seq)
    if last is None or file.row["seq"] != seq or undo.is_told_since(desk, file, last):
        raise Conflict(why="reorganised_since")
    undo.put_back(desk, file, last)


def _give_back(desk: Desk, grant_id: int, until: str | None, new_id: int | None, is_new: bool) -> None:
    store = desk.store
    if new_id is not None:
        store.execute(update(_sign_in).where(_sign_in.c.acting_grant_id == new_id).values(acting_grant_id=None))
    if is_new:
        store.execute(delete(_grant).where(_grant.c.id == new_id))
    grants.give_back(store, grant_id=grant_id, until=_day(until), today=desk.occasion.today)


def _units(store: Store, told: Mapping[str, Any]) -> None:
    for model, units in ((Area, told["areas"]), (Organ, told["organs"])):
        for unit_id, columns in units:
            row: Row = {**columns, "valid_to": _day(columns["valid_to"])}
            store.update(model, row, id=unit_id)
    areas = [unit_id for unit_id, _columns in told["areas"]]
    organs = [unit_id for unit_id, _columns in told["organs"]]
    since = _former.c.id > told["last_former"]
    store.execute(delete(_former).where(since, _former.c.area_id.in_(areas) | _former.c.organ_id.in_(organs)))


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
