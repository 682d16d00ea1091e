"""The words that ship for everything that belongs to no kind of case (`vocabulary.yaml`), read once per process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from config.documents import parse

VOCABULARY = "vocabulary.yaml"


@cache
def load_vocabulary() -> Mapping[str, Any]:
    """The shipped vocabulary as plain data; callers do not change it."""
    text = (Path(__file__).parent / VOCABULARY).read_text(encoding="utf-8")
    document: Mapping[str, Any] = parse(text, name=VOCABULARY).data
    return document
