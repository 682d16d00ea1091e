"""API tokens, and the link of the first run that never opens twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from states.errors import BadInput, Conflict, NotFound
from tests.workflow.people.conftest import NOW, PASSWORD, TODAY, Offices
from workflow.database import Database
from workflow.models import Grant, Token
from workflow.people import accounts, setup, tokens
from workflow.people.actors import actor_of
from workflow.people.sign_in import sign_in
from workflow.store import table_of


def use(database: Database, link: str, *, login: str = "wang", county: str = "安澜县") -> int:
    return setup.use_link(
        database, token=link, login=login, name="汪洋", password=PASSWORD, now=NOW, today=TODAY, county=county
    )


def test_a_token_acts_as_its_person_until_it_expires_or_ends(offices: Offices) -> None:
    person_id = offices.person("lin")
    database = offices.database
    token = database.write(
        lambda store: tokens.create(store, person_id=person_id, label="导出", now=NOW, expires_at=NOW + timedelta(days=1))
    )

    def person(at: datetime = NOW) -> int | None:
        return database.read(lambda store: tokens.person_of_token(store, token=token, now=at))

    assert person() == person_id
    assert person(NOW + timedelta(days=1)) is None
    assert database.read(lambda store: tokens.person_of_token(store, token=token[:-1], now=NOW)) is None
    listed = database.read(lambda store: tokens.list_tokens(store, person_id))
    assert [row["label"] for row in listed] == ["导出"]
    assert token not in str(database.read(lambda store: store.select(select(table_of(Token)))))
    with pytest.raises(NotFound):
        database.write(lambda store: tokens.end(store, person_id=person_id + 1, token_id=listed[0]["id"], now=NOW))
    database.write(lambda store: tokens.end(store, person_id=person_id, token_id=listed[0]["id"], now=NOW))
    assert person() is None


def test_a_disabled_persons_token_is_dead(offices: Offices) -> None:
    person_id = offices.person("lin")
    database = offices.database
    token = database.write(lambda store: tokens.create(store, person_id=person_id, label="导出", now=NOW))
    database.write(lambda store: accounts.disable(store, person_id=person_id, now=NOW))
    assert database.read(lambda store: tokens.person_of_token(store, token=token, now=NOW)) is None
    with pytest.raises(Conflict):
        database.write(lambda store: tokens.create(store, person_id=person_id, label="导出", now=NOW))


def test_the_link_makes_the_first_administrator_once(database_url: str) -> None:
    database = Database(database_url)
    lost = database.write(lambda store: setup.make_link(store, NOW))
    link = database.write(lambda store: setup.make_link(store, NOW))
    with pytest.raises(NotFound):
        use(database, lost)
    with pytest.raises(BadInput, match="county_missing"):
        use(database, link, county="")
    person_id = use(database, link)
    actor = database.read(lambda store: actor_of(store, person_id, today=TODAY))
    assert actor is not None
    assert [(grant.role, grant.ceiling) for grant in actor.grants] == [("system_admin", 0)]
    assert sign_in(database, login="wang", password=PASSWORD, address="10.0.0.1", now=NOW)
    with pytest.raises(NotFound):
        use(database, link, login="second")
    database.close()


def test_the_door_stays_shut_when_every_administrator_is_gone(database_url: str) -> None:
    database = Database(database_url)
    link = database.write(lambda store: setup.make_link(store, NOW))
    person_id = use(database, link)
    database.write(lambda store: accounts.disable(store, person_id=person_id, now=NOW))
    database.write(lambda store: store.execute(delete(table_of(Grant))))
    assert database.read(setup.is_done)
    assert not database.read(lambda store: setup.is_open(store, link))
    with pytest.raises(Conflict, match="setup_done"):
        database.write(lambda store: setup.make_link(store, NOW))
    with pytest.raises(NotFound):
        use(database, link, login="second")
    database.close()


def test_a_weak_password_does_not_use_the_link_up(database_url: str) -> None:
    database = Database(database_url)
    link = database.write(lambda store: setup.make_link(store, NOW))
    with pytest.raises(BadInput, match="password_short"):
        setup.use_link(database, token=link, login="wang", name="汪洋", password="short", now=NOW, today=TODAY, county="安澜县")
    assert use(database, link)
    database.close()
