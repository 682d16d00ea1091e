"""The whole life of an item as the people of the county live it: each role in a browser, at both sizes, in each language.

From a new item to its close-out, through hand-back, sign-for, extension, overdue, interview, send-back, close and reopen.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, answer
from tests.factories import MONDAY
from tests.workflow.looking import case_row
from workflow.dates import local_day

pytestmark = pytest.mark.browser

TITLE = "集体资产租金九万元未收缴"


def test_an_item_lives_its_whole_life_in_the_browser(desk: Desk, photograph: Path, paper: Path) -> None:
    county, organs = desk.county, desk.county.organs
    register(desk)
    item = desk.case("rectification")["id"]

    # Handed to the wrong unit, handed back, handed over again.
    desk.act("song", TITLE, "transfer", recipient=organs["bureau"], hand_over_mode="assign")
    told = {"hand_back_reason": "not_ours", "hand_back_note": "应由属地承办"}
    desk.act("ma", TITLE, "hand_back", **told)
    assert case_row(county, item)["state"] == "received"
    desk.act("song", TITLE, "transfer", recipient=organs["donggou_branch"], hand_over_mode="assign")

    # The village signs for it, makes its plan, and asks for a later date.
    desk.go_to(date(2026, 3, 3))
    desk.act("zhou", TITLE, "sign_for", pieces=1)
    measure = {"text": "与承租人重签合同并追缴", "unit": organs["donggou_branch"], "person": "周明远", "due_words": "5月底前"}
    told = {f"measures/0/{key}": value for key, value in {**measure, "due_on": date(2026, 5, 29), "label": "dated"}.items()}
    told |= {"cause": "合同管理缺位", "first_responsible_post": "东沟村党支部书记", "first_responsible": "周明远"}
    desk.act("zhou", TITLE, "submit_plan", **told)
    desk.act("chen", TITLE, "approve_plan", plan_approved_on=date(2026, 3, 3), plan_opinion="同意")
    desk.go_to(date(2026, 5, 11))
    extend(desk)

    # It is late, and climbs to the interview by itself.
    due = case_row(county, item)["due_on"]
    assert due == date(2026, 6, 22)
    desk.go_to(date(2026, 6, 23))
    page = desk.page("lin")
    expect(page.locator("#figures")).to_contain_text(desk.word("逾期"))
    page.context.close()
    desk.go_to(date(2026, 7, 8))
    talk = desk.case("interview")
    assert talk["state"] == "proposed"
    interview(desk, talk["title"], item, paper)
    assert case_row(county, item)["due_on"] == date(2026, 8, 10)

    # Done by the village on its own page, sent back once, verified and closed.
    village_works(desk, photograph)
    desk.act("zhou", TITLE, "report_rectified", result="九万元已收回入账。", progress_label="done")
    desk.act("song", TITLE, "send_back", send_back_reason="evidence_missing", send_back_note="补收款凭证")
    assert case_row(county, item)["state"] == "supervised"
    desk.prove("zhou", TITLE, paper)
    desk.act("zhou", TITLE, "report_rectified", result="凭证已补。", progress_label="done")
    desk.act("xu", TITLE, "verify", township_opinion="agreed", verify_note="到村看过，账实相符。")
    desk.act("song", TITLE, "close", meeting_no="集中销号会议〔2026〕3号", ground="completed")
    assert case_row(county, item)["state"] == "closed"

    # Months later it is as it was before.
    desk.go_to(date(2026, 11, 2))
    told = {"reopen_cause": "合同又未履行", "reopen_remedy": "由镇里代管"}
    desk.act("zhao", TITLE, "reopen", new_due_on=date(2026, 12, 2), **told)
    row = case_row(county, item)
    assert (row["state"], row["cycle"], row["due_on"]) == ("supervised", 2, date(2026, 12, 2))


def register(desk: Desk) -> None:
    """A new item from the form of the ledger."""
    page = desk.page("lin")
    page.locator('a[href$="/cases/new/rectification"]').click()
    form = page.locator("form.panel")
    facts = {"title": TITLE, "subject": desk.county.organs["donggou_branch"], "problem": "租金三年未收", "source": "feedback"}
    facts |= {"immediate": "ordinary", "period": "three_months", "first_check": "township", "feedback_on": MONDAY}
    for name, value in facts.items():
        answer(form, name, value)
    form.get_by_role("button", name=desk.word("登记"), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    page.context.close()


def extend(desk: Desk) -> None:
    """The village asks, the township says what it thinks, the county grants it."""
    page = desk.page("zhou")
    desk.find(page, TITLE)
    page.locator("#acts summary", has_text=desk.word("其他办理")).click()
    page.locator("#acts").get_by_role("link", name=desk.word("申请延期")).click()
    form = page.locator('form[action$="/verbs/ask_extension"]')
    told = {"wanted_on": date(2026, 6, 22), "reason": "承租人在外地", "extension_cause": "procedure"}
    for name, value in {**told, "extension_progress": "合同已起草"}.items():
        answer(form, name, value)
    form.locator("button[type=submit]").click()
    desk.expect_done(page)
    page.context.close()
    desk.act("chen", TITLE, "advise_extension", extension_opinion="agreed")
    page = desk.page("zhao")
    desk.find(page, TITLE)
    page.locator("#acts").get_by_role("link", name=desk.word("批复延期"), exact=True).click()
    form = page.locator('form[action$="/verbs/decide_extension"]')
    answer(form, "reason", "情况属实")
    form.get_by_role("button", name=desk.word("批准"), exact=True).click()
    desk.expect_done(page)
    page.context.close()


def interview(desk: Desk, title: str, item: int, paper: Path) -> None:
    """Ordered on paper, announced, held, recorded with a new date, and accepted."""
    told = {"approval/approver": "zhao", "approval/on": desk.today, "approval/paper_number": "巡〔2026〕7号"}
    desk.act("lin", title, "order", files={"approval/scan": paper}, **told)
    told = {"held_on": date(2026, 7, 13), "held_time": "9:30", "place": "镇政府二楼", "chair": "陈立新"}
    told |= {
        "interviewee_post": "东沟村党支部书记",
        "interviewee_name": "周明远",
        "contact_name": "许洁",
        "contact_phone": "0300 234 5678",
    }
    desk.act("chen", title, "notify", **told)
    desk.act("zhou", title, "confirm_notice")
    desk.go_to(date(2026, 7, 13), 15)
    told = {f"attendance/0/{key}": value for key, value in (("name", "周明远"), ("post", "党支部书记"), ("present", "yes"))}
    desk.act("chen", title, "hold_talk", held_on=desk.today, held_time="9时30分", **told)
    told = dict.fromkeys(("pointed_out", "explained", "required", "pledged"), "如实记录")
    desk.act("xu", title, "record", recorder="许洁", **told, **{f"new_dates/{item}": date(2026, 8, 10)})
    desk.prove("xu", title, paper, "signed_record")
    desk.act("xu", title, "hand_in")
    desk.act("song", title, "accept", ground="accepted")
    assert desk.case("interview")["state"] == "closed"


def village_works(desk: Desk, photograph: Path) -> None:
    """The measure is done on the page made for the village, with a photograph and a line."""
    page = desk.page("zhou")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    work = page.locator("#works form").first
    work.locator('input[name="step"][value="complete"]').check(force=True)
    work.locator('input[type="file"]').first.set_input_files(photograph)
    work.locator("textarea").fill("九万元已全部收回。")
    work.get_by_role("button", name=desk.word("保存进展")).click()
    expect(page.locator("[data-toast]").last).to_be_visible()
    page.context.close()
    measure = desk.case("measure")
    assert measure["state"] == "done" and local_day(measure["changed_at"]) == desk.today
