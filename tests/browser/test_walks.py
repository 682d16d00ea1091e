"""People go through an item in their own browsers: with the pointer, with the keyboard alone, and without scripts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests import hours
from tests.browser.served import PHONE, Site, sign_in
from tests.factories import County
from tests.workflow.looking import case_row

pytestmark = pytest.mark.browser

TITLE = "村务公开栏半年未更新"
MEETING = "集中销号会议〔2026〕3号"


def enter(served: Site, login: str, **options: Any) -> Page:
    """The first page of somebody who signs in through the form; no address is typed after it."""
    context: BrowserContext = served.stranger(**options)
    page = context.new_page()
    sign_in(page, login, served.password(login))
    return page


def handed_over(county: County) -> int:
    """An item that 东沟村 has yet to sign for."""
    now = hours.now()
    case_id = county.open_item(now, title=TITLE, immediate="rectify_now", period="default_immediate")
    county.hand_over(case_id, now)
    return case_id


def open_case(page: Page, title: str = TITLE) -> None:
    """From the ledger, by its title."""
    page.get_by_role("link", name="台账", exact=True).filter(visible=True).first.click()
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def act(page: Page, verb: str) -> None:
    """Opens the form of a verb: in the page of the case or, without a script, on a page of its own."""
    page.locator(".column-acts").get_by_role("link", name=verb, exact=True).click()
    expect(page.locator("form h1, form h3").filter(has_text=verb)).to_be_visible()


def send(page: Page, verb: str) -> None:
    """Sends the form and waits for the case's page to say that it is done."""
    page.get_by_role("main").get_by_role("button", name=verb, exact=True).click()
    expect(page.locator("[data-toast]")).to_contain_text("办理成功")


# ---- from registration to close-out, with the pointer ----------------------------------------------------------------------


def test_an_item_goes_from_registration_to_close_out_by_clicking_alone(served: Site, county: County, photograph: Path) -> None:
    lin = enter(served, "lin")
    register(lin)
    song = enter(served, "song")
    open_case(song)
    act(song, "交办")
    song.get_by_label("整改单位").select_option("东沟村党支部")
    song.get_by_label("交办方式").select_option("交办")
    send(song, "交办")

    zhou = enter(served, "zhou", viewport=PHONE)
    rectify(zhou, photograph)

    xu = enter(served, "xu")
    open_case(xu)
    act(xu, "乡镇核实")
    xu.get_by_label("乡镇党委意见").select_option("属实，同意销号")
    xu.get_by_label("核实情况").fill("到村看过，公示栏已按月更新。")
    send(xu, "乡镇核实")

    open_case(lin)
    assert lin.locator(".column-acts").get_by_role("link", name="销号", exact=True).count() == 0
    lin.locator("summary", has_text="为什么不能销号").click()
    expect(lin.locator(".why-not[open]")).to_contain_text("登记")
    open_case(song)
    song.get_by_role("link", name=photograph.name).click()
    shown = song.locator(".look-picture").get_attribute("src") or ""
    assert song.request.get(shown).body() == photograph.read_bytes()
    expect(song.locator(".look")).to_contain_text("和存入时一致")
    # Whoever clicks before the scripts have come has the file on a page of its own, with its own way back.
    song.locator(".look").get_by_role("link", name=re.compile("收起|回到事项")).click()
    act(song, "销号")
    song.get_by_label("集中销号会议编号").fill(MEETING)
    song.get_by_label("办结依据").select_option("完成销号")
    send(song, "销号")
    expect(song.locator(".case-head")).to_contain_text("已销号")
    assert case_row(county, 1)["state"] == "closed"
    for page in (lin, song, zhou, xu):
        page.context.close()


