"""Signing in: sessions live on the server, the browser holds a random token and nothing else.

Unknown login, wrong password, disabled account and account without a password take the same path, with one verification and
the same statements, and get the same answer (security.md R4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import bindparam, exists, select

from states.errors import DomainError, NotPermitted
from workflow import trail
from workflow.database import Database
from workflow.models import Note, Person, SecondFactor, SignIn
from workflow.people import passwords, throttle
from workflow.people.accounts import BY_LOGIN, plain_login
from workflow.people.actors import actor_of
from workflow.people.bearer import digest_of, new_token
from workflow.people.factors import list_factors
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical, digest

# security.md R5.
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
# A page does not write that it was seen more often than this.
SEEN_EVERY = timedelta(minutes=1)

# How long a proof of who somebody is holds for what asks for a fresh one (security.md R12).
FRESH = timedelta(minutes=5)

_sign_in, _person, _factor = table_of(SignIn), table_of(Person), table_of(SecondFactor)
_has_factor = exists(
    select(_factor.c.id).where(
        _factor.c.person_id == _person.c.id, _factor.c.confirmed_at.is_not(None), _factor.c.ended_at.is_(None)
    )
)
LIVE = Prepared(
    select(
        _sign_in,
        *(_person.c[name] for name in ("must_change", "language", "toured_at", "password_set_at")),
        _person.c.created_at.label("known_since"),
        _has_factor.label("has_factor"),
    )
    .join(_person, _person.c.id == _sign_in.c.person_id)
    .where(
        _sign_in.c.token_digest == bindparam("token_digest"),
        _sign_in.c.ended_at.is_(None),
        _person.c.disabled_at.is_(None),
    )
)


class SignInFailed(DomainError):
    """Login and password do not belong together; nothing more is said."""

    code = "sign_in_failed"


class SignInDelayed(DomainError):
    """Too many tries: `params["seconds"]` until the next one is looked at."""

    code = "sign_in_delayed"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives, without being used and at all, and after how many days a password is to be changed."""

    idle: timedelta = IDLE
    absolute: timedelta = ABSOLUTE
    password_days: int | None = None

    @classmethod
    def of(cls, minutes: int, hours: int, password_days: int | None = None) -> Self:
        """As settings say them."""
        return cls(timedelta(minutes=minutes), timedelta(hours=hours), password_days)


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Session:
    """A live session. With `must_change` its person may do nothing but change the password.

    Its person has a second factor (`has_factor`) and showed one at `factor_at`; without that it is a password and no more, or
    the word of a provider (`by_provider`), with which no password counts.

    `is_new` says that nobody has shown him round. `is_unseen` says that `seen` is to be called, in a transaction of its own.
    """

    person_id: int
    token_digest: str
    acting_grant_id: int | None
    language: str
    must_change: bool
    is_new: bool
    created_at: datetime
    is_unseen: bool
    has_factor: bool
    factor_at: datetime | None
    proved_at: datetime | None
    by_provider: bool = False

    def is_fresh(self, now: datetime) -> bool:
        """Did its person prove just now to be himself?"""
        return self.proved_at is not None and now - self.proved_at < FRESH


@dataclass(frozen=True, slots=True)
class Caller:
    """Where somebody signs in from: the address of the socket, and the device in two words (`chrome.windows`)."""

    address: str
    device: str = ""


def sign_in(database: Database, *, login: str, password: str, address: str, now: datetime, device: str = "") -> str:
    """The token of a new session. SignInFailed whatever is wrong; SignInDelayed while a further try has to wait."""
    attempt = throttle.Attempt(plain_login(login), address)
    person = _verified(database, attempt, password, now)
    rehashed = _rehashed(person, password)
    caller = Caller(address, device)
    return database.write(lambda store: _open(store, attempt, person, rehashed, now, caller))


def prove(database: Database, *, login: str, password: str, address: str, now: datetime) -> int:
    """Whose password it is, without a session; refused and delayed as signing in is. One to be changed first proves nothing."""
    attempt = throttle.Attempt(plain_login(login), address)
    person = _verified(database, attempt, password, now)
    if person["must_change"]:
        raise SignInFailed()
    database.write(lambda store: throttle.succeeded(store, attempt, now))
    return int(person["id"])


def _verified(database: Database, attempt: throttle.Attempt, password: str, now: datetime) -> Row:
    seconds, person = database.write(lambda store: _begin(store, attempt, now))
    if seconds:
        raise SignInDelayed(seconds=seconds)
    is_active = person is not None and person["disabled_at"] is None and not _is_over(person, now)
    stored = person["password_hash"] if person is not None and is_active else None
    if not passwords.is_right(password, stored):
        database.write(lambda store: _note_failure(store, attempt, person, now))
        raise SignInFailed()
    assert person is not None and stored is not None, "nothing fits an account that is not there"
    return person


def _rehashed(person: Row, password: str) -> str:
    stored: str = person["password_hash"]
    return passwords.hash_of(password) if passwords.is_outdated(stored) else stored


