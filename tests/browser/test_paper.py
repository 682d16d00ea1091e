"""What comes out of the printer: how many sheets, of which size, and what stands on each of them."""

from __future__ import annotations

import re

import pytest

from tests.browser.pdf import pages_of, size_of, watermarked
from tests.browser.served import DESK, Site

pytestmark = pytest.mark.browser

A3, A4, A4_LYING = (420, 297), (210, 297), (297, 210)
HEAD = "序号编号被巡察单位反馈问题整改措施整改责任整改时限整改情况资金（万元）村居党组织责任单位责任人承办人"
# The items of a township again and again, until they need several pages.
MANY = """() => {
  const table = document.querySelector(".sheet-wide .sheet-table");
  const items = [...table.tBodies].slice(0, -1);
  for (let n = 0; n < 40; n += 1) for (const item of items) table.insertBefore(item.cloneNode(true), table.tBodies[0]);
}"""
# A browser before Chromium 131, which has no boxes in the margins: without their rules, and without what hides the list beside.
OLD = """() => {
  const drop = (rules, own) => { for (let n = rules.length - 1; n >= 0; n -= 1) {
    if (rules[n].conditionText?.includes("details-content")) own.deleteRule(n);
    else if (rules[n] instanceof CSSPageRule) for (let m = (rules[n].cssRules?.length ?? 0) - 1; m >= 0; m -= 1) rules[n].deleteRule(m);
  } };
  for (const sheet of document.styleSheets) drop(sheet.cssRules, sheet);
}"""
# A county of so many townships, with the fullest sections that it may have.
FULL = """(townships) => {
  const wanted = [1, townships, 10, 3, 3];
  document.querySelectorAll(".sheet-part tbody").forEach((body, at) => {
    while (body.rows.length < wanted[at]) body.append(body.rows[0].cloneNode(true));
    while (body.rows.length > wanted[at]) body.lastElementChild.remove();
  });
  document.querySelector(".sheet").classList.add("sheet-dense");
}"""


def printed(demo: Site, path: str, script: str = "", argument: object = None) -> bytes:
    """The page as 林静 prints it, after a script has changed it."""
    page = demo.page("linjing")
    page.set_viewport_size(DESK)
    page.goto(path)
    if script:
        page.evaluate(script, argument)
    return page.pdf(prefer_css_page_size=True, print_background=True)


@pytest.mark.parametrize("path", ["/reports/week", "/reports/half_month", "/reports/quarter", "/reports/week?kind=clue"])
def test_a_sheet_of_a_period_is_one_sheet_of_a4(demo: Site, path: str) -> None:
    data = printed(demo, path)
    (words,) = pages_of(data)
    assert size_of(data) == A4
    assert all(title in words for title in ("一、总体", "二、分乡镇", "三、逾期最久十件", "六、需领导协调事项", "制表人：林静"))
    assert watermarked(data) == ["clue" in path]
    assert "统计报表" not in words


def test_a_county_of_many_townships_still_has_one_sheet(demo: Site) -> None:
    assert len(pages_of(printed(demo, "/reports/week", FULL, 28))) == 1


def test_what_is_filled_in_by_hand_is_printed(demo: Site) -> None:
    script = "() => { document.querySelector('textarea').value = '协调县国土部门补办手续'; }"
    assert "协调县国土部门补办手续" in pages_of(printed(demo, "/reports/week", script))[0]


@pytest.mark.parametrize(("size", "millimetres"), [("a3", A3), ("a4", A4_LYING)])
def test_each_township_begins_a_page_with_title_and_head(demo: Site, size: str, millimetres: tuple[int, int]) -> None:
    data = printed(demo, f"/ledger/paper?paper={size}")
    pages, townships = pages_of(data), townships_on(demo)
    assert size_of(data) == millimetres
    assert len(pages) == townships > 5
    for at, words in enumerate(pages, start=1):
        assert f"第{at}页共{townships}页" in words
        assert "安澜县委巡察反馈问题整改台账" in words and HEAD in words
        assert "小计：" in words and "分管领导：" in words


def test_the_head_stands_on_every_page_of_a_long_township(demo: Site) -> None:
    pages = pages_of(printed(demo, "/ledger/paper", MANY))
    of_first = len(pages) - townships_on(demo) + 1
    assert of_first > 1
    assert all(HEAD in words for words in pages[:of_first])
    assert ["小计：" in words for words in pages[:of_first]] == [False] * (of_first - 1) + [True]


