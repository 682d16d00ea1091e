"""The verbs of a village's page, in place: the form opens there, keeps its draft under one name everywhere, and answers there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import hours
from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.factories import County
from tests.workflow.looking import case_row, rows_of
from workflow.models import Case, Event

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["1440", "390"])
KEPT = "() => Object.keys(localStorage).filter((name) => name.endsWith(':form'))"


@pytest.fixture
def item(county: County) -> int:
    """An item that 东沟村 has signed for half an hour ago and has no plan for."""
    return county.supervised_item(hours.now() - timedelta(minutes=30))


def open_village(served: Site, case_id: int, **options: Any) -> Page:
    """The village's page of an item, which moved nothing and from now on knows whether it was loaded again."""
    page = served.person("zhou", **options).new_page()
    page.add_init_script(looking.WATCH)
    page.goto(f"/village/{case_id}")
    assert page.evaluate("() => window.shifted") < looking.SHIFT, "what stands there waits for no script"
    page.evaluate("() => { window.stays = true; }")
    return page


def stayed(page: Page, case_id: int) -> bool:
    """Is it still the page that was opened?"""
    return bool(page.url.endswith(f"/village/{case_id}") and page.evaluate("() => window.stays === true"))


def foot(page: Page) -> Locator:
    """Where the verbs stand."""
    return page.locator(".village-foot")


def others(page: Page) -> Locator:
    """The fold of what is done less often, unfolded."""
    fold = foot(page).locator("details", has=page.locator(".village-more"))
    fold.locator("> summary").click()
    return fold


