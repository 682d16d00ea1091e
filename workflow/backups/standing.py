"""What stands now, beside the backups, so that none of them brings back what was taken away since (security.md R73).

The list names accounts, posts, second factors, links to a provider's subjects and cases by their ids alone, is signed, and is
written again when it changes. A restored database is held against it: what it no longer names has ended, and a case whose
tombstone it names is disposed of once more. Nothing is ever widened by it.

Each list has the next number, and the number of the last checkpoint before it. A copy lies where checkpoints are carried, so an
older one is known for what it is: by the copy, or by the checkpoints that any other place remembers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import bindparam, select, update

from states.errors import BadInput
from workflow import trail, verifier
from workflow.backups import withheld
from workflow.backups.making import put_whole
from workflow.checkpoints import last_checkpoint
from workflow.desk import Desk
from workflow.disposal import again
from workflow.keyring import Key, PublicKey
from workflow.models import Grant, Outbox, Person, ProviderLink, SecondFactor, SetupLink, SignIn, Token
from workflow.models.columns import time_to_text
from workflow.occasions import moved
from workflow.outbox import INBOX
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical

log = structlog.get_logger()

LIST_TYPE = "duban/checkpoint/standing/1"
# Why a message that waited when the backup was taken is not sent: most likely it was, a minute later.
RESTORED = "restored"

_person, _grant, _factor = table_of(Person), table_of(Grant), table_of(SecondFactor)
_known_as = table_of(ProviderLink)
_sign_in, _token, _link, _outbox = table_of(SignIn), table_of(Token), table_of(SetupLink), table_of(Outbox)
_open = select(_person.c.id, _person.c.password_set_at).where(_person.c.disabled_at.is_(None))
ACCOUNTS = Prepared(_open.order_by(_person.c.id))
GRANTS = Prepared(select(_grant.c.id, _grant.c.ceiling, _grant.c.until).order_by(_grant.c.id))
_live = (_factor.c.confirmed_at.is_not(None), _factor.c.ended_at.is_(None))
FACTORS = Prepared(select(_factor.c.id).where(*_live).order_by(_factor.c.id))
_counts = (_known_as.c.granted.is_(True), _known_as.c.ended_at.is_(None))
LINKS = Prepared(select(_known_as.c.id).where(*_counts).order_by(_known_as.c.id))
_now = bindparam("now", type_=_sign_in.c.ended_at.type)
END_SESSIONS = Prepared(update(_sign_in).where(_sign_in.c.ended_at.is_(None)).values(ended_at=_now))
END_TOKENS = Prepared(update(_token).where(_token.c.ended_at.is_(None)).values(ended_at=_now))
USE_LINKS = Prepared(update(_link).where(_link.c.used_at.is_(None)).values(used_at=_now))
HOLD_MESSAGES = Prepared(
    update(_outbox)
    .where(_outbox.c.sent_at.is_(None), _outbox.c.gave_up_at.is_(None), _outbox.c.channel != INBOX)
    .values(gave_up_at=_now, reason=RESTORED)
)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a restored database had to give up, each counted. `as_of` is the hour of the list, "" where there was none."""

    as_of: str
    sessions: int
    tokens: int
    accounts: int
    passwords: int
    grants: int
    factors: int
    messages: int
    cases: int = 0


def told_now(store: Store) -> dict[str, Any]:
    """What stands, as the list says it."""
    accounts = {str(row["id"]): _hour(row["password_set_at"]) for row in store.rows(ACCOUNTS)}
    grants = {str(row["id"]): [row["ceiling"], _day(row["until"])] for row in store.rows(GRANTS)}
    told = {"accounts": accounts, "grants": grants, "factors": [row["id"] for row in store.rows(FACTORS)]}
    told["links"] = [row["id"] for row in store.rows(LINKS)]
    last = last_checkpoint(store)
    told |= {**withheld.told_now(store), "disposed": again.told_now(store)}
    return {**told, "checkpoint": last.number if last else 0}


def _hour(value: datetime | None) -> str:
    return time_to_text(value) if value else ""


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def file_of(folder: Path, origin: str) -> Path:
    """Where the list of an installation lies."""
    return folder / f"{origin}.standing.json"


def keep(
    folders: Sequence[Path], origin: str, told: Mapping[str, Any], now: datetime, key: Key, known: Sequence[PublicKey]
) -> bool:
    """Writes the list to each folder where the newest says something else, or is a day old; whether it did.

    The first is that of the backups. Another that is away gets its copy with the next list.
    """
    bodies = [_body(file_of(folder, origin)) for folder in folders]
    last = max(bodies, key=_number)
    is_same = all(_number(body) == _number(last) for body in bodies) and last.get("stands") == told
    if is_same and str(last.get("taken_at")) > time_to_text(now - timedelta(days=1)):
        return False
    content = {"origin": origin, "number": _number(last) + 1, "taken_at": time_to_text(now), "stands": told}
    # A key that came after the backup has been endorsed by one that is in it.
    whole = canonical({**key.sign(LIST_TYPE, content), "keys": [one.document() for one in known]})
    for place, folder in enumerate(folders):
        try:
            put_whole(file_of(folder, origin), lambda out: out.write((whole + "\n").encode()))
        except OSError as fault:
            if place == 0:
                raise
            log.warning("standing_list_not_copied", folder=str(folder), error=repr(fault))
    return True


