"""The trail: who read what is protected, signed in, was refused, was given rights, set or took something away, and from where.

A row is committed with what it describes, or before it is shown, so one cannot be without the other. It gets its place in the
chain when the next checkpoint is taken: against whoever can rewrite the database, a link counts for nothing before that, and
readers do not queue behind each other for it. No word that a client chose enters a row, so nobody can forge a line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from states.errors import CaseNotFound
from workflow.digests import digest, holds
from workflow.models import Case, Person, Trail
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.text import digest as handle

ACTIONS = (
    *("read", "file", "letter", "export", "act", "refused", "sign_in", "sign_in_failed", "grant", "grant_ended", "audit"),
    *("account", "organisation", "configure", "key", "alarm"),
)
# A list of more cases than this is told by rows of so many.
CASES_AT_MOST = 500

_trail, _person, _case = table_of(Trail), table_of(Person), table_of(Case)
UNSEALED = Prepared(select(_trail.c.id, _trail.c.facts).where(_trail.c.seq.is_(None)).order_by(_trail.c.id))
LAST = Prepared(select(_trail.c.seq, _trail.c.hash).where(_trail.c.seq.is_not(None)).order_by(_trail.c.seq.desc()).limit(1))
CHAIN = Prepared(
    select(_trail.c.seq, _trail.c.prev, _trail.c.hash, _trail.c.facts)
    .where(_trail.c.seq > bindparam("seq"))
    .order_by(_trail.c.seq)
    .limit(5_000)
)
NUMBERED = Prepared(select(_case.c.id).where(_case.c.number == bindparam("number")))
_between = (
    select(_trail.c.id, _trail.c.at, _trail.c.action, _trail.c.facts, _person.c.login, _person.c.name)
    .outerjoin(_person, _person.c.id == _trail.c.actor_id)
    .where(
        _trail.c.at >= bindparam("since", type_=_trail.c.at.type),
        _trail.c.at < bindparam("until", type_=_trail.c.at.type),
    )
    .order_by(_trail.c.at, _trail.c.id)
)
SAW = Prepared(_between.where(_trail.c.cases.like(bindparam("pattern"))))
SET = Prepared(_between.where(_trail.c.action.in_(("configure", "key"))))


@dataclass(frozen=True, slots=True)
class Origin:
    """Who, in which post, by which session and request, from which socket; of nobody known no address is kept."""

    actor_id: int | None = None
    grant_id: int | None = None
    address: str = ""
    session: str = ""
    request: str = ""


MACHINE = Origin()


def session_mark(token_digest: str) -> str:
    """What stands for a session in the trail: neither its token nor what finds it."""
    return handle("trail", token_digest)[:16]


def record(
    store: Store,
    origin: Origin,
    action: str,
    *,
    now: datetime,
    what: str = "",
    cases: Collection[int] = (),
    result: str = "ok",
    opened: int | None = None,
) -> None:
    """Writes what was done; `what` and `result` are words of the program's own, never a client's.

    `opened` is the one of the cases that was asked for, where the others are only named beside it.
    """
    assert action in ACTIONS, action
    told = sorted(cases)
    for first in range(0, max(1, len(told)), CASES_AT_MOST):
        store.insert(Trail, [_row(origin, action, now, what, told[first : first + CASES_AT_MOST], result, opened)])


def configured(store: Store, actor_id: int | None, what: str, *, now: datetime, origin: Origin | None = None) -> None:
    """What was set (a version, a setting, a year of the calendar) is on the trail with who did it, in the same transaction.

    `what` is "draft 3 changed, …": the thing, its id, the act, and digests and names of the program's own.
    """
    record(store, origin or Origin(actor_id), "configure", now=now, what=what)


def account_changed(store: Store, what: str, *, now: datetime, origin: Origin) -> None:
    """What somebody did with his own account (password, second factor, sessions, tokens), in the same transaction."""
    record(store, origin, "account", now=now, what=what)


def key_used(
    store: Store, key_id: str, act: str, *, now: datetime, purpose: str, how: str = "", is_operator: bool = False
) -> None:
    """What is done with a key of the installation, by its id, which says nothing of the key; a machine's act, or an operator's.

    `what` is "key 3f… split, sealing, 2 of 3, command line": the id, the act, what the key is for, how, and by what door.
    """
    told = [f"key {key_id} {act}", purpose, how, "command line" if is_operator else ""]
    record(store, MACHINE, "key", now=now, what=", ".join(filter(None, told)))


def _row(origin: Origin, action: str, now: datetime, what: str, cases: list[int], result: str, opened: int | None) -> Row:
    listed = f",{','.join(map(str, cases))}," if cases else ""
    facts: dict[str, Any] = {"at": now, "actor": origin.actor_id, "post": origin.grant_id, "action": action, "cases": listed}
    facts |= {"session": origin.session, "request": origin.request, "what": what, "result": result}
    facts |= {"address": origin.address} | ({} if opened is None else {"opened": opened})
    return {"at": now, "actor_id": origin.actor_id, "action": action, "cases": listed, "facts": canonical(facts)}


def seal(store: Store) -> tuple[int, str]:
    """Gives the rows that have none yet their place in the chain; its length and its head."""
    last = store.row(LAST)
    seq, head = (last["seq"], last["hash"]) if last else (0, "")
    for row in store.rows(UNSEALED):
        link: dict[str, Any] = {"seq": seq + 1, "prev": head, "hash": digest(store.digest_suite, head, row["facts"])}
        store.update(Trail, link, id=row["id"])
        seq, head = link["seq"], link["hash"]
    return seq, head


def find_breaks(store: Store, known: Mapping[int, str] | None = None) -> list[int]:
    """Where the chain is not what was sealed: the places of links that are missing, changed or follow another.

    `known` says which link must be the last at a length, as checkpoints saw it.
    """
    found, at, head, ends = [], 0, "", dict(known or {})
    ends.pop(0, None)
    while rows := store.rows(CHAIN, seq=at):
        for row in rows:
            is_linked = row["seq"] == at + 1 and row["prev"] == head and holds(row["hash"], head, row["facts"])
            at, head = row["seq"], row["hash"]
            if not is_linked or ends.pop(at, head) != head:
                found.append(int(at))
    return found + [end for end in sorted(ends) if end > at]


def what_was_set(store: Store, *, since: datetime, until: datetime) -> list[Row]:
    """Everything that was set, and done with keys, in [since, until), as `who_saw` gives it."""
    return store.rows(SET, since=since, until=until)


def who_saw(store: Store, number: str, *, since: datetime, until: datetime) -> list[Row]:
    """Everything that the trail knows of a case in [since, until): at, login, name, action, and the facts of the row.

    CaseNotFound for a number that no case has.
    """
    found = store.row(NUMBERED, number=number)
    if found is None:
        raise CaseNotFound(number=number)
    return store.rows(SAW, since=since, until=until, pattern=f"%,{found['id']},%")
