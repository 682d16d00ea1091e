"""Texts that the office keeps under a name, in its home: how the columns of a township's ledgers are to be read."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path

from states.errors import BadInput, NotFound

NAME_AT_MOST, TEXTS_AT_MOST = 60, 200
FOLDER = "mappings"


def list_names(home: Path) -> tuple[str, ...]:
    """Every name, in order."""
    return tuple(sorted(str(_read(path)["name"]) for path in (home / FOLDER).glob("*.json")))


def get_text(home: Path, name: str) -> str:
    """The text of a name, or NotFound."""
    path = _path(home, name)
    if not path.is_file():
        raise NotFound(what="mapping", id=name)
    return str(_read(path)["text"])


def keep_text(home: Path, name: str, text: str) -> str:
    """Keeps the text, in place of an earlier one of the name; the name as it is kept. BadInput mapping_name, too_many."""
    plain = " ".join(name.split())
    if not plain or len(plain) > NAME_AT_MOST:
        raise BadInput(why="mapping_name")
    path = _path(home, plain)
    if not path.exists() and len(list_names(home)) >= TEXTS_AT_MOST:
        raise BadInput(why="mapping_name")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump({"name": plain, "text": text}, out, ensure_ascii=False)
    Path(temporary).replace(path)
    return plain


def _path(home: Path, name: str) -> Path:
    # A name may be longer than a file system takes, or hold what it does not.
    return home / FOLDER / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"


def _read(path: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found
