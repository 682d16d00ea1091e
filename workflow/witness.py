"""A witness for other installations: it remembers the checkpoints it was shown, refuses another past, and signs what it saw.

Each checkpoint is a file that is never written over, so the one that was shown first under a number stays.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from states.errors import BadInput, Conflict, NotFound
from workflow.checkpoints import Checkpoint, checkpoint_of, is_whole
from workflow.keyring import Key, read_public
from workflow.text import canonical

SEEN_TYPE = "duban/witness/1"
ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
ENDING = ".json"


def see(memory: Path, keys: Path, origin: str, document: Any, *, key: Key, now: datetime) -> dict[str, Any]:
    """Keeps the checkpoint and signs {origin, number, digest, seen_at}; the same one again is signed again.

    NotFound for an installation that is not known here, BadInput for what is none of its checkpoints, Conflict
    witness_forked where it does not follow the last one that was seen.
    """
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
    path = keys / f"{origin}.pub"
    if not ORIGIN.fullmatch(origin) or not path.is_file():
        raise NotFound(what="witness", id=origin)
    try:
        shown = checkpoint_of(document)
        signed, named = read_public(path).verifies(shown.note()), shown.content["origin"]
        is_sound = signed and is_whole(shown) and named == origin and shown.number > 0 and shown.cases >= 0
    except (KeyError, TypeError, ValueError) as fault:
        raise BadInput(why="not_a_checkpoint") from fault
    if not is_sound:
        raise BadInput(why="not_a_checkpoint")
    return shown


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
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{_name(shown)}.{os.getpid()}.{os.urandom(4).hex()}"
    with temporary.open("x", encoding="utf-8") as file:
        file.write(f"{canonical(document)}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, folder / _name(shown))
    except FileExistsError:
        if not _is_kept(folder, shown):
            raise Conflict(why="witness_forked", number=shown.number) from None
    finally:
        temporary.unlink()
