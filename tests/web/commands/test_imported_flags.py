"""Status words that say more than a state: 申请延期 is an open request, 已立案 leaves the whole-case clock running."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from config.settings import Settings
from states.errors import TransitionRefused
from tests.factories import County, make_county
from tests.handlers.ledgers.books import make_sheet, paint, save
from tests.web.commands.test_imports import NOW, bring_in, cases, dump, ledger, request
from web import ledger_import
from web.wiring import Office
from workflow.audit import verify
from workflow.dates import local_day
from workflow.models import Clock, Event, Request
from workflow.store import table_of

CLOCKS, REQUESTS, EVENTS = table_of(Clock), table_of(Request), table_of(Event)
ASKED = ledger("乡镇,村居,反馈问题,完成情况,反馈时间", "柳河镇,东沟村,账目混乱,申请延期整改,2026-03-31")


@pytest.fixture
def county(database_url: str) -> Iterator[County]:
    made = make_county(database_url)
    yield made
    made.database.close()


def office_of(county: County) -> Office:
    return Office(Settings(), county.database, county.engine)


def test_an_extension_of_the_old_ledger_is_an_open_request_in_a_flagged_event(county: County) -> None:
    office = office_of(county)
    report = bring_in(office, ASKED, is_creating=False)
    assert [one["why"] for one in report.warnings] == [["extension_registered"]]
    (item,) = cases(office)
    (clock,) = [row for row in dump(office, CLOCKS) if row["key"] == "rectify"]
    (request,) = dump(office, REQUESTS)
    assert (request["kind"], request["clock"], request["asked_by"], request["decided_at"]) == (
        "extension",
        "rectify",
        None,
        None,
    )
    assert request["asked_organ_id"] == county.organs["donggou_branch"]
    # Half of the three months: the last day that may be asked for, since the ledger names none.
    assert (clock["due_on"], request["wanted_on"]) == (date(2026, 6, 30), date(2026, 8, 14))
    assert "申请延期整改" in request["reason"] and local_day(clock["waits_until"]) == date(2026, 7, 2)
    asked = [json.loads(row["facts"]) for row in dump(office, EVENTS) if row["verb"] == "ask_extension"]
    assert [(facts["clock"], facts["flagged"], facts["actor"]) for facts in asked] == [("rectify", True, None)]
    assert office.database.read(verify).ok
    with pytest.raises(TransitionRefused, match="already_asked"):
        county.engine.ask_extension(
            item["id"], actor=county.actor("zhou"), now=NOW, clock="rectify", wanted_on=date(2026, 7, 10), reason="雨季"
        )


def test_the_request_is_decided_as_any_other(county: County) -> None:
    office = office_of(county)
    bring_in(office, ASKED, is_creating=False)
    (item,) = cases(office)
    county.fire(item["id"], "advise_extension", "chen", NOW, extension_opinion="agreed")
    county.engine.decide_extension(
        item["id"], actor=county.actor("zhao"), now=NOW, clock="rectify", granted=True, reason="情况属实"
    )
    (clock,) = [row for row in dump(office, CLOCKS) if row["key"] == "rectify"]
    assert (clock["due_on"], clock["extended"], clock["waits_until"]) == (date(2026, 8, 14), 1, None)


def test_a_case_filed_runs_its_whole_case_clock_alone_of_the_two(county: County) -> None:
    office = office_of(county)
    head = "线索编号,乡镇,村居,反映的主要问题,处置方式,办理状态,移交时间"
    bring_in(
        office,
        ledger(
            head, "7,柳河镇,东沟村,套取资金,立案审查,已立案,2026-03-02", "8,柳河镇,东沟村,优亲厚友,初步核实,核查中,2026-03-02"
        ),
        is_creating=False,
    )
    clocks = {(row["case_id"], row["key"]): row for row in dump(office, CLOCKS)}
    filed, other = cases(office)
    assert (filed["id"], "feedback") not in clocks and (other["id"], "feedback") in clocks
    for clue in (filed, other):
        assert clocks[clue["id"], "whole_case"]["started_on"] == date(2026, 3, 2)


def test_an_item_of_a_kind_without_such_a_clock_is_a_warning(county: County) -> None:
    report = bring_in(
        office_of(county),
        ledger(
            "乡镇,村居,反馈问题,完成情况,整改时限,反馈时间",
            "柳河镇,东沟村,一,已立案,,2026-03-02",
            "柳河镇,东沟村,二,申请延期,长期坚持,2026-03-02",
        ),
        is_creating=False,
    )
    assert [(one["row"], one["why"]) for one in report.warnings] == [(2, ["no_whole_case"]), (3, ["no_extension"])]


def test_what_the_eye_sees_and_no_cell_says_is_among_the_warnings(county: County) -> None:
    book, sheet = make_sheet(
        [
            ("乡镇", "村居", "反馈问题", "完成情况"),
            ("柳河镇", "东沟村", "账目混乱", "还早"),
            ("柳河镇", "东沟村", "公示不全", ""),
        ]
    )
    sheet.row_dimensions[3].hidden = sheet.column_dimensions["A"].hidden = True
    paint(sheet, ["C2", "D2"], colour="FF0000")
    office, asked = office_of(county), request(save(book), "台账.xlsx", is_creating=False)
    shown, done = (
        ledger_import.dry_run(office, asked).plain()["warnings"],
        ledger_import.bring_in(office, asked).plain()["warnings"],
    )
    assert shown == done
    of_sheet = {one["why"][0]: one for one in done if one["row"] is None}
    assert of_sheet["hidden_rows"]["rows"] == [3] and of_sheet["hidden_columns"]["headings"] == ["乡镇"]
    assert of_sheet["coloured"]["cells"] == 2
    assert [one["status"] for one in done if "unknown_status" in one["why"]] == ["还早"]
