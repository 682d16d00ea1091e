"""A ledger is brought in from the page by somebody without scripts, at the desk and on the phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.web.imports.test_import_pages import book

pytestmark = pytest.mark.browser


def test_a_ledger_is_looked_at_and_brought_in_without_scripts(served: Site, tmp_path: Path) -> None:
    ledger = tmp_path / "柳河镇整改台账.xlsx"
    ledger.write_bytes(book())
    page = served.person("lin", java_script_enabled=False).new_page()
    page.goto("/imports")
    page.get_by_label("台账文件").set_input_files(ledger)
    page.get_by_role("button", name="先看看").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ledger.name)
    page.get_by_label("导入时建立这些组织").check()
    for button in ("按改过的再看一遍", "导入"):
        page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text("已导入3项")).to_be_visible()
    page.get_by_role("link", name="看这次导入").click()
    expect(page.get_by_text("将生成2次约谈")).to_be_visible()
    page.get_by_role("button", name="启用催办").click()
    expect(page.get_by_text("已启用催办").first).to_be_visible()


@pytest.mark.parametrize(("name", "size"), [("1440", DESK), ("390", PHONE)])
def test_the_preview_fits_its_window_and_shuts_out_nobody(
    served: Site, tmp_path: Path, name: str, size: dict[str, int]
) -> None:
    ledger = tmp_path / "很长的名称的青石镇柳河镇二〇二六年巡察整改台账汇总表.xlsx"
    ledger.write_bytes(book())
    page = served.person("lin", viewport=size).new_page()
    page.goto("/imports")
    page.get_by_label("台账文件").set_input_files(ledger)
    page.get_by_role("button", name="先看看").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ledger.name)
    assert (looking.too_wide(page), looking.cut_off(page), looking.barriers(page)) == ([], [], [])
