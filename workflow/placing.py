"""Where the items of a ledger belong: the organ each is about, the office that keeps it, and the unit it is with.

Organs are found by the place that a row names, else by the name itself. What is not found is created only when asked for;
otherwise it hangs under 未归属, and somebody moves it by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from states.errors import BadInput
from workflow.occasions import read_tree
from workflow.organisation_names import UNPLACED, NewArea, Place, create, find_by_name, find_place, propose
from workflow.organisations import add_area, add_county, add_organ
from workflow.search import normalise
from workflow.store import Store
from workflow.tree import OrganFact, Tree

OFFICE = "inspection_office"
# What an unnamed county of an empty tree is called, where neither the file nor the caller says.
NAMELESS = "本县"
_UNIT = re.compile(r"(?:所|站|中心|学校|小学|中学|卫生院|公司|服务队)$")
_DEPARTMENT = re.compile(r"(?:局|委|部|办|院|联|中心|总队|大队|协会|联合会|委员会|办公室|分公司)$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row says of its organs: the parts of the subject's name, the name as typed, and the units that have it."""

    county: str = ""
    township: str = ""
    village: str = ""
    organ: str = ""
    typed: str = ""
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Organ ids; `units` are those of the named units that the tree has."""

    subject_id: int
    supervisor_id: int
    units: Mapping[str, int]
    is_unplaced: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What the tree lacks for these rows; `county` is the county that rows without one belong to.

    `departments` are (county, name), `units` of a township (township, name), `others` hang under 未归属.
    """

    county: str
    areas: tuple[NewArea, ...] = ()
    departments: tuple[tuple[str, str], ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()


def own_county(tree: Tree, wanted: Iterable[Wanted], named: str = "") -> str:
    """The installation's county: the one there is, else the one said, else the one the file names most."""
    roots = sorted((area for area in tree.areas.values() if area.parent_id is None), key=lambda area: area.official_order)
    if roots:
        return roots[0].name
    said = Counter(one.county for one in wanted if one.county)
    return named or (said.most_common(1)[0][0] if said else NAMELESS)


def find_subject(tree: Tree, wanted: Wanted, county: str) -> OrganFact | None:
    """The organ that a row is about: in its township by name and by place, else by its names anywhere."""
    if not wanted.township:
        names = (wanted.typed, wanted.organ, wanted.village)
        named = next((organ for name in names if name and (organ := find_by_name(tree, name))), None)
        return named or (find_place(tree, _place(wanted, county)) if any(names) else None)
    named = find_by_name(tree, wanted.typed) if wanted.typed and not wanted.village else None
    if named is not None and _is_in(tree, named, wanted.township):
        return named
    return None if is_unit(wanted) else find_place(tree, _place(wanted, county))


def is_unit(wanted: Wanted) -> bool:
    """Does the row name a unit of the township, which is not the township itself?"""
    return bool(wanted.township and not wanted.village and _UNIT.search(wanted.typed))


def _is_in(tree: Tree, organ: OrganFact, township: str) -> bool:
    area = tree.areas.get(tree.lineage(organ.area_id).get("township", -1))
    return area is not None and normalise(township) in (normalise(area.name), normalise(area.short_name))


def _place(wanted: Wanted, county: str) -> Place:
    name = "" if wanted.township else wanted.organ or wanted.typed or UNPLACED
    return Place(township=wanted.township, village=wanted.village, name=name, county=wanted.county or county)


def plan(tree: Tree, wanted: Iterable[Wanted], *, county: str = "") -> Plan:
    """Which areas and organs would be created for these rows; nothing is written."""
    asked = tuple(dict.fromkeys(wanted))
    own = own_county(tree, asked, county)
    lacking = [one for one in asked if find_subject(tree, one, own) is None]
    names = dict.fromkeys(unit for one in asked for unit in one.units if find_unit(tree, unit, own) is None)
    departments = [(one.county or own, _place(one, own).name) for one in lacking if is_department(one)]
    departments += [(own, name) for name in names if _DEPARTMENT.search(name)]
    placed = [_place(one, own) for one in lacking if not is_department(one)]
    return Plan(
        own,
        areas=propose(tree, placed).new_areas,
        departments=tuple(dict.fromkeys(departments)),
        units=tuple(dict.fromkeys((one.township, one.typed) for one in lacking if is_unit(one))),
        others=tuple(name for name in names if not _DEPARTMENT.search(name)),
    )


def is_department(wanted: Wanted) -> bool:
    """Does the row name an organ of the county itself?"""
    return not (wanted.township or wanted.village) and bool(_DEPARTMENT.search(wanted.organ or wanted.typed))


def find_unit(tree: Tree, unit: str, county: str) -> OrganFact | None:
    """A unit by its name, or hung under 未归属 by an earlier import."""
    return find_by_name(tree, unit) or find_place(tree, Place(name=unit, county=county))


def settle(store: Store, wanted: Iterable[Wanted], *, county: str = "", is_creating: bool) -> dict[Wanted, Spot]:
    """The organs of every row, created where they are lacking and `is_creating`, else hung under 未归属.

    BadInput no_inspection_office for a tree that has no office to keep the ledger, unless it may be created.
    """
    asked = tuple(dict.fromkeys(wanted))
    tree = read_tree(store)
    own = own_county(tree, asked, county)
    if is_creating:
        _grow(store, tree, asked, own)
    elif not any(organ.kind == OFFICE for organ in tree.organs.values()):
        raise BadInput(why="no_inspection_office")
    else:
        _grow(store, tree, [_unplaced(one) for one in asked if find_subject(tree, one, own) is None], own)
    grown = read_tree(store)
    return {one: _spot(grown, one, own) for one in asked}


def _unplaced(wanted: Wanted) -> Wanted:
    del wanted
    return Wanted(organ=UNPLACED)


def _grow(store: Store, tree: Tree, wanted: Iterable[Wanted], county: str) -> None:
    asked = list(wanted)
    if not tree.areas and asked:
        add_county(store, name=county)
        tree = read_tree(store)
    lacking = plan(tree, asked, county=county)
    placed = [_place(one, county) for one in asked if find_subject(tree, one, county) is None and not is_department(one)]
    create(store, proposal=propose(tree, placed), tree=tree)
    for name, organ in lacking.departments:
        if organ not in _names(store):
            add_organ(store, area_id=_county_area(store, name), kind="county_department", name=organ)
    grown = read_tree(store)
    for one in asked:
        if (one.township, one.typed) in lacking.units and one.typed not in _names(store):
            _add_unit(store, grown, one, county)
    grown = read_tree(store)
    others = [Place(name=name, county=county) for name in lacking.others if find_unit(grown, name, county) is None]
    create(store, proposal=propose(grown, others), tree=grown)
    _add_offices(store, read_tree(store))


def _names(store: Store) -> set[str]:
    """The full names that are taken: no two organs share one."""
    return {organ.name for organ in read_tree(store).organs.values()}


def _county_area(store: Store, name: str) -> int:
    roots = [area for area in read_tree(store).areas.values() if area.parent_id is None]
    found = next((area.id for area in roots if normalise(area.name) == normalise(name)), None)
    return found if found is not None else add_area(store, name=name, level="county", parent_id=None)


def _add_unit(store: Store, tree: Tree, wanted: Wanted, county: str) -> None:
    committee = find_place(tree, _place(wanted, county))
    assert committee is not None, "the township was just created"
    add_organ(store, area_id=committee.area_id, kind="township_unit", name=wanted.typed)


def _add_offices(store: Store, tree: Tree) -> None:
    """Every county has an office that keeps its ledger."""
    for area in [area for area in tree.areas.values() if area.parent_id is None]:
        if tree.find_in(area.id, OFFICE) is None:
            add_organ(store, area_id=area.id, kind=OFFICE, name=_office_name(area.name), short_name=f"{area.name[-1:]}委巡察办")


def _office_name(county: str) -> str:
    return f"中共{county}委巡察工作领导小组办公室"


def _organs_of(area: NewArea) -> tuple[str, ...]:
    return area.organs or ((_office_name(area.path[0]),) if len(area.path) == 1 else ())


def _spot(tree: Tree, wanted: Wanted, county: str) -> Spot:
    found = find_subject(tree, wanted, county)
    subject = found or find_subject(tree, _unplaced(wanted), county)
    assert subject is not None, "an organ that was just created is found"
    units = {unit: organ.id for unit in wanted.units if (organ := find_unit(tree, unit, county))}
    return Spot(subject.id, office_of(tree, subject).id, units, is_unplaced=found is None)


def office_of(tree: Tree, organ: OrganFact) -> OrganFact:
    """The inspection office of the organ's county, else the first one there is."""
    own = tree.find_in(tree.lineage(organ.area_id)["county"], OFFICE)
    offices = sorted((one for one in tree.organs.values() if one.kind == OFFICE), key=lambda one: one.id)
    if own is None and not offices:
        raise BadInput(why="no_inspection_office")
    return own or offices[0]


def new_names(plan: Plan) -> list[dict[str, object]]:
    """The plan as plain values: each area by its path with the organs it gets, then the other organs by where they come."""
    areas: list[dict[str, object]] = [{"path": list(area.path), "organs": list(_organs_of(area))} for area in plan.areas]
    named = [*plan.departments, *plan.units, *((UNPLACED, name) for name in plan.others)]
    return areas + [{"path": [where], "organs": [name]} for where, name in named]
