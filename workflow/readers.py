"""Who may read a case now: the people whom a remark on it may name. Nobody taken off it, and nobody who only held it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, or_, select

from workflow.barring import barring_of
from workflow.casefile import CaseFile
from workflow.cases import PARTIES, parties_of
from workflow.kept_back import endings_of
from workflow.models import Grant, Organ, Person
from workflow.occasion import Occasion
from workflow.permissions import READING, access_of, gives_reading, standings
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.types import Actor, GrantFact

_grant, _organ, _person = table_of(Grant), table_of(Organ), table_of(Person)
_today = bindparam("today", type_=_grant.c.until.type)
HELD = Prepared(
    select(
        *(_grant.c[name] for name in ("person_id", "id", "role", "organ_id", "ceiling", "title")),
        *(_organ.c.kind.label("organ_kind"), _organ.c.level, _organ.c.area_id, _person.c.name),
    )
    .join(_organ, _organ.c.id == _grant.c.organ_id)
    .join(_person, _person.c.id == _grant.c.person_id)
    .where(
        _person.c.disabled_at.is_(None),
        or_(_grant.c.since.is_(None), _grant.c.since <= _today),
        or_(_grant.c.until.is_(None), _grant.c.until >= _today),
    )
    .order_by(_grant.c.id)
)


def readers_of(store: Store, occasion: Occasion, row: Mapping[str, Any]) -> tuple[tuple[Actor, GrantFact], ...]:
    """Each person with the first of the posts that let him read the case, in the county's official order of organs."""
    rules = occasion.catalogue.current[row["kind"]].definition
    parties = [(party["relation"], party["organ_id"]) for party in store.rows(PARTIES, case_id=row["id"])]
    ended_from = endings_of(store, occasion.catalogue, [row]).get(row["id"])
    barring, tree, found = barring_of(store, row, occasion), occasion.tree, []
    for person in _people(store, occasion):
        here = [one for one in standings(person, row, parties) if one.relation != "past_holder"]
        post = next((one.grant for one in here if access_of(rules, row, [one], ended_from) in READING), None)
        if post is not None and person.person_id is not None and not barring.bars(person.person_id, occasion.roster):
            found.append((person, post))
    ranks = {organ.id: (tree.area_rank[organ.area_id], organ.official_order) for organ in tree.organs.values()}
    return tuple(sorted(found, key=lambda one: (ranks[one[1].organ_id], one[1].id)))


def could_ever_read(store: Store, occasion: Occasion, file: CaseFile) -> tuple[int, ...]:
    """Whose posts let them read the case in some state of it, whoever may know of it now."""
    rules = occasion.catalogue.current[file.served.kind].definition
    parties = parties_of(store, file)
    barring = barring_of(store, file.row, occasion)
    people = [(one, standings(one, file.row, parties)) for one in _people(store, occasion) if one.person_id is not None]
    readers = [one.person_id for one, found in people if one.person_id is not None and gives_reading(rules, found)]
    return tuple(one for one in readers if not barring.takes_off(one, occasion.roster))


def _people(store: Store, occasion: Occasion) -> tuple[Actor, ...]:
    posts: dict[tuple[int, str], list[GrantFact]] = {}
    for row in store.rows(HELD, today=occasion.today):
        who = (row.pop("person_id"), row.pop("name"))
        posts.setdefault(who, []).append(GrantFact(**row))
    return tuple(Actor(person_id, name, tuple(grants)) for (person_id, name), grants in posts.items())
