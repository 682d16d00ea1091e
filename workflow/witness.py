"""A witness for other installations: it remembers checkpoints and rows it was shown, refuses another past, signs what it saw.

Each is a file that is never written over, so the one that was shown first under a number stays.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from states.errors import BadInput, Conflict, NotFound
from workflow.checkpoints import Checkpoint, checkpoint_of, is_whole
from workflow.digests import holds
from workflow.keyring import Key, PublicKey, read_public
from workflow.shipping import SHIPMENT_TYPE
from workflow.text import canonical

SEEN_TYPE = "duban/witness/1"
ROWS_SEEN_TYPE = "duban/witness/rows/1"
ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
ENDING = ".json"


def see(memory: Path, keys: Path, origin: str, document: Any, *, key: Key, now: datetime) -> dict[str, Any]:
    """Keeps a checkpoint or a shipment of rows and signs {origin, number, digest, seen_at}; the same again is signed again.

    NotFound for an installation that is not known here, BadInput for what is none of its own, Conflict witness_forked where it
    does not follow the last one that was seen.
    """
    if isinstance(document, dict) and document.get("type") == SHIPMENT_TYPE:
        return _see_rows(memory, keys, origin, document, key=key, now=now)
    shown = _checked(keys, origin, document)
    folder = memory / origin
    last = find_last(folder)
    if last is None or last.number < shown.number:
        _require_following(last, shown)
        _keep(folder, shown, document)
    elif not _is_kept(folder, shown):
        raise Conflict(why="witness_forked", number=shown.number)
    told = {"origin": origin, "number": shown.number, "digest": shown.digest, "seen_at": now}
    return key.sign(SEEN_TYPE, told)


def _checked(keys: Path, origin: str, document: Any) -> Checkpoint:
    """The checkpoint, which is whole and signed by the installation of this name."""
    public = _known(keys, origin)
    try:
        shown = checkpoint_of(document)
        signed, named = public.verifies(shown.note()), shown.content["origin"]
        is_sound = signed and is_whole(shown) and named == origin and shown.number > 0 and shown.cases >= 0
    except (KeyError, TypeError, ValueError) as fault:
        raise BadInput(why="not_a_checkpoint") from fault
    if not is_sound:
        raise BadInput(why="not_a_checkpoint")
    return shown


def _known(keys: Path, origin: str) -> PublicKey:
    """The public key of the installation of this name; NotFound where it is not known here."""
    path = keys / f"{origin}.pub"
    if not ORIGIN.fullmatch(origin) or not path.is_file():
        raise NotFound(what="witness", id=origin)
    return read_public(path)


def _require_following(last: Checkpoint | None, shown: Checkpoint) -> None:
    """The first that is ever shown is taken as it is; each later one has to name the one before, and lose no case."""
    if last is None:
        return
    if (shown.number, shown.prev) != (last.number + 1, last.digest) or shown.cases < last.cases:
        raise Conflict(why="witness_forked", number=shown.number)


def find_last(folder: Path) -> Checkpoint | None:
    """The newest checkpoint that was seen of an installation."""
    files = sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else []
    return checkpoint_of(json.loads(files[-1].read_text(encoding="utf-8"))) if files else None


def _is_kept(folder: Path, shown: Checkpoint) -> bool:
    path = folder / _name(shown)
    return path.exists() and checkpoint_of(json.loads(path.read_text(encoding="utf-8"))).digest == shown.digest


def _name(shown: Checkpoint) -> str:
    return f"{shown.number:09}{ENDING}"


def _keep(folder: Path, shown: Checkpoint, document: Mapping[str, Any]) -> None:
    try:
        _write(folder / _name(shown), document)
    except FileExistsError:
        if not _is_kept(folder, shown):
            raise Conflict(why="witness_forked", number=shown.number) from None


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """The document whole and on the disk; FileExistsError where somebody was faster."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}"
    with temporary.open("x", encoding="utf-8") as file:
        file.write(f"{canonical(document)}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    finally:
        temporary.unlink()


def _see_rows(memory: Path, keys: Path, origin: str, document: Any, *, key: Key, now: datetime) -> dict[str, Any]:
    """Keeps a shipment: only after the one before, and never another under its number."""
    note, folder = _checked_rows(keys, origin, document), memory / origin / "rows"
    path, last = folder / f"{note['number']:09}{ENDING}", _last_note(folder)
    if last is None or (note["number"], note["prev"]) == (last["number"] + 1, last["digest"]):
        with suppress(FileExistsError):  # somebody was faster, perhaps with another one
            _write(path, document)
    if not path.exists() or _note_of(path)["digest"] != note["digest"]:
        raise Conflict(why="witness_forked", number=note["number"])
    return key.sign(ROWS_SEEN_TYPE, {"origin": origin, "number": note["number"], "digest": note["digest"], "seen_at": now})


def _checked_rows(keys: Path, origin: str, document: Any) -> Mapping[str, Any]:
    """The signed note of a shipment, whose rows are those that it names."""
    public = _known(keys, origin)
    try:
        note: Mapping[str, Any] = json.loads(document["body"])
        is_whole = holds(note["digest"], note["prev"], document["listed"]) and note["origin"] == origin
        is_sound = is_whole and note["number"] > 0 and public.verifies(document)
    except (KeyError, TypeError, ValueError) as fault:
        raise BadInput(why="not_rows") from fault
    if not is_sound:
        raise BadInput(why="not_rows")
    return note


def _last_note(folder: Path) -> Mapping[str, Any] | None:
    files = sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else []
    return _note_of(files[-1]) if files else None


def _note_of(path: Path) -> Mapping[str, Any]:
    note: Mapping[str, Any] = json.loads(json.loads(path.read_text(encoding="utf-8"))["body"])
    return note
