"""The organisations as a tree in memory: which area is under which, which organ of a kind stands in or above an area.

An area (county, township, village) groups its organs and the areas below it. The tree is read once and shared until an
organisation changes; it is small (a province has some 100,000 organs) and every verb asks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TypeVar

from states.errors import NotFound

LEVELS = ("county", "township", "village")


@dataclass(frozen=True, slots=True)
class AreaFact:
    """An area with its official order inside its parent."""

    id: int
    parent_id: int | None
    level: str
    name: str
    short_name: str
    official_order: int
    valid_to: date | None = None
    successor_id: int | None = None


@dataclass(frozen=True, slots=True)
class OrganFact:
    """An organ of `kind` in an area; `level` is the level of the body, usually its area's."""

    id: int
    area_id: int
    kind: str
    level: str
    name: str
    short_name: str
    official_order: int
    valid_to: date | None = None
    successor_id: int | None = None


@dataclass(frozen=True, slots=True)
class FormerFact:
    """What a unit was until the end of `until`; one of `area_id` and `organ_id` says which. `above_id`: the area it was in."""

    area_id: int | None
    organ_id: int | None
    until: date
    name: str
    short_name: str
    above_id: int | None


Unit = TypeVar("Unit", AreaFact, OrganFact)


@dataclass(frozen=True)
class Tree:
    """All areas and organs by id, and what they were before, the earliest first."""

    areas: Mapping[int, AreaFact]
    organs: Mapping[int, OrganFact]
    former: tuple[FormerFact, ...] = ()

    @classmethod
    def of(cls, areas: Iterable[AreaFact], organs: Iterable[OrganFact], former: Iterable[FormerFact] = ()) -> Tree:
        """A tree of these facts."""
        return cls({a.id: a for a in areas}, {o.id: o for o in organs}, tuple(former))

    def on(self, day: date) -> Tree:
        """The units as they were called and where they lay at the end of a past day; what has ended since still stands."""
        areas = {area.id: _standing(area) for area in self.areas.values() if _stood_on(area, day)}
        organs = {organ.id: _standing(organ) for organ in self.organs.values() if _stood_on(organ, day)}
        for fact in reversed([fact for fact in self.former if fact.until >= day]):
            if fact.area_id is not None:
                area = areas.get(fact.area_id) or self.areas[fact.area_id]
                areas[area.id] = replace(area, name=fact.name, short_name=fact.short_name, parent_id=fact.above_id)
            elif fact.organ_id is not None:
                organ = organs.get(fact.organ_id) or self.organs[fact.organ_id]
                above = fact.above_id or organ.area_id
                organs[organ.id] = replace(organ, name=fact.name, short_name=fact.short_name, area_id=above)
        if not areas and not organs:
            return self
        return Tree({**self.areas, **areas}, {**self.organs, **organs})

    def former_of(self, organ_id: int, day: date) -> FormerFact | None:
        """What an organ was at the end of a past day, where it is something else today."""
        return next((fact for fact in self.former if fact.organ_id == organ_id and fact.until >= day), None)

    def last_successor(self, organ_id: int) -> int:
        """Who stands in the organ's place today: itself, where nobody has taken it."""
        while (successor_id := self.organ(organ_id).successor_id) is not None:
            organ_id = successor_id
        return organ_id

    def organ(self, organ_id: int) -> OrganFact:
        """The organ, or NotFound."""
        found = self.organs.get(organ_id)
        if found is None:
            raise NotFound(what="organ", id=organ_id)
        return found

    def lineage(self, area_id: int) -> dict[str, int]:
        """The area and those above it, by level: {"village": 9, "township": 3, "county": 1}."""
        found: dict[str, int] = {}
        current: int | None = area_id
        while current is not None:
            area = self.areas[current]
            found[area.level] = area.id
            current = area.parent_id
        return found

    @cached_property
    def _by_area_and_kind(self) -> Mapping[tuple[int, str], tuple[OrganFact, ...]]:
        found: dict[tuple[int, str], list[OrganFact]] = {}
        for organ in sorted(self.organs.values(), key=lambda o: (o.official_order, o.id)):
            found.setdefault((organ.area_id, organ.kind), []).append(organ)
        return {key: tuple(organs) for key, organs in found.items()}

    def find_in(self, area_id: int, kind: str) -> OrganFact | None:
        """The first organ of `kind` in the area itself that has not ended, in official order."""
        found = self._by_area_and_kind.get((area_id, kind), ())
        return next((organ for organ in found if organ.valid_to is None and organ.successor_id is None), None)

    def find_above(self, organ_id: int, kind: str) -> OrganFact | None:
        """The nearest organ of `kind` in the organ's own area or one above it, never the organ itself."""
        for area_id in self.lineage(self.organ(organ_id).area_id).values():
            found = self.find_in(area_id, kind)
            if found is not None and found.id != organ_id:
                return found
        return None

    def is_above(self, organ_id: int, subject_id: int) -> bool:
        """Is the organ of a higher level than the subject, in an area above the subject's?"""
        organ, subject = self.organ(organ_id), self.organ(subject_id)
        if LEVELS.index(organ.level) >= LEVELS.index(subject.level):
            return False
        return organ.area_id in self.lineage(subject.area_id).values()

    def is_under(self, organ_id: int, subject_id: int) -> bool:
        """Is the organ the subject itself or under it?"""
        return organ_id == subject_id or self.is_above(subject_id, organ_id)

    @cached_property
    def area_rank(self) -> Mapping[int, tuple[int, ...]]:
        """The sort key of each area: the official orders from the county down, the county's own order everywhere."""
        return {area_id: self._rank(area_id) for area_id in self.areas}

    def _rank(self, area_id: int) -> tuple[int, ...]:
        area = self.areas[area_id]
        above = self._rank(area.parent_id) if area.parent_id is not None else ()
        return (*above, area.official_order)


def _stood_on(unit: AreaFact | OrganFact, day: date) -> bool:
    return unit.valid_to is not None and unit.valid_to >= day


def _standing(unit: Unit) -> Unit:
    return replace(unit, valid_to=None, successor_id=None)
