"""The first run: one link makes the first system administrator and dies with it.

Once there has been a system administrator there is never a link again, even if every administrator is gone: an endpoint that
reopens when a group is empty lets anybody in (security.md R1; Camunda CVE-2026-77226).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import bindparam, delete, select, update

from states.errors import BadInput, Conflict, NotFound
from workflow import trail
from workflow.database import Database
from workflow.models import Grant, Organ, SetupLink
from workflow.organisations import add_county
from workflow.people import passwords
from workflow.people.accounts import create_person, plain_login
from workflow.people.bearer import digest_of, new_token
from workflow.people.grants import give
from workflow.statements import Prepared
from workflow.store import Store, table_of

_link, _grant, _organ = table_of(SetupLink), table_of(Grant), table_of(Organ)
USED = Prepared(select(_link.c.token_digest).where(_link.c.used_at.is_not(None)).limit(1))
EVER_ADMINISTRATOR = Prepared(select(_grant.c.id).where(_grant.c.role == "system_admin").limit(1))
OPEN = Prepared(
    select(_link.c.token_digest).where(_link.c.token_digest == bindparam("token_digest"), _link.c.used_at.is_(None))
)
USE = Prepared(
    update(_link)
    .values(used_at=bindparam("now", type_=_link.c.used_at.type))
    .where(_link.c.token_digest == bindparam("token_digest"), _link.c.used_at.is_(None))
)
DROP_UNUSED = Prepared(delete(_link).where(_link.c.used_at.is_(None)))
OFFICE = Prepared(
    select(_organ.c.id).where(_organ.c.kind == "inspection_office", _organ.c.valid_to.is_(None)).order_by(_organ.c.id).limit(1)
)


def is_done(store: Store) -> bool:
    """Has there ever been a system administrator, or a link that was used?"""
    return store.row(USED) is not None or store.row(EVER_ADMINISTRATOR) is not None


def make_link(store: Store, now: datetime) -> str:
    """The token of the link; an earlier one that was not used dies. Conflict setup_done after the first administrator."""
    if is_done(store):
        raise Conflict(why="setup_done")
    store.run(DROP_UNUSED)
    token = new_token()
    store.insert(SetupLink, [{"token_digest": digest_of(token), "created_at": now}])
    return token


def is_open(store: Store, token: str) -> bool:
    """May this link still be used?"""
    return not is_done(store) and store.row(OPEN, token_digest=digest_of(token)) is not None


def use_link(
    database: Database,
    *,
    token: str,
    login: str,
    name: str,
    password: str,
    now: datetime,
    today: date,
    county: str = "",
    rule: passwords.Rule = passwords.ASVS,
    address: str = "",
) -> int:
    """Makes the first system administrator; the person's id. `county` names the county where there is none yet.

    NotFound for a link that is wrong, used or dead: one answer for all three.
    """
    if not database.read(lambda store: is_open(store, token)):
        raise NotFound(what="setup_link")
    passwords.require_good(password, plain_login(login), rule)
    hashed = passwords.hash_of(password)

    def work(store: Store) -> int:
        if is_done(store) or not store.run(USE, token_digest=digest_of(token), now=now):
            raise NotFound(what="setup_link")
        organ_id = _office(store, county)
        person_id = create_person(store, login=login, name=name, now=now, password_hash=hashed)
        give(store, person_id=person_id, role="system_admin", organ_id=organ_id, today=today, ceiling=0)
        trail.account_changed(store, "first administrator", now=now, origin=trail.Origin(person_id, address=address))
        return person_id

    return database.write(work)


def _office(store: Store, county: str) -> int:
    found = store.row(OFFICE)
    if found is not None:
        return int(found["id"])
    if not county.strip():
        raise BadInput(why="county_missing")
    return add_county(store, name=county).office_id
