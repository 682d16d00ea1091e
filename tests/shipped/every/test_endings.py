"""What goes on when a talk is over, and what ends with a case: no ladder stops in silence, nothing runs on for what is done."""

from __future__ import annotations

import pytest

from states.errors import TransitionRefused
from tests.shipped.every.counting import ToldCounty
from tests.shipped.every.telling import Story, d, morning, of_kind
from tests.shipped.every.test_interview import late_item, proposed
from tests.workflow.looking import clock_row, rows_of
from workflow.models import AgendaItem
from workflow.verbs.bulk import Wish

KIND = "interview"
ON_BOTH = True


def silent_item(county: ToldCounty) -> Story:
    """An item of three months whose village has signed for it and then never says a word."""
    item = Story.open(
        county, "rectification", d("03-02"), "lin", immediate="ordinary", first_check="county", period="three_months"
    )
    item.press("transfer", "zhao", d("03-02"), recipient="donggou_branch")
    item.press("sign_for", "zhou", d("03-03"))
    return item


def talk_of(county: ToldCounty, item: Story, on: str, new_due_on: str) -> Story:
    """The talk that was proposed for the item's village, ordered, announced, held, recorded and accepted in the days after."""
    day, talk = d(on), of_kind(county, "interview")[-1]
    talk.press("order", "zhao", day)
    talk.press("notify", "chen", day, held_on="2026-07-20")
    talk.press("hold_talk", "chen", d("07-20"), held_on="2026-07-20")
    talk.prove("chen", d("07-20"), "signed_record")
    talk.press("record", "chen", d("07-20"), new_dates={str(item.id): new_due_on})
    talk.press("hand_in", "chen", d("07-20"))
    talk.press("accept", "song", d("07-21"))
    return talk


def test_a_date_fixed_for_a_silent_item_is_the_items_date_and_missing_it_brings_the_countys_talk(county: ToldCounty) -> None:
    item = silent_item(county)
    item.tick(d("07-13"))
    talk = of_kind(county, "interview")[0]
    brought = {row["clock"] for row in rows_of(county, AgendaItem, interview_id=talk.id, case_id=item.id)}
    assert brought == {"progress"}, "the no-progress rule comes first"
    talk_of(county, item, "07-13", "2026-08-17")
    clock = item.clock("rectify")
    assert (clock["due_on"], clock["tier"], clock["held_by"], clock["overdue_since"]) == (d("08-17"), 2, None, None)
    assert clock["next_rung"] == "warning_2"
    assert item.clock("progress")["started_on"] == d("07-20")
    item.tick(d("08-18"))
    county_talk = of_kind(county, "interview")[-1]
    assert county_talk.row["interviewer_id"] == county.organs["leading_group"]
    assert clock_row(county, item.id, "rectify")["held_by"] == county_talk.id


@pytest.mark.parametrize(("again_on", "from_on"), [(None, "04-17"), ("2026-04-01", "04-01")])
def test_after_a_waived_talk_what_is_still_late_climbs_to_the_next_tier(
    county: ToldCounty, again_on: str | None, from_on: str
) -> None:
    item = late_item(county)
    item.tick(d("03-17"))
    talk = of_kind(county, "interview")[-1]
    talk.press("waive", "zhao", d("03-18"), look_again_on=again_on)
    clock = item.clock("rectify")
    assert (clock["tier"], clock["held_by"], clock["ladder_from"]) == (2, None, d(from_on))
    assert clock["next_rung"] is not None
    item.tick(d("05-06"))
    assert of_kind(county, "interview")[-1].row["interviewer_id"] == county.organs["leading_group"]


