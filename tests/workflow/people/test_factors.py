"""Second factors: a code once, sealed where it lies, and no guess that comes cheap."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial

import pyotp
import pytest
from sqlalchemy import select

from states.errors import BadInput, NotReady
from tests.drills.scale import Stopwatch, tell
from tests.workflow.people.conftest import NOW, PASSWORD, Offices
from workflow.database import Database
from workflow.models import Note, SecondFactor
from workflow.people import factors, throttle
from workflow.people.proving import ProofFailed, Shown, prove
from workflow.people.security_keys import Site
from workflow.people.sign_in import Session, SignInDelayed, SignInFailed, session_of, sign_in
from workflow.sealing.seal import Seal
from workflow.store import table_of

SEAL = Seal(bytes(range(32)))
SITE = Site("duban.example", "https://duban.example", "Duban")
STEP = timedelta(seconds=factors.STEP_SECONDS)


def enrol(offices: Offices, login: str = "lin", at: datetime = NOW) -> tuple[int, str]:
    """Somebody with a password and a code generator: (person, secret). The code of `at` is used up."""
    person_id = offices.person(login, password=PASSWORD)
    factor_id, secret = offices.database.write(partial(factors.begin_totp, person_id=person_id, seal=SEAL, now=at))
    told = {"factor_id": factor_id, "code": pyotp.TOTP(secret).at(at), "label": "手机"}
    offices.database.write(lambda store: factors.confirm_totp(store, person_id=person_id, seal=SEAL, now=at, **told))
    return person_id, secret


def entered(database: Database, login: str = "lin", at: datetime = NOW) -> Session:
    """The session of a right password."""
    token = sign_in(database, login=login, password=PASSWORD, address="10.0.0.1", now=at)
    return live(database, token, at)


def live(database: Database, token: str, at: datetime) -> Session:
    session = database.read(partial(session_of, token=token, now=at))
    assert session is not None
    return session


def show(database: Database, session: Session, code: str, at: datetime, *, address: str = "10.0.0.1") -> str:
    told = {"session": session, "shown": Shown(code=code), "seal": SEAL, "site": SITE, "address": address, "now": at}
    return prove(database, **told)  # type: ignore[arg-type]  # named above


def test_a_password_alone_proves_nothing_where_there_is_a_second_factor(offices: Offices) -> None:
    _person_id, secret = enrol(offices)
    at = NOW + STEP
    session = entered(offices.database, at=at)
    assert (session.has_factor, session.factor_at, session.is_fresh(at)) == (True, None, False)
    whole = live(offices.database, show(offices.database, session, pyotp.TOTP(secret).at(at), at), at)
    assert (whole.factor_at, whole.is_fresh(at)) == (at, True)
    assert not whole.is_fresh(at + timedelta(minutes=5))
    assert offices.database.read(partial(session_of, token="", now=at)) is None


def test_a_proof_gives_a_new_token_and_the_old_one_dies(offices: Offices) -> None:
    _person_id, secret = enrol(offices)
    at = NOW + STEP
    token = sign_in(offices.database, login="lin", password=PASSWORD, address="10.0.0.1", now=at)
    session = live(offices.database, token, at)
    new = show(offices.database, session, pyotp.TOTP(secret).at(at), at)
    assert new != token
    assert offices.database.read(partial(session_of, token=token, now=at)) is None
    with pytest.raises(SignInFailed):
        show(offices.database, session, pyotp.TOTP(secret).at(at + STEP), at + STEP)


def test_a_code_is_accepted_once_and_none_older_after_it(offices: Offices) -> None:
    _person_id, secret = enrol(offices)
    database, at = offices.database, NOW + 3 * STEP
    code = pyotp.TOTP(secret).at(at)
    assert show(database, entered(database, at=at), code, at)
    for replayed in (code, pyotp.TOTP(secret).at(at - STEP)):
        with pytest.raises(ProofFailed):
            show(database, entered(database, at=at), replayed, at)


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_go_one_step_before_or_after(offices: Offices, steps: int, is_right: bool) -> None:
    _person_id, secret = enrol(offices)
    at = NOW + 5 * STEP
    code, session = pyotp.TOTP(secret).at(at + steps * STEP), entered(offices.database, at=at)
    if is_right:
        assert show(offices.database, session, code, at)
    else:
        with pytest.raises(ProofFailed):
            show(offices.database, session, code, at)


def test_a_generator_counts_only_once_a_code_of_it_was_typed(offices: Offices) -> None:
    person_id = offices.person("lin", password=PASSWORD)
    database = offices.database
    factor_id, secret = database.write(partial(factors.begin_totp, person_id=person_id, seal=SEAL, now=NOW))
    assert not entered(database).has_factor
    wrong = {"factor_id": factor_id, "code": "12345", "label": ""}
    with pytest.raises(BadInput, match="code_wrong"):
        database.write(lambda store: factors.confirm_totp(store, person_id=person_id, seal=SEAL, now=NOW, **wrong))
    again, _other = database.write(partial(factors.begin_totp, person_id=person_id, seal=SEAL, now=NOW))
    assert again
    assert secret not in str(database.read(lambda store: store.select(select(table_of(SecondFactor)))))


def test_the_secret_is_sealed_and_opens_for_no_other_person(offices: Offices) -> None:
    person_id, secret = enrol(offices)
    other_id, other = enrol(offices, "song")
    database, table = offices.database, table_of(SecondFactor)
    rows = {row["person_id"]: row for row in database.read(lambda store: store.select(select(table)))}
    assert secret not in str(rows)
    assert re.fullmatch(r"[0-9a-f]{16}:sealed:aes-256-gcm:[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+", rows[person_id]["secret"])
    database.write(lambda store: store.update(SecondFactor, {"secret": rows[other_id]["secret"]}, id=rows[person_id]["id"]))
    with pytest.raises(NotReady, match="sealed_broken"):
        show(database, entered(database), pyotp.TOTP(other).at(NOW + STEP), NOW + STEP)


def test_ten_recovery_codes_of_120_bits_each_work_once(offices: Offices) -> None:
    person_id, _secret = enrol(offices)
    database = offices.database
    codes = database.write(partial(factors.new_codes, person_id=person_id, now=NOW))
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([A-Z2-7]{4}-){5}[A-Z2-7]{4}", code) for code in codes), "24 letters of 5 bits"
    at = NOW + STEP
    assert show(database, entered(database, at=at), codes[0].lower(), at)
    assert database.read(partial(factors.codes_left, person_id=person_id)) == 9
    with pytest.raises(ProofFailed):
        show(database, entered(database, at=at), codes[0], at)
    stranger_id, _other = enrol(offices, "song")
    assert stranger_id != person_id
    with pytest.raises(ProofFailed):
        show(database, entered(database, "song", at), codes[1], at)


def test_the_last_factor_takes_the_recovery_codes_along_and_other_sessions_end(offices: Offices) -> None:
    person_id, _secret = enrol(offices)
    database = offices.database
    database.write(partial(factors.new_codes, person_id=person_id, now=NOW))
    tokens = [sign_in(database, login="lin", password=PASSWORD, address="10.0.0.1", now=NOW) for _ in range(2)]
    kept = live(database, tokens[0], NOW).token_digest
    (mine,) = database.read(partial(factors.list_factors, person_id=person_id))
    database.write(lambda store: factors.end_factor(store, person_id=person_id, factor_id=mine["id"], now=NOW, but=kept))
    assert database.read(partial(factors.codes_left, person_id=person_id)) == 0
    assert [database.read(partial(session_of, token=token, now=NOW)) is not None for token in tokens] == [True, False]


def test_a_guesser_of_codes_waits_up_to_a_quarter_of_an_hour_and_the_owner_gets_in_where_he_is_known(
    offices: Offices, scale: str
) -> None:
    watch = Stopwatch()
    person_id, secret = enrol(offices)
    database = offices.database
    assert show(database, entered(database, at=NOW + STEP), pyotp.TOTP(secret).at(NOW + STEP), NOW + STEP)
    at, looked_at, waits = NOW + 2 * STEP, 0, [0]
    session = entered(database, at=at)
    guesses = 100_000 if scale == "drill" else 300
    for n in range(guesses):
        try:
            show(database, session, f"{n % 1_000_000:06}", at, address=f"10.9.{n % 50}.1")
        except ProofFailed:
            looked_at += 1
        except SignInDelayed as refusal:
            waits.append(refusal.params["seconds"])
        at += timedelta(seconds=1)
    assert max(waits) <= 900
    assert looked_at <= throttle.FREE_TRIES_OF_LOGIN + 10 + guesses // 900 + 1
    notes = database.read(lambda store: store.select(select(table_of(Note)).where(table_of(Note).c.kind == "proof_failed")))
    assert len(notes) == looked_at
    assert {note["actor_id"] for note in notes} == {person_id}
    owner = entered(database, at=at)
    assert show(database, owner, pyotp.TOTP(secret).at(at), at)
    on = "sqlite" if database.is_sqlite else "postgresql"
    told = f"{guesses:,} guesses, one a second from 50 addresses: {looked_at} looked at, the others told to wait, {max(waits)} s at most"
    tell(f"guesses at somebody's codes ({on})", f"{told}; the owner signed in at the end of it; {watch.said()}")


def test_what_is_not_of_a_codes_shape_is_just_wrong(offices: Offices) -> None:
    enrol(offices)
    for told in ("", "１２３４５６", "abc", "0" * 400, "\N{SNOWMAN}" * 6):
        with pytest.raises((ProofFailed, SignInDelayed)):
            show(offices.database, entered(offices.database), told, NOW)
