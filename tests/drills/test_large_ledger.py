"""A long synthetic ledger: seeded, swept, audited, and still read a page at a time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import load
from tests.drills.scale import size, tell
from web.commands import seed as seeding
from web.wiring import Office, open_office
from workflow.audit import verify
from workflow.reads.counts import counts
from workflow.reads.ledger import page
from workflow.reads.query import Query
from workflow.types import MACHINE

CASES, LIVED = size(test=300, drill=100_000), size(test=100, drill=2_000)


def test_a_long_ledger_is_swept_to_the_end_verifies_and_opens_on_its_first_page(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeding, "LIVED", LIVED)
    office = open_office(load({"DUBAN_HOME": str(home)}))
    try:
        told = seeding.seed(office, CASES, 7, datetime.now(UTC))
        assert told["cases"] == CASES
        _sweep_and_read(office, told["per_minute"])
    finally:
        office.close()


def _sweep_and_read(office: Office, per_minute: int) -> None:
    began = time.monotonic()
    swept = office.engine.tick(datetime.now(UTC))
    sweeping = time.monotonic() - began
    assert not swept.postponed
    assert office.engine.tick(datetime.now(UTC)).is_empty
    began = time.monotonic()
    verdict = office.database.read(verify)
    auditing = time.monotonic() - began
    assert verdict.ok, verdict.faults
    began = time.monotonic()
    found = office.engine.read(datetime.now(UTC), lambda store, occasion: page(store, occasion, MACHINE, Query()))
    told = office.engine.read(datetime.now(UTC), lambda store, occasion: counts(store, occasion, MACHINE, Query()))
    reading = time.monotonic() - began
    assert len(found.rows) == 50 and told.open.n > 0
    tell(
        "a long synthetic ledger, swept and audited",
        f"{CASES:,} cases at {per_minute:,} a minute; {len(swept.fired):,} rungs in {sweeping:.0f} s; "
        f"{verdict.events:,} events verified in {auditing:.0f} s; first page with its counts {reading * 1000:.0f} ms",
    )
