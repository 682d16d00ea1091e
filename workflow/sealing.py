"""Fields that only the program reads: sealed with a key of a file, bound to the row and the column they stand in.

A sealed text is `algorithm:key:base64`. Moved to another row, or under another key, it does not open.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from states.errors import NotReady

ALGORITHM = "aes-256-gcm"
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Seal:
    """A key for one purpose; its bytes are never shown."""

    key: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Tells this key from another without saying anything of it."""
        return hashlib.sha256(b"duban/seal/" + self.key).hexdigest()[:16]

    def close(self, plain: str, *, place: str) -> str:
        """The sealed text; `place` names table, column and row."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.key).encrypt(nonce, plain.encode(), place.encode())
        return ":".join((ALGORITHM, self.id, base64.b64encode(nonce + sealed).decode()))

    def open(self, sealed: str, *, place: str) -> str:
        """What was sealed there; NotReady seal_broken for another place, another key, or a changed text."""
        algorithm, key_id, text = sealed.split(":", 2)
        if (algorithm, key_id) != (ALGORITHM, self.id):
            raise NotReady(why="seal_broken")
        raw = base64.b64decode(text)
        try:
            return AESGCM(self.key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode()).decode()
        except InvalidTag as fault:
            raise NotReady(why="seal_broken") from fault
