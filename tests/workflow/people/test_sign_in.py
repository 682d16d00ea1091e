"""Signing in: one answer for whatever is wrong, waiting instead of locking out, sessions that end when they should."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlmodel import SQLModel

from states.errors import NotPermitted
from tests.workflow.people.conftest import NOW, PASSWORD, TODAY, Offices
from workflow.database import Database
from workflow.models import Note, SignIn, Throttle
from workflow.people import accounts, grants, passwords, throttle
from workflow.people import sign_in as signing
from workflow.people.sign_in import Limits, Session, SignInDelayed, SignInFailed, sign_in
from workflow.store import Store, table_of


def guess(database: Database, login: str, *, address: str = "10.9.9.9", at: Any = NOW, password: str = "wrong-guess-1") -> str:
    try:
        sign_in(database, login=login, password=password, address=address, now=at)
    except (SignInFailed, SignInDelayed) as refusal:
        return refusal.code
    return "in"


def session(database: Database, token: str, at: Any = NOW, **more: Any) -> Session | None:
    return database.read(lambda store: signing.session_of(store, token=token, now=at, **more))


def test_only_the_digest_of_a_token_is_stored(offices: Offices) -> None:
    offices.person("lin", password=PASSWORD)
    token = sign_in(offices.database, login="LIN", password=PASSWORD, address="10.0.0.1", now=NOW)
    stored = offices.database.read(lambda store: store.select(select(table_of(SignIn).c.token_digest)))
    assert stored == [{"token_digest": hashlib.sha256(token.encode()).hexdigest()}]
    assert len(token) >= 43, "256 bits"


def test_unknown_wrong_disabled_and_without_a_password_are_one_answer_and_one_verification(
    offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    offices.person("lin", password=PASSWORD)
    offices.person("silent")
    gone = offices.person("gone", password=PASSWORD)
    offices.database.write(lambda store: accounts.disable(store, person_id=gone, now=NOW))
    tried: list[str] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, stored: str, password: str) -> bool:
        tried.append(stored)
        return verify(hasher, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    said = []
    for login, password in (("nobody", PASSWORD), ("lin", "wrong-guess-1"), ("gone", PASSWORD), ("silent", PASSWORD)):
        with pytest.raises(SignInFailed) as refusal:
            sign_in(offices.database, login=login, password=password, address="10.0.0.1", now=NOW)
        said.append(str(refusal.value))
    assert len(set(said)) == 1
    assert len(tried) == 4
    assert tried.count(passwords.NOBODY) == 3
    notes = offices.database.read(lambda store: store.select(select(table_of(Note))))
    assert [note["kind"] for note in notes] == ["sign_in_failed"] * 4
    assert not any("nobody" in note["body"] or PASSWORD in note["body"] for note in notes)


def test_the_wait_grows_with_each_failure_and_has_an_end() -> None:
    waits = [throttle.delay_seconds(failures, throttle.FREE_TRIES) for failures in range(12)]
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 32, 42, 42, 42]


def test_a_guesser_waits_and_the_owner_still_signs_in_where_he_is_known(offices: Offices) -> None:
    offices.person("lin", password=PASSWORD)
    database = offices.database
    sign_in(database, login="lin", password=PASSWORD, address="10.0.0.1", now=NOW)
    said = [guess(database, "lin", address=f"10.9.9.{n % 50}") for n in range(1_000)]
    assert said.count("in") == 0
    assert said.count("sign_in_failed") == throttle.FREE_TRIES_OF_LOGIN, "the rest was never looked at"
    assert guess(database, "lin", address="10.0.0.1", password=PASSWORD) == "in"
    assert guess(database, "lin", address="10.7.7.7", password=PASSWORD) == "sign_in_delayed"
    later = NOW + timedelta(seconds=throttle.LONGEST_DELAY_SECONDS)
    assert guess(database, "lin", address="10.7.7.7", password=PASSWORD, at=later) == "in"


def test_being_told_to_wait_does_not_make_the_wait_longer(offices: Offices) -> None:
    offices.person("lin", password=PASSWORD)
    for _ in range(throttle.FREE_TRIES):
        guess(offices.database, "lin")
    seconds = []
    for _ in range(5):
        with pytest.raises(SignInDelayed) as refusal:
            sign_in(offices.database, login="lin", password=PASSWORD, address="10.9.9.9", now=NOW)
        seconds.append(refusal.value.params["seconds"])
    assert seconds == [1] * 5
    assert guess(offices.database, "lin", password=PASSWORD, at=NOW + timedelta(seconds=1)) == "in"
    assert guess(offices.database, "lin", at=NOW + timedelta(seconds=1)) == "sign_in_failed", "counted from the start"


def test_one_address_that_tries_many_names_waits_and_unknown_names_wait_like_known_ones(offices: Offices) -> None:
    said = [guess(offices.database, f"name{n}") for n in range(throttle.FREE_TRIES_OF_ADDRESS + 5)]
    assert said == ["sign_in_failed"] * throttle.FREE_TRIES_OF_ADDRESS + ["sign_in_delayed"] * 5
    again = [guess(offices.database, "nobody", address="10.8.8.8") for _ in range(throttle.FREE_TRIES + 1)]
    assert again == ["sign_in_failed"] * throttle.FREE_TRIES + ["sign_in_delayed"]


def test_the_throttle_keeps_digests_and_forgets_after_a_month(offices: Offices) -> None:
    guess(offices.database, "lin")
    keys = offices.database.read(lambda store: store.select(select(table_of(Throttle).c.key)))
    assert keys
    assert all(len(row["key"]) == 64 for row in keys)
    assert offices.database.write(lambda store: throttle.forget(store, now=NOW + timedelta(days=29))) == 0
    assert offices.database.write(lambda store: throttle.forget(store, now=NOW + timedelta(days=31))) == len(keys)


def test_a_session_ends_when_it_is_idle_when_it_is_old_and_when_it_is_signed_out(offices: Offices) -> None:
    offices.person("lin", password=PASSWORD)
    database = offices.database
    token = sign_in(database, login="lin", password=PASSWORD, address="10.0.0.1", now=NOW)
    assert session(database, token, NOW + timedelta(minutes=29)) is not None
    assert session(database, token, NOW + timedelta(minutes=30)) is None
    assert session(database, token, NOW + timedelta(minutes=6), limits=Limits(idle=timedelta(minutes=5))) is None
    at = NOW
    while at < NOW + timedelta(hours=11, minutes=30):
        at += timedelta(minutes=20)
        live = session(database, token, at)
        assert live is not None
        assert live.is_unseen
        database.write(partial(signing.seen, session=live, now=at))
        again = session(database, token, at)
        assert again is not None
        assert not again.is_unseen, "a second page writes nothing"
    assert session(database, token, NOW + timedelta(hours=12)) is None
    fresh = sign_in(database, login="lin", password=PASSWORD, address="10.0.0.1", now=NOW)
    database.write(lambda store: signing.sign_out(store, token=fresh, now=NOW))
    assert session(database, fresh) is None
    assert session(database, "made-up") is None


def test_choosing_a_post_gives_a_new_token_and_the_old_one_dies(offices: Offices) -> None:
    person_id = offices.person("lin", password=PASSWORD)
    database = offices.database
    grant_id = database.write(
        lambda store: grants.give(store, person_id=person_id, role="handler", organ_id=offices.office_id, today=TODAY)
    )
    token = sign_in(database, login="lin", password=PASSWORD, address="10.0.0.1", now=NOW)
    live = session(database, token)
    assert live is not None
    later = NOW + timedelta(minutes=5)
    new = database.write(lambda store: signing.choose_post(store, session=live, grant_id=grant_id, now=later, today=TODAY))
    chosen = session(database, new, later)
    assert chosen is not None
    assert (chosen.acting_grant_id, chosen.created_at) == (grant_id, NOW)
    assert session(database, token, later) is None
    with pytest.raises(NotPermitted):
        database.write(lambda store: signing.choose_post(store, session=chosen, grant_id=grant_id + 1, now=later, today=TODAY))


def test_a_hash_of_older_parameters_is_renewed_at_the_next_sign_in(offices: Offices) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    database = offices.database
    person_id = database.write(
        lambda store: accounts.create_person(store, login="old", name="吴涛", now=NOW, password_hash=weak)
    )
    sign_in(database, login="old", password=PASSWORD, address="10.0.0.1", now=NOW)
    stored = database.read(lambda store: accounts.get_person(store, person_id))["password_hash"]
    assert stored != weak
    assert not passwords.is_outdated(stored)


def test_a_failed_try_adds_one_note_and_no_session(offices: Offices) -> None:
    offices.person("lin", password=PASSWORD)
    guess(offices.database, "lin")
    counts = [len(offices.database.read(partial(_rows, model=model))) for model in (Note, SignIn)]
    assert counts == [1, 0]


def _rows(store: Store, *, model: type[SQLModel]) -> list[dict[str, Any]]:
    return store.select(select(table_of(model)))
