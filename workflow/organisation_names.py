"""Names from outside as organs of the tree: found, or proposed as a tree that somebody says yes to first.

A name is compared in simplified characters, folded and without blanks. What stands twice is not guessed. A name of before a
change of organisations means what stands in its place today.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow.organisations import add_area, add_county, add_organ
from workflow.search import normalise
from workflow.store import Store
from workflow.tree import AreaFact, OrganFact, Tree

UNPLACED = "未归属"
# How the ledger itself writes a village that another has taken the place of: 西头村（原东沟村）.
_FOUND_IN = re.compile(r"\(原[^()]+\)$")
VILLAGE_KIND, PARTY_KIND = "village_party_organisation", "township_party_committee"
DISCIPLINE_KIND, OTHER_KIND, COUNTY_KIND = (
    "township_discipline_committee",
    "township_unit",
    "county_department",
)


@dataclass(frozen=True, slots=True)
class Place:
    """What a ledger says of where an item belongs; "" for what it does not say. `name` is the subject's own text.

    `county` "" is the installation's own county. `party` is what the village's Party organisation is called, should it be made.
    """

    township: str = ""
    village: str = ""
    name: str = ""
    county: str = ""
    party: str = ""


@dataclass(frozen=True, slots=True)
class NewArea:
    """An area that would be created, under the areas of the names before it: (county, township, village)."""

    path: tuple[str, ...]
    organs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the tree lacks for these places, and which of them it has (place → organ id)."""

    new_areas: tuple[NewArea, ...]
    known: Mapping[Place, int]
    places: tuple[Place, ...]


def find_by_name(tree: Tree, name: str) -> OrganFact | None:
    """The one organ still valid with this full or short name, or of the area with this name; None for none or several.

    Where none is called so today, the one that was, or that stands in its place.
    """
    wanted = _wanted(name)
    organs = [o for o in tree.organs.values() if o.successor_id is None and o.valid_to is None]
    for found in (
        [o for o in organs if normalise(o.name) == wanted],
        [o for o in organs if o.short_name and normalise(o.short_name) == wanted],
        [o for o in organs if _is_own(o) and _is_named(tree.areas[o.area_id], wanted)],
    ):
        if found:
            return found[0] if len(found) == 1 else None
    return _find_former(tree, wanted)


def _wanted(name: str) -> str:
    return _FOUND_IN.sub("", normalise(name))


def _find_former(tree: Tree, wanted: str) -> OrganFact | None:
    """The one standing organ that was called so, or that has taken the place of one that was."""
    named = [o.id for o in tree.organs.values() if o.valid_to and wanted in (normalise(o.name), normalise(o.short_name))]
    named += [f.organ_id for f in tree.former if f.organ_id and wanted in (normalise(f.name), normalise(f.short_name))]
    areas = {area.id for area in _former_areas(tree, wanted)}
    named += [organ.id for organ in tree.organs.values() if organ.area_id in areas and _is_own(organ)]
    found = {tree.last_successor(organ_id) for organ_id in named}
    standing = [tree.organ(organ_id) for organ_id in found if tree.organ(organ_id).valid_to is None]
    return standing[0] if len(standing) == 1 else None


def _former_areas(tree: Tree, wanted: str) -> list[AreaFact]:
    """The standing areas that were called so, or that have taken the place of one that was."""
    ended = [area for area in tree.areas.values() if area.successor_id is not None and _is_named(area, wanted)]
    called = [f.area_id for f in tree.former if f.area_id and wanted in (normalise(f.name), normalise(f.short_name))]
    found = {_last(tree, area).id for area in (*ended, *(tree.areas[area_id] for area_id in called))}
    return [tree.areas[area_id] for area_id in sorted(found) if tree.areas[area_id].valid_to is None]


def _last(tree: Tree, area: AreaFact) -> AreaFact:
    while area.successor_id is not None:
        area = tree.areas[area.successor_id]
    return area


