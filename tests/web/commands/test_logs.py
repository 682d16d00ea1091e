"""A process log is replayed event by event: what is refused or left out has its reason, and the rest goes on, on both databases."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import config
from config.settings import Settings
from handlers.registry import EFFECTS, RUNGS
from states.errors import BadInput, Conflict
from states.schema import load
from tests.web.commands.test_imports import OPERATOR, dump, run
from web import ledger_import, log_import
from web.cli import PARTLY
from web.commands.imports import SHOWN_ROWS, _bounded
from web.errors import problem_of
from web.import_words import left_out_words, refusal_words
from web.wiring import Office, read_shipped
from workflow import audit
from workflow.database import Database
from workflow.dates import local_time
from workflow.engine import Engine
from workflow.models import Case, Content, DefinitionVersion, Event, ImportRun
from workflow.store import table_of
from workflow.verbs.replay import Refused

KIND = str(Path(config.__file__).parent / "examples" / "road_traffic_fine.yaml")
NOW = local_time(date(2026, 6, 15), 10)
MAPPING = """
version: 1
columns: {case: 编号, activity: 环节, time: 时间, resource: 经办人}
activities: {开具: open, 寄出: send, 送达: notify, 电话: comment, 归档: ignore}
facts: {amount: 金额, expense: 邮费}
"""
HEAD = ["编号", "环节", "时间", "经办人", "金额", "邮费"]
CASES, CONTENT, EVENTS = table_of(Case), table_of(Content), table_of(Event)
RUNS, VERSIONS = table_of(ImportRun), table_of(DefinitionVersion)


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    database = Database(database_url)
    made = Office(Settings(), database, Engine(database, effects=EFFECTS, rungs=RUNGS))
    yield made
    made.close()


def table(*lines: list[str], head: list[str] = HEAD) -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows([head, *lines])
    return target.getvalue().encode()


def bring_in(
    office: Office, *lines: list[str], mapping: str = MAPPING, definition: str = KIND, head: list[str] = HEAD
) -> log_import.LogReport:
    source = table(*lines, head=head)
    asked = log_import.make_request(source, "日志.csv", mapping, actor=OPERATOR, now=NOW, county="安澜县")
    return log_import.bring_in(office, asked, definition)


def whys(report: log_import.LogReport) -> list[tuple[int, str]]:
    return [(one["row"], one["why"]) for one in report.refused]


def data_of(office: Office) -> dict[str, Any]:
    (case,) = dump(office, CASES)
    return dict(json.loads(str(case["data"])))


# ---- which events the history takes ---------------------------------------------------------------------------------


def test_an_event_before_the_opening_is_refused_alone_and_the_case_goes_on(office: Office) -> None:
    report = bring_in(
        office,
        ["甲", "寄出", "2025-03-01", "", "", ""],
        ["甲", "开具", "2025-03-04", "", "35", ""],
        ["甲", "寄出", "2025-03-05", "", "", ""],
        ["甲", "送达", "2025-03-09", "", "", ""],
    )
    assert (report.imported, report.accepted, whys(report)) == (1, 3, [(2, "not_opened")])
    (case,) = dump(office, CASES)
    assert case["state"] == "notified"
    assert office.database.read(audit.verify).ok


def test_a_case_that_nothing_opens_is_refused_event_by_event(office: Office) -> None:
    report = bring_in(office, ["甲", "寄出", "2025-03-01", "", "", ""], ["甲", "送达", "2025-03-04", "", "", ""])
    assert (report.imported, whys(report)) == (0, [(2, "not_opened"), (3, "not_opened")])
    assert dump(office, CASES) == []


def test_a_case_is_opened_once(office: Office) -> None:
    report = bring_in(office, ["甲", "开具", "2025-03-01", "", "", ""], ["甲", "开具", "2025-03-04", "", "", ""])
    assert (report.imported, report.accepted, whys(report)) == (1, 1, [(3, "opened_before")])


def test_what_has_not_happened_yet_is_refused(office: Office) -> None:
    report = bring_in(
        office,
        ["甲", "开具", "2025-03-01", "", "", ""],
        ["甲", "寄出", "2026-06-15 10:01", "", "", ""],
        ["乙", "开具", "2027-01-01", "", "", ""],
    )
    assert (report.imported, whys(report)) == (1, [(4, "in_future"), (3, "in_future")])


def test_a_comment_goes_into_the_history_and_changes_nothing(office: Office) -> None:
    report = bring_in(office, ["甲", "开具", "2025-03-01", "", "35", ""], ["甲", "电话", "2025-03-02", "李芳", "99", "7"])
    assert (report.accepted, report.refused, data_of(office)) == (2, [], {"amount": 3_500})
    told = [json.loads(str(row["body"])) for row in dump(office, CONTENT)]
    assert told[-1]["resource"] == "李芳"
    assert office.database.read(audit.verify).ok


OPENED = ["甲", "开具", "2025-03-01", "", "35", ""]


def test_a_log_that_has_grown_leaves_the_case_as_it_is_and_says_so(office: Office) -> None:
    bring_in(office, OPENED)
    (case,) = dump(office, CASES)
    report = bring_in(office, OPENED, ["甲", "寄出", "2025-03-05", "", "", ""], ["乙", "开具", "2025-03-06", "", "", ""])
    assert (report.imported, report.present, report.accepted, report.refused) == (1, 0, 1, [])
    assert [(one["row"], one["why"], one["value"]) for one in report.skipped] == [
        (2, "here_otherwise", case["number"]),
        (3, "here_otherwise", case["number"]),
    ]
    assert f"这一件已登记为{case['number']}" in left_out_words(report.skipped[0])
    assert dump(office, CASES)[0] == case and len(dump(office, CASES)) == 2


def test_once_the_import_is_taken_back_the_grown_log_comes_in_whole(office: Office) -> None:
    first = bring_in(office, OPENED)
    ledger_import.withdraw(office, first.import_id or 0, actor=OPERATOR, now=NOW, reason="日志有了下文")
    report = bring_in(office, OPENED, ["甲", "寄出", "2025-03-05", "", "", ""])
    assert (report.imported, report.accepted, report.skipped) == (1, 2, [])


def kind_called(folder: Path, key: str, number: str) -> str:
    """A definition of another kind that is like the one of the log."""
    text = re.sub(r"(?m)^key: .*$", f"key: {key}", Path(KIND).read_text("utf-8"), count=1)
    file = folder / f"{key}.yaml"
    file.write_text(re.sub(r"(?m)^number: .*$", f"number: {number}", text, count=1), "utf-8")
    return str(file)


def test_the_same_name_in_the_log_of_another_kind_is_another_case(office: Office, tmp_path: Path) -> None:
    bring_in(office, OPENED)
    other = kind_called(tmp_path, "parking_fine", "停车〔{year}〕{n}号")
    assert bring_in(office, OPENED, definition=other, mapping=MAPPING + "\n").imported == 1


def test_a_kind_that_counts_its_cases_as_another_does_is_not_published(office: Office, tmp_path: Path) -> None:
    bring_in(office, OPENED)
    other = kind_called(tmp_path, "parking_fine", "罚款〔{year}〕{n}号")
    with pytest.raises(Conflict) as refusal:
        bring_in(office, OPENED, definition=other, mapping=MAPPING + "\n")
    assert problem_of(refusal.value).reasons == ("“道路交通罚款”已按“罚款〔{year}〕{n}号”编号，换一种编号，两件不能是同一个号",)
    assert len(dump(office, VERSIONS)) == 1


# ---- what a mapping may ask for -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why", "said"),
    [
        (("寄出: send", "寄出: sendd"), "unknown_action", "流程里没有“sendd”这个动作；可写open、comment、ignore、send、"),
        (("amount: 金额", "amonut: 金额"), "unknown_fact", "流程里没有“amonut”这一栏；可写amount、expense、"),
    ],
)
def test_a_mapping_that_does_not_fit_the_kind_is_refused_before_anything_is_written(
    office: Office, change: tuple[str, str], why: str, said: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        bring_in(office, ["甲", "开具", "2025-03-01", "", "", ""], mapping=MAPPING.replace(*change))
    assert refusal.value.params["why"] == why
    assert problem_of(refusal.value, "zh-Hans").reasons[0].startswith(said)
    assert [dump(office, table) for table in (CASES, RUNS, VERSIONS)] == [[], [], []]


@pytest.mark.parametrize(("fact", "why"), [("reporter_name", "secret_fact"), ("assisting", "fact_not_plain")])
def test_a_fact_that_a_log_cannot_hold_is_refused_before_anything_is_written(office: Office, fact: str, why: str) -> None:
    kind = Path(config.__file__).parent / "workflows" / ("clue.yaml" if why == "secret_fact" else "rectification.yaml")
    mapping = MAPPING.replace("寄出: send, 送达: notify", "寄出: transfer").replace("expense: 邮费", f"{fact}: 邮费")
    with pytest.raises(BadInput) as refusal:
        bring_in(
            office,
            ["甲", "开具", "2025-03-01", "", "", ""],
            mapping=mapping.replace("amount: 金额, ", ""),
            definition=str(kind),
        )
    assert refusal.value.params["why"] == why
    assert dump(office, VERSIONS) == []


@pytest.mark.parametrize(("definition", "why"), [("nosuch.yaml", "no_such_definition"), ("nosuch", "no_such_kind")])
def test_a_definition_that_is_not_there_is_named(office: Office, definition: str, why: str) -> None:
    with pytest.raises(BadInput) as refusal:
        bring_in(office, ["甲", "开具", "2025-03-01", "", "", ""], definition=definition)
    assert refusal.value.params["why"] == why
    assert definition in problem_of(refusal.value, "zh-Hans").reasons[0]


# ---- what is told of each row ---------------------------------------------------------------------------------------


def test_a_value_that_cannot_be_read_is_told_and_its_fact_stays_as_it_was(office: Office) -> None:
    report = bring_in(office, ["甲", "开具", "2025-03-01", "", "35", ""], ["甲", "寄出", "2025-03-02", "", "一百", "15.50元"])
    unread = {"row": 3, "case": "甲", "column": "金额", "field": "amount", "value": "一百", "why": "not_read"}
    assert report.plain()["warnings"] == [unread]
    assert (report.accepted, data_of(office)) == (2, {"amount": 3_500, "expense": 1_550})


LINES = (
    ["甲", "寄出", "2025/3/1 8:00", "", "", ""],
    ["甲", "开具", "2025/3/4 9:05", "李芳", "一百", ""],
    ["甲", "送达", "2025年3月5日", "", "", ""],
    ["甲", "归档", "2025/3/6", "", "", ""],
    ["甲", "喝茶", "2025/3/6", "", "", ""],
    ["甲", "寄出", "上周", "", "", ""],
    ["", "寄出", "2025/3/6", "", "", ""],
    ["甲", "寄出", "2099/3/6", "", "", ""],
)
TOLD = """\
第2行（甲 寄出）：未采纳，前面没有登记这件的一步
第4行（甲 送达）：未采纳，当时在“开具”，不能办“登记送达”
第9行（甲 寄出）：未采纳，时间在导入之后，还没有发生
第3行（甲）：“金额”写的“一百”没有读懂，这一栏没有填
第5行（甲 归档）：略过，对照文件写明不导入“归档”
第6行（甲 喝茶）：略过，对照文件没有写明“喝茶”是什么
第7行（甲 寄出）：略过，时间“上周”没有读懂，写成2025-03-04 09:05或2025/3/4 9:05
第8行（寄出）：略过，没有编号
第1次导入：1件，1步采纳，3步未采纳，4步略过，已有0件
"""


def test_the_command_tells_each_row_that_is_no_part_of_the_history_and_why(
    home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", database_url)
    assert run("init", "--yes") == 0
    capsys.readouterr()
    log, mapping = home / "日志.csv", home / "对照.yaml"
    log.write_bytes(table(*LINES).decode().encode("gb18030"))
    mapping.write_bytes(MAPPING.encode("gb18030"))
    asked = ("import", "log", str(log), "--definition", KIND, "--mapping", str(mapping), "--county", "安澜县", "--yes")
    assert run(*asked) == PARTLY
    assert capsys.readouterr().out == TOLD


def test_a_long_list_of_rows_ends_in_a_count() -> None:
    lines = [f"第{n}行" for n in range(SHOWN_ROWS + 3)]
    assert _bounded(lines) == [*lines[:SHOWN_ROWS], "……还有3行"]
    assert _bounded(lines[:SHOWN_ROWS]) == lines[:SHOWN_ROWS]


def test_a_guard_that_was_not_met_is_told_with_the_state_of_then() -> None:
    definition = load(read_shipped("examples/road_traffic_fine.yaml").data)
    unmet = ({"name": "fired_at_most", "params": {"trigger": "pay", "times": 0}},)
    refused = Refused(3, "send", "fired_at_most", "created", unmet)
    assert refusal_words(refused, definition) == "当时在“开具”，不用再办，“登记缴款”已经办过"
    assert refusal_words(refused, definition, "en").startswith("It was in “Created” then: ")


# ---- who did it, as the log says ------------------------------------------------------------------------------------


def test_the_history_names_who_acted_by_the_log(
    home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", database_url)
    assert run("init", "--yes") == 0
    log, mapping = home / "日志.csv", home / "对照.yaml"
    log.write_bytes(table(["甲", "开具", "2025/3/4 9:05", "李芳", "35", ""], ["甲", "寄出", "2025/3/5", "王强", "", ""]))
    mapping.write_text(MAPPING, encoding="utf-8")
    asked = ("import", "log", str(log), "--definition", KIND, "--mapping", str(mapping), "--county", "安澜县", "--yes")
    assert run(*asked) == 0
    assert run("case", "list", "--json") == 0
    number = json.loads(capsys.readouterr().out.splitlines()[-1])["number"]
    assert run("case", "show", number, "--json") == 0
    history = json.loads(capsys.readouterr().out)["history"]
    assert [(one["activity"], one["resource"]) for one in history] == [("开具", "李芳"), ("寄出", "王强")]
    assert run("case", "show", number) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{number} 甲\n道路交通罚款，待送达\n")
    assert "  2025年3月4日 9:05 登记\n    日志里的环节：开具\n    经办人：李芳\n" in told
    assert "罚单寄出，开具→寄出\n    日志里的环节：寄出\n    经办人：王强" in told
    assert "  罚款金额：35元" in told
    assert not re.search(r"[{}<>]|\b[a-z]+_[a-z]+\b", told)
