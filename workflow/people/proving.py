"""Proving to be oneself within a session: with the second factor after the password, and again before what is sensitive.

Who has a second factor shows that one; who has none, the password, or goes to his provider again. A right proof gives the
session a new token. Guesses wait longer and longer, up to a quarter of an hour, since a code has only six digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from states.errors import DomainError
from workflow import trail
from workflow.database import Database
from workflow.definitions import Catalogue
from workflow.models import Note, Person
from workflow.people import passwords, throttle
from workflow.people.factors import is_code_right
from workflow.people.grants import ADMINISTRATORS
from workflow.people.security_keys import Site, is_signed
from workflow.people.sign_in import Session, SignInDelayed, renew
from workflow.sealing.seal import Seal
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.types import Actor

# 96 looks a day at three codes out of a million each.
LONGEST_DELAY_SECONDS = 900

_person = table_of(Person)
PASSWORD = Prepared(select(_person.c.password_hash).where(_person.c.id == bindparam("person_id")))


class ProofFailed(DomainError):
    """What was shown does not prove who it is; nothing more is said.

    `params["asked"]` is what this person is asked for, password or factor, whatever he has shown.
    """

    code = "proof_failed"


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows: a code (or a recovery code), the answer of a security key, or the password."""

    code: str = ""
    key: str = ""
    password: str = ""


def needs_factor(actor: Actor, catalogue: Catalogue, rule: str) -> bool:
    """Must this person have a second factor? By `clues`: whose posts reach a kind with sealed fields, and administrators."""
    if rule != "clues":
        return rule == "required"
    if actor.has_role(*ADMINISTRATORS):
        return True
    levels = [one.definition.level for one in catalogue.by_id.values() if any(field.secret for field in one.definition.fields)]
    return bool(levels) and any(grant.ceiling >= min(levels) for grant in actor.posts)


def attempt_of(person_id: int, address: str) -> throttle.Attempt:
    """A try of somebody who is signed in already to prove himself, counted apart from what anybody may type at the door."""
    return throttle.Attempt(str(person_id), address, of="proof of ")


def prove(database: Database, *, session: Session, shown: Shown, seal: Seal, site: Site, address: str, now: datetime) -> str:
    """The session's new token, fresh again. ProofFailed whatever is wrong; SignInDelayed while a further try has to wait."""
    attempt = _reserved(database, session.person_id, address, now)
    if not _is_right(database, session, shown, seal, site, now):
        database.write(lambda store: _note_failure(store, session.person_id, address, now))
        raise ProofFailed(asked="factor" if session.has_factor else "password")

    def work(store: Store) -> str:
        throttle.succeeded(store, attempt, now)
        factor_at = now if session.has_factor else session.factor_at
        origin = trail.Origin(session.person_id, address=address, session=trail.session_mark(session.token_digest))
        trail.account_changed(store, "proved by second factor" if session.has_factor else "proved", now=now, origin=origin)
        return renew(store, session=session, now=now, proved_at=now, factor_at=factor_at)

    return database.write(work)


def prove_code(database: Database, *, person_id: int, code: str, seal: Seal, address: str, now: datetime) -> None:
    """The second factor of somebody who has shown his password and has no session; refused and delayed as `prove` is."""
    attempt = _reserved(database, person_id, address, now)
    if not database.write(lambda store: is_code_right(store, person_id=person_id, code=code, seal=seal, now=now)):
        database.write(lambda store: _note_failure(store, person_id, address, now))
        raise ProofFailed(asked="factor")

    def work(store: Store) -> None:
        throttle.succeeded(store, attempt, now)
        origin = trail.Origin(person_id, address=address)
        trail.account_changed(store, "proved by second factor", now=now, origin=origin)

    database.write(work)


def _reserved(database: Database, person_id: int, address: str, now: datetime) -> throttle.Attempt:
    """A try that may be looked at; SignInDelayed while it has to wait."""
    attempt = attempt_of(person_id, address)
    seconds = database.write(lambda store: throttle.reserve(store, attempt, now, at_most=LONGEST_DELAY_SECONDS))
    if seconds:
        raise SignInDelayed(seconds=seconds)
    return attempt


def _is_right(database: Database, session: Session, shown: Shown, seal: Seal, site: Site, now: datetime) -> bool:
    person_id, token = session.person_id, session.token_digest
    if not session.has_factor and session.by_provider:
        return False  # He goes there again (`links.prove_again`): a one-time password that others know is no proof of his.
    if not session.has_factor:
        row = database.read(lambda store: store.row(PASSWORD, person_id=person_id))
        return passwords.is_right(shown.password, row["password_hash"] if row else None)
    if shown.key:
        return database.write(
            lambda store: is_signed(store, session=token, person_id=person_id, answer=shown.key, site=site, now=now)
        )
    return database.write(lambda store: is_code_right(store, person_id=person_id, code=shown.code, seal=seal, now=now))


def _note_failure(store: Store, person_id: int, address: str, now: datetime) -> None:
    body = canonical({"address": address})
    row = {"at": now, "kind": "proof_failed", "case_id": None, "actor_id": person_id, "body": body}
    store.insert(Note, [row])
    origin = trail.Origin(person_id, address=address)
    trail.record(store, origin, "sign_in_failed", now=now, what="proof", result="refused")
