"""Where no script runs: every core step of an item, several at once, and every page to read (issue of the pages)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests import hours
from tests.browser.served import DESK, PHONE, Site
from tests.browser.test_pages import PAGES
from tests.browser.test_walks import MEETING, TITLE, act, enter, open_case, rectify, register, send
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
    expect(lin.get_by_role("main")).to_contain_text("第1次催办")
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
