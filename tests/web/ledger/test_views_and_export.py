"""Saved views, the export and many at once: each person's own, and never more than he sees."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from tests.factories import County
from tests.web.conftest import Client
from tests.web.ledger.reading import page, rows_of
from tests.web.site import post, words_of
from tests.workflow.looking import case_row
from tests.workflow.looking import rows_of as events_of
from workflow.dates import local_day
from workflow.models import Event


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


def test_nobody_drops_the_view_of_another(client: Client) -> None:
    lin = client("lin")
    post(lin, "/ledger", "/ledger/views", {"name": "急件", "query": "f.urgency=urgent", "shared": "1"})
    assert post(client("song"), "/ledger", "/ledger/views/1/drop", {}).status_code == 404
    assert "急件" in page(lin, "/ledger")


@pytest.mark.parametrize(
    "data", [{"name": "", "query": ""}, {"name": "坏", "query": "band=never"}, {"name": "长" * 61, "query": ""}]
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


def test_talks_and_orders_are_exported_as_they_stand(client: Client, county: County) -> None:
    began = datetime.now(UTC) - timedelta(days=200)
    county.supervised_item(began, title="拖了很久")
    county.engine.tick(datetime.now(UTC))
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


def reminders(county: County, case_id: int) -> int:
    """How often somebody was reminded of the case."""
    return len(events_of(county, Event, case_id=case_id, trigger="remind"))


def test_many_are_reminded_at_once_each_with_its_result(client: Client, county: County) -> None:
    lin = client("lin")
    ids = rows_of(page(lin, f"/ledger?holder={county.organs['donggou_branch']}"))
    answer = post(lin, "/ledger", "/ledger/bulk", {"verb": "remind", "case": [*ids, ids[0], 999, "99999999999999999999", "x"]})
    assert answer.status_code == 200
    told = words_of(answer.text)
    assert "成功2件，未办理1件" in told
    for case_id in ids:
        row = case_row(county, case_id)
        assert f"{row['number']} {row['title']}" in told
        assert f'href="/cases/{case_id}"' in answer.text
        assert reminders(county, case_id) == 1
    assert "没有这一项" in told
    assert 'href="/cases/999"' not in answer.text


def test_a_bulk_form_sent_twice_reminds_once(client: Client, county: County) -> None:
    lin = client("lin")
    ids = rows_of(page(lin, f"/ledger?holder={county.organs['donggou_branch']}"))
    first = post(lin, "/ledger", "/ledger/bulk", {"verb": "remind", "case": ids, "key": "k"})
    again = post(lin, "/ledger", "/ledger/bulk", {"verb": "remind", "case": ids, "key": "k"})
    assert "成功2件，未办理0件" in words_of(first.text)
    assert "成功2件，未办理0件" in words_of(again.text)
    assert {reminders(county, case_id) for case_id in ids} == {1}


def test_those_who_have_not_signed_are_urged_and_the_others_left_alone(client: Client, county: County) -> None:
    lin, today = client("lin"), local_day(datetime.now(UTC))
    handed = county.open_item(datetime.now(UTC), feedback_on=today.isoformat())
    county.hand_over(handed, datetime.now(UTC))
    assert 'value="urge"' in page(lin, "/ledger?band=to_sign")
    signed = rows_of(page(lin, "/ledger?q=账目不清"))[0]
    answer = post(lin, "/ledger", "/ledger/bulk", {"verb": "urge", "case": [handed, signed]})
    assert "成功1件，未办理1件" in words_of(answer.text)
    assert "这一项不在等签收" in words_of(answer.text)
    assert [reminders(county, case_id) for case_id in (handed, signed)] == [1, 0]


def test_the_way_back_leads_to_the_list_it_came_from_and_nowhere_else(client: Client) -> None:
    lin = client("lin")
    told = {"verb": "remind", "page": "ledger.orders_page", "query": "band=late&evil=1"}
    assert 'href="/orders?band=late"' in post(lin, "/ledger", "/ledger/bulk", told).text
    assert 'href="/ledger"' in post(lin, "/ledger", "/ledger/bulk", {"page": "//evil.example"}).text
    assert post(lin, "/ledger", "/ledger/bulk", {"verb": "close"}).status_code == 400


def test_the_outsider_reminds_nobody_of_what_he_may_not_see(client: Client, county: County) -> None:
    ids = rows_of(page(client("lin"), f"/ledger?holder={county.organs['donggou_branch']}"))
    han = client("han")
    answer = post(han, "/ledger", "/ledger/bulk", {"verb": "remind", "case": ids})
    assert "成功0件，未办理2件" in words_of(answer.text)
    assert "公示栏破损" not in answer.text


def test_search_finds_what_the_reader_may_see_and_no_more(client: Client) -> None:
    assert "公示栏破损" in page(client("lin"), "/search?q=公示栏")
    assert "公示栏破损" not in page(client("han"), "/search?q=公示栏")
