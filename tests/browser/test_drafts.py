"""A draft outlives the page, the network and a refusal; it belongs to one person, and ends when it was handed in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import hours
from tests.browser.served import PHONE, Site, sign_in
from tests.factories import County

pytestmark = pytest.mark.browser


@pytest.fixture
def item(county: County) -> int:
    """An item that 东沟村 works on."""
    return county.supervised_item(hours.now() - timedelta(minutes=30))


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


def test_a_half_typed_registration_is_filled_in_again_until_it_was_handed_in(served: Site, county: County) -> None:
    page = served.person("lin").new_page()
    page.goto("/cases/new/rectification")
    assert not page.locator("[data-draft-said]").is_visible()
    page.get_by_label("标题").fill("公示栏破损")
    page.get_by_label("涉及单位").select_option(str(county.organs["donggou_branch"]))
    page.locator("[name=problem]").fill("公示栏破损，三个月没有更换。")
    page.locator("[name=source]").select_option("feedback")
    page.goto("/ledger")
    page.goto("/cases/new/rectification")
    expect(page.get_by_text("有未提交的登记草稿")).to_be_visible()
    expect(page.get_by_label("标题")).to_have_value("公示栏破损")
    expect(page.get_by_label("涉及单位")).to_have_value(str(county.organs["donggou_branch"]))
    # What a refused form brings back is what was sent, and it still waits if the page is left then.
    page.locator("form[data-draft-form]").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.goto("/cases/new/rectification")
    expect(page.locator("[name=problem]")).to_have_value("公示栏破损，三个月没有更换。")
    for name, value in (("immediate", "rectify_now"), ("period", "default_immediate"), ("first_check", "county")):
        page.locator(f"[name={name}]").select_option(value)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("[data-toast]")).to_contain_text("已登记")
    # The words are there before the scripts of their page have run, and those drop the draft.
    page.wait_for_load_state()
    page.goto("/cases/new/rectification")
    expect(page.get_by_label("标题")).to_have_value("")
    assert not page.locator("[data-draft-said]").is_visible()


def test_a_dropped_registration_is_gone_and_another_persons_is_never_shown(served: Site, county: County) -> None:
    page = served.person("lin").new_page()
    page.goto("/cases/new/rectification")
    page.get_by_label("标题").fill("公示栏破损")
    page.context.clear_cookies()
    sign_in(page, "song", served.password("song"))
    page.goto("/cases/new/rectification")
    expect(page.get_by_label("标题")).to_have_value("")
    page.context.clear_cookies()
    sign_in(page, "lin", served.password("lin"))
    page.goto("/cases/new/rectification")
    page.get_by_role("button", name="丢弃草稿").click()
    expect(page.get_by_label("标题")).to_have_value("")
    page.reload()
    expect(page.get_by_label("标题")).to_have_value("")
    assert not page.locator("[data-draft-said]").is_visible()


def test_no_secret_of_a_clue_is_kept_on_the_device(served: Site, county: County) -> None:
    page = served.person("lin").new_page()
    page.goto("/cases/new/clue")
    page.locator("form[data-draft-form] details").evaluate_all("all => all.forEach(one => { one.open = true })")
    page.get_by_label("标题").fill("低保评定")
    for name in ("subject_persons", "reporter_name", "reporter_contact"):
        page.locator(f"[name={name}]").fill("绝不能留在设备上")
    kept = page.evaluate("() => JSON.stringify({ ...localStorage, ...sessionStorage })")
    assert "低保评定" in kept and "绝不能留在设备上" not in kept
    page.goto("/cases/new/clue")
    expect(page.get_by_text("保密的内容不存在设备上，要再填。")).to_be_visible()
    expect(page.locator("[name=reporter_name]")).to_have_value("")


def test_a_note_that_is_too_long_says_so_beforehand_and_survives_the_refusal(served: Site, item: int) -> None:
    page = served.person("zhou", viewport=PHONE).new_page()
    page.goto(f"/village/{item}")
    expect(page.locator("label[for^=note-]")).to_contain_text("最多20000字")
    long = "逐户核对。" * 6_000
    note(page).fill(long)
    page.get_by_role("button", name="保存进展").click()
    expect(page.locator(".error-summary")).to_contain_text("有30000个字，最多20000个字")
    expect(note(page)).to_have_value(long)
    note(page).fill(f"{long}改")
    page.goto(f"/village/{item}")
    expect(note(page)).to_have_value(f"{long}改")
    note(page).fill("短些")
    page.get_by_role("button", name="保存进展").click()
    expect(page.locator("[data-toast]")).to_contain_text("已保存")
    page.goto(f"/village/{item}")
    expect(note(page)).to_have_value("")
