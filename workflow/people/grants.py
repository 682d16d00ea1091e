"""Grants: who holds which role in which organ, up to which level and until when. Changes count at once, also for open sessions.

三员分立: system, security and audit administrator are three people. None of them holds a second one of the three, nor any
other role; otherwise whoever gives rights could use them, or wipe the trail (security.md R9).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, select

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

    Where what stands against it has ended, it begins the day after, unless a day is said: their days never meet, in the past
    neither, and the database says so too (migration 0049).
    Conflict with `why` separation_of_administrators, person_disabled or organ_ended; BadInput for an unknown role or level.
    """
    key: dict[str, Any] = {"person_id": person_id, "role": role, "organ_id": organ_id}
    since = since or _day_after(store, person_id, role, today)
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
    _require_separation(store, person_id, role, today, since, until)


def _day_after(store: Store, person_id: int, role: str, today: date) -> date | None:
    """The day on which the person may begin in `role`: after whatever stood against it; None where nothing has."""
    ended = [held["until"] for held in store.rows(OF_PERSON, person_id=person_id) if stand_against(held["role"], role)]
    past = [until for until in ended if until is not None and until < today]
    return max(past) + timedelta(1) if past else None


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


def stand_against(role: str, other: str) -> bool:
    """May one person never hold both? One of the three administrators holds nothing else."""
    return role != other and (role in ADMINISTRATORS or other in ADMINISTRATORS)


def _require_separation(store: Store, person_id: int, role: str, today: date, since: date | None, until: date | None) -> None:
    """Nothing that stands against the role may count today or later beside it, nor have shared a day with it.

    `since` None begins after whatever has ended.
    """
    for held in store.rows(OF_PERSON, person_id=person_id):
        beside = all(ends is None or ends >= today for ends in (held["until"], until))
        met = since is not None and _share_a_day((held["since"], held["until"]), (since, until))
        if stand_against(held["role"], role) and (beside or met):
            raise Conflict(why="separation_of_administrators", role=role, held=held["role"])


def _share_a_day(*spans: tuple[date | None, date | None]) -> bool:
    """Do posts from a day to a day meet? One that ended before it began has no day."""
    begins, ends = ([span[n] or (date.min, date.max)[n] for span in spans] for n in (0, 1))
    return max(begins) <= min(ends)


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
    _require_separation(store, row["person_id"], row["role"], today, row["since"] or date.min, until)
    store.update(Grant, {"until": until}, id=grant_id)
    moved(store, "people")


def list_grants(store: Store, person_id: int) -> list[Row]:
    """Every grant of a person, ended ones too, with `organ_name` and `organ_kind`."""
    return store.rows(OF_PERSON, person_id=person_id)