# Is what stands at the place of the first number the number?
ON_TOP = """() => {
  const { left, top } = document.querySelector(".print-pages li").getBoundingClientRect();
  return document.elementFromPoint(left + 1, top + 1).closest(".print-pages") !== null;
}"""


@pytest.mark.parametrize("size", ["a3", "a4"])
def test_a_browser_without_boxes_in_the_margins_counts_the_pages_of_the_ledger_all_the_same(demo: Site, size: str) -> None:
    pages = pages_of(printed(demo, f"/ledger/paper?paper={size}", f"() => {{ ({MANY})(); ({OLD})(); }}"))
    assert len(pages) > townships_on(demo)
    for at, words in enumerate(pages, start=1):
        assert re.findall(r"第\d+页", words) == [f"第{at}页"] and HEAD in words
    page = demo.page("linjing")
    page.goto(f"/ledger/paper?paper={size}")
    page.emulate_media(media="print")
    page.evaluate(OLD)
    assert page.evaluate(ON_TOP), "the sheets lie over the numbers"


# Of each number on paper, how many lines it takes.
LINES = """() => [...document.querySelectorAll("tbody:not(.subtotal) tr:first-child td:nth-child(2)")].map((cell) => {
  cell.textContent = "整改〔2026〕1234号";
  const range = document.createRange();
  range.selectNodeContents(cell);
  return new Set([...range.getClientRects()].map((one) => one.top)).size;
})"""


@pytest.mark.parametrize(("size", "width"), [("a3", 396), ("a4", 279)])
def test_a_number_stands_on_one_line_of_paper(demo: Site, size: str, width: int) -> None:
    page = demo.page("linjing")
    page.set_viewport_size({"width": round(width * 96 / 25.4), "height": 900})
    page.goto(f"/ledger/paper?paper={size}")
    page.emulate_media(media="print")
    assert set(page.evaluate(LINES)) == {1}


def townships_on(demo: Site) -> int:
    """How many townships the ledger has pages of."""
    page = demo.page("linjing")
    page.goto("/ledger/paper")
    return page.locator(".sheet-wide").count()


def test_every_page_of_a_list_of_clues_bears_its_reader_and_the_hour(demo: Site) -> None:
    marks = watermarked(printed(demo, "/ledger/paper?kind=clue&band=all"))
    assert len(marks) > 2 and all(marks)
    words = demo.page("linjing").locator(".watermark text").text_content() or ""
    assert re.fullmatch(r"林静 20\d\d年\d+月\d+日 \d+:\d\d 编号\d{5} \d{5} \d{5}", words)
    assert not any(watermarked(printed(demo, "/ledger/paper")))


# A title whose amount would begin at this place of the line, in every row of the sheet.
AMOUNT_AT = """(at) => document.querySelectorAll(".cell-of-problem .title-lines").forEach((title) => {
  const amount = document.createElement("span");
  amount.className = "number-whole";
  amount.textContent = "123456.78万元";
  title.replaceChildren("集".repeat(at), amount, "至今未收回又另行出租".repeat(3));
})"""


def test_a_title_has_two_lines_and_an_amount_is_whole_or_left_out(demo: Site) -> None:
    (words,) = pages_of(printed(demo, "/reports/week"))
    assert "承租人擅自" in words, "the longest title of the demo county is whole"
    for at in range(44, 60, 3):
        # Titles that are all so long at once are more than the sheet was counted for.
        words = "".join(pages_of(printed(demo, "/reports/week", AMOUNT_AT, at)))
        assert words.count("123456.78万元") == words.count("123456"), at


def test_the_sheet_says_which_characters_are_one_number(demo: Site) -> None:
    page = demo.page("linjing")
    page.goto("/reports/week")
    wholes = page.locator(".cell-of-problem .number-whole").all_inner_texts()
    assert {"3万元", "13处"} <= set(wholes)


# ---- pages that print as they stand -------------------------------------------------------------------------------------

# What a browser's own dialog begins with: A4, its margins, and no backgrounds.
PLAIN = {"format": "A4", "margin": dict.fromkeys(("top", "bottom", "left", "right"), "10mm"), "print_background": False}
CASES = """() => [...document.querySelectorAll("td.cell-title a")].map((a) => a.getAttribute("href"))"""
# What is told on paper by something that a printer leaves out.
BY_BACKGROUND = """() => [...document.querySelectorAll(".path-circle, .path-line, .ladder li, .timeline li, .pip")].filter((one) => {
  const style = getComputedStyle(one), after = getComputedStyle(one, "::after"), before = getComputedStyle(one, "::before");
  return [style, after, before].some((each) => each.content !== "none" && each.backgroundColor !== "rgba(0, 0, 0, 0)")
    || style.color === "rgb(255, 255, 255)";
}).map((one) => one.outerHTML)"""


