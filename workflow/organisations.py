"""Areas and organs: added, renamed, ordered, ended. Nothing is deleted, because cases and history name them.

The county's official order rules every list and print; a new area or organ comes last among its neighbours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, bindparam, func, not_, or_, select

from states.errors import BadInput, Conflict, NotFound
from workflow.models import Area, Organ
from workflow.occasions import moved
from workflow.permissions import CASES
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

BELOW = {"county": "township", "township": "village"}

_area, _organ = table_of(Area), table_of(Organ)
AREA = Prepared(select(_area).where(_area.c.id == bindparam("id")))
ORGAN = Prepared(select(_organ).where(_organ.c.id == bindparam("id")))
ORGAN_NAMED = Prepared(select(_organ.c.id).where(_organ.c.name == bindparam("name")))
LAST_AREA = Prepared(
    select(func.max(_area.c.official_order).label("last")).where(
        _area.c.parent_id.is_not_distinct_from(bindparam("parent_id", type_=_area.c.parent_id.type)),
        _area.c.official_order < bindparam("below"),
    )
)
LAST_ORGAN = Prepared(select(func.max(_organ.c.official_order).label("last")).where(_organ.c.area_id == bindparam("area_id")))
CHILDREN = Prepared(
    select(_area.c.id, _area.c.official_order).where(
        _area.c.parent_id.is_not_distinct_from(bindparam("parent_id", type_=_area.c.parent_id.type))
    )
)
ORGANS_OF = Prepared(select(_organ.c.id).where(_organ.c.area_id == bindparam("area_id")))
VALID_IN = Prepared(select(_organ.c.id).where(_organ.c.area_id == bindparam("area_id"), _organ.c.valid_to.is_(None)).limit(1))
VALID_BELOW = Prepared(select(_area.c.id).where(_area.c.parent_id == bindparam("area_id"), _area.c.valid_to.is_(None)).limit(1))
DUTIES = Prepared(
    select(func.count().label("cases"))
    .select_from(CASES)
    .where(
        and_(not_(CASES.c.final), not_(CASES.c.withdrawn)),
        or_(CASES.c.holder_id == bindparam("organ_id"), CASES.c.supervisor_id == bindparam("organ_id")),
    )
)
# What is put after everything else (未归属) has an order from here up.
LAST_PLACES = 9_000
NAME_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class County:
    """A county's root: its area, and the inspection office that keeps the ledger."""

    area_id: int
    office_id: int


def add_county(store: Store, *, name: str) -> County:
    """A county with its inspection office, which is all that a first run needs."""
    area_id = add_area(store, name=name, level="county", parent_id=None)
    full = f"中共{clean_name(name)}委巡察工作领导小组办公室"
    office_id = add_organ(
        store, area_id=area_id, kind="inspection_office", name=full, short_name=f"{clean_name(name)[-1:]}委巡察办"
    )
    return County(area_id, office_id)


def add_area(
    store: Store,
    *,
    name: str,
    level: str,
    parent_id: int | None,
    short_name: str = "",
    division_code: str = "",
    valid_from: date | None = None,
    last_place: bool = False,
) -> int:
    """A new area's id. BadInput where the level does not stand right under the parent's, Conflict where that has ended."""
    above = _get_lasting(store, parent_id)["level"] if parent_id is not None else ""
    if BELOW.get(above, "county" if not above else "") != level:
        raise BadInput(why="area_level", level=level, above=above)
    bound = 2**31 - 1 if last_place else LAST_PLACES
    row = store.row(LAST_AREA, parent_id=parent_id, below=bound)
    order = max((row or {}).get("last") or 0, LAST_PLACES if last_place else 0) + 1
    area_id = store.new_ids(Area, 1)[0]
    values: Row = {"name": clean_name(name), "short_name": _short(short_name), "division_code": division_code}
    values |= {"id": area_id, "parent_id": parent_id, "level": level, "official_order": order}
    store.insert(Area, [{**values, "valid_from": valid_from}])
    moved(store, "tree")
    return area_id


def add_organ(
    store: Store,
    *,
    area_id: int,
    kind: str,
    name: str,
    short_name: str = "",
    level: str = "",
    valid_from: date | None = None,
) -> int:
    """A new organ's id; `level` is the area's where none is said. Conflict name_taken, area_ended."""
    area = _get_lasting(store, area_id)
    _require_free(store, clean_name(name))
    row = store.row(LAST_ORGAN, area_id=area_id)
    organ_id = store.new_ids(Organ, 1)[0]
    values: Row = {"id": organ_id, "area_id": area_id, "kind": kind, "name": clean_name(name)}
    values |= {"level": level or area["level"], "short_name": _short(short_name)}
    values |= {"official_order": ((row or {}).get("last") or 0) + 1, "valid_from": valid_from}
    store.insert(Organ, [values])
    moved(store, "tree")
    return organ_id


