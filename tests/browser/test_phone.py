"""On a phone: every place is reached by touch, nothing of a menu is cut, many rows are done at once, and a village stays on its page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import hours
from tests.browser.looking import barriers, too_wide
from tests.browser.served import Site
from tests.factories import County
from tests.workflow.looking import case_row, rows_of
from workflow.models import Case, Evidence

pytestmark = pytest.mark.browser

TITLE = "村务公开栏半年未更新"
SMALL = {"width": 360, "height": 640}
TOUCH = {"has_touch": True, "is_mobile": True}
EVERYBODY = {"overview", "reports", "ledger", "inbox", "interviews", "orders", "organisations", "calendar"}
ADMINISTRATION = {"organisations", "calendar", "configuration", "health"}
# What stands under everybody's name; under that of whoever works on cases; of whoever handles those of several villages.
OWN = {"settings", "password", "factors", "sessions", "help"}
WORK = OWN | {"kin"}
DESK = WORK | {"bulk", "exports"}
# Role → somebody of the demo county, and the last words of the addresses that are his: places, and the menu under his name.
DOORS = {
    "supervisor": ("linjing", EVERYBODY | {"health"}, DESK | {"imports", "retention", "tokens"}),
    "head of the office": ("zhaoguohua", EVERYBODY | {"health"}, DESK | {"imports", "retention"}),
    "leading group": ("gaojianguo", EVERYBODY, DESK),
    "discipline commission": ("qianfeng", EVERYBODY, DESK | {"tokens"}),
    "township Party committee": ("chenlixin", EVERYBODY, DESK | {"retention"}),
    "township discipline committee": ("hemin", EVERYBODY, DESK),
    "village": ("zhoumingyuan", {"village", "ledger", "inbox", "interviews", "orders", "calendar"}, WORK),
    "workflow administrator": ("guming", ADMINISTRATION | {"inbox", "versions", "designer"}, OWN | {"exports"}),
    "system administrator": ("wangyang", ADMINISTRATION | {"people"}, OWN | {"tokens"}),
    "security administrator": ("qinlan", ADMINISTRATION | {"grants"}, OWN | {"exports"}),
    "audit administrator": ("baixue", ADMINISTRATION | {"audit"}, OWN),
}
# Is all of a menu between the bar and the tabs, and does what is longer scroll?
MENU_FITS = """(menu) => {
  const box = menu.getBoundingClientRect(), tabs = document.querySelector(".tab-bar")?.getBoundingClientRect();
  const floor = tabs && tabs.height ? tabs.top : innerHeight;
  const scrolls = menu.scrollHeight <= menu.clientHeight + 1 || ["auto", "scroll"].includes(getComputedStyle(menu).overflowY);
  return box.left >= 0 && box.right <= innerWidth && box.bottom <= floor && scrolls && menu.scrollWidth <= menu.clientWidth;
}"""


def menu_of(page: Page, name: str) -> Locator:
    """Touches what opens the menu; all of it can be reached."""
    page.locator(f"{name} > summary").tap()
    menu = page.locator(f"{name} > .popover")
    expect(menu).to_be_visible()
    assert menu.evaluate(MENU_FITS), f"the menu {name} is cut"
    return menu


def addresses(menu: Locator) -> list[str]:
    """Where its links lead."""
    found: list[str] = menu.locator("a").evaluate_all("(all) => all.map((one) => new URL(one.href).pathname)")
    return found


@pytest.mark.parametrize("role", DOORS)
def test_every_place_of_a_role_is_reached_by_touch_on_a_small_phone(demo: Site, role: str) -> None:
    login, wanted, wanted_own = DOORS[role]
    page = demo.person(login, viewport=SMALL, **TOUCH).new_page()
    page.goto("/help")
    places = addresses(menu_of(page, ".all-places"))
    own = addresses(menu_of(page, ".who"))
    for found, meant in ((places, wanted), (own, wanted_own)):
        assert {path.rstrip("/").split("/")[-1] for path in found} == meant
    for name, paths in ((".all-places", places), (".who", own)):
        for path in paths:
            # A tap that something lies over, or that misses the window, fails.
            menu_of(page, name).locator(f'a[href="{path}"]').tap()
            page.wait_for_url(lambda url, path=path: path in url or (path == "/village" and "/village/" in url))
            assert page.locator("h1").count() == 1 and page.locator(".problem").count() == 0, path
            assert too_wide(page) == [], path
    page.context.close()


@pytest.mark.parametrize("width", [390, 600, 760, 1024])
def test_the_list_of_all_places_is_there_wherever_the_bar_may_be_too_narrow(demo: Site, width: int) -> None:
    page = demo.person("linjing", viewport={"width": width, "height": 700}, has_touch=True).new_page()
    page.goto("/inbox")
    menu = menu_of(page, ".all-places")
    assert len(addresses(menu)) == len(DOORS["supervisor"][1])
    assert barriers(page, ".top-bar") == []
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.context.close()


def test_a_wide_bar_that_is_too_narrow_for_its_words_shows_the_list_as_well(demo: Site) -> None:
    context = demo.person("linjing", viewport={"width": 1300, "height": 700})
    context.add_cookies([{"name": "duban_language", "value": "en", "url": demo.address}])
    page = context.new_page()
    page.goto("/inbox")
    crowded = page.locator(".places ul").evaluate("(bar) => bar.scrollWidth > bar.clientWidth")
    assert crowded
    expect(page.locator(".all-places")).to_be_visible()
    page.set_viewport_size({"width": 2200, "height": 700})
    expect(page.locator(".all-places")).to_be_hidden()
    context.close()


def test_many_rows_are_done_at_once_on_a_phone(served: Site, county: County) -> None:
    now = hours.now()
    ids = [county.supervised_item(now, title=f"{TITLE}{n}") for n in range(2)]
    page = served.person("lin", viewport=SMALL, **TOUCH).new_page()
    page.goto("/ledger")
    for case_id in ids:
        box = page.locator(f'input[name="case"][value="{case_id}"]')
        cell = box.locator("xpath=..").bounding_box()
        assert cell and min(cell["width"], cell["height"]) >= 44
        box.tap()
    bar = page.locator("[data-bulk]")
    expect(bar).to_contain_text("已选2项")
    assert bar.evaluate("(bar) => bar.scrollWidth <= bar.clientWidth && bar.getBoundingClientRect().bottom < innerHeight - 50")
    bar.get_by_role("button", name="催办").first.tap()
    page.wait_for_url("**/bulk/**")
    assert too_wide(page) == []
    page.context.close()


def test_what_is_marked_in_the_calendar_is_not_cut(demo: Site) -> None:
    for width in (360, 1440):
        page = demo.person("linjing", viewport={"width": width, "height": 800}).new_page()
        page.goto("/calendar?year=2026")
        cut = """() => [...document.querySelectorAll(".calendar span")].filter((one) => {
          const frame = one.getBoundingClientRect(), word = (one.querySelector("small") ?? one).getBoundingClientRect();
          const cell = one.closest("td").getBoundingClientRect();
          return word.bottom > frame.bottom || word.right > frame.right || frame.right > cell.right + 1 || frame.left < cell.left - 1;
        }).map((one) => one.textContent)"""
        assert page.locator(".calendar .day-makeup").count() > 0 and page.evaluate(cut) == []
        page.context.close()


def test_the_level_of_a_talk_is_read_in_full(demo: Site) -> None:
    page = demo.person("linjing").new_page()
    page.goto("/interviews")
    cut = page.locator("td.cell-fact").evaluate_all(
        "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((o) => o.title)"
    )
    assert cut == [] and page.get_by_text("二级（县约谈乡镇）").count() > 0
    page.context.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_the_words_of_the_diagram_are_as_large_as_other_words(demo: Site, width: int) -> None:
    page = demo.person("linjing", viewport={"width": width, "height": 800}).new_page()
    page.goto(f"/cases/{demo.case('rectification', 'supervised')}")
    size = """(svg) => Math.min(...[...svg.querySelectorAll("text")].map((one) =>
      parseFloat(getComputedStyle(one).fontSize) * svg.getScreenCTM().a))"""
    assert page.locator("#diagram svg").evaluate(size) >= 12
    assert too_wide(page) == []
    page.context.close()


def test_a_village_works_on_its_page_from_signing_to_reporting_and_takes_a_step_back(
    served: Site, county: County, photograph: Path
) -> None:
    now = hours.now()
    case_id = county.open_item(now, title=TITLE, immediate="rectify_now", period="default_immediate", first_check="county")
    county.hand_over(case_id, now)
    page = served.person("zhou", viewport={"width": 390, "height": 844}, **TOUCH).new_page()
    page.goto("/village")
    here = f"**/village/{case_id}"
    page.get_by_role("main").get_by_role("link", name="签收", exact=True).tap()
    page.get_by_label("材料件数").fill("两")
    page.get_by_role("main").get_by_role("button", name="签收").tap()
    expect(page.locator(".error-summary")).to_be_visible()
    page.get_by_label("材料件数").fill("1")
    page.get_by_role("main").get_by_role("button", name="签收").tap()
    page.wait_for_url(here)
    page.locator("[data-toast]").get_by_role("button", name="撤销").tap()
    expect(page.get_by_role("main").get_by_role("link", name="签收", exact=True)).to_be_visible()
    page.wait_for_url(here)
    page.get_by_role("main").get_by_role("link", name="签收", exact=True).tap()
    page.get_by_label("材料件数").fill("1")
    page.get_by_role("main").get_by_role("button", name="签收").tap()
    page.wait_for_url(here)

    page.locator('input[type="file"]').first.set_input_files(photograph)
    page.get_by_label("写进展").fill("公示栏已更换")
    page.get_by_role("button", name="保存进展").tap()
    expect(page.locator(".village-proof")).to_contain_text(photograph.name)
    assert rows_of(county, Evidence, case_id=case_id)
    assert too_wide(page) == []
    page.get_by_role("main").get_by_role("link", name="报整改完成", exact=True).tap()
    page.get_by_label("整改完成情况").fill("公示栏已更换，逐月公开。")
    page.get_by_label("完成情况", exact=True).select_option("已完成")
    page.get_by_role("main").get_by_role("button", name="报整改完成").tap()
    page.wait_for_url(here)
    expect(page.get_by_role("main")).to_contain_text("不用你办")
    page.locator("[data-toast]").get_by_role("button", name="撤销").tap()
    expect(page.get_by_role("button", name="保存进展")).to_be_visible()
    assert case_row(county, case_id)["state"] == "supervised"
    page.context.close()


def test_a_village_without_scripts_stays_on_its_page(served: Site, county: County) -> None:
    case_id = county.open_item(hours.now(), title=TITLE, immediate="rectify_now", period="default_immediate")
    county.hand_over(case_id, hours.now())
    page = served.person("zhou", viewport=SMALL, java_script_enabled=False).new_page()
    page.goto("/village")
    page.get_by_role("main").get_by_role("link", name="签收", exact=True).click()
    page.get_by_label("材料件数").fill("1")
    page.get_by_role("main").get_by_role("button", name="签收").click()
    assert page.url.endswith(f"/village/{case_id}") and "办理成功" in page.locator("[data-toast]").inner_text()
    page.locator("[data-toast]").get_by_role("button", name="撤销").click()
    assert page.url.endswith(f"/village/{case_id}") and case_row(county, case_id)["state"] == "transferred"
    page.context.close()


@pytest.fixture
def unplanned(county: County) -> int:
    """An item that its village has signed for and has no plan for."""
    return county.supervised_item(hours.now(), title=TITLE)


def test_the_form_of_a_plan_is_short_and_one_measure_is_open(served: Site, unplanned: int) -> None:
    page = served.person("zhou", viewport={"width": 390, "height": 844}, **TOUCH).new_page()
    page.goto(f"/village/{unplanned}")
    form = page.get_by_role("main").get_by_role("link", name="报整改方案").get_attribute("href")
    page.goto(str(form))
    # Two screens, where three measures side by side took three and a half.
    assert page.evaluate("() => document.documentElement.scrollHeight / innerHeight") < 2
    blocks = page.locator("[data-block]")
    assert blocks.evaluate_all("(all) => all.map((one) => one.open)") == [True, False, False]
    # Nothing makes the telephone zoom in, and everything is as large as a thumb.
    small = """() => [...document.querySelectorAll("main :is(input[type=text], select, textarea, summary, button)")].filter((one) => {
      const box = one.getBoundingClientRect(), words = parseFloat(getComputedStyle(one).fontSize);
      return one.checkVisibility() && !one.disabled && (box.height < 42 || (!one.matches("summary, button") && words < 16));
    }).map((one) => one.outerHTML.slice(0, 80))"""
    assert page.evaluate(small) == [] and too_wide(page) == [] and barriers(page) == []
    blocks.nth(1).locator("summary").tap()
    page.locator("[name='measures/1/text']").fill("每月更新一次")
    expect(blocks.nth(1).locator("[data-block-title]")).to_have_text("每月更新一次")
    page.context.close()


def test_half_a_plan_is_filled_in_again_until_it_is_handed_in(served: Site, county: County, unplanned: int) -> None:
    page = served.person("zhou", viewport={"width": 390, "height": 844}, **TOUCH).new_page()
    form = f"/cases/{unplanned}/do/submit_plan?village={unplanned}"
    page.goto(form)
    page.locator("[name=cause]").fill("无人管")
    page.locator("[data-block]").nth(1).locator("summary").tap()
    page.locator("[name='measures/1/text']").fill("每月更新一次")
    page.goto("/inbox")
    page.goto(form)
    expect(page.get_by_text("上次没有交的内容已填回")).to_be_visible()
    expect(page.locator("[name=cause]")).to_have_value("无人管")
    # What was written stands open, what only began with a name stays folded.
    assert page.locator("[data-block]").evaluate_all("(all) => all.map((one) => one.open)") == [True, True, False]
    page.locator("[name='measures/1/label']").select_option("long_term")
    page.locator("[name='first_responsible_post']").fill("村党支部书记")
    page.get_by_role("main").get_by_role("button", name="报整改方案").tap()
    page.wait_for_url(f"**/village/{unplanned}")
    page.wait_for_load_state()
    assert page.evaluate("() => Object.keys(localStorage).filter((name) => name.endsWith(':form'))") == []
    assert [row["title"] for row in rows_of(county, Case, kind="measure", parent_id=unplanned)] == ["每月更新一次"]
    page.context.close()


def test_a_plan_is_handed_in_without_scripts(served: Site, county: County, unplanned: int) -> None:
    page = served.person("zhou", viewport=SMALL, java_script_enabled=False).new_page()
    page.goto(f"/cases/{unplanned}/do/submit_plan?village={unplanned}")
    page.locator("[name=cause]").fill("无人管")
    page.locator("[name='first_responsible_post']").fill("村党支部书记")
    page.locator("[name='measures/0/text']").fill("更新公示栏")
    page.locator("[name='measures/0/label']").select_option("long_term")
    page.locator("[data-block]").nth(2).locator("summary").click()
    page.locator("[name='measures/2/text']").fill("每月更新一次")
    page.locator("[name='measures/2/label']").select_option("long_term")
    page.get_by_role("main").get_by_role("button", name="报整改方案").click()
    assert page.url.endswith(f"/village/{unplanned}")
    assert {row["title"] for row in rows_of(county, Case, parent_id=unplanned)} == {"更新公示栏", "每月更新一次"}
    page.context.close()


@pytest.mark.parametrize("address", ["/village/{}", "/cases/{}"])
def test_a_recusal_is_no_neighbour_of_a_remark(served: Site, unplanned: int, address: str) -> None:
    page = served.person("zhou", viewport={"width": 390, "height": 844}, **TOUCH).new_page()
    page.goto(address.format(unplanned))
    door = page.locator(f'main a[href^="/cases/{unplanned}/bar"]')
    expect(door).to_be_hidden()
    fold = page.locator("main summary", has_text="回避").first
    fold.tap()
    expect(door).to_be_visible()
    assert "不能撤回" in fold.locator("xpath=..").inner_text()
    # No other step lies in the same fold.
    assert fold.locator("xpath=..").locator("a, button").count() == 1
    page.context.close()


# Does the column of states lie whole within its box, at whose edge the drawing is cut?
STATES_SEEN = """(box) => {
  const [outer, inner] = [box, box.querySelector("[data-state]")].map((one) => one.getBoundingClientRect());
  return box.scrollWidth > box.clientWidth && inner.left >= outer.left && inner.right <= outer.right;
}"""


def test_a_drawing_comes_back_to_its_states_where_the_phone_is_turned(served: Site, unplanned: int) -> None:
    page = served.person("lin", viewport={"width": 844, "height": 390}, **TOUCH).new_page()
    page.goto(f"/cases/{unplanned}")
    page.set_viewport_size({"width": 390, "height": 844})
    box = page.locator("[data-centre]").first
    page.wait_for_function(f"(box) => ({STATES_SEEN})(box)", arg=box.element_handle())
    page.context.close()


def test_what_an_order_about_no_village_lacks_takes_no_room(demo: Site) -> None:
    page = demo.page("linjing")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/orders")
    numbers = page.locator("#rows .cell-number")
    lefts = [box["x"] for at in range(numbers.count()) if (box := numbers.nth(at).bounding_box())]
    empty = page.locator("#rows tr[data-href]:has(td.cell-place:empty)")
    expect(empty).to_have_count(1)
    title = empty.locator(".cell-title").bounding_box()
    assert title and title["x"] == min(lefts) and len(lefts) > 1
