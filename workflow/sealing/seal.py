"""A single key for one purpose: what only the program reads (the secret of a code generator) lies sealed under it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from states.errors import NotReady
from workflow.sealing.ciphers import Broken, seal, unseal

ALGORITHM = "aes-256-gcm"


@dataclass(frozen=True, slots=True)
class Seal:
    """A key for one purpose; its bytes are never shown."""

    key: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Tells this key from another without saying anything of it."""
        return hashlib.sha256(b"duban/seal/" + self.key).hexdigest()[:16]

    def close(self, plain: str, *, place: str) -> str:
        """The sealed text, after the id of its key; `place` names table, column and row."""
        return f"{self.id}:{seal(ALGORITHM, self.key, plain.encode(), place)}"

    def open(self, sealed: str, *, place: str) -> str:
        """What was sealed there; NotReady sealed_broken for another place, another key, or a changed text."""
        key_id, _, text = sealed.partition(":")
        try:
            if key_id != self.id:
                raise Broken(place)
            return unseal(self.key, text, place).decode()
        except Broken as fault:
            raise NotReady(why="sealed_broken") from fault
