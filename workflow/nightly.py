"""The night's checks: organisation rules, and whether the history still adds up; what is found stands on the health page."""

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
    """Runs every check; the counts of what acted and of what was found."""
    acted = engine.look_at_rules(now)
    verdict = engine.database.read(audit.verify)
    if verdict.faults:
        engine.database.write(lambda store: _remember(store, verdict.faults, now))
    return {"rules": acted, "audit": len(verdict.faults)}


def _remember(store: Store, faults: tuple[audit.Fault, ...], now: datetime) -> None:
    rows = [{"at": now, "kind": "self_check", "body": canonical(fault._asdict())} for fault in faults]
    store.insert(Note, rows)
