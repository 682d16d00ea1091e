"""An administrator merges two villages in the browser, with and without scripts: looked at first, then done, then told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from tests import hours
from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from workflow.models import Area
from workflow.store import table_of

pytestmark = pytest.mark.browser


def area(demo: Site, name: str) -> int:
    table = table_of(Area)
    return int(demo.database.read(lambda store: store.select(select(table.c.id).where(table.c.name == name)))[0]["id"])


def ask(page: Page, act: str, **told: str) -> None:
    """Fills one of the unit's forms and looks at what it would do."""
    page.get_by_text(act, exact=True).click()
    form = page.locator("details[open]")
    for name, value in told.items():
        box = form.locator(f"[name={name}]")
        if name == "into":
            box.select_option(label=value)
        else:
            box.fill(value)
    form.get_by_role("button", name="看影响").click()
    page.wait_for_load_state()


def require_fine(page: Page) -> None:
    """The page is whole on both widths and has no barrier."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert looking.too_wide(page) == []
        assert looking.barriers(page) == []
    page.set_viewport_size(DESK)


@pytest.mark.parametrize(
    ("scripts", "village", "into", "shows_more"),
    [(True, "桥头村", "上坪村", True), (False, "湾里村", "李庄村", False)],
    ids=["with scripts", "without"],
)
def test_a_village_is_merged_after_its_effect_was_shown(
    demo: Site, scripts: bool, village: str, into: str, shows_more: bool
) -> None:
    context = demo.person("wangyang", java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"/organisations/areas/{area(demo, village)}")
    ask(page, "并入另一个", into=into, reason="村级区划调整", paper="安政发〔2026〕9号")
    assert page.get_by_role("heading", level=1).inner_text() == f"{village}并入{into}"
    if scripts:
        require_fine(page)
    page.get_by_role("button", name="提出，等第二人同意" if shows_more else "现在就办").click()
    page.wait_for_url(f"**/organisations/areas/{area(demo, village)}")
    if shows_more:
        assert page.get_by_text("等第二人同意").is_visible()
        second = demo.page("qinlan")
        second.goto("/organisations/changes")
        require_fine(second)
        second.get_by_role("button", name="同意", exact=True).click()
        second.wait_for_load_state()
        page.reload()
    assert page.get_by_text(f"{village}并入{into}").first.is_visible()
    assert page.get_by_text("村级区划调整（安政发〔2026〕9号）").is_visible()
    context.close()


def test_a_dated_change_waits_on_the_list_and_is_withdrawn(demo: Site) -> None:
    page, day = demo.page("wangyang"), hours.now() + timedelta(days=40)
    page.goto(f"/organisations/areas/{area(demo, '塘坝村')}")
    ask(page, "改名", name="新塘坝村", reason="更名", on=f"{day.year}年{day.month}月{day.day}日")
    page.get_by_role("button", name="到时照办").click()
    page.wait_for_load_state()
    page.goto("/organisations/changes")
    assert page.get_by_text("塘坝村改名为新塘坝村").is_visible()
    require_fine(page)
    page.get_by_role("button", name="撤回").click()
    page.wait_for_load_state()
    assert page.get_by_text("已撤回").first.is_visible()
