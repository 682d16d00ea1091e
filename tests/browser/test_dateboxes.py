"""A day is typed, or chosen by keyboard or touch from a calendar that speaks the page's language in any browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests import hours
from tests.browser import looking
from tests.browser.served import PHONE, Site
from workflow.dates import local_day

pytestmark = pytest.mark.browser


def unfolded(page: Page) -> Page:
    """The form of registering, with all its questions."""
    page.goto("/cases/new/rectification")
    page.locator("form details").evaluate_all("all => all.forEach(one => { one.open = true })")
    return page


def test_a_day_is_chosen_by_keyboard_alone_and_days_off_are_marked(served: Site) -> None:
    page = unfolded(served.person("lin", locale="en-US").new_page())
    box = page.get_by_label("反馈日期")
    box.fill("2026-10-08")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    calendar = page.get_by_role("dialog", name="选日期")
    expect(calendar.get_by_text("2026年10月", exact=True)).to_be_visible()
    assert "国庆" in (calendar.locator("[data-day='2026-10-02']").get_attribute("aria-label") or "")
    expect(calendar.locator("[data-day='2026-10-02']")).to_have_attribute("data-sign", "休")
    assert looking.barriers(page, "dialog[open]") == []
    assert not re.search("[A-Za-z]", calendar.inner_text())
    for key in ("PageUp", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(calendar).to_have_count(0)
    expect(box).to_have_value("2026年9月16日")


def test_escape_leaves_the_day_and_the_form_as_they_were(served: Site) -> None:
    page = unfolded(served.person("lin").new_page())
    box = page.get_by_label("反馈日期")
    box.fill("2026年9月16日")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-day='2026-09-16']")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="选日期")).to_have_count(0)
    expect(box).to_have_value("2026年9月16日")
    assert page.evaluate("() => document.activeElement.className") == "datebox-open"


def test_a_touch_opens_the_devices_own_calendar_and_the_words_stay_the_pages(served: Site) -> None:
    page = unfolded(served.person("lin", viewport=PHONE, has_touch=True, is_mobile=True, locale="en-US").new_page())
    own = page.locator(".datebox:has([name=feedback_on]) .datebox-own")
    own.fill("2026-11-25")
    expect(page.get_by_label("反馈日期")).to_have_value("2026年11月25日")


@pytest.mark.parametrize(("name", "days"), [("due_on", 300), ("feedback_on", -300)], ids=["to come", "gone by"])
def test_a_day_without_its_year_stands_in_full_before_the_form_goes(served: Site, name: str, days: int) -> None:
    page = unfolded(served.person("lin").new_page())
    on = local_day(hours.now()) + timedelta(days=days)
    box = page.locator(f"[name={name}]")
    box.fill(f"{on.month}月{on.day}日")
    box.press("Enter")
    expect(box).to_have_value(f"{on.year}年{on.month}月{on.day}日")
    assert page.get_by_role("alert").count() == 0  # it has not gone yet
    box.fill("2月30日")
    box.blur()
    expect(box).to_have_value("2月30日")


def test_a_box_left_empty_says_so_in_the_pages_language(served: Site) -> None:
    page = served.person("lin", locale="en-US").new_page()
    page.goto("/cases/new/rectification")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("标题：这一栏要填")
    page.get_by_role("link", name="标题：这一栏要填").click()
    assert page.evaluate("() => document.activeElement.name") == "title"


def test_a_form_that_goes_away_before_the_days_off_are_known_takes_its_calendar_with_it(served: Site) -> None:
    page = served.person("lin").new_page()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    held: list[Route] = []
    page.route("**/calendar/days*", lambda route: held.append(route))  # Playwright wraps functions alone
    unfolded(page)
    with page.expect_request("**/calendar/days*"):
        page.locator(".datebox:has([name=feedback_on]) button").click()
    page.locator("#main").evaluate("main => main.replaceChildren()")
    with page.expect_response("**/calendar/days*"):
        held[0].continue_()
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    assert page.get_by_role("dialog").count() == 0
    assert faults == []
