"""How much one person does with one case: so many acts an hour, so that nobody buries a case under acts (security.md R41)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from states.errors import TooMany
from workflow.models import Event
from workflow.models.columns import time_to_text
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.types import Actor

WINDOW = timedelta(hours=1)

_event = table_of(Event)
# The newest acts, of which the last that is asked for is the one that has to grow an hour old.
ACTED = Prepared(
    select(_event.c.recorded_at)
    .where(
        _event.c.actor_id == bindparam("actor_id"),
        _event.c.recorded_at > bindparam("after", type_=_event.c.recorded_at.type),
        _event.c.case_id == bindparam("case_id"),
    )
    .order_by(_event.c.recorded_at.desc())
    .limit(bindparam("at_most"))
)


def require_pace(store: Store, actor: Actor, case_id: int, *, at_most: int, now: datetime) -> None:
    """TooMany for whoever acted so often on the case within the hour; acts of the same moment do not see each other."""
    acts = store.rows(ACTED, actor_id=actor.person_id, case_id=case_id, after=now - WINDOW, at_most=at_most)
    if len(acts) >= at_most:
        raise too_many("acts_an_hour", at_most, until=acts[-1]["recorded_at"] + WINDOW, now=now)


def too_many(why: str, limit: int, *, until: datetime, now: datetime) -> TooMany:
    """The refusal that says until when; it may be kept, and says the same hour whenever it is read."""
    return TooMany(why=why, limit=limit, seconds=int((until - now).total_seconds()) + 1, until=time_to_text(until))
