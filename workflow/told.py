"""What somebody may be told of today: the one question of the bell, its count, and every message before it leaves.

Whoever may read a case may be told of it. Beside him a kind's messages go to some who read no case of it, with number and day
alone (the leading group hears of a clue that is late): they keep that as long as they hold a post that it is said to. Whoever
reads such cases, but this one not now, is told nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import and_, select

from states.checks.walk import list_posts
from states.definition import ASKER, Definition
from workflow.definitions import Catalogue
from workflow.models import Party
from workflow.permissions import CASES, gives_reading, not_hidden, standings, visible
from workflow.roster import ABOVE, find_organ
from workflow.statements import Kept, Row, is_listed
from workflow.store import Store, table_of
from workflow.tree import Tree
from workflow.types import Actor

# Where nobody is at the address of a message, who hears it in his place (notices._hearers).
INSTEAD = "head@supervisor"

_party = table_of(Party)
_SHOWN, _LEFT, _PARTIES = Kept(), Kept(), Kept()


def may_be_told(store: Store, catalogue: Catalogue, tree: Tree, actor: Actor, ids: Iterable[int]) -> frozenset[int]:
    """Of these cases, those that he may be told of. One statement, however many they are; two more where he reads not all."""
    wanted = frozenset(ids)
    if not wanted:
        return wanted
    key = (actor.person_id, actor.sees_all, actor.grants, catalogue.stamp)
    shown = _SHOWN.get(key, store.dialect, lambda: _asked([CASES.c.id], visible(actor, catalogue), store.dialect))
    read = frozenset(row["id"] for row in store.rows(shown, ids=_listed(wanted)))
    rest = wanted - read
    if not rest or not actor.posts:
        return read
    left = _LEFT.get(key, store.dialect, lambda: _asked([CASES], not_hidden(actor, catalogue), store.dialect))
    return read | _told_by_post(store, catalogue, tree, actor, store.rows(left, ids=_listed(rest)))


def _asked(columns: list[Any], shown: Any, dialect: str) -> Any:
    return select(*columns).where(and_(is_listed(CASES.c.id, dialect), shown))


def _parties(dialect: str) -> Any:
    return select(_party.c.case_id, _party.c.relation, _party.c.organ_id).where(is_listed(_party.c.case_id, dialect))


def _listed(ids: Iterable[int]) -> str:
    return json.dumps(sorted(ids))


def _told_by_post(store: Store, catalogue: Catalogue, tree: Tree, actor: Actor, rows: list[Row]) -> set[int]:
    """Of these cases, which the actor does not read now, those whose messages go to a post of his."""
    parties: dict[int, list[tuple[str, int]]] = {row["id"]: [] for row in rows}
    asked = _PARTIES.get((), store.dialect, lambda: _parties(store.dialect))
    for party in store.rows(asked, ids=_listed(parties)) if rows else ():
        parties[party["case_id"]].append((party["relation"], party["organ_id"]))
    return {row["id"] for row in rows if _goes_to(catalogue, tree, actor, row, parties[row["id"]])}


def _goes_to(catalogue: Catalogue, tree: Tree, actor: Actor, row: Row, parties: list[tuple[str, int]]) -> bool:
    found = standings(actor, row, parties)
    current, own = catalogue.current.get(row["kind"]), catalogue.of_version(row["definition_version_id"])
    if gives_reading((current or own).definition, found):
        return False
    posts = {(standing.grant.organ_id, standing.grant.role) for standing in found}
    addresses = _addresses(own.definition)
    return any(post in posts for address in addresses for post in _posts_at(address, row, parties, tree))


def _addresses(definition: Definition) -> set[str]:
    return {INSTEAD, *(post for _pointer, post in list_posts(definition) if post != ASKER)}


def _posts_at(address: str, row: Row, parties: list[tuple[str, int]], tree: Tree) -> Iterator[tuple[int, str]]:
    """Where a message to the address may have gone: to its post, those above that in the organ, and the organ's head."""
    role, _, relation = address.partition("@")
    organs = {find_organ(relation, row, tree), *(organ_id for stands, organ_id in parties if stands == relation)}
    while role:
        yield from ((organ_id, role) for organ_id in organs if organ_id is not None)
        role = ABOVE.get(role, "" if role == "head" else "head")
