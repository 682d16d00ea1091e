"""Accounts: made, changed, disabled, never deleted. There is no default one, and nobody sets another person's password.

An administrator can only ask for a random first password, which its owner must change before anything else (R11).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update

from states.errors import BadInput, Conflict, NotFound
from states.formats import read_phone
from workflow import trail
from workflow.database import Database
from workflow.models import FormerPassword, Person, ProviderLink, SignIn, Token
from workflow.occasions import moved
from workflow.people import passwords
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
CHANGEABLE = ("name", "email", "phone", "language")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
# One plain address, as a mail takes it: no name beside it, no second one.
_EMAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]{1,64}@[^@\s<>()\[\],;:\"\\.]+(\.[^@\s<>()\[\],;:\"\\.]+)*")
# Words that a command or a log uses for what is no person.
RESERVED = frozenset({"operator", "machine", "import", "system"})

_person, _sign_in, _token, _former = table_of(Person), table_of(SignIn), table_of(Token), table_of(FormerPassword)
_link = table_of(ProviderLink)

BY_ID = Prepared(select(_person).where(_person.c.id == bindparam("id")))
BY_LOGIN = Prepared(select(_person).where(_person.c.login == bindparam("login")))
LOCK = Prepared(select(_person).where(_person.c.id == bindparam("id")).with_for_update())
COUNT = Prepared(select(func.count().label("people")).select_from(_person))
EVERYBODY = Prepared(select(*[column for column in _person.c if column.key != "password_hash"]).order_by(_person.c.login))
FORMER = Prepared(
    select(_former.c.password_hash).where(_former.c.person_id == bindparam("person_id")).order_by(_former.c.id.desc())
)
END_SESSIONS = Prepared(
    update(_sign_in)
    .values(ended_at=bindparam("now", type_=_sign_in.c.ended_at.type))
    .where(
        _sign_in.c.person_id == bindparam("person_id"),
        _sign_in.c.ended_at.is_(None),
        _sign_in.c.token_digest != bindparam("kept"),
    )
)
END_TOKENS = Prepared(
    update(_token)
    .values(ended_at=bindparam("now", type_=_token.c.ended_at.type))
    .where(_token.c.person_id == bindparam("person_id"), _token.c.ended_at.is_(None))
)

END_LINKS = Prepared(
    update(_link)
    .values(ended_at=bindparam("now", type_=_link.c.ended_at.type))
    .where(_link.c.person_id == bindparam("person_id"), _link.c.granted.is_(True), _link.c.ended_at.is_(None))
)


def plain_login(login: str) -> str:
    """The login as it is stored and looked up: NFKC, lower case, no blanks around it."""
    return unicodedata.normalize("NFKC", login).strip().lower()


def create_person(
    store: Store,
    *,
    login: str,
    name: str,
    now: datetime,
    email: str = "",
    phone: str = "",
    language: str = "zh-Hans",
    password_hash: str | None = None,
    must_change: bool = False,
) -> int:
    """A new account's id; without `password_hash` nobody can sign in with it yet. BadInput, or Conflict login_taken."""
    plain = plain_login(login)
    if not _LOGIN.fullmatch(plain) or plain in RESERVED:
        raise BadInput(why="login", login=login)
    if store.row(BY_LOGIN, login=plain) is not None:
        raise Conflict(why="login_taken", login=plain)
    row = _clean({"name": name, "email": email, "phone": phone, "language": language})
    row |= {"login": plain, "created_at": now, "password_hash": password_hash, "must_change": must_change}
    person_id = store.new_ids(Person, 1)[0]
    store.insert(Person, [{"id": person_id, **row}])
    return person_id


def change_person(store: Store, *, person_id: int, changes: Mapping[str, str]) -> None:
    """Changes name, email, phone or language; the login stays, history names it."""
    unknown = set(changes) - set(CHANGEABLE)
    if unknown:
        raise BadInput(why="unknown_field", field=min(unknown))
    get_person(store, person_id)
    store.update(Person, _clean(changes), id=person_id)


def _clean(told: Mapping[str, str]) -> dict[str, Any]:
    row = {key: unicodedata.normalize("NFC", value).strip() for key, value in told.items()}
    if not row.get("name", "x") or any(ord(char) < 32 for value in row.values() for char in value):
        raise BadInput(why="name")
    if row.get("language", LANGUAGES[0]) not in LANGUAGES:
        raise BadInput(why="language", language=row["language"])
    if row.get("email") and not _EMAIL.fullmatch(row["email"]):
        raise BadInput(why="email")
    if row.get("phone"):
        if (phone := read_phone(row["phone"])) is None:
            raise BadInput(why="phone")
        row["phone"] = phone
    return row


