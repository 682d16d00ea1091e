"""The tour of the README, walked on a demo county of its own by clicking alone: whoever follows it finds what it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import hours
from tests.browser.demo_county import demo_office
from tests.browser.served import PHONE, Site, serving
from tests.browser.test_walks import enter, send
from web import create_app
from workflow.audit import verify
from workflow.dates import local_day

pytestmark = pytest.mark.browser

TALK = "关于东沟村党总支整改工作的约谈"
HELD = "关于西头村党支部整改工作的约谈"
NOTICES = "村务公开栏半年未更新，村务监督流于形式"


@pytest.fixture
def toured(chromium: Browser, tmp_path: Path) -> Iterator[Site]:
    """A demo county that nobody else looks at."""
    with demo_office(tmp_path / "demo") as (office, people), serving(create_app(office)) as address:
        yield Site(chromium, address, office.database, people)


def day(ahead: int) -> str:
    """A day as people type it."""
    on = local_day(hours.now()) + timedelta(ahead)
    return f"{on.year}-{on.month}-{on.day}"


def open_place(page: Page, place: str, title: str) -> None:
    """From the head of a page into one of its places, and there the row of a case."""
    page.get_by_role("link", name=place, exact=True).filter(visible=True).first.click()
    page.get_by_role("main").get_by_role("link", name=title).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def act(page: Page, verb: str) -> None:
    """Opens the form of a verb on the page of its case."""
    page.locator("#acts").get_by_role("link", name=verb, exact=True).click()
    expect(page.locator("form h1, form h3").filter(has_text=verb)).to_be_visible()


def test_the_tour_of_the_readme_goes_as_it_says(toured: Site, photograph: Path, paper: Path) -> None:
    lin = enter(toured, "linjing")
    for said in ("在办", "逾期", "逾期多久", "逾期在谁手里"):
        expect(lin.locator("#ledger-head")).to_contain_text(said)
    lin.locator("#ledger-head").get_by_role("link", name="1—10天").click()
    expect(lin.locator(".ledger tbody tr").first).to_contain_text("逾期")

    open_place(lin, "约谈", TALK)
    expect(lin.locator(".agenda-table tbody tr")).to_have_count(3)
    lin.locator(".agenda-table a").first.click()
    lin.locator("summary", has_text="为什么是").first.click()
    expect(lin.locator(".explain-sheet").first).to_be_visible()
    for said in ("二次预警", "督办通知书", "拟约谈"):
        expect(lin.locator("#story")).to_contain_text(said)

    zhao = enter(toured, "zhaoguohua")
    open_place(zhao, "约谈", TALK)
    act(zhao, "责成约谈")
    send(zhao, "责成约谈")

    chen = enter(toured, "chenlixin")
    open_place(chen, "约谈", TALK)
    act(chen, "发约谈通知")
    for label, value in (
        ("约谈日期", day(10)),
        ("约谈时间", "9:30"),
        ("约谈地点", "镇政府二楼会议室"),
        ("联系电话", "0300-2345679"),
    ):
        chen.get_by_label(label).fill(value)
    send(chen, "发约谈通知")
    chen.locator("summary", has_text="为什么不能登记约谈已举行").click()
    expect(chen.locator("#acts")).to_contain_text("还没有到")

    open_place(chen, "约谈", HELD)
    act(chen, "录入约谈记录")
    for label in ("一、指出问题", "二、被约谈人说明", "三、提出要求", "四、被约谈人表态"):
        chen.get_by_label(label).fill("按要求限期整改到位。")
    chen.get_by_label("记录人").fill("许洁")
    chen.get_by_label("新期限").fill(day(12))
    send(chen, "录入约谈记录")
    chen.locator("#evidence").get_by_label("材料名目").select_option("签字的约谈记录")
    chen.locator("#evidence input[type=file]").first.set_input_files(paper)
    chen.get_by_role("button", name="上传佐证").click()
    chen.locator("[data-toast]").wait_for()
    act(chen, "报送约谈记录")
    send(chen, "报送约谈记录")

    zhou = enter(toured, "zhoumingyuan", viewport=PHONE)
    zhou.get_by_role("link", name="下一项").click()
    expect(zhou.get_by_role("heading", level=1)).to_contain_text("村务公开栏半年未更新")
    zhou.locator("summary", has_text="整件事项的进展和材料").click()
    whole = zhou.locator("details[open]", has_text="整件事项的进展和材料").last
    whole.locator("input[type=file]").first.set_input_files(photograph)
    whole.get_by_role("button", name="保存进展").click()
    expect(zhou.locator("[data-toast]")).to_contain_text("已保存")
    zhou.get_by_role("link", name="报整改完成", exact=True).click()
    zhou.get_by_label("整改完成情况").fill("公示栏已补齐，逐月公开。")
    zhou.get_by_label("完成情况", exact=True).select_option("已完成")
    send(zhou, "报整改完成")

    open_place(chen, "台账", NOTICES)
    act(chen, "乡镇核实")
    chen.get_by_label("乡镇党委意见").select_option("属实，同意销号")
    chen.get_by_label("核实情况").fill("到村看过，公示栏已补齐。")
    send(chen, "乡镇核实")

    open_place(lin, "台账", NOTICES)
    lin.locator("summary", has_text="为什么不能销号").click()
    expect(lin.locator(".why-not[open]")).to_contain_text("登记")
    open_place(zhao, "台账", NOTICES)
    act(zhao, "销号")
    zhao.get_by_label("集中销号会议编号").fill("集中销号会议〔2026〕3号")
    zhao.get_by_label("办结依据").select_option("完成销号")
    send(zhao, "销号")
    expect(zhao.locator(".case-head")).to_contain_text("已销号")

    verdict = toured.database.read(verify)
    assert verdict.ok and verdict.events > 100
