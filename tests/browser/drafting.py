"""A draft of a kind that somebody has just begun in the designer."""

from __future__ import annotations

from playwright.sync_api import Page, expect

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
