"""Every answer on a row of the inbox, at the desk and on a phone; what was done before is no answer to what was refused since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import hours
from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.browser.test_inbox_in_place import count_of, open_inbox, row_of, stayed
from tests.factories import County
from tests.workflow.looking import case_row, rows_of
from workflow.dates import local_day
from workflow.models import Case

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["1440", "390"])
QUICK = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}


@pytest.fixture
def reported(county: County) -> int:
    """An item of 东沟村 that is reported as done and that the county checks."""
    began = hours.now() - timedelta(hours=2)
    case_id = county.supervised_item(began, title="路灯损坏", **QUICK)
    photo = county.keep_file("照片", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=began, file_id=photo, label="site_photo")
    county.fire(case_id, "report_rectified", "zhou", began + timedelta(minutes=5), result="已换", progress_label="done")
    return case_id


def sound(page: Page) -> bool:
    """Is everything within its place, and said to readers?"""
    return looking.barriers(page) == [] and looking.too_wide(page) == [] and looking.cut_off(page) == []


@SIZES
def test_a_report_is_sent_back_from_its_row_and_that_is_taken_back(
    served: Site, county: County, reported: int, viewport: Any
) -> None:
    page = open_inbox(served, "song", viewport=viewport)
    row = row_of(page, "路灯损坏")
    expect(row.get_by_role("link", name="销号", exact=True)).to_be_visible()
    row.get_by_role("link", name="退回重改", exact=True).click()
    form = row.locator(".form-here")
    expect(form.locator(".gist-here")).to_contain_text("已换")
    assert sound(page)
    form.get_by_label("退回原因").select_option("evidence_missing")
    form.get_by_label("具体要求").fill("缺验收照片")
    form.get_by_role("button", name="退回重改").click()
    done = page.locator(".asked-done")
    expect(done).to_contain_text("已办理：退回重改")
    assert case_row(county, reported)["state"] == "supervised"
    done.get_by_role("button", name="撤销").click()
    expect(row_of(page, "路灯损坏").get_by_role("link", name="退回重改", exact=True)).to_be_visible()
    assert case_row(county, reported)["state"] == "rectified" and stayed(page) and sound(page)
    page.context.close()


@SIZES
def test_a_refusal_takes_the_toast_of_what_was_done_before_away(served: Site, county: County, viewport: Any) -> None:
    now = hours.now() - timedelta(hours=2)
    for title in ("公示栏破损", "账目不清"):
        county.hand_over(county.open_item(now, title=title, feedback_on=local_day(now).isoformat()), now)
    page = open_inbox(served, "zhou", viewport=viewport)
    row_of(page, "公示栏破损").get_by_role("link", name="签收", exact=True).click()
    row_of(page, "公示栏破损").get_by_role("button", name="签收").click()
    toast = page.locator("[data-toast]", has_text="办理成功")
    expect(toast).to_be_visible()
    toast.hover()  # it stays as long as the pointer is on it
    row_of(page, "账目不清").get_by_role("link", name="签收", exact=True).press("Enter")
    form = row_of(page, "账目不清").locator(".form-here")
    form.get_by_label("材料件数").fill("两")
    form.get_by_role("button", name="签收").press("Enter")
    expect(form.locator(".error-summary")).to_be_visible()
    expect(toast).to_have_count(0)
    form.get_by_label("材料件数").fill("1")
    form.get_by_role("button", name="签收").press("Enter")
    expect(toast).to_be_visible()
    # No answer at all is no success either.
    page.locator("#to-do .band-row", has_text="公示栏破损").get_by_role("link", name="报整改方案").press("Enter")
    plan = page.locator("#to-do .form-here")
    plan.locator("[name=cause]").fill("无人管")
    page.context.set_offline(True)
    plan.locator("[name=first_responsible_post]").fill("书记")
    plan.locator("[name='measures/0/text']").fill("更新")
    plan.locator("[name='measures/0/label']").select_option("long_term")
    plan.get_by_role("button", name="报整改方案").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("网络中断")
    expect(toast).to_have_count(0)
    page.context.close()


def test_a_row_that_comes_to_its_band_stands_at_its_place(served: Site, county: County) -> None:
    now = hours.now() - timedelta(hours=2)
    first = county.open_item(now, title="公示栏破损", feedback_on=local_day(now - timedelta(days=40)).isoformat())
    county.supervised_item(now - timedelta(days=20), title="早先的一件")
    county.hand_over(first, now)
    county.supervised_item(now, title="后来的一件")
    page = open_inbox(served, "zhou")
    row_of(page, "公示栏破损").get_by_role("link", name="签收", exact=True).click()
    row_of(page, "公示栏破损").get_by_role("button", name="签收").click()
    expect(count_of(page, "to-sign")).to_have_text("0")
    titles = page.locator("#to-do .band-row .cell-title > a")
    expect(titles).to_have_count(3)
    in_place = titles.all_inner_texts()
    page.reload()
    assert titles.all_inner_texts() == in_place and in_place[-1] != "公示栏破损"
    page.context.close()


@SIZES
def test_a_step_on_a_talk_is_said_to_be_done_in_its_panel(served: Site, county: County, viewport: Any) -> None:
    county.supervised_item(hours.now() - timedelta(days=120), **QUICK)
    county.engine.tick(hours.now() - timedelta(minutes=5))
    talk = int(rows_of(county, Case, kind="interview")[0]["id"])
    page = open_inbox(served, "zhao", viewport=viewport)
    section = page.locator(f"#talk-{talk}")
    section.get_by_role("link", name="责成约谈").click()
    section.locator(".form-here").get_by_role("button", name="责成约谈").click()
    done = page.locator("#talks .talk-done")
    expect(done).to_contain_text("已办理：责成约谈")
    expect(done).to_be_focused()
    expect(done).to_be_in_viewport()
    assert case_row(county, talk)["state"] == "ordered" and stayed(page) and sound(page)
    page.context.close()


@SIZES
def test_whom_a_reminder_has_reached_stands_whole_on_the_row(served: Site, county: County, viewport: Any) -> None:
    case_id = county.supervised_item(hours.now() - timedelta(days=120), title="账目不清", **QUICK)
    county.engine.tick(hours.now() - timedelta(minutes=30))
    page = served.person("lin", viewport=viewport).new_page()
    page.goto("/ledger")
    row = page.locator(f"tr[data-href='/cases/{case_id}']")
    row.get_by_role("link", name="催办").click()
    said = row.locator(".row-said")
    expect(said).to_contain_text("已催办东沟村党支部1次")
    told = said.evaluate("""one => { const cell = one.closest("td"), range = document.createRange(); range.selectNodeContents(one);
      const words = range.getBoundingClientRect(), box = cell.getBoundingClientRect();
      return [words.left >= box.left - 1, words.right <= box.right + 1, one.scrollWidth <= one.clientWidth + 1]; }""")
    assert told == [True, True, True] and looking.too_wide(page) == []
    page.locator("[data-toast]").get_by_role("button", name="撤销").click()
    expect(said).to_have_text("已撤销这一步")
    assert page.url.endswith("/ledger")
    page.context.close()
