"""A ledger row becomes a proposal in which every cell has its place: a fact, a secret, a measure, a start, or an extra."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

import pytest

from handlers.ledgers.importing import SHEET_ROWS, Proposal, Spot, is_present, names_in, propose, row_number, words_of
from handlers.ledgers.reading import read_ledger
from handlers.ledgers.rows import ItemRow
from states.definition import Definition
from states.schema import load
from web.wiring import shipped_workflows
from workflow.dates import Calendar

TODAY = dt.date(2026, 6, 15)
CALENDAR = Calendar("test", {})
SUBJECT, OFFICE, UNIT, OTHER = 1, 2, 3, 4
UNITS = {"财政所": UNIT, "民政办": OTHER}


@cache
def definition(kind: str) -> Definition:
    return load(shipped_workflows()[kind].data)


def rows(*lines: str) -> tuple[ItemRow, ...]:
    return read_ledger("\n".join(lines).encode(), "台账.csv", today=TODAY).rows


def proposed(heading: str, *cells: str, units: dict[str, int] | None = None) -> Proposal:
    (row,) = rows(heading, *cells)
    spot = Spot(SUBJECT, OFFICE, UNITS if units is None else units, is_checked_by_township=True)
    return propose(row, spot, definition(row.kind_hint), import_id=9, number=row.row, calendar=CALENDAR, today=TODAY)


@pytest.mark.parametrize(
    ("word", "state", "holder", "cycle"),
    [
        ("", "received", None, 1),
        ("已移交", "transferred", UNIT, 1),
        ("正在整改", "supervised", UNIT, 1),
        ("反弹", "supervised", UNIT, 2),
        ("已完成", "rectified", UNIT, 1),
        ("已销号", "closed", None, 1),
    ],
)
def test_the_holder_follows_from_the_state(word: str, state: str, holder: int | None, cycle: int) -> None:
    made = proposed("村居,反馈问题,责任单位,完成情况", f"东沟村,账目混乱,财政所,{word}")
    assert (made["state"], made["holder_id"], made["cycle"]) == (state, holder, cycle)


def test_a_unit_that_the_tree_has_not_leaves_the_item_with_the_organ_it_is_about() -> None:
    made = proposed("村居,反馈问题,责任单位,完成情况", "东沟村,账目混乱,水务站,正在整改", units={})
    assert made["holder_id"] == SUBJECT and made["extras"]["责任单位"] == "水务站"


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("财政所、民政办", ("财政所", "民政办")),
        ("财政所，民政办", ("财政所", "民政办")),
        ("财政所/民政办;财政所", ("财政所", "民政办")),
        ("牵头单位：财政所；配合单位：民政办", ("财政所", "民政办")),
        ("财政所（牵头）、民政办（配合）", ("财政所", "民政办")),
        ("村黨支部、村“兩委”", ("村黨支部", "村“兩委”")),
        ("镇里牵头，各村配合清理账目", ()),
        ("供销社", ("供销社",)),
    ],
)
def test_a_cell_names_units_or_is_prose(cell: str, named: tuple[str, ...]) -> None:
    assert names_in(cell) == named


def test_of_several_units_the_first_answers_and_the_others_assist() -> None:
    made = proposed("村居,反馈问题,责任单位,完成情况", "东沟村,账目混乱,财政所、民政办,正在整改")
    assert (made["holder_id"], made["assisting"], made["data"]["assisting"]) == (UNIT, (OTHER,), [{"unit": OTHER}])


def test_a_column_of_assisting_units_makes_them_assist_and_its_words_stay() -> None:
    made = proposed("村居,反馈问题,责任单位,配合单位,完成情况", "东沟村,账目混乱,财政所,民政办,正在整改")
    assert (made["holder_id"], made["assisting"], made["data"]["assisting"]) == (UNIT, (OTHER,), [{"unit": OTHER}])
    assert (made["extras"]["配合单位"], made["extras"]["提示"]) == ("民政办", ["start_is_import_day"])


def test_the_unit_that_answers_does_not_assist_itself() -> None:
    made = proposed("村居,反馈问题,责任单位,配合单位,完成情况", "东沟村,账目混乱,财政所,财政所,正在整改")
    assert (made["holder_id"], made["assisting"]) == (UNIT, ())


@pytest.mark.parametrize(("cell", "remark"), [("水务站", "unit_not_found"), ("各村清账，镇里配合", "units_in_prose")])
def test_an_assisting_unit_that_is_not_found_stays_words_with_a_warning(cell: str, remark: str) -> None:
    made = proposed("村居,反馈问题,责任单位,配合单位,完成情况", f"东沟村,账目混乱,财政所,{cell},正在整改")
    assert (made["assisting"], made["extras"]["配合单位"], made["extras"]["提示"][1:]) == ((), cell, [remark])


def test_a_clue_has_no_assisting_units_so_that_they_stay_words() -> None:
    made = proposed(
        "线索编号,村居,反映的主要问题,责任单位,处置方式,办理状态", "7,东沟村,套取资金,财政所、民政办,初步核实,核查中"
    )
    assert (made["holder_id"], made["assisting"], made["extras"]["责任单位"]) == (UNIT, (), "财政所、民政办")
    assert "assisting_in_words" in made["extras"]["提示"]


def test_what_an_export_writes_out_for_eyes_is_no_word_beside_the_facts() -> None:
    units = {**UNITS, "东沟村党支部": SUBJECT}
    head = "村居,反馈问题,责任单位,责任人,第一责任人,完成情况"
    made = proposed(head, "东沟村,账目混乱,东沟村党支部,孙志强,孙志强,正在整改", units=units)
    assert made["holder_id"] == SUBJECT and not {"责任单位", "责任人"} & set(made["extras"])
    another = proposed(head, "东沟村,账目混乱,财政所,韩冰,孙志强,正在整改", units=units)
    assert (another["extras"]["责任单位"], another["extras"]["责任人"]) == ("财政所", "韩冰")


def test_a_limit_in_words_becomes_the_agreed_date_beside_its_words() -> None:
    made = proposed("村居,反馈问题,整改时限,完成情况,反馈时间", "东沟村,账目混乱,2026年底前,正在整改,2026-03-02")
    data = made["data"]
    assert (data["period"], data["due_on"], data["due_words"]) == ("own_date", "2026-12-31", "2026年底前")
    assert (made["due_on"], made["starts"], made["start_basis"]) == (
        dt.date(2026, 12, 31),
        {"rectify": dt.date(2026, 3, 2)},
        "feedback",
    )
    assert (data["feedback_on"], made["opened_on"]) == ("2026-03-02", dt.date(2026, 3, 2))


def test_what_no_rule_reads_stays_words_and_the_item_has_the_ordinary_period() -> None:
    made = proposed("村居,反馈问题,整改时限,完成情况", "东沟村,账目混乱,麦收前,正在整改")
    assert (made["data"]["period"], made["data"]["due_words"], made["due_on"]) == ("three_months", "麦收前", None)
    assert "due_not_read" in made["extras"]["提示"] and made["start_basis"] == "import"


def test_an_immediate_item_and_a_lasting_one_say_so() -> None:
    at_once = proposed("村居,反馈问题,是否立行立改,完成情况", "东沟村,账目混乱,是,正在整改")["data"]
    assert (at_once["immediate"], at_once["source"], at_once["period"]) == ("rectify_now", "notice", "default_immediate")
    assert proposed("村居,反馈问题,完成情况", "东沟村,账目混乱,长期坚持")["data"]["long_term"] is True


def test_each_measure_is_a_child_with_its_own_unit_person_limit_and_note() -> None:
    made = proposed(
        "村居,反馈问题,整改措施,责任单位,责任人,整改时限,进展情况,完成情况",
        "东沟村,账目混乱,清理账目,财政所,周明远,2026-07-31,清了一半,正在整改",
        ",,公开账目,民政办,孙志强,长期坚持,,正在整改",
        ",,补齐会议记录,财政所,,,,已完成",
    )
    first, second, third = made["parent_of"]
    assert made["holder_id"] == SUBJECT and "result" not in made["data"]
    assert (first["holder_id"], first["state"], first["starts"]) == (UNIT, "doing", {"measure": TODAY})
    assert first["data"]["due_on"] == "2026-07-31" and first["data"]["note"] == "清了一半"
    assert (second["holder_id"], second["data"]["label"], "due_on" in second["data"]) == (OTHER, "long_term", False)
    assert (third["state"], third["ground"]) == ("done", "completed")


def test_a_measure_that_is_still_done_and_undated_ends_with_its_item() -> None:
    dated = proposed("村居,反馈问题,整改措施,完成情况,反馈时间", "东沟村,账目混乱,清理账目,正在整改,2026-03-02")
    assert dated["parent_of"][0]["data"]["due_on"] == "2026-06-02"


def test_columns_called_like_a_fact_fill_it_and_all_others_are_kept() -> None:
    made = proposed(
        "村居,反馈问题,轻重缓急,举一反三,涉及金额,问题类别,处理人员,微信群,备注",
        "东沟村,账目混乱,急,已排查,1.5,涉农补助,1人诫勉,东沟群,2026-03-02反馈",
    )
    data = made["data"]
    assert (data["urgency"], data["lesson"], data["money_involved"], data["domain"]) == (
        "urgent",
        "已排查",
        1_500_000,
        "farm_subsidy",
    )
    assert made["extras"] == {"处理人员及处分种类": "1人诫勉", "微信群": "东沟群", "备注": "2026-03-02反馈"}


def test_a_word_that_is_no_choice_is_an_extra() -> None:
    made = proposed("村居,反馈问题,轻重缓急,问题类别", "东沟村,账目混乱,十万火急,产业发展")
    assert "urgency" not in made["data"]
    assert made["extras"]["轻重缓急"] == "十万火急" and made["extras"]["问题类别"] == "产业发展"


def test_persons_of_a_clue_are_secret_whatever_the_column_is_called() -> None:
    made = proposed(
        "村居,反映的主要问题,被反映人姓名,单位及职务,举报人电话,处置方式", "东沟村,套取资金,王五,村主任,138,初步核实"
    )
    assert made["kind"] == "clue" and made["data"]["disposal"] == "prelim_verify"
    assert made["secrets"] == {"subject_persons": "王五，村主任", "reporter_name": "138"}
    assert not {"王五", "138"} & {str(value) for value in made["extras"].values()}


def test_a_clue_brings_the_start_of_its_main_clock_and_of_its_whole_case() -> None:
    made = proposed("线索编号,村居,反映的主要问题,处置方式,办理状态,移交时间", "7,东沟村,套取资金,初步核实,核查中,2026-03-02")
    assert made["starts"] == {"feedback": dt.date(2026, 3, 2), "whole_case": dt.date(2026, 3, 2)}
    assert made["start_basis"] == "transfer"


def test_a_clue_with_a_case_filed_has_its_whole_case_clock_and_no_longer_the_three_months() -> None:
    made = proposed("线索编号,村居,反映的主要问题,处置方式,办理状态,移交时间", "7,东沟村,套取资金,立案审查,已立案,2026-03-02")
    assert (made["settled"], made["starts"]) == (("feedback",), {"whole_case": dt.date(2026, 3, 2)})


def test_an_item_has_no_whole_case_clock_and_says_so() -> None:
    made = proposed("村居,反馈问题,完成情况", "东沟村,账目混乱,已立案")
    assert (made["settled"], "rectify" in made["starts"]) == ((), True)
    assert "no_whole_case" in made["extras"]["提示"]


def test_an_extension_that_was_asked_for_is_open_on_the_main_clock_or_a_remark_where_it_has_no_end() -> None:
    made = proposed("村居,反馈问题,完成情况", "东沟村,账目混乱,申请延期整改")
    clock, words = made["extension"]
    assert clock == "rectify" and "申请延期整改" in words and "extension_registered" in made["extras"]["提示"]
    lasting = proposed("村居,反馈问题,整改时限,完成情况", "东沟村,账目混乱,长期坚持,申请延期整改")
    assert lasting["extension"] is None and "no_extension" in lasting["extras"]["提示"]


def test_a_later_sheet_has_its_own_numbers() -> None:
    (row,) = rows("村居,反馈问题", "东沟村,账目混乱")
    assert row_number(row, {"封面": 0, row.sheet: 1}) == SHEET_ROWS + 2


def test_the_subject_is_told_by_its_parts() -> None:
    (row,) = rows("被巡察党组织,反馈问题", "五华县水寨镇大湖村,账目混乱")
    said = words_of(row)
    assert (said["county"], said["township"], said["village"]) == ("五华县", "水寨镇", "大湖村")


def known(number: str, old_number: str, problem: str, kind: str = "rectification") -> dict[str, list[dict[str, Any]]]:
    case = {"number": number, "old_number": old_number, "kind": kind, "data": json.dumps({"problem": problem})}
    return {name: [case] for name in (number, old_number) if name}


@pytest.mark.parametrize(
    ("cases", "present"),
    [
        (known("001", "", "别的问题"), True),
        (known("整改〔2026〕1号", "001", "账目混乱"), True),
        (known("整改〔2026〕1号", "001", "上一轮的问题"), False),
        (known("整改〔2026〕1号", "001", "账目混乱", kind="clue"), False),
        ({}, False),
    ],
)
def test_a_row_is_known_by_our_number_or_by_its_old_one_with_the_same_problem(
    cases: dict[str, list[dict[str, Any]]], present: bool
) -> None:
    (row,) = rows("编号,村居,反馈问题", "001,东沟村,账目混乱")
    assert is_present(row, cases) is present
