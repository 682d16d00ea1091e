"""Passwords are looked at in turn: what costs a processor and 64 MiB each is done by a few at once, and not many wait for it.

A thread that waits here answers nobody else. So the line is shorter than the server has threads (`web/server.py`), and whoever
finds it full is told so at once, before anything of his try is counted.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from states.errors import DomainError

# One processor is left to those who read.
AT_ONCE = max(1, (os.cpu_count() or 1) - 1)
# Those whose turn it is and those who wait for theirs.
IN_LINE = 8
# A line of eight is through by then, on a machine that has something else to do as well.
AGAIN_SECONDS = 3

_turns = threading.BoundedSemaphore(AT_ONCE)
_line = threading.BoundedSemaphore(IN_LINE)


class SignInBusy(DomainError):
    """So many sign in at this moment that nobody else can wait for it; `params["seconds"]` until it is worth another try."""

    code = "sign_in_busy"


@contextmanager
def turn() -> Iterator[None]:
    """Inside, a password may be looked at. SignInBusy where the line is full."""
    if not _line.acquire(blocking=False):
        raise SignInBusy(seconds=AGAIN_SECONDS)
    try:
        with _turns:
            yield
    finally:
        _line.release()
