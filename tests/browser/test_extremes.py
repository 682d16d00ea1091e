"""Pages with nothing on them, and with far more words than anybody expects."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import hours
from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.factories import County

pytestmark = pytest.mark.browser

LISTS = ("/ledger", "/inbox", "/interviews", "/orders", "/notices", "/search?q=公开")
WITHOUT_A_STOP = "集体资产资源出租承包合同到期未重新公开发包且租金长期未足额收缴入账" * 6
WITHOUT_A_GAP = "编号" + "ABCDEFGHIJ" * 15
SENTENCES = "经查，该村集体账户长期由个人代管；村务监督委员会没有按月审核。" * 60


def faults(served: Site, login: str, paths: tuple[str, ...]) -> list[str]:
    """What does not fit, on each of the pages at both widths."""
    page, found = served.page(login), []
    for path in paths:
        page.goto(path)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            for one in looking.too_wide(page) + looking.cut_off(page):
                found.append(f"{path} at {size['width']}: {one}")
    page.context.close()
    return found


def test_a_county_without_cases_has_whole_pages_that_say_so(served: Site) -> None:
    page = served.page("lin")
    for path in LISTS:
        page.goto(path)
        assert "没有" in page.get_by_role("main").inner_text(), f"{path} does not say that it is empty"
        assert looking.barriers(page) == []
    assert faults(served, "lin", LISTS) == []


@pytest.mark.parametrize("title", [WITHOUT_A_STOP[:200], WITHOUT_A_GAP], ids=["chinese", "latin"])
def test_very_long_words_widen_no_page(served: Site, county: County, title: str) -> None:
    began = hours.now() - timedelta(hours=1)
    case_id = county.open_item(began, title=title, problem=SENTENCES, immediate="rectify_now", period="default_immediate")
    county.hand_over(case_id, began)
    county.fire(case_id, "sign_for", "zhou", began, pieces=1, signer_post=title)
    county.engine.comment(case_id, actor=county.actor("zhou"), now=began, text=title)
    pages = ("/ledger", "/inbox", f"/cases/{case_id}", f"/cases/{case_id}/do/report_rectified", f"/search?q={title[:2]}")
    assert faults(served, "zhou", pages) == []
