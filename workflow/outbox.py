"""The outbox: lines that verbs wrote in their own transaction, delivered later, at least once, by a channel.

Lines that wait for the same person, channel and message become one message that lists the cases; a mail gathers all messages
of its reader, and goes at his hour (`mailing.py`). A line is leased before it is sent and marked after, so any number of relays
may run and any of them may be killed anywhere (security.md R65). What is tried again stays together, so its message keeps its
key and the receiver can tell a repeat.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import and_, bindparam, case, func, or_, select

from workflow.database import Database
from workflow.dates import local_day
from workflow.mailing import CHANNEL as MAIL
from workflow.mailing import UNWANTED, Mailing, hours_of
from workflow.models import Notice, Outbox, Person
from workflow.occasions import Occasions
from workflow.people.actors import actor_of
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical, digest
from workflow.told import may_be_told

LEASE = timedelta(minutes=5)
ATTEMPTS = 8
# 1, 2, 4 … 64 minutes: a channel that is down for two hours loses nothing.
FIRST_PAUSE = timedelta(minutes=1)
MESSAGES_AT_ONCE = 100
REASON_AT_MOST = 200
# The in-app channel is a table: its notices are written in the transaction that marks the lines, hence exactly once.
INBOX = "inbox"
# Why a line is given up whose case its reader may not be told of any more.
NOT_TOLD = "untold"

_outbox, _person = table_of(Outbox), table_of(Person)


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person. `key` is the same when it is sent again; each of `lines` has the words' parameters.

    `words` has the key of each line's words where they differ: a mail gathers several messages.
    `cases` are ids for links inside the program; no channel that leaves the house writes more than number, count and date.
    """

    key: str
    person_id: int | None
    name: str
    email: str
    language: str
    message: str
    lines: tuple[Mapping[str, Any], ...]
    cases: tuple[int, ...]
    words: tuple[str, ...] = ()


class Channel(Protocol):
    """Carries a message out of the house. `wants_address`: a person without an e-mail address cannot be reached by it."""

    @property
    def wants_address(self) -> bool:
        """Does it need the person's e-mail address?"""
        ...

    def send(self, message: Message) -> None:
        """Sends it, or raises; called outside of any transaction, and again with the same key after a failure."""
        ...