@SIZES
def test_the_next_step_stands_out_alone_and_the_rest_is_folded(served: Site, item: int, viewport: Any) -> None:
    page = open_village(served, item, viewport=viewport)
    main = foot(page).locator(".button-main")
    expect(main).to_have_text(["报整改方案"])
    expect(foot(page).get_by_role("link", name="批注", exact=True)).to_be_hidden()
    fold = others(page)
    for name in ("申请延期", "批注", "关联事项"):
        expect(fold.get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(fold.locator(".button-main, .button-mine")).to_have_count(0)
    assert looking.barriers(page) == [] and looking.too_wide(page) == [] and looking.cut_off(page) == []
    page.context.close()


@SIZES
def test_a_later_date_is_asked_for_in_place_and_nothing_half_written_is_lost(
    served: Site, county: County, item: int, viewport: Any
) -> None:
    page = open_village(served, item, viewport=viewport)
    note = page.get_by_label("写进展")
    note.fill("写了一半")
    others(page).get_by_role("link", name="申请延期", exact=True).click()
    form = foot(page).locator(".form-here")
    expect(form.get_by_role("heading", name="申请延期")).to_be_focused()
    expect(form.get_by_role("heading", name="申请延期")).to_be_in_viewport()
    assert looking.barriers(page) == [] and looking.too_wide(page) == [] and looking.cut_off(page) == []
    latest = str(form.locator(".datebox:has(#f-wanted_on)").get_attribute("data-latest"))
    form.get_by_label("延到哪一天").fill(latest)
    form.get_by_label("具体说明").fill("等拨款")
    form.get_by_role("button", name="申请延期").click()
    expect(form.locator(".error-summary")).to_be_focused()
    expect(form.locator(".error-summary")).to_contain_text("延期原因")
    expect(form.get_by_label("具体说明")).to_have_value("等拨款")
    form.get_by_label("延期原因").select_option("funds")
    form.get_by_label("目前进展").fill("在办")
    form.get_by_role("button", name="申请延期").click()
    expect(page.locator(".village-item")).to_contain_text("延期待批")
    expect(page.locator("[role=status][aria-live]")).to_have_text("办理成功")
    expect(page.locator("#main")).to_be_focused()
    expect(note).to_have_value("写了一半")
    assert page.evaluate(KEPT) == []
    assert stayed(page, item)
    page.context.close()


def test_what_another_was_faster_with_is_said_and_half_a_form_is_kept(served: Site, county: County, item: int) -> None:
    page = open_village(served, item, viewport=PHONE)
    others(page).get_by_role("link", name="申请延期", exact=True).click()
    form = foot(page).locator(".form-here")
    latest = str(form.locator(".datebox:has(#f-wanted_on)").get_attribute("data-latest"))
    form.get_by_label("延到哪一天").fill(latest)
    form.get_by_label("具体说明").fill("等拨款")
    form.get_by_label("延期原因").select_option("funds")
    form.get_by_label("目前进展").fill("在办")
    asked: Any = {"clock": "rectify", "wanted_on": latest, "reason": "先报的"}
    asked["data"] = {"extension_cause": "funds", "extension_progress": "在办"}
    county.engine.ask_extension(item, actor=county.actor("zhou"), now=hours.now(), **asked)
    form.get_by_role("button", name="申请延期").click()
    refusal = page.locator("[data-refused]")
    expect(refusal).to_be_visible()
    assert len(page.evaluate(KEPT)) == 1 and "等拨款" in str(page.evaluate("() => JSON.stringify({ ...localStorage })"))
    refusal.get_by_role("button", name="关闭").click()
    expect(refusal).to_have_count(0)
    page.context.close()


@SIZES
def test_half_a_form_is_the_same_in_place_and_on_its_page(served: Site, county: County, item: int, viewport: Any) -> None:
    page = open_village(served, item, viewport=viewport)
    open_plan = foot(page).get_by_role("link", name="报整改方案")
    address = str(open_plan.get_attribute("href"))
    open_plan.click()
    page.locator(".form-here [name=cause]").fill("无人管")
    page.locator(".form-here [name='measures/0/text']").fill("更新公示栏")
    page.get_by_role("link", name="不办了").click()
    expect(page.locator(".form-here")).to_have_count(0)
    expect(open_plan).to_be_focused()
    # On its page it is filled in again, and what is added there is filled in in place.
    page.goto(address)
    expect(page.get_by_text("上次没有交的内容已填回")).to_be_visible()
    expect(page.locator("[name=cause]")).to_have_value("无人管")
    page.locator("[name=first_responsible_post]").fill("村党支部书记")
    page.goto(f"/village/{item}")
    page.evaluate("() => { window.stays = true; }")
    foot(page).get_by_role("link", name="报整改方案").click()
    form = page.locator(".form-here")
    expect(form.get_by_text("上次没有交的内容已填回")).to_be_visible()
    expect(form.locator("[name=first_responsible_post]")).to_have_value("村党支部书记")
    expect(form.locator("[name='measures/0/text']")).to_have_value("更新公示栏")
    # A refusal keeps it, the press that succeeds ends it.
    form.get_by_role("button", name="报整改方案").click()
    expect(form.locator(".error-summary")).to_be_focused()
    assert len(page.evaluate(KEPT)) == 1
    form.locator("[name='measures/0/label']").select_option("long_term")
    form.get_by_role("button", name="报整改方案").click()
    expect(page.locator("#works")).to_contain_text("更新公示栏")
    assert page.evaluate(KEPT) == [] and stayed(page, item)
    assert [row["title"] for row in rows_of(county, Case, kind="measure", parent_id=item)] == ["更新公示栏"]
    page.context.close()


def test_two_corrections_are_two_drafts_and_a_dropped_one_is_gone(served: Site, county: County, item: int) -> None:
    page = open_village(served, item, viewport=PHONE)
    fold = others(page)
    fold.locator("details > summary").click()
    links = fold.locator("details a")
    first, second = links.nth(0), links.nth(1)
    first.click()
    expect(page.locator(".form-here")).to_be_visible()
    page.locator(".form-here [name=reason]").fill("写错了")
    second.click()
    expect(page.locator(".form-here input[name=field]")).to_have_value(
        str(second.get_attribute("href")).split("/")[-1].split("?")[0]
    )
    expect(page.locator(".form-here [name=reason]")).to_have_value("")
    first.click()
    expect(page.locator(".form-here [name=reason]")).to_have_value("写错了")
    page.get_by_role("button", name="丢弃草稿").click()
    expect(page.locator(".form-here [name=reason]")).to_have_value("")
    assert page.evaluate(KEPT) == []
    page.context.close()


def test_without_a_network_the_form_stays_and_its_words_wait_on_the_device(served: Site, county: County, item: int) -> None:
    page = open_village(served, item, viewport=PHONE)
    others(page).get_by_role("link", name="批注", exact=True).click()
    box = foot(page).get_by_label("写一句")
    box.fill("已到现场")
    page.context.set_offline(True)
    press = foot(page).get_by_role("button", name="批注", exact=True)
    press.click()
    expect(page.get_by_role("alert")).to_contain_text("网络中断")
    expect(box).to_have_value("已到现场")
    page.context.set_offline(False)
    page.goto("/notices")
    assert len(page.evaluate(KEPT)) == 1, "a toast about something else ends no draft"
    page.goto(f"/village/{item}")
    others(page).get_by_role("link", name="批注", exact=True).click()
    expect(box).to_have_value("已到现场")
    assert looking.barriers(page) == [] and looking.too_wide(page) == []
    press.click()
    expect(page.locator("[data-toast]", has_text="办理成功")).to_be_visible()
    assert page.evaluate(KEPT) == [] and [row["verb"] for row in rows_of(county, Event, case_id=item)][-1] == "comment"
    page.context.close()


def test_escape_closes_the_form_and_the_focus_goes_back(served: Site, item: int) -> None:
    page = open_village(served, item, viewport=DESK)
    link = foot(page).get_by_role("link", name="报整改方案")
    link.press("Enter")
    expect(page.locator(".form-here h3")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".form-here")).to_have_count(0)
    expect(link).to_be_focused()
    page.context.close()


