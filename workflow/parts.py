"""Files that come in parts: what has arrived lies scrambled under DUBAN_HOME/parts, so that a broken connection costs one part.

Parts belong to one person and one case; to everybody else they are not there. Once the last part came, the file is taken in
like any other (`files.py`): its digest is that of the whole, and what it is is read from its bytes. What nobody finishes is
swept away after two days.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from states.errors import BadInput, Conflict
from workflow import files
from workflow.files import Received, Vault
from workflow.sealing.ciphers import new_key
from workflow.sealing.streams import scrambled, unwrap, wrap

# What one person may have under way: so many files, and so many times the largest of them.
FILES_AT_MOST = 40
SHARE = 10
PART_AT_MOST = 4 * 1024 * 1024
KEPT_FOR = timedelta(hours=48)
_WORD = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file under way: `word` names it, `size` is what it will have, `received` what it became once it was taken in."""

    word: str
    person_id: int
    case_id: int
    name: str
    size: int
    seal: Mapping[str, str] = field(default_factory=dict)  # the key that its bytes lie under, wrapped
    received: Received | None = None


def begin(vault: Vault, *, person_id: int, case_id: int, name: str, size: int, limit: int, now: datetime) -> Upload:
    """A new upload without a byte. BadInput file_empty, file_too_large, parts_too_many or parts_too_much."""
    if size < 1:
        raise BadInput(why="file_empty")
    if size > limit:
        raise BadInput(why="file_too_large", limit=limit)
    home = vault.home
    folder = _folder(home, person_id)
    _sweep_folder(folder, now)
    under_way = [upload for upload in _uploads(folder) if upload.received is None]
    if len(under_way) >= FILES_AT_MOST:
        raise BadInput(why="parts_too_many", limit=FILES_AT_MOST)
    if sum(upload.size for upload in under_way) + size > SHARE * limit:
        raise BadInput(why="parts_too_much", limit=SHARE * limit)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    suite = vault.masters.current.algorithm
    seal = wrap(vault.masters, new_key(suite), suite)
    upload = Upload(secrets.token_hex(16), person_id, case_id, files.clean_name(name), size, seal)
    _bytes(home, upload).touch(mode=0o600)
    _say(home, upload)
    return upload


def find(home: Path, *, person_id: int, word: str, now: datetime) -> Upload | None:
    """The person's upload of this word; None for another's, one that ended, and one that never was."""
    if not _WORD.fullmatch(word):
        return None
    path = _folder(home, person_id) / f"{word}.json"
    return None if not path.exists() or _is_old(path, now) else _read(path)


def arrived(home: Path, upload: Upload) -> int:
    """How many bytes have come."""
    path = _bytes(home, upload)
    return path.stat().st_size if path.exists() else upload.size if upload.received else 0


def add(vault: Vault, upload: Upload, *, offset: int, data: bytes) -> int:
    """Adds a part that begins where the last one ended; how many bytes have come now.

    Conflict part_offset (with the `offset` that is wanted) for one that begins elsewhere, BadInput for one that is too long.
    """
    if len(data) > PART_AT_MOST:
        raise BadInput(why="file_too_large", limit=PART_AT_MOST)
    home = vault.home
    with _locked(home, upload) as come:
        if offset != come:
            raise Conflict(why="part_offset", offset=come)
        if come + len(data) > upload.size:
            raise BadInput(why="file_too_large", limit=upload.size)
        with _bytes(home, upload).open("r+b") as raw:
            raw.seek(come)
            _through(vault, upload, raw).write(data)
            raw.flush()
            os.fsync(raw.fileno())
    # Its age counts from the last part.
    os.utime(_note(home, upload))
    return come + len(data)


def take_in(vault: Vault, upload: Upload, *, limit: int) -> Received:
    """The whole file, its bytes safe under their digest. BadInput part_missing until all of it came, else as `files.receive`.

    Asked again, it answers the same: a form that was refused is sent again with the same uploads.
    """
    home = vault.home
    if upload.received and files.path_of(home, upload.received.digest).exists():
        return upload.received
    if upload.received or arrived(home, upload) != upload.size:
        raise BadInput(why="part_missing")
    with _bytes(home, upload).open("rb") as raw:
        received = files.receive(vault, name=upload.name, stream=_through(vault, upload, raw), limit=limit)
    _say(home, replace(upload, received=received))
    _bytes(home, upload).unlink(missing_ok=True)
    return received


def hold(home: Path, received: Received, *, person_id: int, case_id: int) -> Upload:
    """A file that has come whole by another way, held for the form that it belongs to as if it had come in parts."""
    _folder(home, person_id).mkdir(parents=True, exist_ok=True, mode=0o700)
    upload = Upload(secrets.token_hex(16), person_id, case_id, received.name, received.size, received=received)
    _say(home, upload)
    return upload


def held(home: Path, *, now: datetime) -> frozenset[str]:
    """The digests of files that have come whole and wait for their form, as long as they are held."""
    notes = [path for path in (home / "parts").glob("*/*.json") if not _is_old(path, now)]
    return frozenset(upload.received.digest for upload in map(_read, notes) if upload.received is not None)


def sweep(home: Path, *, now: datetime) -> int:
    """Removes what has not moved for two days; how many uploads."""
    return sum(_sweep_folder(folder, now) for folder in (home / "parts").glob("*"))


def _through(vault: Vault, upload: Upload, raw: BinaryIO) -> BinaryIO:
    return scrambled(raw, unwrap(vault.masters, upload.seal), upload.seal["suite"])


# ---- on the disk --------------------------------------------------------------------------------------------------------


def _folder(home: Path, person_id: int) -> Path:
    return home / "parts" / str(person_id)


def _bytes(home: Path, upload: Upload) -> Path:
    return _folder(home, upload.person_id) / f"{upload.word}.part"


def _note(home: Path, upload: Upload) -> Path:
    return _folder(home, upload.person_id) / f"{upload.word}.json"


def _say(home: Path, upload: Upload) -> None:
    """Writes down what the upload is, whole or not at all."""
    path = _note(home, upload)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(upload), ensure_ascii=False), encoding="utf-8")
    fresh.replace(path)


def _read(path: Path) -> Upload:
    told = json.loads(path.read_text(encoding="utf-8"))
    received = told.pop("received")
    return Upload(**told, received=Received(**received) if received else None)


def _uploads(folder: Path) -> Iterator[Upload]:
    return (_read(path) for path in folder.glob("*.json"))


def _sweep_folder(folder: Path, now: datetime) -> int:
    old = [path for path in folder.glob("*.json") if _is_old(path, now)]
    for path in old:
        path.with_suffix(".part").unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    return len(old)


def _is_old(path: Path, now: datetime) -> bool:
    return now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > KEPT_FOR


@contextmanager
def _locked(home: Path, upload: Upload) -> Iterator[int]:
    """How many bytes have come, while nobody else adds any: the same part sent twice is added once."""
    path = _bytes(home, upload)
    if not path.exists():
        raise Conflict(why="part_offset", offset=upload.size)  # It was whole, and has been taken in.
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield path.stat().st_size
