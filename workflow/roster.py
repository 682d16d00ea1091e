"""Who holds which post, in memory: notices go to posts, and a post nobody fills sends to the post above."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from workflow.tree import Tree
from workflow.types import GrantFact

# practice.md §9.1 G11: a post that nobody fills sends to the post above it.
ABOVE = {"handler": "deputy", "deputy": "head"}
# A unit that has let go of a case: nobody is told in its place, for it never lay with anybody else.
LET_GO = "past_holder"


@dataclass(frozen=True, slots=True)
class Post:
    """An address resolved to an organ: who holds `role` there."""

    role: str
    organ_id: int


@dataclass(frozen=True)
class Roster:
    """The valid grants of active people, by organ and role; `ceilings` says how high each of them reaches."""

    holders: Mapping[tuple[int, str], tuple[int, ...]]
    ceilings: Mapping[tuple[int, str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, grants: Iterable[tuple[int, GrantFact]]) -> Roster:
        """A roster of (person id, grant) pairs."""
        found: dict[tuple[int, str], list[int]] = {}
        ceilings: dict[tuple[int, str, int], int] = {}
        for person_id, grant in grants:
            found.setdefault((grant.organ_id, grant.role), []).append(person_id)
            ceilings[grant.organ_id, grant.role, person_id] = grant.ceiling
        return cls({key: tuple(sorted(people)) for key, people in found.items()}, ceilings)

    @cached_property
    def organs_of(self) -> Mapping[int, frozenset[int]]:
        """The organs in which each person holds a post."""
        found: dict[int, set[int]] = {}
        for (organ_id, _role), people in self.holders.items():
            for person_id in people:
                found.setdefault(person_id, set()).add(organ_id)
        return {person_id: frozenset(organs) for person_id, organs in found.items()}

    @cached_property
    def _highest(self) -> Mapping[int, Mapping[int, int]]:
        """How high a person reaches in each of his organs, by his highest post there."""
        found: dict[int, dict[int, int]] = {}
        for (organ_id, _role, person_id), ceiling in self.ceilings.items():
            own = found.setdefault(person_id, {})
            own[organ_id] = max(ceiling, own.get(organ_id, 0))
        return found

    def reaches(self, person_id: int, level: int, organs: Iterable[int | None]) -> bool:
        """Is the person cleared for `level` in one of these organs or, where he belongs to none of them, in any of his own?"""
        own = self._highest.get(person_id, {})
        here = [own[organ_id] for organ_id in organs if organ_id is not None and organ_id in own]
        return level <= max(here or own.values(), default=0)

    def holding(self, role: str, organ_id: int, level: int) -> tuple[int, ...]:
        """Who holds just this post, and reaches as high as the level of the case (R20)."""
        people = self.holders.get((organ_id, role), ())
        return tuple(person for person in people if self.ceilings.get((organ_id, role, person), 0) >= level)

    def people_at(self, post: Post, level: int = 0) -> tuple[int, ...]:
        """The people at the post or, where nobody fills it for cases of this level, at the nearest above it in the organ."""
        role: str | None = post.role
        while role is not None:
            people = self.holding(role, post.organ_id, level)
            if people:
                return people
            role = ABOVE.get(role)
        return ()


def find_organ(address: str, row: Mapping[str, Any], tree: Tree) -> int | None:
    """The organ an address names for a case: a relation, `above_subject:KIND`, or `county:KIND`; None for none."""
    relation, _, kind = address.partition(":")
    if relation in ("above_subject", "above_holder"):
        below = row[f"{relation[6:]}_id"]  # A case that has ended may have no holder.
        found = tree.find_above(below, kind) if below is not None else None
        return found.id if found else None
    if relation == "county":
        found = tree.find_in(row["subject_county_id"], kind)
        return found.id if found else None
    organ_id = row.get(f"{relation}_id")
    return tree.last_successor(int(organ_id)) if organ_id is not None else None


def people_of(address: str, row: Mapping[str, Any], tree: Tree, roster: Roster) -> tuple[int, ...]:
    """The people an address `role@relation[:KIND]` reaches for a case; if none, the supervisor's head (of LET_GO: nobody)."""
    role, _, relation = address.partition("@")
    organ_id = find_organ(relation, row, tree)
    level = row["level"]
    people = roster.people_at(Post(role, organ_id), level) if organ_id is not None else ()
    if relation == LET_GO:
        return people
    return people or roster.people_at(Post("head", row["supervisor_id"]), level)
