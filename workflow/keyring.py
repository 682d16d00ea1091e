"""The keys that sign what leaves the machine: files in a folder of their own, never in the database, a variable or a log.

`PURPOSE-ID.key` holds a private key and is read by its owner alone; `PURPOSE-ID.pub` its public half, which stays when the key
is replaced. A new public key is endorsed by the one before it, so whoever knows the first knows them all. Each purpose has a
key of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from states.errors import BadInput, NotReady
from workflow.dumps import keep_out_of_dumps
from workflow.models.columns import time_to_text
from workflow.text import canonical

ALGORITHM = "ed25519"
PURPOSES = ("checkpoint", "witness", "receipt")
KEY_TYPE = "duban/key/1"
SEED_BYTES = 32
Tell = Callable[[str], None]
# A seed out of a random generator has about 30 different bytes; one that somebody typed or filled up has few.
DIFFERENT_AT_LEAST = 16
# SHA-256 of seeds that stand in public texts: the test vectors of RFC 8032.
KNOWN = frozenset(
    hashlib.sha256(bytes.fromhex(seed)).hexdigest()
    for seed in (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    )
)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What others check signatures with. `endorsed_by` is the id of the key before it, "" for the first of its purpose."""

    id: str
    purpose: str
    algorithm: str
    public: bytes
    made_at: str
    endorsed_by: str = ""
    endorsement: str = ""

    def document(self) -> dict[str, Any]:
        """The key as its file holds it."""
        told = {"type": KEY_TYPE, **_public_part(self.purpose, self.public, self.made_at)}
        return {**told, "endorsed_by": self.endorsed_by, "endorsement": self.endorsement}

    def verifies(self, signed: Mapping[str, Any]) -> bool:
        """Was this text signed with this key?"""
        if (signed["key_id"], signed["algorithm"]) != (self.id, self.algorithm):
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(base64.b64decode(signed["signature"]), _message(signed))
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Key:
    """A private key with its public half."""

    public: PublicKey
    seed: bytes = field(repr=False)
    _private: Ed25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Derived once: it costs as much as a signature.
        object.__setattr__(self, "_private", Ed25519PrivateKey.from_private_bytes(self.seed))

    def sign(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The signed text: {type, body, key_id, algorithm, signature}. The signature covers type and body, to the letter."""
        signed: dict[str, Any] = {"type": kind, "body": canonical(body), "key_id": self.public.id, "algorithm": ALGORITHM}
        made = self._private.sign(_message(signed))
        return {**signed, "signature": base64.b64encode(made).decode()}


def _message(signed: Mapping[str, Any]) -> bytes:
    return f"{signed['type']}\n{signed['body']}".encode()


def key_id_of(public: bytes) -> str:
    """The id of a key: the beginning of the digest of its public half."""
    return hashlib.sha256(public).hexdigest()[:16]


def _public_part(purpose: str, public: bytes, made_at: str) -> dict[str, str]:
    told = {"id": key_id_of(public), "purpose": purpose, "algorithm": ALGORITHM}
    return {**told, "public": base64.b64encode(public).decode(), "made_at": made_at}


# ---- making and replacing -------------------------------------------------------------------------------------------------


def tell_nobody(key_id: str) -> None:
    """For keys that are made where there is no trail yet, or in a test."""


def telling_nobody(purpose: str) -> Tell:
    """The same for several keys: who hears of the key of a purpose."""
    return tell_nobody


def make_key(folder: Path, purpose: str, now: datetime, tell: Tell = tell_nobody) -> PublicKey:
    """A new key of a purpose that has none yet; BadInput key_there, key_purpose.

    `tell` hears its id before it lies on the disk: where that cannot be told, there is no key.
    """
    _require_purpose(purpose)
    if find_key(folder, purpose) is not None:
        raise BadInput(why="key_there", purpose=purpose)
    return _make(folder, purpose, now, None, tell).public


def make_missing(
    folder: Path, purposes: tuple[str, ...], now: datetime, telling: Callable[[str], Tell] = telling_nobody
) -> list[PublicKey]:
    """Keys for those of the purposes that have none, each told as `make_key` tells it to whom `telling` names for it."""
    missing = [purpose for purpose in purposes if find_key(folder, purpose) is None]
    return [make_key(folder, purpose, now, telling(purpose)) for purpose in missing]


def rotate_key(folder: Path, purpose: str, now: datetime, tell: Tell = tell_nobody) -> PublicKey:
    """A new key, told as `make_key` tells it, and endorsed by the old, of which only the public half stays.

    BadInput key_purpose; NotReady no_key.
    """
    _require_purpose(purpose)
    old = get_key(folder, purpose)
    made = _make(folder, purpose, now, old, tell)
    (folder / f"{purpose}-{old.public.id}.key").unlink()
    return made.public


def _require_purpose(purpose: str) -> None:
    if purpose not in PURPOSES:
        raise BadInput(why="key_purpose", purpose=purpose, purposes="、".join(PURPOSES))


def _make(folder: Path, purpose: str, now: datetime, old: Key | None, tell: Tell) -> Key:
    seed = os.urandom(SEED_BYTES)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    told = _public_part(purpose, public, time_to_text(now))
    endorsement = old.sign(KEY_TYPE, told)["signature"] if old else ""
    made = PublicKey(told["id"], purpose, ALGORITHM, public, told["made_at"], old.public.id if old else "", endorsement)
    tell(made.id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_key(folder / f"{purpose}-{made.id}.pub", made.document(), 0o644)
    write_key(folder / f"{purpose}-{made.id}.key", {**told, "private": base64.b64encode(seed).decode()}, 0o600)
    return Key(made, seed)


def write_key(path: Path, document: Mapping[str, Any], mode: int) -> None:
    """A new file of these rights, on the disk when this returns; one that is there is never written over."""
    write_private(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n", mode)


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """The same of any text."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


# ---- reading --------------------------------------------------------------------------------------------------------------


def find_key(folder: Path, purpose: str) -> Key | None:
    """The key of a purpose, or None. NotReady where one is there that must not be used."""
    found = sorted(folder.glob(f"{purpose}-*.key"))
    if len(found) > 1:
        raise NotReady(why="key_twice", purpose=purpose)
    return _read(found[0], purpose) if found else None


def get_key(folder: Path, purpose: str) -> Key:
    """The same; NotReady no_key where there is none."""
    found = find_key(folder, purpose)
    if found is None:
        raise NotReady(why="no_key", purpose=purpose)
    return found


def require_keys(folder: Path) -> None:
    """NotReady unless there is a key to sign checkpoints with and every key that is there may be used, each once."""
    get_key(folder, "checkpoint")
    keys = [key for purpose in PURPOSES if (key := find_key(folder, purpose)) is not None]
    if len({key.seed for key in keys}) < len(keys):
        raise NotReady(why="key_shared")


def public_keys(folder: Path) -> list[PublicKey]:
    """Every public key that is or was used here, in the order in which they were made."""
    return sorted((read_public(path) for path in folder.glob("*.pub")), key=lambda key: (key.made_at, key.id))


def read_public(path: Path) -> PublicKey:
    """A public key's file; NotReady key_unreadable."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        public = base64.b64decode(told["public"])
        more = (told["purpose"], told["algorithm"], public, told["made_at"], told["endorsed_by"], told["endorsement"])
    except (ValueError, KeyError, TypeError) as fault:
        raise NotReady(why="key_unreadable", file=path.name) from fault
    if told["algorithm"] != ALGORITHM or told["id"] != key_id_of(public):
        raise NotReady(why="key_unreadable", file=path.name)
    return PublicKey(told["id"], *more)


def _read(path: Path, purpose: str) -> Key:
    require_private(path)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        seed, public = base64.b64decode(told["private"]), base64.b64decode(told["public"])
        made = PublicKey(told["id"], told["purpose"], told["algorithm"], public, told["made_at"])
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise NotReady(why="key_unreadable", file=path.name) from fault
    if made.algorithm != ALGORITHM or made.purpose != purpose or len(seed) != SEED_BYTES:
        raise NotReady(why="key_unreadable", file=path.name)
    if len(set(seed)) < DIFFERENT_AT_LEAST or hashlib.sha256(seed).hexdigest() in KNOWN:
        raise NotReady(why="key_weak", file=path.name)
    derived = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    if derived != public or made.id != key_id_of(public):
        raise NotReady(why="key_unreadable", file=path.name)
    return Key(made, seed)


def require_private(path: Path) -> None:
    """Nobody else may read it. What systemd hands over belongs to root and is let in by its own list, shown as the group's.

    Every private key passes here before it is read, so from here on this process leaves no dump of its memory.
    NotReady key_open, key_unreadable.
    """
    keep_out_of_dumps()
    try:
        found = path.stat()
    except OSError as fault:
        raise NotReady(why="key_unreadable", file=path.name) from fault
    handed_over = found.st_uid == 0 and os.geteuid() != 0
    others = stat.S_IRWXO | (stat.S_IWGRP | stat.S_IXGRP if handed_over else stat.S_IRWXG)
    if found.st_mode & others:
        raise NotReady(why="key_open", file=path.name)