def test_what_stood_on_a_talk_that_was_opened_by_mistake_climbs_on(county: ToldCounty) -> None:
    item = late_item(county)
    item.tick(d("03-17"))
    talk = of_kind(county, "interview")[-1]
    assert item.clock("rectify")["held_by"] == talk.id
    told = {"actor": county.actor("fang"), "now": morning("03-18"), "reason": "登记有误"}
    county.engine.void(talk.id, approver="赵国华", **told)
    clock = item.clock("rectify")
    assert (clock["tier"], clock["held_by"]) == (2, None) and clock["next_rung"] is not None
    assert [row["left_at"] is not None for row in rows_of(county, AgendaItem, interview_id=talk.id)] == [True]


def test_talks_are_not_merged(county: ToldCounty) -> None:
    item = silent_item(county)
    talk = proposed(county)
    told = {"actor": county.actor("zhao"), "now": morning("03-18"), "reason": "同一个村"}
    with pytest.raises(TransitionRefused) as refused:
        county.engine.merge(talk.id, into_id=item.id, **told)
    assert refused.value.params["why"] == [{"name": "talks_are_waived"}]


@pytest.mark.parametrize("way_out", ["void", "merge"])
def test_a_talk_about_nothing_but_a_case_that_is_taken_off_is_withdrawn(county: ToldCounty, way_out: str) -> None:
    talk = proposed(county)
    item, other = of_kind(county, "rectification")[0], silent_item(county)
    told = {"actor": county.actor("fang"), "now": morning("03-18"), "reason": "登记有误"}
    if way_out == "void":
        county.engine.void(item.id, approver="赵国华", **told)
    else:
        county.engine.merge(item.id, into_id=other.id, **{**told, "actor": county.actor("zhao")})
    assert item.row["ground"] == ("void" if way_out == "void" else "merged")
    assert (talk.row["state"], talk.row["ground"], talk.row["joinable"]) == ("withdrawn", "withdrawn", False)
    assert all(child.row["final"] for child in item.children("supervision_order"))


def test_a_talk_about_a_clue_is_withdrawn_when_the_clue_is_taken_off(county: ToldCounty) -> None:
    clue = Story.open(county, "clue", d("03-02"), "lin", **{"class": "priority", "managed_by": "village"})
    clue.press("transfer", "zhao", d("03-02"), recipient="liuhe_discipline", hand_over_mode="transfer")
    clue.press("sign_for", "he", d("03-03"))
    clue.tick(d("09-30"))
    talk = next(talk for talk in of_kind(county, "interview") if talk.row["state"] == "proposed")
    county.engine.void(clue.id, actor=county.actor("fang"), now=morning("10-08"), reason="登记有误", approver="赵国华")
    assert talk.row["state"] == "withdrawn"


def test_an_item_that_is_no_longer_possible_ends_its_measures_and_its_orders(county: ToldCounty) -> None:
    item = silent_item(county)
    item.press("submit_plan", "zhou", d("03-04"))
    item.tick(d("07-01"))
    measures, orders = item.children("measure"), item.children("supervision_order")
    assert measures and orders
    item.press("conclude", "fang", d("07-02"), ground="moot")
    assert {child.row["state"] for child in measures} == {"cancelled"}
    assert {(child.row["state"], child.row["ground"]) for child in orders} == {(orders[0].row["state"], "item_closed")}
    assert all(child.row["final"] and child.row["due_on"] is None for child in (*measures, *orders))


def test_two_items_taken_off_at_once_leave_no_talk_behind(county: ToldCounty) -> None:
    late_item(county)
    talk = proposed(county)
    items = [item.id for item in of_kind(county, "rectification")]
    assert len(rows_of(county, AgendaItem, interview_id=talk.id)) == 2
    data = {"conclude_reason": "条件消失", "ground": "moot"}
    wish, zhao, hour = Wish("conclude", data), county.actor("zhao"), morning("03-18")
    county.engine.begin_run(wish, lambda _store, _occasion: items, actor=zhao, now=hour)
    assert county.engine.work_runs(hour, ceiling=3) == 2
    assert {item.row["state"] for item in of_kind(county, "rectification")} == {"closed"}
    assert talk.row["state"] == "withdrawn"
