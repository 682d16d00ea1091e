"""Canonical JSON and clean text: hashes are over stored bytes, so there is one way to write a value down."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from workflow.models.columns import time_to_text


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return time_to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"not JSON: {type(value).__name__}")


# One encoder for all: making one costs more than most of the texts it writes.
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no blanks, Chinese as itself, times and days as text."""
    return _encode(value)


def digest(*parts: str) -> str:
    """SHA-256 over the parts, hex: for what is found again by it. What proves something is of `digests`."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
