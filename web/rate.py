"""How fast one session asks: so many requests a second, with enough beforehand that a page and its parts come at once (R41).

Each process counts for itself, in memory: what is counted is forgotten within seconds, and a table would cost every request a
write. So with several workers somebody may ask as many times as fast.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import ceil

from flask import Flask, current_app, g, request

from states.errors import TooFast

# A page with all its pictures, opened in a few tabs; who reads and clicks never comes near it.
SECONDS_BEFOREHAND = 20
REMEMBERED = 10_000
# What adding fractions of a second up may be wrong by.
INEXACT = 1e-6


class Rates:
    """When each session will have used up what it asked for; `clock` gives seconds and never goes back."""

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.clock = per_second, clock
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait_for(self, session: str) -> int:
        """Counts a request; how many seconds it comes too early, 0 where it does not. What is refused is not counted."""
        if not self.per_second:
            return 0
        now = self.clock()
        with self._lock:
            until = max(self._until.get(session, now), now) + 1 / self.per_second
            early = until - now - SECONDS_BEFOREHAND
            if early > INEXACT:
                return ceil(early)
            if len(self._until) >= REMEMBERED:
                self._until = {key: at for key, at in self._until.items() if at > now}
            self._until[session] = until
        return 0


def install_rates(app: Flask, per_second: int) -> None:
    """Each site counts by itself."""
    app.extensions["duban_rates"] = Rates(per_second)


def require_rate() -> None:
    """TooFast for a request that comes too early after the others of its session, or of its token."""
    rates: Rates = current_app.extensions["duban_rates"]
    session = g.get("session")
    asking = session.token_digest if session else _token() if g.get("actor") else ""
    seconds = rates.wait_for(asking) if asking else 0
    if seconds:
        raise TooFast(seconds=seconds, limit=rates.per_second)


def _token() -> str:
    """The token alone: the word before it may be written in many ways, and all are one token."""
    return request.headers.get("Authorization", "").partition(" ")[2]
