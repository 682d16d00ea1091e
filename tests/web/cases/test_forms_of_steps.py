"""The forms of steps: they show what is decided about, and say all that is wrong at once, each answer by its name."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.site import post, words_of
from tests.workflow.looking import case_row, rows_of
from workflow.dates import local_day
from workflow.models import Case, Event

NOW = hours.now()
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
PROBLEM = "村务公开栏半年未更新，群众看不到账。"
RESULT = "公示栏已更换，每月十日前更新。"
BIRD = "金丝雀甲"


@pytest.fixture
def reported(county: County, client: Client) -> int:
    """An item of 东沟村 with a photograph, reported as rectified."""
    began = NOW - timedelta(minutes=30)
    facts = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county", "problem": PROBLEM}
    case_id = county.supervised_item(began, **facts)
    page = f"/cases/{case_id}"
    sent = {"label": "site_photo", "caption": "更换后", "file": (io.BytesIO(PNG), "公开栏.png")}
    assert post(client("zhou"), page, f"{page}/evidence", sent).status_code == 303
    told = {"result": RESULT, "progress_label": "done"}
    assert post(client("zhou"), page, f"{page}/do/report_rectified", told).status_code == 303
    return case_id


@pytest.fixture
def clue(county: County) -> int:
    """A clue with its reporter, registered by lin an hour ago."""
    facts = {"summary": "虚报补助", "managed_by": "village", "reporter_name": BIRD}
    subject = county.organs["donggou_branch"]
    opened = county.engine.open(
        "clue", actor=county.actor("lin"), now=NOW - timedelta(hours=1), title="虚报补助", subject_id=subject, data=facts
    )
    return opened.case_id


# ---- what is decided about ----------------------------------------------------------------------------------------------


def test_a_form_of_its_own_shows_the_problem_the_date_the_report_and_the_pictures(client: Client, reported: int) -> None:
    zhao = client("zhao")
    for path in ("do/close", "do/send_back", "verbs/pause", "verbs/void", "verbs/comment", "amend/goal"):
        page = zhao.get(f"/cases/{reported}/{path}").text
        gist = re.search(r'<section class="gist".*?</section>', page, re.S)
        assert gist, path
        words = words_of(gist[0])
        assert PROBLEM in words and RESULT in words and "公开栏.png" in words and "更换后" in words, path
        assert re.search(r"应于\d+月\d+日完成", words) and "报整改完成" in words and "东沟村党支部" in words, path
        assert f"/cases/{reported}/evidence/" in gist[0]


def test_a_form_in_place_stands_on_the_page_that_shows_it_all_and_does_not_repeat_it(client: Client, reported: int) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost/cases/{reported}"}
    assert 'class="gist"' not in client("zhao").get(f"/cases/{reported}/do/close", headers=headers).text


def test_a_sealed_fact_is_on_no_form(client: Client, clue: int) -> None:
    lin = client("lin")
    for path in ("do/transfer", "do/conclude", "do/report_up", "verbs/comment", "amend/summary"):
        page = lin.get(f"/cases/{clue}/{path}").text
        assert "虚报补助" in page and 'class="gist"' in page and BIRD not in page, path


def test_the_order_of_a_talk_shows_what_stands_on_its_agenda(client: Client, county: County) -> None:
    county.supervised_item(NOW - timedelta(days=120), immediate="rectify_now", period="default_immediate", first_check="county")
    county.engine.tick(NOW - timedelta(minutes=5))
    (talk,), (item,) = rows_of(county, Case, kind="interview"), rows_of(county, Case, kind="rectification")
    gist = words_of(client("zhao").get(f"/cases/{talk['id']}/do/order").text)
    assert item["title"] in gist and item["number"] in gist and "逾期" in gist


def test_a_long_text_is_folded_with_all_of_it_on_the_page(client: Client, county: County) -> None:
    long = "甲" * 500 + "末尾"
    case_id = county.open_item(NOW - timedelta(minutes=9), problem=long)
    for path in (f"/cases/{case_id}", f"/cases/{case_id}/verbs/void"):
        page = client("zhao").get(path).text
        assert re.search(r'<details class="fold"><summary>.*?展开全文（502字）.*?</summary>', page, re.S), path
        assert long in page, path
    assert 'class="fold"' not in client("zhao").get(f"/cases/{county.open_item(NOW - timedelta(minutes=8))}").text


# ---- all that is wrong, by name -----------------------------------------------------------------------------------------


def summary_of(page: str) -> list[tuple[str, str]]:
    """The links of the summary: where each leads, and its words."""
    box = re.search(r'<div class="note note-dark error-summary".*?</div>', page, re.S)
    assert box, "nothing was refused"
    return [(href, words_of(words)) for href, words in re.findall(r'<li><a href="#([^"]*)">(.*?)</a></li>', box[0], re.S)]


def test_registering_says_all_that_is_wrong_at_once_and_each_line_names_its_box_and_leads_to_it(client: Client) -> None:
    typed = {"feedback_on": "下个月", "money_involved": "很多", "previous_item": "x"}
    url = "/cases/new/rectification"
    refused = post(client("lin"), url, url, typed)
    assert refused.status_code == 422
    lines = summary_of(refused.text)
    said = [words for _href, words in lines]
    assert {"标题：这一栏要填", "涉及单位：这一栏要填", "反馈问题：这一栏要填"} <= set(said)
    assert "反馈日期：没有这一天，或者写法不对，如2026年11月25日" in said and "涉及金额：写成数字" in said
    for href, words in lines:
        assert f'id="{href}"' in refused.text and f'id="{href}-error"' in refused.text, words
    assert all(text in refused.text for text in typed.values())


def test_the_facts_that_choose_the_limit_stand_beside_what_is_required(client: Client) -> None:
    shown, _, more = client("lin").get("/cases/new/clue").text.partition("更多内容")
    for name in ("summary", "class", "urgency", "managed_by"):
        assert f'name="{name}"' in shown and f'name="{name}"' not in more
    assert 'name="round"' in more and 'name="round"' not in shown


def test_what_may_stay_empty_folds_by_its_size_and_opens_where_something_is_wrong_or_typed(client: Client) -> None:
    url = "/cases/new/rectification"
    folds = re.compile(r"<details( open)?><summary>(更多内容：[^<]*)")
    titles = [f"更多内容：{one}" for one in ("日期、人员和金额", "分类和选项", "文字说明", "多选和清单")]
    assert folds.findall(client("lin").get(url).text) == [("", title) for title in titles]
    refused = post(client("lin"), url, url, {"feedback_on": "下个月", "people_handled/0/number_of_persons": "x"})
    assert [title for is_open, title in folds.findall(refused.text) if is_open] == [titles[0], titles[3]]
    kept = post(client("lin"), url, url, {"goal": "年底前收回"})
    assert [title for is_open, title in folds.findall(kept.text) if is_open] == [titles[2]]
    chosen = post(client("lin"), url, url, {"area": "strict_governance"})
    assert [title for is_open, title in folds.findall(chosen.text) if is_open] == [titles[1]]


def test_a_text_too_long_is_refused_with_its_length_and_stays_as_it_was_typed(client: Client, county: County) -> None:
    long = "字" * 20_001
    url = "/cases/new/rectification"
    page = client("lin").get(url).text
    boxes = re.findall(r"<(?:textarea|input)[^>]*name=\"(?:problem|title)\"[^>]*>", page)
    assert len(boxes) == 2 and not any("maxlength" in box for box in boxes), "a browser would cut without a word"
    refused = post(client("lin"), url, url, {"title": "题" * 201, "subject": county.organs["donggou_branch"], "problem": long})
    said = dict(summary_of(refused.text))
    assert said["f-problem"] == "反馈问题：文字太长：有20001个字，最多20000个字，写短些再交"
    assert said["f-title"] == "标题：文字太长：有201个字，最多200个字，写短些再交"
    assert long in refused.text and rows_of(county, Case) == []


def test_a_reason_too_long_is_refused_and_kept(client: Client, county: County, reported: int) -> None:
    url = f"/cases/{reported}/verbs/void"
    refused = post(client("zhao"), url, url, {"reason": "因" * 2_001, "approver": "zhao"})
    assert ("f-reason", "理由：文字太长：有2001个字，最多2000个字，写短些再交") in summary_of(refused.text)
    assert "因" * 2_001 in refused.text and rows_of(county, Event, case_id=reported, verb="void") == []


def test_the_summary_of_each_verb_names_what_is_wrong(client: Client, county: County, reported: int) -> None:
    form = f"/cases/{reported}/verbs"
    for verb, told, lines in (
        ("void", {}, {"理由：这一栏要填", "审批人：这一栏要填"}),
        ("pause", {"max_days": "很久"}, {"理由：这一栏要填", "审批人：这一栏要填"}),
        ("merge", {"number": "没有"}, {"并入哪一件（编号）：没有找到这个编号的事项", "理由：这一栏要填"}),
        ("comment", {"text": ""}, {"写一句：这一栏要填"}),
    ):
        refused = post(client("zhao"), f"{form}/{verb}", f"{form}/{verb}", told)
        found = summary_of(refused.text)
        assert lines <= {words for _href, words in found}, verb
        assert all(f'id="{href}"' in refused.text for href, _words in found), verb


def test_a_form_is_not_stopped_by_the_browser_at_its_first_empty_box(client: Client, reported: int) -> None:
    for path in (f"/cases/{reported}/do/send_back", "/cases/new/rectification"):
        (form,) = re.findall(r'<form class="form[^>]*>', client("zhao").get(path).text)
        assert "novalidate" in form, path


def test_a_later_date_that_is_none_is_told_at_its_box_with_all_else(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=30))
    form, verb = f"/cases/{case_id}/extension/rectify", f"/cases/{case_id}/verbs/ask_extension"
    for typed, said in (("", "这一栏要填"), ("下周吧", "没有这一天，或者写法不对，如2026年11月25日")):
        refused = post(client("zhou"), form, verb, {"clock": "rectify", "wanted_on": typed, "reason": ""})
        lines = summary_of(refused.text)
        assert ("f-wanted_on", f"延到哪一天：{said}") in lines and ("f-reason", "具体说明：这一栏要填") in lines
        assert "延期原因：这一栏要填" in {words for _href, words in lines} and 'id="f-wanted_on-error"' in refused.text


def test_a_later_date_without_its_year_is_shown_in_full_before_it_is_asked_for(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=30))
    due = case_row(county, case_id)["due_on"]
    form, verb = f"/cases/{case_id}/extension/rectify", f"/cases/{case_id}/verbs/ask_extension"
    wanted = due + timedelta(days=1)
    told = {"clock": "rectify", "reason": "等雨停", "wanted_on": f"{wanted.month}-{wanted.day}"}
    refused = post(client("zhou"), form, verb, told)
    full = f"{wanted.year}年{wanted.month}月{wanted.day}日"
    assert dict(summary_of(refused.text))["f-wanted_on"].startswith(f"延到哪一天：没有写年份，读作{full}")
    assert re.search(rf'<input[^>]* name="wanted_on" value="{full}"', refused.text)
    assert rows_of(county, Event, case_id=case_id, verb="ask_extension") == []


def test_the_day_of_a_receipt_without_its_year_is_the_last_such_day(client: Client, county: County) -> None:
    case_id = county.open_item(NOW - timedelta(days=4), immediate="rectify_now", period="default_immediate")
    county.hand_over(case_id, NOW - timedelta(days=4) + timedelta(minutes=1))
    url, ahead = f"/cases/{case_id}/do/sign_for", local_day(NOW) + timedelta(days=20)
    refused = post(client("zhou"), url, url, {"happened_on": f"{ahead.month}月{ahead.day}日"})
    days = (local_day(NOW) - timedelta(days=n) for n in range(4 * 366))
    last = next(day for day in days if (day.month, day.day) == (ahead.month, ahead.day))
    said = f"{last.year}年{last.month}月{last.day}日"
    assert f"读作{said}" in dict(summary_of(refused.text))["f-happened_on"] and f'value="{said}"' in refused.text
    impossible = post(client("zhou"), url, url, {"happened_on": "2月30日"})
    assert dict(summary_of(impossible.text))["f-happened_on"] == "纸上签收的日期：没有这一天，核对月份和日子"


def test_a_bad_day_of_the_receipt_is_told_with_the_form(client: Client, county: County) -> None:
    case_id = county.open_item(NOW - timedelta(days=4), immediate="rectify_now", period="default_immediate")
    county.hand_over(case_id, NOW - timedelta(days=4) + timedelta(minutes=1))
    url = f"/cases/{case_id}/do/sign_for"
    refused = post(client("zhou"), url, url, {"happened_on": "那天", "pieces": "几件", "reason": "由" * 20_001})
    lines = dict(summary_of(refused.text))
    assert lines["f-happened_on"] == "纸上签收的日期：没有这一天，或者写法不对，如2026年11月25日"
    assert lines["f-reason"].startswith("理由：文字太长")
    assert case_row(county, case_id)["state"] == "transferred"


def test_evidence_that_is_wanted_is_told_with_what_is_wrong_with_the_form(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(minutes=30), immediate="rectify_now", period="default_immediate")
    url = f"/cases/{case_id}/do/report_rectified"
    refused = post(client("zhou"), url, url, {"progress_label": "done"})
    box = refused.text[refused.text.index("error-summary") :]
    assert refused.status_code == 422 and "整改完成情况：这一栏要填" in words_of(box) and "先上传" in words_of(box)


# ---- the small things ---------------------------------------------------------------------------------------------------


def test_an_approver_is_shown_by_name_and_the_example_of_a_day_lies_where_it_may_be(client: Client, county: County) -> None:
    case_id = county.open_item(NOW - timedelta(days=1), source="other")
    page = client("song").get(f"/cases/{case_id}/do/transfer").text
    assert '<option value="zhao">赵国华</option>' in page
    today = local_day(NOW)
    assert f'placeholder="如{today.month}月{today.day}日"' in re.findall(r"<input[^>]*approval/on[^>]*>", page)[0]
    ahead = today + timedelta(days=7)
    wanted = re.findall(r"<input[^>]*name=\"feedback_on\"[^>]*>", client("lin").get("/cases/new/rectification").text)[0]
    assert f"{ahead.month}月{ahead.day}日" in wanted or f"{today.month}月{today.day}日" in wanted
