"""A large synthetic ledger: seeded, swept, audited; what it took is printed for docs/drills.md."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import load
from web.commands.seed import seed
from web.wiring import open_office
from workflow.audit import verify

CASES = 20_000


def test_a_seeded_ledger_of_twenty_thousand_cases_is_swept_and_verifies(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    office = open_office(load({"DUBAN_HOME": str(home)}))
    try:
        told = seed(office, CASES, 7, datetime.now(UTC))
        began = time.monotonic()
        swept = office.engine.tick(datetime.now(UTC))
        seconds = time.monotonic() - began
        verdict = office.database.read(verify)
        assert verdict.ok, verdict.faults
        assert not swept.postponed
        with capsys.disabled():
            print(
                f"\n{told['per_minute']} cases a minute; {len(swept.fired)} rungs in {seconds:.1f} s; {verdict.events} events"
            )
    finally:
        office.close()
