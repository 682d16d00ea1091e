"""Verbs without a reload: the form opens in the page, a refusal comes back into it, and the page says what was done."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests import hours
from tests.browser import looking
from tests.browser.served import DESK, PHONE, Site
from tests.factories import County
from tests.workflow.looking import case_row, rows_of
from workflow.models import Event, Evidence, Link, Outbox, StoredFile

pytestmark = pytest.mark.browser

WIDTHS = pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["1440", "390"])


@pytest.fixture
def item(county: County) -> int:
    """An item that 东沟村 has signed for half an hour ago."""
    began = hours.now() - timedelta(minutes=30)
    return county.supervised_item(began, immediate="rectify_now", period="default_immediate", first_check="county")


def open_page(served: Site, login: str, case_id: int, **options: Any) -> Page:
    """The page of a case, which from now on knows whether it was loaded again."""
    page = served.person(login, **options).new_page()
    page.goto(f"/cases/{case_id}")
    page.evaluate("() => { window.stays = true; }")
    return page


def stayed(page: Page, case_id: int) -> bool:
    """Is it still the page that was opened?"""
    return page.url.endswith(f"/cases/{case_id}") and page.evaluate("() => window.stays === true")


@WIDTHS
def test_after_a_step_the_page_stands_at_its_very_top(served: Site, item: int, viewport: Any) -> None:
    """The head comes into view with its crumbs: not a few pixels below them, which looks like a jump."""
    page = open_page(served, "zhou", item, viewport={**viewport, "height": 600})
    page.get_by_role("link", name="填报进展", exact=True).click()
    page.get_by_label("整改进展", exact=True).fill("已经开工")
    button = page.get_by_role("main").get_by_role("button", name="填报进展", exact=True)
    button.evaluate("one => scrollTo(0, scrollY + one.getBoundingClientRect().top - 200)")
    assert page.evaluate("() => scrollY") > 0
    button.click()
    expect(page.locator(".timeline li").first).to_contain_text("已经开工")
    page.wait_for_function("() => scrollY === 0")
    page.context.close()


@pytest.mark.parametrize("login", ["song", "zhou"])
def test_the_way_out_of_a_missing_approval_opens_in_place_with_its_step_chosen(
    served: Site, county: County, item: int, login: str
) -> None:
    case_id, step = (county.open_item(hours.now()), "transfer") if login == "song" else (item, "redirect")
    page = open_page(served, login, case_id, viewport=PHONE)
    lacks = page.locator("#acts .unapproved").filter(has_text="要先经赵国华审批").first
    expect(lacks.get_by_role("link", name="登记纸质审批")).to_be_visible()
    lacks.get_by_role("link", name="提请审批", exact=True).click()
    expect(page.get_by_label("请批事项")).to_have_value(step)
    assert looking.barriers(page) == [] and looking.too_wide(page) == []
    assert stayed(page, case_id)
    page.context.close()


def test_the_column_of_verbs_scrolls_with_the_page_while_something_in_it_is_unfolded(served: Site, item: int) -> None:
    page = open_page(served, "lin", item)
    column = page.locator(".column-acts")
    expect(column).to_have_css("position", "sticky")
    fold = column.locator("details > summary").first
    fold.click()
    expect(column).to_have_css("position", "static")
    fold.click()
    expect(column).to_have_css("position", "sticky")
    page.get_by_role("link", name="催办", exact=True).or_(column.get_by_role("link", name="记电话、当面催办")).last.click()
    expect(column.locator(".form-here").first).to_be_visible()
    expect(column).to_have_css("position", "static")


def test_the_diagram_is_whole_and_is_not_panned_at_the_desk(served: Site, item: int) -> None:
    page = open_page(served, "song", item, viewport=DESK)
    box = page.locator("#diagram .diagram")
    assert box.evaluate("one => [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight]") == [0, 0]
    page.locator("#diagram").get_by_role("link", name="看大图").click()
    large = page.locator(".diagram-large svg")
    expect(large).to_be_visible()
    assert large.evaluate("one => one.getBoundingClientRect().width") > 1000
    page.context.close()


@WIDTHS
def test_a_verb_is_done_and_undone_without_a_reload(served: Site, county: County, item: int, viewport: Any) -> None:
    page = open_page(served, "zhou", item, viewport=viewport)
    page.get_by_role("link", name="填报进展", exact=True).click()
    expect(page.get_by_role("heading", name="填报进展", exact=True)).to_be_focused()
    assert looking.barriers(page) == [] and looking.too_wide(page) == []
    page.get_by_label("整改进展", exact=True).fill("已经开工")
    page.get_by_role("main").get_by_role("button", name="填报进展", exact=True).click()
    expect(page.locator("[data-toast]")).to_contain_text("办理成功")
    expect(page.locator("[role=status]")).to_have_text("办理成功")
    expect(page.locator(".timeline li").first).to_contain_text("已经开工")
    expect(page.locator("#main")).to_be_focused()
    page.locator("[data-toast]").get_by_role("button", name="撤销").click()
    expect(page.locator(".timeline li").first).to_contain_text("撤销上一步")
    assert stayed(page, item)
    page.context.close()


def lies_in_sight(page: Page, selector: str) -> bool:
    """Does it begin below the bar at the top, in the upper part of the window?"""
    told: bool = page.evaluate(
        """selector => { const { top } = document.querySelector(selector).getBoundingClientRect();
        return top >= document.querySelector(".top-bar").getBoundingClientRect().bottom && top < innerHeight * 0.75; }""",
        selector,
    )
    return told


@WIDTHS
def test_behind_a_long_form_the_head_of_the_case_comes_into_sight(
    served: Site, county: County, item: int, viewport: Any
) -> None:
    page = open_page(served, "zhou", item, viewport={**viewport, "height": 400})
    page.get_by_role("link", name="填报进展", exact=True).click()
    page.get_by_label("整改进展", exact=True).fill("已经开工")
    press = page.get_by_role("main").get_by_role("button", name="填报进展", exact=True)
    page.locator(".form-here").evaluate("form => { form.style.paddingBottom = '1200px' }")
    page.evaluate("() => scrollTo(0, 900)")
    press.dispatch_event("click")
    expect(page.locator("[data-toast]")).to_contain_text("办理成功")
    expect(page.locator("#main")).to_be_focused()
    assert lies_in_sight(page, "h1")
    page.locator("#f-text").fill("已到现场")
    page.get_by_role("button", name="批注", exact=True).click()
    expect(page.locator("#discussion .lines")).to_contain_text("已到现场")
    expect(page.locator("#main")).to_be_focused()
    assert lies_in_sight(page, "#discussion") and not lies_in_sight(page, "h1")
    page.context.close()


@WIDTHS
def test_a_refused_form_keeps_its_words_and_its_file(
    served: Site, county: County, item: int, viewport: Any, tmp_path: Path
) -> None:
    proof = tmp_path / "雨情.png"
    proof.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    page = open_page(served, "zhou", item, viewport=viewport)
    page.locator("summary", has_text="其他办理").click()
    page.get_by_role("link", name="申请延期", exact=True).click()
    wanted = page.get_by_label("延到哪一天")
    wanted.fill(str(page.locator(".datebox:has(#f-wanted_on)").get_attribute("data-latest")))
    page.get_by_label("具体说明").fill("暴雨冲毁路基")
    page.locator("#f-proof").set_input_files(proof)
    page.locator(".form-here").evaluate("form => form.setAttribute('novalidate', '')")
    page.get_by_role("button", name="申请延期", exact=True).click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.get_by_label("具体说明")).to_have_value("暴雨冲毁路基")
    expect(page.locator("#f-proof-box")).to_contain_text("雨情.png")
    page.get_by_label("延期原因").select_option("objective")
    page.get_by_label("目前进展").fill("已挖开")
    page.get_by_role("button", name="申请延期", exact=True).click()
    expect(page.locator(".timeline li").first).to_contain_text("暴雨冲毁路基")
    assert [row["label"] for row in rows_of(county, Evidence, case_id=item)] == ["cause_proof"]
    assert stayed(page, item)
    page.context.close()


def open_village(served: Site, case_id: int, **options: Any) -> Page:
    """The village's page of an item, which from now on knows whether it was loaded again."""
    page = served.person("zhou", viewport=PHONE, **options).new_page()
    page.goto(f"/village/{case_id}")
    page.evaluate("() => { window.stays = true; }")
    return page


