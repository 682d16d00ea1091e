"""The columns of the ledger: chosen in the address, kept in the browser and in views, and never more than the reader may see."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import hours
from tests.factories import County
from tests.shipped.walking import Walk
from tests.web.conftest import Client
from tests.web.ledger.reading import page, rows_of
from tests.web.site import post, unmarked, words_of
from web.ledger.columns import ALWAYS
from workflow.dates import local_day

NOW = hours.now()
HEAD = re.compile(r"<th scope=\"col\"[^>]*>(?:<a [^>]*>)?([^<]*)(?:</a>)?</th>")
LATIN = re.compile(r"[A-Za-z]{2,}")


def heads_of(text: str) -> list[str]:
    """The titles over the rows, without the tick and the next step."""
    return [title for title in HEAD.findall(text) if title and title != "下一步"]


def choose(looking: FlaskClient, names: list[str], **more: str) -> TestResponse:
    """Sends the form of the columns."""
    return post(looking, "/ledger", "/ledger/columns", {"page": "ledger.ledger_page", "column": names, **more})


def test_the_address_says_which_columns_there_are_and_in_which_order(client: Client, county: County) -> None:
    county.open_item(NOW, title="有钱的事", county_leader="梁志远", money_involved=9_000_000)
    text = page(client("lin"), "/ledger?cols=f.county_leader,title,f.money_involved,opened,number")
    assert heads_of(text) == ["包联县领导", "问题", "涉及金额", "登记日期", "编号"]
    row = next(row for row in text.split("</tr>") if 'title="有钱的事"' in row)
    assert "梁志远" in row and "9万元" in row


@pytest.mark.parametrize("name", sorted(ALWAYS))
def test_every_column_has_a_title_and_fills_its_cells_in_chinese(client: Client, county: County, name: str) -> None:
    text = page(client("lin"), f"/ledger?cols=title,{name}")
    assert len(heads_of(text)) == len({"title", name})
    assert len(rows_of(text)) == 5
    assert set(LATIN.findall(words_of(text))) <= {"English", "Esc"}


def test_a_fact_that_two_kinds_share_is_told_in_the_words_of_each(client: Client, county: County) -> None:
    monday = local_day(NOW) - timedelta(days=14)
    Walk.open(county, "clue", monday - timedelta(monday.weekday()))
    text = page(client("lin"), "/ledger?cols=title,kind,f.source,f.urgency,f.hand_over_mode")
    cells = re.findall(r'<td class="cell-fact"[^>]*>([^<]+)</td>', text)
    assert cells and not LATIN.findall(" ".join(cells))


def test_a_list_without_its_title_cannot_be_asked_for(client: Client) -> None:
    assert heads_of(page(client("lin"), "/ledger?cols=number")) == ["问题", "编号"]


def test_a_column_that_nothing_is_called_is_refused_in_words(client: Client) -> None:
    answer = client("lin").get("/ledger?cols=title,never")
    assert answer.status_code == 400
    assert not set(LATIN.findall(words_of(answer.text))) - {"English", "Esc", "never"}
    assert choose(client("lin"), ["never"]).status_code == 400


def test_a_secret_fact_is_no_column(client: Client, county: County) -> None:
    text = page(client("lin"), "/ledger?kind=clue&cols=title,f.reporter_name,f.nothing")
    assert heads_of(text) == [] or heads_of(text) == ["问题"]
    offered = page(client("lin"), "/ledger")
    assert "举报人姓名" not in offered and 'value="f.reporter_name"' not in offered
    assert 'value="f.first_responsible"' in offered


def test_the_last_choice_stays_until_it_is_undone(client: Client) -> None:
    lin = client("lin")
    plain = heads_of(page(lin, "/ledger"))
    answer = choose(lin, ["number", "title", "reminded"], query="f.urgency=light")
    assert answer.headers["Location"] == "/ledger?cols=number%2Ctitle%2Creminded&f.urgency=light"
    assert heads_of(page(lin, "/ledger")) == ["编号", "问题", "催办次数"]
    assert heads_of(page(lin, "/ledger?cols=title")) == ["问题"]
    assert heads_of(page(client("song"), "/ledger")) == plain
    assert choose(lin, [], reset="1", query="cols=title").headers["Location"] == "/ledger"
    assert heads_of(page(lin, "/ledger")) == plain


def test_what_a_browser_keeps_of_columns_that_are_no_more_leaves_the_page_as_it_is(client: Client) -> None:
    lin = client("lin")
    plain = heads_of(page(lin, "/ledger"))
    lin.set_cookie("duban_columns_ledger", "never,f.gone")
    assert heads_of(page(lin, "/ledger")) == plain
    lin.set_cookie("duban_columns_ledger", "number,title,never")
    assert heads_of(page(lin, "/ledger")) == ["编号", "问题"]


@pytest.mark.parametrize(
    ("move", "told"),
    [
        ("up reminded", "number%2Creminded%2Ctitle"),
        ("down number", "title%2Cnumber%2Creminded"),
        ("up number", "number%2Ctitle%2Creminded"),
        ("down reminded", "number%2Ctitle%2Creminded"),
        ("sideways number", "number%2Ctitle%2Creminded"),
    ],
)
def test_a_column_is_moved_without_a_script(client: Client, move: str, told: str) -> None:
    assert choose(client("lin"), ["number", "title", "reminded"], move=move).headers["Location"] == f"/ledger?cols={told}"


def test_a_view_keeps_its_columns(client: Client) -> None:
    lin = client("lin")
    post(lin, "/ledger", "/ledger/views", {"name": "催办表", "query": "cols=title,reminded"})
    kept = page(lin, "/ledger")
    assert 'href="/ledger?cols=title%2Creminded"' in kept
    assert heads_of(page(lin, "/ledger?cols=title%2Creminded")) == ["问题", "催办次数"]


def test_the_export_keeps_the_countys_own_columns_whatever_the_page_shows(client: Client) -> None:
    lin = client("lin")
    answers = [lin.get(f"/ledger/export.csv?{asked}") for asked in ("", "cols=title")]
    plain, chosen = (unmarked(answer.text) for answer in answers)
    for answer in answers:
        answer.close()
    assert plain == chosen


def test_each_list_keeps_its_own_columns(client: Client) -> None:
    lin = client("lin")
    post(lin, "/ledger", "/ledger/columns", {"page": "ledger.orders_page", "column": ["title"]})
    assert len(heads_of(page(lin, "/ledger"))) > 2
    answer = post(lin, "/ledger", "/ledger/columns", {"page": "//evil.example", "column": ["title"]})
    assert answer.headers["Location"] == "/ledger?cols=title"
