"""The organisations as a tree in memory: which area is under which, which organ of a kind stands in or above an area.

An area (county, township, village) groups its organs and the areas below it. The tree is read once and shared until an
organisation changes; it is small (a province has some 100,000 organs) and every verb asks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

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


@dataclass(frozen=True)
class Tree:
    """All areas and organs by id."""

    areas: Mapping[int, AreaFact]
    organs: Mapping[int, OrganFact]

    @classmethod
    def of(cls, areas: Iterable[AreaFact], organs: Iterable[OrganFact]) -> Tree:
        """A tree of these facts."""
        return cls({a.id: a for a in areas}, {o.id: o for o in organs})

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
        """The first organ of `kind` in the area itself that has no successor, in official order."""
        found = self._by_area_and_kind.get((area_id, kind), ())
        return next((organ for organ in found if organ.successor_id is None), None)

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
