"""Panels: what they show goes back unchanged, and every edit in them comes into the text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.web.designer.conftest import Desk
from tests.web.site import words_of

New = Callable[..., Desk]
VISITS = {"zh-Hans": "走访情况", "zh-Hant": "走訪情況", "en": "Result"}
VISITED = {f"title.{language}": told for language, told in VISITS.items()}
EVERY = 20  # one panel of so many: each is a page


def previews(page: str) -> dict[str, str]:
    """Language → what the preview of the form says in it; nothing where there is no preview."""
    section = re.search(r'<section class="design-more form-preview">(.*?)</section>', page, re.S)
    found = re.findall(r'<div class="form" lang="([\w-]+)" inert>(.*?)</details>', section[1], re.S) if section else []
    return {language: words_of(told) for language, told in found}


@pytest.mark.parametrize("kind", ["rectification", "interview"])
def test_a_panel_that_is_saved_as_it_is_changes_no_letter_of_the_text(new: New, kind: str) -> None:
    desk = new(how="current", kind=kind)
    before, says = desk.text, desk.says
    shown = [f"/{part}/{n}" for part in ("states", "fields", "clocks", "rules") for n in range(len(says.get(part, [])))]
    shown += [f"/transitions/{n}" for n in range(len(says["transitions"]))] + ["/ladders/0", "/ladders/0/tiers/0/0", ""]
    for at in shown[::EVERY]:
        answer = desk.fill(at)
        assert answer.status_code == 303, answer.text
        assert desk.text == before, at


def test_a_title_in_three_languages_comes_into_the_text_and_the_rest_stays(new: New) -> None:
    desk = new()
    before = desk.text
    desk.fill("/states/0", **{"title.zh-Hans": "走访中", "title.zh-Hant": "走訪中", "title.en": "Visiting"})
    assert desk.says["states"][0]["title"] == {"zh-Hans": "走访中", "zh-Hant": "走訪中", "en": "Visiting"}
    changed = [line for line in desk.text.splitlines() if line not in before.splitlines()]
    assert len(changed) == 1


def test_a_flag_a_pick_and_a_limit_come_into_the_text(new: New) -> None:
    desk = new()
    desk.fill("/clocks/0", limits__0__limit="15", **{"limits.0.limit/unit": "workday"}, owner="supervisor", roll=[])
    clock = desk.says["clocks"][0]
    assert (clock["limits"], clock["owner"], clock["roll"]) == ([{"limit": "15 workday"}], "supervisor", False)


def test_what_is_no_limit_is_kept_and_said_where_it_stands(new: New) -> None:
    desk = new()
    desk.fill("/clocks/0", limits__0__limit="不久")
    assert desk.says["clocks"][0]["limits"] == [{"limit": "不久 day"}]
    assert "“不久 day”不是期限" in words_of(desk.page("/clocks/0"))
    assert desk.row["proven"] == ""


def test_a_post_is_added_by_role_and_place_and_taken_away_by_its_tick(new: New) -> None:
    desk, rung = new(), "/ladders/0/tiers/0/0"
    desk.fill(rung, **{"to/role": "head", "to/where": "supervisor"})
    assert desk.says["ladders"][0]["tiers"][0][0]["to"] == ["handler@holder", "head@supervisor"]
    desk.fill(rung, to="head@supervisor")
    assert desk.says["ladders"][0]["tiers"][0][0]["to"] == ["head@supervisor"]
    assert "交办机关的主要负责人" in words_of(desk.page(rung))


def test_whoever_asked_is_picked_where_a_step_tells_somebody_and_nowhere_else(new: New) -> None:
    desk, step = new(), "/transitions/0"
    desk.fill(step, then="add:/transitions/0/effects")
    assert '<option value="asker">提请审批的人</option>' in desk.page(step)
    desk.fill(step, **{"effects__0__to/role": "asker"})
    (told,) = desk.says["transitions"][0]["effects"]
    assert told["notify_posts"]["to"] == ["handler@holder", "asker"]
    page = words_of(desk.page(step))
    assert "提请审批的人" in page and "这一步不答复审批，没有提请的人可通知" in page
    assert 'value="asker"' not in desk.page("/ladders/0/tiers/0/0")


def test_a_guard_takes_what_its_function_takes_and_is_composed(new: New) -> None:
    desk, step = new(), "/transitions/0"
    desk.fill(step, then="add:/transitions/0/guards")
    desk.fill(step, guards__0__name="fired_at_least")
    assert "哪一步" in words_of(desk.page(step))
    desk.fill(step, guards__0__trigger="finish", guards__0__times="2")
    assert desk.says["transitions"][0]["guards"] == [{"fired_at_least": {"trigger": "finish", "times": 2}}]
    desk.fill(step, guards__0__name="any")
    assert desk.says["transitions"][0]["guards"] == [{"any": [{"fired_at_least": {"trigger": "finish", "times": 2}}]}]
    desk.fill(step, then="add:/transitions/0/guards/0/any")
    assert desk.says["transitions"][0]["guards"][0]["any"][1] == "is_paused"
    desk.fill(step, then="remove:/transitions/0/guards/0/any/0")
    assert desk.says["transitions"][0]["guards"] == [{"any": ["is_paused"]}]


def test_an_effect_is_added_moved_and_removed(new: New) -> None:
    desk, step = new(), "/transitions/0"
    desk.fill(step, then="add:/transitions/0/effects")
    desk.fill(step, then="add:/transitions/0/effects")
    desk.fill(step, effects__1__name="notify_holder")
    desk.fill(step, effects__1__message="closed", then="up:/transitions/0/effects/1")
    effects = desk.says["transitions"][0]["effects"]
    assert [next(iter(one)) for one in effects] == ["notify_holder", "notify_posts"]
    desk.fill(step, then="remove:/transitions/0/effects/0")
    assert [next(iter(one)) for one in desk.says["transitions"][0]["effects"]] == ["notify_posts"]


def test_a_part_is_added_and_taken_away(new: New) -> None:
    desk, step = new(), "/transitions/0"
    for part in ("approval", "evidence"):
        desk.fill(step, then=f"add:/transitions/0/{part}")
        assert part in desk.says["transitions"][0]
        desk.fill(step, then=f"remove:/transitions/0/{part}")
        assert part not in desk.says["transitions"][0]


def test_a_question_is_added_asked_in_three_languages_moved_and_removed(new: New) -> None:
    desk, step = new(), "/transitions/0"
    answer = desk.fill(step, then="add:/transitions/0/form")
    assert "at=/transitions/0/form/0" in answer.headers["Location"]
    desk.fill("/transitions/0/form/0", type="choice", required="1", **VISITED)
    desk.fill("/transitions/0/form/0", then="add:/transitions/0/form/0/choices")
    question = desk.says["transitions"][0]["form"][0]
    assert (question["type"], question["required"], len(question["choices"])) == ("choice", True, 1)
    shown = previews(desk.page(step))
    assert list(shown) == ["zh-Hans", "zh-Hant", "en"]
    assert ("走访情况" in shown["zh-Hans"], "Result" in shown["zh-Hans"]) == (True, False)
    assert "走訪情況" in shown["zh-Hant"]
    assert ("Result" in shown["en"], "走访情况" in shown["en"]) == (True, False)
    desk.fill(step, then="add:/transitions/0/form")
    desk.fill(step, then="up:/transitions/0/form/1")
    assert desk.says["transitions"][0]["form"][1]["key"] == question["key"]
    desk.fill(step, then="remove:/transitions/0/form/0")
    assert [one["key"] for one in desk.says["transitions"][0]["form"]] == [question["key"]]


def test_the_registration_form_is_shown_in_three_languages_where_a_fact_is_open(new: New) -> None:
    desk, fact = new(), "/fields/0"
    desk.done("then", then="add:/fields")
    desk.fill(fact, type="choice", required="1", **VISITED)
    desk.fill(fact, then=f"add:{fact}/choices")
    choice = desk.says["fields"][0]["choices"][0]
    desk.done("then", then="add:/fields")
    desk.fill("/fields/1", **{"title.zh-Hans": "办后才有"})
    page = desk.page(fact)
    shown = previews(page)
    assert "登记的人看到的" in words_of(page)
    assert {language: told for language, told in VISITS.items() if told in shown[language]} == VISITS
    assert choice["title"] in shown["zh-Hans"]
    assert "必填" in shown["zh-Hans"]
    # What is neither required nor written by hand comes of the steps, and nobody is asked for it when registering.
    assert "办后才有" not in shown["zh-Hans"]
    assert previews(desk.page("/states/0")) == {}


def test_each_list_takes_another_entry_which_has_its_panel(new: New) -> None:
    desk = new()
    for part in ("states", "transitions", "fields", "clocks", "ladders", "rules", "access", "opened_by"):
        before = len(desk.says.get(part) or [])
        where = desk.done("then", then=f"add:/{part}")
        assert len(desk.says[part]) == before + 1
        assert desk.client.get(where).status_code == 200


def test_the_kind_itself_has_its_title_number_and_access(new: New) -> None:
    desk = new()
    desk.fill("", number="访〔{year}〕{n}号", access__1__may="read", **{"title.zh-Hans": "入户走访"})
    assert (desk.says["title"], desk.says["number"], desk.says["access"][1]["may"]) == ("入户走访", "访〔{year}〕{n}号", "read")
    assert desk.says["key"] == "visit"


def test_a_value_that_is_too_long_is_refused_and_stays_in_its_box(new: New) -> None:
    desk = new()
    before, long = desk.text, "长" * 2001
    answer = desk.fill("", number=long)
    assert answer.status_code == 422
    assert desk.text == before and long in answer.text
