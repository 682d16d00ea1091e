"""duban user: people, one-time passwords, posts and tokens, from the machine itself."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import click

from states.errors import NotFound
from web.commands.office import common, confirmed, opened, say, writing
from web.wiring import Office
from workflow import trail
from workflow.dates import local_day
from workflow.organisation_names import find_by_name
from workflow.people import accounts, factors, grants, proposals, tokens
from workflow.people.actors import find_person, operator
from workflow.store import Store


@click.group("user")
def command() -> None:
    """People, posts and tokens."""


@command.command("list")
@common
def list_users(yes: bool, as_json: bool) -> None:
    """List everybody with an account."""
    del yes
    with opened() as office:
        people = office.database.read(accounts.list_people)
    say(
        people,
        as_json,
        lambda rows: "\n".join(f"{r['login']}\t{r['name']}\t{'停用' if r['disabled_at'] else '在用'}" for r in rows),
    )


@command.command("add")
@click.argument("login")
@click.argument("name")
@click.option("--email", default="", help="Where notices are mailed to.")
@common
def add(login: str, name: str, email: str, yes: bool, as_json: bool) -> None:
    """Make an account and print a password that must be changed at the first sign-in."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:

        def work() -> str:
            told: dict[str, Any] = {"login": login, "name": name, "email": email}
            person_id = office.database.write(partial(_created, told, now))
            return accounts.issue_password(office.database, person_id=person_id, now=now)

        password = writing(office, work)
    say({"login": login, "password": password}, as_json, lambda told: f"{told['login']} 的一次性口令：{told['password']}")


@command.command("email")
@click.argument("login")
@click.argument("address")
@common
def email(login: str, address: str, yes: bool, as_json: bool) -> None:
    """Say where somebody's notices are mailed to; "" ends it."""
    del yes
    with opened() as office:
        person_id = _person(office, login)

        def work(store: Any) -> str:
            accounts.change_person(store, person_id=person_id, changes={"email": address})
            _say(store, f"address of {person_id}", datetime.now(UTC))
            return str(accounts.get_person(store, person_id)["email"])

        kept = writing(office, lambda: office.database.write(work))
    say({"login": login, "email": kept}, as_json, lambda told: f"{told['login']} 的邮箱：{told['email'] or '无'}")


@command.command("password")
@click.argument("login")
@common
def password(login: str, yes: bool, as_json: bool) -> None:
    """Print a new one-time password; every session of the account ends."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        person_id = _person(office, login)
        told = writing(office, lambda: accounts.issue_password(office.database, person_id=person_id, now=now))
    say({"login": login, "password": told}, as_json, lambda value: f"{value['login']} 的一次性口令：{value['password']}")


@command.command("factors")
@click.argument("login")
@click.option("--drop", is_flag=True, help="Take all of them away, where their owner lost them.")
@common
def list_factors(login: str, drop: bool, yes: bool, as_json: bool) -> None:
    """List somebody's second factors, or take them away; the next sign-in then asks for new ones."""
    now = datetime.now(UTC)
    with opened() as office:
        person_id = _person(office, login)
        if drop:
            confirmed(yes, f"去掉 {login} 的全部第二重验证？")
            writing(office, lambda: office.database.write(partial(_dropped, person_id, now)))
        mine = office.database.read(lambda store: factors.list_factors(store, person_id))
    told = [{name: row[name] for name in ("id", "kind", "label", "created_at", "used_at")} for row in mine]
    say(told, as_json, lambda rows: "\n".join(f"{row['kind']}\t{row['label']}" for row in rows) or "没有第二重验证")


@command.command("disable")
@click.argument("login")
@common
def disable(login: str, yes: bool, as_json: bool) -> None:
    """End an account: nobody acts as this person again."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        person_id = _person(office, login)
        writing(office, lambda: office.database.write(partial(_disabled, person_id, now)))
    say({"login": login}, as_json, lambda told: f"{told['login']} 已停用")


@command.command("grant")
@click.argument("login")
@click.argument("role")
@click.argument("organ")
@click.option("--ceiling", type=int, default=1, help="Highest confidentiality level, 0 to 3.")
@click.option("--title", default="", help="What the post is called.")
@common
def grant(login: str, role: str, organ: str, ceiling: int, title: str, yes: bool, as_json: bool) -> None:
    """Give somebody a role in an organ, named by its full or short name; once the administrators are set, propose it."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        person_id = _person(office, login)
        tree = office.engine.read(now, lambda _store, occasion: occasion.tree)
        found = find_by_name(tree, organ)
        if found is None:
            raise NotFound(what="organ", id=organ)
        organ_id, today = found.id, local_day(now)
        asked: dict[str, Any] = {"person_id": person_id, "role": role, "organ_id": organ_id, "ceiling": ceiling}

        def work(store: Any) -> dict[str, int | None]:
            if not proposals.takes_two(store) or proposals.is_vacant(store, role, today):
                grant_id = grants.give(store, **asked, title=title, today=today)
                trail.record(store, trail.MACHINE, "grant", now=now, what=f"grant {grant_id}")
                return {"grant": grant_id, "proposal": None}
            by = operator(store, today=today)
            waits = proposals.propose(store, by=by, asked={**asked, "title": title}, reason="", now=now, today=today)
            trail.record(store, trail.MACHINE, "grant", now=now, what=f"proposal {waits}")
            return {"grant": None, "proposal": waits}

        told = writing(office, lambda: office.database.write(work))
    waits = "，等安全管理员在“授权”页同意" if told["proposal"] else ""
    say(told, as_json, lambda _told: f"{login} 任 {organ} {role}{waits}")


@command.command("token")
@click.argument("login")
@click.argument("label")
@common
def token(login: str, label: str, yes: bool, as_json: bool) -> None:
    """Make a token for the API; it is shown once. It proves nobody where two people are asked."""
    del yes
    now = datetime.now(UTC)
    with opened() as office:
        person_id = _person(office, login)
        made = writing(office, lambda: office.database.write(partial(_token, person_id, label, now)))
    say({"token": made}, as_json, lambda told: str(told["token"]))


def _created(told: dict[str, Any], now: datetime, store: Store) -> int:
    person_id = accounts.create_person(store, **told, now=now)
    _say(store, f"new account {person_id}", now)
    return person_id


def _dropped(person_id: int, now: datetime, store: Store) -> None:
    factors.drop_all(store, person_id=person_id, now=now)
    _say(store, f"second factors of {person_id} dropped", now)


def _disabled(person_id: int, now: datetime, store: Store) -> None:
    accounts.disable(store, person_id=person_id, now=now)
    _say(store, f"{person_id} disabled", now)


def _token(person_id: int, label: str, now: datetime, store: Store) -> str:
    made = tokens.create(store, person_id=person_id, label=label, now=now)
    _say(store, f"token for {person_id}", now)
    return made


def _say(store: Store, what: str, now: datetime) -> None:
    """What was done to an account goes on the trail with it."""
    trail.record(store, trail.MACHINE, "account", now=now, what=what)


def _person(office: Office, login: str) -> int:
    row = office.database.read(lambda store: find_person(store, login))
    if row is None:
        raise NotFound(what="person", id=login)
    return int(row["id"])
