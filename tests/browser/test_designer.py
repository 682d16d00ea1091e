"""The designer in a browser: a small kind made from nothing by mouse and keyboard, and its three views that stay in step."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looking
from tests.browser.drafting import begin_kind, build_kind, named, node, panel
from tests.browser.served import DESK, PHONE, Site
from tests.factories import County
from tests.workflow.versions.conftest import ADMINISTRATORS

pytestmark = pytest.mark.browser


@pytest.fixture
def page(served: Site, county: County) -> Iterator[Page]:
    """A new kind, just begun, at the desk of an administrator of workflows."""
    page = begin_kind(served, county)
    yield page
    page.context.close()


def test_a_small_kind_is_made_from_nothing_by_mouse_and_keyboard(page: Page) -> None:
    build_kind(page)
    expect(node(page, "核实")).to_contain_text("10个工作日")


def test_what_was_done_is_taken_back_done_again_and_there_after_a_reload(page: Page) -> None:
    source = page.locator("#source")
    page.get_by_role("button", name="加状态").first.click()
    named(page, "核实")
    told = source.input_value()
    panel(page).locator("h2").click()
    page.keyboard.press("Control+z")
    expect(source).not_to_have_value(re.compile("核实"))
    page.keyboard.press("Control+z")
    expect(node(page, "新状态")).to_have_count(0)
    page.reload()
    expect(node(page, "新状态")).to_have_count(0)
    page.locator("#design-panel").focus()
    page.keyboard.press("Control+y")
    page.keyboard.press("Control+y")
    expect(source).to_have_value(told)


def test_the_text_the_panel_and_the_drawing_stay_in_step(page: Page) -> None:
    source = page.locator("#source")
    node(page, "办理").click()
    expect(panel(page).get_by_label("名称 简体").first).to_have_value("办理")
    source.fill(source.input_value().replace("title: 办理", "title: 走访中"))
    page.get_by_role("button", name="存文本").click()
    expect(panel(page).get_by_label("名称 简体").first).to_have_value("走访中")
    expect(node(page, "走访中")).to_be_visible()
    sound = source.input_value()
    source.fill("a: &a [1]\nb: *a\n")
    page.get_by_role("button", name="存文本").click()
    expect(page.get_by_role("alert")).to_contain_text("文本里有不能收的写法")
    page.get_by_role("link", name="全部", exact=True).click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(source).to_have_value("a: &a [1]\nb: *a\n")
    source.fill(sound + "rules: [\n")
    page.get_by_role("button", name="存文本").click()
    expect(panel(page)).to_contain_text("定义文本读不通")
    expect(page.locator("#design-checks .hint").last).to_contain_text("行")


def test_a_fault_stands_at_its_state_or_its_step_on_the_canvas_as_soon_as_it_is_made(page: Page) -> None:
    source, way, faults = page.locator("#source"), page.locator("[data-way]"), page.locator(".canvas-fault-words")
    sound, told = source.input_value(), re.compile("要改1处")

    def typed(old: str, faulty: str) -> None:
        source.fill(sound.replace(old, faulty))
        page.get_by_role("button", name="存文本").click()

    expect(faults).to_have_count(0)
    typed("title: 办结, final: true}", "title: 办结, final: true, initial: true}")
    expect(node(page, "办结").locator(".canvas-fault-words")).to_have_text("1")
    expect(node(page, "办结")).to_have_attribute("aria-label", told)
    expect(faults).to_have_count(1)
    typed("who: [{roles: [handler, head], relations: [holder]}]", "who: []")
    expect(way).to_have_attribute("aria-label", told)
    expect(page.locator("[data-node] .canvas-fault-words")).to_have_count(0)
    expect(faults).to_have_text(["1"])
    typed("", "")
    expect(faults).to_have_count(0)


def test_a_state_moves_by_arrow_and_by_mouse_and_goes_by_delete(page: Page) -> None:
    before = node(page, "办理").bounding_box()
    node(page, "办理").focus()
    for _step in range(4):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#design-graph[data-graph*='\"moved\": true']")).to_be_attached()
    page.reload()
    after = node(page, "办理").bounding_box()
    assert before and after and after["y"] != before["y"]
    page.get_by_role("button", name="自动布局").click()
    expect(page.locator("#design-graph[data-graph*='\"moved\": true']")).to_have_count(0)
    node(page, "办结").focus()
    page.keyboard.press("Delete")
    expect(node(page, "办结")).to_have_count(0)
    expect(page.locator("#design-checks")).to_contain_text("进得去出不来")


def test_an_entry_of_a_list_is_dragged_before_another_and_moved_back_by_its_button(page: Page) -> None:
    entries = panel(page).locator("[data-place^='/states/']")
    expect(entries).to_have_count(2)
    told = [entries.nth(at).locator("a").inner_text() for at in (0, 1)]
    target = entries.first.bounding_box()
    assert target
    entries.nth(1).locator("[data-grip]").hover()
    page.mouse.down()
    page.mouse.move(target["x"] + 60, target["y"] + 12, steps=5)
    page.mouse.move(target["x"] + 64, target["y"] + 14)
    page.mouse.up()
    expect(entries.locator("a")).to_have_text(told[::-1])
    entries.first.get_by_role("button", name=f"{told[1]}往后移").press("Enter")
    expect(entries.locator("a")).to_have_text(told)


def test_without_a_script_a_state_is_added_named_renamed_and_removed(served: Site, page: Page) -> None:
    address = page.url.split("?")[0]
    plain = served.person(ADMINISTRATORS[0], viewport=DESK, java_script_enabled=False).new_page()
    plain.goto(address)
    plain.get_by_role("button", name="加状态").first.click()
    panel(plain).get_by_label("名称 简体").fill("核实")
    panel(plain).get_by_role("button", name="保存").last.click()
    expect(plain.locator("#source")).to_have_value(re.compile("key: state_1, title: 核实"))
    plain.locator("summary", has_text="标识").click()
    plain.get_by_label("新的标识").fill("checked")
    plain.get_by_role("button", name="改标识").click()
    expect(plain.locator("#source")).to_have_value(re.compile("key: checked, title: 核实"))
    plain.get_by_role("button", name="撤销", exact=True).click()
    expect(plain.locator("#source")).to_have_value(re.compile("key: state_1, title: 核实"))
    plain.goto(f"{address}?at=/states/2")
    plain.get_by_role("button", name="删去状态").click()
    expect(plain.locator("#source")).not_to_have_value(re.compile("核实"))
    plain.context.close()


def test_a_new_state_comes_into_sight_and_a_phone_says_what_it_cannot_do(page: Page) -> None:
    for count in (1, 2, 3):
        page.get_by_role("button", name="加状态").first.click()
        expect(page.locator("[data-node]")).to_have_count(2 + count)
    expect(node(page, "新状态").last).to_be_in_viewport(ratio=1)
    told = page.get_by_text("拖动状态和画线，请用电脑")
    expect(told).to_be_hidden()
    page.set_viewport_size(PHONE)
    expect(told).to_be_visible()


@pytest.mark.parametrize("width", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("at", ["", "/states/0", "/transitions/0", "/ladders/0/tiers/0/0"])
def test_the_page_shuts_out_nobody(page: Page, width: dict[str, int], at: str) -> None:
    ears = looking.Ears(page, page.url.split("/designer")[0])
    page.set_viewport_size(width)
    page.goto(f"{page.url.split('?')[0]}?at={at}")
    expect(panel(page)).to_be_visible()
    assert looking.too_wide(page) == []
    assert looking.cut_off(page) == []
    assert looking.barriers(page) == []
    assert (ears.complaints, ears.foreign) == ([], [])
    ears.stop()
