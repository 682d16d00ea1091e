"""Headings find their field in either script, and a mapping is guessed, kept and corrected."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from handlers.ledgers.headings import find_field
from handlers.ledgers.mapping import Mapping, dump_mapping, guess_mapping, load_mapping
from handlers.ledgers.reading import read_ledger
from handlers.ledgers.refusals import LedgerMappingFaulty

BULLETINS = Path(__file__).parents[2] / "data" / "public_bulletins.csv"
STANDARD = (
    "序号 问题类别 反馈问题 具体表现 整改目标 整改措施 责任领导 牵头单位 "
    "责任单位 责任人 整改时限 整改进展情况 完成情况 佐证材料 备注"
)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("存在问题", "problem"),
        ("巡察发现问题", "problem"),
        ("反饋問題", "problem"),
        ("存在的问题", "problem"),
        ("要求完成日期", "due"),
        ("整改负责人", "person"),
        ("反 馈\n问 题", "problem"),
        ("整改期限(年月日)", "due"),
        ("计划完成时间", "due"),
        ("辦結時限", "due"),
        ("整改责任/责任人", "person"),
        ("责任领导:", "leader"),
        ("是否销号", "status"),
        ("镇街", "township"),
        ("村\uff08社区\uff09", "village"),
        ("problem_text", "problem"),
    ],
)
def test_a_heading_finds_its_field(heading: str, field: str) -> None:
    found = find_field(heading)
    assert found is not None
    assert found[0] == field


def test_the_usual_fifteen_columns_are_all_mapped_and_each_field_once() -> None:
    mapping = guess_mapping([STANDARD.split()])
    fields = [field for _, field in mapping.columns]
    assert len(set(fields)) == len(fields) == 15
    assert mapping.field_of("反馈问题") == "problem"
    assert mapping.field_of("具体表现") == "problem_detail"
    assert mapping.field_of("责任单位") == "unit"
    assert mapping.field_of("牵头单位") == "lead_unit"
    assert (mapping.field_of("责任人"), mapping.field_of("责任领导")) == ("person", "leader")


def test_a_number_is_the_old_one_unless_the_ledger_names_both() -> None:
    assert guess_mapping([["编号", "反馈问题"]]).field_of("编号") == "old_number"
    assert guess_mapping([["编号", "原编号"]]).field_of("编号") == "number"


def test_every_heading_of_the_public_bulletins_is_mapped() -> None:
    with BULLETINS.open(encoding="utf-8-sig", newline="") as file:
        headings = next(csv.reader(file))
    assert [heading for heading, _ in guess_mapping([headings]).columns] == headings


def test_a_mapping_saved_as_yaml_is_read_back_the_same() -> None:
    mapping = guess_mapping([STANDARD.split()])
    assert load_mapping(dump_mapping(mapping)) == mapping
    assert load_mapping('{"version": 1, "columns": {"问题": "problem"}}') == Mapping((("问题", "problem"),))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{version: 1, columns: {问题: os.system}}", "heading_of_nothing"),
        ("{version: 1, columns: {问题: 1}}", "heading_of_nothing"),
        ("{version: 1, columns: {}, colour: red}", "unknown_part"),
        ("{version: 1, columns: {}, statuses: {}}", "unknown_part"),
        ("[1]", "no_columns"),
        ("{version: 1}", "no_columns"),
        ("{version: 9, columns: {}}", "version"),
        ("columns: {}", "version"),
        ("version: 1\ncolumns:\n  问题: problem\n  问题: due\n", "not_yaml"),
        ("", "not_yaml"),
        ("{", "not_yaml"),
        ("a: &a [1]\nb: *a", "not_yaml"),
        ("a: !!python/object/apply:os.getcwd []", "not_yaml"),
        ("#" * 200_000, "too_long"),
    ],
)
def test_a_faulty_mapping_is_refused_with_its_fault(text: str, why: str) -> None:
    with pytest.raises(LedgerMappingFaulty) as refused:
        load_mapping(text)
    assert [fault["why"] for fault in refused.value.params["faults"]] == [why]


def test_two_headings_of_one_sheet_for_one_field_are_told() -> None:
    mapping = load_mapping("{version: 1, columns: {反馈问题: problem, 具体问题: problem, 期限: due}}")
    assert mapping.doubled(["序号", "反馈问题", "具体问题"]) == {"problem": ["反馈问题", "具体问题"]}
    assert mapping.doubled(["具体问题", "期限"]) == {}


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        (("正在整改", "已完成", "已销号", ""), "status"),
        (("制度已修订，正在公示", "已召开村民会议两次", "正在整改"), "progress"),
    ],
)
def test_a_column_of_progress_that_holds_status_words_is_the_status(cells: tuple[str, ...], field: str) -> None:
    rows = "".join(f"{at},第{at}项,东沟村,{cell}\n" for at, cell in enumerate(cells, start=1))
    book = ("序号,存在的问题,责任单位,整改进展\n" + rows).encode()
    assert read_ledger(book, "台账.csv", today=date(2026, 6, 15)).mapping.field_of("整改进展") == field
