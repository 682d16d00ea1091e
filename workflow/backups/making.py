"""One backup is one file: the database and the files that its rows speak of, of one moment, and the keys that open them.

Within lie a tar and, last of all, `manifest.json` with the digest of each part. Beside the file stands a note, `….json`, that
is signed and says nothing of any case: when, how large, which digest, up to which checkpoint. The database is dumped first:
bytes are on the disk before a row speaks of them, so every file that it names is there.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from states.errors import BadInput
from workflow import files
from workflow.backups import dumps, passing
from workflow.backups.envelope import Counted, recipients_of, seal_to
from workflow.keyring import Key, PublicKey
from workflow.models.columns import time_from_text, time_to_text
from workflow.text import canonical

NOTE_TYPE = "duban/backup/1"
MANIFEST = "manifest.json"
ENDING = ".age"
# Beside the keys: what signs forms, and what is not of the folder of keys.
BESIDE = ("secret.key",)
_NAME = re.compile(r"(?P<origin>[a-z0-9.-]+)-\d{8}T\d{6}Z\.age")


@dataclass(frozen=True, slots=True)
class Installation:
    """What is backed up, or restored: its database, its folder, its keys. `programs` is where pg_dump lies, if not in PATH."""

    url: str
    home: Path
    keys: Path
    origin: str = "duban"
    programs: Path | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What the note beside a backup says. `missing` counts files that rows speak of and that were not there any more."""

    origin: str
    file: str
    taken_at: str
    size: int
    digest: str
    engine: str
    revision: str
    cases: int
    events: int
    trail: int
    checkpoint: int
    checkpoint_digest: str
    files: int
    missing: int

    @property
    def at(self) -> datetime:
        """When the backup was taken."""
        return time_from_text(self.taken_at)


def make(place: Installation, folder: Path, recipients: Sequence[str], now: datetime, key: Key) -> Note:
    """Writes a backup and its note into `folder`: whole and on the disk, or not there.

    BadInput no_recipient, backup_recipient, backup_there, no_program, program_failed.
    """
    sealed_for = recipients_of(recipients)
    name = f"{place.origin}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{ENDING}"
    if (folder / name).exists():
        raise BadInput(why="backup_there", file=name)
    with _passing(place) as dumped:
        cut = dumps.dump(place.url, dumped, place.programs)
        digest, size, missing = _write(place, cut, dumped, folder / name, sealed_for)
    told: dict[str, Any] = {"origin": place.origin, "file": name, "taken_at": time_to_text(now), "size": size, "digest": digest}
    told |= {"engine": dumps.engine_of(place.url), "missing": missing, **_counts(cut)}
    put_whole(folder / f"{name}.json", lambda out: out.write((canonical(key.sign(NOTE_TYPE, told)) + "\n").encode()))
    return Note(**told)


def _counts(cut: dumps.Cut) -> dict[str, Any]:
    names = ("revision", "cases", "events", "trail", "checkpoint", "checkpoint_digest")
    return {name: getattr(cut, name) for name in names} | {"files": len(cut.files)}


@contextmanager
def _passing(place: Installation) -> Iterator[Path]:
    """Where the dump lies meanwhile: beside the database, for its owner alone, and written over afterwards."""
    with passing.made(place.home, "backup") as folder:
        yield folder / dumps.NAMES[dumps.engine_of(place.url)]


def _write(place: Installation, cut: dumps.Cut, dumped: Path, target: Path, recipients: list[Any]) -> tuple[str, int, int]:
    """The envelope's digest and size, and how many files were missing."""
    parts = _Parts(place, cut, dumped)

    def fill(out: BinaryIO) -> Counted:
        counted = Counted(out)
        seal_to(counted, recipients, parts.write)
        return counted

    counted = put_whole(target, fill)
    return counted.digest, counted.size, parts.missing


class _Parts:
    """Writes the parts of a backup one after the other, and what each of them is."""

    def __init__(self, place: Installation, cut: dumps.Cut, dumped: Path) -> None:
        self._place, self._cut, self._dumped = place, cut, dumped
        self.missing = 0

    def write(self, out: BinaryIO) -> None:
        """The tar."""
        listed: dict[str, Any] = {}
        lost = []
        with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for name, path in self._paths():
                told = _add(tar, name, path)
                if told is None:
                    lost.append(name)
                else:
                    listed[name] = told
            self.missing = len(lost)
            manifest = {"origin": self._place.origin, "parts": listed, "missing": lost, **_counts(self._cut)}
            raw = canonical(manifest).encode()
            tar.addfile(_member(MANIFEST, len(raw)), io.BytesIO(raw))

    def _paths(self) -> Iterator[tuple[str, Path]]:
        yield f"database/{self._dumped.name}", self._dumped
        for digest in self._cut.files:
            yield files.place_of(digest), files.path_of(self._place.home, digest)
        yield from ((f"keys/{path.name}", path) for path in sorted(self._place.keys.glob("*")) if path.is_file())
        yield from ((name, self._place.home / name) for name in BESIDE if (self._place.home / name).exists())


def _add(tar: tarfile.TarFile, name: str, path: Path) -> dict[str, Any] | None:
    """Adds a file; its size and digest, or None where it is not there."""
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        return None
    with opened:
        size, seen = os.fstat(opened.fileno()).st_size, _Seen(opened)
        tar.addfile(_member(name, size), seen)
    return {"size": size, "sha256": seen.digest.hexdigest()}


def _member(name: str, size: int) -> tarfile.TarInfo:
    told = tarfile.TarInfo(name)
    told.size, told.mode = size, 0o600
    return told


class _Seen(io.RawIOBase):
    """A file with the digest of what was read of it."""

    def __init__(self, opened: BinaryIO) -> None:
        super().__init__()
        self._opened, self.digest = opened, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._opened.read(size)
        self.digest.update(data)
        return data


def put_whole(target: Path, fill: Any) -> Any:
    """What `fill` gives back after it has written the file, which is then on the disk under its name; else nothing is there."""
    beside = target.with_name(f".{target.name}.partial")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            told = fill(out)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    opened = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
    return told


# ---- what there is ----------------------------------------------------------------------------------------------------------


def read_note(path: Path, keys: Sequence[PublicKey]) -> Note:
    """The note of the backup at `path`. BadInput backup_no_note; backup_note where none of `keys` signed it."""
    try:
        signed = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
        told = json.loads(signed["body"])
        note = Note(**{field.name: told[field.name] for field in fields(Note)})
        is_ours = signed["type"] == NOTE_TYPE and any(key.verifies(signed) for key in keys)
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput(why="backup_no_note", file=path.name) from None
    if not is_ours or note.file != path.name:
        raise BadInput(why="backup_note", file=path.name)
    return note


def require_digest(path: Path, note: Note) -> None:
    """BadInput backup_changed where the file is another than its note says."""
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if digest != note.digest:
        raise BadInput(why="backup_changed", file=path.name)


def backups_in(folder: Path, origin: str) -> list[Path]:
    """The backups of an installation that lie in a folder, the newest first."""
    found = [path for path in folder.glob(f"*{ENDING}") if (told := _NAME.fullmatch(path.name)) and told["origin"] == origin]
    return sorted(found, reverse=True)
