"""A fault of a definition: which rule it breaks, where in the document, and what it spoke of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `id` is stable (snake_case), `pointer` a JSON pointer into the document, `params` what a sentence needs.

    The sentences, in two languages, are in `states/checks/sentences.py`.
    """

    id: str
    pointer: str
    params: Mapping[str, Any] = field(default_factory=dict)


def pointer_of(*parts: str | int) -> str:
    """The JSON pointer (RFC 6901) of a path; "" is the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def path_of(pointer: str) -> Path:
    """The parts of a JSON pointer; what is a number is a place in a list."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return tuple(int(part) if part.isascii() and part.isdigit() and len(part) < 6 else part for part in parts)


def find_at(document: Any, path: Path) -> Any:
    """What stands at a path of a plain document, or None."""
    for part in path:
        if isinstance(document, Mapping):
            document = document.get(part)
        elif isinstance(document, list) and isinstance(part, int) and part < len(document):
            document = document[part]
        else:
            return None
    return document


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, or ""."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.6)), "")
