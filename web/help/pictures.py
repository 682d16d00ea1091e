"""The pictures of the guides, in each language: how large each is, so that a page stands still while they load."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

from states.definition import Language

FOLDER = Path(__file__).resolve().parent.parent / "static" / "help"


@cache
def size_of(language: Language, name: str) -> tuple[int, int]:
    """Width and height in pixels, as the head of the PNG says."""
    with (FOLDER / language / f"{name}.png").open("rb") as file:
        width, height = struct.unpack(">II", file.read(24)[16:])
    return width, height
