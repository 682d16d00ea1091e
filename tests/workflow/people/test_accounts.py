"""Accounts: no default one, a rule for passwords, and nobody who sets another's."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from states.errors import BadInput, Conflict
from tests.workflow.people.conftest import NOW, PASSWORD, TODAY, Offices
from workflow.database import Database
from workflow.people import accounts, passwords, preferences
from workflow.people.actors import actor_of, find_person
from workflow.people.sign_in import Limits, SignInFailed, session_of, sign_in


def test_a_fresh_database_has_nobody(database_url: str) -> None:
    database = Database(database_url)
    assert database.read(accounts.list_people) == []
    database.close()


def test_a_login_is_taken_once_however_it_is_written(offices: Offices) -> None:
    offices.person("lin.jing")
    with pytest.raises(Conflict, match="login_taken"):
        offices.person("  LIN.JING ")
    assert offices.database.read(lambda store: find_person(store, "ＬＩＮ．jing")) is not None


@pytest.mark.parametrize("login", ["", "a", "operator", "林静", "lin jing", "-lin", "x" * 65])
def test_a_login_that_could_be_mistaken_is_refused(offices: Offices, login: str) -> None:
    with pytest.raises(BadInput, match="login"):
        offices.person(login)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("kurz-1234", "password_short"),
        ("x" * 257, "password_long"),
        ("my-Lin.Jing-2026", "password_login"),
        ("eleven-long", "password_short"),
        ("Password1234", "password_common"),
        ("woaini5201314", "password_common"),
        ("Zhongguo@2026!", "password_common"),
        ("zhangwei19850607", "password_common"),
        ("wang-13912345678", "password_common"),
        ("198506071234", "password_common"),
        ("aaaaabbbbbccccc", "password_plain"),
        ("abcdefghijklm", "password_plain"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str, why: str) -> None:
    with pytest.raises(BadInput) as refusal:
        passwords.require_good(password, "lin.jing")
    assert refusal.value.params["why"] == why


@pytest.mark.parametrize(
    ("password", "why"),
    [("kurz-1-Xy", "password_short"), ("harbour-lamps", "password_classes"), ("Harbour7lamps", ""), ("海湾-7-lamps-on", "")],
)
def test_an_office_examined_by_dengbao_asks_for_three_classes(password: str, why: str) -> None:
    said = ""
    try:
        passwords.require_good(password, "lin.jing", passwords.PROFILES["dengbao"])
    except BadInput as refusal:
        said = refusal.params["why"]
    assert said == why


def test_by_dengbao_a_password_is_changed_after_ninety_days_and_by_asvs_never(offices: Offices) -> None:
    person_id = offices.person("lin", password=PASSWORD)
    database = offices.database
    assert person_id
    for days, profile, must in ((89, "dengbao", False), (90, "dengbao", True), (900, "asvs", False)):
        at = NOW + timedelta(days=days)
        token = sign_in(database, login="lin", password=PASSWORD, address="10.0.0.1", now=at)
        limits = Limits(password_days=passwords.PROFILES[profile].days)
        session = database.read(partial(session_of, token=token, now=at, limits=limits))
        assert session is not None
        assert session.must_change is must


def test_by_dengbao_none_of_the_last_five_passwords_comes_again(offices: Offices) -> None:
    person_id = offices.person("lin", password="Lamp-number-0")
    change = partial(
        accounts.change_password, offices.database, person_id=person_id, now=NOW, rule=passwords.PROFILES["dengbao"]
    )
    for n in range(5):
        change(old=f"Lamp-number-{n}", new=f"Lamp-number-{n + 1}")
    for n in range(1, 5):
        with pytest.raises(BadInput, match="password_former"):
            change(old="Lamp-number-5", new=f"Lamp-number-{n}")
    change(old="Lamp-number-5", new="Lamp-number-0")


def test_a_one_time_password_that_nobody_used_in_a_day_signs_nobody_in(offices: Offices) -> None:
    person_id = offices.person("lin")
    made = accounts.issue_password(offices.database, person_id=person_id, now=NOW)
    just = NOW + timedelta(hours=23, minutes=59)
    assert sign_in(offices.database, login="lin", password=made, address="10.0.0.1", now=just)
    with pytest.raises(SignInFailed):
        sign_in(offices.database, login="lin", password=made, address="10.0.0.1", now=NOW + timedelta(days=1))


def test_a_machine_made_password_keeps_the_rule_and_is_never_the_same() -> None:
    made = {passwords.make() for _ in range(50)}
    for password in made:
        passwords.require_good(password, "lin.jing")
    assert len(made) == 50


def test_nothing_fits_the_hash_of_nobody_and_it_costs_what_a_real_one_costs() -> None:
    assert not passwords.is_right("", None)
    assert not passwords.is_right(PASSWORD, None)
    assert not passwords.is_outdated(passwords.NOBODY)


def test_a_password_is_hashed_with_the_second_recommended_choice_of_rfc_9106() -> None:
    assert passwords.hash_of(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_same_keys_typed_as_other_code_points_are_the_same_password() -> None:
    assert passwords.is_right("e\u0301tude-long-1", passwords.hash_of("\u00e9tude-long-1"))


def test_an_issued_password_must_be_changed_and_ends_open_sessions(offices: Offices) -> None:
    person_id = offices.person("lin", password=PASSWORD)
    database = offices.database
    token = sign_in(database, login="lin", password=PASSWORD, address="10.0.0.1", now=NOW)
    made = accounts.issue_password(database, person_id=person_id, now=NOW)
    assert database.read(lambda store: session_of(store, token=token, now=NOW)) is None
    fresh = sign_in(database, login="lin", password=made, address="10.0.0.1", now=NOW)
    session = database.read(lambda store: session_of(store, token=fresh, now=NOW))
    assert session is not None
    assert session.must_change


def test_its_owner_changes_a_password_and_only_the_session_he_sits_in_goes_on(offices: Offices) -> None:
    person_id = offices.person("lin", password=PASSWORD)
    database = offices.database
    tokens = [sign_in(database, login="lin", password=PASSWORD, address="10.0.0.1", now=NOW) for _ in range(2)]
    here = database.read(lambda store: session_of(store, token=tokens[0], now=NOW))
    assert here is not None
    with pytest.raises(BadInput, match="password_wrong"):
        accounts.change_password(database, person_id=person_id, old="wrong-one-9", new="new-harbour-9", now=NOW)
    with pytest.raises(BadInput, match="password_same"):
        accounts.change_password(database, person_id=person_id, old=PASSWORD, new=PASSWORD, now=NOW)
    accounts.change_password(
        database, person_id=person_id, old=PASSWORD, new="new-harbour-9", now=NOW, kept_session=here.token_digest
    )
    live = [database.read(partial(session_of, token=token, now=NOW)) for token in tokens]
    assert [session is not None for session in live] == [True, False]
    with pytest.raises(SignInFailed):
        sign_in(database, login="lin", password=PASSWORD, address="10.0.0.1", now=NOW)
    assert sign_in(database, login="lin", password="new-harbour-9", address="10.0.0.1", now=NOW)


def test_a_disabled_person_is_out_at_once_and_comes_back_without_the_old_password(offices: Offices) -> None:
    person_id = offices.person("lin", password=PASSWORD)
    database = offices.database
    token = sign_in(database, login="lin", password=PASSWORD, address="10.0.0.1", now=NOW)
    database.write(lambda store: accounts.disable(store, person_id=person_id, now=NOW))
    assert database.read(lambda store: session_of(store, token=token, now=NOW)) is None
    assert database.read(lambda store: actor_of(store, person_id, today=TODAY)) is None
    with pytest.raises(Conflict, match="person_disabled"):
        accounts.issue_password(database, person_id=person_id, now=NOW)
    database.write(lambda store: accounts.enable(store, person_id=person_id, now=NOW))
    with pytest.raises(SignInFailed):
        sign_in(database, login="lin", password=PASSWORD, address="10.0.0.1", now=NOW + timedelta(hours=1))


def test_a_person_changes_name_address_and_language_but_not_the_login(offices: Offices) -> None:
    person_id = offices.person("lin")
    database = offices.database
    changes = {"name": "林静", "email": "lin@anlan.example", "phone": "0551 6234 5678"}
    database.write(lambda store: accounts.change_person(store, person_id=person_id, changes=changes))
    database.write(lambda store: preferences.set_language(store, person_id=person_id, language="zh-Hant"))
    assert database.read(lambda store: preferences.language_of(store, person_id)) == "zh-Hant"
    for wrong in (
        {"login": "other"},
        {"language": "fr"},
        {"email": "no address"},
        {"phone": "0551-1"},
        {"name": " "},
        {"name": "a\nb"},
    ):
        with pytest.raises(BadInput):
            database.write(partial(accounts.change_person, person_id=person_id, changes=wrong))
    assert database.read(accounts.list_people)[0]["phone"] == "0551-62345678"
    assert "password_hash" not in database.read(accounts.list_people)[0]
