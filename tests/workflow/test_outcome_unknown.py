"""A commit of which nobody can say whether it happened is neither done nor refused; the same request under its key tells."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from states.errors import OutcomeUnknown
from tests import postgres
from tests.conftest import ENGINES
from tests.factories import MONDAY, County, make_county
from workflow import migrations
from workflow.dates import local_time

AT = local_time(MONDAY)
on_postgresql = pytest.mark.skipif("postgresql" not in ENGINES, reason="DUBAN_TEST_DB=sqlite was asked for")


@pytest.fixture(scope="module")
def waiting() -> Iterator[tuple[postgres.Server, County]]:
    """A county on a server whose standby does not answer: every commit waits for it."""
    with postgres.running((*postgres.QUICK, "synchronous_standby_names=nobody")) as server:
        if "DUBAN_TEST_DSN" in os.environ:
            pytest.skip("a server of our own is needed")
        url = server.url(server.create())
        migrations.upgrade(url)
        county = make_county(url)
        county.database.write(lambda store: store.connection.execute(text("ALTER ROLE duban SET synchronous_commit = on")))
        county.close()
        yield server, county
        county.close()


def register(county: County, key: str) -> Any:
    facts = {"summary": "一", "managed_by": "village"}
    subject = county.organs["donggou_branch"]
    told = {"title": "线索", "subject_id": subject, "data": facts}
    return county.engine.open("clue", actor=county.actor("lin"), now=AT, key=key, **told)


def interrupted(server: postgres.Server, county: County, key: str, how: str) -> BaseException | None:
    """What a registering is told whose wait for the standby is ended by `how`."""
    told: list[BaseException] = []

    def ask() -> None:
        try:
            register(county, key)
        except OutcomeUnknown as fault:
            told.append(fault)

    thread = threading.Thread(target=ask)
    thread.start()
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        until = time.monotonic() + 30
        while thread.is_alive() and time.monotonic() < until:
            connection.execute(f"SELECT {how}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
            thread.join(0.05)
    assert not thread.is_alive()
    return told[0] if told else None


@on_postgresql
@pytest.mark.parametrize("how", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_commit_whose_standby_did_not_answer_is_unknown_and_the_key_tells(
    waiting: tuple[postgres.Server, County], how: str
) -> None:
    server, county = waiting
    assert isinstance(interrupted(server, county, how, how), OutcomeUnknown)
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        connection.execute("SELECT pg_reload_conf()")
    try:
        first, again = register(county, how), register(county, how)
        assert first == again
    finally:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")
    asked = "SELECT count(*) FROM answer WHERE key = :key"
    known = county.database.read(lambda store: store.connection.execute(text(asked), {"key": how}).scalar_one())
    assert known == 1
