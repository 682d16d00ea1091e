"""When a mail goes: in the office hours of a working day, one for all that waits, and as its reader has chosen.

What it tells stands in the bell at once, so a mail can wait: for the morning, for the end of a holiday, for the next hour at
which this person may be written to again. Only what goes at once, of which nobody chooses, waits for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import bindparam, case, delete, func, or_, select

from states.errors import BadInput
from workflow.calendars import current_calendar
from workflow.dates import ZONE, Calendar, local_day
from workflow.models import MailChoice, Outbox
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

CHANNEL = "mail"
SOON, DAILY, NONE, AT_ONCE = "soon", "daily", "none", "at_once"
WAYS = (SOON, DAILY, NONE)
UNWANTED = "unwanted"

_choice, _outbox = table_of(MailChoice), table_of(Outbox)
CHOSEN = Prepared(select(_choice.c.topic, _choice.c.way).where(_choice.c.person_id == bindparam("person_id")))
CLEAR = Prepared(delete(_choice).where(_choice.c.person_id == bindparam("person_id")))
_now = bindparam("now", type_=_outbox.c.sent_at.type)
_is_under_way = _outbox.c.leased_until > _now
# A mail that another relay is just sending counts as sent now.
LAST = Prepared(
    select(func.max(case((_is_under_way, _now), else_=_outbox.c.sent_at)).label("at")).where(
        _outbox.c.person_id == bindparam("person_id"),
        _outbox.c.channel == CHANNEL,
        or_(_outbox.c.reason == "", _is_under_way),
    )
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A group of messages; `way` is how they come by mail where nothing was chosen."""

    key: str
    way: str
    messages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mailing:
    """The office hours in which mail goes, the hour of the daily one, the least pause between two, and the topics."""

    hours: tuple[tuple[time, time], ...]
    daily_at: time
    pause: timedelta
    topics: tuple[Topic, ...]

    def open_from(self, calendar: Calendar, at: datetime) -> datetime:
        """The first moment from `at` on in which mail may go."""
        day, clock = local_day(at), at.astimezone(ZONE).time()
        for begin, end in self.hours if calendar.is_workday(day) else ():
            begin = max(begin, self.daily_at)
            if clock < end and begin < end:
                return max(at, datetime.combine(day, begin, ZONE))
        following = datetime.combine(day + timedelta(days=1), time(), ZONE)
        return self.open_from(calendar, datetime.combine(calendar.workday_from(local_day(following)), time(), ZONE))

    def morning_from(self, calendar: Calendar, at: datetime) -> datetime:
        """The hour of the first daily mail from `at` on."""
        begin = datetime.combine(calendar.workday_from(local_day(at)), self.daily_at, ZONE)
        if begin >= at:
            return begin
        return datetime.combine(calendar.workday_from(local_day(at) + timedelta(days=1)), self.daily_at, ZONE)

    def way_of(self, message: str, chosen: Mapping[str, str]) -> str:
        """How a message comes by mail; one of no topic comes with the daily mail."""
        topic = next((topic for topic in self.topics if message in topic.messages), None)
        if topic is None:
            return DAILY
        return topic.way if topic.way == AT_ONCE else chosen.get(topic.key, topic.way)


def hours_of(
    store: Store, mailing: Mailing, person_id: int, lines: Iterable[Row], now: datetime
) -> list[tuple[Row, datetime | None]]:
    """Each line with the hour from which it may go; None where its reader wants no mail of it."""
    calendar, chosen = current_calendar(store), ways_of(store, person_id)
    last = store.row(LAST, person_id=person_id, now=now)
    again_at = last["at"] + mailing.pause if last and last["at"] else now
    told: list[tuple[Row, datetime | None]] = []
    for line in lines:
        way = mailing.way_of(line["message"], chosen)
        first = mailing.morning_from(calendar, line["created_at"]) if way == DAILY else now
        hour = now if way == AT_ONCE else mailing.open_from(calendar, max(now, first, again_at))
        told.append((line, None if way == NONE else hour))
    return told


def ways_of(store: Store, person_id: int) -> dict[str, str]:
    """What the person has chosen, by topic."""
    return {row["topic"]: row["way"] for row in store.rows(CHOSEN, person_id=person_id)}


def choose_ways(store: Store, mailing: Mailing, *, person_id: int, ways: Mapping[str, Any]) -> None:
    """Keeps how each topic comes by mail; BadInput for a topic of which nobody chooses, or a way there is none."""
    open_to_choice = {topic.key for topic in mailing.topics if topic.way != AT_ONCE}
    for topic, way in ways.items():
        if topic not in open_to_choice or way not in WAYS:
            raise BadInput(why="mail_way", topic=topic, value=way)
    store.run(CLEAR, person_id=person_id)
    store.insert(MailChoice, [{"person_id": person_id, "topic": topic, "way": way} for topic, way in ways.items()])
