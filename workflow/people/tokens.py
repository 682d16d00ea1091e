"""Tokens for the API: shown once, stored as a digest, acting as their person until they end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, or_, select

from states.errors import BadInput, Conflict, NotFound
from workflow.models import Person, Token
from workflow.people.accounts import get_person
from workflow.people.bearer import digest_of, new_token
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

# Lets a scanner of leaked secrets know one when it sees one.
PREFIX = "duban_"

_token, _person = table_of(Token), table_of(Person)
LIVE = Prepared(
    select(_token.c.person_id, _token.c.is_own)
    .join(_person, _person.c.id == _token.c.person_id)
    .where(
        _token.c.token_digest == bindparam("token_digest"),
        _token.c.ended_at.is_(None),
        _person.c.disabled_at.is_(None),
        _person.c.must_change.is_(False),
        or_(
            _token.c.expires_at.is_(None),
            _token.c.expires_at > bindparam("now", type_=_token.c.expires_at.type),
        ),
    )
)
OF_PERSON = Prepared(
    select(_token.c.id, _token.c.label, _token.c.created_at, _token.c.expires_at, _token.c.ended_at)
    .where(_token.c.person_id == bindparam("person_id"))
    .order_by(_token.c.id)
)


def create(
    store: Store, *, person_id: int, label: str, now: datetime, expires_at: datetime | None = None, is_own: bool = False
) -> str:
    """A new token, never shown again. `is_own`: its person asked for it, having just proven to be himself."""
    if not label.strip():
        raise BadInput(why="label")
    if expires_at is not None and expires_at <= now:
        raise BadInput(why="expires_at")
    if get_person(store, person_id)["disabled_at"] is not None:
        raise Conflict(why="person_disabled")
    token = new_token(PREFIX)
    row = {"token_digest": digest_of(token), "person_id": person_id, "label": label.strip(), "is_own": is_own}
    store.insert(Token, [{**row, "created_at": now, "expires_at": expires_at}])
    return token


def list_tokens(store: Store, person_id: int) -> list[Row]:
    """id, label, created_at, expires_at, ended_at of the person's tokens; never the token."""
    return store.rows(OF_PERSON, person_id=person_id)


def end(store: Store, *, person_id: int, token_id: int, now: datetime) -> None:
    """Ends one of the person's own tokens."""
    if not store.update(Token, {"ended_at": now}, id=token_id, person_id=person_id):
        raise NotFound(what="token", id=token_id)


def person_of_token(store: Store, *, token: str, now: datetime) -> int | None:
    """Whom the token acts as; None when it is unknown, ended or expired, or its person may not act."""
    row = store.row(LIVE, token_digest=digest_of(token), now=now)
    return row["person_id"] if row else None


def owner_of_token(store: Store, *, token: str, now: datetime) -> int | None:
    """Whom the token proves: as `person_of_token`, and None for one that somebody else may have made."""
    row = store.row(LIVE, token_digest=digest_of(token), now=now)
    return row["person_id"] if row and row["is_own"] else None
