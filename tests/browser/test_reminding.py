"""催办 by one click: counted on the row, and the clipboard holds a sentence without content."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests import hours
from tests.browser.served import Site
from tests.factories import County
from tests.workflow.looking import case_row

pytestmark = pytest.mark.browser
COPIED = "已复制，不含内容，可以发给对方"


def clipboard(page: Page) -> str:
    """What lies on it."""
    return str(page.evaluate("() => navigator.clipboard.readText()"))


def test_one_click_reminds_and_leaves_the_sentence_on_the_clipboard(served: Site, county: County) -> None:
    case_id = county.supervised_item(hours.now() - timedelta(days=3), title="账目不清")
    context = served.person("lin")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"/cases/{case_id}")
    page.get_by_role("button", name="催办东沟村党支部", exact=True).click()
    expect(page.locator("[data-toast]")).to_contain_text("已催办东沟村党支部1次")
    expect(page.locator("[data-toast]")).to_contain_text(COPIED)
    expect(page.locator(".case-line").first).to_contain_text("已催办1次")
    words = clipboard(page)
    number = case_row(county, case_id)["number"]
    assert words.startswith(f"【催办】编号{number}事项第1次催办") and "账目" not in words
    page.evaluate("() => navigator.clipboard.writeText('别的')")
    page.get_by_role("button", name="复制催办用语").click()
    expect(page.get_by_role("button", name="已复制，不含内容，可以发给对方")).to_be_visible()
    assert clipboard(page) == words


def test_a_row_that_was_reminded_counts_it_at_once_in_its_own_cell(served: Site, county: County) -> None:
    for title in ("账目不清", "路灯损坏"):
        county.supervised_item(hours.now() - timedelta(days=3), title=title)
    page = served.person("lin").new_page()
    page.goto("/ledger?cols=title,reminded,changed")
    row, other = (page.locator("tr[data-href]").filter(has_text=title) for title in ("账目不清", "路灯损坏"))
    expect(row.locator(".cell-reminded")).to_have_text("")
    row.get_by_role("link", name="催办", exact=True).click()
    expect(row.locator(".cell-reminded")).to_have_text("1次")
    expect(row.locator(".cell-changed")).to_contain_text("今天")
    expect(other.locator(".cell-reminded")).to_have_text("")
    page.reload()
    expect(row.locator(".cell-reminded")).to_have_text("1次")


def test_a_row_of_the_ledger_leaves_the_sentence_too_and_counts_on(served: Site, county: County) -> None:
    case_id = county.supervised_item(hours.now() - timedelta(days=3), title="账目不清")
    number = case_row(county, case_id)["number"]
    context = served.person("lin")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    for times in (1, 2):
        page.goto("/ledger")
        row = page.locator("tr[data-href]").filter(has_text="账目不清")
        row.get_by_role("link", name="催办", exact=True).click()
        expect(row).to_contain_text(f"{times}次")
        expect(page.locator("[data-toast]")).to_contain_text(COPIED)
        words = clipboard(page)
        assert words.startswith(f"【催办】编号{number}事项第{times}次催办") and "账目" not in words


@pytest.mark.parametrize("path", ["/ledger", "/cases/{id}"])
def test_a_reminder_that_was_not_sent_leaves_nothing_on_the_clipboard(served: Site, county: County, path: str) -> None:
    case_id = county.supervised_item(hours.now() - timedelta(days=3), title="账目不清")
    context = served.person("lin")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(path.format(id=case_id))
    page.evaluate("() => navigator.clipboard.writeText('别的')")
    page.route("**/do/remind*", lambda route: route.abort())
    page.locator("[hx-post*='/do/remind'] button, a[hx-post*='/do/remind']").first.click()
    expect(page.locator("[data-offline-said]")).to_be_visible()
    assert clipboard(page) == "别的"


def test_without_leave_for_the_clipboard_a_reminder_is_sent_and_nothing_is_said_to_be_copied(
    served: Site, county: County
) -> None:
    county.supervised_item(hours.now() - timedelta(days=3), title="账目不清")
    page = served.person("lin").new_page()
    page.add_init_script(
        "navigator.clipboard.writeText = () => Promise.reject(new Error()); document.execCommand = () => false;"
    )
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/ledger")
    page.locator("tr[data-href]").get_by_role("link", name="催办", exact=True).click()
    toast = page.locator("[data-toast]")
    expect(toast).to_contain_text("已催办东沟村党支部1次")
    expect(page.locator("[data-copies]")).to_have_count(0)
    expect(toast).not_to_contain_text(COPIED)
    assert problems == []
