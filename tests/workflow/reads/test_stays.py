"""How long cases lay with holders and stood in states: counted again day by day from the events, for whoever looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

import pytest

from states.errors import BadInput
from tests.factories import MONDAY, at
from tests.workflow.looking import rows_of
from tests.workflow.reads.scenes import LOGINS, Scene
from workflow.dates import local_day
from workflow.models import Event
from workflow.occasion import Occasion
from workflow.reads import ledger
from workflow.reads.counts import count_of
from workflow.reads.course import course, ways_of
from workflow.reads.holding import holding
from workflow.reads.query import Query
from workflow.reads.stays import first_monday
from workflow.store import Store

ALL = Query(band="all")
KINDS = ("rectification", "clue", "interview")
LATER = MONDAY + timedelta(40)


class Stretch(NamedTuple):
    """A case with one holder, or in one state, until something else came."""

    case_id: int
    key: object
    then: object
    days: int


@pytest.fixture
def moved(scene: Scene) -> Scene:
    """Weeks later: one handed over late, one sent back and reported again, one signed for by mistake."""
    county, ids = scene.county, scene.ids
    county.fire(ids["to_sign"], "sign_for", "zhou", at(MONDAY + timedelta(8)), pieces=1)
    county.engine.undo(ids["to_sign"], actor=county.actor("zhou"), now=at(MONDAY + timedelta(8)) + timedelta(minutes=3))
    county.fire(ids["to_sign"], "sign_for", "zhou", at(MONDAY + timedelta(9)), pieces=1)
    told = {"send_back_reason": "evidence_missing", "send_back_note": "补现场照片"}
    county.fire(ids["reported"], "send_back", "song", at(MONDAY + timedelta(7)), **told)
    fed_back = {"feedback_on": (MONDAY + timedelta(15)).isoformat()}
    noon = at(MONDAY + timedelta(15), 12)
    county.engine.amend(ids["received"], actor=county.actor("lin"), now=noon, data=fed_back, reason="反馈会已开")
    county.hand_over(ids["received"], at(MONDAY + timedelta(16)), to="bureau")
    county.fire(
        ids["received"], "hand_back", "ma", at(MONDAY + timedelta(17)), hand_back_reason="not_ours", hand_back_note="无"
    )
    county.hand_over(ids["received"], at(MONDAY + timedelta(30)))
    scene.tick(LATER)
    return scene


def stretches(scene: Scene, occasion: Occasion, ids: set[int], *, of_holders: bool) -> Iterator[Stretch]:
    """Every stretch that ended within the weeks, from the events themselves, a day at a time."""
    first = first_monday(occasion.today)
    for case_id in sorted(ids):
        told: list[tuple[object, date]] = []
        for event in _standing_events(scene, case_id):
            facts, state = json.loads(event["facts"]), event["to_state"]
            is_final = occasion.catalogue.of_version(facts["definition"]).definition.state_by_key[state].final
            key = (None if is_final else facts["holder"]) if of_holders else state
            if not told or told[-1][0] != key:
                told.append((key, local_day(event["happened_at"])))
        for (key, came), (then, went) in pairwise(told):
            if went >= first and key is not None:
                days = [came + timedelta(n) for n in range(1, (went - came).days + 1)]
                yield Stretch(case_id, key, then, sum(occasion.calendar.is_workday(day) for day in days))


def _standing_events(scene: Scene, case_id: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for event in rows_of(scene.county, Event, case_id=case_id):
        if event["verb"] == "undo":
            found.pop()
        else:
            found.append(event)
    return found


def seen_whole(store: Store, occasion: Occasion, scene: Scene, login: str, query: Query) -> set[int]:
    """The cases that the reader sees as they are now."""
    rows = ledger.every_row(store, occasion, scene.actor(login), query)
    return {row.id for row in rows if row.seen_upto is None}


def test_the_average_of_each_holder_is_that_of_the_days_in_the_events_and_opens_its_cases(moved: Scene) -> None:
    def work(store: Store, occasion: Occasion, login: str) -> None:
        actor = moved.actor(login)
        ids = seen_whole(store, occasion, moved, login, ALL)
        told = list(stretches(moved, occasion, ids, of_holders=True))
        seen = holding(store, occasion, actor, ALL)
        assert {held.held for held in seen.holders} == {f"organ-{one.key}" for one in told}
        for held in (seen.total, *seen.holders):
            own = [one for one in told if held.held in ("any", f"organ-{one.key}")]
            assert (held.cases, held.workdays) == (len({one.case_id for one in own}), sum(one.days for one in own))
        assert sum(area.workdays for area in seen.townships) == seen.total.workdays
        for held in (seen.total, *seen.townships, *seen.holders):
            assert count_of(store, occasion, actor, Query(band="all", held=held.held)).n == held.cases, held

    for login in ("machine", *LOGINS):
        moved.read(lambda store, occasion, login=login: work(store, occasion, login))


def test_states_and_ways_say_what_the_events_say_and_open_their_cases(moved: Scene) -> None:
    def work(store: Store, occasion: Occasion, login: str) -> None:
        actor = moved.actor(login)
        for kind in KINDS:
            ids = seen_whole(store, occasion, moved, login, Query(kinds=(kind,), band="all"))
            told = list(stretches(moved, occasion, ids, of_holders=False))
            seen = course(store, occasion, actor, Query(kinds=(kind,)))
            assert {(way.source, way.target) for way in seen.ways} >= {(one.key, one.then) for one in told}

            def rows(kind: str = kind, **filters: Any) -> int:
                return count_of(store, occasion, actor, Query(kinds=(kind,), **{"band": "all", **filters})).n

            for way in seen.ways:
                own = [one for one in told if (one.key, one.then) == (way.source, way.target)]
                assert (way.cases, way.times) == (len({one.case_id for one in own}), len(own))
                assert way.median == (median(one.days for one in own) if own else None)
                assert rows(step=f"{way.source}~{way.target}") == way.cases
            for state in seen.states:
                own = [one for one in told if one.key == state.key]
                assert state.left == len({one.case_id for one in own}) == rows(step=state.key)
                assert state.median == (median(one.days for one in own) if own else None)
                assert (state.now, state.late) == (rows(states=(state.key,)), rows(states=(state.key,), band="late"))

    for login in ("machine", "lin", "chen", "he", "zhou", "ma", "han"):
        moved.read(lambda store, occasion, login=login: work(store, occasion, login))


def test_the_scene_has_what_the_tests_speak_of(moved: Scene) -> None:
    seen = moved.look("lin", holding, ALL)
    assert seen.total.mean and len(seen.holders) > 2 and [area.name for area in seen.townships][-1] == ""
    means = [held.mean or 0 for held in seen.holders]
    assert means == sorted(means, reverse=True)
    items = moved.look("lin", course, Query(kinds=("rectification",)))
    gone = {(way.source, way.target): (way.cases, way.times) for way in items.ways}
    assert gone["transferred", "received"] == (2, 2) and gone["rectified", "supervised"] == (1, 1)
    assert gone["transferred", "supervised"][0] >= 4


def test_what_ended_before_the_weeks_counts_no_longer(moved: Scene) -> None:
    moved.tick(MONDAY + timedelta(200))
    assert moved.look("lin", holding, ALL).total.cases == 0
    assert all(way.times == 0 for way in moved.look("lin", course, Query(kinds=("rectification",))).ways)


def test_a_past_holder_is_told_of_nothing_that_came_later(moved: Scene) -> None:
    assert moved.look("ma", holding, ALL).total.cases == 0
    assert moved.look("ma", count_of, Query(band="all", held="any")).n == 0
    assert moved.look("ma", count_of, Query(band="all", step="received")).n == 0


@pytest.mark.parametrize("filters", [{"held": "organ-x"}, {"held": "nobody"}, {"step": "a~b~c"}, {"step": "受理"}])
def test_a_filter_that_means_nothing_is_refused(filters: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        Query(**filters)


def test_the_ways_stand_in_the_order_of_the_states(moved: Scene) -> None:
    definition = moved.read(lambda _store, occasion: occasion.catalogue.of_kind("rectification").definition)
    place = {state.key: order for order, state in enumerate(definition.states)}
    found = [(place[source], place[target]) for source, target in ways_of(definition)]
    assert found == sorted(set(found)) and all(source != target for source, target in found)
