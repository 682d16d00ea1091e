"""A process log is replayed event by event: what is refused or left out has its reason, and the rest goes on, on both databases."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import config
from config.settings import Settings
from handlers.registry import EFFECTS, RUNGS
from tests.web.commands.test_imports import OPERATOR, dump
from web import log_import
from web.wiring import Office
from workflow import audit
from workflow.database import Database
from workflow.dates import local_time
from workflow.engine import Engine
from workflow.models import Case, Content, Event
from workflow.store import table_of

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
