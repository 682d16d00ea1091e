"""Places outside the database where checkpoints are kept: a folder on another mount, a witness, a time-stamping authority.

A place gets one checkpoint at a time, the oldest first, and says what it gave for it; until it has it, None. Some also take the
rows of histories and of the trail, which come in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class PlaceRefused(Exception):
    """The place has another checkpoint under this number, or answers what cannot be."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A checkpoint on its way out, or a shipment of rows (its `folder` is "rows"), with the name of its file at every place."""

    origin: str
    number: int
    document: Mapping[str, Any]
    folder: str = ""

    @property
    def name(self) -> str:
        """The same at every place, and in the order in which they were taken."""
        return f"{self.origin}-{self.number:06}"

    @property
    def text(self) -> bytes:
        """Note and list, to the letter."""
        return _written(self.document)

    @property
    def note(self) -> bytes:
        """The signed note alone."""
        return _written({name: value for name, value in self.document.items() if name != "listed"})


def _written(document: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}\n".encode()


class Place(Protocol):
    """Where checkpoints are kept."""

    @property
    def name(self) -> str:
        """The word that stands in the database for it."""
        ...

    @property
    def takes_rows(self) -> bool:
        """Is it given the rows, too?"""
        ...

    def put(self, sent: Sent) -> str | None:
        """What the place gave for it ("" for nothing), None while it is not there yet. PlaceRefused or OSError."""
        ...
