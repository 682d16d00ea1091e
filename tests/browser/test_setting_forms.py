"""The forms of settings that are tables, in a browser: steps back and on, by button and by key, and for everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.factories import County
from tests.workflow.versions.conftest import ADMINISTRATORS, hire

pytestmark = pytest.mark.browser

SHEET, WORDS = "/configuration/letter/close_out_form", "/configuration/ledger_words/ledger"


@pytest.fixture
def page(served: Site, county: County) -> Iterator[Page]:
    """An administrator of workflows at his desk."""
    hire(county)
    page = served.person(ADMINISTRATORS[0], viewport=DESK).new_page()
    yield page
    page.context.close()


def test_what_is_typed_into_a_sheet_is_taken_back_and_done_again_and_seen_as_text(page: Page) -> None:
    page.goto(SHEET)
    label, high = page.get_by_label("第3行 名目"), page.get_by_label("第3行 几行高")
    undo, redo = page.get_by_role("button", name="撤销"), page.get_by_role("button", name="重做")
    expect(undo).to_be_disabled()
    label.fill("承办的单位")
    high.fill("2")
    high.press("Tab")
    undo.click()
    expect(high).to_have_value("")
    expect(label).to_have_value("承办的单位")
    undo.click()
    expect(label).to_have_value("承办单位")
    expect(undo).to_be_disabled()
    redo.click()
    expect(label).to_have_value("承办的单位")
    page.get_by_label("第1行 次序").focus()
    page.keyboard.press("Control+z")
    expect(label).to_have_value("承办单位")
    page.keyboard.press("Control+y")
    expect(label).to_have_value("承办的单位")
    page.get_by_role("button", name="改原文").click()
    source = page.get_by_label("原文")
    source.fill(source.input_value().replace("承办的单位", "办理的单位"))
    page.get_by_role("button", name="按表填").click()
    expect(label).to_have_value("办理的单位")


@pytest.mark.parametrize("width", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("address", [SHEET, WORDS])
def test_the_forms_shut_out_nobody(page: Page, width: dict[str, int], address: str) -> None:
    page.set_viewport_size(width)
    page.goto(address)
    expect(page.get_by_role("button", name="改原文")).to_be_visible()
    assert looking.too_wide(page) == []
    assert looking.cut_off(page) == []
    assert looking.barriers(page) == []
