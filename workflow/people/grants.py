"""Grants: who holds which role in which organ, up to which level and until when. Changes count at once, also for open sessions.

三员分立: system, security and audit administrator are three people. None of them holds a second one of the three, nor any
other role; otherwise whoever gives rights could use them, or wipe the trail (security.md R9).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from states.errors import BadInput, Conflict, NotFound
from workflow.configuration.settings import ROLE, read_settings
from workflow.models import Grant, Organ
from workflow.occasions import moved
from workflow.people.accounts import LOCK
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import ADMINISTERING, WORKING

ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
ROLES = (*WORKING, *ADMINISTERING)
CEILING = 3

_grant, _organ = table_of(Grant), table_of(Organ)

BY_ID = Prepared(select(_grant).where(_grant.c.id == bindparam("id")))
OF_PERSON = Prepared(
    select(_grant, _organ.c.name.label("organ_name"), _organ.c.kind.label("organ_kind"))
    .join(_organ, _organ.c.id == _grant.c.organ_id)
    .where(_grant.c.person_id == bindparam("person_id"))
    .order_by(_grant.c.id)
)
NOT_ENDED = Prepared(
    select(_grant).where(
        and_(
            _grant.c.person_id == bindparam("person_id"),
            or_(_grant.c.until.is_(None), _grant.c.until >= bindparam("today", type_=_grant.c.until.type)),
        )
    )
)
ORGAN = Prepared(select(_organ.c.id, _organ.c.valid_to).where(_organ.c.id == bindparam("id")))


def give(
    store: Store,
    *,
    person_id: int,
    role: str,
    organ_id: int,
    today: date,
    ceiling: int = 1,
    title: str = "",
    since: date | None = None,
    until: date | None = None,
) -> int:
    """The grant's id. Giving the same role in the same organ again changes ceiling, title and dates.

    Conflict with `why` separation_of_administrators, person_disabled or organ_ended; BadInput for an unknown role or level.
    """
    key: dict[str, Any] = {"person_id": person_id, "role": role, "organ_id": organ_id}
    require_possible(store, **key, today=today, ceiling=ceiling, since=since, until=until)
    values = {"ceiling": ceiling, "title": title.strip(), "since": since, "until": until}
    grant_id = _write(store, key, values)
    moved(store, "people")
    return grant_id


def require_possible(
    store: Store,
    *,
    person_id: int,
    role: str,
    organ_id: int,
    today: date,
    ceiling: int,
    since: date | None,
    until: date | None,
) -> None:
    """Refuses a grant that nobody could give, as `give` says; the person's row stays locked."""
    if role not in ROLES and role not in read_settings(store).of(ROLE):
        raise BadInput(why="role", role=role)
    if not 0 <= ceiling <= CEILING:
        raise BadInput(why="ceiling", ceiling=ceiling)
    if until is not None and until < (since or today):
        raise BadInput(why="until_before_since")
    _require_person(store, person_id)
    _require_organ(store, organ_id, today)
    _require_separation(store, person_id, role, organ_id, today)


def _write(store: Store, key: Mapping[str, Any], values: dict[str, Any]) -> int:
    known = [row for row in store.rows(OF_PERSON, person_id=key["person_id"]) if key.items() <= row.items()]
    if known:
        store.update(Grant, values, id=known[0]["id"])
        return int(known[0]["id"])
    grant_id = store.new_ids(Grant, 1)[0]
    store.insert(Grant, [{"id": grant_id, **key, **values}])
    return grant_id


def _require_person(store: Store, person_id: int) -> None:
    # The row stays locked, so that two grants given at once to one person cannot slip past the separation rule.
    person = store.row(LOCK, id=person_id)
    if person is None:
        raise NotFound(what="person", id=person_id)
    if person["disabled_at"] is not None:
        raise Conflict(why="person_disabled")


def _require_organ(store: Store, organ_id: int, today: date) -> None:
    organ = store.row(ORGAN, id=organ_id)
    if organ is None:
        raise NotFound(what="organ", id=organ_id)
    if organ["valid_to"] is not None and organ["valid_to"] < today:
        raise Conflict(why="organ_ended")


def _require_separation(store: Store, person_id: int, role: str, organ_id: int, today: date) -> None:
    for held in store.rows(NOT_ENDED, person_id=person_id, today=today):
        if held["role"] == role:
            continue
        if role in ADMINISTRATORS or held["role"] in ADMINISTRATORS:
            raise Conflict(why="separation_of_administrators", role=role, held=held["role"])


def end(store: Store, *, grant_id: int, today: date) -> None:
    """The grant does not count any more, from today on; it stays on record."""
    row = store.row(BY_ID, id=grant_id)
    if row is None:
        raise NotFound(what="grant", id=grant_id)
    yesterday = today - timedelta(1)
    if row["until"] is None or row["until"] > yesterday:
        store.update(Grant, {"until": yesterday}, id=grant_id)
    moved(store, "people")


def give_back(store: Store, *, grant_id: int, until: date | None, today: date) -> None:
    """The grant ends when it did before what ended it was taken back. Conflict separation_of_administrators, as `give` says."""
    row = store.row(BY_ID, id=grant_id)
    assert row is not None, grant_id
    store.row(LOCK, id=row["person_id"])
    if until is None or until >= today:
        _require_separation(store, row["person_id"], row["role"], row["organ_id"], today)
    store.update(Grant, {"until": until}, id=grant_id)
    moved(store, "people")


def list_grants(store: Store, person_id: int) -> list[Row]:
    """Every grant of a person, ended ones too, with `organ_name` and `organ_kind`."""
    return store.rows(OF_PERSON, person_id=person_id)
