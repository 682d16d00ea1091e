"""Every role begins where it lands when it signs in, and comes to its work by what it sees there: no address is typed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, answer
from tests.browser.served import DESK, PHONE, Site
from tests.browser.test_walks import enter
from tests.factories import MONDAY, County, at
from tests.workflow.looking import case_row

pytestmark = pytest.mark.browser

TITLE = "镇级集体资产底数不清"


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def chinese(request: pytest.FixtureRequest, served: Site, county: County) -> Iterator[Desk]:
    """The county's people at one size, on a Monday, in Chinese: the words of other languages are for the whole lives."""
    made = Desk(served, county, "zh-Hans", request.param)
    made.go_to(MONDAY)
    yield made
    made.stop()


def land(desk: Desk, login: str, home: str) -> Page:
    """Somebody signs in through the form and is where his day begins."""
    page = enter(desk.site, login, viewport=desk.size)
    expect(page).to_have_url(f"{desk.site.address}{home}")
    return page


def go(page: Page, place: str) -> None:
    """To another place, by the bar or by the tabs of the phone."""
    page.get_by_role("link", name=place).filter(visible=True).first.click()


def step_of_talk(page: Page, title: str, step: str) -> None:
    """Presses the next step of a talk that the inbox shows beside its rows."""
    talk = page.locator("#talks .talk-due", has_text=title)
    talk.locator(".button", has_text=step).click()


def step_of_row(page: Page, title: str, step: str) -> None:
    """Presses the next step of a case in the ledger or in the inbox."""
    page.locator("#rows [data-href]", has_text=title).get_by_role("link", name=step, exact=True).click()


def test_the_leading_group_talks_to_a_township_from_its_first_page(chinese: Desk, paper: Path) -> None:
    desk, county = chinese, chinese.county
    told = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    item = county.supervised_item(at(MONDAY), subject="liuhe_party", signer="chen", title=TITLE, **told)
    desk.go_to(date(2026, 3, 16))
    title = desk.case("interview")["title"]
    assert title == "关于柳河镇党委整改工作的约谈"

    zhao = land(desk, "zhao", "/ledger")
    go(zhao, "待办")
    step_of_talk(zhao, title, "责成约谈")
    desk.send(zhao, "order", {}, {})
    zhao.context.close()

    # What it is about stands in the inbox, before anything is opened.
    gao = land(desk, "gao", "/inbox")
    talk = gao.locator("#talks .talk-due")
    expect(talk).to_have_count(1)
    talk.locator("summary").click()
    expect(talk.locator("ol a")).to_have_text([TITLE])
    step_of_talk(gao, title, "发约谈通知")
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

    chen = land(desk, "chen", "/inbox")
    go(chen, "约谈")
    chen.get_by_role("main").get_by_role("link", name=title).first.click()
    desk.press(chen, "confirm_notice")
    desk.send(chen, "confirm_notice", {}, {})
    chen.context.close()

    desk.go_to(date(2026, 3, 19), 15)
    gao = land(desk, "gao", "/inbox")
    expect(gao.locator("#talks ol a")).to_have_text([TITLE])
    step_of_talk(gao, title, "登记约谈已举行")
    told = {f"attendance/0/{key}": value for key, value in (("name", "陈立新"), ("post", "镇党委书记"), ("present", "yes"))}
    desk.send(gao, "hold_talk", {}, {"held_on": desk.today, "held_time": "9:30", **told})
    gao.context.close()

    liu = land(desk, "liu", "/inbox")
    liu.locator("#talks .talk-due").get_by_role("link", name=title).click()
    desk.press(liu, "record")
    told = dict.fromkeys(("pointed_out", "explained", "required", "pledged"), "如实记录")
    desk.send(liu, "record", {}, {"recorder": "刘岩", **told, f"new_dates/{item}": date(2026, 4, 10)})
    desk.upload(liu, paper, "signed_record")
    desk.press(liu, "hand_in")
    desk.send(liu, "hand_in", {}, {})
    liu.context.close()

    song = land(desk, "song", "/ledger")
    go(song, "待办")
    step_of_talk(song, title, "审核办结")
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


def test_every_role_comes_to_its_work_from_where_it_lands(chinese: Desk, photograph: Path) -> None:
    desk, county = chinese, chinese.county
    item = county.open_item(at(MONDAY, 9), title=TITLE, immediate="rectify_now", period="default_immediate")
    handed = {login: handed_to(county, organ) for login, organ in SIGNERS.items()}

    song = land(desk, "song", "/ledger")
    step_of_row(song, TITLE, "交办")
    desk.send(song, "transfer", {}, {"recipient": county.organs["donggou_branch"], "hand_over_mode": "assign"})
    song.context.close()

    for login, case_id in handed.items():
        page = land(desk, login, "/inbox")
        answer(page.locator("#signing"), "pieces", 1)
        page.locator("#to-sign").get_by_role("checkbox").check()
        page.get_by_role("button", name="签收选中的").click()
        expect(page.locator("#to-sign .band-row")).to_have_count(0)
        page.context.close()
        assert case_row(county, case_id)["state"] == "supervised", login

    zhou = enter(desk.site, "zhou", viewport=desk.size)
    expect(zhou).to_have_url(f"{desk.site.address}/village/{item}")
    for trigger, told in (
        ("sign_for", {"pieces": 1}),
        ("report_rectified", {"result": "已登记造册", "progress_label": "done"}),
    ):
        if trigger == "report_rectified":
            work = zhou.locator("#works form").first
            work.locator('input[type="file"]').first.set_input_files(photograph)
            work.get_by_role("button", name="保存进展").click()
            expect(zhou.locator(".village-foot").get_by_role("link", name="报整改完成")).to_be_visible()
        zhou.locator(f'.village-foot a[href*="/do/{trigger}"]').click()
        desk.send(zhou, trigger, {}, told)
    zhou.context.close()

    chen = land(desk, "chen", "/inbox")
    step_of_row(chen, TITLE, "乡镇核实")
    desk.send(chen, "verify", {}, {"township_opinion": "agreed", "verify_note": "到村看过"})
    chen.context.close()
    song = land(desk, "song", "/ledger")
    step_of_row(song, TITLE, "销号")
    desk.send(song, "close", {}, {"meeting_no": "集中销号会议〔2026〕3号", "ground": "completed"})
    song.context.close()
    assert case_row(county, item)["state"] == "closed"
