"""A county's whole ledger that was half-way when it came in: 1,281 items, as in practice.md (quality.md §2, check 17)."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import date
from typing import Any

from tests.conftest import MakeDatabase
from tests.web.commands.test_imports import (
    CASES,
    EVENTS,
    FIRED,
    LATE,
    NOW,
    OPERATOR,
    OUTBOX,
    bring_in,
    cases,
    cells,
    dump,
    exported,
    make_office,
)
from web import ledger_import
from web.wiring import Office
from workflow.audit import verify
from workflow.casefile import LIVE
from workflow.dates import local_day
from workflow.models import Clock
from workflow.spells import compare_spells
from workflow.store import table_of

ROWS = 1_281
CLOCKS = table_of(Clock)
HEAD = ("编号", "乡镇", "村居", "反馈问题", "整改时限", "完成情况", "反馈时间", "原因分析")
# (status of the old ledger, our state): the shipped map.
STATUSES = (
    ("正在整改", "supervised"),
    ("", "received"),
    ("反弹", "supervised"),
    ("已完成", "rectified"),
    ("已销号", "closed"),
    ("整改不到位", "supervised"),
)
# (day of the feedback, the item's own limit, when it is due): three months, rolled off a day off, unless the ledger says a day.
LIMITS = (
    ("2026-03-02", "", date(2026, 6, 2)),
    ("2026-03-31", "", date(2026, 6, 30)),
    ("2026-02-06", "", date(2026, 5, 6)),
    ("2026-03-20", "", date(2026, 6, 22)),
    ("2026-03-02", "2026年12月31日", date(2026, 12, 31)),
)
# What a spreadsheet would run, or eat.
HARD = ("=1+1", "+86", "-1", "@全体", "'单引号", "007", "0012.50")


def half_way() -> bytes:
    """The ledger as a file."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(HEAD)
    for n in range(ROWS):
        feedback, limit, _due = LIMITS[n % len(LIMITS)]
        village = f"第{n % 37}村"
        writer.writerow(
            (f"{n:05}", "柳河镇", village, f"{HARD[n % 7]}第{n}个问题", limit, STATUSES[n % 6][0], feedback, HARD[n % 7])
        )
    return target.getvalue().encode()


def row_of(case: dict[str, Any]) -> int:
    """The row of the file behind a case: its old number."""
    return int(case["old_number"])


def require_right_clocks(office: Office, items: list[dict[str, Any]]) -> None:
    """The main clock of every open item that was handed over runs from its feedback to its own day, and is asleep."""
    clocks = {(row["case_id"], row["key"]): row for row in dump(office, CLOCKS)}
    for case in items:
        feedback, _limit, due = LIMITS[row_of(case) % len(LIMITS)]
        clock = clocks.get((case["id"], "rectify"))
        if case["state"] in ("supervised", "rectified"):
            assert clock is not None
            assert (clock["started_on"], clock["original_due_on"]) == (date.fromisoformat(feedback), due)
            assert (clock["status"] == "standing") == (case["state"] == "rectified")
        else:
            assert clock is None
    assert {(clock["next_at"], clock["ladder_on"]) for clock in clocks.values()} == {(None, False)}
    assert not [key for key in clocks if key[0] in {case["id"] for case in items if case["final"]}]


def require_flagged_history(office: Office, items: list[dict[str, Any]]) -> None:
    """Each dated column is an event of its own day that says it was taken over; the last event is the import itself."""
    told: dict[int, list[dict[str, Any]]] = {}
    for event in sorted(dump(office, EVENTS), key=lambda row: (row["case_id"], row["seq"])):
        told.setdefault(event["case_id"], []).append(event)
    for case in items:
        *past, imported = told[case["id"]]
        assert imported["verb"] == "imported"
        assert {event["verb"] for event in past} == {"imported_column"}
        assert all(json.loads(event["facts"])["flagged"] for event in past)
        feedback = date.fromisoformat(LIMITS[row_of(case) % len(LIMITS)][0])
        assert feedback in {local_day(event["happened_at"]) for event in past}
        assert {event["recorded_at"] for event in told[case["id"]]} == {NOW}


def test_half_way_rows_come_in_with_right_clocks_and_flagged_history_and_go_in_one_call(
    database_url: str, make_database: MakeDatabase
) -> None:
    """Check 17, and semantics.md §14: out again, it changes nothing here and is the same cell for cell in an empty ledger."""
    office, other = make_office(database_url), make_office(make_database())
    report = bring_in(office, half_way())
    assert (report.rows, report.imported, report.refused, report.skipped) == (ROWS, ROWS, [], [])
    items = cases(office)
    states = [dict(STATUSES)[STATUSES[row_of(case) % 6][0]] for case in items]
    assert [case["state"] for case in items] == states
    assert Counter(case["cycle"] for case in items)[2] == sum(n % 6 in (2, 5) for n in range(ROWS))
    require_right_clocks(office, items)
    require_flagged_history(office, items)
    assert office.database.read(verify).ok
    assert office.engine.tick(LATE).is_empty
    assert (dump(office, FIRED), dump(office, OUTBOX)) == ([], [])

    before = [dump(office, table) for table in (CASES, EVENTS, CLOCKS)]
    sent = exported(office)
    here = bring_in(office, sent)
    assert (here.imported, here.present, here.refused) == (0, ROWS, [])
    assert [dump(office, table) for table in (CASES, EVENTS, CLOCKS)] == before
    assert bring_in(other, sent, county="别的县").imported == ROWS
    assert cells(exported(other)) == cells(sent)
    said = [json.loads(case["data"])["cause"] for case in cases(other)]
    assert Counter(said) == Counter(HARD[n % 7] for n in range(ROWS))

    numbers = [case["number"] for case in items]
    assert ledger_import.withdraw(office, report.import_id or 0, actor=OPERATOR, now=NOW, reason="列错了") == ROWS
    gone = cases(office)
    assert [case["number"] for case in gone] == numbers
    assert {case["withdrawn"] for case in gone} == {True}
    assert len(cells(exported(office))) == 1
    assert [row for row in dump(office, CLOCKS) if row["status"] in LIVE] == []
    assert office.engine.tick(LATE).is_empty
    assert office.database.read(verify).ok
    assert office.database.read(compare_spells) == []
    office.close()
    other.close()
