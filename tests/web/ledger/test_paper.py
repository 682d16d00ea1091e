"""The ledger on paper: what its filters keep and its reader sees, township by township, on the page and in the workbook."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from handlers.ledgers.paper import paper_columns
from tests import hours
from tests.factories import County
from tests.shipped.walking import Walk
from tests.web.conftest import Client
from tests.web.ledger.reading import page
from tests.web.site import words_of
from web.ledger import paper
from web.ledger.questions import asked_for, asked_of, query_of
from workflow.dates import local_day
from workflow.reads.query import Query

NOW = hours.now()
SHEET = re.compile(r'<article class="sheet sheet-wide" lang="zh-Hans" aria-label="([^"]+)">(.*?)</article>', re.DOTALL)


def sheets_of(text: str) -> dict[str, str]:
    """Township → the words of its pages."""
    return {name: words_of(body) for name, body in SHEET.findall(text)}


def test_each_township_has_its_own_pages_in_the_official_order_with_a_subtotal(client: Client, county: County) -> None:
    county.open_item(NOW, subject="bureau", title="县直的事")
    sheets = sheets_of(page(client("lin"), "/ledger/paper"))
    assert list(sheets) == ["县直", "柳河镇", "青石镇"]
    assert "公示栏破损" in sheets["柳河镇"] and "机井失修" in sheets["青石镇"] and "机井失修" not in sheets["柳河镇"]
    assert "小计：4项" in sheets["柳河镇"] and "小计：1项" in sheets["青石镇"]
    assert all("制表人：林静" in words and "单位：个、万元" in words for words in sheets.values())
    assert all("安澜县委巡察反馈问题整改台账" in words and "填报单位：县委巡察办" in words for words in sheets.values())


def test_only_what_the_filters_keep_and_the_reader_sees_is_printed(client: Client, county: County) -> None:
    assert list(sheets_of(page(client("han"), "/ledger/paper"))) == ["青石镇"]
    narrowed = " ".join(sheets_of(page(client("lin"), "/ledger/paper?f.urgency=urgent")).values())
    assert "公示栏破损" in narrowed and "账目不清" not in narrowed
    assert "没有符合条件的事项" in words_of(page(client("lin"), "/ledger/paper?band=closed"))
    text = page(client("lin"), "/ledger?f.urgency=urgent")
    assert 'href="/ledger/paper?f.urgency=urgent&amp;kind=rectification"' in text


def test_a_past_day_is_said_on_paper_and_in_the_exports(client: Client, county: County) -> None:
    county.supervised_item(NOW - timedelta(40), title="旧账")
    on = local_day(NOW) - timedelta(9)
    told = f"截至{on.year}年{on.month}月{on.day}日"
    lin = client("lin")
    assert told in words_of(page(lin, f"/ledger/paper?asof={on.isoformat()}"))
    for url in ("/ledger/export.xlsx", "/ledger/paper.xlsx"):
        answer = lin.get(f"{url}?asof={on.isoformat()}")
        sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
        assert told in str(sheet["A2"].value)
        assert f"{on.year}年{on.month}月{on.day}日" in unquote(answer.headers["Content-Disposition"])
        answer.close()


def test_the_workbook_prints_a_township_a_page_under_a_repeated_head(client: Client, county: County) -> None:
    for size, number in (("a3", "8"), ("a4", "9")):
        answer = client("lin").get(f"/ledger/paper.xlsx?paper={size}")
        sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
        answer.close()
        setup = sheet.page_setup
        assert (str(setup.paperSize), setup.orientation, str(setup.fitToHeight)) == (number, "landscape", "0")
        assert sheet.print_title_rows == "$1:$4"
        first = [str(row[0] or "") for row in sheet.iter_rows(values_only=True)]
        ends = [at for at, words in enumerate(first, start=1) if "小计" in words]
        assert [first[at - 1] for at in ends] == ["柳河镇小计：4项", "青石镇小计：1项"]
        assert [one.id for one in sheet.row_breaks.brk] == [ends[0] + 2]
        assert sum(words.startswith("制表人") for words in first) == 2
        assert "&P" in sheet.oddFooter.center.text + str(sheet.oddFooter)


def test_a_list_of_clues_bears_its_reader_and_the_hour(client: Client, county: County) -> None:
    Walk.open(county, "clue", local_day(NOW) - timedelta(1), summary="虚报补贴人数")
    lin = client("lin")
    text = page(lin, "/ledger/paper?kind=clue")
    assert '<svg class="watermark"' in text and "林静 20" in text and "虚报补贴人数" in text
    assert '<svg class="watermark"' not in page(lin, "/ledger/paper")
    answer = lin.get("/ledger/paper.xlsx?kind=clue")
    assert "林静" in str(load_workbook(io.BytesIO(answer.data)).worksheets[0].oddHeader.right.text)
    answer.close()


def test_what_a_page_has_no_room_for_is_told_in_a_sentence(
    client: Client, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "ITEMS_ON_PAGE", 2)
    text = page(client("lin"), "/ledger/paper")
    assert "超过2项，这里只排前2项" in words_of(text)
    assert sum(words.count("小计：") for words in sheets_of(text).values()) == 1


def test_a_measure_is_printed_beside_its_item_on_a_row_of_its_own(client: Client, county: County) -> None:
    text = page(client("lin"), "/ledger/paper?kind=rectification&f.urgency=urgent")
    assert text.count("<tbody>") == 1
    assert "党组织" in text and "东沟村党支部" in text


@pytest.mark.parametrize("kind", ["rectification", "clue"])
def test_whose_it_is_and_who_answers_says_the_workbook_as_paper_does(client: Client, county: County, kind: str) -> None:
    county.open_item(NOW, title="没有措施的事", first_responsible="孙志强")
    Walk.open(county, "clue", local_day(NOW) - timedelta(1), summary="虚报补贴人数")
    lin = client("lin")
    told = []
    for url in (f"/ledger/export.xlsx?kind={kind}", f"/ledger/paper.xlsx?kind={kind}"):
        answer = lin.get(url)
        rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
        answer.close()
        heads = {str(title): at for row in rows[:5] for at, title in enumerate(row) if title}
        places = [heads["编号"], heads.get("党组织", heads.get("被巡察党组织"))]
        places += [heads.get("承办单位", heads.get("责任单位")), *([heads["责任人"]] if "责任人" in heads else ())]
        told.append({tuple(row[at] for at in places) for row in rows if row[1] and str(row[places[0]])[:1] not in "编序"})
    assert told[0] == told[1] and all(row[1] and row[2] for row in told[0])
    assert kind == "clue" or any(row[-1] == "孙志强" for row in told[0])


@pytest.mark.parametrize(
    "query",
    [
        Query(("rectification",), band="closed", counted=True, as_of=local_day(NOW) - timedelta(3)),
        Query(("interview",), band="open", without_facets=(("tier", ("handler",)),)),
        Query(("clue",), band="late", late_for="1-10", area_id=3, facets=(("urgency", ("urgent",)),), overdue=True),
        Query(band="all", promise="missed", opened_from=local_day(NOW), closed_to=local_day(NOW), dated=False),
        Query(
            ("rectification",), states=("received", "closed"), text="公示", sort="number", descending=True, holder_ids=(2, 3)
        ),
    ],
)
def test_the_address_of_a_query_asks_that_very_query(query: Query) -> None:
    assert query_of(asked_of(asked_for(query).params), today=local_day(NOW)) == query


def test_what_counts_in_the_rate_and_what_does_not_are_all_that_is_closed(client: Client, county: County) -> None:
    void = county.open_item(NOW, title="误登记")
    county.engine.void(void, actor=county.actor("zhao"), now=NOW, reason="重复", approver="高建国")
    lin = client("lin")
    assert f"/cases/{void}" not in page(lin, "/ledger?band=closed&counted=1")
    text = page(lin, "/ledger?band=closed&counted=0")
    assert f"/cases/{void}" in text and "不计入销号率" in words_of(text)
    assert "不含约谈承办单位" in words_of(page(lin, "/interviews?not.tier=handler"))


@pytest.mark.parametrize("kind", ["rectification", "clue", "interview", "supervision_order"])
def test_each_column_of_the_paper_has_its_share_of_the_width(county: County, kind: str) -> None:
    styles = Path("web/assets/styles/print.css").read_text(encoding="utf-8")
    definition = county.engine.read(NOW, lambda _store, occasion: occasion.catalogue.of_kind(kind).definition)
    widths = {one.column.width for one in paper_columns(definition)}
    assert widths <= {int(n) for n in re.findall(r"\.chars-(\d+)\b", styles)}, "the others would be crowded out"
