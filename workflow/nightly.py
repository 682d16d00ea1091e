"""The night's checks: organisation rules, “should have escalated” against “did”, list = count = page, spells = history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow import audit
from workflow.engine import Engine
from workflow.models import Note
from workflow.store import Store
from workflow.text import canonical


def check_night(engine: Engine, now: datetime) -> Mapping[str, Any]:
    """Runs every check; what was found stands as notes on the health page. Counts by check."""
    acted = engine.look_at_rules(now)
    found = engine.read(now, lambda store, occasion: audit.check_all(store, occasion))
    faults = [(check, fault) for check, told in found.items() for fault in told]
    if faults:
        engine.database.write(lambda store: _remember(store, faults, now))
    return {"rules": acted, **{check: len(told) for check, told in found.items()}}


def _remember(store: Store, faults: list[tuple[str, Any]], now: datetime) -> None:
    rows = [{"at": now, "kind": "self_check", "body": canonical({"check": check, "fault": fault})} for check, fault in faults]
    store.insert(Note, rows)
