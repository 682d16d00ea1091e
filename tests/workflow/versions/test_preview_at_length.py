"""A preview of a long ledger: walked by the ids of its open cases, counted by lines that say the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.factories import at
from tests.workflow.versions.conftest import TODAY, Office
from tests.workflow.versions.test_changing_a_running_kind import two_months
from workflow.statements import Prepared
from workflow.store import Store
from workflow.versions import preview

RANGE = {"kind": "rectification", "first": 1, "last": 1_000}
WALKS = ((preview.NEXT_CASES, {"kind": "rectification", "after": 0, "limit": 1_000}), (preview.CLOCKS, RANGE))


def plan_of(store: Store, asked: Prepared, values: dict[str, Any]) -> str:
    """How the database would answer, in its own words."""
    if store.dialect == "postgresql":
        store.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # which a ledger of one page would be read by
    explain = "EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN "
    found = store.connection.exec_driver_sql(explain + asked.text(store.dialect)[0], dict(asked.bind(store.dialect, values)))
    return "\n".join(str(row) for row in found)


@pytest.mark.parametrize(("asked", "values"), WALKS, ids=("cases", "clocks"))
def test_a_batch_is_one_range_of_the_open_cases_and_nothing_is_sorted(
    office: Office, asked: Prepared, values: dict[str, Any]
) -> None:
    told = office.county.database.read(lambda store: plan_of(store, asked, values))
    assert "ix_cases_open" in told
    assert "ORDER BY" not in told and "Sort" not in told


def test_lines_that_say_the_same_count_each(office: Office) -> None:
    for _ in range(3):
        office.county.supervised_item(at(TODAY), feedback_on=TODAY.isoformat())
    impact = office.preview(office.draft(two_months), clocks={"rectify": "carry"})
    counts = json.loads(impact["counts"])
    assert (counts["moves"], counts["dated"]) == (3, 3)
    towns = office.county.database.read(lambda store: preview.by_township(store, impact["id"]))
    assert [(town["moves"], town["dated"]) for town in towns.values()] == [(3, 3)]
