"""Whether the date that was first set was kept: extensions do not move it, a send-back undoes the report (practice.md §9.1 G7)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from states.errors import BadInput
from tests.factories import MONDAY, County, at
from tests.shipped.walking import Walk
from workflow import migrations
from workflow.occasion import Occasion
from workflow.reads.counts import count_of
from workflow.reads.overview import overview
from workflow.reads.query import Query
from workflow.store import Store

SPRING = MONDAY + timedelta(21)
STOPPED = {"reason": "汛期", "approver": "高建国", "max_days": 30}


def item_of(county: County, **told: str) -> Walk:
    """An item that 东沟村 has signed for, with its proof."""
    told = {"first_check": "county", "immediate": "rectify_now", "period": "default_immediate", **told}
    item = Walk(county, county.supervised_item(at(MONDAY), **told))
    item.prove("zhou", MONDAY, "site_photo")
    return item


def report(item: Walk, on: date) -> None:
    item.press("report_rectified", "zhou", on, result="已整改", progress_label="done")


def close(item: Walk, on: date) -> None:
    item.press("close", "fang", on, ground="completed")


def kept_and_missed(county: County, on: date) -> tuple[int, int]:
    """What the lists say, which is what the overview says."""

    def work(store: Store, occasion: Occasion) -> tuple[int, ...]:
        actor = county.actor("lin")
        listed = tuple(count_of(store, occasion, actor, Query(band="all", promise=told)).n for told in ("kept", "missed"))
        total = overview(store, occasion, actor, Query(band="all")).total
        assert (total.figures["kept"], total.figures["missed"]) == listed
        return listed

    kept, missed = county.engine.read(at(on, 12), work)
    return kept, missed


def test_what_is_reported_in_time_is_kept_once_it_is_closed(county: County) -> None:
    item = item_of(county)
    promised = item.row["promised_on"]
    assert promised == item.row["due_on"] > MONDAY and item.row["reported_on"] is None
    report(item, promised)
    assert item.row["reported_on"] == promised
    assert kept_and_missed(county, promised + timedelta(9)) == (0, 0), "what waits for its check says nothing yet"
    close(item, promised + timedelta(10))
    assert item.row["reported_on"] == promised
    assert kept_and_missed(county, promised + timedelta(10)) == (1, 0)


def test_a_date_that_is_over_is_missed_on_the_next_day_and_stays_missed(county: County) -> None:
    item = item_of(county)
    promised = item.row["promised_on"]
    assert kept_and_missed(county, promised) == (0, 0)
    assert kept_and_missed(county, promised + timedelta(1)) == (0, 1)
    report(item, promised + timedelta(1))
    assert kept_and_missed(county, promised + timedelta(1)) == (0, 1)
    close(item, promised + timedelta(2))
    assert kept_and_missed(county, promised + timedelta(2)) == (0, 1)


def test_a_report_that_is_sent_back_was_none(county: County) -> None:
    item = item_of(county)
    promised = item.row["promised_on"]
    report(item, MONDAY + timedelta(1))
    item.press("send_back", "lin", MONDAY + timedelta(2), send_back_reason="not_done")
    assert (item.row["promised_on"], item.row["reported_on"]) == (promised, None)
    item.prove("zhou", promised + timedelta(3), "site_photo")
    report(item, promised + timedelta(3))
    close(item, promised + timedelta(4))
    assert kept_and_missed(county, promised + timedelta(4)) == (0, 1)


def test_a_date_that_moves_leaves_what_was_promised(county: County) -> None:
    item = item_of(county)
    promised = item.row["promised_on"]
    county.engine.pause(item.id, actor=county.actor("zhao"), now=at(MONDAY + timedelta(1)), **STOPPED)
    county.engine.resume(item.id, actor=county.actor("zhao"), now=at(MONDAY + timedelta(8)), reason="汛期已过")
    assert item.row["due_on"] > promised == item.row["promised_on"]


def test_what_is_void_is_neither(county: County) -> None:
    item = item_of(county)
    late = item.row["promised_on"] + timedelta(5)
    county.engine.void(item.id, actor=county.actor("zhao"), now=at(late), reason="重复登记", approver="高建国")
    assert kept_and_missed(county, late) == (0, 0)


def test_the_migration_finds_again_what_was_promised_and_reported(county: County) -> None:
    closed, waiting, back = item_of(county), item_of(county), item_of(county)
    for item in (closed, waiting, back):
        report(item, MONDAY + timedelta(1))
    back.press("send_back", "lin", MONDAY + timedelta(2), send_back_reason="not_done")
    close(closed, MONDAY + timedelta(3))
    county.open_item(at(MONDAY), title="还没有交办")
    county.engine.tick(at(SPRING))
    before = [(i.row["promised_on"], i.row["reported_on"]) for i in (closed, waiting, back)]
    assert [reported for _promised, reported in before] == [MONDAY + timedelta(1)] * 2 + [None]
    url = county.database.url
    migrations.downgrade(url, "0006")
    migrations.upgrade(url)
    assert [(i.row["promised_on"], i.row["reported_on"]) for i in (closed, waiting, back)] == before


def test_a_promise_is_kept_or_missed_and_nothing_else() -> None:
    with pytest.raises(BadInput):
        Query(promise="perhaps")
