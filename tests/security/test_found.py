"""What the matrix has found, each as small as it can be said: one test for each rule that was missing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from states.errors import CaseNotFound, NotPermitted
from tests.security.oracle import NOTHING, WHOLE, Tables
from tests.security.visit import tables_of
from tests.security.world import World
from tests.workflow.looking import rows_of
from workflow.dates import local_day
from workflow.models import Barred, Case, Notice
from workflow.reads.case_lines import case_lines, show_case

NOW = datetime.now(UTC)
TODAY = NOW.date()


def test_nobody_acts_in_a_post_that_reaches_less_high_than_the_case_on_what_another_post_shows_him(world: World) -> None:
    """R20: the head of the office whose ceiling is 0 handles clues in the township, and decides on none of them."""
    actor = world.county.actor("shuang", TODAY)
    with pytest.raises(NotPermitted) as refused:
        world.county.engine.fire(world.ids["clue supervised"], "remind", actor=actor, now=NOW, data={})
    assert refused.value.params["why"] == "relation"


@pytest.mark.parametrize("trigger", ["sign_for", "report_progress", "close", "no_such_step"])
def test_whoever_handed_a_case_on_gets_one_refusal_whatever_he_presses(world: World, trigger: str) -> None:
    """Any other would tell him in which state it is now."""
    case_id, ma = world.ids["item handed on"], world.county.actor("ma", TODAY)
    with pytest.raises(NotPermitted) as refused:
        world.county.engine.fire(case_id, trigger, actor=ma, now=NOW, data={})
    assert refused.value.params["why"] == "relation"


def test_whoever_handed_a_case_on_says_nothing_more_about_it(world: World) -> None:
    """The outcome of a remark would tell him the version and the place in the history."""
    case_id, ma = world.ids["item handed on"], world.county.actor("ma", TODAY)
    for verb, told in (("comment", {"text": "后来呢"}), ("bar", {"reason": "回避", "person_id": ma.person_id})):
        with pytest.raises(NotPermitted):
            getattr(world.county.engine, verb)(case_id, actor=ma, now=NOW, **told)


def test_whoever_has_just_handed_a_case_on_may_take_just_that_back(world: World) -> None:
    county, ma = world.county, world.county.actor("ma", TODAY)
    case_id = county.open_item(NOW, feedback_on=local_day(NOW).isoformat())
    county.hand_over(case_id, NOW, to="bureau")
    reason = {"hand_back_reason": "not_ours", "hand_back_note": "应由属地承办"}
    county.engine.fire(case_id, "hand_back", actor=ma, now=NOW, data=reason)
    county.engine.undo(case_id, actor=ma, now=NOW)
    county.engine.fire(case_id, "hand_back", actor=ma, now=NOW, data=reason)
    county.engine.comment(case_id, actor=county.actor("lin", TODAY), now=NOW, text="另行交办")
    with pytest.raises(NotPermitted):
        county.engine.undo(case_id, actor=ma, now=NOW)


def lines_of(world: World, login: str, *, closed: bool) -> dict[str, dict[str, Any]]:
    actor = world.county.actor(login, TODAY)
    told = world.county.engine.read(
        NOW, lambda store, occasion: list(case_lines(store, occasion, actor, kind="rectification", closed=closed))
    )
    return {line["number"]: line for line in told}


def test_the_command_line_tells_a_past_holder_of_a_case_as_it_was(world: World) -> None:
    county, case_id = world.county, world.ids["item handed on"]
    number = rows_of(county, Case, id=case_id)[0]["number"]
    ma = county.actor("ma", TODAY)
    before = county.engine.read(NOW, lambda store, occasion: show_case(store, occasion, ma, number))
    listed = lines_of(world, "ma", closed=False)[number]
    assert (before["state"], listed["state"], listed["holder"]) == ("received", "received", "县委巡察办")
    county.engine.fire(case_id, "sign_for", actor=county.actor("zhou", TODAY), now=NOW, data={"pieces": 1})
    county.engine.void(case_id, actor=county.actor("fang", TODAY), now=NOW, reason="重复", approver="赵国华")
    assert county.engine.read(NOW, lambda store, occasion: show_case(store, occasion, ma, number)) == before
    assert lines_of(world, "ma", closed=False)[number] == listed


# ---- whoever was taken off --------------------------------------------------------------------------------------------------


def take_off(world: World, case_id: int, login: str) -> Tables:
    county = world.county
    county.engine.bar(case_id, actor=county.actor("lin", TODAY), now=NOW, reason="亲属", person_id=county.people[login])
    return tables_of(world.county, local_day(NOW))


def test_whoever_is_taken_off_an_item_is_off_its_measures_at_once(world: World) -> None:
    child = world.ids["measure doing"]
    parent = rows_of(world.county, Case, id=child)[0]["parent_id"]
    tables = take_off(world, parent, "zhao")
    assert tables.sees(world.county.people["zhao"], child) == NOTHING
    with pytest.raises(CaseNotFound):
        world.county.engine.comment(child, actor=world.county.actor("zhao", TODAY), now=NOW, text="看")


def test_whoever_was_taken_off_is_off_what_is_opened_under_it_and_split_from_it(world: World) -> None:
    county, item = world.county, world.ids["item supervised"]
    lin, huibi = county.actor("lin", TODAY), county.people["huibi"]
    zhao = county.actor("zhao", TODAY)
    order = {"order_title": "督办事项", "requirement": "限期整改"}
    child = county.engine.fire(item, "supervise", actor=zhao, now=NOW, data=order).opened[0]
    part = county.engine.split(item, actor=lin, now=NOW, parts=[{"title": "分出一件"}], reason="分办").opened[0]
    tables = tables_of(world.county, local_day(NOW))
    assert {tables.sees(huibi, case_id) for case_id in (item, child, part)} == {NOTHING}
    assert tables.sees(county.people["lin"], part) != NOTHING


def test_whoever_was_taken_off_the_one_is_off_what_it_is_merged_into(world: World) -> None:
    county = world.county
    paper = {"approver": "赵国华", "on": TODAY.isoformat(), "scan": county.keep_file("审批单", "song")}
    song, told = county.actor("song", TODAY), {"reason": "同一件事", "approval": paper}
    county.engine.merge(world.ids["clue received"], into_id=world.ids["clue of the team"], actor=song, now=NOW, **told)
    assert rows_of(county, Barred, case_id=world.ids["clue of the team"], person_id=county.people["huibi"])


def test_somebody_is_taken_off_a_case_that_has_ended(world: World) -> None:
    """R21: a closed case is still read, and may be reopened; the verb matrix asks it of everybody."""
    case_id = world.ids["clue closed"]
    assert tables_of(world.county, local_day(NOW)).sees(world.county.people["zhao"], case_id) == WHOLE
    assert take_off(world, case_id, "zhao").sees(world.county.people["zhao"], case_id) == NOTHING
    with pytest.raises(CaseNotFound):
        world.county.engine.comment(case_id, actor=world.county.actor("zhao", TODAY), now=NOW, text="看")


def test_what_the_bell_has_told_of_a_case_goes_when_its_reader_is_taken_off(world: World) -> None:
    county, case_id = world.county, world.ids["clue transferred"]
    number = rows_of(county, Case, id=case_id)[0]["number"]
    he = county.people["he"]

    def told() -> list[str]:
        return [row["params"] for row in rows_of(county, Notice, person_id=he) if number in row["params"]]

    assert told()
    others = [row for row in rows_of(county, Notice, person_id=he) if number not in row["params"]]
    take_off(world, case_id, "he")
    assert told() == []
    assert [row for row in rows_of(county, Notice, person_id=he) if row["id"] in {one["id"] for one in others}] == others


def test_nobody_is_told_of_a_case_that_is_above_his_post(world: World) -> None:
    """The post above him is told instead, as where nobody fills his."""
    county = world.county
    above = {row["number"] for row in rows_of(county, Case) if row["level"] > 1}
    mine = rows_of(county, Notice, person_id=county.people["di"])
    told = {line.get("number") for row in mine for line in json.loads(row["params"])}
    assert told
    assert above.isdisjoint(told)
