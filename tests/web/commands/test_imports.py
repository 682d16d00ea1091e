"""Old ledgers and process logs come in whole, once, and go out again as they were, on both databases."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import config
from config.settings import Settings
from handlers.ledgers.export import ExportColumn, ExportRow, Heading, write_ledger
from handlers.ledgers.marks import Mark
from handlers.ledgers.reading import read_ledger
from handlers.registry import EFFECTS, RUNGS
from states.errors import BadInput, Conflict, NotPermitted
from tests.conftest import MakeDatabase
from tests.factories import SEALER, make_county
from web import ledger_import, log_import
from web.commands.export import export_ledger
from web.import_words import place_of, warning_words
from web.wiring import Office, shipped_workflows
from workflow import audit, definitions, imports, occasions
from workflow.database import Database
from workflow.dates import local_time
from workflow.engine import Engine
from workflow.models import AgendaItem, Case, Content, Event, FiredRung, Grant, Organ, Outbox, Person, metadata
from workflow.people.actors import operator
from workflow.store import Store, table_of
from workflow.types import Actor, GrantFact

DATA = Path(__file__).parents[2] / "data"
BULLETINS = DATA / "public_bulletins.csv"
LOG = DATA / "event_log_road_traffic.csv"
GOLDEN = DATA / "road_traffic.refused.golden.json"
SHIPPED = Path(config.__file__).parent
NOW = local_time(date(2026, 6, 15), 10)
LATE = local_time(date(2027, 11, 25), 18)
OPERATOR = Actor(None, "operator", login="operator", sees_all=True)

CASES, AGENDA, FIRED = table_of(Case), table_of(AgendaItem), table_of(FiredRung)
OUTBOX, ORGANS, EVENTS = table_of(Outbox), table_of(Organ), table_of(Event)


def make_office(url: str) -> Office:
    database = Database(url)
    office = Office(Settings(), database, Engine(database, effects=EFFECTS, rungs=RUNGS, sealer=SEALER))
    database.write(publish)
    return office


def publish(store: Store) -> None:
    for document in shipped_workflows().values():
        definitions.publish(store, document.data, source="", now=NOW)
    occasions.moved(store, "definitions")


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    made = make_office(database_url)
    yield made
    made.close()


def bring_in(
    office: Office,
    source: bytes,
    name: str = "台账.csv",
    *,
    is_creating: bool = True,
    county: str = "安澜县",
    now: datetime = NOW,
) -> ledger_import.Report:
    return ledger_import.bring_in(office, request(source, name, is_creating=is_creating, county=county, now=now))


def request(
    source: bytes, name: str = "台账.csv", *, is_creating: bool = True, county: str = "安澜县", now: datetime = NOW
) -> ledger_import.Request:
    reading = read_ledger(source, name, today=now.date())
    return ledger_import.make_request(reading, source, name, actor=OPERATOR, now=now, is_creating=is_creating, county=county)


def cases(office: Office, **where: object) -> list[dict[str, Any]]:
    rows = office.database.read(lambda store: store.select(CASES.select().order_by(CASES.c.id)))
    return [row for row in rows if all(row[name] == value for name, value in where.items())]


def dump(office: Office, table: object) -> list[dict[str, Any]]:
    return office.database.read(lambda store: store.select(table.select()))  # type: ignore[attr-defined]  # a Core table


def names(office: Office) -> dict[Any, dict[str, Any]]:
    return {row["id"]: row for row in dump(office, ORGANS)}


def ledger(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def exported(office: Office, kind: str = "rectification", file_format: str = "csv") -> bytes:
    target = io.BytesIO()
    mark = Mark("028149767106560", "operator")
    export_ledger(office, target, kind=kind, file_format=file_format, actor=OPERATOR, now=NOW, mark=mark)  # type: ignore[arg-type]
    return target.getvalue()


def cells(source: bytes) -> list[list[str]]:
    *table, mark = csv.reader(io.StringIO(source.decode("utf-8-sig"), newline=""))
    assert "".join(mark).strip() == ""
    return table


PLAIN = ledger(
    "编号,乡镇,村居,反馈问题,整改措施,责任单位,责任人,整改时限,完成情况,反馈时间,涉及金额",
    "001,柳河镇,东沟村,账目混乱,清理账目,柳河镇财政所,周明远,2026年底前,正在整改,2026-03-02,1.5",
    ",,,,公开账目,柳河镇财政所,孙志强,长期坚持,正在整改,,",
    "002,柳河镇,西头村,公示栏未更新,,,,,反弹,2026-03-02,",
    "003,青石镇,,会议记录缺失,,,,,,2026-03-02,",
    "004,青石镇,石门村,已经改好,,,,,已完成,2026-03-02,",
)


# ---- the public bulletins -------------------------------------------------------------------------------------------


def staff(office: Office) -> dict[int, int]:
    """One handler and head in each inspection office; person by organ."""
    found: dict[int, int] = {}

    def hire(store: Store) -> None:
        for organ in store.select(ORGANS.select().where(ORGANS.c.kind == "inspection_office")):
            person_id = store.new_ids(Person, 1)[0]
            row = {
                "id": person_id,
                "login": f"p{person_id}",
                "name": f"督办员{person_id}",
                "email": "",
                "phone": "",
                "language": "zh-Hans",
            }
            store.insert(Person, [{**row, "must_change": False, "created_at": NOW}])
            for role in ("handler", "head"):
                grant = {"person_id": person_id, "role": role, "organ_id": organ["id"], "title": "", "ceiling": 3}
                store.insert(Grant, [grant])
            found[organ["id"]] = person_id
        occasions.moved(store, "people")

    office.database.write(hire)
    return found


def every_row(store: Store) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    return {table.name: sorted(map(repr, store.select(table.select()))) for table in metadata.sorted_tables}


def test_a_year_after_the_bulletins_came_in_everything_late_stands_on_its_rung(office: Office) -> None:
    report = bring_in(office, BULLETINS.read_bytes(), "public_bulletins.csv", county="")
    assert (report.rows, report.imported, report.present, len(report.skipped), report.refused) == (64, 51, 0, 13, [])
    handlers = staff(office)
    ledger_import.switch_on(office, report.import_id or 0, "catch-up", actor=OPERATOR, now=NOW)
    swept = office.engine.tick(LATE)
    assert swept.postponed == [] and office.engine.count_due(LATE) == 0
    assert office.database.read(audit.verify).ok
    before = office.database.read(every_row)
    assert office.engine.tick(LATE).is_empty
    assert office.database.read(every_row) == before, "a second sweep changes no row of any table"

    items = [row for row in cases(office) if row["import_id"] is not None and row["parent_id"] is None]
    late = [row for row in items if row["overdue_since"] is not None]
    assert [row["number"] for row in items if row["due_on"] and row["due_on"] < date(2027, 11, 25) and row not in late] == []
    assert [row["number"] for row in late if not row["rung"] or not row["colour"]] == []

    organs = names(office)
    held = {(c, k) for c, k in ((row["case_id"], row["clock"]) for row in dump(office, FIRED) if row["rung"] == "interview")}
    reached = [row for row in items if (row["id"], "rectify") in held]
    assert len(reached) == 10 and all(row["kind"] == "rectification" for row in reached)
    talks = [row for row in cases(office, kind="interview")]
    agenda = {row["case_id"]: row["interview_id"] for row in dump(office, AGENDA)}
    told = {(row["case_id"], row["person_id"]) for row in dump(office, OUTBOX) if row["message"] == "proposal_waiting"}
    for row in reached:
        subject = organs[row["subject_id"]]
        if subject["level"] != "village":
            # The tree has no leading group: it lies on the supervisor's desk.
            assert row["id"] not in agenda and (row["id"], handlers[row["supervisor_id"]]) in told
            continue
        (talk,) = [one for one in talks if one["interviewee_id"] == row["subject_id"]]
        committee = organs[talk["interviewer_id"]]
        assert talk["joinable"] and committee["kind"] == "township_party_committee" and agenda[row["id"]] == talk["id"]
    on_agenda = {row["kind"] for row in items if row["id"] in agenda}
    assert on_agenda == {"rectification"}


def test_nothing_acts_before_the_ladder_is_switched_on(office: Office) -> None:
    report = bring_in(office, BULLETINS.read_bytes(), "public_bulletins.csv", county="")
    assert report.forecast is not None and report.forecast["interviews"] > 0
    swept = office.engine.tick(LATE)
    assert (swept.fired, swept.opened) == ([], [])
    ledger_import.switch_on(office, report.import_id or 0, "from-now", actor=OPERATOR, now=NOW)
    ledger_import.switch_on(office, report.import_id or 0, "from-now", actor=OPERATOR, now=NOW)
    office.engine.tick(NOW)
    outcomes = Counter(row["outcome"] for row in dump(office, FIRED))
    assert outcomes["before_import"] > 0


# ---- what a row becomes ---------------------------------------------------------------------------------------------


def test_a_row_becomes_a_case_with_its_holder_its_facts_its_measures_and_its_main_clock(office: Office) -> None:
    report = bring_in(office, PLAIN)
    assert (report.imported, report.refused) == (4, [])
    first, second, third, fourth = [row for row in cases(office) if row["parent_id"] is None]
    organs = names(office)
    assert organs[first["subject_id"]]["short_name"] == "东沟村党组织"
    assert organs[first["holder_id"]]["name"] == "柳河镇财政所"
    assert organs[first["supervisor_id"]]["kind"] == "inspection_office"
    data = json.loads(str(first["data"]))
    assert (data["money_involved"], data["feedback_on"], data["first_check"]) == (1_500_000, "2026-03-02", "township")
    assert (data["period"], data["due_on"], first["old_number"]) == ("own_date", "2026-12-31", "001")
    measures = [json.loads(str(row["data"])) for row in cases(office, parent_id=first["id"])]
    assert [(one["text"], one["person"], one["label"]) for one in measures] == [
        ("清理账目", "周明远", "dated"),
        ("公开账目", "孙志强", "long_term"),
    ]
    assert (second["cycle"], second["state"], second["holder_id"]) == (2, "supervised", second["subject_id"])
    assert (third["state"], third["holder_id"]) == ("received", third["supervisor_id"])
    assert (fourth["state"], json.loads(str(fourth["data"]))["progress_label"]) == ("rectified", "done")


def test_names_of_persons_in_a_clue_are_kept_secret(office: Office) -> None:
    source = ledger("线索编号,乡镇,村居,反映的主要问题,被反映人,举报人,处置方式", "7,柳河镇,东沟村,套取资金,王五,赵六,初步核实")
    assert bring_in(office, source).imported == 1
    (clue,) = cases(office)
    assert clue["kind"] == "clue" and "王五" not in str(clue["data"])
    said = [str(row["body"]) for row in dump(office, table_of(Content))]
    assert said and all("王五" not in body and "赵六" not in body for body in said)


def test_without_leave_to_create_an_unknown_organisation_hangs_under_unplaced(office: Office) -> None:
    with pytest.raises(BadInput):
        bring_in(office, PLAIN, is_creating=False)
    bring_in(office, ledger("乡镇,村居,反馈问题", "柳河镇,东沟村,一"))
    report = bring_in(office, ledger("乡镇,村居,反馈问题", "柳河镇,东沟村,二", "红旗镇,新村,三"), is_creating=False)
    assert (report.imported, report.unplaced, report.created_organisations) == (2, 1, [])
    organs = names(office)
    assert [organs[row["subject_id"]]["name"] for row in cases(office)][-1] == "未归属"


def test_a_dry_run_judges_every_row_and_leaves_no_trace(office: Office) -> None:
    before = [dump(office, table) for table in (CASES, ORGANS, EVENTS)]
    report = ledger_import.dry_run(office, request(PLAIN))
    assert (report.imported, report.refused, report.import_id) == (4, [], None)
    assert [one["path"] for one in report.created_organisations][:3] == [
        ["安澜县"],
        ["安澜县", "柳河镇"],
        ["安澜县", "柳河镇", "东沟村"],
    ]
    assert report.forecast is not None and report.forecast["late"] > 0
    assert [dump(office, table) for table in (CASES, ORGANS, EVENTS)] == before
    assert bring_in(office, PLAIN).forecast == report.forecast


def test_only_the_office_that_keeps_the_ledger_may_import() -> None:
    grant = GrantFact(1, "head", 1, "township_party_committee", "township", 1, 3)
    with pytest.raises(NotPermitted):
        imports.require_may_import(Actor(1, "陈立新", (grant,)))
    imports.require_may_import(Actor(2, "林静", (GrantFact(2, "handler", 2, "inspection_office", "county", 1, 3),)))


# ---- twice, and taken back ------------------------------------------------------------------------------------------


def test_a_second_run_reports_every_row_as_present(office: Office) -> None:
    first, again = bring_in(office, PLAIN), bring_in(office, PLAIN)
    assert (again.import_id, again.imported, again.present) == (first.import_id, 0, first.imported)
    longer = bring_in(office, PLAIN + "\n005,青石镇,石门村,又一个问题,,,,,,2026-03-02,".encode())
    assert (longer.imported, longer.present) == (1, first.imported)


def test_the_same_file_read_otherwise_is_warned_of_until_the_first_is_taken_back(office: Office) -> None:
    def read(heading: str, field: str) -> ledger_import.Request:
        reading = read_ledger(PLAIN, "台账.csv", today=NOW.date())
        columns = tuple((head, field if head == heading else name) for head, name in reading.mapping.columns)
        again = read_ledger(PLAIN, "台账.csv", today=NOW.date(), mapping=replace(reading.mapping, columns=columns))
        return ledger_import.make_request(again, PLAIN, "台账.csv", actor=OPERATOR, now=NOW, is_creating=True, county="安澜县")

    def warned(report: ledger_import.Report) -> list[dict[str, Any]]:
        return [one for one in report.warnings if "read_otherwise" in one["why"]]

    first = ledger_import.bring_in(office, read("责任人", "person"))
    assert warned(first) == [] and warned(ledger_import.dry_run(office, read("责任人", "person"))) == []
    (told,) = warned(ledger_import.dry_run(office, read("责任人", "leader")))
    assert f"第{first.import_id}次导入" in warning_words(told) and place_of(told) == "台账.csv"
    ledger_import.withdraw(office, first.import_id or 0, actor=OPERATOR, now=NOW, reason="对照错了")
    assert warned(ledger_import.dry_run(office, read("责任人", "leader"))) == []


def test_an_import_that_was_taken_back_can_be_brought_in_again(office: Office) -> None:
    first = bring_in(office, PLAIN)
    number = first.import_id or 0
    assert ledger_import.withdraw(office, number, actor=OPERATOR, now=NOW, reason="列错了") == 6
    assert len(cells(exported(office))) == 1
    with pytest.raises(Conflict):
        ledger_import.withdraw(office, number, actor=OPERATOR, now=NOW, reason="列错了")
    again = bring_in(office, PLAIN)
    assert again.import_id != number and again.imported == first.imported
    runs = office.database.read(imports.list_runs)
    assert [(run.rows, run.cases, run.withdrawn_at is None) for run in runs] == [(4, 0, False), (4, 4, True)]


@settings(max_examples=8)
@given(
    problems=st.lists(st.sampled_from(["账目混乱", "公示不全", "=1+1", "'007"]), min_size=1, max_size=5), twice=st.booleans()
)
def test_however_a_ledger_is_brought_in_and_taken_back_each_row_stands_once(
    make_database: MakeDatabase, problems: list[str], twice: bool
) -> None:
    office = make_office(make_database())
    source = ledger("序号,村居,反馈问题", *[f"{n},东沟村,{problem}" for n, problem in enumerate(problems)])
    report = bring_in(office, source)
    if twice:
        ledger_import.withdraw(office, report.import_id or 0, actor=OPERATOR, now=NOW, reason="重来")
    bring_in(office, source)
    standing = [json.loads(str(row["data"]))["problem"] for row in cases(office, withdrawn=False)]
    office.close()
    assert sorted(standing) == sorted(problems)


# ---- out and in again -----------------------------------------------------------------------------------------------

DANGEROUS = ("=1+1", "+86", "-1", "@全体", "'单引号", "'\t=1", "007", "0012.50", "一行\n两行", "1E5")


def dangerous() -> bytes:
    columns = [
        ExportColumn(title) for title in ("编号", "乡镇", "村居", "反馈问题", "整改措施", "责任人", "完成情况", "原因分析")
    ]
    rows = [ExportRow((f"00{n}", "柳河镇", "东沟村", text, text, text, "正在整改", text)) for n, text in enumerate(DANGEROUS)]
    target = io.BytesIO()
    write_ledger(rows, columns, heading=Heading("台账"), target=target, file_format="xlsx")
    return target.getvalue()


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_what_is_exported_changes_nothing_here_and_is_the_same_in_an_empty_ledger(
    office: Office, make_database: MakeDatabase, file_format: str
) -> None:
    bring_in(office, dangerous(), "台账.xlsx")
    bring_in(office, PLAIN)
    sent = exported(office, file_format=file_format)
    here = bring_in(office, sent, f"导出.{file_format}")
    assert (here.imported, here.present, here.refused) == (0, 14, [])
    other = make_office(make_database())
    assert bring_in(other, sent, f"导出.{file_format}", county="别的县").imported == 14
    assert cells(exported(other)) == cells(exported(office))
    other.close()


def test_clues_go_out_and_in_as_they_were(office: Office, make_database: MakeDatabase) -> None:
    source = ledger(
        "线索编号,乡镇,村居,反映的主要问题,线索来源,处置方式,办理状态,办理时限,移交时间",
        "=7,柳河镇,东沟村,@套取资金,信访举报,初步核实,核查中,2026-09-01,2026-05-06",
        "8,柳河镇,西头村,优亲厚友,巡察发现,,查实办结,,2026-05-06",
    )
    assert bring_in(office, source).imported == 2
    sent = exported(office, "clue")
    assert bring_in(office, sent).present == 2
    other = make_office(make_database())
    bring_in(other, sent)
    assert cells(exported(other, "clue")) == cells(sent)
    other.close()


def test_a_ledger_of_cases_that_were_worked_on_here_goes_out_and_in_as_it_is(
    database_url: str, make_database: MakeDatabase
) -> None:
    county, monday = make_county(database_url), date(2026, 3, 2)
    morning = local_time(monday, 10)
    for subject in ("donggou_branch", "liuhe_party", "liuhe_finance", "bureau"):
        county.open_item(morning, subject=subject, title=f"={subject}", first_responsible="孙志强")
    for to in ("xitou_branch", "liuhe_finance"):
        told = {
            "first_responsible": "马兰",
            "feedback_on": "2026-03-01",
            "period": "two_months",
            "area": "party_building",
            "cause": "007",
        }
        county.hand_over(county.open_item(morning, subject="xitou_branch", **told), local_time(monday, 11), to=to)
    working = county.supervised_item(morning)
    county.fire(working, "report_progress", "zhou", local_time(monday, 15), progress_note="一半", progress_label="stage_done")
    done = county.supervised_item(morning, immediate="rectify_now", period="default_immediate")
    zhou, photo = county.actor("zhou"), county.keep_file("公示照片", "zhou")
    county.engine.add_evidence(done, actor=zhou, now=morning, file_id=photo, label="site_photo")
    county.fire(done, "report_rectified", "zhou", local_time(monday, 16), result="已更新", progress_label="done")
    county.engine.tick(NOW)
    here = Office(Settings(), county.database, county.engine)
    sent = exported(here)
    assert (bring_in(here, sent).imported, bring_in(here, sent).present) == (0, 8)
    other = make_office(make_database())
    assert bring_in(other, sent).imported == 8
    assert cells(exported(other)) == cells(sent)
    other.close()
    here.close()


def test_whose_an_item_is_and_who_answers_stands_on_every_row(office: Office) -> None:
    head = "编号,乡镇,村居,反馈问题,整改措施,责任单位,责任人,第一责任人,完成情况"
    rows = ("1,柳河镇,东沟村,公示栏破损,,,,孙志强,正在整改", "2,柳河镇,东沟村,账目不清,清账,镇财政所,韩冰,孙志强,正在整改")
    bring_in(office, ledger(head, *rows))
    told = cells(exported(office))
    head_at = next(at for at, row in enumerate(told) if "责任人" in row)
    places = [told[head_at].index(title) for title in ("被巡察党组织", "责任单位", "责任人")]
    assert [[row[place] for place in places] for row in told[head_at + 1 :]] == [
        ["东沟村党组织", "东沟村党组织", "孙志强"],
        ["东沟村党组织", "柳河镇财政所", "韩冰"],
    ]


# ---- process logs ---------------------------------------------------------------------------------------------------


def log_request() -> log_import.LogRequest:
    mapping = (SHIPPED / "imports" / "road_traffic.yaml").read_text(encoding="utf-8")
    return log_import.make_request(LOG.read_bytes(), LOG.name, mapping, actor=OPERATOR, now=NOW, county="安澜县")


def replay_log(office: Office) -> log_import.LogReport:
    return log_import.bring_in(office, log_request(), str(SHIPPED / "examples" / "road_traffic_fine.yaml"))


def test_the_road_traffic_log_is_replayed_and_what_is_refused_has_its_reason(office: Office) -> None:
    report = replay_log(office)
    assert (report.rows, report.imported, report.skipped) == (390, 100, [])
    assert report.accepted >= 0.95 * report.rows and report.accepted + len(report.refused) == report.rows
    assert report.refused == json.loads(GOLDEN.read_text(encoding="utf-8"))
    states = Counter(row["state"] for row in cases(office))
    assert states["collected"] == 36 and sum(states.values()) == 100
    again = replay_log(office)
    assert (again.imported, again.present, again.accepted) == (0, 100, 0)


def test_the_history_of_the_whole_log_proves_each_case_in_state_and_facts(office: Office) -> None:
    report = replay_log(office)
    verdict = office.database.read(audit.verify)
    # Every case's history is followed through the machine to its state, and its last event left what the case says of itself.
    assert (verdict.ok, verdict.faults, verdict.cases, verdict.events) == (True, (), 100, report.accepted)


def test_an_event_that_is_refused_brings_no_fact_of_its_own(office: Office) -> None:
    report = replay_log(office)
    told = {(event.row, case.key): event for case in log_request().cases for event in case.events}
    refused = [told[one["row"], one["case"]] for one in report.refused]
    assert any(event.facts for event in refused)
    (event,) = [event for event in refused if event.facts.get("expense")]
    case = next(key for row, key in told if row == event.row)
    assert "expense" not in json.loads(str(cases(office, old_number=case)[0]["data"]))


def test_a_replayed_case_has_the_hours_of_the_log_and_no_rung_of_its_past(office: Office) -> None:
    replay_log(office)
    (fine,) = cases(office, old_number="S106046")
    events = [row for row in dump(office, EVENTS) if row["case_id"] == fine["id"]]
    assert [row["trigger"] for row in events] == ["", "send", "notify", "add_penalty", "pay", "pay"]
    assert events[0]["happened_at"] == datetime(2006, 7, 11, 22, tzinfo=UTC)
    assert json.loads(str(fine["data"]))["amount"] == 7_150
    office.engine.tick(LATE)
    assert dump(office, FIRED) == []


# ---- the command line -----------------------------------------------------------------------------------------------


def run(*arguments: str) -> int:
    from web.cli import main

    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_the_commands_of_a_first_day_work_unattended(
    home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", database_url)
    assert run("init", "--yes") == 0
    capsys.readouterr()
    ask = ("import", "ledger", str(BULLETINS), "--create-organisations", "--ladder", "catch-up", "--yes", "--json")
    assert run(*ask) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"import", "rows", "imported", "present", "skipped", "refused", "created_organisations", "forecast"} <= told.keys()
    assert (told["rows"], told["imported"], told["ladder"]) == (64, 51, "catch-up")
    assert run("tick", "--now", "2027-11-25", "--yes", "--json") == 0
    swept = json.loads(capsys.readouterr().out)
    assert swept["remaining"] == 0 and len(swept["fired"]) > 100
    assert run(*ask) == 0
    assert json.loads(capsys.readouterr().out)["present"] == 51
    target = home / "台账.xlsx"
    assert run("export", "ledger", str(target), "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 46
    mapping = home / "对照.yaml"
    assert run("import", "ledger", str(target), "--dry-run", "--save-mapping", str(mapping)) == 0
    assert "已有46项" in capsys.readouterr().out
    assert run("import", "ledger", str(target), "--mapping", str(mapping), "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out)["imported"] == 0


def test_rows_that_cannot_be_items_end_a_command_with_partly_or_refused(
    home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", database_url)
    assert run("init", "--yes") == 0
    file = home / "台账.csv"
    file.write_bytes(ledger("编号,村居,反馈问题", "1,东沟村,一", "2,东沟村,"))
    assert run("import", "ledger", str(file), "--create-organisations", "--county", "安澜县", "--dry-run") == 1
    assert "第3行：不能导入" in capsys.readouterr().out
    assert run("import", "ledger", str(file), "--create-organisations", "--county", "安澜县", "--yes", "--json") == 4
    number = str(json.loads(capsys.readouterr().out)["import"])
    assert run("import", "list") == 0
    assert run("import", "switch-on", number, "--yes") == 0
    assert run("import", "withdraw", number, "--reason", "试导入", "--yes") == 0
    assert run("import", "switch-on", number, "--yes") == 3


def test_the_operator_that_the_commands_act_as_sees_all_until_administrators_are_set(office: Office) -> None:
    assert office.database.read(lambda store: operator(store, today=NOW.date())) == OPERATOR
