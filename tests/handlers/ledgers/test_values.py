"""Cells, status words and names of organisations, by the tables of practice.md 8.3 and semantics.md 8."""

from __future__ import annotations

import datetime as dt

import pytest

from handlers.ledgers.due_words import read_due
from handlers.ledgers.organisations import read_subject
from handlers.ledgers.sheets import Cell
from handlers.ledgers.statuses import read_status
from handlers.ledgers.values import as_text, clean, read_cents, read_day

START = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (3.0, "3"),
        (20260630.0, "20260630"),
        (0.3, "0.3"),
        ("007", "007"),
        (" 张 三 ", " 张 三 "),
        (True, "TRUE"),
        (dt.date(2026, 6, 30), "2026-06-30"),
        (dt.datetime(2026, 6, 30, 9, 5), "2026-06-30 09:05"),
    ],
)
def test_a_cell_becomes_the_text_a_person_saw(cell: Cell, text: str) -> None:
    assert as_text(cell) == text


@pytest.mark.parametrize(
    ("cell", "cleaned"),
    [
        ("甲\r\n乙\x07", "甲\n乙"),
        ("甲\r乙\t丙", "甲\n乙\t丙"),
        ("买买提·艾力", "买买提·艾力"),
        ("𠀀", "𠀀"),
        (" 张 三 ", " 张 三 "),
        ("e\u0301", "é"),
        (3.0, 3.0),
    ],
)
def test_a_text_is_kept_as_typed_but_for_control_characters_and_composition(cell: Cell, cleaned: Cell) -> None:
    assert clean(cell) == cleaned


@pytest.mark.parametrize(
    "cell",
    [
        dt.date(2026, 6, 30),
        dt.datetime(2026, 6, 30, 12),
        46203,
        46203.0,
        "46203",
        20260630.0,
        "20260630",
        "2026-6-30",
        "2026/06/30",
        "2026.6.30",
        "2026年6月30日",
        " 2026 年 6 月 30 日 ",
        "\uff12\uff10\uff12\uff16.\uff16.\uff13\uff10",
    ],
)
def test_a_day_is_read_in_every_form_of_figures(cell: Cell) -> None:
    assert read_day(cell) == dt.date(2026, 6, 30)
    assert read_due(cell, start=START, is_start_known=True).on == dt.date(2026, 6, 30)


@pytest.mark.parametrize("cell", ["", "2026年2月30日", "6月底前", 3, 3.5, True, "2026"])
def test_what_is_no_day_is_none(cell: Cell) -> None:
    assert read_day(cell) is None


@pytest.mark.parametrize("text", ["", "/", "无", "已完成", "--"])
def test_a_limit_that_says_there_is_none_is_not_an_error(text: str) -> None:
    due = read_due(text, start=START, is_start_known=True)
    assert (due.on, due.nothing) == (None, True)


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        (17.89, 17_890_000),
        ("17.89万元", 17_890_000),
        ("147891元", 14_789_100),
        ("4,500", 4_500_000_000),
        (2512.84, 2_512_840_000),
        ("0.003", 3_000),
        ("1.2亿元", 12_000_000_000),
        ("约3万", None),
        ("", None),
    ],
)
def test_money_is_read_into_whole_cents(cell: Cell, cents: int | None) -> None:
    assert read_cents(cell) == cents


@pytest.mark.parametrize(
    ("word", "state", "label", "more"),
    [
        ("", "received", "not_started", {}),
        ("未启动", "received", "not_started", {}),
        ("待整改", "received", "not_started", {}),
        ("已移交", "transferred", "", {}),
        ("核查中", "supervised", "ongoing", {}),
        ("正在整改(部分欠款已追回)", "supervised", "ongoing", {}),
        ("未完成", "supervised", "ongoing", {}),
        ("阶段性完成", "supervised", "stage_done", {}),
        ("基本完成", "supervised", "stage_done", {}),
        ("取得阶段性成效", "supervised", "stage_done", {}),
        ("逐一整改并长期坚持", "supervised", "long_term", {"flags": ("long_term",)}),
        ("已完成", "rectified", "done", {}),
        ("已完成整改", "rectified", "done", {}),
        ("已整改(立行立改)", "rectified", "done", {"flags": ("immediate",)}),
        ("已完成(挽回损失3万元)", "rectified", "done", {}),
        ("已处分", "rectified", "done", {}),
        ("已查实办结(巡察结束前)", "rectified", "done", {}),
        ("整改销号", "closed", "done", {}),
        ("已銷號", "closed", "done", {}),
        ("整改不到位", "supervised", "ongoing", {"cycle": 2}),
        ("反弹", "supervised", "ongoing", {"cycle": 2}),
        ("已立案", "supervised", "", {"flags": ("whole_case_clock",)}),
        ("申请延期整改", "supervised", "ongoing", {"flags": ("extension_asked",)}),
        ("(摘录截断)", "supervised", "ongoing", {"warning": "to_check"}),
        ("进展公布", "supervised", "ongoing", {"warning": "to_check"}),
        ("已完成,正在整改", "supervised", "ongoing", {"warning": "mixed_status"}),
        ("已整改、待核验", "rectified", "done", {}),
        ("已完成70%", "supervised", "ongoing", {"warning": "unknown_status"}),
        ("天晓得", "supervised", "ongoing", {"warning": "unknown_status"}),
    ],
)
def test_a_status_word_gives_state_label_and_what_follows(word: str, state: str, label: str, more: dict[str, object]) -> None:
    status = read_status(word)
    assert (status.state, status.label) == (state, label)
    defaults: dict[str, object] = {"cycle": 1, "flags": (), "warning": ""}
    assert {key: getattr(status, key) for key in defaults} == {**defaults, **more}


