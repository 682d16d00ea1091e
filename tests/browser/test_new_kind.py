"""A new kind of case goes from nothing to its first closed case by clicking alone: one person builds it, another agrees, others use it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.drafting import begin_kind, build_kind
from tests.browser.served import Site
from tests.browser.test_bulk import whole
from tests.browser.test_walks import act, send
from tests.factories import County
from tests.workflow.looking import case_row
from tests.workflow.versions.conftest import ADMINISTRATORS

pytestmark = pytest.mark.browser

TITLE = "走访东沟村困难户"


def test_a_kind_built_from_nothing_is_published_by_two_and_a_case_of_it_goes_to_its_end(served: Site, county: County) -> None:
    first = begin_kind(served, county)
    build_kind(first)
    _propose(first)
    second = served.person(ADMINISTRATORS[1]).new_page()
    _agree(second)

    lin = served.person("lin").new_page()
    _register(lin)
    zhou = served.person("zhou").new_page()
    zhou.goto("/inbox")
    zhou.get_by_role("link", name=TITLE).click()
    act(zhou, "提请核实")
    send(zhou, "提请核实")
    expect(zhou.locator(".path [aria-current=step]")).to_contain_text("核实")
    act(zhou, "核实通过")
    zhou.get_by_label("核实情况").fill("到户看过，两户都已纳入低保。")
    zhou.get_by_label("办结依据").select_option(index=1)
    send(zhou, "核实通过")
    expect(zhou.locator(".case-head")).to_contain_text("办结")
    whole(zhou)
    assert case_row(county, 1)["final"]
    _closed_in_ledger(lin)
    for page in (first, second, lin, zhou):
        page.context.close()


def _propose(page: Page) -> None:
    page.get_by_role("link", name="试算影响").click()
    page.get_by_role("button", name="试算", exact=True).click()
    expect(page.get_by_role("heading", name="试算结果")).to_be_visible()
    page.get_by_label("理由").fill("入户走访单列一类")
    page.get_by_role("button", name="提出发布").click()
    expect(page.get_by_text("须由另一位流程管理员决定")).to_be_visible()


def _agree(page: Page) -> None:
    page.goto("/inbox")
    page.get_by_role("link", name="看影响").click()
    expect(page.get_by_text("入户走访单列一类")).to_be_visible()
    whole(page)
    page.get_by_label("意见").fill("同意")
    page.get_by_role("button", name="同意发布").click()
    expect(page.get_by_role("button", name="同意发布")).to_have_count(0)
    whole(page)


def _register(page: Page) -> None:
    page.goto("/ledger")
    page.get_by_role("link", name="登记入户走访").click()
    page.get_by_label("标题").fill(TITLE)
    page.get_by_label("涉及单位").select_option("东沟村党支部")
    whole(page)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.locator(".case-head")).to_contain_text(re.compile(r"入户走访〔\d{4}〕1号"))


def _closed_in_ledger(page: Page) -> None:
    page.goto("/ledger")
    expect(page.get_by_role("link", name=TITLE)).to_have_count(0)  # what is open comes first
    page.locator(".views-row").get_by_role("link", name="已办结").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=TITLE))
    expect(row).to_contain_text("入户走访1号")
    expect(row).to_contain_text("办结")
    whole(page)
    row.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.locator("#acts")).not_to_contain_text("核实通过")
