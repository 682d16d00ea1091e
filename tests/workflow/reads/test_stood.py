"""The ledger of a past day: limits, colours and facts of that day, and lateness by the limit, whenever the sweep ran."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories import MONDAY, County, at
from tests.shipped.walking import Walk
from workflow.former import compare_former
from workflow.reads.counts import count_of, counts
from workflow.reads.groups import group_by
from workflow.reads.ledger import Page, page, page_before
from workflow.reads.query import Query
from workflow.reads.rows import LedgerRow
from workflow.reads.townships import township_lines
from workflow.reads.whole_rows import whole_rows

LATER = MONDAY + timedelta(400)


@pytest.fixture
def item(county: County) -> int:
    """An item under rectification; nothing has ticked since."""
    return county.supervised_item(at(MONDAY), urgency="light")


def look(county: County, read: Any, query: Query, *told: Any, on: date = LATER, **named: Any) -> Any:
    """What 林静 reads on a later day."""
    actor = county.actor("lin", MONDAY)
    return county.engine.read(at(on), lambda store, occasion: read(store, occasion, actor, query, *told, **named))


def row_on(county: County, day: date, **more: Any) -> LedgerRow:
    """The one row of a past day."""
    (found,) = look(county, page, Query(kinds=("rectification",), band="all", as_of=day, **more)).rows
    assert isinstance(found, LedgerRow)
    return found


def due_of(county: County) -> date:
    """The limit as it is on the first day."""
    due_on = row_on(county, MONDAY).due_on
    assert due_on is not None
    return due_on


def test_a_day_is_late_by_its_limit_however_long_the_sweep_was_off(county: County, item: int) -> None:
    due_on = due_of(county)
    county.engine.tick(at(due_on + timedelta(20)))
    for days, is_late in ((0, False), (1, True), (5, True), (19, True)):
        day = due_on + timedelta(days)
        row = row_on(county, day)
        assert (row.badge == "late", row.days_late, row.due_on) == (is_late, days, due_on), days
        told = look(county, counts, Query(kinds=("rectification",), as_of=day))
        assert told.late.n == told.late_1_10.n + told.late_11_30.n == int(is_late)
        assert look(county, count_of, Query(kinds=("rectification",), band="late", as_of=day)).n == int(is_late)
    assert look(county, counts, Query(kinds=("rectification",), as_of=due_on + timedelta(10))).late_1_10.n == 1
    assert look(county, counts, Query(kinds=("rectification",), as_of=due_on + timedelta(11))).late_11_30.n == 1
    assert [door.figure.n for door in look(county, counts, Query(as_of=due_on + timedelta(5))).late_by_holder] == [1]


def test_a_clock_that_is_stopped_makes_no_past_day_late(county: County, item: int) -> None:
    due_on = due_of(county)
    stopped = due_on - timedelta(3)
    pause(county, item, stopped)
    assert row_on(county, due_on + timedelta(5)).badge == "paused"
    assert look(county, count_of, Query(kinds=("rectification",), band="late", as_of=due_on + timedelta(5))).n == 0


def pause(county: County, item: int, on: date) -> None:
    """The office stops the clock of the item."""
    county.engine.pause(item, actor=county.actor("zhao", MONDAY), now=at(on), reason="防汛", approver="高建国", max_days=60)


def test_the_limit_and_the_colour_are_those_of_the_day_in_rows_filters_groups_and_exports(county: County, item: int) -> None:
    due_on = due_of(county)
    day = MONDAY
    while day <= due_on + timedelta(1):
        county.engine.tick(at(day))
        day += timedelta(1)
    late = row_on(county, due_on + timedelta(1))
    assert (row_on(county, MONDAY).colour, late.colour) == ("", "red")
    for colour, then in (("", MONDAY), ("red", due_on + timedelta(1))):
        query = Query(kinds=("rectification",), band="all", as_of=then)
        assert [g.key or "" for g in look(county, group_by, query, "colour")] == [colour]
    red = Query(kinds=("rectification",), band="all", colours=("red",), as_of=MONDAY)
    assert look(county, page, red).rows == () and look(county, count_of, red).n == 0
    within = Query(kinds=("rectification",), due_from=due_on, due_to=due_on, as_of=MONDAY)
    assert look(county, count_of, within).n == len(look(county, page, within).rows) == 1
    beyond = Query(kinds=("rectification",), due_from=due_on + timedelta(1), as_of=MONDAY)
    assert look(county, count_of, beyond).n == 0
    (exported,) = look(county, lambda *told: list(whole_rows(*told)), within)
    assert exported.due_on == due_on


def test_what_was_entered_is_shown_as_it_stood(county: County, item: int) -> None:
    lin, later = county.actor("lin", MONDAY), MONDAY + timedelta(10)
    county.engine.amend(item, actor=lin, now=at(later), data={"urgency": "urgent"}, reason="上级批示")
    assert row_on(county, later - timedelta(1)).facts["urgency"] == "light"
    assert row_on(county, later).facts["urgency"] == "urgent"
    assert row_on(county, later - timedelta(1)).changed_at < at(later) == row_on(county, later).changed_at


def test_a_past_day_is_ordered_and_turned_by_its_own_limits(county: County) -> None:
    ids = [county.supervised_item(at(MONDAY + timedelta(n)), title=f"第{n}项") for n in range(5)]
    query = Query(kinds=("rectification",), band="open", as_of=MONDAY + timedelta(6))
    whole = [row.id for row in look(county, page, query).rows]
    dues = [row.due_on for row in look(county, page, query).rows]
    assert whole == ids and dues == sorted(dues)
    pages: list[Page] = [look(county, page, query, limit=2)]
    while pages[-1].next_cursor:
        pages.append(look(county, page, query, after=pages[-1].next_cursor, limit=2))
    assert [row.id for one in pages for row in one.rows] == whole
    back = look(county, page_before, query, before=pages[-1].previous_cursor, limit=2)
    assert [row.id for row in back.rows] == whole[2:4]


def test_the_ground_of_a_past_day_is_the_one_of_then_in_the_rate_the_figures_and_the_filters(county: County) -> None:
    days = [MONDAY + timedelta(n) for n in range(7)]
    facts = {"first_check": "county", "immediate": "rectify_now", "period": "default_immediate"}
    item = Walk(county, county.supervised_item(at(days[0]), **facts))
    item.prove("zhou", days[1], "site_photo")
    item.press("report_rectified", "zhou", days[1], result="已整改", progress_label="done")
    item.press("close", "fang", days[2], ground="completed")
    item.press("reopen", "zhao", days[4], new_due_on=(days[4] + timedelta(30)).isoformat())
    item.press("conclude", "zhao", days[6], ground="merged")
    for on, closed, counted in ((days[1], 0, 0), (days[2], 1, 1), (days[3], 1, 1), (days[5], 0, 0), (days[6], 1, 0)):
        of_day = Query(kinds=("rectification",), band="all", as_of=on)
        told = look(county, counts, of_day)
        assert (told.closed.n, told.closed_counted.n) == (closed, counted), on
        assert told.close_out_rate == (100.0 if counted else None if closed else 0.0), on
        for is_counted in (True, False):
            found = look(county, count_of, replace(of_day, counted=is_counted)).n
            assert found == (counted if is_counted else closed - counted), (on, is_counted)
        _lines, total = look(county, township_lines, of_day)
        assert total.figures["closed_counted"] == counted
    assert county.engine.read(at(LATER), lambda store, occasion: compare_former(store, occasion.catalogue)) == []
