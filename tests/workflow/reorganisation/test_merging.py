"""Merged, split and moved: open cases, clocks, posts, bars and talks follow, nothing else does, and the preview told it all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from states.errors import BadInput, Conflict
from tests.factories import MONDAY, County, at, merge_of
from tests.shipped.walking import Walk
from tests.workflow.looking import case_row, rows_of
from workflow.audit import verify
from workflow.models import Barred, Case, Clock, Event, Grant, Party, SavedView, metadata
from workflow.occasion import Occasion
from workflow.occasions import read_tree
from workflow.organisation_names import Place, find_by_name, find_place
from workflow.people import grants
from workflow.permissions import CASES, visible
from workflow.reads import ledger
from workflow.reads.agreement import sample_agreement
from workflow.reads.counts import count_of
from workflow.reads.query import Query
from workflow.reorganisation import log
from workflow.reorganisation.plan import Part, Plan, Wish
from workflow.reorganisation.preview import Preview
from workflow.spells import compare_spells
from workflow.store import Store
from workflow.tree import Tree
from workflow.types import MACHINE, Actor

DAY = MONDAY + timedelta(7)


def tree_of(county: County) -> Tree:
    return county.database.read(read_tree)


def do(county: County, plan: Plan, on: date = DAY) -> int:
    return county.engine.reorganise(Wish(plan, on, "撤村并居"), actor=MACHINE, now=at(on))


def shown(county: County, plan: Plan, on: date = DAY) -> Preview:
    return county.engine.preview_reorganisation(Wish(plan, on, "撤村并居"), actor=MACHINE, now=at(on))


def seen(county: County, login: str, on: date = DAY, **more: Any) -> set[int]:
    """What the person sees on the ledger, which is as many as are counted."""
    actor, query = county.actor(login, on), Query(kinds=("rectification",), band="all", **more)

    def read(store: Any, occasion: Any) -> set[int]:
        found = {row.id for row in ledger.page(store, occasion, actor, query).rows}
        assert count_of(store, occasion, actor, query).n == len(found)
        return found

    return county.engine.read(at(on, 12), read)


def row_of(county: County, case_id: int, login: str = "lin", as_of: date | None = None) -> Any:
    actor, query = county.actor(login, DAY), Query(kinds=("rectification",), band="all", ids=(case_id,), as_of=as_of)
    return county.engine.read(at(DAY, 12), lambda store, occasion: ledger.page(store, occasion, actor, query)).rows[0]


def require_whole(county: County) -> None:
    """History replays, stretches of time are those of the history, and no way into the ledger disagrees with another."""
    assert county.database.read(verify).ok
    assert county.database.read(compare_spells) == []
    actors = [*(county.actor(login, DAY) for login in ("lin", "zhou", "feng", "chen", "han", "shi")), MACHINE]
    assert county.engine.read(at(DAY, 12), lambda store, occasion: sample_agreement(store, occasion, actors)) == ()


def villages(county: County) -> Plan:
    """东沟村 goes into 西头村."""
    return Plan("merge", "area", (county.areas["donggou"],), into_id=county.areas["xitou"])


def test_of_merged_villages_cases_clocks_and_access_follow_and_the_row_says_where_it_was_found(county: County) -> None:
    case_id, other = (
        county.supervised_item(at(MONDAY)),
        county.supervised_item(at(MONDAY), subject="shimen_branch", signer="shi"),
    )
    before = case_row(county, case_id)
    assert (seen(county, "feng"), seen(county, "zhou"), seen(county, "shi")) == (set(), {case_id}, {other})
    do(county, villages(county))
    after, branch = case_row(county, case_id), county.organs["xitou_branch"]
    assert (after["holder_id"], after["subject_id"], after["found_in_id"]) == (branch, branch, before["subject_id"])
    assert (after["due_on"], after["version"]) == (before["due_on"], before["version"] + 1)
    assert before["subject_id"] not in {c["organ_id"] for c in rows_of(county, Clock, case_id=case_id, status="armed")}
    assert (row_of(county, case_id).village, row_of(county, case_id).holder) == ("西头村（原东沟村）", "西头村党支部")
    assert (seen(county, "feng"), seen(county, "zhou"), seen(county, "shi")) == ({case_id}, {case_id}, {other})
    assert case_row(county, other)["version"] == 3
    assert county.engine.comment(case_id, actor=county.actor("feng", DAY), now=at(DAY, 13), text="接手办理").case_id == case_id
    require_whole(county)


def test_a_past_day_counts_and_prints_merged_villages_as_they_were(county: County) -> None:
    case_id, before = county.supervised_item(at(MONDAY)), MONDAY + timedelta(2)
    do(county, villages(county))
    then = row_of(county, case_id, as_of=before)
    assert (then.village, then.holder, then.subject) == ("东沟村", "东沟村党支部", "东沟村党支部")
    assert seen(county, "lin", area_id=county.areas["donggou"], as_of=before) == {case_id}
    assert seen(county, "lin", area_id=county.areas["xitou"], as_of=before) == set()
    assert seen(county, "lin", area_id=county.areas["xitou"]) == {case_id}


def test_the_preview_tells_what_is_then_done_and_leaves_no_trace(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    before, events = case_row(county, case_id), len(rows_of(county, Event))
    told = shown(county, villages(county))
    assert (told.cases, told.against, len(told.posts)) == (1, (), 2)
    assert [(kind, n) for kind, _state, n in told.kinds] == [("rectification", 1)]
    assert {gain.organ: (gain.people, gain.cases) for gain in told.gains} == {"西头村党支部": (1, 1)}
    assert (case_row(county, case_id), len(rows_of(county, Event))) == (before, events)
    assert tree_of(county).areas[county.areas["donggou"]].valid_to is None
    do(county, villages(county))
    assert told.clocks == len({c["key"] for c in rows_of(county, Clock, case_id=case_id) if c["status"] == "armed"})


def test_posts_go_along_or_end_as_chosen_and_nobody_holds_more_than_before(county: County) -> None:
    zhou, sun = (rows_of(county, Grant, person_id=county.people[login])[0] for login in ("zhou", "sun"))
    plan = merge_of(county, "donggou_branch", "xitou_branch", DAY).plan
    do(county, Plan(plan.what, plan.unit, plan.ids, plan.into_id, ended_grants=(sun["id"],)))
    (post,) = county.actor("zhou", DAY).grants
    assert (post.organ_id, post.role, post.ceiling) == (county.organs["xitou_branch"], zhou["role"], zhou["ceiling"])
    assert county.actor("sun", DAY).grants == ()


def test_a_ceiling_is_not_raised_by_that_of_the_merged_body(county: County) -> None:
    def give(store: Any) -> None:
        row = {"person_id": county.people["zhou"], "role": "head", "organ_id": county.organs["xitou_branch"]}
        store.insert(Grant, [{**row, "title": "", "ceiling": 0}])

    county.database.write(give)
    do(county, merge_of(county, "donggou_branch", "xitou_branch", DAY).plan)
    assert [(post.organ_id, post.ceiling) for post in county.actor("zhou", DAY).grants] == [(county.organs["xitou_branch"], 0)]


def test_whoever_was_taken_off_as_a_body_stays_off_in_the_body_that_takes_its_place(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY), subject="shimen_branch", signer="shi")
    lin = county.actor("lin")
    county.engine.bar(case_id, actor=lin, now=at(MONDAY, 12), reason="回避", organ_id=county.organs["donggou_branch"])
    do(county, merge_of(county, "donggou_branch", "xitou_branch", DAY).plan)
    assert {row["organ_id"] for row in rows_of(county, Barred)} == {
        county.organs["donggou_branch"],
        county.organs["xitou_branch"],
    }


def test_a_body_that_was_taken_off_a_case_does_not_come_to_handle_it(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    lin = county.actor("lin")
    county.engine.bar(case_id, actor=lin, now=at(MONDAY, 12), reason="回避", organ_id=county.organs["xitou_branch"])
    assert [one.params for one in shown(county, villages(county)).against] == [{"why": "reorganised_barred", "cases": 1}]
    with pytest.raises(Conflict, match="reorganised_barred"):
        do(county, villages(county))
    assert case_row(county, case_id)["holder_id"] == county.organs["donggou_branch"]
    assert tree_of(county).areas[county.areas["donggou"]].valid_to is None


def test_no_body_comes_to_handle_a_clue_about_itself(county: County) -> None:
    facts = {"class": "priority", "managed_by": "township", "identity": ["village_cadre"]}
    clue = Walk.open(county, "clue", MONDAY, subject="qingshi_discipline", **facts)
    clue.press("transfer", "zhao", MONDAY, recipient="liuhe_discipline")
    plan = merge_of(county, "liuhe_discipline", "qingshi_discipline", DAY).plan
    assert [one.params for one in shown(county, plan).against] == [{"why": "reorganised_own", "cases": 1}]
    with pytest.raises(Conflict, match="reorganised_own"):
        do(county, plan)
    assert clue.row["holder_id"] == county.organs["liuhe_discipline"]


def test_saved_views_ask_for_the_unit_that_took_the_place(county: County) -> None:
    query = f"area={county.areas['donggou']}&holder={county.organs['donggou_branch']}"
    row = {"person_id": county.people["lin"], "name": "东沟", "query": query, "shared": False}
    county.database.write(lambda store: store.insert(SavedView, [row]))
    do(county, villages(county))
    told = f"area={county.areas['xitou']}&holder={county.organs['xitou_branch']}"
    assert [view["query"] for view in rows_of(county, SavedView)] == [told]


def test_two_villages_become_a_new_one_with_bodies_called_after_it(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    ids = (county.areas["donggou"], county.areas["xitou"])
    do(county, Plan("merge", "area", ids, name="东桥村"))
    tree = tree_of(county)
    new = next(organ for organ in tree.organs.values() if organ.name == "东桥村党支部")
    assert tree.areas[new.area_id].name == "东桥村"
    assert {tree.organ(county.organs[key]).successor_id for key in ("donggou_branch", "xitou_branch")} == {new.id}
    assert case_row(county, case_id)["holder_id"] == new.id
    assert (row_of(county, case_id).village, seen(county, "feng")) == ("东桥村（原东沟村）", {case_id})
    require_whole(county)


def test_merged_townships_take_their_villages_along(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    assert seen(county, "han") == set()
    do(county, Plan("merge", "area", (county.areas["liuhe"],), into_id=county.areas["qingshi"]))
    tree, row = tree_of(county), case_row(county, case_id)
    assert tree.areas[county.areas["donggou"]].parent_id == county.areas["qingshi"]
    assert (row["subject_township_id"], row["holder_id"]) == (county.areas["qingshi"], county.organs["donggou_branch"])
    assert tree.organ(county.organs["liuhe_party"]).successor_id == county.organs["qingshi_party"]
    assert tree.organ(county.organs["liuhe_finance"]).area_id == county.areas["qingshi"], "no body like it is there"
    assert (seen(county, "han"), seen(county, "chen")) == ({case_id}, {case_id})
    assert row_of(county, case_id).township == "青石镇"
    assert row_of(county, case_id, as_of=MONDAY).township == "柳河镇"
    assert seen(county, "lin", area_id=county.areas["liuhe"], as_of=MONDAY) == {case_id}
    require_whole(county)


def test_a_village_that_goes_to_another_township_is_seen_there_and_no_more_here(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    assert (seen(county, "chen"), seen(county, "han")) == ({case_id}, set())
    do(county, Plan("move", "area", (county.areas["donggou"],), into_id=county.areas["qingshi"]))
    assert (seen(county, "chen"), seen(county, "han"), seen(county, "zhou")) == (set(), {case_id}, {case_id})
    require_whole(county)


def test_a_split_hands_on_what_was_ticked_and_leaves_the_rest(county: County) -> None:
    stays, goes = county.supervised_item(at(MONDAY)), county.supervised_item(at(MONDAY), title="低保名单未公示")
    sun = rows_of(county, Grant, person_id=county.people["sun"])[0]
    part = Part("新沟村", cases=(goes,), grants=(sun["id"],))
    do(county, Plan("split", "area", (county.areas["donggou"],), parts=(part,)))
    new = next(organ for organ in tree_of(county).organs.values() if organ.name == "新沟村党支部")
    assert (case_row(county, stays)["holder_id"], case_row(county, goes)["holder_id"]) == (
        county.organs["donggou_branch"],
        new.id,
    )
    assert seen(county, "sun") == {goes}
    assert row_of(county, goes).village == "新沟村（原东沟村）"
    (party,) = rows_of(county, Party, case_id=goes, relation="past_holder")
    assert party["organ_id"] == county.organs["donggou_branch"]
    assert party["upto_seq"] == case_row(county, goes)["seq"], "what comes after the split is not the old body's"
    require_whole(county)


def test_joinable_talks_of_merged_bodies_become_one(county: County) -> None:
    for unit, signer in (("donggou_branch", "zhou"), ("xitou_branch", "feng")):
        county.supervised_item(at(MONDAY), subject=unit, signer=signer)
    late = MONDAY + timedelta(130)
    county.engine.tick(at(late))
    told = shown(county, villages(county), late)
    assert told.merged_talks >= 1
    do(county, villages(county), late)
    talks = rows_of(county, Case, joinable=True)
    assert len({(row["interviewer_id"], row["interviewee_id"]) for row in talks}) == len(talks)
    assert county.organs["donggou_branch"] not in {row["interviewee_id"] for row in talks}


@pytest.mark.parametrize(
    ("unit", "key", "into"), [("organ", "donggou_branch", "liuhe_party"), ("organ", "liuhe_party", "liuhe_discipline")]
)
def test_unlike_bodies_are_not_merged(county: County, unit: str, key: str, into: str) -> None:
    with pytest.raises(BadInput, match="successor"):
        do(county, Plan("merge", unit, (county.organs[key],), into_id=county.organs[into]))


def test_what_has_ended_is_not_changed_any_more(county: County) -> None:
    do(county, merge_of(county, "donggou_branch", "xitou_branch", DAY).plan)
    with pytest.raises(Conflict, match="organ_ended"):
        do(county, merge_of(county, "xitou_branch", "donggou_branch", DAY).plan)


def test_a_case_that_was_closed_before_comes_back_to_the_body_in_its_place(county: County) -> None:
    facts = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    walk = Walk.open(county, "rectification", MONDAY, feedback_on=MONDAY.isoformat(), **facts)
    walk.press("transfer", "song", MONDAY, recipient="donggou_branch")
    walk.press("sign_for", "zhou", MONDAY)
    walk.prove("zhou", MONDAY + timedelta(1))
    walk.press("report_rectified", "zhou", MONDAY + timedelta(1))
    walk.press("close", "fang", MONDAY + timedelta(2), ground="completed")
    do(county, villages(county))
    assert walk.row["subject_id"] == county.organs["donggou_branch"], "what is closed stays as it was"
    walk.press("reopen", "zhao", DAY + timedelta(1), new_due_on=(DAY + timedelta(25)).isoformat())
    assert walk.row["holder_id"] == county.organs["xitou_branch"]


def undo(county: County, change_id: int, minutes: int = 5) -> None:
    now = at(DAY) + timedelta(minutes=minutes)
    county.engine.administer(lambda desk: log.take_back(desk, change_id), actor=MACHINE, now=now)


def test_a_change_is_taken_back_whole_within_ten_minutes(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    lin = county.actor("lin")
    other = county.supervised_item(at(MONDAY), subject="shimen_branch", signer="shi")
    county.engine.bar(other, actor=lin, now=at(MONDAY, 12), reason="回避", organ_id=county.organs["donggou_branch"])
    before, tree, posts = case_row(county, case_id), tree_of(county), rows_of(county, Grant)
    clocks, bars = rows_of(county, Clock, case_id=case_id), rows_of(county, Barred)
    undo(county, do(county, villages(county)))
    after = case_row(county, case_id)
    kept = ("version", "seq", "head", "changed_at", "told_at")
    assert {k: v for k, v in after.items() if k not in kept} == {k: v for k, v in before.items() if k not in kept}
    assert (tree_of(county), rows_of(county, Grant)) == (tree, posts)
    assert (rows_of(county, Clock, case_id=case_id), rows_of(county, Barred)) == (clocks, bars)
    assert (seen(county, "zhou"), seen(county, "feng")) == ({case_id}, set())
    require_whole(county)


def test_a_change_is_not_taken_back_later_or_once_a_case_has_gone_on(county: County) -> None:
    case_id = county.supervised_item(at(MONDAY))
    change_id = do(county, villages(county))
    with pytest.raises(Conflict, match="reorganised_since"):
        undo(county, change_id, minutes=11)
    county.engine.comment(case_id, actor=county.actor("feng", DAY), now=at(DAY), text="接手办理")
    with pytest.raises(Conflict, match="reorganised_since"):
        undo(county, change_id)
    assert case_row(county, case_id)["holder_id"] == county.organs["xitou_branch"]


def test_no_post_comes_back_to_whoever_has_become_an_administrator_meanwhile(county: County) -> None:
    plan, zhou = villages(county), county.people["zhou"]
    (post,) = rows_of(county, Grant, person_id=zhou)
    change_id = do(county, Plan(plan.what, plan.unit, plan.ids, plan.into_id, ended_grants=(post["id"],)))
    told = {"person_id": zhou, "role": "audit_admin", "organ_id": county.organs["office"]}
    county.database.write(lambda store: grants.give(store, **told, today=DAY))
    before = rows_of(county, Grant)
    with pytest.raises(Conflict, match="separation_of_administrators"):
        undo(county, change_id)
    assert rows_of(county, Grant) == before


def test_what_made_something_new_is_changed_again_and_not_taken_back(county: County) -> None:
    change_id = do(county, Plan("merge", "area", (county.areas["donggou"], county.areas["xitou"]), name="东桥村"))
    with pytest.raises(Conflict, match="reorganised_since"):
        undo(county, change_id)


@pytest.mark.parametrize(
    ("name", "village"),
    [("西头村（原东沟村）", "西头村"), ("东沟村", "东沟村"), ("东沟村党支部", "东沟村"), ("西头村", "西头村")],
)
def test_a_name_of_before_means_what_stands_in_its_place(county: County, name: str, village: str) -> None:
    do(county, villages(county))
    found = find_by_name(tree_of(county), name)
    placed = find_place(tree_of(county), Place(township="柳河镇", village=village))
    assert found is not None
    assert placed is not None
    assert (found.id, placed.id) == (county.organs["xitou_branch"], county.organs["xitou_branch"])


def test_a_renamed_unit_is_found_by_both_of_its_names(county: County) -> None:
    do(county, Plan("rename", "area", (county.areas["donggou"],), name="东桥村"))
    for name in ("东沟村", "东桥村", "东沟村党支部", "东桥村党支部"):
        found = find_by_name(tree_of(county), name)
        assert found is not None, name
        assert found.id == county.organs["donggou_branch"]


def test_the_people_of_a_body_do_not_come_to_read_the_closed_clue_about_it(county: County) -> None:
    facts = {"class": "priority", "managed_by": "township", "identity": ["village_cadre"]}
    clue = Walk.open(county, "clue", MONDAY, subject="qingshi_discipline", **facts)
    clue.press("transfer", "zhao", MONDAY, recipient="liuhe_discipline")
    county.database.write(lambda store: store.update(Case, {"final": True, "due_on": None, "due_clock": None}, id=clue.id))
    clocks = metadata.tables["clock"]
    county.database.write(lambda store: store.execute(clocks.delete().where(clocks.c.case_id == clue.id)))
    do(county, merge_of(county, "qingshi_discipline", "liuhe_discipline", DAY).plan)
    for login, reads in (("he", True), ("xie", False)):
        actor = county.actor(login, DAY)
        shown_to = county.engine.read(at(DAY), lambda store, occasion, who=actor: rows_seen(store, occasion, who))
        assert (clue.id in shown_to) is reads, login


def rows_seen(store: Store, occasion: Occasion, actor: Actor) -> set[int]:
    """Every case that the person may read."""
    return {row["id"] for row in store.select(select(CASES.c.id).where(visible(actor, occasion.catalogue)))}
