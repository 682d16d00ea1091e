"""A draft of a kind that somebody begins in the designer, and what he does on its canvas."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.served import DESK, Site
from tests.factories import County
from tests.workflow.versions.conftest import ADMINISTRATORS, hire


def begin_kind(served: Site, county: County) -> Page:
    """入户走访, new, at the desk of an administrator of workflows: items due thirty days after they were registered."""
    hire(county)
    page = served.person(ADMINISTRATORS[0], viewport=DESK).new_page()
    page.goto("/designer")
    page.get_by_label("新的一类").check()
    page.get_by_label("名称", exact=True).fill("入户走访")
    page.get_by_label("标识").fill("visit")
    page.get_by_role("button", name="新建草稿").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("入户走访")
    return page


def node(page: Page, title: str) -> Locator:
    """A state on the canvas."""
    return page.locator(f"[data-node][aria-label^='状态 {title}，']")


def panel(page: Page) -> Locator:
    """The open panel."""
    return page.locator("#design-panel")


def named(page: Page, title: str) -> None:
    """Types the title of what is open, and goes on."""
    box = panel(page).get_by_label("名称 简体")
    box.fill(title)
    box.press("Tab")
    expect(page.locator("#source")).to_have_value(re.compile(title))


def drawn(page: Page, source: str, target: str) -> None:
    """Draws a step from one state to another by mouse, from the dot at the right of the first."""
    start, end = node(page, source).bounding_box(), node(page, target).bounding_box()
    assert start and end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.move(start["x"] + start["width"], start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 40, end["y"] + end["height"] / 2, steps=8)
    page.mouse.move(end["x"] + 4, end["y"] + end["height"] / 2, steps=4)
    page.mouse.up()


def build_kind(page: Page) -> None:
    """The kind gets a second state that is checked before it is closed, by mouse and keyboard, until it has no fault."""
    checks, source = page.locator("#design-checks"), page.locator("#source")
    expect(checks).to_contain_text("全部通过")
    page.get_by_role("button", name="加状态").first.click()
    named(page, "核实")
    expect(node(page, "核实")).to_be_visible()
    drawn(page, "办理", "核实")
    expect(panel(page)).to_contain_text("操作 新操作")
    named(page, "提请核实")
    # The rest by keyboard: open the state, pick where its step leads, name it.
    node(page, "核实").focus()
    page.keyboard.press("Enter")
    expect(panel(page)).to_contain_text("状态 核实")
    panel(page).get_by_label("到哪个状态").select_option(label="到办结")
    panel(page).get_by_role("button", name="加操作").press("Enter")
    expect(panel(page)).to_contain_text("操作 新操作")
    named(page, "核实通过")
    panel(page).get_by_role("group", name="要填的问题").get_by_role("button", name="加一个").click()
    expect(panel(page)).to_contain_text("新问题")
    named(page, "核实情况")
    # What is missing is said, and mended by a button.
    expect(checks).to_contain_text("在状态“核实”下可能没有任何时限在走")
    checks.get_by_role("button", name="加一个时限").click()
    expect(source).to_have_value(re.compile("核实的时限"))
    checks.get_by_role("button", name="加办结依据").click()
    expect(checks).to_contain_text("全部通过")