def _begin(store: Store, attempt: throttle.Attempt, now: datetime) -> tuple[int, Row | None]:
    return throttle.reserve(store, attempt, now), store.row(BY_LOGIN, login=attempt.login)


def _is_over(person: Row, now: datetime) -> bool:
    """Is the account's password a one-time one that was not used in time?"""
    set_at = person["password_set_at"]
    return bool(person["must_change"] and set_at is not None and now - set_at >= passwords.ONE_TIME_FOR)


def _note_failure(store: Store, attempt: throttle.Attempt, person: Row | None, now: datetime) -> None:
    # A login that nobody has may be a password typed in the wrong box: its digest is enough to count by.
    body = {"address": attempt.address, "login": digest(attempt.login)}
    actor_id = person["id"] if person else None
    row = {"at": now, "kind": "sign_in_failed", "case_id": None, "actor_id": actor_id, "body": canonical(body)}
    store.insert(Note, [row])
    origin = trail.Origin(actor_id, address=attempt.address)
    trail.record(store, origin, "sign_in_failed", now=now, result="refused")


def _open(store: Store, attempt: throttle.Attempt, person: Row, stored: str, now: datetime, caller: Caller) -> str:
    throttle.succeeded(store, attempt, now)
    if stored != person["password_hash"]:
        store.update(Person, {"password_hash": stored}, id=person["id"], password_hash=person["password_hash"])
    return open_session(store, person["id"], caller, now)


def open_session(store: Store, person_id: int, caller: Caller, now: datetime, *, by_provider: bool = False) -> str:
    """The token of a new session of somebody who has shown his password, or for whom a provider vouches; it is on the trail."""
    # Where there is a second factor, the first alone proves nothing yet.
    proved_at = None if list_factors(store, person_id) else now
    row = {"person_id": person_id, "created_at": now, "seen_at": now, "acting_grant_id": None, "factor_at": None}
    row |= {"proved_at": proved_at, "device": caller.device, "address": caller.address, "by_provider": by_provider}
    token = _add(store, row)
    origin = trail.Origin(person_id, address=caller.address, session=trail.session_mark(digest_of(token)))
    trail.record(store, origin, "sign_in", now=now, what="provider" if by_provider else "")
    return token


def _add(store: Store, row: Row) -> str:
    token = new_token()
    store.insert(SignIn, [{**row, "token_digest": digest_of(token)}])
    return token


def renew(store: Store, *, session: Session, now: datetime, **changes: Any) -> str:
    """The same session under a new token, with what changed; the old token ends (R5). SignInFailed where it ended meanwhile."""
    row = store.row(LIVE, token_digest=session.token_digest)
    if row is None:
        raise SignInFailed()
    store.update(SignIn, {"ended_at": now, "challenge": None}, token_digest=session.token_digest)
    kept = ("person_id", "acting_grant_id", "created_at", "factor_at", "proved_at", "device", "address", "by_provider")
    return _add(store, {**{name: row[name] for name in kept}, "seen_at": now, **changes})


def session_of(store: Store, *, token: str, now: datetime, limits: Limits = DEFAULT_LIMITS) -> Session | None:
    """The live session of a token; None when it ended, was idle too long, is too old, or its person is disabled."""
    row = store.row(LIVE, token_digest=digest_of(token))
    if row is None or now - row["seen_at"] >= limits.idle or now - row["created_at"] >= limits.absolute:
        return None
    return Session(
        person_id=row["person_id"],
        token_digest=row["token_digest"],
        acting_grant_id=row["acting_grant_id"],
        language=row["language"],
        must_change=not row["by_provider"] and (row["must_change"] or _is_worn(row, now, limits)),
        is_new=row["toured_at"] is None,
        created_at=row["created_at"],
        is_unseen=now - row["seen_at"] >= SEEN_EVERY,
        has_factor=bool(row["has_factor"]),
        factor_at=row["factor_at"],
        proved_at=row["proved_at"],
        by_provider=row["by_provider"],
    )


def _is_worn(row: Row, now: datetime, limits: Limits) -> bool:
    """Is the password older than the rule lets one be? One that was never dated is as old as its account."""
    if limits.password_days is None:
        return False
    return bool(now - (row["password_set_at"] or row["known_since"]) >= timedelta(days=limits.password_days))


def seen(store: Store, *, session: Session, now: datetime) -> None:
    """The session was used just now."""
    store.update(SignIn, {"seen_at": now}, token_digest=session.token_digest)


def sign_out(store: Store, *, token: str, now: datetime) -> None:
    """Ends the session; its token never works again."""
    store.update(SignIn, {"ended_at": now}, token_digest=digest_of(token))


def choose_post(store: Store, *, session: Session, grant_id: int | None, now: datetime, today: date) -> str:
    """The person acts in another of his posts: a new token for the same session, the old one ends (R5)."""
    actor = actor_of(store, session.person_id, today=today, acting_grant_id=grant_id)
    if actor is None or (grant_id is not None and actor.acting is None):
        raise NotPermitted(why="post")
    return renew(store, session=session, now=now, acting_grant_id=grant_id)
