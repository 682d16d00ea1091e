"""What a supervisor is shown before he switches the ladders of an import on is what the next sweep then does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from config.settings import Settings
from tests.factories import County, make_county
from tests.web.commands.test_imports import NOW, OPERATOR, dump, ledger, request
from web import ledger_import
from web.wiring import Office
from workflow.models import Case, Event, FiredRung, Outbox
from workflow.store import table_of

ITEMS = ledger(
    "乡镇,村居,反馈问题,责任单位,完成情况,反馈时间",
    "柳河镇,东沟村,账目混乱,村党支部,正在整改,2026-01-05",
    "柳河镇,东沟村,公示不全,村党支部,正在整改,2026-01-05",
    "柳河镇,西头村,公示栏未更新,西头村,反弹,2026-01-12",
    "青石镇,石门村,会议记录缺失,,正在整改,2026-03-05",
    "青石镇,石门村,经费支出不清,镇党委,正在整改,2026-02-05",
    "青石镇,石门村,还没到期,,正在整改,2026-06-01",
    "柳河镇,,镇级问题,镇财政所,正在整改,2026-01-05",
)
CLUES = ledger(
    "线索编号,乡镇,村居,反映的主要问题,责任单位,处置方式,办理状态,移交时间",
    "7,柳河镇,东沟村,套取资金,镇纪委,初步核实,核查中,2026-02-25",
    "8,柳河镇,西头村,优亲厚友,柳河镇纪委,初步核实,核查中,2026-02-25",
    "9,青石镇,石门村,虚报冒领,青石镇纪委,立案审查,已立案,2025-06-06",
)
TABLES = [table_of(model) for model in (Case, Event, FiredRung, Outbox)]


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    county: County = make_county(database_url)
    yield Office(Settings(), county.database, county.engine)
    county.database.close()


@pytest.mark.parametrize("mode", ["from-now", "catch-up"])
@pytest.mark.parametrize("source", [ITEMS, CLUES], ids=["items", "clues"])
def test_the_forecast_is_what_the_next_sweep_opens(office: Office, source: bytes, mode: str) -> None:
    asked = request(source, is_creating=False)
    shown = ledger_import.dry_run(office, asked, mode).forecast
    report = ledger_import.bring_in(office, asked, mode)
    before = [dump(office, table) for table in TABLES]
    assert report.forecast == shown == ledger_import.forecast_of(office, report.import_id or 0, NOW, mode)
    assert [dump(office, table) for table in TABLES] == before
    assert shown is not None and shown["interviews"] > 0
    ledger_import.switch_on(office, report.import_id or 0, mode, actor=OPERATOR, now=NOW)
    swept = office.engine.tick(NOW)
    opened = Counter(one["kind"] for one in swept.opened)
    assert (shown["interviews"], shown["orders"]) == (opened["interview"], opened["supervision_order"])
    assert shown["rungs"] == Counter(one["rung"] for one in swept.fired)


def test_what_is_due_anyway_and_a_talk_that_is_only_joined_are_not_counted(office: Office) -> None:
    first = ledger_import.bring_in(office, request(ITEMS, is_creating=False))
    ledger_import.switch_on(office, first.import_id or 0, "from-now", actor=OPERATOR, now=NOW)
    # The first import is due, and nobody has swept yet: the second adds no talk of its own.
    again = ledger("乡镇,村居,反馈问题,责任单位,完成情况,反馈时间", "青石镇,石门村,另一个问题,镇党委,正在整改,2026-02-05")
    second = ledger_import.bring_in(office, request(again, "又一份.csv", is_creating=False))
    assert second.forecast is not None and (second.forecast["interviews"], second.forecast["late"]) == (0, 1)
    office.engine.tick(NOW)
    ledger_import.switch_on(office, second.import_id or 0, "from-now", actor=OPERATOR, now=NOW)
    swept = office.engine.tick(NOW)
    assert (swept.opened, len(swept.joined)) == ([], 1)


def test_a_rung_that_joins_a_talk_does_not_say_that_it_opened_one(office: Office) -> None:
    head, *clues = CLUES.decode().splitlines()
    opened = []
    for number, clue in enumerate(clues[:2]):
        report = ledger_import.bring_in(office, request(ledger(head, clue), f"{number}.csv", is_creating=False))
        ledger_import.switch_on(office, report.import_id or 0, "from-now", actor=OPERATOR, now=NOW)
        opened.append([one["kind"] for one in office.engine.tick(NOW).opened])
    assert opened == [["interview"], []]
    told = [json.loads(row["facts"])["opened"] for row in dump(office, table_of(Event)) if row["verb"] == "rung"]
    assert sorted(map(len, told)) == [0, 1]
