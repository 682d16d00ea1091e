"""The forms of the engine's own verbs: whoever may do it finds the form, with only those to choose who may be chosen."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta

import pytest

from tests import hours
from tests.factories import County, local_day_text
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row, rows_of
from workflow.models import Barred, Evidence, Party, Person

NOW = hours.now()
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def case_id(county: County) -> int:
    """An immediate item that 东沟村 has signed for half an hour ago."""
    began = NOW - timedelta(minutes=30)
    return county.supervised_item(began, immediate="rectify_now", period="default_immediate", first_check="county")


def choices_of(page: str, control: str) -> list[str]:
    """The values that a select offers."""
    found = re.search(rf'<select id="{control}".*?</select>', page, re.S)
    assert found is not None, control
    return [value for value in re.findall(r'<option value="([^"]*)"', found[0]) if value]


def test_a_pause_and_a_disposal_offer_the_leaders_who_may_approve_them(client: Client, case_id: int) -> None:
    zhao, page = client("zhao"), f"/cases/{case_id}"
    for verb in ("pause", "void"):
        assert f'href="{page}/verbs/{verb}"' in zhao.get(page).text
        assert choices_of(zhao.get(f"{page}/verbs/{verb}").text, "f-approver") == ["fang", "gao", "liu"]


def test_the_approver_on_paper_is_chosen_among_those_whom_the_rule_allows(client: Client, county: County) -> None:
    unapproved = county.open_item(NOW - timedelta(minutes=5))
    page = client("song").get(f"/cases/{unapproved}/do/transfer").text
    assert choices_of(page, "f-approval-approver") == ["zhao"]


def test_somebody_is_taken_off_a_case_from_its_page(client: Client, county: County, case_id: int) -> None:
    lin, form = client("lin"), f"/cases/{case_id}/bar"
    assert f'href="{form}"' in lin.get(f"/cases/{case_id}").text
    offered = choices_of(lin.get(form).text, "f-organ")
    assert str(county.organs["office"]) not in offered
    told = {"form": "1", "person": "何敏", "reason": "亲属"}
    assert post(lin, form, f"/cases/{case_id}/verbs/bar", told).status_code == 303
    told = {"form": "1", "organ": str(county.organs["bureau"]), "reason": "亲属"}
    assert post(lin, form, f"/cases/{case_id}/verbs/bar", told).status_code == 303
    assert [(row["person_id"], row["organ_id"]) for row in rows_of(county, Barred)] == [
        (county.people["he"], None),
        (None, county.organs["bureau"]),
    ]
    assert str(county.organs["bureau"]) not in choices_of(lin.get(form).text, "f-organ")
    refused = post(lin, form, f"/cases/{case_id}/verbs/bar", {"form": "1", "person": "没有这个人", "reason": "亲属"})
    assert refused.status_code == 422
    assert "没有这个人" in refused.text
    assert "f-person-error" in refused.text


def test_one_takes_oneself_off_and_the_case_is_gone(client: Client, case_id: int) -> None:
    sun, form = client("sun"), f"/cases/{case_id}/bar"
    assert "f-organ" not in sun.get(form).text
    answer = post(sun, form, f"/cases/{case_id}/verbs/bar", {"form": "1", "own": "1", "reason": "亲属"})
    assert answer.status_code == 303
    assert sun.get(f"/cases/{case_id}").status_code == 404


def test_a_fact_that_lists_organs_is_amended_on_its_own_page(client: Client, county: County, case_id: int) -> None:
    lin, form = client("lin"), f"/cases/{case_id}/amend/assisting"
    assert f'href="{form}"' in lin.get(f"/cases/{case_id}").text
    told = {"form": "1", "field": "assisting", "assisting/asked": "1", "reason": "补充"}
    unit = {"assisting/0/unit": str(county.organs["bureau"])}
    assert post(lin, form, f"/cases/{case_id}/verbs/amend", told | unit).status_code == 303
    assert [row["organ_id"] for row in rows_of(county, Party, case_id=case_id)] == [county.organs["bureau"]]
    assert "县农业农村局" in words_of(lin.get(f"/cases/{case_id}").text)
    refused = post(lin, form, f"/cases/{case_id}/verbs/amend", told | unit | {"reason": ""})
    assert refused.status_code == 422
    assert str(county.organs["bureau"]) in choices_of(refused.text, "f-assisting-0-unit")
    assert post(lin, form, f"/cases/{case_id}/verbs/amend", told).status_code == 303
    assert rows_of(county, Party, case_id=case_id) == []


def test_the_box_of_the_agreed_date_says_when_it_must_be_filled(client: Client, county: County) -> None:
    lin, needed = client("lin"), "商定完成日期整改时限依据为“按商定日期”的须填"
    assert needed in words_of(lin.get("/cases/new/rectification").text).replace(" ", "")
    case_id = county.open_item(NOW - timedelta(minutes=5))
    form, verb = f"/cases/{case_id}/amend/period", f"/cases/{case_id}/verbs/amend"
    assert needed in words_of(lin.get(form).text).replace(" ", "")
    told = {"field": "period", "period": "own_date", "reason": "照整改方案"}
    refused = post(lin, form, verb, told)
    assert refused.status_code == 422 and "商定完成日期：这一栏要填" in words_of(refused.text)
    agreed = local_day_text(NOW + timedelta(days=20))
    assert post(lin, form, verb, told | {"due_on": agreed}).status_code == 303
    facts = json.loads(case_row(county, case_id)["data"])
    assert (facts["period"], facts["due_on"]) == ("own_date", agreed)


def test_who_corrects_a_date_is_told_before_and_after_that_the_limit_stays(client: Client, county: County) -> None:
    days = [local_day_text(NOW + timedelta(days=days)) for days in (20, 40)]
    case_id = county.supervised_item(NOW - timedelta(minutes=30), period="own_date", due_on=days[0])
    lin, page, form = client("lin"), f"/cases/{case_id}", f"/cases/{case_id}/amend/due_on"
    before = words_of(lin.get(form).text)
    assert "更正这一项，正在计时的期限不变：" in before and "要改期限，由承办单位申请延期。" in before
    assert "期限不变" not in words_of(lin.get(f"{page}/amend/goal").text)
    told = {"field": "due_on", "due_on": days[1], "reason": "照整改方案"}
    assert post(lin, form, f"{page}/verbs/amend", told).status_code == 303
    assert re.search("商定完成日期现为.{3,12}，期限仍以.{3,12}为准。", words_of(lin.get(page).text))


def test_a_fact_that_one_may_not_amend_has_no_page(client: Client, case_id: int) -> None:
    assert client("zhou").get(f"/cases/{case_id}/amend/assisting").status_code == 404
    assert client("lin").get(f"/cases/{case_id}/amend/no_such_fact").status_code == 404


def test_merging_asks_for_the_approval_on_its_form(client: Client, county: County) -> None:
    minor, main = county.open_item(NOW - timedelta(minutes=9)), county.open_item(NOW - timedelta(minutes=8))
    lin = client("lin")
    assert choices_of(lin.get(f"/cases/{minor}/verbs/merge").text, "f-approval-approver") == ["zhao"]
    told = {"number": case_row(county, main)["number"], "reason": "同一问题"}
    refused = post(lin, f"/cases/{minor}", f"/cases/{minor}/verbs/merge", told)
    assert refused.status_code == 409
    assert "先经审批" in words_of(refused.text) and "同一问题" in refused.text
    assert post(client("zhao"), f"/cases/{minor}", f"/cases/{minor}/verbs/merge", told).status_code == 303


def test_a_later_date_is_asked_for_on_a_form_that_keeps_what_was_typed(client: Client, county: County, case_id: int) -> None:
    zhou, form, verb = client("zhou"), f"/cases/{case_id}/extension/rectify", f"/cases/{case_id}/verbs/ask_extension"
    assert f'href="{form}"' in zhou.get(f"/cases/{case_id}").text
    latest = re.search(r'data-latest="([0-9-]+)"><input[^>]* id="f-wanted_on"', zhou.get(form).text)
    assert latest is not None
    told = {"form": "1", "clock": "rectify", "wanted_on": latest[1], "reason": "暴雨冲毁路基"}
    refused = post(zhou, form, verb, told)
    assert refused.status_code == 422
    words = words_of(refused.text)
    assert "延期原因：这一栏要填" in words and "目前进展：这一栏要填" in words and "暴雨冲毁路基" in refused.text
    told |= {"extension_cause": "objective", "extension_progress": "已挖开"}
    assert "这个原因须附证明材料" in words_of(post(zhou, form, verb, told).text)
    assert rows_of(county, Evidence, case_id=case_id) == []
    bad = {"proof": (io.BytesIO(b"MZ" + b"0" * 99), "坏的.exe")}
    assert post(zhou, form, verb, told | bad).status_code == 422
    proof = {"proof": (io.BytesIO(PNG), "雨情.png")}
    assert post(zhou, form, verb, told | proof).status_code == 303
    assert [row["label"] for row in rows_of(county, Evidence, case_id=case_id)] == ["cause_proof"]
    page = words_of(client("zhao").get(f"/cases/{case_id}/verbs/decide_extension").text)
    assert "客观原因（天气、灾害、季节、诉讼、政策调整等）" in page and "已挖开" in page and "暴雨冲毁路基" in page
    # Asked for already: the form is gone, and what is sent from an old one is refused on the case's own page.
    assert zhou.get(form).status_code == 404
    again = post(zhou, f"/cases/{case_id}", verb, told)
    assert again.status_code == 409 and "已经申请" in words_of(again.text)
    assert zhou.get(f"/cases/{case_id}/extension/no_such_clock").status_code == 404
    assert client("lin").get(form).status_code == 404


def test_a_reminder_is_one_click_counted_on_the_row_with_words_that_hold_no_content(client: Client, county: County) -> None:
    case_id = county.supervised_item(
        NOW - timedelta(days=60), title="账目不清", immediate="rectify_now", period="default_immediate"
    )
    lin, page = client("lin"), f"/cases/{case_id}"
    number = case_row(county, case_id)["number"]
    for times in (1, 2):
        text = lin.get(page).text
        assert "data-copies" not in text, "nothing is copied before it was sent"
        form = re.search(
            rf'<form class="inline" method="post" action="/cases/{case_id}/do/remind"[^>]*>(.*?)</form>', text, re.S
        )
        assert form is not None
        told = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[1]))
        assert post(lin, page, f"/cases/{case_id}/do/remind", told).status_code == 303
        words = re.search(r'data-toast data-copies="([^"]*)"', lin.get(page).text)
        assert words is not None
        assert number in words[1] and f"第{times}次催办" in words[1] and "账目" not in words[1]
    assert "已催办2次" in words_of(lin.get(page).text) and "复制催办用语" in lin.get(page).text
    assert "复制催办用语" not in client("zhou").get(page).text and "data-copy" not in client("zhou").get(page).text


def test_approvers_of_one_name_are_told_apart_by_unit_and_post_and_never_by_their_accounts(
    client: Client, county: County
) -> None:
    case_id = county.supervised_item(NOW - timedelta(days=3))
    (name,) = (row["name"] for row in rows_of(county, Person, id=county.people["gao"]))
    county.database.write(lambda store: store.update(Person, {"name": name}, id=county.people["fang"]))
    text = client("zhao").get(f"/cases/{case_id}/verbs/pause").text
    options = dict(re.findall(r'<option value="(fang|gao|liu)">([^<]+)</option>', text))
    assert set(options) == {"fang", "gao", "liu"} and len(set(options.values())) == 3
    for login in ("fang", "gao"):
        assert re.fullmatch(rf"{name}（[^A-Za-z）]+）", options[login]), options
    assert "（" not in options["liu"], "nobody else is called so"