@dataclass(frozen=True, slots=True)
class Parcel:
    """A leased message with the ids of its lines."""

    channel: str
    message: Message
    ids: tuple[int, ...]
    attempts: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one transaction took: in-app messages that are done, those nobody may be told, mails that wait, those to send."""

    noticed: int = 0
    untold: int = 0
    held: int = 0
    parcels: tuple[Parcel, ...] = ()


NOTHING = Claimed()


# ---- statements -----------------------------------------------------------------------------------------------------------

_now = bindparam("now", type_=_outbox.c.due_at.type)


def _is_waiting(table: Any) -> Any:
    return and_(
        table.c.sent_at.is_(None),
        table.c.gave_up_at.is_(None),
        table.c.due_at <= _now,
        or_(table.c.leased_until.is_(None), table.c.leased_until <= _now),
    )


def _batch_of(table: Any) -> Any:
    """What keeps a message that is tried again apart from lines that are new: nothing at first, then its own hour."""
    return case((table.c.attempts == 0, None), else_=table.c.due_at)


def _gathered(table: Any) -> Any:
    """The message that lines must share to go together; a mail takes them all."""
    return case((table.c.channel == MAIL, ""), else_=table.c.message)


# One message alone, or "" for all.
_only = bindparam("only", type_=_outbox.c.message.type)


def _is_wanted(table: Any) -> Any:
    return or_(_only == "", table.c.message == _only)


WAITING = Prepared(select(_outbox.c.id).where(_is_waiting(_outbox), _is_wanted(_outbox)).limit(1))
_leader = _outbox.alias("leader")
# The first line of a message stands for all of it: who locks that one takes the rest, and others pass on.
_FIRST = (
    select(func.min(_outbox.c.id))
    .where(_is_waiting(_outbox), _is_wanted(_outbox))
    .group_by(_outbox.c.channel, _outbox.c.person_id, _gathered(_outbox), _batch_of(_outbox))
    .order_by(func.min(_outbox.c.id))
    .limit(bindparam("limit"))
)
LEADERS = Prepared(
    select(
        _leader.c.id,
        _leader.c.channel,
        _leader.c.person_id,
        _gathered(_leader).label("message"),
        _batch_of(_leader).label("batch"),
    )
    .where(_leader.c.id.in_(_FIRST), _is_waiting(_leader))
    .order_by(_leader.c.id)
    .with_for_update(skip_locked=True)
)
LINES = Prepared(
    select(_outbox)
    .where(
        _is_waiting(_outbox),
        _is_wanted(_outbox),
        _outbox.c.channel == bindparam("channel"),
        _gathered(_outbox) == bindparam("message"),
        _outbox.c.person_id.is_not_distinct_from(bindparam("person_id", type_=_outbox.c.person_id.type)),
        _batch_of(_outbox).is_not_distinct_from(bindparam("batch", type_=_outbox.c.due_at.type)),
    )
    .order_by(_outbox.c.id)
    .with_for_update()
)
PERSON = Prepared(
    select(_person.c.name, _person.c.email, _person.c.language, _person.c.disabled_at).where(_person.c.id == bindparam("id"))
)

# ---- the relay ------------------------------------------------------------------------------------------------------------


def deliver(
    database: Database,
    channels: Mapping[str, Channel],
    *,
    now: datetime,
    limit: int = MESSAGES_AT_ONCE,
    only: str = "",
    mailing: Mailing | None = None,
) -> dict[str, int]:
    """Delivers what is due at `now`; counts of messages {sent, again, gave_up}. With nothing due it takes no write lock.

    `limit` is how many messages are leased at a time, `only` the one message to deliver; `mailing` is when mail may go,
    at any hour without it.
    """
    counts, occasions = {"sent": 0, "again": 0, "gave_up": 0}, Occasions(())
    while database.read(lambda store: store.row(WAITING, now=now, only=only)) is not None:
        claimed = database.write(lambda store: _claim(store, channels, occasions, now, limit, only, mailing))
        counts["sent"] += claimed.noticed
        counts["gave_up"] += claimed.untold
        for parcel in claimed.parcels:
            counts[_deliver(database, channels, parcel, now)] += 1
        if claimed == NOTHING:
            break  # What is left is in the hands of another relay.
    return counts


def _deliver(database: Database, channels: Mapping[str, Channel], parcel: Parcel, now: datetime) -> str:
    reason, result = parcel.trouble, "gave_up"
    if not reason:
        reason = _send(channels[parcel.channel], parcel.message)
        result = "again" if reason and parcel.attempts < ATTEMPTS else "gave_up" if reason else "sent"
    values = _mark(result, reason, parcel.attempts, now)
    database.write(lambda store: _write(store, parcel.ids, values))
    return result


def _send(channel: Channel, message: Message) -> str:
    """Why it could not be sent, or ""."""
    try:
        channel.send(message)
    except Exception as error:  # One message that cannot be sent stops no other; the frame of a message.
        return f"{type(error).__name__}: {error}"[:REASON_AT_MOST]
    return ""


def _mark(result: str, reason: str, attempts: int, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"leased_until": None, "reason": reason}
    if result == "again":
        return {**values, "due_at": now + FIRST_PAUSE * 2 ** (attempts - 1)}
    return {**values, "sent_at" if result == "sent" else "gave_up_at": now}


def _write(store: Store, ids: Iterable[int], values: Mapping[str, Any]) -> None:
    for line_id in ids:
        # A line that another relay has finished meanwhile, after our lease ran out, stays as it is.
        store.run(_FINISH[frozenset(values)], line_id=line_id, **values)


def _finish(*columns: str) -> Prepared:
    changed = {name: bindparam(name, type_=_outbox.c[name].type) for name in columns}
    return Prepared(
        _outbox.update()
        .values(changed)
        .where(_outbox.c.id == bindparam("line_id"), _outbox.c.sent_at.is_(None), _outbox.c.gave_up_at.is_(None))
    )


_FINISH = {
    frozenset(columns): _finish(*columns)
    for columns in (
        ("leased_until", "reason", "due_at"),
        ("leased_until", "reason", "sent_at"),
        ("leased_until", "reason", "gave_up_at"),
        ("leased_until", "attempts", "due_at"),
        ("leased_until", "due_at"),
    )
}


# ---- claiming -------------------------------------------------------------------------------------------------------------


def _claim(
    store: Store,
    channels: Mapping[str, Channel],
    occasions: Occasions,
    now: datetime,
    limit: int,
    only: str,
    mailing: Mailing | None,
) -> Claimed:
    """Leases up to `limit` messages; in-app ones are written and marked at once."""
    noticed, untold, held = 0, 0, 0
    parcels: list[Parcel] = []
    messages = _messages(store, now, limit, only)
    hearing = _Hearing(store, occasions, now, messages)
    for found in messages:
        lines = _drop_untold(store, found, hearing)
        if not lines:
            untold += bool(found)
            continue
        lines = _hold_back(store, lines, now, mailing)
        if not lines:
            held += 1
            continue
        parcel = _parcel(store, channels, lines)
        if parcel.channel == INBOX and not parcel.trouble:
            _notice(store, parcel, now)
            noticed += 1
        else:
            lease = {"leased_until": now + LEASE, "attempts": parcel.attempts, "due_at": now}
            _write(store, parcel.ids, lease)
            parcels.append(parcel)
    return Claimed(noticed, untold, held, tuple(parcels))


def _messages(store: Store, now: datetime, limit: int, only: str) -> list[list[Row]]:
    """The lines of each message, locked until the end of the transaction."""
    leaders = store.rows(LEADERS, now=now, limit=limit, only=only)
    keys = [{name: leader[name] for name in ("channel", "message", "person_id", "batch")} for leader in leaders]
    return [store.rows(LINES, now=now, only=only, **key) for key in keys]


def _hold_back(store: Store, lines: list[Row], now: datetime, mailing: Mailing | None) -> list[Row]:
    """The lines that may go now; a mail's others get their hour, and those that nobody wants are done."""
    person_id = lines[0]["person_id"]
    if mailing is None or lines[0]["channel"] != MAIL or person_id is None:
        return lines
    # Batches that are tried again stay apart by their hour, also when all of them wait for the same morning.
    apart = timedelta(microseconds=lines[0]["id"] % 1_000_000 if lines[0]["attempts"] else 0)
    ready = []
    for line, hour in hours_of(store, mailing, person_id, lines, now):
        if hour is None:
            _write(store, [line["id"]], {"leased_until": None, "reason": UNWANTED, "sent_at": now})
        elif hour > now:
            _write(store, [line["id"]], {"leased_until": None, "due_at": hour + apart})
        else:
            ready.append(line)
    return ready


