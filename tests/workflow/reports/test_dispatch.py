"""The dispatch sheets: each number is that of the rows behind it, for whoever reads, of any period that is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from states.errors import BadInput
from tests.copies import Copies
from tests.factories import MONDAY, WHY_LATER, County, at, make_county
from tests.workflow.reads.scenes import Scene
from tests.workflow.reports.conftest import CLOSED_ON
from workflow.occasion import Occasion
from workflow.reads.counts import count_of
from workflow.reads.query import Query
from workflow.reads.townships import Line
from workflow.reports import dispatch
from workflow.reports.dispatch import AT_LEAST, AT_MOST, LONGEST, Sheet, places_of
from workflow.reports.periods import (
    Period,
    after,
    before,
    half_month_of,
    last_over,
    month_of,
    over,
    quarter_of,
    ten_days_of,
    week_of,
)
from workflow.reports.registry import REPORTS
from workflow.reports.shape import CaseRef, Cell, Late, Number, Report, Section, Share
from workflow.store import Store

SUMMER, SPRING = MONDAY + timedelta(120), MONDAY + timedelta(22)
READERS = (("machine", SUMMER), ("lin", SPRING), ("he", SUMMER), ("chen", SUMMER), ("han", SUMMER))
ITEMS, TALKS = Query(("rectification",), band="all"), Query(("interview",))


def sheet_of(name: str, last: Period | None = None, today: date = SUMMER) -> Sheet:
    """The sheet of the last period that is over."""
    rhythm = REPORTS[name].rhythm
    return Sheet(ITEMS, rhythm, last or last_over(rhythm, today), TALKS, "held_on")


def section(report: Report, key: str) -> Section:
    """The section with a key."""
    return next(one for one in report.sections if one.key == key)


@pytest.mark.parametrize("name", REPORTS)
def test_every_number_is_that_of_its_rows(scene: Scene, name: str) -> None:
    def work(store: Store, occasion: Occasion) -> None:
        for login, on in READERS:
            actor = scene.actor(login)
            report = REPORTS[name].make(store, occasion, actor, sheet_of(name, today=on))
            require_rows(report, lambda query, actor=actor: count_of(store, occasion, actor, query).n)

    scene.read(work)


def require_rows(report: Report, rows: Callable[[Query], int]) -> None:
    """Each number of the report is that of its rows."""
    for cell in report.cells:
        if isinstance(cell, Number):
            assert cell.n == rows(cell.query), cell
        if isinstance(cell, Share):
            part, rest = rows(cell.part), rows(cell.rest)
            assert cell.percent == (round(part * 100 / (part + rest), 1) if part + rest else None), cell


def test_each_figure_stands_beside_what_it_was_a_period_earlier(scene: Scene) -> None:
    sheet = sheet_of("week", week_of(MONDAY))
    now: Report = scene.look("lin", REPORTS["week"].make, sheet)
    then: Report = scene.look("lin", REPORTS["week"].make, replace(sheet, period=before(week_of, sheet.period)))
    told, earlier = (section(report, "whole").rows[0] for report in (now, then))
    assert [cell.before for cell in told if isinstance(cell, Number)] == [
        cell.n for cell in earlier if isinstance(cell, Number)
    ]
    assert [cell.n for cell in told if isinstance(cell, Number)][:2] == [7, 8]


def test_what_was_closed_without_work_is_closed_out_of_no_week(scene: Scene) -> None:
    week_of_void: Report = scene.look("lin", REPORTS["week"].make, sheet_of("week", week_of(MONDAY)))
    week_of_close: Report = scene.look("lin", REPORTS["week"].make, sheet_of("week", week_of(CLOSED_ON)))
    closed = [section(report, "whole").rows[0][2] for report in (week_of_void, week_of_close)]
    assert [cell.n for cell in closed if isinstance(cell, Number)] == [0, 1]


def test_the_latest_stand_first_and_all_of_them_are_told(scene: Scene) -> None:
    report: Report = scene.look("lin", REPORTS["week"].make, sheet_of("week"))
    longest = section(report, "longest")
    days = [cell.days for row in longest.rows for cell in row if isinstance(cell, Late)]
    assert days == sorted(days, reverse=True) and 0 < len(days) <= LONGEST
    assert longest.whole is not None and longest.whole.n == len(days)


def test_what_falls_due_in_the_period_after_is_listed_with_its_day(scene: Scene) -> None:
    fortnight = Period(MONDAY - timedelta(14), MONDAY + timedelta(1))
    sheet = replace(sheet_of("week", fortnight), rhythm=until_next_year)
    due = section(scene.look("lin", REPORTS["week"].make, sheet), "falling_due")
    assert due.rows and all(isinstance(row[-1], date) for row in due.rows)
    assert due.whole is not None and len(due.rows) == min(due.whole.n, AT_MOST)


def test_rows_that_one_section_leaves_empty_are_for_another(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = replace(sheet_of("week", Period(MONDAY - timedelta(14), MONDAY + timedelta(1))), rhythm=until_next_year)

    def rows_of(*keys: str) -> int:
        report: Report = scene.look("lin", REPORTS["week"].make, sheet)
        return sum(len(section(report, key).rows) for key in keys)

    assert rows_of("longest") < LONGEST and rows_of("talks") == 0
    monkeypatch.setattr(dispatch, "ROWS", rows_of("townships", "longest") + AT_LEAST + 2)
    assert rows_of("falling_due") == AT_LEAST + 2
    monkeypatch.setattr(dispatch, "ROWS", 0)
    assert rows_of("falling_due") == AT_LEAST


def until_next_year(on: date) -> Period:
    """A period that all limits fall in."""
    return Period(on, on + timedelta(400))


def test_an_old_week_tells_the_limit_of_that_week_though_it_was_moved_since(copies: Copies) -> None:
    county = copies.of(make_county)
    case_id = county.supervised_item(at(MONDAY))
    sheet, due_on = sheet_of("week", week_of(date(2026, 5, 31))), date(2026, 6, 2)

    def told() -> list[tuple[Cell, Cell]]:
        report = county.engine.read(at(SUMMER), lambda *read: REPORTS["week"].make(*read, county.actor("lin"), sheet))
        return [(row[1], row[-1]) for row in section(report, "falling_due").rows]

    before_it_moved = told()
    extend(county, case_id, date(2026, 6, 1), until=date(2026, 6, 30))
    assert told() == before_it_moved
    assert [day for _case, day in told()] == [due_on]


def extend(county: County, case_id: int, on: date, until: date) -> None:
    """The village asks for a later date, its township agrees and the office grants it."""
    asked = {"clock": "rectify", "wanted_on": until, "reason": "雨季", "data": WHY_LATER}
    county.engine.ask_extension(case_id, actor=county.actor("zhou"), now=at(on, 9), **asked)
    county.fire(case_id, "advise_extension", "chen", at(on, 10), extension_opinion="agreed")
    granted = {"clock": "rectify", "granted": True, "reason": "同意"}
    county.engine.decide_extension(case_id, actor=county.actor("zhao"), now=at(on, 11), **granted)


def test_nobody_finds_a_case_on_the_sheet_that_he_does_not_see(scene: Scene) -> None:
    seen = {login: scene.look(login, REPORTS["week"].make, sheet_of("week")) for login in ("lin", "he", "han")}
    cases = {login: {cell.case_id for cell in report.cells if isinstance(cell, CaseRef)} for login, report in seen.items()}
    assert scene.ids["doing"] in cases["lin"] & cases["he"]
    assert scene.ids["elsewhere"] in cases["lin"] and scene.ids["elsewhere"] not in cases["he"]
    assert scene.ids["doing"] not in cases["han"]


def test_clues_stand_on_no_sheet_of_items(scene: Scene) -> None:
    report: Report = scene.look("machine", REPORTS["week"].make, sheet_of("week"))
    queries = [cell.query for cell in report.cells if isinstance(cell, Number)]
    assert {kind for query in queries for kind in query.kinds} == {"rectification", "interview"}


def line(area: int, closed: int, still_open: int, kept: int = 0, missed: int = 0) -> Line:
    """A township with these figures."""
    return Line(area, "", {"closed_counted": closed, "open": still_open, "kept": kept, "missed": missed})


def test_places_go_by_the_close_out_rate_then_by_promises_and_equals_share_one() -> None:
    lines = (line(1, 1, 3), line(2, 1, 1, 1, 1), line(3, 1, 1, 1, 0), line(4, 1, 3), line(5, 0, 0), line(0, 9, 0))
    assert places_of(lines) == {3: 1, 2: 2, 1: 3, 4: 3}
    assert places_of((line(1, 1, 3), line(5, 0, 0))) == {}


def test_a_month_has_two_halves_and_a_week_ends_on_sunday() -> None:
    assert half_month_of(date(2026, 2, 15)) == Period(date(2026, 2, 1), date(2026, 2, 15))
    assert half_month_of(date(2026, 2, 16)) == Period(date(2026, 2, 16), date(2026, 2, 28))
    assert after(half_month_of, half_month_of(date(2026, 12, 31))) == Period(date(2027, 1, 1), date(2027, 1, 15))
    assert before(half_month_of, half_month_of(date(2026, 3, 1))).first == date(2026, 2, 16)
    assert week_of(date(2026, 11, 29)) == Period(date(2026, 11, 23), date(2026, 11, 29))


def test_a_month_has_three_tens_of_days_and_a_year_four_quarters() -> None:
    days = [ten_days_of(date(2028, 2, day)) for day in (10, 11, 20, 21)]
    assert [(period.first.day, period.last.day) for period in days] == [(1, 10), (11, 20), (11, 20), (21, 29)]
    assert month_of(date(2026, 12, 31)) == Period(date(2026, 12, 1), date(2026, 12, 31))
    assert [quarter_of(date(2026, month, 28)).first.month for month in (1, 3, 4, 9, 12)] == [1, 1, 4, 7, 10]
    assert quarter_of(date(2026, 4, 1)).last == date(2026, 6, 30)
    for rhythm in REPORTS.values():
        period = rhythm.rhythm(date(2026, 11, 29))
        assert rhythm.rhythm(period.first) == rhythm.rhythm(period.last) == period
        assert after(rhythm.rhythm, period).first == period.last + timedelta(1)
        assert before(rhythm.rhythm, period).last == period.first - timedelta(1)


def test_a_period_that_is_not_over_has_no_sheet() -> None:
    monday = date(2026, 11, 30)
    assert last_over(week_of, monday) == over(week_of, date(2026, 11, 25), monday) == week_of(date(2026, 11, 29))
    for on in (monday, monday + timedelta(700), date.max, date.min):
        with pytest.raises(BadInput):
            over(week_of, on, monday)
