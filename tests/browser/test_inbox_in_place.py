"""The next step of a row of the inbox, in place: its form opens below the row, and only what has changed is drawn anew."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import hours
from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.factories import County
from tests.workflow.looking import case_row, rows_of
from workflow.dates import local_day
from workflow.models import Event

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["1440", "390"])
TITLES = ("公示栏破损", "账目不清", "路灯损坏")


@pytest.fixture
def handed_over(county: County) -> list[int]:
    """Three items that 东沟村 has yet to sign for."""
    now = hours.now() - timedelta(hours=2)
    ids = [county.open_item(now, title=title, feedback_on=local_day(now).isoformat()) for title in TITLES]
    for case_id in ids:
        county.hand_over(case_id, now + timedelta(minutes=5))
    return ids


def open_inbox(served: Site, login: str, **options: Any) -> Page:
    """Somebody's inbox, which moved nothing and from now on knows whether it was loaded again."""
    page = served.person(login, **options).new_page()
    page.add_init_script(looking.WATCH)
    page.goto("/inbox")
    assert page.evaluate("() => window.shifted") < looking.SHIFT, "what stands there waits for no script"
    page.evaluate("() => { window.stays = true; }")
    return page


def stayed(page: Page) -> bool:
    """Is it still the inbox that was opened?"""
    return bool(page.url.endswith("/inbox") and page.evaluate("() => window.stays === true"))


def row_of(page: Page, title: str) -> Locator:
    """The row of a case that waits for its next step."""
    return page.locator(".band-row[data-href]", has_text=title)


def count_of(page: Page, band: str) -> Locator:
    """How many the head of the page says that a band has."""
    return page.locator(f"#bands a[href='#{band}'] .jump-count")


@SIZES
def test_a_row_is_signed_for_below_itself_and_its_next_step_stands_in_its_band(
    served: Site, county: County, handed_over: list[int], viewport: Any
) -> None:
    page = open_inbox(served, "zhou", viewport=viewport)
    ticked = row_of(page, TITLES[1]).locator("input[name=case]")
    ticked.check()
    row_of(page, TITLES[2]).evaluate("one => { one.dataset.same = 'yes'; }")
    row_of(page, TITLES[0]).get_by_role("link", name="签收", exact=True).click()
    form = row_of(page, TITLES[0]).locator(".form-here")
    expect(form.get_by_role("heading", name="签收")).to_be_focused()
    # The sheet below the rows asks the same, and stands aside meanwhile.
    expect(page.locator("#signing")).to_be_hidden()
    expect(form.get_by_label("材料件数")).to_be_visible()
    assert looking.barriers(page) == [] and looking.too_wide(page) == [] and looking.cut_off(page) == []
    form.get_by_label("材料件数").fill("两")
    form.get_by_role("button", name="签收").click()
    expect(form.locator(".error-summary")).to_be_focused()
    expect(form.locator(".error-summary")).to_contain_text(re.compile("材料件数：.+"))
    expect(form.get_by_label("材料件数")).to_have_value("两")
    form.get_by_label("材料件数").fill("2")
    form.get_by_role("button", name="签收").click()
    done = page.locator(".asked-done", has_text=TITLES[0])
    expect(done).to_contain_text("已办理：签收")
    expect(done.locator("[data-focus]")).to_be_focused()
    expect(page.locator("[role=status][aria-live]")).to_have_text("办理成功")
    expect(page.locator("#signing").get_by_label("材料件数")).to_be_visible()
    assert case_row(county, handed_over[0])["state"] == "supervised"
    # Its next step is to be done; the figures say so, and nothing else of the page was drawn anew.
    expect(page.locator("#to-do .band-row", has_text=TITLES[0]).get_by_role("link", name="报整改方案")).to_be_visible()
    expect(count_of(page, "to-sign")).to_have_text("2")
    expect(count_of(page, "to-do")).to_have_text("1")
    expect(page.locator("#to-sign-head .figure")).to_have_text(re.compile("^2"))
    expect(ticked).to_be_checked()
    expect(row_of(page, TITLES[2])).to_have_attribute("data-same", "yes")
    assert looking.barriers(page) == [] and looking.too_wide(page) == []
    done.get_by_role("button", name="撤销").click()
    expect(count_of(page, "to-sign")).to_have_text("3")
    expect(page.locator(".asked-done")).to_have_count(0)
    expect(row_of(page, TITLES[0]).locator(".cell-title a")).to_be_focused()
    expect(row_of(page, TITLES[1]).locator("input[name=case]")).to_be_checked()
    assert [row["verb"] for row in rows_of(county, Event, case_id=handed_over[0])][-2:] == ["fire", "undo"]
    assert stayed(page)
    page.context.close()


def test_what_was_signed_for_on_its_row_is_not_signed_for_a_second_time_with_all(
    served: Site, county: County, handed_over: list[int]
) -> None:
    page = open_inbox(served, "zhou", viewport=PHONE)
    row_of(page, TITLES[0]).get_by_role("link", name="签收", exact=True).click()
    row_of(page, TITLES[0]).get_by_role("button", name="签收").click()
    expect(page.locator(".asked-done")).to_be_visible()
    page.get_by_role("button", name="全部签收").click()
    expect(page.locator("[data-toast]", has_text="已签收2件")).to_be_visible()
    page.context.close()


