"""What is taken away bears whose it is, is counted and bounded, wants a reason where it is much, and is listed."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook

from handlers.ledgers.export import ExportColumn, ExportRow, Heading, write_ledger
from handlers.ledgers.headings import find_field
from handlers.ledgers.marks import Mark, find_in_file, find_in_text, grouped
from tests import hours
from tests.factories import County
from tests.tampering import tamper
from tests.web.conftest import Client
from tests.web.site import signed_in, site, token, words_of
from tests.workflow.looking import rows_of
from web.exports.handing import REASON
from web.exports.views import WHATS
from workflow import keyring
from workflow.dates import local_day
from workflow.exports import WHATS as KNOWN
from workflow.exports import number_of
from workflow.models import Case, Export, Grant

NOW = hours.now()
MARK = Mark("028149767106560", "林静 2026年11月29日 9:30 编号02814 97671 06560")


@pytest.fixture(autouse=True)
def items(county: County) -> None:
    """Four items on the ledger."""
    for title in ("公示栏破损", "账目不清", "合同遗失", "机井失修"):
        county.open_item(NOW - timedelta(hours=2), title=title)


def bounded(county: County, home: Path, login: str, **told: str) -> FlaskClient:
    return signed_in(site(county, home, **told), county, login, hours.now())


def taken(county: County) -> list[tuple[str, str, int | None, str]]:
    return [(row["what"], row["form"], row["line_count"], row["reason"]) for row in rows_of(county, Export)]


def content_of(client: FlaskClient, address: str) -> bytes:
    with client.get(address) as answer:
        assert answer.status_code == 200, answer.text
        return answer.data


# ---- the marks ------------------------------------------------------------------------------------------------------------


def test_a_hidden_mark_says_its_number_and_changes_no_heading() -> None:
    assert find_in_text(f"整改{MARK.hidden}时限") == MARK.number
    assert find_in_text("整改\u200b时限") == ""
    for number in ("000000000000000", "281474976710655", MARK.number):
        one = Mark(number, "")
        assert find_in_text(one.hidden) == number and find_in_text(f"甲,乙\r\n{one.blank_line}\r\n") == number
    assert find_in_text("甲" + MARK.blank_line) == "", "only a line by itself"
    assert find_field(f"责任单位{MARK.hidden}") == find_field("责任单位")
    assert grouped(MARK.number) == "02814 97671 06560"


@pytest.mark.parametrize("way", ["as it came", "saved anew", "as text", "copied into another"])
def test_the_mark_is_still_found_in_a_file_that_was_saved_anew(tmp_path: Path, way: str) -> None:
    made, path = io.BytesIO(), tmp_path / "x.xlsx"
    columns = [ExportColumn("序号", kind="integer"), ExportColumn("问题", group="内容")]
    write_ledger([ExportRow((1, "公示栏破损"))], columns, heading=Heading("台账"), target=made, mark=MARK)
    path.write_bytes(made.getvalue())
    if way != "as it came":
        book = load_workbook(path)
        sheet = book.worksheets[0]
        book.save(path)
    if way == "as text":
        with path.open("w", encoding="gb18030", newline="") as out:
            csv.writer(out).writerows(sheet.iter_rows(values_only=True))
    if way == "copied into another":
        other = Workbook()
        for cell in (cell for row in sheet.iter_rows(min_row=2) for cell in row):
            copied = other.active.cell(cell.row, cell.column, cell.value)
            copied.number_format = cell.number_format
        other.save(path)
    assert find_in_file(path) == MARK.number


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_a_comma_separated_file_bears_it_where_no_reader_of_tables_looks(tmp_path: Path, encoding: str) -> None:
    made, path = io.BytesIO(), tmp_path / "x.csv"
    rows = [ExportRow((1, "公示栏破损"))]
    columns = [ExportColumn("序号", kind="integer"), ExportColumn("问题")]
    write_ledger(rows, columns, heading=Heading("台账"), target=made, file_format="csv", mark=MARK)
    table = list(csv.reader(io.StringIO(made.getvalue().decode("utf-8-sig"))))
    assert table[:2] == [["序号", "问题"], ["1", "公示栏破损"]]
    assert [cell.strip() for row in table[2:] for cell in row] == [""]
    with path.open("w", encoding=encoding, newline="") as out:
        csv.writer(out).writerows([*table[:2], [*table[2], ""]])  # as a spreadsheet saves it
    assert find_in_file(path) == MARK.number


def test_a_file_without_a_mark_is_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("序号,问题\n1,破损\n", encoding="utf-8")
    assert find_in_file(path) == ""


# ---- what leaves ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/ledger/export.xlsx", "/ledger/export.csv", "/ledger/paper.xlsx", "/reports/week.xlsx"])
def test_every_export_bears_whose_it_is_seen_and_unseen(client: Client, county: County, tmp_path: Path, address: str) -> None:
    with client("lin").get(address) as answer:
        name, content = answer.headers["Content-Disposition"], answer.data
    row = rows_of(county, Export)[-1]
    number = number_of(row["request"])
    (tmp_path / "x").write_bytes(content)
    assert find_in_file(tmp_path / "x") == number
    if address.endswith("csv"):
        assert number in name
        return
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    texts = [cell for line in sheet.iter_rows(values_only=True) for cell in line if isinstance(cell, str)]
    assert [find_in_text(text) for text in texts] == [number, *[""] * (len(texts) - 1)], "in the title and in no other cell"
    header = str(sheet.oddHeader.right.text)
    assert "林静" in header and grouped(number) in header
    assert row["person_id"] == county.people["lin"]
    assert row["line_count"] > 0


def test_the_paper_and_the_dossier_bear_it_too(client: Client, county: County, home: Path, tmp_path: Path) -> None:
    keyring.make_missing(home / "keys", ("checkpoint", "receipt"), NOW)
    lin = client("lin")
    text = lin.get("/ledger/paper").text
    assert grouped(number_of(rows_of(county, Export)[-1]["request"])) in words_of(text)
    content = content_of(lin, "/cases/1/dossier.zip")
    (tmp_path / "x").write_bytes(content)
    number = number_of(rows_of(county, Export)[-1]["request"])
    assert find_in_file(tmp_path / "x") == number
    with zipfile.ZipFile(io.BytesIO(content)) as dossier:
        assert grouped(number) in dossier.comment.decode()
    assert taken(county) == [("paper", "print", 4, ""), ("dossier", "zip", 1, "")]


def test_so_many_an_hour_and_the_refusal_says_until_when(county: County, home: Path) -> None:
    lin = bounded(county, home, "lin", DUBAN_EXPORTS_PER_HOUR="2")
    for _ in range(2):
        content_of(lin, "/ledger/export.csv")
    refused = lin.get("/ledger/export.csv")
    assert refused.status_code == 429
    said = words_of(refused.text)
    assert "一小时内已经导出、打印2次" in said
    assert re.search(r"\d{1,2}:\d\d以后再办", said)
    assert len(taken(county)) == 2
    # The bound is each person's own, and only of the last hour.
    content_of(bounded(county, home, "song", DUBAN_EXPORTS_PER_HOUR="2"), "/ledger/export.csv")
    earlier = (NOW - timedelta(minutes=61)).replace(tzinfo=None if county.database.is_sqlite else UTC)
    tamper(county.database.url, f"UPDATE export SET at = '{earlier}' WHERE person_id = {county.people['lin']}")
    content_of(lin, "/ledger/export.csv")


def test_much_at_once_wants_a_reason_which_is_kept(county: County, home: Path) -> None:
    lin = bounded(county, home, "lin", DUBAN_EXPORT_REASON_LINES="3")
    address = "/ledger/export.csv?kind=rectification"
    asked = lin.get(address)
    assert asked.status_code == 422
    assert "4项" in words_of(asked.text) and "写明用途" in words_of(asked.text)
    assert taken(county) == []
    form = {"csrf_token": token(lin, "/exports")}
    blank = lin.post(address, data={**form, REASON: "  "})
    assert blank.status_code == 422 and "没有写明用途" in words_of(blank.text)
    with lin.post(address, data={**form, REASON: "报县委\n例会"}) as given:
        assert given.status_code == 200
        assert "公示栏破损" in given.data.decode("utf-8-sig")
    assert taken(county) == [("ledger", "csv", 4, "报县委 例会")]
    assert lin.get("/ledger/paper").status_code == 422
    content_of(lin, "/ledger/export.csv?band=closed")


def test_nobody_acts_on_one_item_more_often_than_so_many_times_an_hour(county: County, home: Path) -> None:
    lin = bounded(county, home, "lin", DUBAN_ACTS_PER_HOUR="4")
    form = {"csrf_token": token(lin, "/exports")}
    one, other = (row["id"] for row in rows_of(county, Case)[:2])
    day = hours.now()
    for minutes in (61, 59, 2, 1):
        at = day - timedelta(minutes=minutes)
        county.engine.comment(one, actor=county.actor("lin", local_day(at)), now=at, text="催过")
    say = {**form, "text": "再催"}
    assert lin.post(f"/cases/{one}/verbs/comment", data=say).status_code < 400
    refused = lin.post(f"/cases/{one}/verbs/comment", data=say)
    assert refused.status_code == 429
    assert "一小时内已经在这一项上办了4次" in words_of(refused.text)
    assert lin.post(f"/cases/{other}/verbs/comment", data=say).status_code < 400, "the other item"
    assert bounded(county, home, "song", DUBAN_ACTS_PER_HOUR="4").get(f"/cases/{one}").status_code == 200, "reading is no act"


# ---- who sees it ----------------------------------------------------------------------------------------------------------


def test_everybody_sees_his_own_a_head_his_organs_and_the_security_administrator_all(client: Client, county: County) -> None:
    content_of(client("lin"), "/ledger/export.csv")
    number = number_of(rows_of(county, Export)[0]["request"])
    assert grouped(number) in words_of(client("lin").get("/exports").text)
    assert "还没有导出过" in words_of(client("han").get("/exports").text)
    assert "没有这个编号的导出" in words_of(client("han").get(f"/exports?number={number}").text)
    song = client("song")
    county.database.write(lambda store: store.update(Grant, {"role": "head"}, person_id=county.people["song"]))
    office = rows_of(county, Grant, person_id=county.people["lin"])[0]["organ_id"]
    county.database.write(lambda store: store.update(Grant, {"organ_id": office}, person_id=county.people["song"]))
    assert grouped(number) in words_of(song.get("/exports").text)
    han = client("han")
    county.database.write(lambda store: store.update(Grant, {"role": "security_admin"}, person_id=county.people["han"]))
    listed = words_of(han.get("/exports").text)
    assert grouped(number) in listed and "林静" in listed and "公示栏破损" not in listed


@pytest.mark.parametrize("typed", ["digits", "grouped", "a heading"])
def test_a_number_or_a_pasted_heading_leads_to_whoever_took_it(client: Client, county: County, typed: str) -> None:
    lin = client("lin")
    content_of(lin, "/ledger/export.csv")
    content_of(lin, "/ledger/export.xlsx")
    number = number_of(rows_of(county, Export)[0]["request"])
    said = {"digits": number, "grouped": grouped(number), "a heading": f"问题{Mark(number, '').hidden}"}[typed]
    found = words_of(lin.get("/exports", query_string={"number": said}).text)
    assert "纯文本表格" in found and "电子表格" not in found


def test_every_thing_that_is_taken_away_has_its_word() -> None:
    assert set(WHATS) == set(KNOWN)


def test_no_file_of_cases_leaves_by_another_door() -> None:
    """What else is handed out: single letters, which the trail has one by one as it has files (`fetching.py`), and texts that an administrator wrote."""
    web = Path(__file__).parents[3] / "web"
    sources = {path.relative_to(web).as_posix(): path.read_text(encoding="utf-8") for path in web.rglob("*.py")}
    handing = {name for name, text in sources.items() if re.search(r"as_attachment=|Content-Disposition", text)}
    outside = {name for name in handing if "from web.exports.handing import" not in sources[name]}
    assert outside == {
        "cases/papers.py",
        "configuration/bundles.py",
        "designer/views.py",
        "trailing.py",
        "versions/views.py",
    }
