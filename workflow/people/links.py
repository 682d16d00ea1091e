"""Which person here a provider's subject is: two administrators say so, and nothing else makes one of the other.

Neither an address of mail nor a name links anybody, and nobody who comes without a link gets an account. A link is a way into
an account and all its posts, so it takes two people as a post does; ending it takes one, and ends the person's sessions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from states.errors import BadInput, Conflict, DomainError, NotFound, NotPermitted
from workflow import trail
from workflow.models import Person, ProviderLink
from workflow.people.accounts import BY_LOGIN, LOCK, end_all, plain_login
from workflow.people.proposals import PROPOSER, STAND_IN, VOID_AFTER, is_second
from workflow.people.sign_in import Caller, Session, open_session, renew
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

# OpenID Connect Core 2.
SUBJECT_AT_MOST = 255

_link, _person = table_of(ProviderLink), table_of(Person)
_proposer, _decider = _person.alias("proposer"), _person.alias("decider")
_told = (
    select(
        _link,
        _person.c.name.label("person"),
        _person.c.login,
        _person.c.disabled_at,
        _proposer.c.name.label("proposer"),
        _decider.c.name.label("decider"),
    )
    .join(_person, _person.c.id == _link.c.person_id)
    .join(_proposer, _proposer.c.id == _link.c.proposed_by)
    .outerjoin(_decider, _decider.c.id == _link.c.decided_by)
)
_counts = (_link.c.granted.is_(True), _link.c.ended_at.is_(None))
WAITING = Prepared(
    _told.where(
        _link.c.decided_at.is_(None), _link.c.proposed_at > bindparam("since_then", type_=_link.c.proposed_at.type)
    ).order_by(_link.c.id)
)
COUNTING = Prepared(_told.where(*_counts).order_by(_person.c.login))
OF_SUBJECT = Prepared(
    select(_link.c.person_id)
    .join(_person, _person.c.id == _link.c.person_id)
    .where(
        _link.c.issuer == bindparam("issuer"),
        _link.c.subject == bindparam("subject"),
        _person.c.disabled_at.is_(None),
        *_counts,
    )
)
COUNTING_OF = Prepared(select(_link.c.id).where(_link.c.person_id == bindparam("person_id"), *_counts))


class NotLinked(DomainError):
    """The provider vouches for somebody who has no account here that may be used; `params["subject"]` is for himself to see.

    A suspended account gets the same answer as none.
    """

    code = "not_linked"


class OtherPerson(DomainError):
    """Somebody proved himself at the provider who is not the one that asks."""

    code = "other_person"


# ---- two people -------------------------------------------------------------------------------------------------------------


def propose(store: Store, *, by: Actor, login: str, issuer: str, subject: str, reason: str, now: datetime) -> int:
    """The id of what waits for the second person. NotPermitted for who is no security administrator.

    BadInput login_unknown, provider_subject or reason_empty; Conflict person_disabled, own_rights, link_waits, subject_linked
    or person_linked.
    """
    if not by.has_role(PROPOSER):
        raise NotPermitted(why="role")
    row = {"issuer": issuer, "subject": subject.strip(), "reason": reason.strip()}
    if not (row["subject"].isascii() and row["subject"].isprintable() and 0 < len(row["subject"]) <= SUBJECT_AT_MOST):
        raise BadInput(why="provider_subject")
    if not row["reason"]:
        raise BadInput(why="reason_empty")
    person = store.row(BY_LOGIN, login=plain_login(login))
    if person is None:
        raise BadInput(why="login_unknown")
    row["person_id"] = person["id"]
    if by.person_id == person["id"]:
        raise Conflict(why="own_rights")
    _require_possible(store, row)
    if any(_is_same(row, one) for one in list_waiting(store, now=now)):
        raise Conflict(why="link_waits")
    link_id = store.new_ids(ProviderLink, 1)[0]
    store.insert(ProviderLink, [{"id": link_id, **row, "proposed_by": by.person_id, "proposed_at": now}])
    return link_id


def _is_same(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return row["issuer"] == other["issuer"] and any(row[name] == other[name] for name in ("subject", "person_id"))


def _require_possible(store: Store, row: Mapping[str, Any]) -> None:
    """Refuses a link that could not count; the person's row stays locked, so that two at once cannot both."""
    person = store.row(LOCK, id=row["person_id"])
    if person is None or person["disabled_at"] is not None:
        raise Conflict(why="person_disabled")
    for other in list_links(store):
        if _is_same(row, other):
            raise Conflict(why="subject_linked" if other["subject"] == row["subject"] else "person_linked")


