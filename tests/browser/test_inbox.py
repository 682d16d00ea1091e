"""The inbox in the browser: a step that asks for more opens under its row; without scripts its link leads to the same form."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests import hours
from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.factories import County
from tests.workflow.looking import case_row
from workflow.dates import local_day

pytestmark = pytest.mark.browser

TITLES = ("公示栏破损", "账目不清")
# What gives a case back, beside its next step.
BACK = ".cell-acts a.button-text[hx-get]"


@pytest.fixture
def handed_over(county: County) -> list[int]:
    """Two items that 东沟村 has yet to sign for."""
    now = hours.now() - timedelta(hours=2)
    ids = [county.open_item(now, title=title, feedback_on=local_day(now).isoformat()) for title in TITLES]
    for case_id in ids:
        county.hand_over(case_id, now + timedelta(minutes=5))
    return ids


def back_links(page: Page) -> list[str]:
    """The links that give a case back."""
    return page.locator(BACK).all_inner_texts()


def test_a_case_is_given_back_with_a_reason_without_leaving_the_list(
    served: Site, county: County, handed_over: list[int]
) -> None:
    page = served.page("zhou")
    page.set_viewport_size(PHONE)
    page.goto("/inbox")
    assert back_links(page) == ["退回", "退回"]
    first = page.locator(BACK).first
    first.press("Enter")
    expect(page.locator(".band-row .here h3")).to_be_focused()
    assert page.url.endswith("/inbox") and looking.too_wide(page) == [] and looking.barriers(page, ".band-row .here") == []
    page.keyboard.press("Escape")
    expect(page.locator(".band-row .here form")).to_have_count(0)
    expect(first).to_be_focused()
    page.locator(BACK).nth(1).click()
    form = page.locator(".band-row .here form")
    expect(page.locator(".band-row", has=page.locator(".here form"))).to_contain_text(TITLES[1])
    form.get_by_label("退回理由").select_option(index=1)
    form.get_by_label("具体说明").fill("应由西头村承办")
    form.get_by_role("button", name="退回", exact=True).click()
    expect(page.locator("[data-toast]")).to_be_visible()
    assert [case_row(county, case_id)["state"] for case_id in handed_over] == ["transferred", "received"]
    page.goto("/inbox")
    expect(page.get_by_role("heading", name="我们刚退回的")).to_be_visible()


def test_without_scripts_the_link_leads_to_the_form_and_one_sheet_signs_for_all(
    served: Site, county: County, handed_over: list[int]
) -> None:
    page = served.person("zhou", java_script_enabled=False).new_page()
    page.goto("/inbox")
    page.get_by_role("link", name="退回", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("退回")
    page.goto("/inbox")
    page.get_by_label("材料件数").fill("1")
    page.get_by_role("button", name="全部签收").click()
    assert {case_row(county, case_id)["state"] for case_id in handed_over} == {"supervised"}
    page.context.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_ticked_cases_are_signed_for_together_and_the_signing_is_taken_back(
    served: Site, county: County, handed_over: list[int], size: ViewportSize
) -> None:
    now = hours.now() - timedelta(hours=1)
    third = county.open_item(now, title="路灯损坏", feedback_on=local_day(now).isoformat())
    county.hand_over(third, now + timedelta(minutes=5))
    page = served.person("zhou", viewport=size).new_page()
    page.goto("/inbox")
    page.evaluate("() => { window.stays = true; }")
    for title in TITLES:
        page.locator("#to-sign .band-row", has_text=title).locator("input[name=case]").check()
    page.locator("#signing").get_by_label("材料件数").fill("1")
    page.get_by_role("button", name="签收选中的").click()
    told = page.locator("[data-toast]", has_text="已签收2件")
    expect(told).to_be_visible()
    expect(page.locator("#to-sign .band-row")).to_have_count(1)
    expect(page.locator("#to-sign")).to_contain_text("路灯损坏")
    expect(page.locator("#bands a[href='#to-sign'] .jump-count")).to_have_text("1")
    assert [case_row(county, one)["state"] for one in (*handed_over, third)] == ["supervised", "supervised", "transferred"]
    assert looking.too_wide(page) == [] and looking.cut_off(page) == []
    told.get_by_role("button", name="撤销").click()
    expect(page.locator("#to-sign .band-row")).to_have_count(3)
    expect(page.locator("[data-toast]", has_text="已撤销2件")).to_be_visible()
    assert {case_row(county, one)["state"] for one in (*handed_over, third)} == {"transferred"}
    assert page.url.endswith("/inbox") and page.evaluate("() => window.stays === true")
    page.context.close()


def test_what_a_sheet_did_not_sign_for_is_said_in_place_and_the_whole_band_goes_with_one_press(
    served: Site, county: County, handed_over: list[int]
) -> None:
    day = case_row(county, handed_over[0])["due_on"]
    page = served.person("zhou", viewport=PHONE).new_page()
    page.goto(f"/inbox?on={day}")
    page.evaluate("() => { window.stays = true; }")
    sheet = page.locator("#signing")
    sheet.get_by_label("材料件数").fill("两")
    box = page.locator("#to-sign .band-row", has_text=TITLES[1]).locator("input[name=case]")
    box.check()
    page.get_by_role("button", name="全部签收").click()
    told = page.locator(".error-summary")
    expect(told).to_be_focused()
    told.get_by_role("link", name="材料件数：写成数字").click()
    expect(sheet.get_by_label("材料件数")).to_be_focused()
    expect(sheet.get_by_label("材料件数")).to_have_value("两")
    expect(box).to_be_checked()
    expect(page.locator("#to-sign input[name=case]:checked")).to_have_count(1)
    sheet.get_by_label("材料件数").fill("1")
    page.get_by_role("button", name="全部签收").click()
    expect(page.locator("[data-toast]", has_text="已签收2件")).to_be_visible()
    expect(page.locator("#to-sign .band-row")).to_have_count(0)
    # The page stays narrowed to the day that its address says.
    expect(page.get_by_role("link", name="看全部", exact=True)).to_be_visible()
    assert {case_row(county, one)["state"] for one in handed_over} == {"supervised"}
    assert page.evaluate("() => window.stays === true")
    page.context.close()


def test_what_a_refused_sheet_had_ticked_outlives_a_step_on_another_row_too(
    served: Site, county: County, handed_over: list[int]
) -> None:
    page = served.page("zhou")
    page.goto("/inbox")
    box = page.locator("#to-sign .band-row", has_text=TITLES[1]).locator("input[name=case]")
    box.check()
    page.locator("#signing").get_by_label("材料件数").fill("两")
    page.get_by_role("button", name="签收选中的").click()
    expect(page.locator(".error-summary")).to_be_focused()
    first = page.locator("#to-sign .band-row", has_text=TITLES[0])
    first.locator(".cell-acts a.button-mine").click()
    first.locator(".here form").get_by_role("button", name="签收", exact=True).click()
    page.locator(".asked-done").get_by_role("button", name="撤销").click()
    expect(page.locator("[data-toast]")).to_contain_text("已撤销")
    expect(page.locator(".asked-done")).to_have_count(0)
    expect(page.locator("#to-sign .band-row")).to_have_count(2)
    expect(box).to_be_checked()
