"""A state with live cases in it gets another key in the designer: whatever names it goes along, two people publish it, and the
cases go on in it with their clocks, ladders and histories as they were."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import hours
from tests.browser.served import DESK, Site
from tests.browser.test_bulk import whole
from tests.factories import County
from tests.workflow.looking import case_row, rows_of
from tests.workflow.versions.conftest import Office, hire
from workflow.definitions import catalogue
from workflow.former import compare_former
from workflow.models import Clock
from workflow.reconcile import reconcile
from workflow.spells import compare_spells

pytestmark = pytest.mark.browser

OLD, NEW = "supervised", "in_hand"


@pytest.fixture
def office(county: County) -> Office:
    """The small county with two administrators of workflows."""
    hire(county)
    return Office(county)


def clocks_of(county: County, ids: list[int]) -> list[dict[str, Any]]:
    """Every clock of the cases: its dates, its rungs, and whether it runs."""
    return [row for row in rows_of(county, Clock) if row["case_id"] in ids]


def test_a_state_is_renamed_by_its_key_and_its_cases_go_on_in_it(served: Site, county: County, office: Office) -> None:
    now = hours.now()
    ids = [county.supervised_item(now - timedelta(days=days)) for days in (20, 80)]
    county.engine.tick(now)
    before, coming = clocks_of(county, ids), [case_row(county, one)["due_on"] for one in ids]
    draft_id = office.draft(lambda document: None, now=now)

    jiang = served.person("jiang", viewport=DESK).new_page()
    renamed_in_the_designer(jiang, draft_id)
    published_by_two(served, jiang)

    assert {case_row(county, one)["state"] for one in ids} == {NEW}
    assert [case_row(county, one)["due_on"] for one in ids] == coming
    assert clocks_of(county, ids) == before, "dates, pauses and rungs are what they were"
    current = county.database.read(catalogue).of_kind("rectification").definition
    assert NEW in current.state_by_key and OLD not in current.state_by_key
    assert {one.expect.state for one in current.scenarios} >= {NEW}
    require_true(county)
    read_on_its_page(served, ids[0])
    later = now + timedelta(days=45)
    fired = {(one["case"], one["clock"]) for one in county.engine.tick(later).fired}
    assert {(one, "rectify") for one in ids} & fired, "the ladder goes on from where it stood"
    require_true(county)


def renamed_in_the_designer(page: Page, draft_id: int) -> None:
    """改标识, and whatever names the state goes along: clocks, steps, scenarios and the drawing."""
    page.goto(f"/designer/{draft_id}")
    page.locator("[data-node][aria-label^='状态 督办，']").focus()
    page.keyboard.press("Enter")
    panel = page.locator("#design-panel")
    expect(panel).to_contain_text("状态 督办")
    panel.get_by_text("标识").first.click()
    panel.get_by_label("新的标识").fill(NEW)
    panel.get_by_role("button", name="改标识").click()
    source = page.locator("#source")
    expect(source).to_have_value(re.compile(rf"key: {NEW}\b"))
    expect(source).not_to_have_value(re.compile(rf"\b{OLD}\b"))
    expect(page.locator("#design-checks")).to_contain_text("全部通过")
    expect(page.locator("[data-node][aria-label^='状态 督办，']")).to_have_count(1)
    expect(page.locator("#design-head")).to_contain_text("情景2个都走通")


def published_by_two(served: Site, jiang: Page) -> None:
    """The map made for the rename, the preview, both words and the run."""
    jiang.get_by_role("link", name="试算影响").click()
    jiang.get_by_role("button", name="试算", exact=True).click()
    expect(jiang.get_by_text("状态“督办”在新版本里没有了，选定转到哪个状态")).to_be_visible()
    jiang.get_by_label("“督办”转到").select_option(value=NEW)
    jiang.get_by_role("button", name="试算", exact=True).click()
    expect(jiang.get_by_role("heading", name="试算结果")).to_be_visible()
    whole(jiang)
    jiang.get_by_label("理由").fill("标识与省里的一致")
    jiang.get_by_role("button", name="提出发布").click()
    expect(jiang.get_by_text("须由另一位流程管理员决定")).to_be_visible()

    kong = served.person("kong").new_page()
    kong.goto("/inbox")
    kong.get_by_role("link", name="看影响").click()
    expect(kong.get_by_text("标识与省里的一致")).to_be_visible()
    kong.get_by_label("意见").fill("同意")
    kong.get_by_role("button", name="同意发布").click()
    expect(kong.get_by_text("办成2项，未办0项").first).to_be_visible()


def read_on_its_page(served: Site, case_id: int) -> None:
    """The case stands in the state, and its history tells of the version and of all before it."""
    lin = served.person("lin").new_page()
    lin.goto(f"/cases/{case_id}")
    story = lin.locator(".timeline").first
    expect(story).to_contain_text("流程由第1版改为第2版")
    expect(story).to_contain_text("签收")
    expect(lin.locator(".path [aria-current=step]")).to_contain_text("督办")
    whole(lin)
    lin.goto(f"/ledger?kind=rectification&state={NEW}")
    expect(lin.locator(f"tr[data-href='/cases/{case_id}']")).to_have_count(1)


def require_true(county: County) -> None:
    """Clocks, spells and facts are what history tells."""
    now = hours.now()
    assert county.engine.read(now, reconcile) == ()
    assert county.database.read(compare_spells) == []
    assert county.engine.read(now, lambda store, occasion: compare_former(store, occasion.catalogue)) == []
