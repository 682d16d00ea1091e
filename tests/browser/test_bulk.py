"""Many at once in the browser: ticks, all that match, the one form, the progress that goes on by itself, and taking back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from tests import hours
from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.factories import County
from tests.workflow.looking import case_row, rows_of
from workflow.models import BulkRun, Event
from workflow.verbs import bulk

pytestmark = pytest.mark.browser


@pytest.fixture
def ids(county: County) -> list[int]:
    """More items than one page of the ledger shows."""
    now = hours.now()
    began, today = now - timedelta(minutes=30), (now + timedelta(hours=8)).date().isoformat()
    return [county.open_item(began, title=f"第{n}项", feedback_on=today) for n in range(55)]


@pytest.fixture
def sent(county: County, ids: list[int]) -> list[int]:
    """The same, handed over to their village, which can be reminded."""
    for case_id in ids:
        county.hand_over(case_id, hours.now() - timedelta(minutes=20))
    return ids


def whole(page: Page) -> None:
    """Nothing sticks out, nothing is cut, and axe finds nothing, at the desk and on the phone, light and dark."""
    looks: tuple[tuple[Any, Literal["dark", "light"]], ...] = ((PHONE, "dark"), (DESK, "light"))
    for size, theme in looks:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        assert looking.too_wide(page) == []
        assert looking.cut_off(page) == []
        assert looking.barriers(page) == []


def test_ticks_become_all_that_match_and_ticks_again(served: Site, county: County, sent: list[int]) -> None:
    page = served.person("lin").new_page()
    page.goto("/ledger")
    page.locator("tbody input[name=case]").first.click()
    bar = page.locator("[data-bulk]")
    expect(bar).to_contain_text("已选1项")
    bar.get_by_role("link", name="改选全部55项").click()
    expect(bar).to_contain_text("已选55项")
    whole(page)
    page.locator("tbody input[name=case]").first.click()
    expect(bar).to_contain_text("已选49项")
    page.locator("tbody input[name=case]").first.click()
    bar.get_by_role("button", name="催办").click()
    expect(page.get_by_role("heading", name="催办50项，办成50项")).to_be_visible()
    assert len(rows_of(county, Event, trigger="remind")) == 50


def test_a_run_goes_on_by_itself_while_its_page_is_open_and_is_taken_back(
    served: Site, county: County, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BATCH", 20)
    page = served.person("song").new_page()
    page.goto("/ledger?all=1")
    with page.expect_navigation():
        page.locator("[data-bulk]").get_by_role("button", name="催办").click()
    expect(page.locator("#progress")).to_contain_text("共55项")
    whole(page)
    expect(page.get_by_role("heading", name="催办55项，办成55项")).to_be_visible()
    whole(page)
    page.get_by_role("button", name="撤销全部").click()
    expect(page.get_by_role("heading", name="撤销55项，办成55项")).to_be_visible()
    assert len(rows_of(county, Event, verb="undo")) == 55


def test_one_form_hands_over_many_and_keeps_what_was_typed(served: Site, county: County, ids: list[int]) -> None:
    page = served.person("song").new_page()
    page.goto("/ledger")
    for n in range(3):
        page.locator("tbody input[name=case]").nth(n).click()
    page.locator("[data-bulk]").get_by_role("button", name="交办").click()
    expect(page.get_by_role("heading", name="交办3项")).to_be_visible()
    whole(page)
    page.get_by_label("整改要求").fill("月底前")
    page.evaluate("() => document.querySelectorAll('[required]').forEach((one) => one.removeAttribute('required'))")
    page.get_by_role("button", name="交办3项").click()
    expect(page.get_by_role("alert")).to_contain_text("填写有误，没有提交")
    expect(page.get_by_label("整改要求")).to_have_value("月底前")
    whole(page)
    assert rows_of(county, BulkRun) == []
    page.get_by_label("整改单位").select_option(label="东沟村党支部")
    page.get_by_label("交办方式").select_option(label="交办")
    page.get_by_role("button", name="交办3项").click()
    expect(page.get_by_role("heading", name="交办3项，办成3项")).to_be_visible()
    whole(page)


def reported(county: County, n: int) -> int:
    """An immediate item that its village has reported as rectified, with a picture."""
    began = hours.now() - timedelta(minutes=30)
    told = {"immediate": "rectify_now", "period": "default_immediate", "first_check": "county"}
    case_id, at = county.supervised_item(began, title=f"立行立改{n}", **told), began + timedelta(minutes=3)
    file_id = county.keep_file(f"photo{n}", "zhou")
    county.engine.add_evidence(case_id, actor=county.actor("zhou"), now=at, file_id=file_id, label="site_photo")
    county.fire(case_id, "report_rectified", "zhou", at, result="已整改", progress_label="done")
    return case_id


def test_forty_are_closed_by_one_form_and_two_that_were_sent_back_meanwhile_say_why_not(served: Site, county: County) -> None:
    ids = [reported(county, n) for n in range(40)]
    page = served.person("song").new_page()
    page.goto("/ledger?band=waiting_check")
    page.locator("[data-tick-all]").check()
    page.locator("[data-bulk]").get_by_role("button", name="销号").click()
    expect(page.get_by_role("heading", name="销号40项")).to_be_visible()
    for case_id in ids[:2]:
        county.fire(case_id, "send_back", "lin", hours.now(), send_back_reason="other", send_back_note="补照片")
    page.get_by_label("集中销号会议编号").fill("集中销号会议〔2026〕3号")
    page.get_by_label("办结依据").select_option("完成销号")
    page.get_by_role("button", name="销号40项").click()
    expect(page.get_by_role("heading", name="销号40项，办成38项")).to_be_visible()
    refused = page.locator("li.is-refused .below")
    expect(refused).to_have_text(["现在还不能办这一步：刷新后再看，这一项已不在这一步"] * 2)
    assert [case_row(county, one)["state"] for one in ids] == ["supervised"] * 2 + ["closed"] * 38
    with page.expect_download() as papers:
        page.get_by_role("link", name="下载销号审批表，一项一页").click()
    assert len(Document(str(papers.value.path())).tables) == 38
    page.context.close()