def is_village_still(page: Page, case_id: int) -> bool:
    """Is it still the village's page that was opened?"""
    return page.url.endswith(f"/village/{case_id}") and page.evaluate("() => window.stays === true")


def saved_on_device(page: Page) -> list[str]:
    """The drafts and the marks of what is under way that the device keeps."""
    names: list[str] = page.evaluate(
        """() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]
        .filter((name) => name.startsWith("duban:") && (name.includes(":note:") || name.includes("sent")))"""
    )
    return names


def test_a_village_saves_words_and_photographs_and_takes_a_step_back_without_a_reload(
    served: Site, county: County, item: int, photograph: Path
) -> None:
    page = open_village(served, item)
    page.get_by_label("照片或文件").set_input_files(photograph)
    page.get_by_label("写进展").fill("公示栏已更换")
    page.get_by_role("button", name="保存进展").click()
    expect(page.locator("[data-toast]")).to_contain_text("已保存")
    expect(page.locator(".village-proof")).to_contain_text(photograph.name)
    expect(page.get_by_label("写进展")).to_have_value("")
    expect(page.locator("[data-file-list] li")).to_have_count(0)
    assert saved_on_device(page) == [] and len(rows_of(county, Evidence, case_id=item)) == 1
    # The page that took its place takes the next line as well.
    page.get_by_label("写进展").fill("已逐户告知")
    page.get_by_role("button", name="保存进展").click()
    expect(page.get_by_label("写进展")).to_have_value("")
    page.locator(".village-foot").get_by_role("button", name="撤销上一步").click()
    expect(page.locator(".village-foot").get_by_role("button", name="撤销上一步")).to_have_count(0)
    assert len(rows_of(county, Event, case_id=item, trigger="report_progress")) == 2
    assert [row["verb"] for row in rows_of(county, Event, case_id=item)][-2:] == ["fire", "undo"]
    assert looking.barriers(page) == [] and looking.too_wide(page) == []
    assert is_village_still(page, item)
    page.context.close()


