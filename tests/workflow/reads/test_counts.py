"""Figures: each is the number of the rows behind it, for whoever looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from states.errors import BadInput, CaseNotFound
from tests.workflow.reads.scenes import LOGINS, Scene
from workflow import occasions
from workflow.models import Grant, Person
from workflow.occasion import Occasion
from workflow.people.actors import actor_of
from workflow.reads.agreement import sample_agreement
from workflow.reads.bands import LATE_BUCKETS
from workflow.reads.case_page import case_page
from workflow.reads.counts import BUCKETS, Figure, count_of, counts
from workflow.reads.dimensions import DIMENSIONS
from workflow.reads.groups import group_by
from workflow.reads.ledger import every_row
from workflow.reads.query import Query
from workflow.store import Store

LATE_DAY = date(2026, 3, 25)
FIGURES = ("open", "late", "soon", "to_sign", "doing", "waiting_check", "closed")
# What a past day keeps of its own; what was due soon then is told by today's limits.
FIGURES_THEN = ("open", "late", "to_sign", "doing", "waiting_check", "closed", "closed_counted", "close_out_rate")


def rows_behind(scene: Scene, login: str, query: Query) -> list[Any]:
    return scene.look(login, lambda store, occasion, actor: list(every_row(store, occasion, actor, query)))


@pytest.mark.parametrize("login", ["lin", "chen", "zhou", "han", "ma", "machine"])
def test_every_figure_of_the_strip_is_the_number_of_its_rows(scene: Scene, login: str) -> None:
    scene.tick(LATE_DAY)
    told = scene.look(login, counts, Query())
    for name in FIGURES:
        assert getattr(told, name).n == len(rows_behind(scene, login, Query(band=name))), name
    for name, bucket in BUCKETS.items():
        assert getattr(told, name).n == len(rows_behind(scene, login, Query(late_for=bucket))), name
    assert told.late.n == sum(getattr(told, name).n for name in BUCKETS)
    for door in told.late_by_holder:
        assert door.figure.n == len(rows_behind(scene, login, Query(band="late", holder_ids=(door.holder_id,))))
    assert sum(door.figure.n for door in told.late_by_holder) == told.late.n


def test_list_count_search_export_page_and_row_agree_for_everybody(scene: Scene) -> None:
    scene.tick(LATE_DAY)
    scene.county.engine.bar(
        scene.ids["doing"], actor=scene.actor("lin"), now=scene.now, reason="亲属", person_id=scene.county.people["chen"]
    )
    actors = [scene.actor(login) for login in (*LOGINS, "machine")]
    assert scene.read(lambda store, occasion: sample_agreement(store, occasion, actors)) == ()
    barred = Query(band="all")
    assert scene.ids["doing"] not in {row.id for row in rows_behind(scene, "chen", barred)}


ADMINISTERING = ("system_admin", "security_admin", "audit_admin", "workflow_admin")


@pytest.mark.parametrize("role", ADMINISTERING)
def test_an_administrator_reads_no_case_whatever_organ_he_stands_in(scene: Scene, role: str) -> None:
    organs = [scene.county.organs[key] for key in ("office", "leading_group", "liuhe_party", "donggou_branch")]

    def hire(store: Store) -> int:
        person_id = store.new_ids(Person, 1)[0]
        plain = {"email": "", "phone": "", "language": "zh-Hans", "must_change": False, "created_at": scene.now}
        store.insert(Person, [{"id": person_id, "login": role, "name": "管理员", **plain}])
        store.insert(Grant, [{"person_id": person_id, "organ_id": o, "role": role, "ceiling": 3, "title": ""} for o in organs])
        occasions.moved(store, "people")
        return person_id

    person_id = scene.county.database.write(hire)

    def read(store: Store, occasion: Occasion) -> None:
        actor = actor_of(store, person_id, today=occasion.today)
        assert actor is not None and len(actor.grants) == len(organs)
        assert count_of(store, occasion, actor, Query(band="all")).n == 0
        assert list(every_row(store, occasion, actor, Query(band="all"))) == []
        assert sample_agreement(store, occasion, [actor]) == ()
        for case_id in scene.ids.values():
            with pytest.raises(CaseNotFound):
                case_page(store, occasion, actor, case_id)

    scene.read(read)


def test_lateness_falls_into_the_bucket_of_its_calendar_days(scene: Scene) -> None:
    scene.tick(LATE_DAY)
    for bucket, (first, last) in LATE_BUCKETS.items():
        for row in rows_behind(scene, "lin", Query(late_for=bucket)):
            assert first <= row.days_late <= (last or 10_000)


def test_a_figure_beyond_its_cap_says_so(scene: Scene) -> None:
    assert scene.look("lin", count_of, Query(band="all"), cap=3) == Figure(3, True)
    assert scene.look("lin", count_of, Query(band="all"), cap=8) == Figure(8, False)
    told = scene.look("lin", counts, Query(), cap=2)
    assert told.open == Figure(2, True)
    assert told.close_out_rate is None, "a share of what was counted no further would be a false one"


def test_the_close_out_rate_counts_only_grounds_that_count(scene: Scene) -> None:
    told = scene.look("lin", counts, Query())
    assert (told.closed.n, told.closed_counted.n, told.close_out_rate) == (1, 0, 0.0)
    nothing = scene.look("shi", counts, Query(kinds=("clue",)))
    assert nothing.close_out_rate is None


@pytest.mark.parametrize("dimension", [*DIMENSIONS, "f.urgency", "f.round"])
def test_groups_add_up_to_the_rows_and_each_to_its_own(scene: Scene, dimension: str) -> None:
    scene.tick(LATE_DAY)
    groups = scene.look("lin", group_by, Query(), dimension)
    assert sum(group.rows.n for group in groups) == len(rows_behind(scene, "lin", Query()))
    assert sum(group.late for group in groups) == len(rows_behind(scene, "lin", Query(band="late")))
    assert len({group.key for group in groups}) == len(groups)


@pytest.mark.parametrize("dimension", [*DIMENSIONS, "f.urgency", "f.round"])
def test_rows_without_a_value_are_asked_for_by_their_dimension(scene: Scene, dimension: str) -> None:
    scene.tick(LATE_DAY)
    wide = Query(band="all")
    none = [group.rows.n for group in scene.look("lin", group_by, wide, dimension) if group.key is None]
    assert len(rows_behind(scene, "lin", replace(wide, without=(dimension,)))) == sum(none)
    assert scene.look("lin", count_of, replace(wide, without=(dimension,))).n == sum(none)


def test_values_stand_in_the_order_of_their_definition(scene: Scene) -> None:
    states = [group.key for group in scene.look("lin", group_by, Query(band="all"), "state")]
    assert states == [key for key in ("received", "transferred", "supervised", "rectified", "closed") if key in states]


def test_groups_stand_in_the_countys_order_and_have_words(scene: Scene) -> None:
    groups = scene.look("lin", group_by, Query(), "village")
    assert [group.label.zh_hans for group in groups] == ["东沟村", "西头村", "石门村"]
    kinds = {group.key: group.label.zh_hans for group in scene.look("lin", group_by, Query(), "kind")}
    assert kinds == {"clue": "问题线索", "rectification": "整改事项"}
    urgent = {group.key: group.label.zh_hans for group in scene.look("lin", group_by, Query(), "f.urgency")}
    assert urgent["urgent"] == "急"


def test_a_dimension_that_nobody_filters_by_is_refused(scene: Scene) -> None:
    for dimension in ("f.reporter_name", "f.problem", "f.nothing", "nothing"):
        with pytest.raises(BadInput):
            scene.look("lin", group_by, Query(), dimension)


def test_a_past_holder_is_counted_nowhere_but_in_everything(scene: Scene) -> None:
    told = scene.look("ma", counts, Query())
    assert {getattr(told, name).n for name in FIGURES} == {0}
    assert scene.look("ma", count_of, Query(band="all")).n == 1
    assert scene.look("ma", group_by, Query(band="all"), "holder") == ()
    for dimension in ("township", "village", "kind"):
        assert [(g.rows.n, g.late) for g in scene.look("ma", group_by, Query(band="all"), dimension)] == [(1, 0)]


def test_the_ledger_of_a_past_day_is_the_one_that_was_seen_on_it(scene: Scene) -> None:
    first = scene.now.date()
    then = {row.id: (row.state, row.holder_id, row.badge == "late") for row in rows_behind(scene, "lin", Query(band="all"))}
    was = scene.look("lin", counts, Query())
    doors = scene.look("lin", group_by, Query(), "holder")
    scene.tick(LATE_DAY)
    told = scene.look("lin", counts, Query(as_of=first))
    assert {n: getattr(told, n) for n in FIGURES_THEN} == {n: getattr(was, n) for n in FIGURES_THEN}
    found = rows_behind(scene, "lin", Query(band="all", as_of=first))
    assert {row.id: (row.state, row.holder_id, row.badge == "late") for row in found} == then
    assert {row.next for row in found} == {None}
    assert [(g.key, g.rows, g.late) for g in scene.look("lin", group_by, Query(as_of=first), "holder")] == [
        (g.key, g.rows, g.late) for g in doors
    ]
    now, late = scene.look("lin", counts, Query()), scene.look("lin", counts, Query(as_of=LATE_DAY))
    assert (late.open, late.late, late.late_1_10) == (now.open, now.late, now.late_1_10)
    assert late.late.n > 0 and late.late_by_holder == now.late_by_holder


@pytest.mark.parametrize("login", ["machine", *LOGINS])
def test_every_figure_of_a_past_day_is_the_number_of_its_rows(scene: Scene, login: str) -> None:
    scene.tick(LATE_DAY)
    between = LATE_DAY - timedelta(15)
    scene.tick(LATE_DAY + timedelta(40))
    told = scene.look(login, counts, Query(as_of=between))
    for band in ("open", "late", "soon", "to_sign", "doing", "waiting_check", "closed"):
        query = Query(band=band, as_of=between)
        rows = rows_behind(scene, login, query)
        assert getattr(told, band).n == len(rows) == scene.look(login, count_of, query).n, band
    for bucket, name in (("1-10", "late_1_10"), ("11-30", "late_11_30"), ("30+", "late_over_30")):
        rows = rows_behind(scene, login, Query(band="late", late_for=bucket, as_of=between))
        assert getattr(told, name).n == len(rows), bucket
    for door in told.late_by_holder:
        held = rows_behind(scene, login, Query(band="late", holder_ids=(door.holder_id,), as_of=between))
        assert {row.holder_id for row in held} == {door.holder_id} and len(held) == door.figure.n


def test_before_the_first_case_there_was_nothing_and_strangers_see_nothing(scene: Scene) -> None:
    before = Query(band="all", as_of=scene.now.date() - timedelta(30))
    assert rows_behind(scene, "lin", before) == []
    assert {row.id for row in rows_behind(scene, "han", Query(band="all", as_of=scene.now.date()))} == {scene.ids["elsewhere"]}
    assert rows_behind(scene, "ma", Query(band="all", as_of=scene.now.date())) == []


def test_an_area_narrows_the_past_as_it_narrows_the_present(scene: Scene) -> None:
    query = Query(band="all", area_id=scene.county.areas["qingshi"], as_of=scene.now.date())
    assert [row.id for row in rows_behind(scene, "lin", query)] == [scene.ids["elsewhere"]]
