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
    told = {"held_on": date(2026, 3, 19), "held_time": "9:30", "place": "县委三楼", "contact_name": "刘岩", "contact_phone": "0300 234 5678"}
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
