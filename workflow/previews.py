"""Small pictures of evidence, kept sealed beside the files so that each is made once; what cannot be made is remembered too.

They are nothing of their own: whoever may read the file may see its picture, and what is lost is made again.
"""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from states.errors import NotReady
from workflow.backups.dumps import wipe
from workflow.files import Vault, is_told, name_of, path_of
from workflow.sealing.ciphers import Broken
from workflow.sealing.streams import SealedWriter, reading
from workflow.store import Store

KEPT_FOR = timedelta(days=30)


def find(vault: Vault, digest: str) -> bytes | None:
    """The picture kept of these bytes; b"" where none can be made, None where nobody has tried."""
    try:
        with _path(vault.home, digest).open("rb") as kept:
            return reading(kept, vault.masters).read()
    except (FileNotFoundError, Broken, NotReady):
        return None


def keep(vault: Vault, digest: str, picture: bytes) -> None:
    """Keeps the picture of these bytes, or b"" for none. It is not flushed: a machine that falls over makes it again."""
    path = _path(vault.home, digest)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, passing = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as out:
        sealed = SealedWriter(out, vault.masters)
        sealed.write(picture)
        sealed.end()
    Path(passing).replace(path)


def destroy(store: Store, home: Path, digest: str) -> None:
    """Writes over bytes of a case that was disposed of, and over their picture, unless another row speaks of them.

    What a machine that falls over leaves here is swept by the night.
    """
    if not is_told(store, digest):
        wipe(path_of(home, digest))
        wipe(_path(home, digest))


def sweep(home: Path, *, now: datetime) -> int:
    """Removes pictures older than a month, whether or not their file is still there; how many."""
    old = [path for path in _folder(home).glob("*") if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > KEPT_FOR]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _folder(home: Path) -> Path:
    return home / "previews"


def _path(home: Path, digest: str) -> Path:
    return _folder(home) / name_of(digest)
