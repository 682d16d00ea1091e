"""Heads, merges, subtotals and signatures of the ledgers that offices keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from handlers.ledgers.reading import read_ledger
from handlers.ledgers.refusals import LedgerFileRefused
from handlers.ledgers.rows import Reading
from tests.handlers.ledgers.books import HEAD, make_sheet, paint, save

TODAY = dt.date(2026, 6, 15)


def read(rows: Iterable[Sequence[Any]], *, merge: Sequence[str] = (), title: str = "整改台账") -> Reading:
    book, sheet = make_sheet(rows, title=title)
    for area in merge:
        sheet.merge_cells(area)
    return read_ledger(save(book), "台账.xlsx", today=TODAY)


def notes(reading: Reading, code: str) -> list[dict[str, object]]:
    return [dict(note.params) for note in reading.reported if note.code == code]


def test_a_county_ledger_with_title_two_row_head_subtotals_and_signatures_gives_its_items_only() -> None:
    rows: list[Sequence[Any]] = [
        ("××县委第三轮巡察反馈问题整改台账",),
        ("填报单位:县委巡察办",),
        ("填表说明:每月底前报送。",),
        ("序号", "乡镇", "被巡察党组织", "反馈问题", "整改措施", "整改责任", None, "整改时限", "完成情况"),
        (None, None, None, None, None, "责任单位", "责任人"),
        (1, "城关镇", "东关村党支部", "账目混乱", "清账", "东关村", "张三", "2026.6.30", "正在整改"),
        ("城关镇小计", None, None, 1),
        (
            "序号",
            "乡镇",
            "被巡察党组织",
            "反馈问题",
            "整改措施",
            "责任单位",
            "责任人",
            "整改时限",
            "完成情况",
        ),
        (2, "平店乡", "李村党支部", "公章外借", "收回", "李村", "李四", 46203, "已完成"),
        ("合计", None, None, 2),
        ("制表人:", None, None, "审核人:", None, None, "分管领导:"),
    ]
    reading = read(rows, merge=["A1:I1", "F4:G4", "A4:A5", "B4:B5", "C4:C5", "D4:D5", "E4:E5", "H4:H5", "I4:I5"])
    assert [(item.row, item.problem, item.due.on) for item in reading.rows] == [
        (6, "账目混乱", dt.date(2026, 6, 30)),
        (9, "公章外借", dt.date(2026, 6, 30)),
    ]
    assert [(one.row, one.why) for one in reading.not_items] == [
        (1, "title"),
        (2, "title"),
        (3, "instructions"),
        (7, "subtotal"),
        (8, "repeated_head"),
        (10, "subtotal"),
        (11, "footer"),
    ]
    assert reading.mapping.field_of("整改责任/责任人") == "person"
    assert reading.refused == ()


def test_a_merged_problem_over_three_rows_is_one_item_with_three_measures() -> None:
    rows = [
        HEAD,
        (1, "城关镇", "东关村党支部", "账目混乱", "清账", "东关村", "张三", "2026-06-30", "已完成"),
        (None, None, None, None, "追缴", "镇纪委", "李四", "2026-09-30", "正在整改"),
        (None, None, None, None, "建制度", None, "王五", "2026-07-31", "已完成"),
        (2, "城关镇", "东关村党支部", "公章外借", "收回", "东关村", "张三", "2026-06-30", "已完成"),
    ]
    reading = read(rows, merge=["A2:A4", "B2:B4", "C2:C4", "D2:D4", "F3:F4"])
    first, second = reading.rows
    assert [(one.text, one.unit, one.person) for one in first.measures] == [
        ("清账", "东关村", "张三"),
        ("追缴", "镇纪委", "李四"),
        ("建制度", "镇纪委", "王五"),
    ]
    assert (first.rows, first.state, first.due.on) == ((2, 3, 4), "supervised", dt.date(2026, 9, 30))
    assert (second.row, second.state) == (5, "rectified")
    assert notes(reading, "measures_joined") == [{"items": 1, "measures": 3}]


def test_measures_stay_with_their_item_when_merges_were_lost_on_the_way_through_csv() -> None:
    text = "序号,乡镇,反馈问题,整改措施\n1,城关镇,账目混乱,清账\n,,,追缴\n2,平店乡,公章外借,收回\n"
    reading = read_ledger(text.encode(), "台账.csv", today=TODAY)
    assert [[one.text for one in item.measures] for item in reading.rows] == [["清账", "追缴"], ["收回"]]
    assert notes(reading, "continued_rows") == [{"row": 3}]


def test_a_merged_township_over_forty_rows_is_filled_down() -> None:
    rows: list[Sequence[Any]] = [HEAD]
    rows += [(n, "城关镇" if n == 1 else None, f"第{n}村党支部", f"问题{n}") for n in range(1, 41)]
    reading = read(rows, merge=["B2:B41"])
    assert len(reading.rows) == 40
    assert {item.subject.township for item in reading.rows} == {"城关镇"}
    assert notes(reading, "merged_filled") == [{"heading": "乡镇", "cells": 39}]


def test_one_problem_merged_over_several_villages_is_one_item_for_each() -> None:
    rows = [HEAD, (1, "城关镇", "东关村", "账目混乱", "清账"), (2, "城关镇", "西关村", None, "清账")]
    reading = read(rows, merge=["D2:D3"])
    assert [(item.subject.village, item.problem) for item in reading.rows] == [
        ("东关村", "账目混乱"),
        ("西关村", "账目混乱"),
    ]


def test_a_band_that_names_a_township_gives_it_to_the_rows_below() -> None:
    rows = [("序号", "被巡察党组织", "反馈问题"), ("城关镇(2个)",), (1, "东关村党支部", "账目混乱")]
    reading = read(rows, merge=["A2:C2"])
    assert reading.rows[0].subject.township == "城关镇"
    assert reading.rows[0].extras == {"分段": "城关镇(2个)"}
    assert [(one.row, one.why) for one in reading.not_items] == [(2, "section")]


def test_a_row_without_a_problem_is_refused_with_its_number_and_field() -> None:
    reading = read([HEAD, (1, "城关镇", "东关村", "甲"), (2, "城关镇", "西关村", None, "清账")])
    assert [(one.row, one.field, one.why) for one in reading.refused] == [(3, "problem", "empty")]


def test_colours_hidden_parts_and_unmapped_columns_are_reported_and_nothing_is_lost() -> None:
    rows = [(*HEAD, "领导意见"), (1, "城关镇", "东关村", "甲", None, None, None, None, None, "从严")]
    book, sheet = make_sheet(rows)
    paint(sheet, ["A1", "D2", "E2"], colour="FF0000")
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["G"].hidden = True
    book.create_sheet("填表说明").append(["本表由乡镇填写"])
    book.create_sheet("字典").sheet_state = "hidden"
    reading = read_ledger(save(book), "台账.xlsx", today=TODAY)
    assert reading.rows[0].extras == {"领导意见": "从严"}
    assert notes(reading, "coloured") == [{"colour": "red", "cells": 2}]
    assert notes(reading, "hidden_rows") == [{"rows": [2]}]
    assert notes(reading, "hidden_columns") == [{"headings": ["责任人"]}]
    assert notes(reading, "extra_columns") == [{"headings": ["领导意见"]}]
    assert [(one.code, one.sheet) for one in reading.reported if one.sheet != "整改台账"] == [
        ("hidden_sheet", "字典"),
        ("no_table", "填表说明"),
    ]


def test_a_sheet_of_clues_gives_clues_and_its_transfer_day_starts_them() -> None:
    head = ("序号", "线索编号", "被反映人", "反映的主要问题", "移交时间", "承办单位", "办理进展")
    reading = read([head, (1, "007", "张某", "套取资金", "2026-05-06", "城关镇纪委", "核查中")], title="问题线索台账")
    (item,) = reading.rows
    assert (item.kind_hint, item.old_number, item.start_on, item.start_basis) == (
        "clue",
        "007",
        dt.date(2026, 5, 6),
        "transfer",
    )
    assert item.fields["subject_person"] == "张某"


@pytest.mark.parametrize(
    ("said", "kind", "is_warned"),
    [
        ("整改事项", "rectification", False),
        ("立行立改问题", "rectification", False),
        ("問題線索", "clue", False),
        ("", "rectification", False),
        ("入户走访", "rectification", True),
        ("督查督办", "rectification", True),
    ],
)
def test_a_row_of_a_kind_that_no_ledger_brings_in_is_pointed_out(said: str, kind: str, is_warned: bool) -> None:
    (item,) = read([(*HEAD, "台账类型"), (1, "城关镇", "东关村", "甲", *[None] * (len(HEAD) - 4), said)]).rows
    assert (item.kind_hint, "unknown_kind" in item.warnings) == (kind, is_warned)


def test_equal_rows_are_two_items_with_two_digests_and_the_running_number_is_not_in_them() -> None:
    rows = [HEAD, (1, "城关镇", "东关村", "甲"), (2, "城关镇", "东关村", "甲"), (3, "城关镇", "西关村", "甲")]
    first = read(rows)
    again = read([HEAD, (9, *rows[3][1:]), (8, *rows[1][1:]), (7, *rows[1][1:])])
    assert len({item.digest for item in first.rows}) == 3
    assert {item.digest for item in first.rows} == {item.digest for item in again.rows}
    assert [item.warnings.count("repeated_row") for item in first.rows] == [0, 1, 0]


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        ([("汇总表",), ("轮次", "单位名称", "完成率"), ("三", "城关镇", "96%")], "轮次、单位名称、完成率"),
        ([("没有表格，只有一句话",)], None),
    ],
)
def test_a_file_without_a_table_of_problems_is_refused_with_what_looks_like_its_head(
    rows: list[tuple[str, ...]], seen: str | None
) -> None:
    with pytest.raises(LedgerFileRefused, match="no_table") as refused:
        read(rows)
    assert refused.value.params["seen"] == seen
