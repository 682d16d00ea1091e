"""The scheduler takes up every run that is not over, whoever began it and whoever was killed over it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from config.settings import load
from tests import hours
from tests.factories import County
from tests.workflow.looking import rows_of
from web.commands.scheduler import jobs_of
from web.wiring import Office
from workflow.dates import local_day
from workflow.heartbeat import Heartbeat
from workflow.models import BulkRun, Event, Sweep
from workflow.verbs.bulk import Wish

NOW = hours.now()


def sent(county: County, title: str) -> int:
    """An item that waits for its village to sign."""
    began = NOW - timedelta(minutes=5)
    case_id = county.open_item(began, title=title, feedback_on=local_day(began).isoformat())
    county.hand_over(case_id, began)
    return case_id


def test_a_run_that_nobody_works_at_is_done_by_the_next_ring(county: County, home: Path) -> None:
    ids = [sent(county, f"第{n}项") for n in range(4)]
    for login in ("lin", "song"):
        wish = Wish("remind", {"remind_by": "sheet"})
        county.engine.begin_run(wish, lambda _store, _occasion: ids, actor=county.actor(login), now=NOW)
    office = Office(load({"DUBAN_HOME": str(home), "DUBAN_CEILING": "3"}), county.database, county.engine)
    Heartbeat(county.database, jobs_of(office)).ring("bulk")
    assert all(row["finished_at"] for row in rows_of(county, BulkRun))
    assert len(rows_of(county, Event, trigger="remind")) == 8
    assert [row["result"] for row in rows_of(county, Sweep, job="bulk")] == [
        '{"current":0,"disposed":0,"listed":0,"settled":8}'
    ]


def test_no_grant_reaches_above_the_installations_own_ceiling(county: County) -> None:
    case_id = sent(county, "公开栏")
    county.engine.begin_run(
        Wish("remind", {"remind_by": "sheet"}), lambda _store, _occasion: [case_id], actor=county.actor("song"), now=NOW
    )
    assert county.engine.work_runs(NOW, ceiling=-1) == 1
    assert rows_of(county, Event, trigger="remind") == []
