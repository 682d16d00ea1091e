"""How ledgers' columns were read, as kept in the office's home before mappings had versions: read, and no more written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from states.errors import NotFound

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


def _path(home: Path, name: str) -> Path:
    # A name may be longer than a file system takes, or hold what it does not.
    return home / FOLDER / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"


def _read(path: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found
