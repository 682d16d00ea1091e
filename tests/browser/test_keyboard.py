"""The ledger by keyboard alone: rows, ticks and ranges, pages, many at once, search, the list of keys, columns put in order."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import hours
from tests.browser.served import Site
from tests.factories import County, local_day_text
from tests.workflow.looking import rows_of
from workflow.models import Event

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


def test_whoever_takes_a_step_from_a_row_stands_on_it_again(served: Site, county: County) -> None:
    for title in ("公示栏破损", "账目不清"):
        county.open_item(hours.now() - timedelta(minutes=30), title=title)
    page = served.person("lin").new_page()
    page.goto("/ledger?sort=number")
    row = page.locator("tr[data-href]").filter(has_text="账目不清")
    row.locator(".cell-step a").click()
    page.wait_for_url("**/do/**")
    page.get_by_role("link", name="不办了").click()
    page.wait_for_url("**/ledger?sort=number#row-*")
    expect(row).to_have_class(CURRENT)


def test_slash_searches_and_the_question_mark_lists_the_keys(ledger: Page) -> None:
    ledger.keyboard.press("/")
    expect(ledger.locator("#search")).to_be_focused()
    ledger.keyboard.type("/?")
    expect(ledger.locator("#search")).to_have_value("/?")
    ledger.locator("#search").blur()
    ledger.keyboard.press("?")
    keys = ledger.get_by_role("dialog", name="快捷键")
    expect(keys).to_be_visible()
    expect(keys.locator("dt")).to_have_count(13)
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


@pytest.fixture
def long_ledger(county: County) -> list[int]:
    """More items than a page has, the last five of them urgent."""
    began = hours.now() - timedelta(minutes=90)
    urgency = ["light"] * 120 + ["urgent"] * 5
    return [
        county.open_item(began + timedelta(seconds=n), title=f"第{n + 1}项", urgency=told, feedback_on=local_day_text(began))
        for n, told in enumerate(urgency)
    ]


def ticked(page: Page) -> list[int]:
    """The places of the ticked rows."""
    told: list[int] = page.evaluate(
        "[...document.querySelectorAll('tr[data-href] input[name=case]')].flatMap((one, at) => one.checked ? [at] : [])"
    )
    return told


def test_rows_are_reached_by_screenfuls_and_ends_and_ticked_in_ranges(served: Site, long_ledger: list[int]) -> None:
    page = served.person("lin").new_page()
    page.goto("/ledger?sort=number")
    rows, keys = page.locator("tr[data-href]"), page.keyboard
    keys.press("ArrowDown")
    keys.press("PageDown")
    at = page.evaluate("[...document.querySelectorAll('tr[data-href]')].findIndex((one) => one.matches('.is-current'))")
    assert 5 < at < 40
    keys.press("PageUp")
    expect(rows.nth(0)).to_have_class(CURRENT)
    for _ in range(3):
        keys.press("Shift+ArrowDown")
    assert ticked(page) == [0, 1, 2, 3]
    keys.press("Shift+ArrowUp")
    assert ticked(page) == [0, 1, 2]
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Space")
    for _ in range(3):
        keys.press("ArrowDown")
    keys.press("Shift+Space")
    assert ticked(page) == [0, 1, 2, 4, 5, 6, 7]
    keys.press("Home")
    expect(rows.nth(0)).to_have_class(CURRENT)
    expect(rows).to_have_count(50)
    keys.press("End")
    expect(rows.nth(49)).to_have_class(CURRENT)


def test_the_keys_choose_the_page_and_then_all_that_match(served: Site, long_ledger: list[int]) -> None:
    page = served.person("lin").new_page()
    page.goto("/ledger?sort=number")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+a")
    expect(page.locator("[data-bulk-count]")).to_have_text("已选50项")
    page.keyboard.press("Control+a")
    expect(page.locator("[data-bulk-count]")).to_have_text("已选125项")
    page.keyboard.press("n")
    page.wait_for_url("**after=**")
    expect(page.locator("tr[data-href]").first).to_contain_text("第51项")
    page.keyboard.press("p")
    page.wait_for_url("**before=**")
    expect(page.locator("tr[data-href]").first).to_contain_text("第1项")
    # Outside the rows the key marks the text of the page, as everywhere.
    page.locator(".brand").focus()
    page.keyboard.press("Control+a")
    assert ticked(page) == []


def go_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Walks to a control by a key alone; wherever the focus stops it is seen."""
    for _ in range(80):
        page.keyboard.press(key)
        seen, tag = page.evaluate(SEEN)
        assert seen, f"nothing shows the focus on {tag}"
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{key} does not reach {wanted}")


