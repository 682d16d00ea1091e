"""Where no script runs: every core step of an item, several at once, and every page to read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests import hours
from tests.browser.served import DESK, PHONE, Site
from tests.browser.test_pages import PAGES
from tests.browser.test_walks import MEETING, act, enter, open_case, rectify, register, send
from tests.factories import County
from tests.workflow.looking import case_row, rows_of
from workflow.dates import local_day
from workflow.models import BulkRun, Event

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def plain(served: Site, login: str, size: ViewportSize = DESK) -> Page:
    """Somebody who signs in with a browser that runs no script."""
    return enter(served, login, viewport=size, java_script_enabled=False)


@SIZES
def test_an_item_goes_from_registration_to_close_out_without_a_script(
    served: Site, county: County, photograph: Path, size: ViewportSize
) -> None:
    lin, song, zhou, xu = (plain(served, login, size) for login in ("lin", "song", "zhou", "xu"))
    register(lin)
    open_case(song)
    act(song, "交办")
    song.get_by_label("整改单位").select_option("东沟村党支部")
    song.get_by_label("交办方式").select_option("交办")
    send(song, "交办")
    open_case(lin)
    lin.locator(".column-acts").get_by_role("button", name="催办").click()
    expect(lin.locator(".case-line").first).to_contain_text("已催办1次")
    rectify(zhou, photograph)
    open_case(xu)
    act(xu, "乡镇核实")
    xu.get_by_label("乡镇党委意见").select_option("属实，同意销号")
    xu.get_by_label("核实情况").fill("到村看过，公示栏已按月更新。")
    send(xu, "乡镇核实")
    open_case(song)
    act(song, "销号")
    song.get_by_label("集中销号会议编号").fill(MEETING)
    song.get_by_label("办结依据").select_option("完成销号")
    send(song, "销号")
    assert case_row(county, 1)["state"] == "closed" and len(rows_of(county, Event, trigger="remind")) == 1
    for page in (lin, song, zhou, xu):
        page.context.close()


@SIZES
def test_an_item_is_given_back_and_three_are_handed_over_by_one_form_without_a_script(
    served: Site, county: County, size: ViewportSize
) -> None:
    began = hours.now() - timedelta(minutes=30)
    ids = [county.open_item(began, title=f"第{n}项", feedback_on=local_day(began).isoformat()) for n in range(3)]
    song = plain(served, "song", size)
    for case_id in ids:
        song.locator(f'input[name="case"][value="{case_id}"]').check()
    song.locator("noscript").get_by_role("button", name="交办", exact=True).click()
    expect(song.get_by_role("heading", name="交办3项")).to_be_visible()
    song.get_by_label("整改单位").select_option("东沟村党支部")
    song.get_by_label("交办方式").select_option("交办")
    song.get_by_role("button", name="交办3项").click()
    expect(song.get_by_role("heading", name="交办3项，办成3项")).to_be_visible()
    assert {case_row(county, one)["state"] for one in ids} == {"transferred"}

    zhou = plain(served, "zhou", size)
    zhou.get_by_role("link", name="待办", exact=True).filter(visible=True).first.click()
    zhou.locator("#to-sign .band-row", has_text="第1项").get_by_role("link", name="退回").click()
    zhou.get_by_label("退回理由").select_option(index=1)
    zhou.get_by_label("具体说明").fill("应由西头村承办")
    send(zhou, "退回")
    assert [case_row(county, one)["state"] for one in ids] == ["transferred", "received", "transferred"]

    song.get_by_role("button", name="撤销全部").click()
    expect(song.get_by_role("heading", name="撤销3项，办成2项")).to_be_visible()
    assert {case_row(county, one)["state"] for one in ids} == {"received"} and len(rows_of(county, BulkRun)) == 2
    for page in (song, zhou):
        page.context.close()


# What is seen and needs a script to do anything, or waits for one.
DEAD = "button[type=button], [aria-busy=true], a[href=''], a:not([href])[hx-get]"


def test_every_page_can_be_read_and_offers_nothing_that_only_a_script_does(demo: Site) -> None:
    page, found = demo.stranger(java_script_enabled=False).new_page(), {}
    for name, sight in PAGES.items():
        if sight.new:
            continue  # a Duban that nobody has set up is another site
        page.context.clear_cookies()
        if sight.who:
            page.context.add_cookies([demo.cookie(sight.who, not sight.unproved)])
        page.goto(sight.address(demo))
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        dead = page.locator(DEAD).filter(visible=True).all_inner_texts()
        if dead:
            found[name] = dead
    page.context.close()
    assert found == {}
