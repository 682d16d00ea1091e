"""The State Council's calendars that ship: one file a year, as plain data."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def shipped_calendars() -> tuple[dict[str, Any], ...]:
    """Each year's document: {year, published, holidays: {name: [date]}, makeups: {name: [date]}}, oldest first."""
    files = sorted(Path(__file__).parent.glob("*.yaml"))
    return tuple(yaml.safe_load(file.read_text(encoding="utf-8")) for file in files)