SEEN = """() => {
    const one = document.activeElement;
    const looks = [one, one.parentElement, one.closest(".is-current td")].filter(Boolean).map((each) => getComputedStyle(each));
    const seen = looks.some((look) => (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0) || look.boxShadow !== "none");
    return [seen || one === document.body, one.outerHTML.slice(0, 200)];
}"""


def test_a_day_at_the_ledger_needs_no_pointer(served: Site, county: County, long_ledger: list[int]) -> None:
    """From signing in: a filter, a walk to a row, a range, the form for many, a row opened, and back to where one was."""
    for case_id in long_ledger[-5:]:  # which can be reminded then
        county.hand_over(case_id, hours.now() - timedelta(minutes=20))
    page = served.stranger().new_page()
    page.goto("/ledger")
    go_to(page, page.get_by_label("账号"))
    page.keyboard.type("lin")
    go_to(page, page.get_by_label("口令"))
    page.keyboard.type(served.password("lin"))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)

    more = page.locator("summary", has_text="更多条件")
    go_to(page, more)
    page.keyboard.press("Enter")
    go_to(page, page.locator(".more-conditions").get_by_role("link", name="急", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("**f.urgency=urgent**")
    rows = page.locator("tr[data-href]")
    expect(rows).to_have_count(5)

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("[data-bulk-count]")).to_have_text("已选3项")
    page.keyboard.press("b")
    go_to(page, page.locator("[data-bulk]").get_by_role("button", name="催办"), key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="催办3项，办成3项")).to_be_visible()
    assert len(rows_of(county, Event, trigger="remind")) == 3

    page.go_back()  # the browser's own key, which no page hears
    page.wait_for_url("**f.urgency=urgent**")
    expect(rows).to_have_count(5)
    page.keyboard.press("ArrowDown")
    wanted = page.locator(".is-current").get_attribute("data-href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{wanted}")
    page.go_back()
    expect(page.locator(f'tr.is-current[data-href="{wanted}"] a:focus')).to_have_count(1)
    assert page.evaluate(SEEN)[0]


def test_the_rows_go_on_below_and_none_stands_twice_while_more_are_registered(
    served: Site, county: County, long_ledger: list[int]
) -> None:
    page = served.person("lin").new_page()
    page.goto("/ledger?sort=number")
    rows = page.locator("tr[data-href]")
    expect(rows).to_have_count(50)
    page.keyboard.press("End")
    expect(rows).to_have_count(100)
    county.open_item(hours.now(), title="后来登记的")
    page.keyboard.press("End")
    expect(rows).to_have_count(126)
    expect(page.locator("#shown")).to_have_text("这一页126项")
    told = page.evaluate(
        "[...document.querySelectorAll('tr[data-href]')].map((one) => Number(one.dataset.href.split('/').pop()))"
    )
    assert told[:125] == long_ledger
    assert len(set(told)) == 126
    # What came by itself is ticked and counted like the rest.
    page.keyboard.press("Space")
    expect(page.locator("[data-bulk-count]")).to_have_text("已选1项")


def test_pages_are_turned_on_and_back_past_their_ends_while_rows_are_added(
    served: Site, county: County, long_ledger: list[int]
) -> None:
    page = served.person("lin").new_page()

    def shown() -> list[int]:
        told: list[int] = page.evaluate(
            "[...document.querySelectorAll('tr[data-href]')].map((one) => Number(one.dataset.href.split('/').pop()))"
        )
        return told

    def turn(key: str) -> list[int]:
        with page.expect_navigation():
            page.keyboard.press(key)
        return shown()

    page.goto("/ledger?sort=number&down=1")
    newest = list(reversed(long_ledger))
    assert shown() == newest[:50]
    added = county.open_item(hours.now(), title="后来登记的")
    assert turn("n") == newest[50:100]
    assert turn("n") == newest[100:]
    assert page.locator("a[rel=next]").count() == 0
    assert turn("p") == newest[50:100]
    assert turn("p") == newest[:50]
    # One row alone does not fill the page: it goes on below by itself.
    turn("p")
    expect(page.locator("tr[data-href]")).to_have_count(51)
    assert shown() == [added, *newest[:50]]
    assert page.locator("a[rel=prev]").count() == 0
    assert turn("n") == newest[50:100]