def _is_own(organ: OrganFact) -> bool:
    # The organ that an item of an area is about: a village's Party organisation, a township's Party committee.
    return organ.kind in (VILLAGE_KIND, PARTY_KIND)


def _is_named(area: AreaFact, wanted: str) -> bool:
    return normalise(area.name) == wanted or bool(area.short_name and normalise(area.short_name) == wanted)


def find_place(tree: Tree, place: Place) -> OrganFact | None:
    """The organ an item of this place is about: a village's Party organisation, a township's Party committee, or by name."""
    path = _path(tree, place)
    if path is None:
        return None
    area = _find_path(tree, path)
    if area is None:
        return None
    if len(path) == 2 and path[1] == UNPLACED:
        # Under 未归属, and nowhere else, an organ is found by the very text of the ledger.
        return _find_organ(tree, area.id, place.name)
    kind = {1: "", 2: PARTY_KIND, 3: VILLAGE_KIND}[len(path)]
    return tree.find_in(area.id, kind) if kind else _find_organ(tree, area.id, place.name or place.county)


def _find_organ(tree: Tree, area_id: int, name: str) -> OrganFact | None:
    wanted = normalise(name)
    organs = [o for o in tree.organs.values() if o.area_id == area_id and o.successor_id is None]
    return next((o for o in organs if wanted in (normalise(o.name), normalise(o.short_name))), None)


def _path(tree: Tree, place: Place) -> tuple[str, ...] | None:
    """The names of the areas from the county down; an incomplete place hangs under 未归属."""
    county, township, village = place.county.strip(), place.township.strip(), place.village.strip()
    if not (county or township or village or place.name.strip()):
        return None
    county = county or _own_county(tree)
    if village:
        return (county, township or UNPLACED, village)
    if township:
        return (county, township)
    return (county,) if place.county.strip() and not place.name.strip() else (county, UNPLACED)


def _own_county(tree: Tree) -> str:
    roots = sorted((a for a in tree.areas.values() if a.parent_id is None), key=lambda a: a.official_order)
    return roots[0].name if roots else UNPLACED


def _find_path(tree: Tree, path: tuple[str, ...]) -> AreaFact | None:
    found: AreaFact | None = None
    for name in path:
        parent_id = found.id if found else None
        wanted = _wanted(name)
        inside = (a for a in tree.areas.values() if a.parent_id == parent_id and a.successor_id is None)
        found = next((area for area in inside if _is_named(area, wanted)), None)
        if found is None:
            former = [area for area in _former_areas(tree, wanted) if area.parent_id == parent_id]
            found = former[0] if len(former) == 1 else None
        if found is None:
            return None
    return found


def propose(tree: Tree, places: Iterable[Place]) -> Proposal:
    """Which of the places the tree has, and which areas and organs it would need; nothing is written."""
    known: dict[Place, int] = {}
    new: dict[tuple[str, ...], NewArea] = {}
    asked = tuple(dict.fromkeys(places))
    for place in asked:
        organ = find_place(tree, place)
        path = _path(tree, place)
        if organ is not None:
            known[place] = organ.id
        elif path is not None:
            _lacking(tree, path, place, new)
    return Proposal(tuple(new.values()), known, asked)


def _lacking(tree: Tree, path: tuple[str, ...], place: Place, new: dict[tuple[str, ...], NewArea]) -> None:
    for depth in range(1, len(path) + 1):
        part = path[:depth]
        key = tuple(normalise(name) for name in part)
        if key not in new and _find_path(tree, part) is None:
            new[key] = NewArea(part, tuple(name for _kind, name, _short in organs_for(part, place.party)))
    if not organs_for(path):
        key = (*[normalise(name) for name in path], normalise(place.name or place.county))
        new.setdefault(key, NewArea(path, (place.name or place.county,)))