def test_the_last_of_a_band_takes_its_sheet_with_it(served: Site, county: County) -> None:
    now = hours.now() - timedelta(hours=2)
    county.hand_over(county.open_item(now, title=TITLES[0], feedback_on=local_day(now).isoformat()), now)
    page = open_inbox(served, "zhou")
    row_of(page, TITLES[0]).get_by_role("link", name="签收", exact=True).click()
    row_of(page, TITLES[0]).get_by_role("button", name="签收").click()
    expect(page.locator("#to-do .band-row", has_text=TITLES[0])).to_be_visible()
    expect(page.locator("#signing")).to_have_count(0)
    expect(page.get_by_role("button", name="全部签收")).to_have_count(0)
    expect(page.get_by_text("没有其他要办的")).to_be_hidden()
    assert looking.barriers(page) == []
    page.context.close()


def test_the_next_step_of_the_same_band_stands_below_what_was_done(served: Site, county: County) -> None:
    began = hours.now() - timedelta(minutes=30)
    for title in TITLES[:2]:
        county.supervised_item(began, title=title)
    page = open_inbox(served, "zhou", viewport={**DESK, "height": 2000})
    rows = page.locator("#to-do .band-row")
    first = rows.first.locator(".cell-title > a").inner_text()
    rows.first.get_by_role("link", name="报整改方案").click()
    form = page.locator(".band-row .form-here")
    form.locator("[name=cause]").fill("无人管")
    form.locator("[name=first_responsible_post]").fill("村党支部书记")
    form.locator("[name='measures/0/text']").fill("更新公示栏")
    form.locator("[name='measures/0/label']").select_option("long_term")
    form.get_by_role("button", name="报整改方案").click()
    expect(page.locator(".asked-done")).to_contain_text("已办理：报整改方案")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text(first)
    expect(rows.nth(1)).to_have_attribute("data-href", re.compile(r"/cases/\d+"))
    page.context.close()


def test_what_went_out_of_hand_leaves_its_row_and_is_listed_beside(
    served: Site, county: County, handed_over: list[int]
) -> None:
    page = open_inbox(served, "zhou")
    row_of(page, TITLES[0]).get_by_role("link", name="退回", exact=True).click()
    form = page.locator(".band-row .form-here")
    form.get_by_label("退回理由").select_option(index=1)
    form.get_by_label("具体说明").fill("应由西头村承办")
    form.get_by_role("button", name="退回", exact=True).click()
    expect(page.locator(".asked-done")).to_contain_text("已办理：退回")
    expect(page.locator("#talks").get_by_role("heading", name="我们刚退回的")).to_be_visible()
    expect(count_of(page, "to-sign")).to_have_text("2")
    assert case_row(county, handed_over[0])["state"] == "received" and stayed(page)
    page.context.close()


def test_a_form_closes_with_escape_and_what_was_typed_is_there_when_it_opens_again(
    served: Site, county: County, handed_over: list[int]
) -> None:
    page = open_inbox(served, "zhou")
    link = row_of(page, TITLES[0]).get_by_role("link", name="退回", exact=True)
    link.click()
    page.locator(".form-here").get_by_label("具体说明").fill("应由西头村承办")
    page.locator(".form-here").get_by_role("button", name="退回", exact=True).press("Escape")
    expect(page.locator(".form-here")).to_have_count(0)
    expect(link).to_be_focused()
    # Another row asks the same: its form is empty, and takes the place of none that holds words for good.
    row_of(page, TITLES[1]).get_by_role("link", name="退回", exact=True).click()
    expect(page.locator(".form-here").get_by_label("具体说明")).to_have_value("")
    link.click()
    expect(page.locator(".form-here")).to_have_count(1)
    expect(page.locator(".form-here").get_by_label("具体说明")).to_have_value("应由西头村承办")
    # A desk may be shared: nothing of it is kept on the device.
    assert page.evaluate("() => Object.keys(localStorage).filter((name) => name.endsWith(':form'))") == []
    page.context.close()


@SIZES
def test_without_scripts_the_step_leads_to_its_form_and_back_to_the_inbox(
    served: Site, county: County, handed_over: list[int], viewport: Any
) -> None:
    page = served.person("zhou", java_script_enabled=False, viewport=viewport).new_page()
    page.goto("/inbox")
    row_of(page, TITLES[0]).get_by_role("link", name="签收", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("签收")
    page.get_by_label("材料件数").fill("两")
    page.get_by_role("main").get_by_role("button", name="签收").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_label("材料件数").fill("2")
    page.get_by_role("main").get_by_role("button", name="签收").click()
    assert page.url.endswith("/inbox") and "办理成功" in page.locator("[data-toast]").inner_text()
    page.locator("[data-toast]").get_by_role("button", name="撤销").click()
    assert page.url.endswith("/inbox") and case_row(county, handed_over[0])["state"] == "transferred"
    page.context.close()
