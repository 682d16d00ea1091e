"""Scenarios on the page of a draft: their boxes, how they came out, and one recorded from a real case."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests import hours
from tests.factories import County
from tests.web.designer.conftest import Desk
from tests.web.site import post, words_of
from tests.workflow.looking import case_row, rows_of
from workflow.dates import local_day
from workflow.models import Grant, Trail
from workflow.store import Store

New = Callable[..., Desk]
NOW = hours.now()
FILE = "scenarios:\n- title: 录的\n  'on': 2026-03-02\n  until: 2026-03-09\n  facts: {feedback_on: 2026-03-02}\n  expect: {state: received}\n"


@pytest.fixture
def rectification(new: New) -> Desk:
    """A draft of the shipped kind, which has two scenarios."""
    return new(how="current", kind="rectification")


def lived(desk: Desk, at: str = "") -> str:
    """The page once its scenarios were lived through."""
    answer = post(desk.client, f"/designer/{desk.draft_id}", f"/designer/{desk.draft_id}/live", {"at": at})
    assert answer.status_code == 303
    return words_of(desk.page(at))


def record(desk: Desk, **told: Any) -> TestResponse:
    data = {"revision": desk.row["revision"], **told}
    return post(desk.client, f"/designer/{desk.draft_id}", f"/designer/{desk.draft_id}/record", data)


def supervises(county: County, login: str) -> None:
    """Gives the administrator of workflows a post in the office that supervises as well."""
    office_id = next(row["organ_id"] for row in rows_of(county, Grant) if row["person_id"] == county.people["lin"])

    def write(store: Store) -> None:
        told = {"person_id": county.people[login], "role": "handler", "organ_id": office_id, "title": "", "ceiling": 3}
        store.insert(Grant, [told])

    county.database.write(write)


def test_a_scenario_stands_in_plain_words_with_how_it_came_out(rectification: Desk) -> None:
    page = lived(rectification)
    assert "2026年3月26日登记（反馈日期：2026年3月26日" in page
    assert "3月26日交办（村（社区）党组织）；3月26日签收；到7月13日应是“督办”、“整改”期限6月26日" in page
    assert "逾期自6月29日、督办通知书自6月29日、拟约谈（一级）自7月10日" in page
    assert "情景2个都走通" in page
    assert rectification.row["proven"] == rectification.row["digest"]


def test_its_boxes_are_picked_from_the_kind_and_written_into_the_text(rectification: Desk) -> None:
    page = words_of(rectification.page("/scenarios/0"))
    for said in ("登记的日期", "整改方式", "集中整改3个月", "交给哪类单位", "各时限的到期日", "逾期10个工作日：拟约谈（一级）"):
        assert said in page
    typed = {
        "until": "2026年7月14日",
        "facts__immediate": "immediate",
        "steps__1__on": "2026-3-27",
        "expect__due__plan": "2026年4月13日",
        "expect__rungs__4__rung": "order",
    }
    assert rectification.fill("/scenarios/0", **typed).status_code == 303
    told = rectification.says["scenarios"][0]
    assert (told["until"], told["facts"]["immediate"], told["steps"][1]["on"]) == ("2026-07-14", "immediate", "2026-03-27")
    assert told["expect"]["due"] == {"rectify": "2026-06-26", "plan": "2026-04-13"}
    assert told["expect"]["rungs"][4]["rung"] == "order"
    assert rectification.fill("/scenarios/0", expect__due__plan="").status_code == 303
    assert rectification.says["scenarios"][0]["expect"]["due"] == {"rectify": "2026-06-26"}


def test_a_day_that_is_none_is_kept_as_it_was_typed_and_said_at_its_box(rectification: Desk) -> None:
    rectification.fill("/scenarios/0", until="6月31日")
    assert rectification.says["scenarios"][0]["until"] == "6月31日"
    assert "6月31日" in rectification.page("/scenarios/0")
    assert "改好检查出来的问题，情景再走" in words_of(rectification.page())
    rectification.fill("/scenarios/0", until="7月13日")
    assert rectification.says["scenarios"][0]["until"] == f"{hours.now().year}-07-13", "read as this year's, and shown so"


def test_what_a_scenario_may_not_tell_has_a_box_of_its_own_and_can_be_taken_away(rectification: Desk) -> None:
    text = rectification.text.replace("feedback_on: 2026-03-26,", "feedback_on: 2026-03-26, finding: 张三的事,", 1)
    rectification.send("text", source=text)
    assert "张三的事" in rectification.says["scenarios"][0]["facts"].values()
    rectification.fill("/scenarios/0", facts__finding="")
    assert "finding" not in rectification.says["scenarios"][0]["facts"]


def test_a_changed_rule_is_told_at_the_scenario_and_at_the_clock_and_keeps_the_draft_from_being_proven(
    rectification: Desk,
) -> None:
    clock = next(n for n, one in enumerate(rectification.says["clocks"]) if one["key"] == "rectify")
    last = len(rectification.says["clocks"][clock]["limits"]) - 1
    rectification.fill(f"/clocks/{clock}", **{f"limits__{last}__limit": "2"})
    page = lived(rectification, f"/clocks/{clock}")
    assert "没走通" in page and "“整改”的期限是2026年5月26日，应是2026年6月26日" in page
    assert "情景“签收后一直未报，逾期后拟约谈”：“整改”的期限是2026年5月26日" in page
    assert rectification.row["proven"] != rectification.row["digest"]
    rectification.done("adopt", at="/scenarios/0")
    assert rectification.says["scenarios"][0]["expect"]["due"]["rectify"] == "2026-05-26"
    rectification.done("undo")
    assert rectification.says["scenarios"][0]["expect"]["due"]["rectify"] == "2026-06-26"


def test_a_new_scenario_its_steps_and_rungs_begin_with_what_the_kind_has(new: New) -> None:
    desk = new()
    assert desk.done("then", then="add:/scenarios").endswith("at=/scenarios/0")
    for pointer in ("/scenarios/0/steps", "/scenarios/0/expect/rungs"):
        desk.fill("/scenarios/0", then=f"add:{pointer}")
    told = desk.says["scenarios"][0]
    assert told["on"] == local_day(NOW).isoformat()
    assert told["steps"] == [{"on": told["on"], "do": "finish"}]
    assert told["expect"] == {"state": "begun", "rungs": [{"clock": "work", "rung": "due", "on": told["until"]}]}
    page = lived(desk, "/scenarios/0")
    assert "最后是“办结”，应是“办理”" in page and "“办结”的“逾期”是没有走到，应是" in page


def test_a_case_is_recorded_by_whoever_supervises_it_without_a_word_of_it_and_the_read_is_on_the_trail(
    rectification: Desk, county: County
) -> None:
    case_id = county.supervised_item(NOW - timedelta(days=20), title="张三家门前路灯不亮")
    number = case_row(county, case_id)["number"]
    before = rectification.text
    answer = record(rectification, number=number)
    assert answer.status_code == 404 and "没有这一项" in answer.text and rectification.text == before
    supervises(county, "jiang")
    answer = record(rectification, number=number)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("at=/scenarios/2")
    told = rectification.says["scenarios"][2]
    assert [step["do"] for step in told["steps"]] == ["transfer", "sign_for"]
    assert "张三" not in rectification.text and number not in rectification.text
    assert "情景3个都走通" in lived(rectification)
    read = [row for row in rows_of(county, Trail, action="read") if "designer.record_scenario" in row["facts"]]
    assert [(row["actor_id"], row["cases"]) for row in read] == [(county.people["jiang"], f",{case_id},")]


def test_a_case_of_another_kind_is_not_recorded_into_this_one(new: New, county: County) -> None:
    number = case_row(county, county.supervised_item(NOW - timedelta(days=20)))["number"]
    supervises(county, "jiang")
    desk = new()
    answer = record(desk, number=number)
    assert answer.status_code == 400 and "另一类事项" in answer.text and "scenarios" not in desk.says


def test_a_case_that_was_amended_is_not_recorded_and_it_is_said_why(rectification: Desk, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(days=20))
    told = {"data": {"immediate": "rectify_now", "period": "default_immediate"}, "reason": "登记有误"}
    county.engine.amend(case_id, actor=county.actor("lin"), now=NOW - timedelta(days=19), **told)
    supervises(county, "jiang")
    before = rectification.text
    answer = record(rectification, number=case_row(county, case_id)["number"])
    assert answer.status_code == 400 and "录不成情景" in answer.text and rectification.text == before
    answer = rectification.client.get(f"/cases/{case_id}/scenario.yaml")
    assert answer.status_code == 400 and "录不成情景" in answer.text


def test_a_recorded_file_is_taken_and_one_that_tells_words_is_not(rectification: Desk) -> None:
    for text, said in (
        ("scenarios: []\n", "写上编号，或选由事项页录制的文件"),
        ("- 1\n", "写上编号，或选由事项页录制的文件"),
        (FILE.replace("feedback_on: 2026-03-02", "finding: 张三"), "文件里有不能带进定义的内容"),
        (FILE.replace("state: received", "state: received, told: x"), "文件里有不能带进定义的内容"),
    ):
        answer = record(rectification, file=(io.BytesIO(text.encode()), "scenario.yaml"))
        assert answer.status_code in (400, 422) and said in answer.text, text
        assert len(rectification.says["scenarios"]) == 2
    assert record(rectification, file=(io.BytesIO(FILE.encode()), "scenario.yaml")).status_code == 303
    assert rectification.says["scenarios"][2]["title"] == "录的"


@pytest.mark.parametrize("at", ["", "/scenarios/0"])
def test_scenarios_are_told_in_the_reader_s_language_alone(rectification: Desk, at: str) -> None:
    rectification.fill("/scenarios/0", expect__due__rectify="2026-06-25", steps__1__on="2026-07-14")
    rectification.fill("/scenarios/0", steps__1__on="2026-03-27")
    lived(rectification)

    def told() -> str:
        page = rectification.page(at)
        found = re.findall(r'<section class="panel (?:dock-scenes|design-panel)".*?</section>', page, re.DOTALL)
        return words_of(" ".join(found) if at else found[-1])

    assert set(re.findall(r"[A-Za-z]{2,}", told())) <= {"Signed", "for", "nothing", "reported", "interview", "proposed"}
    rectification.client.set_cookie("duban_language", "en")
    found = told()
    assert "see the clock" in found and "expected 25 Jun 2026" in found
    assert not re.search(
        r"[\u3400-\u9fff]", re.sub(r"[简繁英]|签收后一直未报，逾期后拟约谈|簽收後一直未報，逾期後擬約談", "", found)
    )


def test_how_a_body_voted_is_told_only_of_a_step_that_it_decides_on(new: New) -> None:
    desk = new()
    desk.done("then", then="add:/scenarios")
    desk.done("then", then="add:/scenarios/0/steps", at="/scenarios/0")
    assert "怎样表决" not in words_of(desk.page("/scenarios/0"))
    desk.done("then", then="add:/transitions/0/decision", at="/transitions/0")
    desk.fill("/scenarios/0", expect__state="done")
    page = words_of(desk.page("/scenarios/0"))
    assert "怎样表决" in page and "不填的，算全体同意" in page
    assert "情景1个都走通" in lived(desk)
    desk.done("then", then="add:/scenarios/0/steps/0/vote", at="/scenarios/0")
    assert desk.fill("/scenarios/0", steps__0__vote__disagree="3", steps__0__vote__recuse="1").status_code == 303
    assert desk.says["scenarios"][0]["steps"][0]["vote"] == {"agree": 3, "disagree": 3, "recuse": 1}
    page = lived(desk, "/scenarios/0")
    assert "办结（同意3人、不同意3人、回避1人）" in page
    assert "第1步" in page and "办不了“办结”（已经集体研究通过）" in page
    desk.fill("/scenarios/0", steps__0__vote__agree="4")
    assert "情景1个都走通" in lived(desk)


def test_a_vote_on_what_nobody_decides_is_said_at_its_box_and_taken_away_there(new: New) -> None:
    desk = new()
    desk.done("then", then="add:/scenarios")
    on = str(desk.says["scenarios"][0]["on"])
    text = re.sub(r"(expect: \{state: begun\})", rf"\1, steps: [{{on: {on}, do: finish, vote: {{agree: 2}}}}]", desk.text)
    desk.done("text", source=text)
    assert "只有集体研究的一步才写表决" in words_of(desk.page("/scenarios/0"))
    desk.done("then", then="remove:/scenarios/0/steps/0/vote", at="/scenarios/0")
    assert "vote" not in desk.text
