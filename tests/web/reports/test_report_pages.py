"""The pages of reports: each number leads to exactly its rows, secrets have a sheet of their own, what means nothing is refused."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from openpyxl import load_workbook
from openpyxl.cell import Cell

from config.settings import load
from handlers.ledgers.report_sheet import ReportColumn, ReportPaper, ReportSection, write_report
from tests import hours
from tests.factories import County
from tests.shipped.walking import Walk
from tests.web.conftest import Client
from tests.web.ledger.reading import every_row, page
from tests.web.site import words_of
from tests.workflow.looking import case_row
from tests.workflow.reports.test_dispatch import require_rows
from web.commands.demo import load_demo
from web.reports.asking import offered, wanted_of
from web.reports.paper import Printer
from web.reports.words import COLUMNS, NOTES, REPORTS, SECTIONS, word
from web.wiring import open_office
from workflow.dates import local_day
from workflow.models import Case
from workflow.occasion import Occasion
from workflow.people.accounts import list_people
from workflow.people.actors import actor_of
from workflow.reads.counts import count_of
from workflow.reports.periods import before, last_over, week_of
from workflow.reports.registry import REPORTS as MADE
from workflow.reports.shape import Report
from workflow.store import Store

NOW = hours.now()
LATIN = re.compile(r"[A-Za-z]{2,}")
NUMBER = re.compile(r'<td class="at-[a-z]+ cell-of-[^"]*"><a href="((?:/ledger|/interviews)[^"]*)">([\d,]+)(?:（[^<]*)?</a>')
REGISTERED = re.compile(r'<td><a class="figure[^"]*" href="([^"]+band=[^"]+)">(\d+)<')
EVERY = ("/reports", *(f"/reports/{name}" for name in REPORTS))


def shown(cell: Cell) -> str:
    """What a spreadsheet shows in a cell, by the formats that reports have."""
    value, form = cell.value, str(cell.number_format)
    if isinstance(value, datetime):
        return (
            form.replace('"', "").replace("yyyy", f"{value.year}").replace("m", f"{value.month}").replace("d", f"{value.day}")
        )
    if isinstance(value, str):
        return value
    if form.endswith("%"):
        return f"{value:.{1 if '.' in form else 0}%}"
    return f"{value:,}" + form.removeprefix("#,##0").replace('"', "")


@pytest.fixture
def ledger(county: County) -> County:
    """Items late since the summer, one registered last week, and a clue."""
    county.supervised_item(NOW - timedelta(days=150), title="路灯损坏", county_leader="梁志远")
    county.supervised_item(NOW - timedelta(days=140), title="机井失修", subject="shimen_branch", signer="shi")
    county.open_item(NOW - timedelta(days=8), title="合同遗失")
    county.engine.tick(NOW - timedelta(days=20))
    Walk.open(county, "clue", local_day(NOW) - timedelta(60), summary="虚报补贴人数")
    return county


@pytest.mark.parametrize(("login", "url"), [("lin", "/reports/week"), ("han", "/reports/half_month")])
def test_each_number_leads_to_exactly_its_rows(client: Client, ledger: County, login: str, url: str) -> None:
    reader = client(login)
    found = {(unescape(href), int(n.replace(",", ""))) for href, n in NUMBER.findall(page(reader, url))}
    assert len(found) > 5
    for href, n in found:
        assert len(every_row(reader, href)) == n, href


def test_the_demo_county_has_every_report_and_each_number_is_that_of_its_rows(database_url: str, home: Path) -> None:
    with_county = open_office(load({"DUBAN_HOME": str(home), "DUBAN_CEILING": "3", "DUBAN_DATABASE_URL": database_url}))
    load_demo(with_county, NOW, if_absent=False)
    people = {str(person["login"]): int(person["id"]) for person in with_county.database.read(list_people)}

    def work(store: Store, occasion: Occasion) -> None:
        for login in ("linjing", "chenlixin"):
            actor = actor_of(store, people[login], today=local_day(NOW), ceiling=3)
            for kind in offered(store, occasion, actor):
                for name, made in MADE.items():
                    wanted = wanted_of(name, {"kind": kind.key}, local_day(NOW))
                    report = made.make(store, occasion, actor, wanted.sheet(occasion, kind))
                    require_rows(report, lambda query, actor=actor: count_of(store, occasion, actor, query).n)
                    assert len(report.sections) == 6

    with_county.engine.read(NOW, work)
    with_county.close()


def test_clues_are_a_sheet_of_their_own_that_bears_its_reader(client: Client, ledger: County) -> None:
    lin = client("lin")
    items, clues = page(lin, "/reports/week"), page(lin, "/reports/week?kind=clue")
    assert "虚报补贴人数" not in items and 'class="watermark"' not in items
    assert '<svg class="watermark"' in clues and "林静 20" in clues
    assert "kind=clue" in page(lin, "/reports")


def test_who_reads_no_clue_is_offered_no_sheet_of_them(client: Client, ledger: County) -> None:
    for login in ("chen", "han"):
        reader = client(login)
        assert "kind=clue" not in page(reader, "/reports")
        assert reader.get("/reports/week?kind=clue").status_code == 404
        assert reader.get("/reports/week.xlsx?kind=clue").status_code == 404


def test_any_week_that_is_over_may_be_named_by_a_day_in_it(client: Client, ledger: County) -> None:
    lin, last = client("lin"), last_over(week_of, local_day(NOW))
    earlier = before(week_of, last)
    told = {on: page(lin, f"/reports/week?week={on.isoformat()}") for on in (earlier.first, earlier.last)}
    assert len(set(map(words_of, told.values()))) == 1
    assert f"asof={earlier.last.isoformat()}" in told[earlier.last]
    assert f"asof={last.last.isoformat()}" in page(lin, "/reports/week")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("/reports/week?week=2999-01-01", "这一期还没有结束，选以前的一天"),
        ("/reports/week?week=0001-01-01", "这一期还没有结束，选以前的一天"),
        ("/reports/half_month?half=never", "“never”不是日期，这里是最近过完的一期"),
        ("/reports/half_month.xlsx?half=never", "有一个筛选条件不认识"),
        ("/reports/week?kind=interview", "有一个筛选条件不认识"),
        ("/ledger/paper?paper=a5", "只有A3和A4两种纸"),
        ("/ledger/paper?kind=measure", "有一个筛选条件不认识"),
    ],
)
def test_what_means_nothing_is_refused_in_a_sentence(client: Client, url: str, sentence: str) -> None:
    answer = client("lin").get(url)
    assert answer.status_code == 400
    assert sentence in words_of(answer.text)


def test_a_report_that_nobody_makes_is_not_there(client: Client) -> None:
    assert client("lin").get("/reports/year").status_code == 404


def test_a_sheet_may_be_of_one_county_leader(client: Client, ledger: County) -> None:
    lin = client("lin")
    text = page(lin, "/reports/week?f.county_leader=梁志远")
    assert "梁志远包联" in words_of(text) and "路灯损坏" in text and "机井失修" not in text
    late = next((unescape(href), int(n)) for href, n in NUMBER.findall(text) if "band=late" in href and n != "0")
    assert "county_leader" in late[0] and len(every_row(lin, late[0])) == late[1]


def test_the_workbook_says_what_the_page_says_on_one_sheet_of_paper(client: Client, ledger: County) -> None:
    lin = client("lin")
    answer = lin.get("/reports/week.xlsx")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    name = unquote(answer.headers["Content-Disposition"])
    answer.close()
    assert "安澜县整改事项周调度表" in name
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) in ((1, 1), (None, None))
    title, *values = (cell for row in sheet.iter_rows() for cell in row if cell.value not in (None, ""))
    cells = [re.sub("[\u200b-\u200d\u2060]", "", title.value), *map(shown, values)]
    said = words_of(page(lin, "/reports/week"))
    assert len(cells) > 40
    assert [cell for cell in cells if cell.split("\n")[0] not in said] == []


def test_numbers_shares_and_days_of_the_workbook_are_such(client: Client, ledger: County) -> None:
    with client("lin").get("/reports/week.xlsx") as answer:
        cells = [cell for row in load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows() for cell in row]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert [text for text in texts if re.fullmatch(r"[\d,.]+([%天]|（.*）)?|(\d+年)?\d+月\d+日", text)] == []
    told = {re.sub(r"[\d,.]+", "", shown(cell)) for cell in cells if isinstance(cell.value, int | float | date)}
    assert {"", "天", "%", "（持平）"} <= told


@pytest.mark.parametrize("on", [date(2026, 11, 5), date(2027, 1, 15)])
def test_a_day_of_a_report_is_a_day_in_its_workbook(app: Flask, on: date) -> None:
    with app.test_request_context():
        cell = Printer("week", Report(week_of(date(2026, 11, 5)), ()), date(2026, 11, 6), {}).cell(on)
    made = io.BytesIO()
    write_report(ReportPaper("表", (), (ReportSection("一", (ReportColumn("due", "期限"),), ((cell,),)),)), made)
    (written,) = (
        one for row in load_workbook(made).worksheets[0].iter_rows() for one in row if isinstance(one.value, datetime)
    )
    assert written.value.date() == on and shown(written) == cell.text


def test_every_key_of_every_report_has_its_words(ledger: County) -> None:
    kind = ledger.engine.read(NOW, lambda _store, occasion: occasion.catalogue.of_kind("rectification").definition)

    def work(store: Store, occasion: Occasion) -> None:
        actor = ledger.actor("lin", local_day(NOW))
        for name, made in MADE.items():
            report = made.make(store, occasion, actor, wanted_of(name, {}, local_day(NOW)).sheet(occasion, kind))
            assert REPORTS[name]
            assert all(word(SECTIONS, name, section.key) for section in report.sections)
            columns = [column for section in report.sections for column in section.columns]
            assert all(word(COLUMNS, name, key) for column in columns for key in (column.key, column.group) if key)
            assert all(word(NOTES, name, note) for note in report.notes)

    ledger.engine.read(NOW, work)


def test_a_village_is_offered_no_reports(client: Client, ledger: County) -> None:
    assert 'href="/reports"' not in page(client("zhou"), "/inbox")
    assert 'href="/reports"' in page(client("chen"), "/inbox")


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_the_pages_speak_every_language(client: Client, ledger: County, language: str) -> None:
    lin = client("lin")
    lin.set_cookie("duban_language", language)
    for url in (*EVERY, "/reports/week?kind=clue", "/ledger/paper", "/ledger/paper?kind=interview"):
        text = page(lin, url)
        assert f'lang="{language}"' in text
        if language == "zh-Hans":
            assert set(LATIN.findall(words_of(text))) <= {"English", "Esc"}, url
    for name in REPORTS:
        with lin.get(f"/reports/{name}.xlsx") as answer:
            assert load_workbook(io.BytesIO(answer.data)).sheetnames[0].strip(":：") != ""


def test_the_register_says_what_was_handed_over_and_names_the_gaps_under_their_series(client: Client, ledger: County) -> None:
    ids = [
        ledger.open_item(NOW, title=title, feedback_on=local_day(NOW).isoformat()) for title in ("先交的", "后交的", "缺了的")
    ]
    for case_id in ids[:2]:
        ledger.hand_over(case_id, NOW)
    number = case_row(ledger, ids[2])["number"]
    ledger.database.write(lambda store: store.update(Case, {"number": "另编"}, id=ids[2]))
    text = page(client("lin"), "/register")
    assert 0 < text.index("先交的") < text.index("后交的")
    gaps = re.findall(r'<tr class="gap">(.*?)</tr>', text, re.S)
    assert len(gaps) == 1 and number in gaps[0]


def test_a_number_of_the_register_opens_just_its_rows_and_none_to_whom_some_of_them_are_closed(
    client: Client, ledger: County
) -> None:
    lin = client("lin")
    cells = [(unescape(href), int(n)) for href, n in REGISTERED.findall(page(lin, "/register"))]
    of_items = [href for href, n in cells if "kind=rectification" in href and n]
    assert {re.search(r"band=(\w+)", href)[1] for href in of_items} == {"all", "open"}
    for href, n in cells:
        assert len(every_row(lin, href)) == n, href
    # The number of an import that was taken back is registered still, and is nobody's row.
    registered = next(href for href in of_items if "band=all" in href)
    case_id = every_row(lin, registered)[0]
    ledger.database.write(lambda store: store.update(Case, {"withdrawn": True}, id=case_id))
    left = [unescape(href) for href, _n in REGISTERED.findall(page(lin, "/register"))]
    assert registered not in left and left
