"""Every role begins where it lands when it signs in, and comes to its work by what it sees there: no address is typed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, answer, in_turn
from tests.browser.served import DESK, PHONE
from tests.factories import MONDAY, County, at
from tests.workflow.looking import case_row

pytestmark = pytest.mark.browser

TITLE = "镇级集体资产底数不清"


def step_of_talk(desk: Desk, page: Page, trigger: str) -> None:
    """Presses the next step of the talk that the inbox shows beside its rows."""
    talk = desk.case("interview")
    shown = page.locator("#talks .talk-due", has_text=talk["title"])
    shown.locator(".button", has_text=desk.step(talk["id"], trigger)).click()


def step_of_row(desk: Desk, page: Page, item: int, trigger: str) -> None:
    """Presses the next step of a case in the ledger or in the inbox."""
    row = page.locator("#rows [data-href]", has_text=case_row(desk.county, item)["title"])
    row.get_by_role("link", name=desk.step(item, trigger), exact=True).click()


@in_turn(DESK, PHONE)
def test_the_leading_group_talks_to_a_township_from_its_first_page(turned: Desk, paper: Path) -> None:
    desk, county = turned, turned.county
    told = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    item = county.supervised_item(at(MONDAY), subject="liuhe_party", signer="chen", title=TITLE, **told)
    desk.go_to(date(2026, 3, 16))
    title = desk.case("interview")["title"]
    assert title == "关于柳河镇党委整改工作的约谈"

    zhao = desk.land("zhao", "/ledger")
    desk.go(zhao, "待办")
    step_of_talk(desk, zhao, "order")
    desk.send(zhao, "order", {}, {})
    zhao.context.close()

    # What it is about stands in the inbox, before anything is opened.
    gao = desk.land("gao", "/inbox")
    talk = gao.locator("#talks .talk-due")
    expect(talk).to_have_count(1)
    talk.locator("summary").click()
    expect(talk.locator("ol a")).to_have_text([TITLE])
    step_of_talk(desk, gao, "notify")
    told = {
        "held_on": date(2026, 3, 19),
        "held_time": "9:30",
        "place": "县委三楼",
        "contact_name": "刘岩",
        "contact_phone": "0300 234 5678",
    }
    told |= {"interviewee_post": "镇党委书记", "interviewee_name": "陈立新", "chair": "高建国"}
    desk.send(gao, "notify", {}, told)
    gao.context.close()

    chen = desk.land("chen", "/inbox")
    desk.go(chen, "约谈")
    chen.get_by_role("main").get_by_role("link", name=title).first.click()
    desk.press(chen, "confirm_notice")
    desk.send(chen, "confirm_notice", {}, {})
    chen.context.close()

    desk.go_to(date(2026, 3, 19), 15)
    gao = desk.land("gao", "/inbox")
    expect(gao.locator("#talks ol a")).to_have_text([TITLE])
    step_of_talk(desk, gao, "hold_talk")
    told = {f"attendance/0/{key}": value for key, value in (("name", "陈立新"), ("post", "镇党委书记"), ("present", "yes"))}
    desk.send(gao, "hold_talk", {}, {"held_on": desk.today, "held_time": "9:30", **told})
    gao.context.close()

    liu = desk.land("liu", "/inbox")
    liu.locator("#talks .talk-due").get_by_role("link", name=title).click()
    desk.press(liu, "record")
    told = dict.fromkeys(("pointed_out", "explained", "required", "pledged"), "如实记录")
    desk.send(liu, "record", {}, {"recorder": "刘岩", **told, f"new_dates/{item}": date(2026, 4, 10)})
    desk.upload(liu, paper, "signed_record")
    desk.press(liu, "hand_in")
    desk.send(liu, "hand_in", {}, {})
    liu.context.close()

    song = desk.land("song", "/ledger")
    desk.go(song, "待办")
    step_of_talk(desk, song, "accept")
    desk.send(song, "accept", {}, {"ground": "accepted"})
    song.context.close()
    assert desk.case("interview")["state"] == "closed"
    assert case_row(county, item)["due_on"] == date(2026, 4, 10)


# Who signs for what was handed to his body, from his inbox; the first is an item, the others are clues.
SIGNERS = {"ma": "bureau", "he": "liuhe_discipline", "qian": "commission", "guo": "department"}
CLUE = {"summary": "优亲厚友", "managed_by": "village", "identity": ["village_cadre"], "class": "priority"}


def handed_to(county: County, organ: str) -> int:
    """An item for a county organ that is no body of discipline or organisation, a clue for the others."""
    began, told = at(MONDAY, 9), {"title": f"交{organ}办", "feedback_on": MONDAY.isoformat()}
    if organ == "bureau":
        case_id = county.open_item(began, **told)
        county.hand_over(case_id, began, to=organ)
        return case_id
    subject, lin = county.organs["donggou_branch"], county.actor("lin")
    opened = county.engine.open("clue", actor=lin, now=began, title=told["title"], subject_id=subject, data=CLUE)
    county.fire(opened.case_id, "transfer", "zhao", began, recipient=county.organs[organ], hand_over_mode="transfer")
    return opened.case_id


@in_turn(PHONE, DESK)
def test_every_role_comes_to_its_work_from_where_it_lands(turned: Desk, photograph: Path) -> None:
    desk, county = turned, turned.county
    item = county.open_item(at(MONDAY, 9), title=TITLE, immediate="rectify_now", period="default_immediate")
    handed = {login: handed_to(county, organ) for login, organ in SIGNERS.items()}

    song = desk.land("song", "/ledger")
    step_of_row(desk, song, item, "transfer")
    desk.send(song, "transfer", {}, {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"})
    song.context.close()

    for login, case_id in handed.items():
        page = desk.land(login, "/inbox")
        answer(page.locator("#signing"), "pieces", 1)
        page.locator("#to-sign").get_by_role("checkbox").check()
        page.get_by_role("button", name=desk.word("签收选中的")).click()
        expect(page.locator("#to-sign .band-row")).to_have_count(0)
        page.context.close()
        assert case_row(county, case_id)["state"] == "supervised", login

    zhou = desk.land("zhou", f"/village/{item}")
    for trigger, told in (
        ("sign_for", {"pieces": 1}),
        ("report_rectified", {"result": "已登记造册", "progress_label": "done"}),
    ):
        if trigger == "report_rectified":
            work = zhou.locator("#works form").first
            work.locator('input[type="file"]').first.set_input_files(photograph)
            work.get_by_role("button", name=desk.word("保存进展")).click()
            expect(zhou.locator(".village-foot").get_by_role("link", name=desk.step(item, "report_rectified"))).to_be_visible()
        zhou.locator(f'.village-foot a[href*="/do/{trigger}"]').click()
        desk.send(zhou, trigger, {}, told)
    zhou.context.close()

    chen = desk.land("chen", "/inbox")
    step_of_row(desk, chen, item, "verify")
    desk.send(chen, "verify", {}, {"township_opinion": "agreed", "verify_note": "到村看过"})
    chen.context.close()
    song = desk.land("song", "/ledger")
    step_of_row(desk, song, item, "close")
    desk.send(song, "close", {}, {"meeting_no": "集中销号会议〔2026〕3号", "ground": "completed"})
    song.context.close()
    assert case_row(county, item)["state"] == "closed"