def test_a_village_is_refused_in_place_and_keeps_its_words_and_its_files(
    served: Site, county: County, item: int, photograph: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "坏.png"
    broken.write_bytes(b"MZ" + b"0" * 100)
    page = open_village(served, item)
    page.get_by_label("照片或文件").set_input_files([photograph, broken])
    page.get_by_label("写进展").fill("公示栏已更换")
    page.get_by_role("button", name="保存进展").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.get_by_label("写进展")).to_have_value("公示栏已更换")
    expect(page.get_by_role("checkbox", name=photograph.name)).to_be_checked()
    expect(page.locator("[data-file-list] li")).to_have_count(0)
    page.get_by_role("button", name="保存进展").click()
    expect(page.locator("[data-toast]")).to_contain_text("已保存")
    assert [row["name"] for row in rows_of(county, StoredFile)] == [photograph.name]
    assert saved_on_device(page) == [] and is_village_still(page, item)
    page.context.close()


def test_a_file_that_is_chosen_after_the_network_broke_goes_with_the_next_press(
    served: Site, county: County, item: int, photograph: Path, tmp_path: Path
) -> None:
    second = tmp_path / "公示.txt"
    second.write_text("已公示", "utf-8")
    page = open_village(served, item)
    page.route("**/save", lambda route: route.abort("internetdisconnected"))
    page.get_by_label("照片或文件").set_input_files(photograph)
    page.get_by_label("写进展").fill("公示栏已更换")
    page.get_by_role("button", name="保存进展").click()
    expect(page.get_by_role("alert")).to_contain_text("网络中断")
    expect(page.get_by_label("写进展")).to_have_value("公示栏已更换")
    page.unroute("**/save")
    page.get_by_label("照片或文件").set_input_files(second)
    expect(page.locator("[data-file-list] li")).to_have_count(2)
    page.get_by_role("button", name="保存进展").click()
    expect(page.locator("[data-toast]", has_text="已保存")).to_be_visible()
    assert {row["name"] for row in rows_of(county, StoredFile)} == {photograph.name, second.name}
    assert saved_on_device(page) == [] and is_village_still(page, item)
    page.context.close()


def test_what_somebody_did_faster_is_said_in_the_form(served: Site, county: County, item: int) -> None:
    page = open_page(served, "zhou", item)
    page.get_by_role("link", name="填报进展", exact=True).click()
    page.get_by_label("整改进展", exact=True).fill("已经开工")
    told = {"progress_note": "先报一次", "progress_label": "ongoing"}
    county.fire(item, "report_progress", "sun", hours.now(), **told)
    page.get_by_role("main").get_by_role("button", name="填报进展", exact=True).click()
    expect(page.locator(".error-summary")).to_contain_text(re.compile("该事项刚刚由孙志强于.+更新"))
    expect(page.get_by_label("整改进展", exact=True)).to_have_value("已经开工")
    page.get_by_role("main").get_by_role("button", name="填报进展", exact=True).click()
    expect(page.locator("[data-toast]")).to_contain_text("办理成功")
    page.context.close()


def test_without_a_network_the_words_stay_and_the_same_press_works_later(served: Site, county: County, item: int) -> None:
    page = open_page(served, "zhou", item)
    box, press = page.locator("#f-text"), page.get_by_role("button", name="批注", exact=True)
    box.fill("已到现场")
    page.context.set_offline(True)
    press.click()
    expect(page.get_by_role("alert")).to_contain_text("网络中断")
    expect(box).to_have_value("已到现场")
    page.context.set_offline(False)
    press.click()
    expect(page.locator("#discussion .lines")).to_contain_text("已到现场")
    expect(box).to_have_value("")
    page.context.close()


