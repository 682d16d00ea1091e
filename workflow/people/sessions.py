"""One's own sessions: where one is signed in, and ending one, or all but this."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from states.errors import NotFound
from workflow.models import SignIn
from workflow.people.sign_in import DEFAULT_LIMITS, Limits
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

_sign_in = table_of(SignIn)
OPEN = Prepared(
    select(*(_sign_in.c[name] for name in ("token_digest", "created_at", "seen_at", "device", "address", "factor_at")))
    .where(
        _sign_in.c.person_id == bindparam("person_id"),
        _sign_in.c.ended_at.is_(None),
        _sign_in.c.seen_at > bindparam("seen_after", type_=_sign_in.c.seen_at.type),
        _sign_in.c.created_at > bindparam("begun_after", type_=_sign_in.c.created_at.type),
    )
    .order_by(_sign_in.c.seen_at.desc())
)


def list_sessions(store: Store, *, person_id: int, now: datetime, limits: Limits = DEFAULT_LIMITS) -> list[Row]:
    """The person's live sessions, the one used last first: token_digest, created_at, seen_at, device, address, factor_at."""
    return store.rows(OPEN, person_id=person_id, seen_after=now - limits.idle, begun_after=now - limits.absolute)


def end_session(store: Store, *, person_id: int, token_digest: str, now: datetime) -> None:
    """Ends one of the person's own sessions; NotFound for another's."""
    if not store.update(SignIn, {"ended_at": now}, token_digest=token_digest, person_id=person_id):
        raise NotFound(what="session")