def _number(body: Mapping[str, Any]) -> int:
    return int(body.get("number", 0))


def _body(file: Path) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(_read(file).get("body", "{}"))
    return body


def _read(file: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return told
    except (OSError, ValueError):
        return {}


def require_newest(listed: Mapping[str, Any], others: Iterable[Mapping[str, Any]], checkpoints: Iterable[int]) -> None:
    """BadInput standing_list_old where a newer list, or a checkpoint that a newer one must have followed, is known outside.

    Within the minute after a checkpoint the list may not have followed yet, so one is let pass.
    """
    newer = max((_number(one) for one in others), default=0)
    followed = max(checkpoints, default=0) - 1
    if _number(listed) < newer or listed["stands"].get("checkpoint", 0) < followed:
        raise BadInput(why="standing_list_old", taken_at=listed["taken_at"])


def disposed_in(listed: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The tombstones of a list; one from before there were any has none."""
    told: Mapping[str, Any] = listed["stands"].get("disposed", {}) if listed is not None else {}
    return told


def read(file: Path, keys: Sequence[PublicKey]) -> dict[str, Any]:
    """The list with `taken_at` and `stands`. BadInput standing_list where it is none, or none of ours signed it."""
    told = _read(file)
    try:
        known = verifier.trusted([key.document() for key in keys], told["keys"])
        if told["type"] == LIST_TYPE and verifier.is_signed(told, known):
            body: dict[str, Any] = json.loads(told["body"])
            return body
    except (KeyError, TypeError, ValueError):
        pass
    raise BadInput(why="standing_list", file=file.name)


# ---- after a restore --------------------------------------------------------------------------------------------------------


def settle(desk: Desk, listed: Mapping[str, Any] | None, now: datetime, today: date) -> Settled:
    """Ends every session and token, and whatever the list no longer names; holds back messages that were about to go.

    Cases are for no more people than the list says.

    Somebody whose password was changed since has none until an administrator gives him one: the old one may be known.
    """
    store = desk.store
    sessions, tokens = store.run(END_SESSIONS, now=now), store.run(END_TOKENS, now=now)
    store.run(USE_LINKS, now=now)
    messages = store.run(HOLD_MESSAGES, now=now)
    accounts = passwords = grants = factors = cases = 0
    if listed is not None:
        stands = listed["stands"]
        accounts, passwords = _accounts(store, stands["accounts"], now)
        grants = sum(_narrow(store, row, stands["grants"].get(str(row["id"])), today) for row in store.rows(GRANTS))
        lost = [row["id"] for row in store.rows(FACTORS) if row["id"] not in set(stands["factors"])]
        factors = sum(store.update(SecondFactor, {"ended_at": now}, id=factor_id) for factor_id in lost)
        # A list from before there were any names none.
        for link_id in {row["id"] for row in store.rows(LINKS)}.difference(stands.get("links", ())):
            store.update(ProviderLink, {"ended_at": now}, id=link_id)
        cases = withheld.settle(desk, stands)
    moved(store, "people")
    trail.record(store, trail.MACHINE, "grant_ended", now=now, what="restored from a backup")
    as_of = listed["taken_at"] if listed else ""
    return Settled(as_of, sessions, tokens, accounts, passwords, grants, factors, messages, cases)


def _accounts(store: Store, stands: Mapping[str, str], now: datetime) -> tuple[int, int]:
    closed = changed = 0
    for row in store.rows(ACCOUNTS):
        set_at = stands.get(str(row["id"]))
        if set_at is None:
            closed += store.update(Person, {"disabled_at": now}, id=row["id"])
        elif set_at != _hour(row["password_set_at"]):
            changed += store.update(Person, {"password_hash": None}, id=row["id"])
    return closed, changed


def _narrow(store: Store, row: Row, stands: Sequence[Any] | None, today: date) -> int:
    """A post is never higher nor longer than the list says; one that it does not name is over."""
    over = today - timedelta(1)
    ceiling, until = (stands[0], date.fromisoformat(stands[1]) if stands[1] else None) if stands else (row["ceiling"], over)
    ends = [day for day in (row["until"], until) if day is not None]
    values = {"ceiling": min(row["ceiling"], ceiling), "until": min(ends) if ends else None}
    if values == {"ceiling": row["ceiling"], "until": row["until"]}:
        return 0
    return store.update(Grant, values, id=row["id"])