def get_person(store: Store, person_id: int) -> Row:
    """The account's row with its hash, or NotFound."""
    row = store.row(BY_ID, id=person_id)
    if row is None:
        raise NotFound(what="person", id=person_id)
    return row


def list_people(store: Store) -> list[Row]:
    """Every account by login, without hashes."""
    return store.rows(EVERYBODY)


def disable(store: Store, *, person_id: int, now: datetime) -> None:
    """Nobody acts as this person again: sessions and API tokens end with it, grants stop counting. History keeps the name."""
    get_person(store, person_id)
    store.update(Person, {"disabled_at": now}, id=person_id)
    end_all(store, person_id=person_id, now=now)
    store.run(END_TOKENS, person_id=person_id, now=now)
    moved(store, "people")


def enable(store: Store, *, person_id: int, now: datetime) -> None:
    """The account works again, after a new first password: the old one is forgotten, and so is who he was to a provider."""
    get_person(store, person_id)
    store.update(Person, {"disabled_at": None, "password_hash": None}, id=person_id)
    store.run(END_LINKS, person_id=person_id, now=now)
    moved(store, "people")


def end_all(store: Store, *, person_id: int, now: datetime, but: str = "") -> int:
    """Ends every session of the person except that with token digest `but`; how many."""
    return store.run(END_SESSIONS, person_id=person_id, now=now, kept=but)


def end_tokens(store: Store, *, person_id: int, now: datetime) -> None:
    """Ends every token of the person for the API."""
    store.run(END_TOKENS, person_id=person_id, now=now)


def issue_password(
    database: Database, *, person_id: int, now: datetime, must_change: bool = True, origin: trail.Origin = trail.MACHINE
) -> str:
    """A random password, shown once to who asked; its owner must change it first, within a day. Ends sessions and tokens.

    It is on the trail, for whoever knows a password can be who it is for.
    """
    made = passwords.make()
    hashed = passwords.hash_of(made)

    def work(store: Store) -> None:
        if get_person(store, person_id)["disabled_at"] is not None:
            raise Conflict(why="person_disabled")
        store.update(Person, {"password_hash": hashed, "must_change": must_change, "password_set_at": now}, id=person_id)
        end_all(store, person_id=person_id, now=now)
        end_tokens(store, person_id=person_id, now=now)
        trail.record(store, origin, "account", now=now, what=f"one-time password for {person_id}")

    database.write(work)
    return made


def change_password(
    database: Database,
    *,
    person_id: int,
    old: str,
    new: str,
    now: datetime,
    kept_session: str = "",
    rule: passwords.Rule = passwords.ASVS,
    origin: trail.Origin | None = None,
) -> None:
    """Its owner sets a new password; other sessions end, that with token digest `kept_session` goes on.

    BadInput with `why` password_wrong, password_same, password_former, or what `passwords.require_good` says.
    """
    row = database.read(lambda store: get_person(store, person_id))
    if not passwords.is_right(old, row["password_hash"]):
        raise BadInput(why="password_wrong")
    if new == old:
        raise BadInput(why="password_same")
    passwords.require_good(new, row["login"], rule)
    _require_new(database, person_id, new, rule)
    hashed = passwords.hash_of(new)

    def work(store: Store) -> None:
        values = {"password_hash": hashed, "must_change": False, "password_set_at": now}
        if not store.update(Person, values, id=person_id, password_hash=row["password_hash"]):
            raise Conflict(why="password_changed_meanwhile")
        if rule.former and not row["must_change"]:
            store.insert(FormerPassword, [{"person_id": person_id, "password_hash": row["password_hash"], "left_at": now}])
        end_all(store, person_id=person_id, now=now, but=kept_session)
        trail.account_changed(store, "password changed", now=now, origin=origin or trail.Origin(person_id))

    database.write(work)


def _require_new(database: Database, person_id: int, new: str, rule: passwords.Rule) -> None:
    """BadInput password_former for one of the last `former`; the present one, the first of them, was looked at already."""
    if rule.former:
        rows = database.read(lambda store: store.rows(FORMER, person_id=person_id))[: rule.former - 1]
        if any([passwords.is_right(new, row["password_hash"]) for row in rows]):
            raise BadInput(why="password_former", former=rule.former)
