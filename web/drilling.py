"""People sign in at the site of a copy that was restored for a drill and read a case, as they will have to one day (R72)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from config.settings import Settings
from web.wiring import Office, open_office
from workflow.dates import local_day
from workflow.people.accounts import issue_password, list_people
from workflow.people.actors import actor_of
from workflow.reads.ledger import page
from workflow.reads.query import Query
from workflow.types import Actor

# So many, each in other posts than those before.
PEOPLE = 3
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
# Over TLS, as its cookies may want, and to itself, which the form's token asks for.
SITE = "https://localhost"


@dataclass(frozen=True, slots=True)
class Visited:
    """The logins of those who signed in and read a case, and of those who could not."""

    let_in: tuple[str, ...] = ()
    shut_out: tuple[str, ...] = ()


def visit(settings: Settings, now: datetime) -> Visited:
    """Up to three people in different posts sign in with a new password, and each reads a case that he may see.

    The copy is thrown away afterwards, and with it the passwords that are made here. Nobody's second factor is at hand, so
    that a password is enough in the copy; nobody else can reach it, for it is served to this function alone.
    """
    office = open_office(replace(settings, second_factor="off", oidc_issuer=""), lambda: now)
    try:
        tried = {login: _reads(office, person_id, login, case_id, now) for person_id, login, case_id in _chosen(office, now)}
    finally:
        office.close()
    return Visited(*(tuple(login for login, read in tried.items() if read is whether) for whether in (True, False)))


def _chosen(office: Office, now: datetime) -> Iterator[tuple[int, str, int]]:
    """People in different posts, with a case of each that he may see."""
    seen: set[frozenset[str]] = set()
    for person in office.database.read(list_people):
        today, ceiling = local_day(now), office.settings.ceiling
        actor = office.database.read(partial(actor_of, person_id=person["id"], today=today, ceiling=ceiling))
        roles = frozenset(grant.role for grant in actor.grants) if actor else frozenset()
        case_id = _first_case(office, actor, now) if actor and roles not in seen else None
        if case_id is not None and len(seen) < PEOPLE:
            seen.add(roles)
            yield person["id"], person["login"], case_id


def _first_case(office: Office, actor: Actor, now: datetime) -> int | None:
    query = Query(band="all")
    found = office.engine.read(now, lambda store, occasion: page(store, occasion, actor, query, limit=1))
    return found.rows[0].id if found.rows else None


def _reads(office: Office, person_id: int, login: str, case_id: int, now: datetime) -> bool:
    from web import create_app

    password = issue_password(office.database, person_id=person_id, now=now, must_change=False)
    client = create_app(office).test_client()
    form = TOKEN.search(client.get("/sign-in", base_url=SITE).text)
    told = {"login": login, "password": password, "csrf_token": form[1] if form else ""}
    client.post("/sign-in", base_url=SITE, data=told, headers={"Referer": f"{SITE}/sign-in"})
    return client.get(f"/cases/{case_id}", base_url=SITE).status_code == 200
