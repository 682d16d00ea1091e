"""Mail goes in office hours of working days, one for all that waits, as its reader has chosen; over a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from socketserver import StreamRequestHandler, TCPServer
from typing import Any, cast

import pytest
from sqlalchemy import select

from config.documents import parse
from handlers.channels.smtp import MailChannel
from states.errors import BadInput
from tests.handlers.test_channels import Postman, listening
from tests.house.source import ROOT
from web.messages import render
from web.wiring import shipped_titles
from workflow.calendars import shipped
from workflow.database import Database
from workflow.dates import ZONE
from workflow.mailing import Mailing, Topic, choose_hours, choose_ways, own_hours, ways_of
from workflow.models import Outbox
from workflow.outbox import ATTEMPTS, deliver
from workflow.people.accounts import create_person
from workflow.reads.undelivered import list_failing, list_given_up
from workflow.store import table_of
from workflow.text import canonical

MAILING = Mailing(
    hours=((time(8, 30), time(12)), (time(14, 30), time(17, 30))),
    daily_at=time(9),
    pause=timedelta(hours=2),
    topics=(
        Topic("work", "soon", frozenset({"reminded"})),
        Topic("dates", "daily", frozenset({"overdue"})),
        Topic("machine", "at_once", frozenset({"scheduler_silent"})),
    ),
)


def at(text: str) -> datetime:
    """A moment on the office's clock."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


# A Monday.
MONDAY = at("2026-03-02 10:00")