@SIZES
def test_without_scripts_every_verb_of_the_foot_is_a_page_that_leads_back(
    served: Site, county: County, item: int, viewport: Any
) -> None:
    page = served.person("zhou", viewport=viewport, java_script_enabled=False).new_page()
    page.goto(f"/village/{item}")
    others(page).get_by_role("link", name="批注", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("批注")
    page.get_by_label("写一句").fill("已到现场")
    page.get_by_role("main").get_by_role("button", name="批注", exact=True).click()
    assert page.url.endswith(f"/village/{item}") and "办理成功" in page.locator("[data-toast]").inner_text()
    foot(page).get_by_role("link", name="报整改方案").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("报整改方案")
    page.get_by_role("link", name="不办了").click()
    assert page.url.endswith(f"/village/{item}") and case_row(county, item)["state"] == "supervised"
    page.context.close()


@SIZES
def test_after_a_remark_the_page_stays_where_it_was_written(served: Site, item: int, viewport: Any) -> None:
    page = open_village(served, item, viewport=viewport)
    fold = others(page)
    fold.get_by_role("link", name="批注", exact=True).click()
    foot(page).get_by_label("写一句").fill("已到现场")
    foot(page).get_by_role("button", name="批注", exact=True).click()
    expect(page.locator("[data-toast]", has_text="办理成功")).to_be_visible()
    expect(page.locator(".form-here")).to_have_count(0)
    expect(page.locator("#others > summary")).to_be_in_viewport()
    page.context.close()


@SIZES
def test_what_folds_bears_a_sign_that_it_opens(served: Site, item: int, viewport: Any) -> None:
    page = open_village(served, item, viewport=viewport)
    foot(page).get_by_role("link", name="报整改方案").click()
    summary = page.locator(".form-here details:not([class]) > summary").first
    expect(summary).to_be_visible()
    sign = (
        "one => { const { content, borderRightWidth } = getComputedStyle(one, '::after'); return [content, borderRightWidth]; }"
    )
    content, width = summary.evaluate(sign)
    colour = summary.evaluate("one => getComputedStyle(one).color")
    plain = page.locator(".form-here label").first.evaluate("one => getComputedStyle(one).color")
    assert content == '""' and float(width[:-2]) > 0 and colour != plain
    page.context.close()