@pytest.mark.parametrize(
    ("row_kind", "state"),
    [("feedback_only", "received"), ("rectification", "supervised"), ("clue_outcome", "supervised")],
)
def test_an_empty_status_in_a_bulletin_depends_on_the_kind_of_row(row_kind: str, state: str) -> None:
    assert read_status("", row_kind=row_kind).state == state


def test_a_column_that_asks_is_answered_yes_or_no() -> None:
    assert read_status("是", heading="是否销号").state == "closed"
    assert read_status("否", heading="是否销号").state == "supervised"
    assert read_status("√", heading="是否完成").state == "rectified"
    assert read_status("是", heading="完成情况").warning == "unknown_status"


@pytest.mark.parametrize(
    ("name", "township", "village", "organ"),
    [
        ("无棣县佘家镇党委(村级全覆盖巡察)", "佘家镇", "", "佘家镇党委"),
        ("沂南县大庄镇党委(莪庄村)", "大庄镇", "莪庄村", "莪庄村"),
        ("商水县平店乡党委\uff08雒庄行政村\uff09", "平店乡", "雒庄行政村", "雒庄行政村"),
        ("济南市市中区二七新村街道社区综合党委", "二七新村街道", "", "二七新村街道社区综合党委"),
        ("镇江市润州区官塘桥街道秀山村", "官塘桥街道", "秀山村", "秀山村"),
        ("沈丘县东城街道办事处解庄居委会", "东城街道", "解庄居委会", "解庄居委会"),
        ("鹿邑县郑家集乡陈庄村党支部", "郑家集乡", "陈庄村", "陈庄村"),
        ("中共株洲市荷塘区委(省委巡视)", "", "", "荷塘区委"),
        ("思南县退役军人事务局", "", "", "思南县退役军人事务局"),
        ("城东社区党支部", "", "城东社区", "城东社区"),
        ("古镇村党支部", "", "古镇村", "古镇村"),
        ("镇安县城关镇镇东村", "城关镇", "镇东村", "镇东村"),
    ],
)
def test_the_subject_is_the_village_named_else_the_lowest_organ(name: str, township: str, village: str, organ: str) -> None:
    subject = read_subject(name)
    assert (subject.township, subject.village, subject.organ) == (township, village, organ)
    assert not subject.group


def test_a_name_in_traditional_characters_is_taken_apart_too() -> None:
    subject = read_subject("白水鎮河口村黨支部")
    assert (subject.township, subject.village) == ("白水镇", "河口村")


def test_a_place_named_after_a_flag_is_not_a_banner_county() -> None:
    for name in ("红旗村", "双旗社区", "红旗镇", "红旗街道"):
        assert read_subject(name).county == "", name
    banner = read_subject("科尔沁左翼中旗架玛吐镇东塔拉嘎查")
    assert (banner.county, banner.township, banner.village) == ("科尔沁左翼中旗", "架玛吐镇", "东塔拉嘎查")


@pytest.mark.parametrize(
    "name",
    [
        "南通市通州区平潮镇团圆村等23个村(社区)党组织",
        "清江浦区闸口街道6个社区党组织",
        "枣庄市山亭区徐庄镇党委及徐庄村等5个村级党组织",
        "城关镇各村",
    ],
)
def test_a_group_of_villages_is_flagged_to_be_split_and_names_none(name: str) -> None:
    subject = read_subject(name)
    assert subject.group
    assert subject.village == ""


def test_a_village_without_a_name_is_said_to_have_none() -> None:
    subject = read_subject("孟州市赵和镇某村")
    assert (subject.township, subject.village, subject.nameless) == ("赵和镇", "", True)


def test_columns_of_their_own_win_over_the_name() -> None:
    subject = read_subject("党支部", township="城关镇", village="东关村")
    assert (subject.township, subject.village, subject.level) == ("城关镇", "东关村", "village")
