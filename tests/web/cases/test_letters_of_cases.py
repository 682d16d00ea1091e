"""Letters of real cases: an official document names every body in full, however lists shorten it."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from docx import Document

from handlers.letters.facts import LetterFacts
from handlers.letters.words import day
from tests import hours
from tests.factories import WHY_LATER, County
from tests.web.conftest import Client
from tests.web.site import words_of
from tests.workflow.looking import case_row, clock_row, rows_of
from web.cases.letters import letter_facts
from workflow import organisations
from workflow.dates import local_day
from workflow.models import Case
from workflow.reads.case_page import case_page
from workflow.reads.issued import issued_of

NOW = hours.now()
FULL = {
    "office": ("中共安澜县委巡察工作领导小组办公室", "县委巡察办"),
    "leading_group": ("中共安澜县委巡察工作领导小组", "县委领导小组"),
    "liuhe_party": ("中共安澜县柳河镇委员会", "柳河镇党委"),
    "donggou_branch": ("中共柳河镇东沟村支部委员会", "东沟村党支部"),
}


@pytest.fixture
def county(county: County) -> County:
    """The county, whose bodies have a full name and a short one."""

    def rename(store: Any) -> None:
        for key, (name, short) in FULL.items():
            organisations.rename_organ(store, organ_id=county.organs[key], name=name, short_name=short)

    county.database.write(rename)
    return county


def words_in(written: bytes) -> str:
    """All that stands in a Word file."""
    document = Document(io.BytesIO(written))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_a_downloaded_letter_has_full_names_only(client: Client, county: County) -> None:
    case_id = county.supervised_item(NOW - timedelta(hours=1))
    text = words_in(client("lin").get(f"/cases/{case_id}/letters/assignment_sheet").data)
    assert FULL["donggou_branch"][0] in text
    assert FULL["office"][0] in text
    assert all(short not in text for _full, short in FULL.values())


def facts_of(county: County, case_id: int, letter: str) -> LetterFacts:
    """The facts of the latest letter of that name, as 林静 gets it today."""
    lin = county.actor("lin", local_day(NOW))

    def read(store: Any, occasion: Any) -> LetterFacts:
        page = case_page(store, occasion, lin, case_id)
        found = next(one for one in page.letters if one.letter == letter)
        return letter_facts(page, occasion, issued_of(store, occasion, case_id, found))

    return county.engine.read(NOW, read)


def test_the_notice_of_a_talk_goes_from_who_holds_it_to_who_is_talked_to(county: County) -> None:
    began = NOW - timedelta(days=200)
    county.supervised_item(began)
    county.engine.tick(NOW)
    talk = rows_of(county, Case, kind="interview")[0]
    facts = facts_of(county, talk["id"], "interview_notice")
    names = {organ_id: FULL[key][0] for key, organ_id in county.organs.items() if key in FULL}
    assert facts.interviewer == facts.issuer == names[talk["interviewer_id"]]
    assert facts.interviewee == facts.recipient == names[talk["interviewee_id"]]
    assert facts.leading_group == FULL["leading_group"][0]


def test_a_letter_keeps_the_day_and_the_addressee_of_the_step_that_issued_it(county: County) -> None:
    began = NOW - timedelta(days=3)
    case_id = county.open_item(began, immediate="rectify_now", period="default_immediate")
    county.hand_over(case_id, began + timedelta(hours=1), to="bureau")
    told = {"hand_back_reason": "not_ours", "hand_back_note": "应由属地承办"}
    county.fire(case_id, "hand_back", "ma", began + timedelta(hours=2), **told)
    facts = facts_of(county, case_id, "assignment_sheet")
    assert case_row(county, case_id)["holder_id"] == county.organs["office"]
    assert (facts.recipient, facts.issued_on) == ("县农业农村局", local_day(began + timedelta(hours=1)))


def test_of_two_letters_of_one_name_each_is_had_as_it_went_out(client: Client, county: County) -> None:
    began = NOW - timedelta(days=3)
    case_id = county.open_item(began, immediate="rectify_now", period="default_immediate")
    county.hand_over(case_id, began + timedelta(hours=1), to="bureau")
    told = {"hand_back_reason": "not_ours", "hand_back_note": "应由属地承办"}
    county.fire(case_id, "hand_back", "ma", began + timedelta(hours=2), **told)
    county.hand_over(case_id, began + timedelta(hours=3))
    lin = client("lin")
    links = re.findall(rf'href="(/cases/{case_id}/letters/assignment_sheet[^"]*)"', lin.get(f"/cases/{case_id}").text)
    texts = [words_in(lin.get(unescape(link)).data) for link in links]
    assert ["县农业农村局" in text for text in texts] == [False, True]
    assert [FULL["donggou_branch"][0] in text for text in texts] == [True, True], "both say what they are about"
    assert lin.get(f"/cases/{case_id}/letters/assignment_sheet?seq=999").status_code == 404


def test_a_letter_tells_the_limit_and_the_lateness_of_its_own_day(county: County) -> None:
    began = NOW - timedelta(days=120)
    case_id = county.supervised_item(began, immediate="rectify_now", period="default_immediate")
    county.engine.tick(began + timedelta(days=12))
    before = facts_of(county, case_id, "supervision_order")
    for days in (40, 80):
        county.engine.tick(began + timedelta(days=days))
        county.fire(case_id, "remind", "lin", began + timedelta(days=days, hours=1), remind_by="telephone")
    after = facts_of(county, case_id, "supervision_order")
    assert after == before
    assert after.issued_on == local_day(began + timedelta(days=12)) and after.due_on == after.original_due_on
    assert 0 < after.workdays_late < 10


def test_a_reminder_of_what_the_township_has_to_verify_goes_to_the_township_with_its_limit(county: County) -> None:
    began = NOW - timedelta(days=30)
    told = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "township"}
    case_id = county.supervised_item(began, **told)
    proof = county.keep_file("照片", "zhou")
    reported_at = began + timedelta(days=10)
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=reported_at, file_id=proof)
    county.fire(case_id, "report_rectified", "zhou", reported_at, result="已更新", progress_label="done")
    county.fire(case_id, "remind", "song", NOW, remind_by="sheet")
    sheet, verifying = facts_of(county, case_id, "reminder_sheet"), clock_row(county, case_id, "township_check")
    assert (sheet.holder, sheet.holder_short) == FULL["liuhe_party"]
    assert (sheet.due_on, sheet.original_due_on) == (verifying["due_on"], verifying["original_due_on"])
    assert verifying["due_on"] != clock_row(county, case_id, "rectify")["due_on"] and sheet.workdays_late > 0


def test_a_letter_of_handing_over_tells_the_day_of_the_answer_and_not_that_of_signing(county: County) -> None:
    began = NOW - timedelta(days=3)
    case_id = county.open_item(began, immediate="ordinary", period="three_months", feedback_on=local_day(began).isoformat())
    county.hand_over(case_id, began + timedelta(hours=1))
    main = clock_row(county, case_id, "rectify")
    signing = clock_row(county, case_id, "sign_for")
    assert signing["due_on"] < main["due_on"] == facts_of(county, case_id, "assignment_sheet").due_on


def test_a_form_of_closing_names_the_unit_that_did_the_work_and_the_ground(county: County) -> None:
    began = NOW - timedelta(hours=3)
    case_id = county.supervised_item(began, immediate="rectify_now", period="default_immediate", first_check="county")
    file_id = county.keep_file("照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=began, file_id=file_id, label="site_photo")
    county.fire(case_id, "report_rectified", "zhou", began, result="已更新", progress_label="done")
    county.fire(case_id, "close", "zhao", began, ground="completed", close_opinion="属实")
    facts = facts_of(county, case_id, "close_out_form")
    assert (facts.holder, facts.ground) == (FULL["donggou_branch"][0], "完成销号")


def test_a_form_of_closing_carries_every_opinion_both_limits_and_the_meeting(client: Client, county: County) -> None:
    began = NOW - timedelta(days=9)
    case_id = county.supervised_item(began, immediate="ordinary", period="three_months", title="机动地租金未入账")
    first = clock_row(county, case_id, "rectify")["due_on"]
    later = first + timedelta(days=20)
    asked = {"clock": "rectify", "wanted_on": later, "reason": "承租人在外地", "data": WHY_LATER}
    county.engine.ask_extension(case_id, actor=county.actor("zhou"), now=began + timedelta(hours=1), **asked)
    county.fire(case_id, "advise_extension", "chen", began + timedelta(hours=2), extension_opinion="agreed")
    granted = {"clock": "rectify", "granted": True, "reason": "同意"}
    county.engine.decide_extension(case_id, actor=county.actor("zhao"), now=began + timedelta(hours=3), **granted)
    measure = {"text": "追缴租金", "unit": county.organs["donggou_branch"], "person": "周明远", "due_words": "年底前"}
    plan = {"cause": "管理不严", "first_responsible_post": "书记", "first_responsible": "周明远"}
    measures = [{**measure, "label": "dated", "due_on": later.isoformat()}]
    county.fire(case_id, "submit_plan", "zhou", began + timedelta(hours=4), **plan, measures=measures)
    (child,) = rows_of(county, Case, parent_id=case_id)
    for of in (int(child["id"]), case_id):
        file_id = county.keep_file(f"收据{of}", "zhou")
        county.engine.add_evidence(of, actor=county.actor("zhou"), now=began + timedelta(hours=5), file_id=file_id)
    county.fire(int(child["id"]), "complete", "zhou", began + timedelta(hours=6), note="已追缴")
    reported = began + timedelta(days=1)
    county.fire(case_id, "report_rectified", "zhou", reported, result="已追缴3万元", progress_label="done")
    found = {"township_opinion": "agreed", "verify_note": "账实相符", "discipline_opinion": "同意"}
    county.fire(case_id, "verify", "chen", reported + timedelta(hours=1), **found)
    closed = {"ground": "completed", "close_opinion": "现场核验属实", "meeting_no": "2026年第3次"}
    county.fire(case_id, "close", "zhao", reported + timedelta(hours=2), **closed)
    lin = client("lin")
    page = lin.get(f"/cases/{case_id}").text
    link = re.search(rf'href="(/cases/{case_id}/letters/close_out_form[^"]*)"', page)
    assert link is not None
    sheet = cells_of(lin.get(unescape(link[1])).data)
    assert (sheet["原定时限"], sheet["延长后时限"]) == (day(first), day(later))
    assert (sheet["报告日期"], sheet["集中销号会议编号"]) == (day(local_day(reported)), "2026年第3次")
    verified = sheet["核实意见"].split("\n")
    assert verified[:3] == ["属实，同意销号", "核实情况：账实相符", "乡镇纪委审核意见：同意"]
    assert verified[3].startswith(f"{FULL['liuhe_party'][0]}，陈立新，")
    assert sheet["核验意见"].startswith("现场核验属实\n")
    blank = "（签字盖章）　　　　　年　　月　　日"
    assert sheet["承办单位意见"].strip() == sheet["审批意见"].strip() == blank and sheet["核实意见"].endswith(blank)
    # A closed item says when it was closed, not how long its holder has had it.
    assert "办结" in words_of(page) and "已0天" not in words_of(page)


def cells_of(document: bytes) -> dict[str, str]:
    """Label → value of the sheet."""
    table = Document(io.BytesIO(document)).tables[0]
    pairs = [pair for row in table.rows for pair in zip(row.cells[::2], row.cells[1::2], strict=True)]
    return {label.text: value.text for label, value in pairs if label.text != value.text}
