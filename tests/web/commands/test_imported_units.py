"""A unit that a ledger names is looked for in the row's own village and township first, so that each village has its own talk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from config.settings import Settings
from tests.factories import County, make_county
from tests.web.commands.test_imports import NOW, OPERATOR, bring_in, cases, dump, ledger, make_office, names
from web import ledger_import
from web.wiring import Office
from workflow.models import Party
from workflow.occasions import read_tree
from workflow.store import table_of

PARTIES = table_of(Party)
HEAD = "乡镇,村居,反馈问题,责任单位,完成情况,反馈时间"

# What a ledger of 柳河镇 writes in a row of 东沟村 → the organ of the factory's county that it means.
UNITS = [
    *((name, "donggou_branch") for name in ("东沟村", "东沟村党支部", "东沟村党总支", "东沟村党委", "东沟村党组织")),
    *((name, "donggou_branch") for name in ("东沟村村委会", "东沟村委会", "东沟村民委员会", "东沟村村民委员会")),
    *(
        (name, "donggou_branch")
        for name in ("东沟村两委", "东沟村“两委”", "东沟村支两委", "东沟党支部", "東溝村黨支部", "東溝村兩委")
    ),
    *((name, "donggou_branch") for name in ("柳河镇东沟村党支部", "中共安澜县柳河镇东沟村支部委员会", "柳河鎮東溝村黨總支")),
    *(
        (name, "donggou_branch")
        for name in ("村党支部", "村党总支", "村委会", "村两委", "村“两委”", "村支两委", "本村党支部", "党支部")
    ),
    *((name, "xitou_branch") for name in ("西头村党支部", "西头村委会", "西头村", "西頭村黨支部")),
    *((name, "shimen_branch") for name in ("青石镇石门村党支部", "石门村党支部")),
    *(
        (name, "liuhe_party")
        for name in ("柳河镇党委", "柳河鎮黨委", "中共柳河镇委员会", "柳河镇", "镇党委", "鎮黨委", "本镇党委")
    ),
    *((name, "liuhe_party") for name in ("柳河镇政府", "柳河镇人民政府", "镇政府", "镇人民政府")),
    *((name, "liuhe_discipline") for name in ("柳河镇纪委", "柳河镇纪检委", "柳河鎮紀委", "镇纪委", "鎮紀檢委")),
    *((name, "liuhe_finance") for name in ("柳河镇财政所", "镇财政所", "柳河鎮財政所")),
    *((name, "qingshi_party") for name in ("青石镇党委", "青石镇人民政府")),
    ("青石镇纪委", "qingshi_discipline"),
    ("县农业农村局", "bureau"),
]
# The same in an empty tree → (kind, area) of what was made.
MADE = {
    "donggou_branch": ("village_party_organisation", "东沟村"),
    "xitou_branch": ("village_party_organisation", "西头村"),
    "shimen_branch": ("village_party_organisation", "石门村"),
    "liuhe_party": ("township_party_committee", "柳河镇"),
    "liuhe_discipline": ("township_discipline_committee", "柳河镇"),
    "liuhe_finance": ("township_unit", "柳河镇"),
    "qingshi_party": ("township_party_committee", "青石镇"),
    "qingshi_discipline": ("township_discipline_committee", "青石镇"),
    "bureau": ("county_department", "安澜县"),
}


@pytest.fixture
def county(database_url: str) -> Iterator[County]:
    made = make_county(database_url)
    yield made
    made.database.close()


@pytest.fixture
def empty(database_url: str) -> Iterator[Office]:
    made = make_office(database_url)
    yield made
    made.close()


def office_of(county: County) -> Office:
    return Office(Settings(), county.database, county.engine)


def rows_of(units: list[str]) -> bytes:
    return ledger(HEAD, *[f"柳河镇,东沟村,问题{n},{unit},正在整改,2026-03-02" for n, unit in enumerate(units)])


def problem_of(case: dict[str, Any]) -> int:
    return int(json.loads(str(case["data"]))["problem"].removeprefix("问题"))


@pytest.mark.parametrize("is_creating", [False, True])
def test_each_spelling_means_the_organ_that_the_county_has(county: County, is_creating: bool) -> None:
    office = office_of(county)
    before = set(names(office))
    report = bring_in(office, rows_of([unit for unit, _ in UNITS]), is_creating=is_creating)
    assert (report.imported, report.created_organisations, report.unplaced) == (len(UNITS), [], 0)
    keys = {organ_id: key for key, organ_id in county.organs.items()}
    found = {UNITS[problem_of(case)][0]: keys.get(case["holder_id"]) for case in cases(office)}
    assert found == dict(UNITS)
    assert set(names(office)) == before
    assert not [one for one in report.warnings if "unit_not_found" in one["why"]]


def test_each_spelling_makes_the_organ_once_in_its_own_place(empty: Office) -> None:
    office = empty
    # Another village's name alone means one of the row's own township, where no tree says otherwise.
    wanted = [(unit, key) for unit, key in UNITS if unit != "石门村党支部"]
    report = bring_in(office, rows_of([unit for unit, _ in wanted]))
    assert (report.imported, report.unplaced) == (len(wanted), 0)
    organs = names(office)
    areas = office.database.read(read_tree).areas
    found = {
        wanted[problem_of(case)][0]: (organs[case["holder_id"]]["kind"], areas[organs[case["holder_id"]]["area_id"]].name)
        for case in cases(office)
    }
    assert found == {unit: MADE[key] for unit, key in wanted}
    of_kind = [organ["kind"] for organ in organs.values()]
    assert (of_kind.count("village_party_organisation"), of_kind.count("county_department")) == (3, 1)


def test_a_body_without_a_place_is_nobody_and_is_not_made(empty: Office) -> None:
    office = empty
    report = bring_in(office, ledger("村居,反馈问题,责任单位,完成情况", "东沟村,账目混乱,镇党委,正在整改"))
    assert report.imported == 1 and any("unit_not_found" in one["why"] for one in report.warnings)
    assert "镇党委" not in {organ["name"] for organ in names(office).values()}
    (case,) = cases(office)
    assert case["holder_id"] == case["subject_id"]


def test_of_several_units_in_a_cell_the_first_answers_and_the_others_see_the_item(county: County) -> None:
    office = office_of(county)
    source = ledger(
        HEAD,
        "柳河镇,东沟村,问题0,东沟村党支部、柳河镇财政所,正在整改,2026-03-02",
        '柳河镇,东沟村,问题1,"牵头单位：镇党委;配合单位：村委会/镇纪委",正在整改,2026-03-02',
        '柳河镇,东沟村,问题2,"由镇党委牵头,村党支部配合清理账目",正在整改,2026-03-02',
    )
    report = bring_in(office, source, is_creating=False)
    first, second, third = cases(office)
    organs = county.organs
    assert [case["holder_id"] for case in (first, second, third)] == [
        organs["donggou_branch"],
        organs["liuhe_party"],
        organs["donggou_branch"],
    ]
    assert json.loads(str(first["data"]))["assisting"] == [{"unit": organs["liuhe_finance"]}]
    seen = {(row["case_id"], row["organ_id"]) for row in dump(office, PARTIES) if row["relation"] == "measure_unit"}
    assert seen == {
        (first["id"], organs["liuhe_finance"]),
        (second["id"], organs["donggou_branch"]),
        (second["id"], organs["liuhe_discipline"]),
    }
    assert [one["row"] for one in report.warnings if "units_in_prose" in one["why"]] == [4]


def test_a_measures_unit_sees_the_item_as_after_a_plan(county: County) -> None:
    office = office_of(county)
    source = ledger(
        "乡镇,村居,反馈问题,整改措施,责任单位,完成情况,反馈时间",
        "柳河镇,东沟村,账目混乱,清理账目,村党支部,正在整改,2026-03-02",
        ",,,公开账目,镇财政所,正在整改,",
    )
    bring_in(office, source, is_creating=False)
    (item,) = cases(office, kind="rectification")
    assert [(row["case_id"], row["organ_id"]) for row in dump(office, PARTIES)] == [
        (item["id"], county.organs["liuhe_finance"])
    ]


def test_after_the_sweep_each_late_village_has_its_talk(empty: Office) -> None:
    office = empty
    report = bring_in(
        office,
        ledger(
            HEAD,
            "柳河镇,东沟村,账目混乱,东沟村党支部,正在整改,2026-01-05",
            "柳河镇,西头村,公示栏未更新,西头村,正在整改,2026-01-05",
            "青石镇,石门村,会议记录缺失,,正在整改,2026-01-05",
            "柳河镇,南河村,经费支出不清,村“两委”,正在整改,2026-01-05",
        ),
    )
    ledger_import.switch_on(office, report.import_id or 0, "from-now", actor=OPERATOR, now=NOW)
    office.engine.tick(NOW)
    organs = names(office)
    talks = {
        organs[talk["interviewee_id"]]["short_name"]: organs[talk["interviewer_id"]] for talk in cases(office, kind="interview")
    }
    assert set(talks) == {"东沟村党组织", "西头村党组织", "石门村党组织", "南河村党组织"}
    assert {organ["kind"] for organ in talks.values()} == {"township_party_committee"}
    assert not [organ for organ in organs.values() if organ["kind"] == "county_department"]
