"""Where the items of a ledger belong: the organ each is about, the office that keeps it, and the unit it is with.

Organs are found by the place that a row names, else by the name itself; a unit first inside the row's own village and township
(`unit_names`). What is not found is created only when asked for; otherwise a subject hangs under 未归属, and somebody moves it
by hand, and a unit stays the words that it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from states.errors import BadInput
from workflow.occasions import read_tree
from workflow.organisation_names import (
    DISCIPLINE_KIND,
    OTHER_KIND,
    UNPLACED,
    NewArea,
    Place,
    create,
    find_by_name,
    find_place,
    propose,
)
from workflow.organisations import add_area, add_county, add_organ
from workflow.search import normalise
from workflow.store import Store
from workflow.tree import OrganFact, Tree
from workflow.unit_names import Home, Meaning, read_unit

OFFICE = "inspection_office"
# What an unnamed county of an empty tree is called, where neither the file nor the caller says.
NAMELESS = "本县"
_UNIT = re.compile(r"(?:所|站|中心|学校|小学|中学|卫生院|公司|服务队)$")
_PARTY = re.compile(r"党(?:组织|支部|总支|委)(?:委员会)?")
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

    `departments` are (county, name), `units` are of a township, `others` hang under 未归属.
    """

    county: str
    areas: tuple[NewArea, ...] = ()
    departments: tuple[tuple[str, str], ...] = ()
    units: tuple[NewUnit, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A body of a township, which would be created beside its Party committee."""

    county: str
    township: str
    name: str
    kind: str = OTHER_KIND


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
    village, party, after = wanted.typed.partition(wanted.village or "\n")
    is_party = bool(party and not village and _PARTY.fullmatch(after))
    return Place(wanted.township, wanted.village, name, wanted.county or county, wanted.typed if is_party else "")


def plan(tree: Tree, wanted: Iterable[Wanted], *, county: str = "") -> Plan:
    """Which areas and organs would be created for these rows; nothing is written."""
    asked = tuple(dict.fromkeys(wanted))
    own = own_county(tree, asked, county)
    lacking = [one for one in asked if find_subject(tree, one, own) is None]
    meant = _lacking_units(tree, asked, own)
    others = dict.fromkeys(meaning.name for _, meaning in meant if meaning.kind == "other")
    departments = [(one.county or own, _place(one, own).name) for one in lacking if is_department(one)]
    departments += [(own, name) for name in others if _DEPARTMENT.search(name)]
    placed = [_place(one, own) for one in lacking if not is_department(one)]
    units = [NewUnit(one.county or own, one.township, one.typed) for one in lacking if is_unit(one)]
    return Plan(
        own,
        areas=propose(tree, [*placed, *_places_of(meant)]).new_areas,
        departments=tuple(dict.fromkeys(departments)),
        units=tuple(dict.fromkeys([*units, *_units_of(tree, meant)])),
        others=tuple(name for name in others if not _DEPARTMENT.search(name)),
    )


def is_department(wanted: Wanted) -> bool:
    """Does the row name an organ of the county itself?"""
    return not (wanted.township or wanted.village) and bool(_DEPARTMENT.search(wanted.organ or wanted.typed))


# ---- the units that have a row ------------------------------------------------------------------------------------------


def find_unit(tree: Tree, unit: str, wanted: Wanted, county: str) -> OrganFact | None:
    """A unit inside the row's own village and township, else by its name, or hung under 未归属 by an earlier import."""
    home = _home(tree, wanted, county)
    found = _find_meant(tree, _read(tree, unit, home), home.county)
    return found or find_by_name(tree, unit) or find_place(tree, Place(name=unit, county=county))


def _read(tree: Tree, unit: str, home: Home) -> Meaning:
    townships = (area.name for area in tree.areas.values() if area.level == "township" and area.name != UNPLACED)
    return read_unit(unit, home, townships)


def _home(tree: Tree, wanted: Wanted, county: str) -> Home:
    """Where the row stands: by its own words, else by the organ that it is about."""
    own = wanted.county or county
    if wanted.township:
        return Home(own, wanted.township, wanted.village)
    subject = find_subject(tree, wanted, county)
    lineage = tree.lineage(subject.area_id) if subject else {}
    names = {level: tree.areas[area_id].name for level, area_id in lineage.items()}
    township = names.get("township", "")
    return Home(names.get("county", own), "" if township == UNPLACED else township, names.get("village", wanted.village))


def _find_meant(tree: Tree, meaning: Meaning, county: str) -> OrganFact | None:
    if meaning.kind == "village":
        return find_place(tree, Place(meaning.township, meaning.village, county=county)) if meaning.village else None
    committee = find_place(tree, Place(meaning.township, county=county)) if meaning.township else None
    if committee is None or meaning.kind == "party":
        return committee
    if meaning.kind == "discipline":
        return tree.find_in(committee.area_id, DISCIPLINE_KIND)
    own = _find_named(tree, committee.area_id, meaning)
    # Where the government has no place of its own in the tree, the Party committee answers for the township.
    return own or (None if meaning.kind == "unit" else committee)


def _find_named(tree: Tree, area_id: int, meaning: Meaning) -> OrganFact | None:
    """A unit of the township, with or without the township's name before its own."""
    township = meaning.township
    names = (f"{township}人民政府", f"{township}政府") if meaning.kind == "government" else (meaning.name,)
    wanted = {spelling for name in names for spelling in (normalise(name), normalise(name.removeprefix(township)))}
    organs = (o for o in tree.organs.values() if o.area_id == area_id and o.kind == OTHER_KIND and o.successor_id is None)
    return next((organ for organ in organs if wanted & {normalise(organ.name), normalise(organ.short_name)}), None)


def _lacking_units(tree: Tree, asked: Iterable[Wanted], county: str) -> list[tuple[Home, Meaning]]:
    """What the named units mean that the tree has not, each once."""
    found: dict[tuple[Home, Meaning], None] = {}
    for one in asked:
        for unit in one.units:
            if find_unit(tree, unit, one, county) is None:
                home = _home(tree, one, county)
                found[home, _read(tree, unit, home)] = None
    return list(found)


def _places_of(meant: Iterable[tuple[Home, Meaning]]) -> list[Place]:
    """The villages and townships that would have to be there; only a village may be without its township."""
    return [
        Place(meaning.township, meaning.village, county=home.county)
        for home, meaning in meant
        if meaning.township or meaning.village
    ]


def _units_of(tree: Tree, meant: Iterable[tuple[Home, Meaning]]) -> list[NewUnit]:
    found: list[NewUnit] = []
    for home, meaning in meant:
        if meaning.kind == "unit":
            found.append(NewUnit(home.county, meaning.township, meaning.name))
        elif meaning.kind == "discipline" and find_place(tree, Place(meaning.township, county=home.county)) is not None:
            # A new township gets its discipline committee with it; this one was made without.
            found.append(NewUnit(home.county, meaning.township, f"{meaning.township}纪委", DISCIPLINE_KIND))
    return found


# ---- found, or made -----------------------------------------------------------------------------------------------------


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
    create(store, proposal=propose(tree, [*placed, *_places_of(_lacking_units(tree, asked, county))]), tree=tree)
    for name, organ in lacking.departments:
        if organ not in _names(store):
            add_organ(store, area_id=_county_area(store, name), kind="county_department", name=organ)
    grown = read_tree(store)
    for unit in lacking.units:
        if unit.name not in _names(store):
            _add_unit(store, grown, unit)
    grown = read_tree(store)
    others = [Place(name=name, county=county) for name in lacking.others if find_by_name(grown, name) is None]
    create(store, proposal=propose(grown, others), tree=grown)
    _add_offices(store, read_tree(store))


def _names(store: Store) -> set[str]:
    """The full names that are taken: no two organs share one."""
    return {organ.name for organ in read_tree(store).organs.values()}


def _county_area(store: Store, name: str) -> int:
    roots = [area for area in read_tree(store).areas.values() if area.parent_id is None]
    found = next((area.id for area in roots if normalise(area.name) == normalise(name)), None)
    return found if found is not None else add_area(store, name=name, level="county", parent_id=None)


def _add_unit(store: Store, tree: Tree, unit: NewUnit) -> None:
    committee = find_place(tree, Place(unit.township, county=unit.county))
    assert committee is not None, "the township was just created"
    add_organ(store, area_id=committee.area_id, kind=unit.kind, name=unit.name)


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
    units = {unit: organ.id for unit in wanted.units if (organ := find_unit(tree, unit, wanted, county))}
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
    units = ((unit.township, unit.name) for unit in plan.units)
    named = [*plan.departments, *units, *((UNPLACED, name) for name in plan.others)]
    return areas + [{"path": [where], "organs": [name]} for where, name in named]
