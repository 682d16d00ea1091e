"""Who may do what with a case in a state, as a definition says it: posts by role and organ, never people.

Two versions are compared by it, state by state; what a case's own barring and levels take away is not a matter of versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from states.definition import Definition

STEP, APPROVAL, VOTE, ACCESS = "step", "approval", "vote", "access"


class Right(NamedTuple):
    """To do a step, to approve it, to vote on it (`name` is its trigger), or to know of, read or act on the case."""

    what: str
    name: str


class Post(NamedTuple):
    """Somebody holding `role` ("" for anybody) in an organ of `relation`, of the kind `organ` ("" for any)."""

    role: str
    relation: str
    organ: str


Permitted = Mapping[Right, frozenset[Post]]


def permitted(definition: Definition, state: str) -> Permitted:
    """Every right in a state and the posts that have it, in the order of the definition."""
    found: dict[Right, set[Post]] = {}
    for right, post in _rights(definition, state):
        found.setdefault(right, set()).add(post)
    return {right: frozenset(posts) for right, posts in found.items()}


def _rights(definition: Definition, state: str) -> Iterator[tuple[Right, Post]]:
    for step in definition.triggers_from.get(state, ()):
        for who in step.who:
            yield from ((Right(STEP, step.trigger), post) for post in _posts(who.roles, who.relations, who.organs))
        for what, rule in ((APPROVAL, step.approval), (VOTE, step.decision)):
            if rule:
                yield from ((Right(what, step.trigger), post) for post in _posts(rule.roles, (rule.relation,), ()))
    for access in definition.access:
        if not access.states or state in access.states:
            yield from ((Right(ACCESS, access.may), post) for post in _posts(("",), (access.relation,), access.organs))


def _posts(roles: tuple[str, ...], relations: tuple[str, ...], organs: tuple[str, ...]) -> Iterator[Post]:
    for role in roles:
        for relation in relations:
            yield from (Post(role, relation, organ) for organ in organs or ("",))


def changed(old: Definition, state: str, new: Definition, target: str) -> dict[Right, tuple[frozenset[Post], frozenset[Post]]]:
    """The rights of a case that goes from `state` to `target` whose posts differ: those that are new, those that are gone."""
    was, now = permitted(old, state), permitted(new, target)
    found = {}
    for right in dict.fromkeys([*was, *now]):
        before, after = was.get(right, frozenset()), now.get(right, frozenset())
        if before != after:
            found[right] = (after - before, before - after)
    return found
