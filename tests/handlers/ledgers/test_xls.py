"""A ledger in the old Excel format reads like any other: head of two rows, merged cells, dates, totals."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from handlers.ledgers.reading import read_ledger
from handlers.ledgers.rows import Reading

FILE = Path(__file__).parents[2] / "data" / "small_ledger.xls"


@pytest.fixture(scope="module")
def reading() -> Reading:
    """The file as it was read."""
    return read_ledger(FILE, "整改台账.xls", today=dt.date(2026, 3, 10))


def test_every_column_is_known_by_its_heading(reading: Reading) -> None:
    assert dict(reading.mapping.columns) == {
        "序号": "sequence",
        "乡镇": "township",
        "村": "village",
        "问题/问题类别": "category",
        "问题/反馈问题": "problem",
        "责任单位": "unit",
        "整改时限": "due",
        "整改状态": "status",
        "反馈时间": "feedback_on",
    }


def test_a_merged_township_counts_for_each_of_its_villages(reading: Reading) -> None:
    places = [(row.subject.township, row.subject.village) for row in reading.rows]
    assert places == [("柳河镇", "东沟村"), ("柳河镇", "西头村"), ("青石镇", "石门村")]


def test_days_are_read_from_cells_and_from_words(reading: Reading) -> None:
    assert [row.due and row.due.on for row in reading.rows] == [
        dt.date(2026, 6, 30),
        dt.date(2026, 3, 9),
        dt.date(2026, 12, 31),
    ]
    assert {row.start_on for row in reading.rows} == {dt.date(2026, 3, 2)}


def test_title_and_total_are_no_items(reading: Reading) -> None:
    assert [(one.row, one.why) for one in reading.not_items] == [(1, "title"), (2, "title"), (8, "subtotal")]
    assert reading.refused == ()
