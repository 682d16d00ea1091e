"""A scheduler that is dead is told once an outage, to who can start it and to who must know, by the process that found it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from socketserver import TCPServer
from typing import Any

import pytest

from config.settings import load
from tests import hours
from tests.factories import County
from tests.handlers.test_channels import Postman, listening
from tests.web.conftest import Client
from tests.web.site import words_of
from tests.workflow.looking import rows_of
from web.watch import look
from web.wiring import Office, open_office
from workflow import heartbeat
from workflow.alarm import MESSAGE
from workflow.heartbeat import DEAD_AFTER_SECONDS, Watch, say_finished
from workflow.models import Notice, Outbox
from workflow.people import grants
from workflow.people.accounts import change_person, create_person

SWEPT = hours.now() - timedelta(hours=2)
LATE = SWEPT + timedelta(seconds=DEAD_AFTER_SECONDS)


@pytest.fixture
def administrator(county: County) -> int:
    """Somebody who administers the machine."""

    def work(store: Any) -> int:
        person_id = create_person(store, login="wang", name="王磊", now=SWEPT, email="wang@anlan.example")
        organ_id = county.organs["bureau"]
        grants.give(store, person_id=person_id, role="system_admin", organ_id=organ_id, today=SWEPT.date())
        return person_id

    return county.database.write(work)


@pytest.fixture
def told(county: County, administrator: int) -> list[int]:
    """Who is to hear of it: he, and the head of the inspection office."""
    return sorted([administrator, county.people["zhao"]])


@pytest.fixture
def office(county: County, home: Path) -> Iterator[Office]:
    """An installation without mail, over the county's database."""
    made = open_office(load({"DUBAN_HOME": str(home), "DUBAN_DATABASE_URL": county.database.url}))
    sweep(county, SWEPT)
    yield made
    made.close()


def sweep(county: County, at: datetime) -> None:
    """A sweep that finished."""
    county.database.write(lambda store: say_finished(store, "tick", at, {}))


def heard(county: County) -> Counter[int]:
    """How often each person was told in the bell."""
    return Counter(row["person_id"] for row in rows_of(county, Notice, message=MESSAGE))


def test_nobody_is_told_while_the_scheduler_lives(county: County, office: Office, told: list[int]) -> None:
    assert told
    assert look(office, LATE - timedelta(seconds=1)) == 0
    assert rows_of(county, Outbox) == []


def test_an_outage_is_told_once_and_the_next_one_again(county: County, office: Office, told: list[int]) -> None:
    for minutes in (0, 1, 600):
        look(office, LATE + timedelta(minutes=minutes))
    assert heard(county) == dict.fromkeys(told, 1)
    back = LATE + timedelta(minutes=700)
    sweep(county, back)
    assert look(office, back + timedelta(minutes=1)) == 0
    look(office, back + timedelta(seconds=DEAD_AFTER_SECONDS))
    assert heard(county) == dict.fromkeys(told, 2)


def test_several_processes_that_find_it_at_once_tell_it_once(
    county: County, office: Office, told: list[int], home: Path
) -> None:
    with ExitStack() as stack:
        offices = [office]
        for _ in range(3):
            offices.append(open_office(load({"DUBAN_HOME": str(home), "DUBAN_DATABASE_URL": county.database.url})))
            stack.callback(offices[-1].close)
        with ThreadPoolExecutor(len(offices)) as pool:
            list(pool.map(lambda each: look(each, LATE), offices))
    assert heard(county) == dict.fromkeys(told, 1)
    assert len(rows_of(county, Outbox, message=MESSAGE)) == len(told)


def test_it_is_mailed_without_the_scheduler_and_other_messages_wait_for_it(
    county: County, told: list[int], administrator: int, home: Path
) -> None:
    assert administrator in told
    sweep(county, SWEPT)
    changes = {"email": "zhao@anlan.example"}
    county.database.write(lambda store: change_person(store, person_id=county.people["zhao"], changes=changes))
    county.supervised_item(SWEPT)
    with listening(TCPServer(("127.0.0.1", 0), Postman)) as server:
        mail = {"DUBAN_SMTP_HOST": "127.0.0.1", "DUBAN_SMTP_PORT": str(server.server_address[1])}
        mail["DUBAN_SMTP_SECURITY"] = "none"
        made = open_office(load({"DUBAN_HOME": str(home), "DUBAN_DATABASE_URL": county.database.url, **mail}))
        look(made, LATE)
        look(made, LATE + timedelta(minutes=5))
        made.close()
        assert len(server.received) == len(told)
    others = [row for row in rows_of(county, Outbox) if row["message"] != MESSAGE]
    assert others
    assert [row for row in others if row["sent_at"] or row["attempts"]] == []


def test_it_is_told_in_words(county: County, office: Office, told: list[int], client: Client) -> None:
    assert county.people["zhao"] in told
    look(office, LATE)
    assert "已停5分钟" in words_of(client("zhao").get("/notices").text)


def test_a_scheduler_that_never_ran_is_told_as_well(county: County, home: Path, told: list[int]) -> None:
    made = open_office(load({"DUBAN_HOME": str(home), "DUBAN_DATABASE_URL": county.database.url}))
    look(made, LATE)
    look(made, LATE + timedelta(hours=1))
    made.close()
    assert heard(county) == dict.fromkeys(told, 1)


def test_a_watch_that_failed_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(heartbeat, "DEAD_AFTER_SECONDS", 0)
    looked: list[datetime] = []

    def fails(now: datetime) -> None:
        looked.append(now)
        raise ConnectionError

    watch = Watch(fails)
    watch.start()
    end = time.monotonic() + 30
    while len(looked) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    watch.stop()
    assert len(looked) >= 2
