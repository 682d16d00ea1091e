"""Master keys: files beside the installation's other keys, `sealing-ID.key`, read by their owner alone.

The newest seals; the older ones stay until nothing is wrapped by them any more. `blinding-ID.key` is the key of digests over
requests, which would otherwise tell a secret fact to whoever tries out names and numbers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from states.errors import BadInput, Conflict, NotReady
from workflow.keyring import Tell, require_private, tell_nobody, telling_nobody, write_key
from workflow.models.columns import time_to_text
from workflow.sealing.ciphers import SUITES, new_key
from workflow.sealing.escrow import Escrow, read_escrows

SEALING, BLINDING = "sealing", "blinding"
BLINDING_BYTES = 32
# A key out of a random generator has nearly as many different bytes as it has bytes; one that somebody typed has few.
DIFFERENT_AT_LEAST = {16: 10, 32: 16}


@dataclass(frozen=True, slots=True)
class Master:
    """A key that wraps the keys of cases."""

    id: str
    algorithm: str
    made_at: str
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Masters:
    """The master keys of an installation by id; `current` is the one that wraps now, `blinding` the key of digests, `escrows`
    the archive's pairs, the newest last.
    """

    current: Master
    by_id: Mapping[str, Master]
    blinding: bytes = field(repr=False)
    escrows: Mapping[str, Escrow] = field(default_factory=dict)

    @property
    def escrow(self) -> Escrow | None:
        """The pair by which keys of closed cases are wrapped now, if there is one."""
        return list(self.escrows.values())[-1] if self.escrows else None


def make_missing(folder: Path, now: datetime, algorithm: str, telling: Callable[[str], Tell] = telling_nobody) -> None:
    """Makes the keys that are not there yet, each told as `add_master` tells it to whom `telling` names for its purpose."""
    if not list(folder.glob(f"{SEALING}-*.key")):
        add_master(folder, now, algorithm, telling(SEALING))
    if not list(folder.glob(f"{BLINDING}-*.key")):
        raw = os.urandom(BLINDING_BYTES)
        _write(folder, BLINDING, "hmac-sha-256", time_to_text(now), raw, telling(BLINDING))


def add_master(folder: Path, now: datetime, algorithm: str, tell: Tell = tell_nobody) -> Master:
    """A new master key, which wraps from now on; what older ones wrapped stays openable. BadInput suite.

    `tell` hears its id before it lies on the disk: where that cannot be told, there is no key.
    """
    if algorithm not in SUITES:
        raise BadInput(why="suite", known="、".join(SUITES))
    return _write(folder, SEALING, algorithm, time_to_text(now), new_key(algorithm), tell)


def remove_master(folder: Path, key_id: str) -> None:
    """Takes a master key away. Whoever calls has seen that nothing is wrapped by it."""
    (folder / f"{SEALING}-{key_id}.key").unlink()


def put_back(folder: Path, algorithm: str, made_at: str, raw: bytes, tell: Tell = tell_nobody) -> Master:
    """A lost key in its place again, told as `add_master` tells it.

    BadInput suite, share_unreadable; Conflict key_there where it is there.
    """
    if algorithm not in SUITES:
        raise BadInput(why="suite", known="、".join(SUITES))
    if len(raw) != SUITES[algorithm].key_bytes:
        raise BadInput(why="share_unreadable")
    if (folder / f"{SEALING}-{key_id_of(SEALING, raw)}.key").exists():
        raise Conflict(why="key_there", purpose=SEALING)
    return _write(folder, SEALING, algorithm, made_at, raw, tell)


def read_masters(folder: Path) -> Masters:
    """The keys as they lie there. NotReady no_sealing_key, key_open, key_unreadable, key_weak."""
    found = sorted((_read(path, SEALING) for path in folder.glob(f"{SEALING}-*.key")), key=lambda key: (key.made_at, key.id))
    blinding = [_read(path, BLINDING) for path in folder.glob(f"{BLINDING}-*.key")]
    if not found or len(blinding) != 1:
        raise NotReady(why="no_sealing_key")
    return Masters(found[-1], {key.id: key for key in found}, blinding[0].raw, read_escrows(folder))


def _write(folder: Path, purpose: str, algorithm: str, made_at: str, raw: bytes, tell: Tell = tell_nobody) -> Master:
    made = Master(key_id_of(purpose, raw), algorithm, made_at, raw)
    tell(made.id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    told = {"id": made.id, "purpose": purpose, "algorithm": algorithm, "made_at": made.made_at}
    write_key(folder / f"{purpose}-{made.id}.key", {**told, "private": base64.b64encode(raw).decode()}, 0o600)
    return made


def key_id_of(purpose: str, raw: bytes) -> str:
    """The id of a key that has no public half: a digest that says nothing of it."""
    return hashlib.sha256(f"duban {purpose} key id\n".encode() + raw).hexdigest()[:16]


def _read(path: Path, purpose: str) -> Master:
    require_private(path)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        made = Master(told["id"], told["algorithm"], told["made_at"], base64.b64decode(told["private"], validate=True))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise NotReady(why="key_unreadable", file=path.name) from fault
    wanted = SUITES[made.algorithm].key_bytes if made.algorithm in SUITES else BLINDING_BYTES
    if told.get("purpose") != purpose or len(made.raw) != wanted or made.id != key_id_of(purpose, made.raw):
        raise NotReady(why="key_unreadable", file=path.name)
    if len(set(made.raw)) < DIFFERENT_AT_LEAST[wanted]:
        raise NotReady(why="key_weak", file=path.name)
    return made
