"""When a mail goes: in its reader's hours of a working day, one for all that waits, and as he has chosen.

What it tells stands in the bell at once, so a mail can wait: for the morning, for the end of a holiday, for the next hour at
which this person may be written to again. Only what goes at once, of which nobody chooses, waits for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import bindparam, case, delete, func, or_, select

from states.errors import BadInput
from workflow.calendars import current_calendar
from workflow.dates import ZONE, Calendar, local_day
from workflow.models import MailChoice, Outbox, Person
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

CHANNEL = "mail"
SOON, DAILY, NONE, AT_ONCE = "soon", "daily", "none", "at_once"
WAYS = (SOON, DAILY, NONE)
UNWANTED = "unwanted"

Spans = tuple[tuple[time, time], ...]
SPANS_AT_MOST = 2  # a morning and an afternoon

_choice, _outbox, _person = table_of(MailChoice), table_of(Outbox), table_of(Person)
HOURS = Prepared(select(_person.c.mail_hours).where(_person.c.id == bindparam("person_id")))
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

    hours: Spans
    daily_at: time
    pause: timedelta
    topics: tuple[Topic, ...]

    def within(self, own: Spans) -> Mailing:
        """The same for somebody with hours of his own, whose daily mail comes when they begin; none for the office's."""
        return replace(self, hours=own, daily_at=own[0][0]) if own else self

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
    mailing = mailing.within(own_hours(store, person_id))
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


def own_hours(store: Store, person_id: int) -> Spans:
    """The hours that the person has chosen; none where they are those of the office."""
    row = store.row(HOURS, person_id=person_id)
    told = [span.split("-") for span in str(row["mail_hours"]).split(",") if span] if row else []
    return tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in told)


def choose_hours(store: Store, *, person_id: int, hours: Spans) -> None:
    """Mail goes to the person in these hours of a working day, none for those of the office.

    BadInput for spans that end before they begin, or begin before the one before has ended.
    """
    moments = [moment for span in hours for moment in span]
    if len(hours) > SPANS_AT_MOST or any(one >= following for one, following in pairwise(moments)):
        raise BadInput(why="mail_hours")
    told = ",".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in hours)
    store.update(Person, {"mail_hours": told}, id=person_id)
