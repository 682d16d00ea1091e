"""The ledger by keyboard alone: rows, ticks, search, the list of keys, and columns put in order."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests import hours
from tests.browser.served import Site
from tests.factories import County

pytestmark = pytest.mark.browser

CURRENT = re.compile(r"\bis-current\b")


@pytest.fixture
def ledger(served: Site, county: County) -> Page:
    """The ledger with three items, as 林静 opens it."""
    began = hours.now() - timedelta(minutes=30)
    for n, title in enumerate(("公示栏破损", "账目不清", "路灯损坏")):
        county.supervised_item(began + timedelta(minutes=n), title=title)
    page = served.person("lin").new_page()
    page.goto("/ledger")
    return page


def test_rows_are_walked_ticked_and_opened_without_a_pointer(ledger: Page) -> None:
    rows = ledger.locator("tr[data-href]")
    ledger.keyboard.press("ArrowDown")
    expect(rows.nth(0)).to_have_class(CURRENT)
    ledger.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_have_class(CURRENT)
    expect(rows.nth(0)).not_to_have_class(CURRENT)
    bar = rows.nth(1).locator("td").first.evaluate("cell => getComputedStyle(cell).boxShadow")
    assert "inset" in bar
    ledger.keyboard.press("Space")
    expect(rows.nth(1).locator("input[name=case]")).to_be_checked()
    expect(ledger.locator("[data-bulk-count]")).to_have_text("已选1项")
    ledger.keyboard.press("Space")
    expect(ledger.locator("[data-bulk]")).to_be_hidden()
    ledger.keyboard.press("ArrowUp")
    expect(rows.nth(0)).to_have_class(CURRENT)
    wanted = rows.nth(0).get_attribute("data-href")
    ledger.keyboard.press("Enter")
    ledger.wait_for_url(f"**{wanted}")


def test_slash_searches_and_the_question_mark_lists_the_keys(ledger: Page) -> None:
    ledger.keyboard.press("/")
    expect(ledger.locator("#search")).to_be_focused()
    ledger.keyboard.type("/?")
    expect(ledger.locator("#search")).to_have_value("/?")
    ledger.locator("#search").blur()
    ledger.keyboard.press("?")
    keys = ledger.get_by_role("dialog", name="快捷键")
    expect(keys).to_be_visible()
    expect(keys.locator("dt")).to_have_count(6)
    ledger.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_single_keys_can_be_switched_off_and_on_again(ledger: Page) -> None:
    def switch(to: str) -> None:
        ledger.locator("details.who > summary").click()
        ledger.get_by_role("group", name="单键快捷键").get_by_role("button", name=to, exact=True).click()
        expect(ledger.locator("body[data-single-keys=off]")).to_have_count(int(to == "关"))
        ledger.wait_for_load_state("load")  # keys are heard once the script of the new page has run

    switch("关")
    ledger.keyboard.press("/")
    expect(ledger.locator("#search")).not_to_be_focused()
    ledger.keyboard.press("?")
    expect(ledger.locator("[data-keys]")).to_be_hidden()
    ledger.keyboard.press("ArrowDown")
    expect(ledger.locator("tr[data-href]").first).to_have_class(CURRENT)
    switch("开")
    ledger.keyboard.press("/")
    expect(ledger.locator("#search")).to_be_focused()


def test_the_head_stays_above_the_rows_that_scroll(ledger: Page) -> None:
    ledger.set_viewport_size({"width": 1440, "height": 420})
    ledger.locator(".ledger-scroll").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    head, box = ledger.locator(".ledger thead th").nth(1).bounding_box(), ledger.locator(".ledger-scroll").bounding_box()
    assert head is not None and box is not None
    assert abs(head["y"] - box["y"]) <= 2


def test_columns_are_chosen_and_put_in_order_by_keyboard(ledger: Page) -> None:
    ledger.locator("summary", has_text="列").filter(has_text="10").focus()
    ledger.keyboard.press("Enter")
    ledger.get_by_role("button", name="前移 编号").focus()
    ledger.keyboard.press("Enter")
    ledger.keyboard.press("Enter")
    ledger.get_by_role("checkbox", name="催办次数", exact=True).check()
    ledger.get_by_role("button", name="用这些列").click()
    expect(ledger.locator(".ledger thead th")).to_have_count(13)
    assert ledger.locator(".ledger thead th").nth(1).inner_text() == "编号"
    expect(ledger.locator(".ledger thead")).to_contain_text("催办次数")
    ledger.goto("/ledger")
    assert ledger.locator(".ledger thead th").nth(1).inner_text() == "编号"