@dataclass
class _Hearing:
    """Who may be told of what at this hour: each reader is asked for once, with the cases of all his messages."""

    store: Store
    occasions: Occasions
    now: datetime
    messages: list[list[Row]]
    known: dict[int, Collection[int]] = field(default_factory=dict)

    def told(self, person_id: int | None, about: Collection[int]) -> Collection[int]:
        """Of these cases those that the person may be told of; all of them to nobody, which is the parcel's to say."""
        if person_id is None or not about:
            return about
        if person_id not in self.known:
            self.known[person_id] = self._ask(person_id)
        return self.known[person_id]

    def _ask(self, person_id: int) -> Collection[int]:
        about = {line["case_id"] for lines in self.messages for line in lines if line["person_id"] == person_id} - {None}
        actor = actor_of(self.store, person_id, today=local_day(self.now))
        return about if actor is None else may_be_told(self.store, *self.occasions.county(self.store), actor, about)


def _drop_untold(store: Store, lines: list[Row], hearing: _Hearing) -> list[Row]:
    """The lines of cases that their reader may be told of, whatever has come between writing and sending (R13, R21)."""
    about = {line["case_id"] for line in lines if line["case_id"] is not None}
    told = {None, *hearing.told(lines[0]["person_id"], about)} if lines else ()
    dropped = [line["id"] for line in lines if line["case_id"] not in told]
    _write(store, dropped, {"leased_until": None, "reason": NOT_TOLD, "gave_up_at": hearing.now})
    return [line for line in lines if line["case_id"] in told]


def _parcel(store: Store, channels: Mapping[str, Channel], lines: list[Row]) -> Parcel:
    first = lines[0]
    person = store.row(PERSON, id=first["person_id"]) if first["person_id"] is not None else None
    told = person or {"name": "", "email": "", "language": "zh-Hans", "disabled_at": None}
    message = Message(
        key=digest(*sorted(line["key"] for line in lines)),
        person_id=first["person_id"],
        name=told["name"],
        email=told["email"],
        language=told["language"],
        message=first["message"],
        words=tuple(line["message"] for line in lines),
        lines=tuple(json.loads(line["params"]) for line in lines),
        cases=tuple(dict.fromkeys(line["case_id"] for line in lines if line["case_id"] is not None)),
    )
    trouble = _trouble(first["channel"], channels.get(first["channel"]), message, told)
    return Parcel(first["channel"], message, tuple(line["id"] for line in lines), first["attempts"] + 1, trouble)


def _trouble(name: str, channel: Channel | None, message: Message, person: Row) -> str:
    """Why trying would be of no use, or ""."""
    if person["disabled_at"] is not None:
        return "person_disabled"
    if name == INBOX:
        return "" if message.person_id is not None else "no_person"
    if channel is None:
        return "no_such_channel"
    return "no_address" if channel.wants_address and not message.email else ""


def _notice(store: Store, parcel: Parcel, now: datetime) -> None:
    message = parcel.message
    row = {"key": message.key, "person_id": message.person_id, "message": message.message}
    row |= {"params": canonical(list(message.lines)), "cases": canonical(list(message.cases))}
    store.insert(Notice, [{**row, "created_at": now}], ignore_conflict=True)
    _write(store, parcel.ids, {"leased_until": None, "reason": "", "sent_at": now})
