"""Nothing typed in the designer is lost while an answer is on its way: each test holds the answers back and types meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.drafting import begin_kind
from tests.browser.served import Site
from tests.factories import County
from workflow.versions import scenarios

pytestmark = pytest.mark.browser


class Line:
    """The line between a browser and the office, on which requests wait until they are let through, one by one."""

    def __init__(self, page: Page, *addresses: str) -> None:
        self.page, self.held, self.is_open = page, list[Route](), False
        for address in addresses:
            page.route(re.compile(address), self._hold)

    def _hold(self, route: Route) -> None:
        route.continue_() if self.is_open else self.held.append(route)

    def await_held(self, count: int = 1) -> None:
        """Until so many requests wait; the page sends the next once the one before was answered."""
        for _ in range(600):
            if len(self.held) >= count:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{len(self.held)} requests wait, not {count}")

    def let_through(self) -> None:
        """The one that has waited longest, with its answer."""
        self.await_held()
        route = self.held.pop(0)
        with self.page.expect_response(route.request.url):
            route.continue_()

    def open(self) -> None:
        """All that wait and all that come."""
        self.is_open = True
        while self.held:
            self.held.pop(0).continue_()

    def break_off(self) -> None:
        """The one that has waited longest never arrives."""
        self.await_held()
        self.held.pop(0).abort()


@pytest.fixture
def page(served: Site, county: County) -> Iterator[Page]:
    """A new kind, just begun."""
    page = begin_kind(served, county)
    yield page
    if not page.is_closed():
        page.unroute_all(behavior="ignoreErrors")
    page.context.close()


def panel(page: Page) -> Locator:
    return page.locator("#design-panel")


def source(page: Page) -> Locator:
    return page.locator("#source")


def scenario(page: Page) -> None:
    """An empty scenario, open."""
    page.locator("#design-scenes").get_by_role("button", name="加情景").press("Enter")
    expect(panel(page)).to_contain_text("情景 新情景")
    expect(page.locator("#design-scenes .outcome")).to_have_text("走通")


def typed(box: Locator, told: str) -> None:
    """Types and leaves the box."""
    box.fill(told)
    box.press("Tab")


def test_boxes_filled_while_the_answers_to_those_before_come_back_keep_what_was_typed(page: Page) -> None:
    scenario(page)
    line = Line(page, r"/edit$", r"/live$")
    name, on, until = (panel(page).get_by_label(label) for label in ("名称 简体", "登记的日期", "看到哪一天"))
    typed(name, "一直没有办")
    typed(on, "2026-3-26")
    line.let_through()
    # The answer to the first comes while the second waits and a third is typed.
    until.fill("2026年7月13日")
    line.await_held()
    expect(on).to_have_value("2026-3-26")
    expect(until).to_have_value("2026年7月13日")
    line.let_through()
    expect(source(page)).to_have_value(re.compile("on: 2026-03-26"))
    expect(until).to_have_value("2026年7月13日")
    until.press("Tab")
    line.open()
    expect(source(page)).to_have_value(re.compile("一直没有办.*on: 2026-03-26[^}]*until: 2026-07-13", re.DOTALL))
    expect(page.locator("#design-scenes .outcome")).to_have_text("走通")
    expect(until).to_have_value("2026年7月13日")


def test_what_comes_of_the_scenarios_takes_nothing_from_the_box_in_which_somebody_types(page: Page) -> None:
    scenario(page)
    scenarios.KEPT.clear()  # what another test has lived through
    line = Line(page, r"/live$")
    typed(panel(page).get_by_label("看到哪一天"), "2027-12-13")
    line.await_held()
    # The rules change once more, and something is typed besides.
    typed(panel(page).get_by_label("登记的日期"), "2026-3-26")
    expect(source(page)).to_have_value(re.compile("on: 2026-03-26"))
    box = panel(page).get_by_label("名称 简体")
    box.fill("")
    page.keyboard.type("一直没")
    with page.expect_response(re.compile(r"/live$")):
        line.open()
    expect(page.locator("#design-scenes .outcome")).to_have_text("走通")
    page.keyboard.type("有办")
    expect(box).to_be_focused()
    expect(box).to_have_value("一直没有办")
    box.press("Tab")
    expect(source(page)).to_have_value(re.compile("一直没有办"))


def test_the_caret_stays_in_the_middle_of_a_word(page: Page) -> None:
    page.locator("[data-node]").first.focus()
    page.keyboard.press("Enter")
    box = panel(page).get_by_label("名称 简体")
    expect(box).to_be_visible()
    line = Line(page, r"/edit$")
    typed(panel(page).get_by_label("名称 繁体"), "辦理")
    box.fill("走中")
    box.press("ArrowLeft")
    line.let_through()
    expect(source(page)).to_have_value(re.compile("辦理"))
    page.keyboard.type("访")
    expect(box).to_have_value("走访中")
    box.press("Tab")
    line.open()
    expect(source(page)).to_have_value(re.compile("走访中"))


def test_what_is_typed_while_another_panel_opens_is_sent_before_it_does(page: Page) -> None:
    page.locator("[data-node]").first.focus()
    page.keyboard.press("Enter")
    box = panel(page).get_by_label("名称 简体")
    expect(box).to_be_visible()
    line = Line(page, r"/designer/\d+(\?.*)?$")
    page.get_by_role("link", name="全部", exact=True).click()
    line.await_held()
    box.fill("走访中")
    line.open()
    expect(page.locator("#design-panel .outline")).to_be_visible()
    expect(source(page)).to_have_value(re.compile("走访中"))


def test_what_is_typed_into_the_text_stands_beside_what_the_buttons_do(page: Page) -> None:
    line = Line(page, r"/edit$")
    page.get_by_role("button", name="加状态").first.click()
    line.await_held()
    told = source(page).input_value()
    source(page).fill(told.replace("title: 办理", "title: 走访中", 1))
    line.let_through()
    expect(source(page)).to_have_value(re.compile("走访中.*新状态", re.DOTALL))
    page.get_by_role("button", name="存文本").click()
    line.open()
    expect(page.locator("[data-node][aria-label^='状态 走访中，']")).to_be_visible()
    expect(page.locator("[data-node][aria-label^='状态 新状态，']")).to_be_visible()


def test_what_is_typed_goes_with_its_entry_when_one_before_it_is_removed(page: Page) -> None:
    scenario(page)
    steps = panel(page).get_by_role("group", name="各步", exact=True)
    for count in (1, 2):
        steps.get_by_role("button", name="加一个").click()
        expect(panel(page).locator("[data-place^='/scenarios/0/steps/']")).to_have_count(count)
    line = Line(page, r"/edit$")  # what is lived through after an edit may still be on its way, and waits for nobody
    panel(page).locator("[data-place='/scenarios/0/steps/0']").get_by_role("button", name="删去").click()
    line.await_held()
    day = panel(page).locator("[data-place='/scenarios/0/steps/1']").get_by_label("日期", exact=True)
    day.fill("2026年12月24日")
    line.let_through()
    kept = panel(page).locator("[data-place='/scenarios/0/steps/0']").get_by_label("日期", exact=True)
    expect(panel(page).locator("[data-place^='/scenarios/0/steps/']")).to_have_count(1)
    expect(kept).to_have_value("2026年12月24日")
    expect(kept).to_be_focused()
    kept.press("Tab")
    line.open()
    expect(source(page)).to_have_value(re.compile("on: 2026-12-24, do: finish"))


def test_whoever_goes_to_another_page_goes_once_all_was_kept(page: Page) -> None:
    address = page.url
    page.locator("[data-node]").first.focus()
    page.keyboard.press("Enter")
    box = panel(page).get_by_label("名称 简体")
    expect(box).to_be_visible()
    asked = list[str]()
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    line = Line(page, r"/edit$")
    box.fill("走访中")
    page.get_by_role("link", name="全部草稿").click(no_wait_after=True)
    line.await_held()
    line.open()
    page.wait_for_url(re.compile(r"/designer$"))
    page.goto(address)
    expect(source(page)).to_have_value(re.compile("走访中"))
    assert asked == []


def test_what_did_not_arrive_stays_and_goes_with_the_next(page: Page) -> None:
    scenario(page)
    line = Line(page, r"/edit$")
    name, until = panel(page).get_by_label("名称 简体"), panel(page).get_by_label("看到哪一天")
    typed(name, "一直没有办")
    line.break_off()
    line.is_open = True
    expect(page.locator("[data-toast]").last).to_be_visible()
    typed(until, "2026-7-13")
    expect(source(page)).to_have_value(re.compile("一直没有办.*until: 2026-07-13", re.DOTALL))
    expect(name).to_have_value("一直没有办")


@pytest.mark.parametrize(("box", "told"), [("名称 英文", "Visits"), ("行上的说法 简体", "走访中")])
def test_a_word_of_an_input_method_is_not_broken_off(page: Page, box: str, told: str) -> None:
    page.locator("[data-node]").first.focus()
    page.keyboard.press("Enter")
    expect(panel(page).get_by_label(box)).to_be_visible()
    line = Line(page, r"/edit$")
    typed(panel(page).get_by_label("名称 繁体"), "辦理")
    panel(page).get_by_label(box).fill("")
    method = page.context.new_cdp_session(page)
    method.send("Input.imeSetComposition", {"text": "zou", "selectionStart": 3, "selectionEnd": 3})
    line.let_through()
    method.send("Input.imeSetComposition", {"text": "zoufang", "selectionStart": 7, "selectionEnd": 7})
    method.send("Input.insertText", {"text": told})
    expect(source(page)).to_have_value(re.compile("辦理"))
    expect(panel(page).get_by_label(box)).to_have_value(told)
    panel(page).get_by_label(box).press("Tab")
    line.open()
    expect(source(page)).to_have_value(re.compile(told))


# ---- text that has not come to the draft yet --------------------------------------------------------------------------------

UNREADABLE = "states: [received"


def left_half_written(page: Page) -> Page:
    """The draft opened anew, after the browser broke down while somebody wrote a text that cannot be read yet."""
    source(page).press("Control+End")
    page.keyboard.type(UNREADABLE)
    expect(page.get_by_text("还没有存到草稿，先记在这台设备上")).to_be_visible()
    again = page.context.new_page()
    again.goto("/notices")
    # What the browser writes for one page it tells the others a little later.
    again.wait_for_function("(words) => Object.values(localStorage).some((kept) => kept.includes(words))", arg=UNREADABLE)
    # Nobody has left the box, and nobody is asked: as if the machine had gone off.
    page.close(run_before_unload=False)
    again.goto(page.url)
    return again


def test_a_text_that_was_half_written_when_the_browser_broke_down_is_offered_again(page: Page) -> None:
    again = left_half_written(page)
    expect(again.get_by_text("上次写的定义文本没有存到草稿")).to_be_visible()
    assert UNREADABLE not in source(again).input_value()
    # What is typed meanwhile takes nothing from it.
    source(again).press("Control+End")
    again.keyboard.type("# 另写的")
    again.get_by_role("button", name="放回文本").click()
    expect(source(again)).to_have_value(re.compile(re.escape(UNREADABLE)))
    with again.expect_response(re.compile(r"/edit$")):
        source(again).press("Tab")
    expect(again.get_by_text("还没有存到草稿，先记在这台设备上")).to_be_hidden()
    again.reload()
    expect(source(again)).to_have_value(re.compile(re.escape(UNREADABLE)))
    expect(again.get_by_text("上次写的定义文本没有存到草稿")).to_be_hidden()


def test_a_text_that_was_left_half_written_may_be_thrown_away(page: Page) -> None:
    again = left_half_written(page)
    again.get_by_role("button", name="丢弃").click()
    again.reload()
    expect(source(again)).to_be_visible()
    expect(again.get_by_text("上次写的定义文本没有存到草稿")).to_be_hidden()
    assert UNREADABLE not in source(again).input_value()


def test_a_text_that_came_to_the_draft_leaves_nothing_on_the_device(page: Page) -> None:
    with page.expect_response(re.compile(r"/edit$")):
        typed(source(page), source(page).input_value().replace("title: 办理", "title: 走访中", 1))
    expect(page.locator("[data-node][aria-label^='状态 走访中，']")).to_be_visible()
    kept = "Object.keys(localStorage).filter((name) => name.includes(':definition:'))"
    assert page.evaluate(kept) == []