def organs_for(path: tuple[str, ...], party: str = "") -> tuple[tuple[str, str, str], ...]:
    """(kind, full name, short name) of the organs that a new area of this path gets; `party` names a village's."""
    name, full = path[-1], "".join(path)
    if len(path) == 3:
        short = party or f"{name}党组织"
        return ((VILLAGE_KIND, f"{path[0]}{path[1]}{short}", short),)
    if len(path) == 1 or name == UNPLACED:
        return ()
    if name.endswith(("街道", "办事处")):
        return (
            (PARTY_KIND, f"中共{path[0]}委{name}工作委员会", f"{name}党工委"),
            (DISCIPLINE_KIND, f"中共{path[0]}纪律检查委员会{name}工作委员会", f"{name}纪工委"),
        )
    return (
        (PARTY_KIND, f"中共{full}委员会", f"{name}党委"),
        (DISCIPLINE_KIND, f"中共{full}纪律检查委员会", f"{name}纪委"),
    )


def create(store: Store, *, proposal: Proposal, tree: Tree) -> dict[Place, int]:
    """Creates what the proposal lacks; place → organ id of all its places but those that say nothing."""
    grown = _Growing(store, tree)
    found = dict(proposal.known)
    for place in proposal.places:
        path = _path(tree, place)
        if place not in found and path is not None:
            found[place] = grown.organ_of(path, place)
    return found


class _Growing:
    """The tree while areas are added to it: ids by normalised path."""

    def __init__(self, store: Store, tree: Tree) -> None:
        self._store = store
        self._tree = tree
        self._areas: dict[tuple[str, ...], int] = {}
        self._organs: dict[tuple[int, str], int] = {}

    def organ_of(self, path: tuple[str, ...], place: Place) -> int:
        area_id = self.area_of(path, place.party)
        kind = {2: PARTY_KIND, 3: VILLAGE_KIND}.get(len(path), "")
        if kind and path[-1] != UNPLACED:
            return self._own_organ(area_id, kind, path, place.party)
        return self._named_organ(area_id, place.name or place.county, len(path))

    def area_of(self, path: tuple[str, ...], party: str = "") -> int:
        key = tuple(normalise(name) for name in path)
        if key not in self._areas:
            found = _find_path(self._tree, path)
            self._areas[key] = found.id if found else self._new_area(path, party)
        return self._areas[key]

    def _new_area(self, path: tuple[str, ...], party: str) -> int:
        if len(path) == 1:
            is_first = not self._tree.areas and not self._areas
            if is_first:
                return add_county(self._store, name=path[0]).area_id
            return add_area(self._store, name=path[0], level="county", parent_id=None)
        level = {2: "township", 3: "village"}[len(path)]
        parent_id = self.area_of(path[:-1])
        is_last = path[-1] == UNPLACED
        area_id = add_area(self._store, name=path[-1], level=level, parent_id=parent_id, last_place=is_last)
        for kind, name, short in organs_for(path, party):
            self._organs[area_id, kind] = add_organ(self._store, area_id=area_id, kind=kind, name=name, short_name=short)
        return area_id

    def _own_organ(self, area_id: int, kind: str, path: tuple[str, ...], party: str) -> int:
        if (area_id, kind) not in self._organs:
            found = self._tree.find_in(area_id, kind)
            _, name, short = next(row for row in organs_for(path, party) if row[0] == kind)
            self._organs[area_id, kind] = (
                found.id if found else add_organ(self._store, area_id=area_id, kind=kind, name=name, short_name=short)
            )
        return self._organs[area_id, kind]

    def _named_organ(self, area_id: int, name: str, depth: int) -> int:
        key = (area_id, normalise(name))
        if key not in self._organs:
            found = _find_organ(self._tree, area_id, name)
            kind = COUNTY_KIND if depth == 1 else OTHER_KIND
            self._organs[key] = found.id if found else add_organ(self._store, area_id=area_id, kind=kind, name=name)
        return self._organs[key]