def printed_plainly(demo: Site, path: str) -> tuple[bytes, list[str]]:
    """The page as 林静's browser prints it by itself, and the words of each sheet."""
    page = demo.page("linjing")
    page.set_viewport_size(DESK)
    page.goto(path)
    data = page.pdf(**PLAIN, prefer_css_page_size=True)
    return data, pages_of(data)


def first_case(demo: Site, ledger: str) -> str:
    page = demo.page("linjing")
    page.goto(ledger)
    return str(page.evaluate(CASES)[0])


@pytest.mark.parametrize(
    ("ledger", "heads"),
    [
        ("/ledger?kind=rectification", ("基本情况", "经过", "文书")),
        ("/ledger?kind=clue", ("基本情况", "经过")),
        ("/interviews", ("议程与新期限", "约谈记录", "签字", "基本情况", "经过")),
    ],
)
def test_a_case_prints_on_full_sheets_of_a4_without_what_is_for_the_screen(
    demo: Site, ledger: str, heads: tuple[str, ...]
) -> None:
    data, pages = printed_plainly(demo, first_case(demo, ledger))
    words = "".join(pages)
    assert size_of(data) == A4
    assert 1 <= len(pages) <= 4
    assert all(len(page) > 150 for page in pages[:-1]) and len(pages[-1]) > 15, [len(page) for page in pages]
    assert all(head in words for head in heads)
    for screen in ("流程图", "下载案卷", "录制为流程情景", "其他办理", "为什么不能", "第一次来", "统计报表"):
        assert screen not in words, screen


def test_the_whole_course_of_a_case_is_printed(demo: Site) -> None:
    path = first_case(demo, "/ledger?kind=rectification")
    page = demo.page("linjing")
    page.goto(path)
    told = page.locator(".timeline > li").count()
    assert told > page.locator(".timeline").first.locator("> li").count()  # some of it is folded on the screen
    _data, pages = printed_plainly(demo, path)
    assert re.sub(r"\s", "", page.locator(".timeline > li").last.inner_text())[:6] in re.sub(r"\s", "", "".join(pages))
    page.emulate_media(media="print")
    page.evaluate("() => { dispatchEvent(new Event('beforeprint')) }")
    assert page.locator(".timeline > li:visible").count() == told


@pytest.mark.parametrize("ledger", ["/ledger?kind=rectification", "/interviews", ""])
def test_paper_tells_nothing_by_a_background(demo: Site, ledger: str) -> None:
    page = demo.page("linjing")
    page.goto(first_case(demo, ledger) if ledger else "/ledger")
    page.emulate_media(media="print")
    assert page.evaluate(BY_BACKGROUND) == []
    circles = page.eval_on_selector_all(".path-circle", "all => all.map((one) => getComputedStyle(one).borderTopWidth)")
    assert not circles or len(set(circles)) == 2, "where it stands has a ring of its own"


def test_the_ledger_prints_lying_with_every_word_of_every_column(demo: Site) -> None:
    page = demo.page("linjing")
    page.goto("/ledger")
    cells = page.eval_on_selector_all("td:not(.cell-tick, .cell-step)", "all => all.map((one) => one.innerText)")
    data, pages = printed_plainly(demo, "/ledger")
    words = "".join(pages)
    assert size_of(data) == A3
    missing = [cell for cell in cells if re.sub(r"\s", "", cell) not in words]
    assert missing == []
    heads = ("剩余", "期限", "编号", "问题", "由谁办", "状态", "督促到", "措施", "变动")
    assert all(head in pages[0] for head in heads) and "第一次来" not in words


@pytest.mark.parametrize(("script", "said"), [("", "第{n}页共{all}页"), (OLD, "第{n}页")])
def test_every_page_of_a_printed_case_says_which_it_is_and_who_printed_it_when(demo: Site, script: str, said: str) -> None:
    pages = pages_of(printed(demo, "/cases/1", script))
    assert len(pages) > 1
    for number, words in enumerate(pages, start=1):
        assert re.search(r"整改〔\d+〕\d+号打印人：林静打印日期：\d+年\d+月\d+日没有写年份的日期都是\d+年", words), words[:80]
        assert said.format(n=number, all=len(pages)) in words
