"""What signs receipts: this installation's key of that purpose, wherever a step is taken: page, command, night, bulk run."""

from __future__ import annotations

from pathlib import Path

from states.errors import NotReady
from workflow.keyring import Key, PublicKey, find_key, get_key, public_keys

PURPOSE = "receipt"


class Signer:
    """Signs receipts by the key that lies in the folder at that moment; `origin` is what this installation is called.

    The key is read once for as long as its file stays what it is: one that was replaced signs nothing more.
    """

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self._known: tuple[Key, Path, int] | None = None
        self.origin = origin

    def find(self) -> Key | None:
        """The key, or None where there is none that may be used: a step waits for no key."""
        known = self._known
        if known is not None and _changed_at(known[1]) == known[2]:
            return known[0]
        try:
            key = find_key(self._folder, PURPOSE)
        except (NotReady, OSError):
            key = None
        path = self._folder / f"{PURPOSE}-{key.public.id}.key" if key else self._folder
        self._known = (key, path, _changed_at(path)) if key else None
        return key

    def require(self) -> Key:
        """The key; NotReady no_key, key_open, key_unreadable, key_weak, key_twice."""
        return get_key(self._folder, PURPOSE)

    def publics(self) -> list[PublicKey]:
        """Every public key that receipts are or were signed by here."""
        return [key for key in public_keys(self._folder) if key.purpose == PURPOSE]


def _changed_at(path: Path) -> int:
    """When the file or its rights were changed last; 0 where it is gone."""
    try:
        return path.stat().st_ctime_ns
    except OSError:
        return 0
