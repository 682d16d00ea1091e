"""Scenarios in the designer: one is made by forms, broken by a changed rule, told where and why, mended, and only then published."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import looking
from tests.browser.drafting import begin_kind
from tests.browser.served import DESK, PHONE, Site
from tests.factories import County
from tests.workflow.versions.conftest import ADMINISTRATORS
from workflow.versions import scenarios

pytestmark = pytest.mark.browser


@pytest.fixture
def page(served: Site, county: County) -> Iterator[Page]:
    """A new kind, just begun, whose items are due thirty days after they were registered."""
    page = begin_kind(served, county)
    yield page
    page.context.close()


def panel(page: Page) -> Locator:
    return page.locator("#design-panel")


def scenes(page: Page) -> Locator:
    return page.locator("#design-scenes")


def typed(box: Locator, told: str) -> None:
    """Types and leaves the box, as somebody with a keyboard does."""
    box.fill(told)
    box.press("Tab")


def begun(page: Page) -> None:
    """A scenario of an item that nobody works on, from its registration until the hundredth day."""
    scenes(page).get_by_role("button", name="加情景").press("Enter")
    expect(panel(page)).to_contain_text("情景 新情景")
    typed(panel(page).get_by_label("名称 简体"), "一直没有办")
    typed(panel(page).get_by_label("登记的日期"), "2026-3-26")
    typed(panel(page).get_by_label("看到哪一天"), "2026年7月13日")
    expect(page.locator("#source")).to_have_value(re.compile("一直没有办.*on: 2026-03-26[^}]*until: 2026-07-13", re.DOTALL))
    expect(scenes(page).locator(".outcome")).to_have_text("走通")


def test_a_scenario_is_made_broken_by_a_limit_mended_and_only_then_the_draft_is_published(page: Page) -> None:
    begun(page)
    due = panel(page).get_by_role("group", name="各时限的到期日").get_by_label("办结")
    typed(due, "2026-4-1")
    expect(scenes(page)).to_contain_text("“办结”的期限是2026年4月27日，应是2026年4月1日")
    expect(panel(page).get_by_role("group", name="各时限的到期日")).to_contain_text("应是2026年4月1日")
    panel(page).get_by_role("button", name="照走出来的结果填").click()
    expect(scenes(page).locator(".outcome")).to_have_text("走通")
    expect(page.locator("#source")).to_have_value(re.compile("2026-04-27"))
    expect(scenes(page)).to_contain_text("2026年3月26日登记；到7月13日应是“办理”、“办结”期限4月27日")
    # The limit is cut; the scenario says so at once, and so does the clock that brought it about.
    page.locator("#design-panel a[data-at='']").click()
    panel(page).locator("[data-place='/clocks/0'] a").click()
    limit = panel(page).get_by_role("group", name="期限").locator("input[inputmode=numeric]").first
    typed(limit, "20")
    expect(scenes(page).locator(".outcome")).to_have_text("没走通")
    expect(scenes(page)).to_contain_text("“办结”的期限是2026年4月15日，应是2026年4月27日")
    expect(panel(page)).to_contain_text("情景“一直没有办”：“办结”的期限是2026年4月15日")
    page.get_by_role("link", name="试算影响").click()
    page.get_by_role("button", name="试算", exact=True).click()
    expect(page.get_by_role("heading", name="试算结果")).to_have_count(0)
    expect(page.get_by_text("草稿还没有通过检查").first).to_be_visible()
    # Mended, it comes out, and the draft goes its way.
    page.get_by_role("link", name="接着改").first.click()
    page.goto(f"{page.url.split('?')[0]}?at=/clocks/0")
    typed(panel(page).get_by_role("group", name="期限").locator("input[inputmode=numeric]").first, "30")
    expect(page.locator("#design-head")).to_contain_text("情景1个都走通")
    page.get_by_role("link", name="试算影响").click()
    page.get_by_role("button", name="试算", exact=True).click()
    expect(page.get_by_role("heading", name="试算结果")).to_be_visible()
    page.get_by_label("理由").fill("入户走访单列一类")
    page.get_by_role("button", name="提出发布").click()
    expect(page.get_by_text("须由另一位流程管理员决定")).to_be_visible()


def test_a_step_that_cannot_be_done_is_told_at_the_step_and_taken_back_by_undo(page: Page) -> None:
    begun(page)
    panel(page).get_by_role("group", name="各步").get_by_role("button", name="加一个").click()
    step = panel(page).locator("[data-place='/scenarios/0/steps/0']")
    expect(step.get_by_label("办哪一步")).to_have_value("finish")
    expect(scenes(page)).to_contain_text("最后是“办结”，应是“办理”")
    step.get_by_label("应当办不成").check()
    expect(step).to_contain_text("第1步：2026年3月26日不该办得了“办结”")
    expect(page.locator("#design-head")).not_to_contain_text("都走通")
    panel(page).locator("h2").click()
    page.keyboard.press("Control+z")
    expect(step.get_by_label("应当办不成")).not_to_be_checked()
    page.keyboard.press("Control+z")
    expect(step).to_have_count(0)
    expect(scenes(page).locator(".outcome")).to_have_text("走通")
    scenes(page).get_by_role("button", name="删去一直没有办").press("Enter")
    expect(scenes(page)).to_contain_text("还没有情景")
    expect(page.locator("#source")).not_to_have_value(re.compile("scenarios:\n  -"))


def test_what_is_written_in_the_text_is_in_the_panel_and_is_lived_through(page: Page) -> None:
    begun(page)
    source = page.locator("#source")
    source.fill(source.input_value().replace("2026-07-13", "2026-03-27").replace("一直没有办", "才登记"))
    page.get_by_role("button", name="存文本").click()
    expect(panel(page).get_by_label("看到哪一天")).to_have_value("2026年3月27日")
    expect(scenes(page)).to_contain_text("到3月27日应是“办理”")
    expect(scenes(page).locator(".outcome")).to_have_text("走通")


def test_without_a_script_a_scenario_is_added_filled_in_and_lived_through(served: Site, page: Page) -> None:
    scenarios.KEPT.clear()  # what another test has lived through
    address = page.url.split("?")[0]
    plain = served.person(ADMINISTRATORS[0], viewport=DESK, java_script_enabled=False).new_page()
    plain.goto(address)
    scenes(plain).get_by_role("button", name="加情景").click()
    panel(plain).get_by_label("名称 简体").fill("一直没有办")
    panel(plain).get_by_role("button", name="保存").last.click()
    expect(scenes(plain).locator(".outcome")).to_have_text("在走")
    scenes(plain).get_by_role("button", name="跑一遍1个情景").click()
    expect(scenes(plain).locator(".outcome")).to_have_text("走通")
    plain.context.close()


@pytest.mark.parametrize("width", [DESK, PHONE], ids=["desk", "phone"])
def test_the_panel_of_a_scenario_shuts_out_nobody(page: Page, width: dict[str, int]) -> None:
    ears = looking.Ears(page, page.url.split("/designer")[0])
    begun(page)
    panel(page).get_by_role("group", name="各步").get_by_role("button", name="加一个").click()
    expect(scenes(page)).to_contain_text("最后是“办结”")
    page.set_viewport_size(width)
    page.reload()
    expect(scenes(page)).to_contain_text("最后是“办结”")
    scenes(page).locator("summary").click()
    assert looking.too_wide(page) == []
    assert looking.cut_off(page) == []
    assert looking.barriers(page) == []
    assert (ears.complaints, ears.foreign) == ([], [])
    ears.stop()