def clean_name(name: str) -> str:
    """The name as it is kept; BadInput where it is none."""
    plain = unicodedata.normalize("NFC", name).strip()
    if not plain or len(plain) > NAME_AT_MOST or any(ord(char) < 32 for char in plain):
        raise BadInput(why="name")
    return plain


def _short(name: str) -> str:
    """A short name, which may be missing."""
    return clean_name(name) if name.strip() else ""


def _require_free(store: Store, name: str, organ_id: int | None = None) -> None:
    taken = store.row(ORGAN_NAMED, name=name)
    if taken is not None and taken["id"] != organ_id:
        raise Conflict(why="name_taken", name=name)


def get_area(store: Store, area_id: int) -> Row:
    """The area's row, or NotFound."""
    row = store.row(AREA, id=area_id)
    if row is None:
        raise NotFound(what="area", id=area_id)
    return row


def _get_lasting(store: Store, area_id: int) -> Row:
    """The area's row; Conflict area_ended where it is no more."""
    row = get_area(store, area_id)
    if row["valid_to"] is not None:
        raise Conflict(why="area_ended")
    return row


def get_organ(store: Store, organ_id: int) -> Row:
    """The organ's row, or NotFound."""
    row = store.row(ORGAN, id=organ_id)
    if row is None:
        raise NotFound(what="organ", id=organ_id)
    return row


def rename_area(store: Store, *, area_id: int, name: str, short_name: str | None = None) -> None:
    """A new name for the same area; letters and events of before keep the old one in their own text."""
    values = {"name": clean_name(name), **({} if short_name is None else {"short_name": _short(short_name)})}
    get_area(store, area_id)
    store.update(Area, values, id=area_id)
    moved(store, "tree")


def rename_organ(store: Store, *, organ_id: int, name: str, short_name: str | None = None) -> None:
    """A new name for the same organ. Conflict name_taken."""
    values = {"name": clean_name(name), **({} if short_name is None else {"short_name": _short(short_name)})}
    get_organ(store, organ_id)
    _require_free(store, values["name"], organ_id)
    store.update(Organ, values, id=organ_id)
    moved(store, "tree")


def reorder_areas(store: Store, *, parent_id: int | None, order: Sequence[int]) -> None:
    """The official order of the areas under `parent_id`: all of their ids, each once. The last place stays the last."""
    known = {row["id"]: row["official_order"] for row in store.rows(CHILDREN, parent_id=parent_id)}
    _require_all(order, list(known))
    for place, area_id in enumerate(order, start=1):
        after_all = LAST_PLACES if known[area_id] > LAST_PLACES else 0
        store.update(Area, {"official_order": after_all + place}, id=area_id)
    moved(store, "tree")


def reorder_organs(store: Store, *, area_id: int, order: Sequence[int]) -> None:
    """The official order of the organs of an area: all of their ids, each once."""
    _require_all(order, [row["id"] for row in store.rows(ORGANS_OF, area_id=area_id)])
    for place, organ_id in enumerate(order, start=1):
        store.update(Organ, {"official_order": place}, id=organ_id)
    moved(store, "tree")


def _require_all(order: Sequence[int], known: Sequence[int]) -> None:
    if sorted(order) != sorted(known):
        raise BadInput(why="order", missing=sorted(set(known) - set(order)))


def end_organ(store: Store, *, organ_id: int, on: date) -> None:
    """The organ exists until the end of `on`. Conflict organ_has_cases while it holds or supervises open ones."""
    if get_organ(store, organ_id)["valid_to"] is not None:
        raise Conflict(why="organ_ended")
    row = store.row(DUTIES, organ_id=organ_id)
    if row is not None and row["cases"]:
        raise Conflict(why="organ_has_cases", cases=row["cases"])
    store.update(Organ, {"valid_to": on}, id=organ_id)
    moved(store, "tree")


def end_area(store: Store, *, area_id: int, on: date, successor_id: int | None = None) -> None:
    """The area exists until the end of `on`. Conflict area_not_empty while an organ or an area in it goes on."""
    area = _get_lasting(store, area_id)
    if store.row(VALID_IN, area_id=area_id) or store.row(VALID_BELOW, area_id=area_id):
        raise Conflict(why="area_not_empty")
    if successor_id is not None:
        successor = _get_lasting(store, successor_id)
        if successor_id == area_id or successor["level"] != area["level"]:
            raise BadInput(why="successor")
    store.update(Area, {"valid_to": on, "successor_id": successor_id}, id=area_id)
    moved(store, "tree")
