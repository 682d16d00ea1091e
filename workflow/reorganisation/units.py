"""Areas and organs themselves: what they were is remembered, what they are is changed, new ones take the place of old ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from states.errors import BadInput
from workflow import organisations
from workflow.desk import Desk
from workflow.models import Area, FormerUnit, Organ
from workflow.occasions import grants_on, moved, read_tree
from workflow.reorganisation.plan import AREA, Part, Plan
from workflow.roster import Roster
from workflow.statements import Row
from workflow.tree import AreaFact, OrganFact, Tree


def fresh(desk: Desk) -> Desk:
    """The desk with the units and people as this transaction has them."""
    occasion = desk.occasion
    roster = Roster.of(grants_on(desk.store, occasion.today))
    return replace(desk, occasion=replace(occasion, tree=read_tree(desk.store), roster=roster))


def remember(desk: Desk, unit: AreaFact | OrganFact, on: date) -> None:
    """What the unit is until the day before."""
    is_area = isinstance(unit, AreaFact)
    row: Row = {"area_id": unit.id if is_area else None, "organ_id": None if is_area else unit.id}
    row |= {"until": on - timedelta(1), "name": unit.name, "short_name": unit.short_name}
    above_id = unit.parent_id if isinstance(unit, AreaFact) else unit.area_id
    desk.store.insert(FormerUnit, [{**row, "above_id": above_id}])


def rename(desk: Desk, plan: Plan, on: date) -> None:
    """Another name for the same unit; bodies that are called after their area are renamed with it. BadInput name_is_so."""
    tree, store = desk.occasion.tree, desk.store
    unit = tree.areas[plan.ids[0]] if plan.unit == AREA else tree.organ(plan.ids[0])
    if (plan.name.strip(), plan.short_name.strip() or unit.short_name) == (unit.name, unit.short_name):
        raise BadInput(why="name_is_so")
    if plan.unit != AREA:
        remember(desk, tree.organ(plan.ids[0]), on)
        organisations.rename_organ(store, organ_id=plan.ids[0], name=plan.name, short_name=plan.short_name)
        return
    area = tree.areas[plan.ids[0]]
    remember(desk, area, on)
    organisations.rename_area(store, area_id=area.id, name=plan.name, short_name=plan.short_name)
    for organ, name, short in renamed_with(tree, plan):
        remember(desk, organ, on)
        organisations.rename_organ(store, organ_id=organ.id, name=name, short_name=short)


def renamed_with(tree: Tree, plan: Plan) -> list[tuple[OrganFact, str, str]]:
    """The bodies that a new name of their area renames, each with its new name and short name."""
    if plan.what != "rename" or plan.unit != AREA or not plan.with_organs:
        return []
    area = tree.areas[plan.ids[0]]
    called = (organ for organ in organs_in(tree, area.id) if area.name in organ.name)
    return [(organ, _after(organ.name, area, plan.name), _after(organ.short_name, area, plan.name)) for organ in called]


def _after(text: str, area: AreaFact, name: str) -> str:
    return text.replace(area.name, name.strip())


def organs_in(tree: Tree, area_id: int) -> list[OrganFact]:
    """The standing organs of an area, in official order."""
    found = [organ for organ in tree.organs.values() if organ.area_id == area_id and organ.valid_to is None]
    return sorted(found, key=lambda organ: (organ.official_order, organ.id))


def find_like(tree: Tree, area_id: int, kind: str) -> OrganFact | None:
    """The only standing organ of a kind in an area; None where there are several, for nobody could say which is meant."""
    found = [organ for organ in organs_in(tree, area_id) if organ.kind == kind]
    return found[0] if len(found) == 1 else None


def add_like(desk: Desk, organ: OrganFact, area_id: int, name: str, short_name: str, on: date) -> int:
    """A new organ of the same kind and level."""
    names = {"kind": organ.kind, "level": organ.level, "name": name, "short_name": short_name}
    return organisations.add_organ(desk.store, area_id=area_id, valid_from=on, **names)


def add_area_like(desk: Desk, area: AreaFact, name: str, short_name: str, on: date) -> int:
    """A new area beside this one."""
    store, above_id = desk.store, area.parent_id
    return organisations.add_area(store, name=name, short_name=short_name, level=area.level, parent_id=above_id, valid_from=on)


def add_organs_like(desk: Desk, area: AreaFact, new_id: int, name: str, on: date) -> dict[int, int]:
    """The bodies of a new area after those of an old one, called after it; old id → new id."""
    goes = {}
    for organ in organs_in(desk.occasion.tree, area.id):
        if find_like(desk.occasion.tree, area.id, organ.kind) is None:
            continue
        if area.name not in organ.name:
            raise BadInput(why="organ_not_after_area", called=organ.name)
        full, short = _after(organ.name, area, name), _after(organ.short_name, area, name)
        goes[organ.id] = add_like(desk, organ, new_id, full, short, on)
    return goes


def end_into(desk: Desk, unit: str, unit_id: int, into_id: int, on: date) -> None:
    """The unit ends the day before, and another stands in its place."""
    values = {"valid_to": on - timedelta(1), "successor_id": into_id}
    desk.store.update(Area if unit == AREA else Organ, values, id=unit_id)
    moved(desk.store, "tree")


def put_under(desk: Desk, area: AreaFact, above_id: int, on: date) -> None:
    """The area lies under another one from now on, last in its order."""
    remember(desk, area, on)
    last = desk.store.row(organisations.LAST_AREA, parent_id=above_id, below=organisations.LAST_PLACES)
    values = {"parent_id": above_id, "official_order": ((last or {}).get("last") or 0) + 1}
    desk.store.update(Area, values, id=area.id)
    moved(desk.store, "tree")


def relocate(desk: Desk, organ: OrganFact, area_id: int, on: date) -> None:
    """The organ is one of another area from now on, last in its order."""
    remember(desk, organ, on)
    last = desk.store.row(organisations.LAST_ORGAN, area_id=area_id)
    desk.store.update(Organ, {"area_id": area_id, "official_order": ((last or {}).get("last") or 0) + 1}, id=organ.id)
    moved(desk.store, "tree")


def split_off(desk: Desk, plan: Plan, part: Part, on: date) -> dict[int, int]:
    """The new unit of a part; old organ → new organ."""
    tree = desk.occasion.tree
    if plan.unit != AREA:
        organ = tree.organ(plan.ids[0])
        return {organ.id: add_like(desk, organ, organ.area_id, part.name, part.short_name, on)}
    area = tree.areas[plan.ids[0]]
    new_id = add_area_like(desk, area, part.name, part.short_name, on)
    return add_organs_like(desk, area, new_id, part.name, on)
