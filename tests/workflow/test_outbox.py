"""The outbox: every line once, grouped into one message, whatever dies in between."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.workflow.people.conftest import NOW
from workflow import outbox
from workflow.database import Database
from workflow.models import Notice, Outbox
from workflow.outbox import ATTEMPTS, LEASE, Message, deliver
from workflow.people.accounts import create_person, disable
from workflow.reads.undelivered import Health, health, list_given_up
from workflow.store import Store, table_of
from workflow.text import canonical


@dataclass
class Post:
    """A channel that remembers what it was given, and fails while it is told to."""

    wants_address: bool = False
    is_down: bool = False
    dies: bool = False
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        if self.is_down:
            raise ConnectionError("nobody answers")
        self.sent.append(message)
        if self.dies:
            raise SystemExit  # what a killed process leaves: sent, and nothing said about it

    @property
    def numbers(self) -> list[str]:
        return [line["no"] for message in self.sent for line in message.lines]


@dataclass
class House:
    database: Database
    people: list[int]
    count: int = 0

    def write(
        self, *, person: int = 0, channel: str = "mail", message: str = "overdue", times: int = 1, at: datetime = NOW
    ) -> None:
        self.database.write(lambda store: self._write(store, self.people[person], channel, message, times, at))

    def _write(self, store: Store, person_id: int, channel: str, message: str, times: int, at: datetime) -> None:
        rows = []
        for _ in range(times):
            self.count += 1
            params = canonical({"no": f"整改〔2026〕{self.count}号", "date": "2026-06-02"})
            row = {"key": f"key-{self.count}", "channel": channel, "person_id": person_id, "message": message}
            rows.append({**row, "params": params, "case_id": None, "created_at": at, "due_at": at})
        store.insert(Outbox, rows)

    def lines(self) -> list[dict[str, Any]]:
        return self.database.read(lambda store: store.select(select(table_of(Outbox)).order_by(table_of(Outbox).c.id)))


def _people(store: Store) -> list[int]:
    told = [(f"p{n}", f"人{n}", f"p{n}@anlan.example") for n in range(3)]
    return [create_person(store, login=login, name=name, now=NOW, email=email) for login, name, email in told]


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    database = Database(database_url)
    people = database.write(_people)
    yield House(database, people)
    database.close()


def test_lines_of_one_person_channel_and_message_are_one_message_that_lists_them(house: House) -> None:
    house.write(channel="hook", times=200)
    house.write(channel="hook", message="reminded", times=2)
    house.write(channel="hook", person=1)
    post = Post(wants_address=True)
    assert deliver(house.database, {"hook": post}, now=NOW) == {"sent": 3, "again": 0, "gave_up": 0}
    assert [(m.person_id, m.message, len(m.lines)) for m in post.sent] == [
        (house.people[0], "overdue", 200),
        (house.people[0], "reminded", 2),
        (house.people[1], "overdue", 1),
    ]
    assert post.sent[0].email == "p0@anlan.example"
    assert all(line["sent_at"] == NOW and line["leased_until"] is None for line in house.lines())
    assert deliver(house.database, {"hook": post}, now=NOW)["sent"] == 0


def test_a_mail_gathers_all_messages_of_its_reader(house: House) -> None:
    house.write(times=100)
    house.write(message="reminded", times=2)
    house.write(person=1)
    post = Post(wants_address=True)
    assert deliver(house.database, {"mail": post}, now=NOW)["sent"] == 2
    assert [(m.person_id, Counter(m.words)) for m in post.sent] == [
        (house.people[0], Counter(overdue=100, reminded=2)),
        (house.people[1], Counter(overdue=1)),
    ]


def test_a_line_that_is_not_due_yet_waits(house: House) -> None:
    house.write(at=NOW + timedelta(minutes=1))
    post = Post()
    assert deliver(house.database, {"mail": post}, now=NOW)["sent"] == 0
    assert deliver(house.database, {"mail": post}, now=NOW + timedelta(minutes=1))["sent"] == 1


def test_in_app_notices_are_written_with_the_mark_and_need_no_channel(house: House) -> None:
    house.write(channel="inbox", times=3)
    assert deliver(house.database, {}, now=NOW)["sent"] == 1
    notices = house.database.read(lambda store: store.select(select(table_of(Notice))))
    assert len(notices) == 1
    assert notices[0]["params"].count("整改") == 3
    assert all(line["sent_at"] for line in house.lines())


def test_four_relays_at_once_deliver_each_line_once(house: House) -> None:
    for number in range(60):
        house.write(person=number % 3, channel="hook", message=f"m{number % 20}", times=3)
        house.write(person=number % 3, channel="inbox", message=f"m{number % 20}")
    post, troubles = Post(), []
    start = threading.Barrier(4)

    def relay() -> None:
        start.wait()
        try:
            for _ in range(3):
                deliver(house.database, {"hook": post}, now=NOW, limit=7)
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=relay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    hooked = [line for line in house.lines() if line["channel"] == "hook"]
    assert Counter(post.numbers) == Counter(dict.fromkeys(post.numbers, 1))
    assert len(post.numbers) == len(hooked) == 180
    assert all(line["sent_at"] for line in house.lines())
    assert len(post.sent) == 60, "each group is one message"
    notices = house.database.read(lambda store: store.select(select(table_of(Notice))))
    assert sum(notice["params"].count("整改") for notice in notices) == 60


def test_a_relay_killed_after_sending_sends_the_same_message_again_under_the_same_key(house: House) -> None:
    house.write(times=3)
    post = Post(dies=True)
    with pytest.raises(SystemExit):
        deliver(house.database, {"mail": post}, now=NOW)
    post.dies = False
    house.write(times=2, at=NOW)
    assert deliver(house.database, {"mail": post}, now=NOW)["sent"] == 1, "the others are leased"
    assert deliver(house.database, {"mail": post}, now=NOW + LEASE)["sent"] == 1
    assert [len(m.lines) for m in post.sent] == [3, 2, 3]
    assert post.sent[0].key == post.sent[2].key != post.sent[1].key


def test_a_failing_message_is_tried_again_later_and_later_and_given_up_with_its_reason(house: House) -> None:
    house.write(times=2)
    house.write(person=1, channel="hook")
    down, up = Post(is_down=True), Post()
    at, pauses = NOW, []
    for attempt in range(1, ATTEMPTS + 1):
        counts = deliver(house.database, {"mail": down, "hook": up}, now=at)
        assert counts["again"] + counts["gave_up"] == 1, attempt
        due = house.lines()[0]["due_at"]
        pauses.append(int((due - at).total_seconds()))
        at = max(due, at + timedelta(seconds=1))
    assert pauses == [60, 120, 240, 480, 960, 1920, 3840, 0]
    assert len(up.sent) == 1, "one that fails stops no other"
    told = house.database.read(list_given_up)
    assert [(row["reason"], row["attempts"]) for row in told] == [("ConnectionError: nobody answers", 8)] * 2
    assert house.database.read(health) == Health(0, None, 2)


def test_what_cannot_be_delivered_at_all_is_given_up_at_once(house: House) -> None:
    house.database.write(
        lambda store: store.execute(update(outbox._person).values(email="").where(outbox._person.c.id == house.people[1]))
    )
    house.database.write(lambda store: disable(store, person_id=house.people[2], now=NOW))
    house.write(channel="pigeon")
    house.write(person=1)
    house.write(person=2, channel="inbox")
    assert house.database.read(health) == Health(3, NOW, 0)
    post = Post(wants_address=True)
    assert deliver(house.database, {"mail": post}, now=NOW) == {"sent": 0, "again": 0, "gave_up": 3}
    assert [line["reason"] for line in house.lines()] == ["no_such_channel", "no_address", "person_disabled"]


def test_with_nothing_due_it_gives_way_to_a_writer_and_does_not_wait_for_one(house: House) -> None:
    house.write(at=NOW + timedelta(minutes=1))
    relay = Database(house.database.url)
    # While another holds the write lock of SQLite, an idle relay that asked for it would fail after its patience.
    counts = house.database.write(lambda _store: deliver(relay, {"mail": Post()}, now=NOW))
    relay.close()
    assert counts == {"sent": 0, "again": 0, "gave_up": 0}
