"""How far an item has come stands on its row of the ledger: in the file that is read back, and on paper."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

import pytest

from handlers.ledgers.export import ExportCell, Heading, write_ledger
from handlers.ledgers.exporting import CountyColumn, columns_of, county_columns, rows_for, rows_of
from handlers.ledgers.paper import paper_columns
from states.definition import Definition
from tests.conftest import MakeDatabase
from tests.copies import Copies
from tests.factories import MONDAY, County, at, make_county
from tests.web.commands.test_imports import bring_in, cases, cells, exported, ledger, make_office
from web.wiring import shipped_workflows
from workflow import definitions, occasions
from workflow.occasion import Occasion
from workflow.reads.query import Query
from workflow.reads.whole_rows import MeasureRow, WholeRow, whole_rows
from workflow.store import Store

WEEK = timedelta(7)
LATER = MONDAY + 20 * WEEK
SAID = "2026年3月23日填报：已收回两年租金。"
Columns = Callable[[Definition], tuple[CountyColumn, ...]]


@pytest.fixture
def county(copies: Copies) -> County:
    """A county with an engine, and no case yet."""
    return copies.of(make_county)


@pytest.fixture
def item(county: County) -> int:
    """An item without measures of which its village has reported three weeks running."""
    case_id = county.supervised_item(at(MONDAY))
    for week, note in enumerate(("正在核对。", "已发催缴通知。", "已收回两年租金。"), start=1):
        county.fire(case_id, "report_progress", "zhou", at(MONDAY + week * WEEK), progress_note=note)
    return case_id


def whole(county: County, on: date | None = None) -> list[WholeRow]:
    """The rows as 林静 reads them."""
    actor, query = county.actor("lin"), Query(("rectification",), band="all", as_of=on)
    return county.engine.read(at(LATER), lambda store, occasion: list(whole_rows(store, occasion, actor, query)))


def printed(county: County, rows: list[WholeRow], columns: Columns = county_columns) -> list[ExportCell]:
    """What stands in the column of the progress."""
    wanted = county.engine.read(
        at(LATER), lambda _store, occasion: columns(occasion.catalogue.of_kind("rectification").definition)
    )
    place = [one.column.title for one in wanted].index("进展情况")
    return [row.cells[place] for row in rows_of(rows, wanted)]


@pytest.mark.parametrize("columns", [county_columns, paper_columns])
def test_the_newest_report_stands_on_the_row_with_its_day(county: County, item: int, columns: Columns) -> None:
    assert printed(county, whole(county), columns) == [SAID]


def test_a_past_day_tells_what_had_been_reported_by_then(county: County, item: int) -> None:
    for day, words in ((MONDAY, None), (MONDAY + WEEK, "正在核对。"), (MONDAY + 2 * WEEK, "已发催缴通知。")):
        assert printed(county, whole(county, day)) == [words and f"2026年3月{day.day}日填报：{words}"]


def test_what_was_taken_back_is_not_told(county: County, item: int) -> None:
    wrong = at(MONDAY + 4 * WEEK)
    county.fire(item, "report_progress", "zhou", wrong, progress_note="写错了。")
    county.engine.undo(item, actor=county.actor("zhou"), now=wrong + timedelta(minutes=1))
    assert printed(county, whole(county)) == [SAID]


def test_what_was_reported_while_the_item_was_kept_from_a_village_is_not_told_to_it(county: County) -> None:
    document = deepcopy(dict(shipped_workflows()["rectification"].data))
    report = next(step for step in document["transitions"] if step["trigger"] == "report_progress")
    report["from"] = ["received", *report["from"]]
    report["who"].append({"roles": ["handler"], "relations": ["supervisor"]})
    publish(county, document)
    case_id = county.open_item(at(MONDAY), feedback_on=MONDAY.isoformat())
    county.fire(case_id, "report_progress", "lin", at(MONDAY, 10), progress_note="金丝雀：内部核过，村里还不知道")
    county.hand_over(case_id, at(MONDAY, 11))
    assert told_to(county, case_id) == {"lin": "金丝雀：内部核过，村里还不知道", "zhou": None, "chen": None}
    county.fire(case_id, "sign_for", "zhou", at(MONDAY, 12))
    county.fire(case_id, "report_progress", "zhou", at(MONDAY, 13), progress_note="正在核对。")
    assert set(told_to(county, case_id).values()) == {"正在核对。"}


def publish(county: County, document: dict[str, Any]) -> None:
    """Serves it as the next version of its kind."""

    def work(store: Store) -> None:
        definitions.publish(store, document, source="", now=at(MONDAY))
        occasions.moved(store, "definitions")

    county.database.write(work)


def told_to(county: County, case_id: int) -> dict[str, str | None]:
    """What each of them finds as the newest progress."""
    query = Query(("rectification",), band="all", ids=(case_id,))

    def read(store: Store, occasion: Occasion) -> dict[str, str | None]:
        rows = {login: list(whole_rows(store, occasion, county.actor(login), query)) for login in ("lin", "zhou", "chen")}
        return {login: row.progress.words if row.progress else None for login, (row,) in rows.items()}

    return county.engine.read(at(MONDAY, 20), read)


def test_an_item_whose_measures_say_nothing_says_once_what_was_reported_of_it(county: County, item: int) -> None:
    (row,) = whole(county)
    first, second, said = (MeasureRow(data, "doing", "") for data in ({}, {}, {"note": "正在备料"}))
    assert printed(county, [replace(row, measures=(first, second))]) == [SAID, None]
    assert printed(county, [replace(row, measures=(first, said))]) == [None, "正在备料"]


def test_on_paper_a_result_stands_where_no_progress_was_reported(county: County) -> None:
    county.supervised_item(at(MONDAY))
    (row,) = whole(county)
    done = replace(row, data={**row.data, "result": "已全部收回。"})
    assert printed(county, [done], paper_columns) == ["已全部收回。"]
    assert printed(county, [done]) == [None]


def test_what_an_exported_ledger_said_was_reported_stays_so(make_database: MakeDatabase) -> None:
    source = "编号,乡镇,村居,反馈问题,整改措施,进展情况,完成情况,反馈时间"
    first = "001,柳河镇,东沟村,账目混乱,,2026年3月1日填报：已经着手,正在整改,2026-03-02"
    second = "002,柳河镇,西头村,沟渠不通,清淤,,正在整改,2026-03-02"
    office = make_office(make_database())
    bring_in(office, ledger(source, first, second, ",,,,砌护,正在备料,正在整改,"))
    head, *rows = cells(exported(office))
    said = [(row[head.index("整改措施")], row[head.index("进展情况")]) for row in rows]
    assert said == [("", "2026年3月1日填报：已经着手"), ("清淤", ""), ("砌护", "正在备料")]
    office.close()


def test_it_comes_back_the_same_into_an_empty_ledger_and_is_no_result(
    county: County, item: int, make_database: MakeDatabase
) -> None:
    sent = as_csv(county)
    other = make_office(make_database())
    assert bring_in(other, sent, county="别的县").imported == 1
    mine, theirs = ([row[key] for key in ("进展情况", "整改完成情况")] for row in (told(sent), told(exported(other))))
    assert mine == theirs == [SAID, ""]
    other.close()


def test_what_waits_to_be_signed_for_is_called_so_and_comes_back_as_that(county: County, make_database: MakeDatabase) -> None:
    """移交 is said of discipline organs and 组织部 alone (practice §2)."""
    county.hand_over(county.open_item(at(MONDAY), feedback_on="2026-03-02"), at(MONDAY, 11))
    sent, other = as_csv(county), make_office(make_database())
    assert told(sent)["完成情况"] == "待签收"
    assert bring_in(other, sent, county="别的县").imported == 1
    assert [case["state"] for case in cases(other)] == ["transferred"]
    assert told(exported(other))["完成情况"] == "待签收"
    other.close()


def as_csv(county: County) -> bytes:
    """The whole ledger of items as it is exported."""
    target, rows = io.BytesIO(), whole(county)

    def write(_store: Store, occasion: Occasion) -> None:
        definition = occasion.catalogue.of_kind("rectification").definition
        columns = columns_of(definition)
        write_ledger(rows_for(rows, definition), columns, heading=Heading("表"), target=target, file_format="csv")

    county.engine.read(at(LATER), write)
    return target.getvalue()


def told(source: bytes) -> dict[str, str]:
    """The first row of an exported ledger by its headings."""
    head, row = (line for line in islice(csv.reader(io.StringIO(source.decode("utf-8-sig"), newline="")), 2))
    return dict(zip(head, row, strict=True))
