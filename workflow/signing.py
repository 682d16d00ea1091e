"""What signs receipts: this installation's key of that purpose, wherever a step is taken: page, command, night, bulk run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from states.errors import NotReady
from workflow.keyring import Key, PublicKey, find_key, get_key, public_keys

PURPOSE = "receipt"


class Signer:
    """Signs receipts by the key that lies in the folder at that moment; `origin` is what this installation is called.

    The key is read once for as long as its file stays what it is: a key that was replaced signs nothing more.
    """

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self._known: tuple[Any, Key | None] = (None, None)
        self.origin = origin

    def find(self) -> Key | None:
        """The key, or None where there is none that may be used: a step waits for no key."""
        try:
            found = [(path.name, path.stat().st_ctime_ns) for path in self._folder.glob(f"{PURPOSE}-*.key")]
            if self._known[0] != found:
                self._known = (found, find_key(self._folder, PURPOSE))
        except (NotReady, OSError):
            return None
        return self._known[1]

    def require(self) -> Key:
        """The key; NotReady no_key, key_open, key_unreadable, key_weak, key_twice."""
        return get_key(self._folder, PURPOSE)

    def publics(self) -> list[PublicKey]:
        """Every public key that receipts are or were signed by here."""
        return [key for key in public_keys(self._folder) if key.purpose == PURPOSE]