def test_a_session_that_ended_is_said_beside_the_form(served: Site, county: County, item: int) -> None:
    page = open_page(served, "zhou", item)
    page.locator("#f-text").fill("已到现场")
    page.context.clear_cookies()
    page.get_by_role("button", name="批注", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#f-text")).to_have_value("已到现场")
    page.context.close()


def test_a_form_that_is_slow_to_come_shows_its_shape_first(served: Site, county: County, item: int) -> None:
    page = open_page(served, "zhou", item)
    waiting: list[Route] = []
    page.route("**/do/**", lambda route: waiting.append(route))
    page.get_by_role("link", name="填报进展", exact=True).click()
    expect(page.locator("#acts .skeleton").first).to_be_visible()
    waiting[0].continue_()
    expect(page.get_by_role("heading", name="填报进展", exact=True)).to_be_visible()
    expect(page.locator("#acts .skeleton").first).to_be_hidden()
    page.get_by_role("link", name="不办了").click()
    expect(page.get_by_role("link", name="填报进展", exact=True)).to_be_focused()
    page.context.close()


@WIDTHS
def test_somebody_is_named_in_a_remark_from_the_list(served: Site, county: County, item: int, viewport: Any) -> None:
    page = open_page(served, "lin", item, viewport=viewport)
    box = page.locator("#f-text")
    box.click()
    expect(page.locator("#f-mention")).to_be_visible()
    box.press_sequentially("请看 @周")
    expect(page.get_by_role("option").first).to_contain_text("周明远")
    assert looking.barriers(page) == []
    page.keyboard.press("Enter")
    expect(box).to_have_value("请看 @周明远 ")
    page.get_by_role("button", name="批注", exact=True).click()
    expect(page.locator("#discussion .lines")).to_contain_text("提醒周明远")
    assert [row["person_id"] for row in rows_of(county, Outbox) if row["message"] == "mentioned"] == [county.people["zhou"]]
    page.context.close()


def test_links_are_made_and_taken_away_in_place_and_half_written_words_stay(served: Site, county: County, item: int) -> None:
    other = county.open_item(hours.now(), title="账目不清")
    page = open_page(served, "lin", item)
    page.locator("#f-text").fill("写了一半")
    page.get_by_role("link", name="关联事项", exact=True).click()
    page.get_by_label("另一件的编号").fill("没有这个编号")
    page.get_by_role("button", name="关联事项", exact=True).click()
    expect(page.locator(".error-summary")).to_contain_text("没有找到这个编号的事项")
    expect(page.get_by_label("另一件的编号")).to_have_value("没有这个编号")
    page.get_by_label("另一件的编号").fill(case_row(county, other)["number"])
    page.get_by_role("button", name="关联事项", exact=True).click()
    expect(page.locator("#related .lines")).to_contain_text("账目不清")
    expect(page.locator("#f-text")).to_have_value("写了一半")
    page.get_by_role("button", name=re.compile("取消关联")).click()
    expect(page.locator("#related")).to_contain_text("没有关联的事项")
    assert rows_of(county, Link) == [] and stayed(page, item)
    page.context.close()


@WIDTHS
def test_a_document_is_looked_at_in_the_page(served: Site, county: County, item: int, viewport: Any, tmp_path: Path) -> None:
    path = tmp_path / "合同.pdf"
    path.write_bytes(PDF)
    page = open_page(served, "zhou", item, viewport=viewport)
    page.locator("#f-file").set_input_files(path)
    page.get_by_role("button", name="上传佐证").click()
    expect(page.locator("[data-toast]")).to_contain_text("已上传")
    with page.expect_response(lambda answer: "/files/" in answer.url and not answer.url.endswith("/small")) as shown:
        page.get_by_role("link", name="合同.pdf").click()
    assert shown.value.ok and page.locator("iframe").is_visible()
    expect(page.locator(".look")).to_contain_text("SHA-256")
    assert looking.barriers(page) == [] and looking.too_wide(page) == [] and stayed(page, item)
    page.context.close()


PDF = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >> endobj
trailer << /Size 4 /Root 1 0 R >>
%%EOF
"""


@WIDTHS
def test_a_remark_and_an_extension_need_no_script(served: Site, county: County, item: int, viewport: Any) -> None:
    page = served.person("zhou", java_script_enabled=False, viewport=viewport).new_page()
    page.goto(f"/cases/{item}")
    page.get_by_role("link", name="提醒他人").click()
    page.get_by_label("写一句").fill("请看看")
    page.locator("#f-mention").select_option(str(county.people["lin"]))
    page.get_by_role("button", name="批注", exact=True).click()
    expect(page.locator("#discussion .lines")).to_contain_text("请看看")
    expect(page.locator("#discussion .lines")).to_contain_text("提醒林静")
    page.locator("summary", has_text="其他办理").click()
    page.get_by_role("link", name="申请延期", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("申请延期")
    page.context.close()
