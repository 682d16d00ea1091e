"""A backup is opened, checked part by part, and put into an empty place; what came back then is held against its history.

What left this installation since the backup is heard (`standing`): who lost a right or changed a password has not got it back,
everybody is signed out, and no step of a ladder that was due meanwhile is climbed twice.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from states.errors import BadInput, Conflict
from workflow.backups import dumps, passing
from workflow.backups.envelope import CHUNK, Broken, opened_with
from workflow.backups.making import BESIDE, MANIFEST, Installation
from workflow.readiness import COMING, newest

FOLDERS = ("database/", "files/", "keys/")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of a backup: its manifest, and the names of parts that are not what it says."""

    manifest: Mapping[str, Any]
    faults: tuple[str, ...]


def look_through(path: Path, identity: Any) -> Unpacked:
    """Opens the whole backup and checks every part, and writes nothing. BadInput backup_not_for_key, backup_changed."""
    return _walk(path, identity, None)


@contextmanager
def emptied(place: Installation) -> Iterator[Path]:
    """An empty place to restore into, and the folder for what comes, which stays until the block ends.

    Conflict not_empty. What a killed restore has left is taken away first, and what broke off is taken away again: nobody may
    serve what came back before it was settled what must not.
    """
    coming = place.home / COMING
    if passing.is_left(coming):
        take_away(place)
    require_empty(place)
    with passing.held(coming):
        try:
            yield coming
        except BaseException:
            take_away(place)
            raise


def unpack(path: Path, identity: Any, place: Installation, coming: Path) -> Unpacked:
    """Puts everything into `place` by way of `coming`, and loads its database.

    BadInput backup_not_for_key, backup_changed, backup_newer, backup_engine, no_program, program_failed.
    """
    found = _walk(path, identity, coming)
    if found.faults:
        raise BadInput(why="backup_changed", file=path.name)
    if found.manifest["revision"] > newest():
        raise BadInput(why="backup_newer", revision=found.manifest["revision"])
    (dumped,) = (coming / "database").iterdir()
    dumps.load(place.url, dumped, place.programs)
    _move(coming, place)
    return found


def require_empty(place: Installation) -> None:
    """Conflict not_empty where something is there already."""
    taken = [*place.home.glob("*"), *place.keys.glob("*")]
    if taken:
        raise Conflict(why="not_empty", place=str(taken[0]))
    dumps.require_empty(place.url)


def _walk(path: Path, identity: Any, target: Path | None) -> Unpacked:
    seen: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] = {}
    try:
        with opened_with(path, identity) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            for member in tar:
                opened = tar.extractfile(member)
                if opened is None:
                    raise BadInput(why="backup_changed", file=path.name)
                if member.name == MANIFEST:
                    manifest = json.load(opened)
                else:
                    seen[member.name] = _take(opened, _place_of(target, member.name))
    except (Broken, tarfile.TarError, ValueError) as fault:
        raise BadInput(why="backup_changed", file=path.name) from fault
    listed = manifest.get("parts", {})
    faults = sorted(name for name in {*seen, *listed} if seen.get(name) != listed.get(name))
    return Unpacked(manifest, tuple(faults) if manifest else (MANIFEST,))


def _place_of(target: Path | None, name: str) -> Path | None:
    """Where a part goes. ValueError for a name that leads elsewhere: whoever knows the public key may write such a file."""
    if not (name in BESIDE or name.startswith(FOLDERS)) or ".." in Path(name).parts:
        raise ValueError(name)
    return target / name if target else None


def _take(opened: Any, target: Path | None) -> dict[str, Any]:
    """Reads a part to its end, into `target` if there is one; its size and digest."""
    digest, size = hashlib.sha256(), 0
    out: BinaryIO | None = None
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.touch(mode=0o600)
        out = target.open("wb")
    try:
        while data := opened.read(CHUNK):
            digest.update(data)
            size += len(data)
            if out:
                out.write(data)
    finally:
        if out:
            out.close()
    return {"size": size, "sha256": digest.hexdigest()}


def _move(coming: Path, place: Installation) -> None:
    """Files, keys and secrets to where the installation has them; each file as `files.py` leaves it."""
    if (coming / "files").exists():
        (coming / "files").rename(place.home / "files")
        for path in (place.home / "files").rglob("*"):
            if path.is_file():
                path.chmod(0o400)
    place.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in (coming / "keys").glob("*"):
        path.rename(place.keys / path.name)
        (place.keys / path.name).chmod(0o644 if path.suffix == ".pub" else 0o600)
    for name in BESIDE:
        if (coming / name).exists():
            (coming / name).rename(place.home / name)


def take_away(place: Installation) -> None:
    """What `unpack` has put into the empty place goes again."""
    dumps.remove_again(place.url)
    for path in (*place.home.glob("*"), *place.keys.glob("*")):
        if path.is_dir():
            passing.clear(path)
        else:
            dumps.wipe(path)
