"""A kind that the county has built stands on the ledger, with everything that the ledger does for a kind that came with it."""

from __future__ import annotations

import copy
import io
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from tests import hours
from tests.factories import County
from tests.web.conftest import Client
from tests.web.ledger.reading import page, rows_of
from tests.web.site import post, words_of
from web.ledger.kinds import LEDGER, ORDERS, TALKS, kinds_on
from web.reports.asking import offered
from web.wiring import read_shipped, shipped_workflows
from workflow import definitions, occasions
from workflow.dates import local_day
from workflow.store import Store

NOW = hours.now()
FINE = "road_traffic_fine"


def publish(county: County, document: dict[str, Any]) -> None:
    """A kind of the county's own, in force."""

    def work(store: Store) -> None:
        definitions.publish(store, document, source="", now=NOW)
        occasions.moved(store, "definitions")

    county.database.write(work)


@pytest.fixture
def fine(county: County) -> int:
    """A case of a kind that no page is made for, beside the five items."""
    publish(county, read_shipped(f"examples/{FINE}.yaml").data)
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


# ---- a kind that comes into a village's hands -----------------------------------------------------------------------------

CAMPAIGN = "farmland_campaign"


@pytest.fixture
def campaign(county: County) -> int:
    """A case of a kind built after the items: 耕地整治, in 东沟村's hands, with one measure."""
    document = copy.deepcopy(shipped_workflows()["rectification"].data)
    title = {"zh-Hans": "耕地整治", "zh-Hant": "耕地整治", "en": "Farmland"}
    publish(county, {**document, "key": CAMPAIGN, "title": title, "number": "耕地〔{year}〕{n}号"})
    facts = {
        "problem": "撂荒地复耕",
        "source": "notice",
        "feedback_on": local_day(NOW).isoformat(),
        "immediate": "ordinary",
        "first_check": "county",
        "period": "three_months",
    }
    told = {"title": "撂荒地复耕", "subject_id": county.organs["donggou_branch"], "data": facts}
    case_id = county.engine.open(CAMPAIGN, actor=county.actor("lin"), now=NOW - timedelta(minutes=35), **told).case_id
    county.hand_over(case_id, NOW - timedelta(minutes=30))
    county.fire(case_id, "sign_for", "zhou", NOW - timedelta(minutes=25), pieces=1)
    measure = {
        "unit": county.organs["donggou_branch"],
        "person": "孙强",
        "text": "三十亩复耕",
        "due_words": "长期坚持",
        "label": "long_term",
    }
    plan = {"cause": "无人种", "first_responsible_post": "书记", "first_responsible": "周明远"}
    county.fire(case_id, "submit_plan", "zhou", NOW - timedelta(minutes=20), measures=[measure], **plan)
    return case_id


def test_a_village_works_on_it_as_on_an_item(client: Client, campaign: int) -> None:
    zhou = client("zhou")
    words = words_of(page(zhou, f"/village/{campaign}"))
    assert "撂荒地复耕" in words and "整改措施" in words
    assert "撂荒地复耕" in words_of(page(zhou, "/inbox"))


def test_it_stands_in_filters_figures_and_search(client: Client, campaign: int) -> None:
    lin = client("lin")
    ledger = page(lin, "/ledger")
    assert f"kind={CAMPAIGN}" in ledger and "耕地整治" in words_of(ledger)
    assert rows_of(page(lin, f"/ledger?kind={CAMPAIGN}&state=supervised")) == [campaign]
    assert f"kind={CAMPAIGN}" in page(lin, "/overview")
    assert "撂荒地复耕" in words_of(page(lin, "/search?q=撂荒地"))
    assert "整改措施" in words_of(page(lin, f"/cases/{campaign}"))


def test_it_has_sheets_of_its_own(client: Client, county: County, campaign: int, fine: int) -> None:
    del campaign, fine
    lin = client("lin")
    assert "耕地整治周调度表" in words_of(page(lin, f"/reports/week?kind={CAMPAIGN}"))
    read = county.engine.read
    keys = read(NOW, lambda store, occasion: [kind.key for kind in offered(store, occasion, county.actor("lin"))])
    assert keys[0] == "rectification" and set(keys) >= {CAMPAIGN, FINE}


def test_each_of_its_measures_is_a_row_of_what_is_exported_and_printed(client: Client, campaign: int) -> None:
    del campaign
    lin = client("lin")
    for url in ("/ledger/export.xlsx", "/ledger/paper.xlsx"):
        with lin.get(f"{url}?kind={CAMPAIGN}") as answer:
            rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
        assert any("措施" in row for row in rows), url
        assert any("撂荒地复耕" in row and "三十亩复耕" in row for row in rows), url


def test_the_kinds_of_a_page_are_what_their_definitions_say(county: County, campaign: int, fine: int) -> None:
    del campaign, fine

    def read(page_name: str) -> tuple[str, ...]:
        return county.engine.read(NOW, lambda _store, occasion: kinds_on(page_name, occasion.catalogue))

    assert read(LEDGER) == ("rectification", "clue", CAMPAIGN, FINE)
    assert (read(TALKS), read(ORDERS)) == (("interview",), ("supervision_order",))


def test_what_a_rung_issues_is_an_order_whatever_its_kind_is_called(county: County) -> None:
    order = copy.deepcopy(shipped_workflows()["supervision_order"].data)
    publish(county, {**order, "key": "written_warning", "number": "警示〔{year}〕{n}号"})
    document = copy.deepcopy(shipped_workflows()["rectification"].data)
    rung = next(
        rung for ladder in document["ladders"] for tier in ladder["tiers"] for rung in tier if rung["do"] == "issue_order"
    )
    rung["params"] = {**rung.get("params", {}), "kind": "written_warning"}
    publish(county, {**document, "key": CAMPAIGN, "number": "耕地〔{year}〕{n}号"})
    on = county.engine.read(NOW, lambda _store, occasion: kinds_on(ORDERS, occasion.catalogue))
    assert on == ("supervision_order", "written_warning")
