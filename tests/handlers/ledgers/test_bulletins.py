"""The 64 public rows: each is imported, or skipped with its reason, and the whole proposal is kept as a
golden file.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from handlers.ledgers.reading import read_ledger
from handlers.ledgers.rows import ItemRow, Reading

DATA = Path(__file__).parents[2] / "data"
GOLDEN = DATA / "public_bulletins.golden.json"
TODAY = dt.date(2026, 6, 15)


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read_ledger(DATA / "public_bulletins.csv", "public_bulletins.csv", today=TODAY)


def plain(value: object) -> object:
    """Dates as text, empty parts left out, so that the golden file shows what is said and no more."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        shown = {str(key): plain(part) for key, part in value.items()}
        return {key: part for key, part in shown.items() if part not in ("", None, False, [], {})}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def find(reading: Reading, part: str) -> ItemRow:
    (row,) = [row for row in reading.rows if part in row.organisation]
    return row


def test_every_one_of_the_64_rows_is_accounted_for(reading: Reading) -> None:
    numbers = [row.row for row in reading.rows] + [one.row for one in reading.not_items]
    assert sorted(numbers) == list(range(2, 66))
    assert reading.refused == ()
    assert Counter(row.kind_hint for row in reading.rows) == {"rectification": 46, "clue": 5}
    assert Counter(one.why for one in reading.not_items) == {"summary": 13}
    assert len({row.digest for row in reading.rows}) == len(reading.rows)


def test_the_proposal_is_the_golden_one(reading: Reading) -> None:
    assert plain(reading) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_reading_twice_gives_the_same_and_a_later_day_changes_no_digest(reading: Reading) -> None:
    again = read_ledger(DATA / "public_bulletins.csv", "b.csv", today=TODAY + dt.timedelta(days=9))
    assert [row.digest for row in again.rows] == [row.digest for row in reading.rows]


def test_the_start_is_the_feedback_day_else_the_publication_day_else_the_import_day(reading: Reading) -> None:
    assert Counter(row.start_basis for row in reading.rows) == {
        "feedback": 23,
        "publication": 8,
        "import": 20,
    }
    assert find(reading, "余家冲").start_on == dt.date(2024, 2, 2)
    assert find(reading, "二七新村").start_on == dt.date(2023, 3, 14)
    assert find(reading, "雒庄").start_on == TODAY
    assert "start_is_import_day" in find(reading, "雒庄").warnings


def test_words_that_no_rule_reads_stay_words(reading: Reading) -> None:
    assert find(reading, "陈庄").due.words == "几天内(春节前)"
    assert find(reading, "陈庄").due.on is None
    assert find(reading, "牛营").due.on is None
    assert find(reading, "雁峰").due.on == dt.date(2024, 10, 2)
