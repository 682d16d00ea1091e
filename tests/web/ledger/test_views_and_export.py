"""Saved views and the export: each person's own, and never more than he sees."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.ledger.reading import page, rows_of
from tests.web.site import post, words_of
from tests.workflow.looking import case_row
from workflow.dates import local_day


def test_a_view_is_kept_counted_and_dropped(client: Client) -> None:
    lin = client("lin")
    post(lin, "/ledger", "/ledger/views", {"name": "急件", "query": "f.urgency=urgent"})
    kept = page(lin, "/ledger")
    assert 'href="/ledger?f.urgency=urgent"' in kept
    assert "急件 1" in " ".join(words_of(kept).split())
    found = kept.split("/ledger/views/")[1:]
    drop = next(part.split('"')[0] for part in found if "/drop" in part.split('"')[0])
    assert post(lin, "/ledger", f"/ledger/views/{drop}", {}).status_code == 302
    assert "急件" not in page(lin, "/ledger")


def test_a_private_view_is_seen_by_nobody_else(client: Client) -> None:
    lin, song = client("lin"), client("song")
    post(lin, "/ledger", "/ledger/views", {"name": "我的急件", "query": "f.urgency=urgent"})
    assert "我的急件" not in page(song, "/ledger")


def test_a_shared_view_asks_everybody_the_same_and_answers_each_his_own(client: Client) -> None:
    post(client("lin"), "/ledger", "/ledger/views", {"name": "轻件", "query": "f.urgency=light", "shared": "1"})
    assert "轻件 4" in " ".join(words_of(page(client("song"), "/ledger")).split())
    han = client("han")
    assert "轻件 1" in " ".join(words_of(page(han, "/ledger")).split())
    assert "删去“轻件”" not in page(han, "/ledger")
    assert len(rows_of(page(han, "/ledger?f.urgency=light"))) == 1


@pytest.mark.parametrize("here", ["interviews", "orders"])
def test_a_view_of_talks_or_orders_stands_on_its_own_list_alone(client: Client, here: str) -> None:
    lin, query = client("lin"), "band=late"
    text = page(lin, f"/{here}?{query}")
    assert f'name="page" value="ledger.{here}_page"' in text and 'action="/ledger/views"' in text
    kept = {"name": "逾期的", "query": query, "page": f"ledger.{here}_page", "shared": "1"}
    assert post(lin, f"/{here}", "/ledger/views", kept).location == f"/{here}?{query}"
    for reader in (lin, client("song")):
        assert re.search(rf'<li><a href="/{here}\?band=late"[^>]*><svg.*?逾期的', page(reader, f"/{here}"), re.S)
    for elsewhere in {"ledger", "interviews", "orders"} - {here}:
        assert "逾期的" not in page(lin, f"/{elsewhere}")
    assert post(lin, "/ledger", "/ledger/views", {"name": "逾期的", "query": "band=late"}).status_code == 400
    drop = re.search(r'action="(/ledger/views/\d+/drop)"', page(lin, f"/{here}"))
    assert drop and post(lin, f"/{here}", drop[1], {}).location == f"/{here}"
    assert "逾期的" not in page(lin, f"/{here}")
    wrong = {"name": "台账的条件", "query": "kind=rectification", "page": f"ledger.{here}_page"}
    assert post(lin, f"/{here}", "/ledger/views", wrong).status_code == 400


def test_nobody_drops_the_view_of_another(client: Client) -> None:
    lin = client("lin")
    post(lin, "/ledger", "/ledger/views", {"name": "急件", "query": "f.urgency=urgent", "shared": "1"})
    assert post(client("song"), "/ledger", "/ledger/views/1/drop", {}).status_code == 404
    assert "急件" in page(lin, "/ledger")


@pytest.mark.parametrize(
    "data",
    [
        {"name": "", "query": ""},
        {"name": "坏", "query": "band=never"},
        {"name": "坏", "query": "cols=never"},
        {"name": "长" * 61, "query": ""},
    ],
)
def test_a_view_without_sense_is_not_kept(client: Client, data: dict[str, str]) -> None:
    lin = client("lin")
    assert post(lin, "/ledger", "/ledger/views", data).status_code == 400
    assert "删去" not in page(lin, "/ledger")


def test_the_export_has_the_filtered_rows_of_this_reader(client: Client) -> None:
    answer = client("lin").get("/ledger/export.csv?f.urgency=urgent")
    text = answer.data.decode("utf-8-sig")
    answer.close()
    assert "公示栏破损" in text
    assert "账目不清" not in text
    assert "整改台账" in unquote(answer.headers["Content-Disposition"])
    outside = client("han").get("/ledger/export.csv")
    assert "公示栏破损" not in outside.data.decode("utf-8-sig")
    outside.close()


def test_the_workbook_opens(client: Client) -> None:
    answer = client("lin").get("/ledger/export.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    answer.close()
    told = {cell for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {"公示栏破损", "机井失修", "合同遗失"} <= told


def test_days_are_days_and_words_stay_words_in_the_column_of_limits(client: Client, county: County) -> None:
    due = local_day(hours.now()) + timedelta(40)
    county.supervised_item(hours.now() - timedelta(2), title="有期限的事")
    with client("lin").get("/ledger/export.xlsx") as answer:
        rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(min_row=3))
    titles = [cell.value for cell in rows[0]]
    limits = {row[titles.index("反馈问题")].value: row[titles.index("整改时限")] for row in rows[1:]}
    told = limits["有期限的事"]
    assert told.is_date and told.value.date() > due and told.number_format == "yyyy-mm-dd"
    with client("lin").get("/ledger/paper.xlsx") as answer:
        printed = [cell for row in load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows() for cell in row]
    (same,) = {cell.number_format for cell in printed if cell.value == told.value}
    assert same == 'yyyy"年"m"月"d"日"'


def test_the_whole_ledger_is_exported_with_what_is_closed(client: Client, county: County) -> None:
    now = hours.now()
    void = county.open_item(now - timedelta(minutes=9), title="重复登记的", problem="重复登记的")
    county.engine.void(void, actor=county.actor("zhao"), now=now, reason="重复", approver="高建国")
    lin = client("lin")
    links = re.findall(r'href="(/ledger/export\.xlsx[^"]*)"', lin.get("/ledger?f.urgency=light&kind=rectification").text)
    listed, whole = (unescape(link) for link in links)
    assert "band" not in listed and "band=all" in whole and "f.urgency=light" in whole

    def exported(link: str) -> str:
        return str(lin.get(link.replace("f.urgency=light&", "").replace(".xlsx", ".csv")).text)

    assert "重复登记的" not in exported(listed)
    assert "重复登记的" in exported(whole) and "公示栏破损" in exported(whole)
    assert len(re.findall(r'href="/ledger/export\.xlsx', lin.get("/ledger?band=closed&kind=rectification").text)) == 1


def test_talks_and_orders_are_exported_as_they_stand(client: Client, county: County) -> None:
    began = hours.now() - timedelta(days=200)
    county.supervised_item(began, title="拖了很久")
    county.engine.tick(hours.now())
    lin = client("lin")
    for url, kind, name in (("/interviews", "interview", "约谈台账"), ("/orders", "supervision_order", "督办台账")):
        text = page(lin, url)
        assert rows_of(text)
        assert f'/ledger/export.xlsx?kind={kind}"' in text
        answer = lin.get(f"/ledger/export.csv?kind={kind}")
        assert name in unquote(answer.headers["Content-Disposition"])
        lines = answer.data.decode("utf-8-sig")
        answer.close()
        titles = [case_row(county, case_id)["title"] for case_id in rows_of(text)]
        assert all(title in lines for title in titles)
        assert not re.search(r"[a-z]{3,}", lines)
        book = lin.get(f"/ledger/export.xlsx?kind={kind}")
        cells = {cell for row in load_workbook(io.BytesIO(book.data)).active.iter_rows(values_only=True) for cell in row}
        book.close()
        assert set(titles) <= cells
        outside = client("han").get(f"/ledger/export.csv?kind={kind}")
        assert not any(title in outside.data.decode("utf-8-sig") for title in titles)
        outside.close()


@pytest.mark.parametrize("kind", ["measure", "never", "rectification,clue"])
def test_what_has_no_table_of_its_own_is_not_exported(client: Client, kind: str) -> None:
    assert client("lin").get(f"/ledger/export.csv?kind={kind}").status_code == 400


def test_search_finds_what_the_reader_may_see_and_no_more(client: Client) -> None:
    assert "公示栏破损" in page(client("lin"), "/search?q=公示栏")
    assert "公示栏破损" not in page(client("han"), "/search?q=公示栏")
