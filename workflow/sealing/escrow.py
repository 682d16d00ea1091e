"""The archive's own pair of keys (归档托管): what is wrapped by its public half only the private half opens (R75).

`escrow-ID.public` lies beside the installation's keys and is all that putting a case away needs; `escrow-ID.key` may be carried
away, and is put back in its place when two people have decided to open a case again. X25519 and HKDF make the key of one
wrapping, which the installation's own suite seals in, bound to its place.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from states.errors import NotReady
from workflow.keyring import Tell, key_id_of, require_private, telling_nobody, write_key
from workflow.models.columns import time_to_text
from workflow.sealing.ciphers import SUITES, Broken, seal, unseal

ESCROW = "escrow"
INFO = b"duban escrow 1"


@dataclass(frozen=True, slots=True)
class Escrow:
    """A pair of keys; `private` is None where it was carried away."""

    id: str
    algorithm: str
    made_at: str
    public: bytes
    private: bytes | None = field(repr=False)

    def wrap(self, raw: bytes, place: str) -> str:
        """The key wrapped for `place`: EPHEMERAL|SEALED."""
        passing = X25519PrivateKey.generate()
        shared = passing.exchange(X25519PublicKey.from_public_bytes(self.public))
        told = passing.public_key().public_bytes_raw()
        return f"{base64.b64encode(told).decode()}|{seal(self.algorithm, self._key(shared, told), raw, place)}"

    def unwrap(self, wrapped: str, place: str) -> bytes:
        """What was wrapped for `place`. NotReady no_escrow_key where the private half is elsewhere; Broken."""
        if self.private is None:
            raise NotReady(why="no_escrow_key", id=self.id)
        passing, _, sealed = wrapped.partition("|")
        try:
            told = base64.b64decode(passing, validate=True)
            shared = X25519PrivateKey.from_private_bytes(self.private).exchange(X25519PublicKey.from_public_bytes(told))
        except (ValueError, binascii.Error) as fault:
            raise Broken(place) from fault
        return unseal(self._key(shared, told), sealed, place)

    def _key(self, shared: bytes, passing: bytes) -> bytes:
        size = SUITES[self.algorithm].key_bytes
        return HKDF(SHA256(), size, salt=passing + self.public, info=INFO).derive(shared)


def make_missing(folder: Path, now: datetime, algorithm: str, telling: Callable[[str], Tell] = telling_nobody) -> None:
    """Makes the pair where there is none; who `telling` names hears its id before it lies on the disk."""
    if list(folder.glob(f"{ESCROW}-*.public")):
        return
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    told = {"id": key_id_of(public), "purpose": ESCROW, "algorithm": algorithm, "made_at": time_to_text(now)}
    telling(ESCROW)(told["id"])
    told["public"] = base64.b64encode(public).decode()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = {**told, "private": base64.b64encode(private.private_bytes_raw()).decode()}
    write_key(folder / f"{ESCROW}-{told['id']}.key", secret, 0o600)
    write_key(folder / f"{ESCROW}-{told['id']}.public", told, 0o644)


def read_escrows(folder: Path) -> Mapping[str, Escrow]:
    """Every pair by its id, the newest last. NotReady key_open, key_unreadable."""
    found = [_read(path) for path in folder.glob(f"{ESCROW}-*.public")]
    return {one.id: one for one in sorted(found, key=lambda one: (one.made_at, one.id))}


def _read(path: Path) -> Escrow:
    kept = path.with_suffix(".key")
    if kept.exists():
        require_private(kept)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        public = base64.b64decode(told["public"], validate=True)
        secret = json.loads(kept.read_text(encoding="utf-8"))["private"] if kept.exists() else None
        private = base64.b64decode(secret, validate=True) if secret is not None else None
        fits = private is None or X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw() == public
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise NotReady(why="key_unreadable", file=path.name) from fault
    if not fits or told["algorithm"] not in SUITES or told["id"] != key_id_of(public):
        raise NotReady(why="key_unreadable", file=path.name)
    return Escrow(told["id"], told["algorithm"], told["made_at"], public, private)
