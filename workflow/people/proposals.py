"""Giving or widening rights takes two people: a security administrator proposes, another one says yes (security.md R10).

Where there is no other security administrator the system administrator is the second: he makes accounts and gives no rights, so
that neither can do it alone. Narrowing and ending take one. A proposal that nobody answered in two weeks is void.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select

from states.errors import Conflict, NotFound, NotPermitted
from workflow.models import Grant, GrantProposal, Organ, Person
from workflow.people import grants
from workflow.people.actors import ADMINISTRATORS_HELD, are_set
from workflow.people.grants import ADMINISTRATORS
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.types import Actor

PROPOSER, STAND_IN = "security_admin", "system_admin"
VOID_AFTER = timedelta(days=14)

_grant, _proposal, _person, _organ = table_of(Grant), table_of(GrantProposal), table_of(Person), table_of(Organ)
_proposer = _person.alias("proposer")
_today = bindparam("today", type_=_grant.c.until.type)
WAITING = Prepared(
    select(
        _proposal,
        _person.c.name.label("person"),
        _organ.c.name.label("organ"),
        _proposer.c.name.label("proposer"),
    )
    .join(_person, _person.c.id == _proposal.c.person_id)
    .join(_organ, _organ.c.id == _proposal.c.organ_id)
    .outerjoin(_proposer, _proposer.c.id == _proposal.c.proposed_by)
    .where(
        _proposal.c.decided_at.is_(None), _proposal.c.proposed_at > bindparam("since_then", type_=_proposal.c.proposed_at.type)
    )
    .order_by(_proposal.c.id)
)
SECURITY_ADMINISTRATORS = Prepared(
    select(_grant.c.person_id)
    .join(_person, _person.c.id == _grant.c.person_id)
    .where(
        _grant.c.role == PROPOSER,
        _person.c.disabled_at.is_(None),
        or_(_grant.c.since.is_(None), _grant.c.since <= _today),
        or_(_grant.c.until.is_(None), _grant.c.until >= _today),
    )
    .distinct()
)
HELD = Prepared(
    select(_grant).where(
        _grant.c.person_id == bindparam("person_id"),
        _grant.c.role == bindparam("role"),
        _grant.c.organ_id == bindparam("organ_id"),
        or_(_grant.c.until.is_(None), _grant.c.until >= _today),
    )
)


def propose(store: Store, *, by: Actor, asked: Mapping[str, Any], reason: str, now: datetime, today: date) -> int | None:
    """The id of what waits for the second person; None where nothing is widened, which counts at once.

    `asked` is what `grants.give` takes. NotPermitted for who is no security administrator; Conflict proposal_waits, own_rights.
    """
    wanted = {"ceiling": 1, "title": "", "since": None, "until": None, **asked}
    if by.person_id is not None and not by.has_role(PROPOSER):
        raise NotPermitted(why="role")
    if by.person_id == wanted["person_id"]:
        raise Conflict(why="own_rights")
    if _is_narrower(store, wanted, today):
        grants.give(store, **wanted, today=today)
        return None
    key = {name: value for name, value in wanted.items() if name != "title"}
    grants.require_possible(store, **key, today=today)
    same = ("person_id", "role", "organ_id")
    if any(all(row[name] == wanted[name] for name in same) for row in list_waiting(store, now=now)):
        raise Conflict(why="proposal_waits")
    proposal_id = store.new_ids(GrantProposal, 1)[0]
    row = {"id": proposal_id, **wanted, "title": wanted["title"].strip(), "reason": reason.strip()}
    store.insert(GrantProposal, [{**row, "proposed_by": by.person_id, "proposed_at": now}])
    return proposal_id


def _is_narrower(store: Store, wanted: Mapping[str, Any], today: date) -> bool:
    """Is there such a post already that reaches as high, begins as early and lasts as long?"""
    held = store.row(HELD, **{name: wanted[name] for name in ("person_id", "role", "organ_id")}, today=today)
    if held is None:
        return False
    begins, ends = (wanted["since"] or date.min), (wanted["until"] or date.max)
    lasts = begins >= (held["since"] or date.min) and ends <= (held["until"] or date.max)
    return bool(wanted["ceiling"] <= held["ceiling"] and lasts)


def list_waiting(store: Store, *, now: datetime) -> list[Row]:
    """What waits for a second person, with `person`, `organ` and `proposer` by name."""
    return store.rows(WAITING, since_then=now - VOID_AFTER)


def may_decide(store: Store, by: Actor, proposal: Row, today: date) -> bool:
    """Is this the second person of that proposal?"""
    return is_second(store, by, {proposal["proposed_by"], proposal["person_id"]}, today)


def is_second(store: Store, by: Actor, first: Collection[int | None], today: date) -> bool:
    """Answers this person for rights, beside those whom it is `first` about?"""
    if by.person_id is None or by.person_id in first:
        return False
    others = {row["person_id"] for row in store.rows(SECURITY_ADMINISTRATORS, today=today)}.difference(first)
    return by.person_id in others or (not others and by.has_role(STAND_IN))


def decide(store: Store, *, by: Actor, proposal_id: int, granted: bool, now: datetime, today: date) -> None:
    """The second person's word; a yes counts at once, in open sessions too. Its proposer may only take it back.

    NotFound for what does not wait, and for who administers nothing; NotPermitted separation_asked.
    """
    found = next((row for row in list_waiting(store, now=now) if row["id"] == proposal_id), None)
    if found is None or not by.has_role(PROPOSER, STAND_IN):
        raise NotFound(what="proposal", id=proposal_id)
    takes_back = not granted and by.person_id == found["proposed_by"]
    if not takes_back and not may_decide(store, by, found, today):
        raise NotPermitted(why="separation_asked")
    values = {"granted": granted, "decided_by": by.person_id, "decided_at": now}
    if not _settle(store, proposal_id, values):
        raise Conflict(why="proposal_settled")
    if granted:
        asked = {name: found[name] for name in ("person_id", "role", "organ_id", "ceiling", "title", "since", "until")}
        grants.give(store, **asked, today=today)


def _settle(store: Store, proposal_id: int, values: Mapping[str, Any]) -> bool:
    undecided = (_proposal.c.id == proposal_id, _proposal.c.decided_at.is_(None))
    return store.execute(_proposal.update().values(**values).where(*undecided)) == 1


def takes_two(store: Store) -> bool:
    """Were the three administrators ever set? Until then whoever sits at the machine gives the first posts alone."""
    return are_set(store)


def is_vacant(store: Store, role: str, today: date) -> bool:
    """Is it an administrator's duty that nobody has any more? Whoever sits at the machine fills it, and sees no case by it."""
    return role in ADMINISTRATORS and role not in {row["role"] for row in store.rows(ADMINISTRATORS_HELD, today=today)}
