"""The ledger: who sees which rows, in which order, page by page, and in how many statements."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from states.errors import BadInput
from tests.factories import MONDAY, County, at, local_day_text
from tests.workflow.looking import rows_of
from tests.workflow.reads.scenes import LATER_WORD, LOGINS, Scene
from workflow.dates import local_day
from workflow.models import Case
from workflow.occasion import Occasion
from workflow.permissions import CASES, visible
from workflow.reads import walk
from workflow.reads.ledger import Page, every_row, page, page_before
from workflow.reads.query import SORTS, Cursor, Query, values_of
from workflow.statements import Kept, Prepared, Row
from workflow.store import Store

ALL = Query(band="all")
# After the days for signing, so that several cases are late.
LATE_DAY = date(2026, 3, 20)


def ids_of(scene: Scene, login: str, query: Query = ALL) -> list[int]:
    return [row.id for row in scene.look(login, lambda store, occasion, actor: list(every_row(store, occasion, actor, query)))]


def row_of(scene: Scene, login: str, name: str, query: Query = ALL) -> Any:
    return next(row for row in scene.look(login, page, query).rows if row.id == scene.ids[name])


PLAN = {"cause": "无人管", "first_responsible_post": "书记", "first_responsible": "周明远"}


def measure(county: County) -> dict[str, Any]:
    """A line of a plan."""
    branch = county.organs["donggou_branch"]
    return {"text": "更新公开栏", "unit": branch, "person": "周明远", "due_words": "长期", "label": "long_term"}


def children_of(county: County, case_id: int) -> list[int]:
    return [row["id"] for row in rows_of(county, Case, parent_id=case_id)]


class Counting(Store):
    """A store that counts the statements sent through it."""

    statements = 0

    def rows(self, prepared: Prepared, **values: Any) -> list[Row]:
        self.statements += 1
        return super().rows(prepared, **values)

    def select(self, statement: Any) -> list[Row]:
        self.statements += 1
        return super().select(statement)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_pages_of_one_row_are_the_whole_list_in_its_order(scene: Scene, sort: str, descending: bool) -> None:
    query = Query(band="all", sort=sort, descending=descending)
    whole = [row.id for row in scene.look("lin", page, query).rows]
    walked: list[int] = []
    after: Cursor | None = None
    while True:
        found: Page = scene.look("lin", page, query, after=after, limit=1)
        walked += [row.id for row in found.rows]
        if found.next_cursor is None:
            break
        after = Cursor.read(found.next_cursor.text())
    assert walked == whole
    assert sorted(walked) == sorted(scene.ids.values())


@pytest.mark.parametrize("login", ["lin", "shi"])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_every_page_is_left_backwards_as_it_was_reached(scene: Scene, login: str, sort: str, descending: bool) -> None:
    query = Query(band="all", sort=sort, descending=descending)
    pages: list[Page] = [scene.look(login, page, query, limit=2)]
    while pages[-1].next_cursor is not None:
        pages.append(scene.look(login, page, query, after=pages[-1].next_cursor, limit=2))
    assert len(pages) > 1 or login != "lin"
    for before, here in pairwise(pages):
        assert here.previous_cursor is not None
        back: Page = scene.look(login, page_before, query, before=here.previous_cursor, limit=2)
        assert [row.id for row in back.rows] == [row.id for row in before.rows]
        assert (back.next_cursor, back.previous_cursor) == (before.next_cursor, before.previous_cursor)


def test_where_nothing_is_left_before_the_place_the_first_page_is_shown(scene: Scene) -> None:
    first: Page = scene.look("lin", page, ALL, limit=2)
    assert first.previous_cursor is None
    top = walk.cursor_after({**{f"key{n}": None for n in range(4)}, "segment": walk.DATED, "id": 1, "key0": "1999-01-01"}, ALL)
    assert scene.look("lin", page_before, ALL, before=top, limit=2) == first


@pytest.mark.parametrize("descending", [False, True])
def test_who_has_too_many_scopes_for_single_walks_sees_the_same_in_the_same_order(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, descending: bool
) -> None:
    query = Query(band="all", descending=descending)
    walked = {login: ids_of(scene, login, query) for login in LOGINS}
    monkeypatch.setattr(walk, "MOST_SCOPES", 0)
    monkeypatch.setattr(walk, "_KEPT", Kept())
    assert {login: ids_of(scene, login, query) for login in LOGINS} == walked


def test_the_walk_over_single_scopes_shows_exactly_what_the_selectable_shows(scene: Scene) -> None:
    def shown(store: Store, occasion: Any, actor: Any) -> set[int]:
        on_ledger = [kind for kind, served in occasion.catalogue.current.items() if served.definition.ledger]
        where = (visible(actor, occasion.catalogue), CASES.c.kind.in_(on_ledger))
        return {row["id"] for row in store.select(select(CASES.c.id).where(*where))}

    for login in (*LOGINS, "machine"):
        listed = ids_of(scene, login)
        assert len(listed) == len(set(listed)), login
        assert set(listed) == scene.look(login, shown), login


def test_the_outsider_sees_only_his_own_township(scene: Scene) -> None:
    assert ids_of(scene, "han") == [scene.ids["elsewhere"]]
    assert scene.ids["clue"] not in ids_of(scene, "chen")


def test_a_page_takes_at_most_six_statements_whatever_the_scope(scene: Scene) -> None:
    for login in ("lin", "chen", "ma", "zhou"):
        for query in (ALL, Query(), Query(sort="official", band="all")):

            def counted(store: Store, occasion: Any, actor: Any, query: Query = query) -> int:
                counting = Counting(store.connection, store.digest_suite)
                page(counting, occasion, actor, query)
                return counting.statements

            assert scene.look(login, counted) <= 6


def test_rows_carry_places_holder_stay_and_the_next_step_of_the_reader(scene: Scene) -> None:
    row = row_of(scene, "zhou", "to_sign")
    assert (row.township, row.village, row.holder) == ("柳河镇", "东沟村", "东沟村党支部")
    assert (row.phrase.zh_hans, row.is_signing, row.days_stayed) == ("待签收", True, 1)
    assert (row.next.trigger, row.next.is_mine) == ("sign_for", True)
    prodding = row_of(scene, "lin", "to_sign").next
    assert (prodding.trigger, prodding.is_mine) == ("remind", False)
    assert row.facts["round"] == "第三轮"


def test_whoever_registered_an_item_is_not_offered_to_close_it(scene: Scene) -> None:
    scene.county.fire(scene.ids["reported"], "verify", "chen", scene.now, township_opinion="agreed", verify_note="属实")
    assert row_of(scene, "lin", "reported").next is None, "nor is there anybody to remind: her own office checks it"
    assert row_of(scene, "song", "reported").next.trigger == "close"


def test_a_row_offers_what_opens_its_main_step_and_else_says_what_comes_first(scene: Scene) -> None:
    county, doing = scene.county, scene.ids["doing"]
    assert (row_of(scene, "zhou", "doing").next.trigger, row_of(scene, "zhou", "doing").lacking) == ("submit_plan", ())
    county.fire(doing, "submit_plan", "zhou", scene.now, **PLAN, measures=[measure(county), measure(county)])
    row = row_of(scene, "zhou", "doing")
    assert (row.next, row.lacking[0].name, row.lacking[0].told) == (None, "children_all", {"open": 2})
    assert row_of(scene, "chen", "doing").next.trigger == "approve_plan"
    county.fire(doing, "approve_plan", "chen", scene.now, plan_approved_on=local_day_text(scene.now))
    assert row_of(scene, "chen", "doing").next.trigger == "remind"  # whoever may report for the village prods it meanwhile
    for child in children_of(county, doing):
        county.engine.add_evidence(child, actor=county.actor("zhou"), now=scene.now, file_id=county.keep_file("照片", "zhou"))
        county.fire(child, "complete", "zhou", scene.now, note="已更新")
    assert (row_of(scene, "zhou", "doing").next.trigger, row_of(scene, "zhou", "doing").next.label) == ("report_rectified", "")
    county.engine.add_evidence(doing, actor=county.actor("zhou"), now=scene.now, file_id=county.keep_file("现场", "zhou"))
    assert row_of(scene, "zhou", "doing").next.is_open


def test_reported_work_that_the_township_has_not_seen_yet_is_not_offered_for_closing(scene: Scene) -> None:
    row = row_of(scene, "song", "reported")
    assert row.next is None
    assert [reason.say.zh_hans for reason in row.lacking if reason.say] == ["等乡镇党委核实；核实逾期的，可改由县级直接核验"]


def test_reminders_are_counted_on_the_row(scene: Scene) -> None:
    scene.county.fire(scene.ids["doing"], "remind", "song", scene.now, remind_by="telephone")
    assert row_of(scene, "lin", "doing").reminded == 1


def test_a_late_row_says_since_when_and_how_far_it_was_pressed(scene: Scene) -> None:
    scene.tick(LATE_DAY)
    row = row_of(scene, "lin", "to_sign")
    assert (row.badge, row.days_late) == ("late", (LATE_DAY - row.due_on).days)
    assert row.rung is not None
    assert row.colour == "red"


def test_dated_open_cases_come_first_and_closed_ones_last(scene: Scene) -> None:
    listed = scene.look("lin", page, ALL).rows
    assert [row.due_on for row in listed if row.due_on] == sorted(row.due_on for row in listed if row.due_on)
    assert listed[-1].id == scene.ids["void"]
    assert listed[-1].badge == "closed"


def test_the_countys_official_order_rules_the_list(scene: Scene) -> None:
    places = [(row.township, row.village) for row in scene.look("lin", page, Query(sort="official")).rows]
    order = ["东沟村", "西头村", "石门村"]
    assert [order.index(village) for _, village in places] == sorted(order.index(village) for _, village in places)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("band", ["open", "all"])
def test_what_a_leader_has_written_on_comes_first_by_its_limit_page_for_page_and_on_past_days(
    scene: Scene, band: str, descending: bool
) -> None:
    county, day = scene.county, local_day(scene.now)
    marked = [county.open_item(scene.now, title=f"批示{n}", instructed=True, feedback_on=day.isoformat()) for n in range(3)]
    for case_id in marked[1:]:
        county.hand_over(case_id, scene.now)
    scene.now += timedelta(days=1)
    for as_of in (None, day):
        query = Query(band=band, sort="instructed", descending=descending, as_of=as_of)
        by_limit = scene.look("lin", page, replace(query, sort="due")).rows
        expected = sorted(by_limit, key=lambda row: (row.badge == "closed", not row.is_instructed))
        assert {row.id for row in expected[:3]} == set(marked) and len(expected) > 5
        walked: list[Page] = [scene.look("lin", page, query, limit=2)]
        while walked[-1].next_cursor is not None:
            walked.append(scene.look("lin", page, query, after=Cursor.read(walked[-1].next_cursor.text()), limit=2))
        assert [row.id for each in walked for row in each.rows] == [row.id for row in expected], as_of
        back: Page = scene.look("lin", page_before, query, before=walked[2].previous_cursor, limit=2)
        assert [row.id for row in back.rows] == [row.id for row in walked[1].rows]


def test_instructed_cases_are_found_by_their_facet_and_the_others_walked_by_an_index(scene: Scene) -> None:
    query = Query(sort="instructed")

    def plan(store: Store, occasion: Occasion, segment: int) -> str:
        prepared = walk.statement(scene.actor("lin"), occasion.catalogue, query, (segment,), after=False, dialect=store.dialect)
        text, values = prepared.text(store.dialect)[0], {"limit": 51, **values_of(query, occasion)}
        explain = "EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN "
        if store.dialect != "sqlite":  # a table of five rows is read whole, whatever there is
            store.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        told = store.connection.exec_driver_sql(explain + text, prepared.bind(store.dialect, values))
        return "\n".join(" ".join(map(str, row)) for row in told)

    first, rest = (scene.read(partial(plan, segment=segment)) for segment in (walk.FIRST_DATED, walk.DATED))
    assert re.search(r"ix_facet_field_value|pk_facet|sqlite_autoindex_facet", first) and "SCAN cases" not in first, first
    assert not re.search(r"ix_cases_(supervisor|ledger|holder|township)", first), first
    assert re.search(r"ix_cases_\w+", rest) and "SCAN cases" not in rest, rest


def test_numbers_are_sorted_as_numbers(county: County) -> None:
    ids = [county.open_item(at(MONDAY), title=f"第{n}件") for n in range(11)]
    found = county.engine.read(
        at(MONDAY), lambda store, occasion: page(store, occasion, county.actor("lin"), Query(sort="number"))
    )
    assert [row.id for row in found.rows] == ids


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"band": "to_sign"}, {"to_sign", "handed_back"}),
        ({"band": "waiting_check"}, {"reported"}),
        ({"band": "closed"}, {"void"}),
        ({"band": "doing"}, {"received", "doing", "elsewhere", "clue"}),
        ({"states": ("supervised",)}, {"doing", "elsewhere"}),
        ({"kinds": ("clue",)}, {"clue"}),
        ({"facets": (("urgency", ("urgent", "slow")),)}, {"doing"}),
        ({"facets": (("round", ("第三轮",)), ("urgency", ("urgent",)))}, set()),
        ({"text": "集体资产"}, {"to_sign"}),
        ({"text": "100%"}, set()),
        ({"overdue": True}, set()),
        ({"colours": ("red",)}, set()),
        ({"due_to": date(2026, 3, 1)}, set()),
    ],
)
def test_filters_keep_what_they_say(scene: Scene, filters: dict[str, Any], names: set[str]) -> None:
    assert set(ids_of(scene, "lin", Query(**filters))) == {scene.ids[name] for name in names}


def test_an_area_means_its_whole_subtree_and_a_holder_his_own_desk(scene: Scene) -> None:
    areas, organs = scene.county.areas, scene.county.organs
    in_township = set(ids_of(scene, "lin", Query(area_id=areas["qingshi"])))
    assert in_township == {scene.ids["elsewhere"]}
    assert set(ids_of(scene, "lin", Query(area_id=areas["county"]))) == set(ids_of(scene, "lin", Query()))
    held = set(ids_of(scene, "lin", Query(holder_ids=(organs["donggou_branch"],))))
    assert held == {scene.ids[name] for name in ("to_sign", "doing", "handed_back")}


def test_soon_and_late_part_at_the_sweeps_mark(scene: Scene) -> None:
    scene.tick(LATE_DAY)
    late, soon = (set(ids_of(scene, "lin", Query(band=band))) for band in ("late", "soon"))
    assert scene.ids["to_sign"] in late
    assert not late & soon
    assert set(ids_of(scene, "lin", Query(overdue=True))) == late
    assert set(ids_of(scene, "lin", Query(overdue=False))) == set(ids_of(scene, "lin", Query())) - late


@pytest.mark.parametrize(
    "text", ["", "x", "W10", Cursor(0, (), 1).text(), Cursor(9, (), 1).text(), Cursor(0, ("x",), 1).text()]
)
def test_a_cursor_that_does_not_fit_is_refused(scene: Scene, text: str) -> None:
    with pytest.raises(BadInput):
        scene.look("lin", page, Query(), after=Cursor.read(text))


@pytest.mark.parametrize("told", [{"band": "mine"}, {"sort": "pinyin"}, {"late_for": "5"}])
def test_an_unknown_filter_is_refused(told: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        Query(**told)  # type: ignore[arg-type]  # The values are what a URL may say.


# ---- whoever handed it on -------------------------------------------------------------------------------------------------


def test_a_past_holder_sees_the_row_as_it_was_when_he_handed_it_on(scene: Scene) -> None:
    county, case_id = scene.county, scene.ids["handed_back"]
    county.engine.assign(case_id, actor=county.actor("zhou"), now=scene.now, person_id=county.people["zhou"])
    row = row_of(scene, "ma", "handed_back")
    assert row.seen_upto is not None
    assert (row.state, row.holder) == ("received", "县委巡察办")
    assert (row.due_on, row.days_left, row.badge, row.next, row.facts) == (None, None, "open", None, {})
    assert (row.assignee_id, row.assignee) == (None, "")
    now = row_of(scene, "lin", "handed_back")
    assert (now.state, now.holder, now.assignee) == ("transferred", "东沟村党支部", "周明远")


def test_no_filter_about_the_present_tells_a_past_holder_anything(scene: Scene) -> None:
    scene.tick(LATE_DAY)
    for told in ({"band": "open"}, {"band": "late"}, {"band": "to_sign"}, {"band": "all", "overdue": True}):
        assert ids_of(scene, "ma", Query(**told)) == []
    for filters in (
        {"holder_ids": (scene.county.organs["donggou_branch"],)},
        {"text": LATER_WORD},
        {"states": ("transferred",)},
    ):
        assert ids_of(scene, "ma", Query(band="all", **filters)) == []
    assert ids_of(scene, "ma") == [scene.ids["handed_back"]]


def test_the_place_of_a_handed_on_row_does_not_depend_on_what_came_later(scene: Scene) -> None:
    for sort in SORTS:
        assert ids_of(scene, "ma", Query(band="all", sort=sort)) == [scene.ids["handed_back"]]