def register(lin: Page) -> None:
    """林静 registers the item from the ledger."""
    lin.get_by_role("link", name="台账", exact=True).click()
    lin.get_by_role("link", name="登记整改事项").click()
    lin.get_by_label("标题").fill(TITLE)
    lin.get_by_label("涉及单位").select_option("东沟村党支部")
    lin.get_by_label("反馈问题").fill("公示栏内容停在去年，村民不知道集体收支。")
    lin.get_by_label("来源", exact=True).select_option(index=1)
    lin.get_by_label("整改方式").select_option("立行立改")
    lin.get_by_label("整改时限依据", exact=True).select_option("立行立改5个工作日")
    lin.get_by_label("先行核实").select_option("乡镇党委")
    lin.get_by_role("button", name="登记", exact=True).click()
    expect(lin.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(lin.locator("[data-toast]")).to_contain_text("已登记")


def rectify(zhou: Page, photograph: Path) -> None:
    """The village signs for it from its inbox, adds its photograph and reports that it is done."""
    zhou.get_by_role("link", name="待办", exact=True).filter(visible=True).first.click()
    zhou.get_by_role("link", name=TITLE).click()
    act(zhou, "签收")
    zhou.get_by_label("材料件数").fill("1")
    send(zhou, "签收")
    zhou.get_by_label("文件或照片").set_input_files(photograph)
    zhou.get_by_label("材料名目").select_option(index=1)
    zhou.get_by_role("button", name="上传佐证").click()
    expect(zhou.locator("#evidence, .evidence").first).to_contain_text(photograph.name)
    act(zhou, "报整改完成")
    zhou.get_by_label("整改完成情况").fill("公示栏已更换，逐月公开。")
    zhou.get_by_label("完成情况", exact=True).select_option("已完成")
    send(zhou, "报整改完成")


# ---- with the keyboard alone ------------------------------------------------------------------------------------------------

# The focus as it can be seen: where it is, whether a ring is drawn, and whether something lies over it.
FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const open = Boolean(top) && (one.contains(top) || top.contains(one) || [...(one.labels ?? [])].some((label) => label.contains(top)));
  return { ring, open, words: (one.innerText || one.getAttribute("aria-label") || one.name || "").trim(), tag: one.tagName };
}"""


def focus(page: Page) -> dict[str, Any]:
    """Where the focus is; it must be somewhere, and be seen."""
    told: dict[str, Any] = page.evaluate(FOCUS)
    assert told["tag"] != "BODY", "the focus is nowhere"
    assert told["ring"] and told["open"], f"the focus on {told['words'] or told['tag']} is not seen"
    return told


def tab_to(page: Page, words: str) -> None:
    """Goes on with the tab key until what has the focus says the words."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if focus(page)["words"] == words:
            return
    raise AssertionError(f"the tab key never comes to {words}")


def test_the_keyboard_alone_signs_in_opens_an_item_and_does_a_verb(served: Site, county: County) -> None:
    case_id = handed_over(county)
    page, password = served.stranger().new_page(), served.password("zhou")
    page.goto("/")
    assert focus(page)["words"] == "login"
    page.keyboard.type("zhou")
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)

    page.keyboard.press("Tab")
    assert focus(page)["words"] == "跳到正文"
    tab_to(page, "台账")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ledger*")
    page.keyboard.press("ArrowDown")
    assert focus(page)["words"] == TITLE
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*")

    tab_to(page, "签收")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="签收", level=3)).to_be_focused()
    tab_to(page, "pieces")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_have_text("办理成功")
    assert case_row(county, case_id)["state"] == "supervised"
    page.context.close()


def test_the_focus_goes_to_what_has_to_be_mended(served: Site, county: County) -> None:
    case_id = handed_over(county)
    page = served.person("zhou").new_page()
    page.goto(f"/cases/{case_id}/do/sign_for")
    page.get_by_label("材料件数").fill("两件")
    page.get_by_role("main").get_by_role("button", name="签收").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("材料件数")).to_be_focused()
    expect(page.get_by_label("材料件数")).to_have_value("两件")
    page.context.close()


# ---- without scripts --------------------------------------------------------------------------------------------------------


def test_signing_in_and_a_verb_need_no_script(served: Site, county: County) -> None:
    case_id = handed_over(county)
    page = enter(served, "zhou", java_script_enabled=False)
    open_case(page)
    act(page, "签收")
    page.get_by_label("材料件数").fill("1")
    page.get_by_role("main").get_by_role("button", name="签收").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert "办理成功" in page.locator("[data-toast]").inner_text()
    assert case_row(county, case_id)["state"] == "supervised"
    page.context.close()
