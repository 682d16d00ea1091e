"""A fault of a definition: which rule it breaks, where in the document, and what it spoke of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any


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


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, or ""."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.6)), "")
