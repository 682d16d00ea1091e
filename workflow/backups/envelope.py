"""The envelope of a backup: an age file (age-encryption.org/v1), which only the private key that was carried away opens.

What goes in and comes out passes through a pipe, so that nothing of it lies on the disk in plain words on the way.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from states.errors import BadInput

CHUNK = 1024 * 1024
BEGINS = "AGE-SECRET-KEY-"


class Broken(ValueError):
    """The envelope was cut off or changed: what came out of it so far must not be used."""


def new_identity() -> tuple[str, str]:
    """A private key and the public one that backups are sealed to, as age writes them."""
    made = pyrage.x25519.Identity.generate()
    return str(made), str(made.to_public())


def recipients_of(texts: Sequence[str]) -> list[Any]:
    """The public keys; BadInput backup_recipient, no_recipient."""
    if not texts:
        raise BadInput(why="no_recipient")
    found = []
    for told in texts:
        try:
            found.append(pyrage.x25519.Recipient.from_str(told))
        except pyrage.RecipientError:
            raise BadInput(why="backup_recipient", key=told[:80]) from None
    return found


def read_identity(path: Path) -> Any:
    """The private key of a file that age or `duban backup key` wrote. BadInput backup_identity."""
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith(BEGINS):
            try:
                return pyrage.x25519.Identity.from_str(line.strip())
            except pyrage.IdentityError:
                break
    raise BadInput(why="backup_identity", file=path.name)


class Counted:
    """What goes through to a file, its length and its SHA-256."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._seen, self.size = out, hashlib.sha256(), 0

    def write(self, data: Any) -> int:
        """Passes bytes on."""
        self._seen.update(data)
        self.size += len(data)
        return self._out.write(data)

    def flush(self) -> None:
        """Passes it on."""
        self._out.flush()

    @property
    def digest(self) -> str:
        """Of all that went through, in hex."""
        return self._seen.hexdigest()


def seal_to(out: Counted, recipients: Sequence[Any], fill: Callable[[BinaryIO], None]) -> None:
    """Writes to `out` the envelope around what `fill` writes. What `fill` raises is raised, and `out` is then no envelope."""
    read, write = os.pipe()

    def feed() -> None:
        with os.fdopen(write, "wb") as plain:
            fill(plain)

    with ThreadPoolExecutor(1, "backup") as pool:
        filling = pool.submit(feed)
        with os.fdopen(read, "rb") as source:
            pyrage.encrypt_io(source, out, recipients)
        filling.result()


@contextmanager
def opened_with(path: Path, identity: Any) -> Iterator[BinaryIO]:
    """What lies in the envelope, from front to end; only after the block it is certain that all of it was whole.

    BadInput backup_not_for_key where it was sealed to another key or is no envelope; Broken where it was cut off or changed.
    """
    read, write = os.pipe()

    def empty() -> None:
        with path.open("rb") as sealed, os.fdopen(write, "wb") as plain:
            pyrage.decrypt_io(sealed, plain, [identity])

    with ThreadPoolExecutor(1, "backup") as pool:
        opening = pool.submit(empty)
        try:
            with os.fdopen(read, "rb") as source:
                yield source
                while source.read(CHUNK):
                    pass
        finally:
            _require_whole(opening.exception(), path)


def _require_whole(fault: BaseException | None, path: Path) -> None:
    """A reader who went before the end is no fault of the envelope's."""
    if isinstance(fault, pyrage.DecryptError):
        raise BadInput(why="backup_not_for_key", file=path.name) from fault
    if isinstance(fault, OSError) and not isinstance(fault, BrokenPipeError):
        raise Broken(path.name) from fault
