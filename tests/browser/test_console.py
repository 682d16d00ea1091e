"""Nothing that can be opened on a page complains in the browser's console: no style or script that the pages' own policy refuses."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests import hours
from tests.browser import looking
from tests.browser.served import Site
from tests.browser.sights import PAGES
from tests.browser.test_uploads import PDF
from tests.factories import County

pytestmark = pytest.mark.browser

# The pages whose forms and popovers open where they stand.
OPENING = [name for name, sight in PAGES.items() if sight.kind != "rectification" or sight.state or name in ("ledger", "inbox")]


def open_all(page: Page) -> int:
    """Opens every fold, popover and form in place that can be seen; how many."""
    looking.unfold(page)
    opened = 0
    for what in ("details[data-popover] > summary", "a[hx-get]", ".datebox-open"):
        for one in page.query_selector_all(what):
            if one.is_visible():
                one.click()
                page.wait_for_function("() => !document.querySelector('.htmx-request')")
                page.keyboard.press("Escape")
                opened += 1
    return opened


@pytest.mark.parametrize("name", OPENING)
def test_what_opens_on_a_page_complains_of_nothing(demo: Site, name: str) -> None:
    page = demo.page(PAGES[name].who)
    page.goto(PAGES[name].address(demo))
    ears = looking.Ears(page, demo.address)
    assert open_all(page) > 0
    ears.stop()
    assert (ears.complaints, ears.foreign) == ([], [])


def test_a_picture_and_a_paper_are_looked_at_without_a_complaint(served: Site, county: County, photograph: Path) -> None:
    case_id = county.supervised_item(hours.now() - timedelta(minutes=30))
    page = served.person("zhou").new_page()
    paper = {"name": "整改情况.pdf", "mimeType": "application/pdf", "buffer": PDF}
    for file in (photograph, paper):
        page.goto(f"/cases/{case_id}")
        page.locator("#evidence input[type=file]").first.set_input_files(file)
        page.get_by_role("button", name="上传佐证").click()
        page.locator("[data-toast]").wait_for()
    heard: list[str] = []
    page.context.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
    page.context.on("weberror", lambda error: heard.append(str(error.error)))
    page.goto(f"/cases/{case_id}")
    for tile in page.locator("#evidence .tile a").all():
        tile.click()
        page.locator(".look").wait_for()
        page.wait_for_load_state("networkidle")
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="在新页打开").click()
        opened.value.wait_for_load_state()
        opened.value.close()
        page.get_by_role("link", name="收起").click()
    assert heard == []
