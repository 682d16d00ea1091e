"""The overview: every number is that of the rows behind it, for whoever looks, and the parts add up to the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.copies import Copies
from tests.factories import MONDAY
from tests.workflow.reads.scenes import LOGINS, Scene, make_busy
from workflow.occasion import Occasion
from workflow.reads.counts import count_of
from workflow.reads.overview import AGES, WEEKS, Overview, first_monday, overview
from workflow.reads.query import NO_TOWNSHIP, Query
from workflow.store import Store

ALL = Query(band="all")
BANDS = {
    "open": {"band": "open"},
    "late": {"band": "late"},
    "late_1_10": {"band": "late", "late_for": "1-10"},
    "late_11_30": {"band": "late", "late_for": "11-30"},
    "late_over_30": {"band": "late", "late_for": "30+"},
    "soon": {"band": "soon"},
    "to_sign": {"band": "to_sign"},
    "doing": {"band": "doing"},
    "waiting_check": {"band": "waiting_check"},
    "closed": {"band": "closed"},
    "kept": {"band": "all", "promise": "kept"},
    "missed": {"band": "all", "promise": "missed"},
}


@pytest.fixture
def late_scene(copies: Copies) -> Scene:
    """The scene in the summer, when much is late, by days, weeks and months."""
    return copies.of(make_late)


def make_late(url: str) -> Scene:
    """That scene in a migrated database."""
    made = make_busy(url)
    made.tick(MONDAY + timedelta(120))
    return made


@pytest.mark.parametrize("login", ["machine", *LOGINS])
def test_every_figure_is_the_number_of_its_rows(late_scene: Scene, login: str) -> None:
    actor = late_scene.actor(login)

    def work(store: Store, occasion: Occasion) -> None:
        def rows(**filters: object) -> int:
            return count_of(store, occasion, actor, replace(Query(), **filters)).n

        seen = overview(store, occasion, actor, ALL)
        for line in (seen.total, *seen.lines):
            area = {} if line.area_id is None else {"area_id": line.area_id}
            for name, filters in BANDS.items():
                assert line.figures[name] == rows(**filters, **area), (line.name, name)
        today = occasion.today
        for n, (first, last) in zip(seen.ages, AGES, strict=True):
            opened_from = today - timedelta(last) if last else None
            assert n == rows(band="open", opened_from=opened_from, opened_to=today - timedelta(first)), (first, last)
        for week in seen.weeks:
            assert week.opened == rows(band="all", opened_from=week.monday, opened_to=week.sunday), week
            assert week.closed == rows(band="closed", closed_from=week.monday, closed_to=week.sunday), week
        for (kind, state), n in seen.states.items():
            assert n == rows(band="all", kinds=(kind,), states=(state,)), (kind, state)

    late_scene.read(work)


def test_the_parts_add_up_and_the_weeks_end_with_this_one(late_scene: Scene) -> None:
    seen: Overview = late_scene.look("lin", overview, ALL)
    total = seen.total.figures
    assert total["late"] == total["late_1_10"] + total["late_11_30"] + total["late_over_30"] > 0
    assert sum(seen.ages) == total["open"] > 0
    assert sum(seen.states.values()) == total["open"] + total["closed"]
    assert len({line.area_id for line in seen.lines}) == len(seen.lines) > 1
    assert len(seen.weeks) == WEEKS and seen.weeks[-1].monday <= late_scene.now.date() <= seen.weeks[-1].sunday
    assert {week.monday.weekday() for week in seen.weeks} == {0}


def test_what_was_void_is_closed_and_counts_for_no_rate(scene: Scene) -> None:
    seen: Overview = scene.look("lin", overview, Query(band="all", kinds=("rectification",)))
    assert (seen.total.figures["closed"], seen.total.figures["closed_counted"], seen.total.rate) == (1, 0, 0.0)


def test_who_sees_nothing_sees_noughts(scene: Scene) -> None:
    seen: Overview = scene.look("han", overview, Query(band="all", kinds=("clue",)))
    assert seen.lines == () and set(seen.total.figures.values()) == {0} and seen.total.rate is None
    assert set(seen.ages) == {0} and seen.states == {}


def test_filters_of_the_ledger_narrow_every_part(scene: Scene) -> None:
    of_area = scene.read(lambda _store, occasion: {a.name: a.id for a in occasion.tree.areas.values()})
    narrow = Query(band="all", area_id=of_area["青石镇"])
    seen: Overview = scene.look("lin", overview, narrow)
    assert [line.area_id for line in seen.lines] == [of_area["青石镇"]]
    assert sum(week.opened for week in seen.weeks) == seen.total.figures["open"] == sum(seen.ages) == 1
    nowhere: Overview = scene.look("lin", overview, Query(band="all", area_id=NO_TOWNSHIP))
    assert nowhere.total.figures["open"] == 0


def test_the_last_of_the_weeks_is_this_one() -> None:
    assert first_monday(date(2026, 11, 29)) == date(2026, 9, 7)
    assert first_monday(date(2026, 11, 30)) == date(2026, 9, 14)
