"""A draft outlives the page, the network and a refusal; it belongs to one person, and ends when it was handed in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.served import PHONE, Site, sign_in
from tests.factories import County

pytestmark = pytest.mark.browser


@pytest.fixture
def item(county: County) -> int:
    """An item that 东沟村 works on."""
    return county.supervised_item(datetime.now(UTC) - timedelta(minutes=30))


def note(page: Page) -> Locator:
    """The box for the note."""
    return page.get_by_label("写进展")


def test_what_was_typed_waits_on_the_phone_until_it_is_handed_in(served: Site, item: int) -> None:
    page = served.person("zhou", viewport=PHONE).new_page()
    page.goto(f"/village/{item}")
    note(page).fill("已收回6万元")
    expect(page.get_by_text("草稿存在这台设备上，没有网络也不会丢")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("button", name="保存进展").click()
    page.context.set_offline(False)
    page.goto(f"/village/{item}")
    expect(note(page)).to_have_value("已收回6万元")
    page.get_by_role("button", name="保存进展").click()
    expect(page.locator("[data-toast]")).to_contain_text("已保存")
    expect(note(page)).to_have_value("")
    page.goto(f"/village/{item}")
    expect(note(page)).to_have_value("")


def test_a_draft_is_shown_to_nobody_else_on_the_same_device_and_goes_with_the_session(served: Site, item: int) -> None:
    context = served.stranger(viewport=PHONE)
    page = context.new_page()
    sign_in(page, "zhou", served.password("zhou"))
    page.goto(f"/village/{item}")
    note(page).fill("只有我看的话")
    context.clear_cookies()
    sign_in(page, "sun", served.password("sun"))
    page.goto(f"/village/{item}")
    expect(note(page)).to_have_value("")
    context.clear_cookies()
    sign_in(page, "zhou", served.password("zhou"))
    page.goto(f"/village/{item}")
    expect(note(page)).to_have_value("只有我看的话")
    page.locator("details.who summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    assert page.evaluate("() => Object.keys(localStorage).filter(name => name.startsWith('duban:'))") == []
