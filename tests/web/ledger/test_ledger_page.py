"""The ledger page: whoever may see a row counts it, every number opens its rows, every filter narrows, no page is out of reach."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from itertools import pairwise

import pytest

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.ledger.reading import NEXT, every_row, numbers_of, page, rows_of
from tests.web.site import words_of
from web.ledger import page as page_module
from web.ledger.questions import asked_of, query_of
from workflow.dates import local_day
from workflow.reads.ledger import page as read_page

LATIN = re.compile(r"[A-Za-z]{2,}")
PREVIOUS = re.compile(r'rel="prev" href="([^"]+)"')
GOES_ON = re.compile(r'id="neighbours" hx-get="([^"]+)"')
MAIN = re.compile(r"<main.*?</main>", re.S)
ALLOWED = {"English", "Esc"}
EVERYWHERE = (
    "/ledger",
    "/ledger?kind=clue",
    "/ledger?kind=rectification",
    "/ledger?f.urgency=urgent&q=没有",
    "/interviews",
    "/orders",
)


def test_the_owner_sees_all_and_each_township_its_own(client: Client) -> None:
    assert len(rows_of(page(client("lin"), "/ledger"))) == 5
    han = page(client("han"), "/ledger")
    assert "机井失修" in han
    assert "公示栏破损" not in han
    assert len(rows_of(han)) == 1


@pytest.mark.parametrize("login", ["lin", "han", "zhou", "ma"])
def test_every_number_is_that_of_the_rows_behind_it(client: Client, login: str) -> None:
    looking = client(login)
    for start in (
        "/ledger",
        "/ledger?late=1-10&band=late",
        "/ledger?f.urgency=light",
        "/ledger?state=supervised",
        "/ledger?q=公示",
    ):
        for url, number in numbers_of(page(looking, start)):
            assert len(every_row(looking, url)) == number, (start, url)


def test_the_outsiders_counts_say_nothing_of_what_he_may_not_see(client: Client) -> None:
    assert {number for _url, number in numbers_of(page(client("ma"), "/ledger"))} <= {0}
    assert "柳河镇党委" not in words_of(page(client("ma"), "/ledger"))


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("f.urgency=urgent", {"公示栏破损"}),
        ("q=路灯", {"路灯损坏"}),
        ("state=received", {"合同遗失"}),
        ("kind=clue", set()),
        ("band=to_sign", set()),
        ("state=supervised,received&q=合同", {"合同遗失"}),
        ("from=2001-01-01&to=2001-12-31", set()),
        ("due=today", set()),
    ],
)
def test_a_filter_narrows(client: Client, asked: str, titles: set[str]) -> None:
    text = page(client("lin"), f"/ledger?{asked}")
    every = {"公示栏破损", "账目不清", "路灯损坏", "机井失修", "合同遗失"}
    assert {title for title in every if f'title="{title}"' in text} == titles


def test_a_township_holds_its_villages(client: Client, county: County) -> None:
    lin = client("lin")
    township = page(lin, f"/ledger?area={county.areas['liuhe']}")
    assert len(rows_of(township)) == 4
    assert "西头村" in words_of(township)
    assert len(rows_of(page(lin, f"/ledger?area={county.areas['xitou']}"))) == 1
    assert len(rows_of(page(lin, f"/ledger?holder={county.organs['donggou_branch']}"))) == 2


def test_a_window_of_the_limit_moves_on_with_the_day() -> None:
    query = query_of(asked_of({"due": "week"}), ("rectification",), date(2026, 3, 2))
    assert (query.due_from, query.due_to) == (date(2026, 3, 2), date(2026, 3, 9))


@pytest.mark.parametrize("sort", ["due", "instructed", "number", "changed", "official"])
@pytest.mark.parametrize("down", ["", "&down=1"])
def test_pages_reach_every_row_once(client: Client, monkeypatch: pytest.MonkeyPatch, sort: str, down: str) -> None:
    monkeypatch.setattr(page_module, "PER_PAGE", 2)
    found = every_row(client("lin"), f"/ledger?sort={sort}{down}")
    assert len(found) == len(set(found)) == 5


def test_the_page_before_is_left_for_and_reached_by_its_link(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "PER_PAGE", 2)
    lin = client("lin")
    pages = [page(lin, "/ledger?sort=number")]
    while onward := NEXT.search(pages[-1]):
        pages.append(page(lin, unescape(onward[1])))
    assert [len(rows_of(text)) for text in pages] == [2, 2, 1]
    assert "上一页" not in words_of(MAIN.findall(pages[0])[0])
    for before, here in pairwise(pages):
        back = PREVIOUS.search(here)
        assert back is not None
        assert rows_of(page(lin, unescape(back[1]))) == rows_of(before)


def test_a_page_that_goes_on_is_given_the_next_rows_with_their_count_and_their_steps(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "PER_PAGE", 2)
    lin = client("lin")
    first = page(lin, "/ledger?sort=number")
    whole = every_row(lin, "/ledger?sort=number")
    onward = GOES_ON.search(first)
    assert onward is not None
    told = lin.get(unescape(onward[1]), headers={"HX-Request": "true"}).text
    assert rows_of(told) == whole[2:4]
    assert "这一页4项" in words_of(told) and 'value="remind"' in told
    # Who has no script gets the page itself from the same address.
    assert "<h1" in page(lin, unescape(onward[1]))
    monkeypatch.setattr(page_module, "ROWS_AT_MOST", 2)
    assert GOES_ON.search(page(lin, "/ledger?sort=number")) is None


@pytest.mark.parametrize(
    "told", ["onward=x&after=never", "before=never", "before=WzAsWyIyMDI2LTAxLTAxIl0sOTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"]
)
def test_a_place_that_means_nothing_is_refused(client: Client, told: str) -> None:
    assert client("lin").get(f"/ledger?{told}", headers={"HX-Request": "true"}).status_code == 400


def test_the_order_is_that_of_the_engine(client: Client, county: County) -> None:
    now = hours.now()
    actor = county.actor("lin", local_day(now))
    query = query_of(asked_of({"sort": "official", "down": "1"}), ("rectification", "clue"))
    told = county.engine.read(now, lambda store, occasion: read_page(store, occasion, actor, query))
    assert rows_of(page(client("lin"), "/ledger?sort=official&down=1")) == [row.id for row in told.rows]


def test_an_empty_page_names_the_condition_to_let_go_and_how_many_it_would_bring(client: Client) -> None:
    lin = client("lin")
    text = page(lin, "/ledger?f.urgency=urgent&q=路灯")
    said = words_of(text)
    assert "没有同时符合这些条件的事项" in said
    assert "去掉“轻重缓急 急”" in said
    assert "去掉“路灯”" in said
    assert '<a href="/ledger?q=%E8%B7%AF%E7%81%AF">1项</a>' in text


def test_an_empty_view_may_be_let_go(client: Client) -> None:
    assert '<a href="/ledger">5项</a>' in page(client("lin"), "/ledger?band=late&late=30%2B")


def test_each_depth_of_lateness_opens_its_rows_and_they_add_up(client: Client, county: County) -> None:
    for days in (100, 100, 130, 150):
        county.supervised_item(hours.now() - timedelta(days=days), title="逾期的事")
    county.engine.tick(hours.now())
    lin = client("lin")
    text = page(lin, "/ledger")
    drawing = text.partition('<svg class="depths"')[2].partition("</svg>")[0]
    marks = re.findall(r'<a href="([^"]+)" tabindex="-1"><rect class="depth-\d" x="[\d.]+" width="([\d.]+)"', drawing)
    counts = {unescape(href): len(every_row(lin, unescape(href))) for href, _width in marks}
    late = len(every_row(lin, "/ledger?band=late"))
    assert drawing.count("<rect") == len(marks) == len(counts) > 1 and sum(counts.values()) == late
    for href, width in marks:
        assert abs(float(width) + 1.5 - 240 * counts[unescape(href)] / late) < 0.02, href


def test_each_row_leads_to_its_form(client: Client) -> None:
    lin = client("lin")
    text = page(lin, "/ledger")
    steps = re.findall(r'href="(/cases/\d+/do/\w+\?list=ledger\?)"', text)
    assert len(steps) >= 4
    assert lin.get(steps[0]).status_code == 200


def test_other_kinds_have_pages_of_their_own(client: Client) -> None:
    lin = client("lin")
    for url in ("/orders?kind=rectification", "/interviews?kind=clue", "/ledger?kind=interview", "/ledger?kind=measure"):
        assert lin.get(url).status_code == 400, url
    assert rows_of(page(lin, "/orders")) == rows_of(page(lin, "/interviews")) == []


@pytest.mark.parametrize(
    "asked",
    [
        "area=99999999999999999999",
        "holder=99999999999999999999",
        "holder=-1",
        "band=never",
        "sort=never",
        "late=never",
        "due=never",
        "from=never",
        "kind=never",
        "after=never",
        "after=WzAsWyIyMDI2LTAxLTAxIl0sOTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ",
    ],
)
def test_an_address_that_means_nothing_is_refused_in_words(client: Client, asked: str) -> None:
    answer = client("lin").get(f"/ledger?{asked}")
    assert answer.status_code == 400
    assert not set(LATIN.findall(words_of(answer.text))) - ALLOWED - {"never"}


@pytest.mark.parametrize(
    "url", ["/ledger?q=%00", "/ledger?state=%00", "/ledger?f.urgency=%00", "/search?q=%00a", "/ledger?nobody=1"]
)
def test_what_no_filter_is_called_is_passed_over(client: Client, url: str) -> None:
    assert client("lin").get(url).status_code == 200


def test_the_chinese_pages_have_no_english_word(client: Client) -> None:
    lin = client("lin")
    for url in (*EVERYWHERE, "/search?q=公示"):
        assert set(LATIN.findall(words_of(page(lin, url)))) <= ALLOWED, url


@pytest.mark.parametrize(("language", "word"), [("zh-Hant", "臺賬"), ("en", "Ledger")])
def test_the_pages_speak_the_other_languages(client: Client, language: str, word: str) -> None:
    lin = client("lin")
    lin.set_cookie("duban_language", language)
    for url in EVERYWHERE:
        text = page(lin, url)
        assert f'lang="{language}"' in text
        assert word in text


def test_home_is_the_ledger_for_supervisors_the_own_items_for_a_village_and_the_inbox_for_others(client: Client) -> None:
    for login, place in (("lin", "/ledger"), ("gao", "/inbox"), ("zhou", "/village"), ("he", "/inbox")):
        assert client(login).get("/").headers["Location"] == place


def test_interviews_and_orders_show_their_own_facts(client: Client, county: County) -> None:
    began = hours.now() - timedelta(minutes=5)
    late = county.supervised_item(began - timedelta(days=1), title="旧账")
    county.engine.open(
        "supervision_order",
        actor=county.actor("lin", local_day(began)),
        now=began,
        title="限期答复",
        subject_id=county.organs["donggou_branch"],
        parent_id=late,
        data={"origin": "by_hand", "answer_within": "five", "requirement": "限期答复"},
    )
    text = words_of(page(client("lin"), "/orders"))
    assert "限期答复" in text
    assert "人工下发" in text
    assert "限期答复" not in words_of(page(client("han"), "/orders"))
