"""Reads a ledger in a child process with little memory and time, so that a hostile file ends the child and
nobody else.

The sizes are checked before parsing; this is for what no size tells: a parser's own faults, and one long
shared text that a million cells repeat (security.md R34).
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import resource
from multiprocessing.connection import Connection

from handlers.ledgers import limits
from handlers.ledgers.mapping import Mapping
from handlers.ledgers.reading import read_ledger
from handlers.ledgers.refusals import LedgerFileRefused
from handlers.ledgers.rows import Reading
from handlers.ledgers.vocabulary import SHIPPED, LedgerWords


def read_ledger_apart(
    source: bytes,
    name: str,
    *,
    mapping: Mapping | None = None,
    today: dt.date,
    words: LedgerWords = SHIPPED,
    seconds: int = limits.CHILD_SECONDS,
) -> Reading:
    """The same as `read_ledger`, from a child process; raises "reader_limits" where the child dies or takes
    too long.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    child = spawn.Process(target=_read_into, args=(theirs, source, name, mapping, today, words, seconds), daemon=True)
    child.start()
    theirs.close()
    try:
        outcome = ours.recv() if ours.poll(seconds) else None
    except EOFError:  # the child was ended before it could answer
        outcome = None
    finally:
        ours.close()
        child.kill()
        child.join()
        child.close()
    if outcome is None:
        raise LedgerFileRefused("reader_limits", seconds=seconds)
    if isinstance(outcome, LedgerFileRefused):
        raise outcome
    assert isinstance(outcome, Reading)
    return outcome


def _read_into(
    target: Connection, source: bytes, name: str, mapping: Mapping | None, today: dt.date, words: LedgerWords, seconds: int
) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.CHILD_MEMORY_BYTES, limits.CHILD_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        target.send(read_ledger(source, name, mapping=mapping, today=today, words=words))
    except LedgerFileRefused as refused:
        target.send(refused)
    except MemoryError:
        target.send(LedgerFileRefused("reader_limits"))
