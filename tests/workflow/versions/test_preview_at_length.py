"""A preview of a long ledger: walked by the ids of its open cases, counted by lines that say the same."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from tests.factories import at
from tests.workflow.versions.conftest import NOW, TODAY, Office
from tests.workflow.versions.test_changing_a_running_kind import two_months
from workflow.desk import Desk
from workflow.statements import Prepared
from workflow.store import Store
from workflow.versions import preview
from workflow.versions.plan import Plan

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


def test_two_who_look_at_one_preview_write_each_line_once(office: Office) -> None:
    county, admin = office.county, office.admin()
    case_id, draft_id = county.supervised_item(at(TODAY)), office.draft(two_months)
    impact_id = county.engine.administer(
        lambda desk: preview.begin(desk.store, desk.occasion, draft_id, Plan(), admin), actor=admin, now=NOW
    )
    written, go_on, done = threading.Event(), threading.Event(), list[int]()

    def look(desk: Desk) -> int:
        lines = preview.work(desk.store, desk.occasion, impact_id)
        written.set()
        assert go_on.wait(60)
        return lines

    def be_one() -> None:
        done.append(county.engine.administer(look, actor=admin, now=NOW))

    first, second = threading.Thread(target=be_one), threading.Thread(target=be_one)
    first.start()
    assert written.wait(60)
    second.start()
    while second.is_alive() and not county.database.read(_is_somebody_held):
        pass  # until the second stands behind the first
    go_on.set()
    first.join()
    second.join()
    assert sorted(done) == [0, 1]
    assert list(office.lines({"id": impact_id})) == [case_id]


def _is_somebody_held(store: Store) -> bool:
    """Does somebody wait for a lock of this database? SQLite's writers stand in one row anyway."""
    if store.dialect == "sqlite":
        return True
    held = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return store.connection.exec_driver_sql(held).first() is not None