def list_waiting(store: Store, *, now: datetime) -> list[Row]:
    """What waits for a second person, with `person`, `login`, `proposer`; void after two weeks."""
    return store.rows(WAITING, since_then=now - VOID_AFTER)


def list_links(store: Store) -> list[Row]:
    """The links that count, with `person`, `login`, `disabled_at`, `proposer`, `decider`."""
    return store.rows(COUNTING)


def may_decide(store: Store, by: Actor, waiting: Row, today: date) -> bool:
    """Is this the second person of that proposal?"""
    return is_second(store, by, {waiting["proposed_by"], waiting["person_id"]}, today)


def decide(store: Store, *, by: Actor, link_id: int, granted: bool, now: datetime, today: date) -> None:
    """The second person's word; its proposer may only take it back.

    NotFound for what does not wait, and for who administers nothing; NotPermitted separation_asked; Conflict as `propose` says.
    """
    found = next((row for row in list_waiting(store, now=now) if row["id"] == link_id), None)
    if found is None or not by.has_role(PROPOSER, STAND_IN):
        raise NotFound(what="proposal", id=link_id)
    takes_back = not granted and by.person_id == found["proposed_by"]
    if not takes_back and not may_decide(store, by, found, today):
        raise NotPermitted(why="separation_asked")
    if granted:
        _require_possible(store, found)
    undecided = (_link.c.id == link_id, _link.c.decided_at.is_(None))
    values = {"granted": granted, "decided_by": by.person_id, "decided_at": now}
    if store.execute(_link.update().values(**values).where(*undecided)) != 1:
        raise Conflict(why="proposal_settled")


def end(store: Store, *, by: Actor, link_id: int, now: datetime) -> None:
    """The link does not count any more, and every session of the person ends with it. NotFound for one that does not count."""
    if not by.has_role(PROPOSER):
        raise NotPermitted(why="role")
    found = next((row for row in list_links(store) if row["id"] == link_id), None)
    if found is None:
        raise NotFound(what="link", id=link_id)
    store.update(ProviderLink, {"ended_at": now}, id=link_id)
    end_all(store, person_id=found["person_id"], now=now)


# ---- coming in --------------------------------------------------------------------------------------------------------------


def enter(store: Store, *, issuer: str, subject: str, caller: Caller, now: datetime) -> str:
    """The token of a new session of whoever this is. NotLinked where nobody here is, or where he is suspended."""
    found = store.row(OF_SUBJECT, issuer=issuer, subject=subject)
    if found is None:
        raise NotLinked(subject=subject)
    return open_session(store, found["person_id"], caller, now, by_provider=True)


def prove_again(store: Store, *, session: Session, issuer: str, subject: str, now: datetime) -> str:
    """The session's new token, fresh again; OtherPerson where somebody else came back than went there.

    Who has a second factor shows that one: the provider's word is the first.
    """
    found = store.row(OF_SUBJECT, issuer=issuer, subject=subject)
    if session.has_factor or found is None or found["person_id"] != session.person_id:
        raise OtherPerson()
    return renew(store, session=session, now=now, proved_at=now)


def note_refusal(store: Store, *, fault: str, address: str, actor_id: int | None, now: datetime) -> None:
    """Somebody came back from the provider and was not let in; `fault` is a word of the program's own."""
    origin = trail.Origin(actor_id, address=address)
    trail.record(store, origin, "sign_in_failed", now=now, what=f"provider {fault}", result="refused")
