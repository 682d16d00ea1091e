"""The throttle of sign-in: after a few failures the next try has to wait, a little longer each time; nobody is locked out.

Three counts: of the login from anywhere, of the address, and of the login from this address. Whoever has signed in from an
address before passes by the first count there, so that an outsider who guesses a name cannot keep its owner out (R3).
A try is counted before its password is looked at, so a hundred tries at once are a hundred counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select

from workflow.models import Throttle
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.text import digest

FREE_TRIES = 3
FREE_TRIES_OF_LOGIN = 10
FREE_TRIES_OF_ADDRESS = 20
LONGEST_DELAY_SECONDS = 42
# Failures are forgotten after a quiet day, and that somebody was known at an address after a quiet month.
FORGOTTEN_AFTER = timedelta(days=1)
KNOWN_FOR = timedelta(days=30)

_throttle = table_of(Throttle)
FIND = Prepared(select(_throttle).where(_throttle.c.key == bindparam("key")))
LOCK = Prepared(select(_throttle).where(_throttle.c.key == bindparam("key")).with_for_update())
FORGET = Prepared(delete(_throttle).where(_throttle.c.last_at < bindparam("before", type_=_throttle.c.last_at.type)))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in: keys are digests, since a login box now and then gets a password typed into it.

    `of` is what is tried; what is tried by whoever is signed in already counts apart from signing in.
    """

    login: str
    address: str
    of: str = ""

    @property
    def login_key(self) -> str:
        """The login from anywhere."""
        return digest(f"{self.of}login", self.login)

    @property
    def address_key(self) -> str:
        """The address with any login."""
        return digest(f"{self.of}address", self.address)

    @property
    def pair_key(self) -> str:
        """This login from this address."""
        return digest(f"{self.of}pair", self.login, self.address)

    @property
    def known_key(self) -> str:
        """That this login has signed in from this address."""
        return digest(f"{self.of}known", self.login, self.address)


def delay_seconds(failures: int, free: int, at_most: int = LONGEST_DELAY_SECONDS) -> int:
    """How long to wait after the last of so many failures: 0, then 1, 2, 4 … up to 42 s, or `at_most`."""
    if failures < free:
        return 0
    return min(1 << min(failures - free, 10), at_most)


def reserve(store: Store, attempt: Attempt, now: datetime, *, at_most: int = LONGEST_DELAY_SECONDS) -> int:
    """Counts the try, or gives the seconds still to wait, counting nothing; call it before the password is looked at.

    `at_most` bounds the wait of the login; an address, which a whole office may share, waits no longer than at sign-in.
    """
    counts = [(attempt.pair_key, FREE_TRIES), (attempt.address_key, FREE_TRIES_OF_ADDRESS)]
    if not _is_known(store, attempt, now):
        counts.append((attempt.login_key, FREE_TRIES_OF_LOGIN))
    counts.sort()  # one order of locking for everybody
    rows = [_lock(store, key, now) for key, _free in counts]
    waits = [
        last + timedelta(seconds=delay_seconds(failures, free, _bound(key, attempt, at_most))) - now
        for (failures, last), (key, free) in zip(rows, counts, strict=True)
    ]
    longest = max(waits).total_seconds()
    if longest > 0:
        return int(-(-longest // 1))
    for (failures, _last), (key, _free) in zip(rows, counts, strict=True):
        store.update(Throttle, {"failures": failures + 1, "last_at": now}, key=key)
    return 0


def _bound(key: str, attempt: Attempt, at_most: int) -> int:
    return min(at_most, LONGEST_DELAY_SECONDS) if key == attempt.address_key else at_most


def succeeded(store: Store, attempt: Attempt, now: datetime) -> None:
    """The try was right: its counts are taken back, and the login is known at the address.

    The address only gets back this one try: an own account does not wipe out the failures of guessing others'.
    """
    keys = [attempt.pair_key, attempt.address_key]
    if not _is_known(store, attempt, now):
        # Where its owner was known, the login's count was not his and goes on against whoever guesses.
        keys.append(attempt.login_key)
    for key in sorted(keys):
        failures, _last = _lock(store, key, now)
        left = max(failures - 1, 0) if key == attempt.address_key else 0
        store.update(Throttle, {"failures": left}, key=key)
    store.insert(Throttle, [{"key": attempt.known_key, "failures": 0, "last_at": now}], ignore_conflict=True)
    store.update(Throttle, {"last_at": now}, key=attempt.known_key)


def forget(store: Store, *, now: datetime) -> int:
    """Drops rows that say nothing any more; for the nightly job."""
    return store.run(FORGET, before=now - KNOWN_FOR)


def _is_known(store: Store, attempt: Attempt, now: datetime) -> bool:
    row = store.row(FIND, key=attempt.known_key)
    return row is not None and now - row["last_at"] < KNOWN_FOR


def _lock(store: Store, key: str, now: datetime) -> tuple[int, datetime]:
    store.insert(Throttle, [{"key": key, "failures": 0, "last_at": now}], ignore_conflict=True)
    row = store.row(LOCK, key=key)
    assert row is not None, "the row was just made"
    is_old = now - row["last_at"] >= FORGOTTEN_AFTER
    return (0 if is_old else row["failures"]), row["last_at"]
