"""A process log is read row by row; every row is an event of a case, or left out with the reason."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from handlers.ledgers.refusals import LedgerFileRefused, LedgerMappingFaulty
from handlers.logs.mapping import load_log_mapping
from handlers.logs.reading import LogReading, LogRow, facts_of, read_log, unread_of
from handlers.logs.times import read_moment
from states.schema import load
from web.wiring import read_shipped
from workflow.dates import ZONE

MAPPING = """
version: 1
columns: {case: 编号, activity: 活动, time: 时间, resource: 经办}
activities: {登记: open, 寄出: {trigger: send}, 备注: comment, 归档: ignore}
facts: {amount: 金额, points: 扣分}
"""
HEAD = ["编号", "活动", "时间", "经办", "金额", "扣分"]


def log(*lines: list[str], mapping: str = MAPPING, head: list[str] = HEAD) -> LogReading:
    target = io.StringIO()
    csv.writer(target).writerows([head, *lines])
    return read_log(target.getvalue().encode(), "日志.csv", load_log_mapping(mapping))


def test_events_are_ordered_by_case_time_and_row_and_the_one_that_opens_comes_first() -> None:
    read = log(
        ["乙", "寄出", "2026-03-02T09:00:00+08:00", "", "", ""],
        ["甲", "寄出", "2026-03-02", "", "", ""],
        ["甲", "备注", "2026-03-02", "", "", ""],
        ["甲", "登记", "2026-03-02", "李", "35.0", "2"],
    )
    assert [case.key for case in read.cases] == ["乙", "甲"]
    assert [(event.row, event.action) for event in read.cases[1].events] == [(5, "open"), (3, "send"), (4, "comment")]
    assert read.cases[1].events[0].at == datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert (read.rows, read.left_out) == (4, ())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (["甲", "归档", "2026-03-02", "", "", ""], "ignored"),
        (["甲", "喝茶", "2026-03-02", "", "", ""], "unknown_activity"),
        (["", "登记", "2026-03-02", "", "", ""], "no_case"),
        (["甲", "登记", "昨天", "", "", ""], "no_time"),
    ],
)
def test_a_row_that_is_no_event_is_left_out_with_its_reason(line: list[str], why: str) -> None:
    read = log(line)
    assert [(one.row, one.why) for one in read.left_out] == [(2, why)] and read.cases == ()


def test_a_case_is_known_by_what_its_rows_say_and_not_by_where_they_stand() -> None:
    line = ["甲", "登记", "2026-03-02", "李", "35.0", ""]
    alone, behind = log(line), log(["丙", "登记", "2026-03-02", "", "", ""], line)
    assert behind.cases[1].digest == alone.cases[0].digest
    assert log(["甲", "登记", "2026-03-02", "王", "35.0", ""]).cases[0].digest != alone.cases[0].digest


def test_facts_take_the_form_that_the_kind_keeps() -> None:
    definition = load(read_shipped("examples/road_traffic_fine.yaml").data)
    (case,) = log(["甲", "登记", "2026-03-02", "", "35.5", "2.0"]).cases
    assert facts_of(case.events[0], definition) == {"amount": 3_550, "points": "2.0"}
    (wrong,) = log(["甲", "登记", "2026-03-02", "", "许多", "2"]).cases
    assert facts_of(wrong.events[0], definition) == {"points": "2"}
    assert unread_of(wrong.events[0], definition) == {"amount": "许多"}


@pytest.mark.parametrize(("text", "cents"), [("15.50", 1_550), ("15.50元", 1_550), ("1,200元", 120_000), ("0", 0)])
def test_an_amount_is_of_the_currencys_own_unit(text: str, cents: int) -> None:
    definition = load(read_shipped("examples/road_traffic_fine.yaml").data)
    (case,) = log(["甲", "登记", "2026-03-02", "", text, ""]).cases
    assert facts_of(case.events[0], definition) == {"amount": cents}


def test_a_choice_is_known_by_its_title_or_its_key() -> None:
    definition = load(read_shipped("workflows/rectification.yaml").data)
    urgency = definition.field_by_key["urgency"].choices[0]
    for text, read in ((urgency.title.zh_hans, urgency.key), (urgency.key, urgency.key), ("扩建", None)):
        row = LogRow(2, "open", datetime(2026, 3, 2, tzinfo=UTC), "登记", "", {"urgency": text})
        assert facts_of(row, definition).get("urgency") == read
        assert unread_of(row, definition) == ({} if read else {"urgency": "扩建"})


@pytest.mark.parametrize(
    "text",
    [
        *("2025-03-04 09:05", "2025-03-04 9:05", "2025-03-04T09:05:00+08:00", "2025-03-04 01:05:00Z", "20250304 9:05"),
        *("2025/03/04 09:05", "2025/3/4 9:05", "2025.3.4 9:05", "2025/3/4 9:05:00", "2025/3/4 上午9:05"),
        *("2025年3月4日 9:05", "2025年3月4日9:05", "2025年3月4日 9时5分", "２０２５/3/4　9：05", "45720.37847222222"),
    ],
)
def test_an_hour_is_read_as_programs_and_spreadsheets_write_it(text: str) -> None:
    assert read_moment(text) == datetime(2025, 3, 4, 9, 5, tzinfo=ZONE)


@pytest.mark.parametrize(
    "text", ["2025-03-04", "20250304", "2025/3/4", "2025/03/04", "2025.3.4", "2025年3月4日", "45720", "2025-03-04 00:00"]
)
def test_a_day_without_an_hour_begins_at_midnight(text: str) -> None:
    assert read_moment(text) == datetime(2025, 3, 4, tzinfo=ZONE)


def test_a_serial_number_has_its_hour_in_its_fraction() -> None:
    assert read_moment("45720.378") == datetime(2025, 3, 4, 9, 4, 19, tzinfo=ZONE)
    assert read_moment("2025/3/4 下午 2:05") == datetime(2025, 3, 4, 14, 5, tzinfo=ZONE)


@pytest.mark.parametrize(
    "text", ["", "昨天", "3", "2025/3", "2025/13/4", "2025/3/4 25:00", "2025/3/4 9:05 AM", "20.5", "99999"]
)
def test_what_is_no_moment_is_not_guessed(text: str) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize(
    ("head", "missing"), [(["编号"], "活动、时间、经办、金额、扣分"), ([*HEAD[:4], "总额", "扣分"], "金额")]
)
def test_a_log_without_a_column_of_its_mapping_is_refused_with_the_columns_name(head: list[str], missing: str) -> None:
    with pytest.raises(LedgerFileRefused) as refusal:
        log(["甲"], head=head)
    assert (refusal.value.why, refusal.value.params["column"]) == ("no_column", missing)


@pytest.mark.parametrize(
    ("name", "source"), [("日志.xlsx", b"PK\x03\x04rest"), ("日志.csv", b"PK\x03\x04rest"), ("日志.xls", b"")]
)
def test_a_workbook_is_told_that_a_log_is_a_csv(name: str, source: bytes) -> None:
    with pytest.raises(LedgerFileRefused) as refusal:
        read_log(source, name, load_log_mapping(MAPPING))
    assert refusal.value.why == "log_not_csv"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version: 2",
        "version: 1\ncolumns: {case: a, activity: b}\nactivities: {x: open}",
        "version: 1\ncolumns: {case: a, activity: b, time: c}\nactivities: {x: send}",
        "version: 1\ncolumns: {case: a, activity: b, time: c, colour: d}\nactivities: {x: open}",
        "version: 1\ncolumns: {case: a, activity: b, time: c}\nactivities: {x: open}\nmore: {}",
        "version: 1\ncolumns: [a]\nactivities: {x: open}",
        "version: 1\ncolumns: {case: a, activity: b, time: c}\nactivities: {x: 1}",
        "a: &a [1]\nb: *a",
        "x" * 100_001,
    ],
)
def test_a_faulty_mapping_is_refused(text: str) -> None:
    with pytest.raises(LedgerMappingFaulty):
        load_log_mapping(text)
