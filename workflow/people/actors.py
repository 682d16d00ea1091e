"""Actors: a person with the grants that are valid today, or the operator who sits at the machine."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, or_, select

from workflow.models import Grant, Organ, Person
from workflow.people.accounts import BY_LOGIN, plain_login
from workflow.people.grants import ADMINISTRATORS
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor, GrantFact

_grant, _organ, _person = table_of(Grant), table_of(Organ), table_of(Person)
_today = bindparam("today", type_=_grant.c.until.type)
_is_valid = (
    or_(_grant.c.since.is_(None), _grant.c.since <= _today),
    or_(_grant.c.until.is_(None), _grant.c.until >= _today),
)

ACTIVE = Prepared(
    select(_person.c.id, _person.c.name, _person.c.login).where(
        _person.c.id == bindparam("person_id"), _person.c.disabled_at.is_(None)
    )
)
GRANTS = Prepared(
    select(
        _grant.c.id,
        _grant.c.role,
        _grant.c.organ_id,
        _organ.c.kind.label("organ_kind"),
        _organ.c.level,
        _organ.c.area_id,
        _grant.c.ceiling,
        _grant.c.title,
    )
    .join(_organ, _organ.c.id == _grant.c.organ_id)
    .where(_grant.c.person_id == bindparam("person_id"), *_is_valid)
    .order_by(_grant.c.id)
)
ADMINISTRATORS_HELD = Prepared(
    select(_grant.c.role)
    .join(_person, _person.c.id == _grant.c.person_id)
    .where(or_(*[_grant.c.role == role for role in ADMINISTRATORS]), _person.c.disabled_at.is_(None), *_is_valid)
    .distinct()
)

ADMINISTRATORS_EVER = Prepared(select(_grant.c.role).where(or_(*[_grant.c.role == role for role in ADMINISTRATORS])).distinct())


def are_set(store: Store) -> bool:
    """Were the three administrators ever set? Nobody undoes that by disabling or ending one of them."""
    return {row["role"] for row in store.rows(ADMINISTRATORS_EVER)}.issuperset(ADMINISTRATORS)


def actor_of(
    store: Store, person_id: int, *, today: date, acting_grant_id: int | None = None, ceiling: int = 3
) -> Actor | None:
    """The person as an actor today; None for nobody and for a disabled one.

    `ceiling` is the installation's own: no grant reaches above it. A chosen post that is no longer valid is not acted in.
    """
    person = store.row(ACTIVE, person_id=person_id)
    if person is None:
        return None
    rows = store.rows(GRANTS, person_id=person_id, today=today)
    grants = tuple(GrantFact(**{**row, "ceiling": min(row["ceiling"], ceiling)}) for row in rows)
    acting = next((grant for grant in grants if grant.id == acting_grant_id), None)
    return Actor(person["id"], person["name"], grants, acting, login=person["login"])


def find_person(store: Store, login: str) -> Row | None:
    """The account of a login, active or not."""
    return store.row(BY_LOGIN, login=plain_login(login))


def operator(store: Store, *, today: date) -> Actor:
    """Who acts on the command line without a name: sees cases only until the three administrators are set."""
    return Actor(person_id=None, name="operator", login="operator", sees_all=not are_set(store))
