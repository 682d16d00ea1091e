"""A kind that the county has built stands on the ledger, with everything that the ledger does for a kind that came with it."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.ledger.reading import page, rows_of
from tests.web.site import post, words_of
from web.wiring import read_shipped
from workflow import definitions, occasions
from workflow.store import Store

NOW = hours.now()
FINE = "road_traffic_fine"


@pytest.fixture
def fine(county: County) -> int:
    """A case of a kind that no page is made for, beside the five items."""

    def work(store: Store) -> None:
        definitions.publish(store, read_shipped(f"examples/{FINE}.yaml").data, source="", now=NOW)
        occasions.moved(store, "definitions")

    county.database.write(work)
    subject = county.organs["donggou_branch"]
    return county.engine.open(FINE, actor=county.actor("lin"), now=NOW, title="超速", subject_id=subject, data={}).case_id


def test_it_is_offered_listed_and_counted(client: Client, fine: int) -> None:
    lin = client("lin")
    text = page(lin, "/ledger")
    assert "登记道路交通罚款" in words_of(text) and f'href="/cases/new/{FINE}"' in text
    assert fine in rows_of(text) and rows_of(page(lin, f"/ledger?kind={FINE}")) == [fine]
    for url in ("/interviews", "/orders"):
        assert fine not in rows_of(page(lin, url))
    assert f"kind={FINE}" in page(lin, "/overview")
    assert f"/ledger?band=all&amp;kind={FINE}" in page(lin, f"/overview/{FINE}")


def test_it_is_printed_and_handed_out_as_a_ledger_of_its_own(client: Client, fine: int) -> None:
    lin = client("lin")
    words = words_of(page(lin, f"/ledger/paper?kind={FINE}"))
    assert "安澜县道路交通罚款台账" in words and "超速" in words and "公示栏破损" not in words
    for url in ("/ledger/export.xlsx", "/ledger/paper.xlsx"):
        with lin.get(f"{url}?kind={FINE}") as answer:
            sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
        assert str(sheet["A1"].value).startswith("安澜县道路交通罚款台账")
    for url in ("/ledger/export.xlsx", "/ledger/paper"):
        assert lin.get(f"{url}?kind=measure").status_code == 400, "a measure stands under its item and on no ledger"


def test_a_view_of_it_is_kept(client: Client, fine: int) -> None:
    del fine
    lin = client("lin")
    assert post(lin, "/ledger", "/ledger/views", {"query": f"kind={FINE}", "name": "只看罚款"}).status_code == 302
    assert "只看罚款" in words_of(page(lin, "/ledger"))
