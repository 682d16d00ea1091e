"""A long ledger whose rows somebody changes with the database's own tools: the outside verifier names each place, and no other."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import load
from tests.drills.scale import size, tell
from web.checkpointing import keep_checkpoints
from web.commands import seed as seeding
from web.wiring import open_office
from workflow import verifier

# A case has six events and as many contents.
CASES, LIVED = size(test=60, drill=165_000), size(test=40, drill=2_000)


def verified(home: Path) -> tuple[int, list[str], dict[str, int], float]:
    """Exit code, what was found, the counts, and how long it took."""
    (public,) = (home / "keys").glob("checkpoint-*.pub")
    asked = [sys.executable, "-I", "-S", verifier.__file__, str(home / "duban.db"), "--key", str(public)]
    began = time.monotonic()
    done = subprocess.run([*asked, "--remembered", str(home.parent / "mount")], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    *found, counts = done.stdout.splitlines()
    return done.returncode, found, json.loads(counts), time.monotonic() - began


def test_every_tampering_with_a_long_ledger_is_named_and_a_clean_one_raises_no_alarm(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeding, "LIVED", LIVED)
    (home.parent / "mount").mkdir()
    office = open_office(load({"DUBAN_HOME": str(home), "DUBAN_CHECKPOINT_FOLDER": str(home.parent / "mount")}))
    try:
        seeding.seed(office, CASES, 7, datetime.now(UTC))
        assert keep_checkpoints(office, datetime.now(UTC)) == {"taken": 1, "carried": 1}
    finally:
        office.close()
    code, found, counts, seconds = verified(home)
    assert (code, found) == (0, [])
    wanted = _tamper(home / "duban.db")
    code, found, _counts, _seconds = verified(home)
    assert code == 1
    named = {(where, kind.split(",")[0]) for where, kind in (line.split(": ") for line in found)}
    assert wanted <= named
    assert {where for where, _kind in named} == {where for where, _kind in wanted}
    tell(
        "a long ledger tampered with, verified from outside",
        f"{counts['events']:,} events of {counts['cases']:,} cases verified in {seconds:.0f} s, no alarm; "
        f"{len(wanted) - 1} tamperings in as many cases, each named",
    )


def _tamper(ledger: Path) -> set[tuple[str, str]]:
    """Changes each of some cases in another way, foreign keys or not; where, and what has to be said of it."""
    with closing(sqlite3.connect(ledger)) as rows:
        long = "SELECT case_id FROM event GROUP BY case_id HAVING count(*) >= 4 ORDER BY case_id LIMIT 7"
        cases = [case_id for (case_id,) in rows.execute(long)]
        edited, emptied, gone, cut, swapped, dated, deleted = cases
        last = f"(SELECT max(seq) FROM event WHERE case_id = {cut})"
        for change in (
            f"UPDATE event SET facts = replace(facts, '\"version\":', '\"version\":1') WHERE case_id = {edited} AND seq = 2",
            f"UPDATE event SET facts = 'null' WHERE case_id = {emptied} AND seq = 2",
            f"DELETE FROM event WHERE case_id = {gone} AND seq = 2",
            f"DELETE FROM event WHERE case_id = {cut} AND seq = {last}",
            f"UPDATE content SET body = (SELECT body FROM content WHERE case_id = {swapped} AND seq = 1)"
            f" WHERE case_id = {swapped} AND seq = 2",
            f"UPDATE event SET happened_at = '2020-01-01T00:00:00.000000Z' WHERE case_id = {dated} AND seq = 2",
            f"DELETE FROM event WHERE case_id = {deleted}",
            f"DELETE FROM cases WHERE id = {deleted}",
        ):
            rows.execute(change)
        rows.commit()
    kinds = {edited: "hash", emptied: "hash", gone: "gap", cut: "cut", swapped: "content", dated: "columns", deleted: "deleted"}
    return {(f"case {case_id}", kind) for case_id, kind in kinds.items()} | {("ledger", "count")}
