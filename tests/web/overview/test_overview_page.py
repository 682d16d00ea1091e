"""The page of the overview: each number leads to exactly its rows; who looks over one village is not shown it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from tests.factories import County
from tests.web.conftest import Client
from tests.web.ledger.reading import every_row, numbers_of, page
from tests.web.site import words_of

NOW = datetime.now(UTC)
BAR = re.compile(r'<a href="([^"]+)" aria-label="[^"]*?(\d+)(?: new| closed|项)"><rect')


@pytest.fixture
def ledger(county: County) -> County:
    """Items late since the spring and since last week, one for three weeks more, one unsigned, one void."""
    county.supervised_item(NOW - timedelta(days=150), title="路灯损坏")
    county.supervised_item(NOW - timedelta(days=100), title="账目不清", subject="xitou_branch", signer="feng")
    county.supervised_item(NOW - timedelta(days=60), title="机井失修", subject="shimen_branch", signer="shi")
    unsigned = county.open_item(NOW - timedelta(hours=2), title="合同遗失", immediate="rectify_now", period="default_immediate")
    county.hand_over(unsigned, NOW - timedelta(hours=1))
    void = county.open_item(NOW - timedelta(days=9), title="误登记")
    county.engine.void(void, actor=county.actor("zhao"), now=NOW - timedelta(days=8), reason="重复", approver="高建国")
    county.engine.tick(NOW - timedelta(minutes=5))
    return county


@pytest.mark.parametrize("login", ["lin", "chen", "he", "han"])
def test_each_number_leads_to_exactly_its_rows(client: Client, ledger: County, login: str) -> None:
    reader = client(login)
    text = page(reader, "/overview")
    bars = [(unescape(href), int(n)) for href, n in BAR.findall(text)]
    assert len(bars) == 24
    numbers = [(href, n) for href, n in numbers_of(text) if href.startswith(("/ledger", "/interviews"))]
    assert len(numbers) > 20
    for href, n in {*numbers, *bars}:
        assert len(every_row(reader, href)) == n, href
    assert any(n for _href, n in numbers)


def test_the_overview_keeps_to_the_filters_of_its_address(client: Client, ledger: County) -> None:
    text = page(client("lin"), "/overview?kind=clue")
    assert {n for href, n in numbers_of(text) if href.startswith("/ledger")} == {0}
    assert client("lin").get("/overview?kind=nothing").status_code == 400


def test_a_stretch_of_days_stands_among_the_filters_and_can_be_let_go(client: Client, ledger: County) -> None:
    text = page(client("lin"), "/ledger?band=open&opened_from=2026-01-05&opened_to=2026-01-11")
    words = words_of(text)
    assert "登记日期" in words and "1月5日至" in words and "没有符合条件的事项" in words
    assert "去掉“登记日期" in words
    assert client("lin").get("/ledger?opened_from=1.5.2026").status_code == 400


def test_a_village_is_offered_no_figures_of_others(client: Client, ledger: County) -> None:
    assert "/overview" not in page(client("zhou"), "/inbox")
    assert "/overview" in page(client("chen"), "/inbox")


def test_the_week_before_is_compared_only_where_it_was_counted_by_the_same_filters(client: Client, ledger: County) -> None:
    lin = client("lin")
    assert "上周" in words_of(page(lin, "/overview?kind=rectification"))
    assert "上周" not in words_of(page(lin, "/overview?state=supervised"))