class Refusing(StreamRequestHandler):
    """A mail server that knows no such mailbox."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            verb = line.upper()[:4]
            self.wfile.write({b"RCPT": b"550 no such mailbox\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n"))


class House:
    """Two people with an address, lines that wait for them, and what the mail server has received."""

    def __init__(self, database: Database, server: Any) -> None:
        self.database, self.server, self.count = database, server, 0
        self.people = [
            database.write(lambda s, n=n: create_person(s, login=f"p{n}", name="某", now=MONDAY, email=f"p{n}@anlan.example"))
            for n in range(2)
        ]

    def write(self, message: str, when: datetime, *, times: int = 1, person: int = 0) -> None:
        rows = []
        for _ in range(times):
            self.count += 1
            params = canonical({"number": f"整改〔2026〕{self.count}号", "due_on": "2026-02-27", "workdays": 1, "times": 1})
            row = {"key": f"k{self.count}", "channel": "mail", "person_id": self.people[person], "message": message}
            rows.append({**row, "params": params, "case_id": None, "created_at": when, "due_at": when})
        self.database.write(lambda store: store.insert(Outbox, rows))

    def deliver(self, when: datetime, server: Any = None) -> int:
        host, port = (server or self.server).server_address
        mail = MailChannel(host, port, "duban@anlan.example", partial(render, shipped_titles()), security="none")
        return deliver(self.database, {"mail": mail}, now=when, mailing=MAILING)["sent"]

    def choose(self, **ways: str) -> None:
        self.database.write(lambda store: choose_ways(store, MAILING, person_id=self.people[0], ways=ways))

    @property
    def mails(self) -> list[EmailMessage]:
        return [cast(EmailMessage, message_from_bytes(body, policy=default)) for body in self.server.received]

    def lines(self) -> list[dict[str, Any]]:
        return self.database.read(lambda store: store.select(select(table_of(Outbox)).order_by(table_of(Outbox).c.id)))


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    database = Database(database_url)
    with listening(TCPServer(("127.0.0.1", 0), Postman)) as server:
        yield House(database, server)
    database.close()


def test_a_hundred_late_items_of_a_morning_are_one_mail_with_their_count_and_twenty_numbers(house: House) -> None:
    house.write("overdue", at("2026-03-02 08:59"), times=100)
    house.write("reminded", at("2026-03-02 08:59"), times=2)
    assert house.deliver(at("2026-03-02 08:59")) == 0
    assert house.deliver(at("2026-03-02 09:00")) == 1
    assert house.mails[0]["Subject"] == "督办：102条提醒"
    body = house.mails[0].get_content()
    assert body.count("号事项") == 20 and "另有82条" in body
    assert house.deliver(at("2026-03-02 17:00")) == 0


@pytest.mark.parametrize(
    ("written", "opens"),
    [
        ("2026-03-02 10:00", "2026-03-02 10:00"),
        ("2026-03-02 07:00", "2026-03-02 09:00"),
        ("2026-03-02 12:30", "2026-03-02 14:30"),
        ("2026-03-02 22:00", "2026-03-03 09:00"),
        # A Friday evening, a make-up Saturday, and the Spring Festival.
        ("2026-03-06 18:00", "2026-03-09 09:00"),
        ("2026-02-13 18:00", "2026-02-14 09:00"),
        ("2026-02-14 18:00", "2026-02-24 09:00"),
    ],
)
def test_what_comes_soon_waits_for_the_next_office_hour_of_a_working_day(house: House, written: str, opens: str) -> None:
    house.write("reminded", at(written))
    if written != opens:
        assert house.deliver(at(written)) == 0
        assert house.deliver(at(opens) - timedelta(minutes=1)) == 0
    assert house.lines()[0]["sent_at"] is None
    assert house.deliver(at(opens)) == 1


def test_what_comes_daily_waits_for_the_next_morning_with_all_of_its_day(house: House) -> None:
    for hour in range(9, 17):
        house.write("overdue", at(f"2026-03-02 {hour:02d}:30"))
        assert house.deliver(at(f"2026-03-02 {hour:02d}:30")) == 0
    assert house.deliver(at("2026-03-03 09:00")) == 1
    assert house.mails[0]["Subject"] == "督办：8条提醒"


def test_nobody_gets_two_mails_within_the_pause(house: House) -> None:
    house.write("reminded", MONDAY)
    assert house.deliver(MONDAY) == 1
    for minutes in (10, 20, 60):
        house.write("reminded", MONDAY + timedelta(minutes=minutes))
        house.write("reminded", MONDAY + timedelta(minutes=minutes), person=1)
        assert house.deliver(MONDAY + timedelta(minutes=minutes)) == (1 if minutes == 10 else 0)
    assert house.deliver(at("2026-03-02 12:30")) == 0, "the pause ended after the office's morning"
    assert house.deliver(at("2026-03-02 14:30")) == 2
    assert [mail["Subject"] for mail in house.mails] == ["督办：1条提醒", "督办：1条提醒", "督办：3条提醒", "督办：2条提醒"]


def test_a_mail_that_is_just_under_way_counts_for_the_pause(house: House) -> None:
    class Slow(MailChannel):
        def send(self, message: Any) -> None:
            if len(house.lines()) == 1:
                house.write("reminded", MONDAY)
                assert house.deliver(MONDAY) == 0, "another relay, while this one still speaks to the server"
            super().send(message)

    house.write("reminded", MONDAY)
    host, port = house.server.server_address
    slow = Slow(host, port, "duban@anlan.example", partial(render, shipped_titles()), security="none")
    assert deliver(house.database, {"mail": slow}, now=MONDAY, mailing=MAILING)["sent"] == 1
    assert len(house.mails) == 1
    assert house.deliver(at("2026-03-02 14:30")) == 1


def test_what_its_reader_chose_holds_also_for_what_waits_already(house: House) -> None:
    house.write("overdue", MONDAY)
    house.write("reminded", MONDAY)
    house.choose(work="none", dates="none")
    assert house.deliver(MONDAY) == 0
    assert [line["reason"] for line in house.lines()] == ["unwanted", "unwanted"]
    assert house.database.read(list_given_up) == []
    house.choose(dates="soon")
    house.write("overdue", MONDAY)
    assert house.deliver(MONDAY) == 1


def test_the_alarm_of_a_silent_scheduler_waits_for_no_hour_and_takes_nothing_with_it(house: House) -> None:
    night = at("2026-03-02 23:00")
    house.write("reminded", night)
    house.write("scheduler_silent", night)
    assert house.deliver(night) == 1
    assert [bool(line["sent_at"]) for line in house.lines()] == [False, True]


def test_a_refused_mail_is_tried_again_in_office_hours_under_the_same_id_and_given_up_in_the_end(house: House) -> None:
    house.write("reminded", at("2026-03-02 17:29"))
    with listening(TCPServer(("127.0.0.1", 0), Refusing)) as refusing:
        assert house.deliver(at("2026-03-02 17:29"), refusing) == 0
        told = house.database.read(list_failing)
        assert [(row["channel"], row["reason"].split(":")[0], row["n"]) for row in told] == [
            ("mail", "SMTPRecipientsRefused", 1)
        ]
        house.write("reminded", at("2026-03-02 17:29:30"))
        assert house.deliver(at("2026-03-02 17:29:30"), refusing) == 0
        house.deliver(at("2026-03-02 17:40"), refusing)
        first, second = house.lines()
        assert first["due_at"] > at("2026-03-03 09:00") - timedelta(seconds=1)
        assert first["due_at"] != second["due_at"], "what failed apart is tried again apart"
        when = at("2026-03-03 09:00")
        for _ in range(ATTEMPTS):
            house.deliver(when, refusing)
            when = max(line["due_at"] for line in house.lines()) + timedelta(seconds=1)
    assert {row["attempts"] for row in house.database.read(list_given_up)} == {ATTEMPTS}


def test_a_topic_or_a_way_that_there_is_not_is_refused(house: House) -> None:
    for ways in ({"machine": "none"}, {"nothing": "soon"}, {"work": "hourly"}, {"work": None}):
        with pytest.raises(BadInput):
            house.database.write(lambda s, w=ways: choose_ways(s, MAILING, person_id=house.people[0], ways=w))
    assert house.database.read(lambda store: ways_of(store, house.people[0])) == {}


def test_every_message_that_ships_stands_in_one_topic() -> None:
    told: Any = parse((ROOT / "config" / "vocabulary.yaml").read_text(encoding="utf-8"), name="v").data
    listed = [message for topic in told["message_topics"].values() for message in topic["messages"]]
    assert sorted(listed) == sorted(told["messages"])


def test_office_hours_open_on_working_days_alone() -> None:
    calendar = shipped()
    for hours in range(0, 24 * 400, 5):
        moment = at("2026-01-01 00:00") + timedelta(hours=hours)
        opens = MAILING.open_from(calendar, moment).astimezone(ZONE)
        assert opens >= moment and calendar.is_workday(opens.date()) and 9 <= opens.hour < 18
        assert MAILING.morning_from(calendar, moment) >= moment


# ---- hours of one's own -----------------------------------------------------------------------------------------------------


def test_mail_goes_in_the_hours_that_its_reader_has_chosen_and_to_others_in_those_of_the_office(house: House) -> None:
    afternoon = ((time(15), time(16)),)
    house.database.write(lambda store: choose_hours(store, person_id=house.people[0], hours=afternoon))
    for person in range(2):
        house.write("reminded", MONDAY, person=person)
        house.write("overdue", at("2026-03-02 08:00"), person=person)
    assert house.deliver(MONDAY) == 1 and house.mails[0]["To"] == "p1@anlan.example"
    assert house.deliver(at("2026-03-02 14:59")) == 0
    assert house.deliver(at("2026-03-02 15:00")) == 1
    assert house.mails[1]["To"] == "p0@anlan.example" and house.mails[1]["Subject"] == "督办：2条提醒"
    house.write("reminded", at("2026-03-02 16:30"))
    assert house.deliver(at("2026-03-02 17:00")) == 0
    assert house.deliver(at("2026-03-03 15:00")) == 1


def test_hours_of_the_office_hold_again_once_ones_own_are_given_up(house: House) -> None:
    mine = house.people[0]
    for hours in (((time(6), time(7)), (time(20), time(21))), ()):
        house.database.write(lambda store, h=hours: choose_hours(store, person_id=mine, hours=h))
        assert house.database.read(lambda store: own_hours(store, mine)) == hours
    house.write("reminded", MONDAY)
    assert house.deliver(MONDAY) == 1


@pytest.mark.parametrize(
    "hours",
    [
        ((time(9), time(9)),),
        ((time(12), time(9)),),
        ((time(9), time(12)), (time(11), time(15))),
        ((time(8), time(9)), (time(10), time(11)), (time(12), time(13))),
    ],
)
def test_hours_that_end_before_they_begin_overlap_or_are_too_many_are_refused(house: House, hours: Any) -> None:
    with pytest.raises(BadInput):
        house.database.write(lambda store: choose_hours(store, person_id=house.people[0], hours=hours))
    assert house.database.read(lambda store: own_hours(store, house.people[0])) == ()
