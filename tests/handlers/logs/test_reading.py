"""A process log is read row by row; every row is an event of a case, or left out with the reason."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from handlers.ledgers.refusals import LedgerFileRefused, LedgerMappingFaulty
from handlers.logs.mapping import load_log_mapping
from handlers.logs.reading import LogReading, facts_of, read_log
from states.schema import load
from web.wiring import read_shipped

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
    (wrong,) = log(["甲", "登记", "2026-03-02", "", "许多", ""]).cases
    assert facts_of(wrong.events[0], definition) == {}


def test_a_log_without_its_columns_is_refused() -> None:
    with pytest.raises(LedgerFileRefused):
        log(["甲"], head=["编号"])


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
