"""A new version of a kind from the command line: drafted, compared, previewed, published by two people, run and put back."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest

import config
from config.documents import parse
from config.settings import load
from tests.factories import WHY_LATER, County, make_county
from tests.web.commands.test_commands import run
from tests.workflow.looking import case_row, rows_of
from tests.workflow.versions.conftest import ADMINISTRATORS, Document, hire, part
from web.cli import FOUND_FAULTS, PARTLY, REFUSED, USAGE
from web.wiring import shipped_workflows
from workflow.dates import local_day
from workflow.models import Case, Content, Draft, Event, Grant, Motion, Publication, Throttle, Trail
from workflow.people import factors, tokens
from workflow.people.accounts import issue_password
from workflow.sealing.seal import Seal
from workflow.store import table_of
from workflow.versions import drafts

NOW = datetime.now(UTC)
FINE = Path(config.__file__).parent / "examples" / "road_traffic_fine.yaml"


@pytest.fixture
def county(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[County]:
    """The county with two administrators of workflows, in the installation's own database."""
    assert run("init", "--yes") == 0
    capsys.readouterr()
    made = make_county(load().database)
    hire(made)
    for login in ADMINISTRATORS:
        told: Any = {"person_id": made.people[login], "now": NOW, "must_change": False}
        (home / login).write_text(issue_password(made.database, **told) + "\n", encoding="utf-8")
    yield made
    made.database.close()


@pytest.fixture
def by(county: County, home: Path) -> Callable[..., int]:
    """A command of `workflow` that takes two people, as somebody who proves to be himself."""
    return lambda login, *told: run("--as", login, "workflow", *told, "--yes", "--password-file", str(home / login))


def written(folder: Path, edit: Callable[[Document], None]) -> Path:
    """A file with the shipped kind and one edit."""
    document = copy.deepcopy(shipped_workflows()["rectification"].data)
    edit(document)
    path = folder / "rectification.yaml"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def rename(document: Document) -> None:
    text = json.dumps(document, ensure_ascii=False).replace('"supervised"', '"in_hand"')
    document.clear()
    document.update(json.loads(text))
    part(document, "states", "in_hand")["title"] = "办理"


def shorter(document: Document) -> None:
    document.pop("scenarios")  # They tell the dates of the longer limit.
    part(document, "clocks", "rectify")["limits"] = [{"limit": "30 workday"}]


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_two_people_publish_and_the_open_cases_come_over_and_back(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], by: Callable[..., int]
) -> None:
    case_id = county.supervised_item(NOW - timedelta(days=20))
    assert run("--as", "jiang", "workflow", "draft", str(written(tmp_path, rename)), "--json") == 0
    assert told(capsys)["kind"] == "rectification"
    assert run("workflow", "diff", "rectification") == 0
    assert "状态“办理”" in capsys.readouterr().out
    ask = ("jiang", "publish", "rectification", "--reason", "改名", "--json")
    assert by(*ask) == FOUND_FAULTS
    assert [one["name"] for one in told(capsys)["obstacles"]] == ["state_unmapped"]
    plan = tmp_path / "plan.yaml"
    plan.write_text("states: {supervised: in_hand}\n", encoding="utf-8")
    assert by(*ask, "--map", str(plan)) == 0
    assert told(capsys)["status"] == "waiting"
    assert by(*ask, "--map", str(plan)) == REFUSED
    assert "等决定" in capsys.readouterr().err
    assert by("kong", "publish", "rectification", "--json") == 0
    assert told(capsys)["status"] == "current"
    assert run("workflow", "migrate", "rectification", "--json") == 0
    assert told(capsys) == {"run": 1, "kind": "rectification", "total": 1, "done": 1, "refused": [], "clocks": []}
    assert case_row(county, case_id)["state"] == "in_hand"
    assert run("workflow", "diff", "rectification", "1", "--json") == 0
    assert {one["group"] for one in told(capsys)} >= {"状态"}
    assert by("kong", "migrate", "rectification", "--reverse", "--json") == REFUSED
    assert by("kong", "migrate", "rectification", "--reverse", "--reason", "改错了", "--json") == 0
    assert told(capsys)["status"] == "waiting" and case_row(county, case_id)["state"] == "in_hand"
    assert by("jiang", "migrate", "rectification", "--reverse", "--json") == 0
    assert told(capsys)["done"] == 1
    assert case_row(county, case_id)["state"] == "supervised"


def test_what_was_touched_since_stays_and_is_told_with_its_number(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], by: Callable[..., int]
) -> None:
    case_id = county.supervised_item(NOW - timedelta(days=20))
    file = str(written(tmp_path, shorter))
    assert by("jiang", "publish", file, "--reason", "改时限", "--clock", "rectify=carry:县里改了时限") == 0
    assert by("kong", "publish", "rectification") == 0
    assert run("workflow", "migrate", "rectification") == 0
    county.engine.comment(case_id, actor=county.actor("lin", local_day(NOW)), now=NOW, text="已电话催办")
    assert by("kong", "migrate", "rectification", "--reverse", "--reason", "改错了") == 0
    capsys.readouterr()
    assert by("jiang", "migrate", "rectification", "--reverse", "--json") == PARTLY
    refused = told(capsys)["refused"]
    assert [one["number"] for one in refused] == [case_row(county, case_id)["number"]]
    assert "换版以后又办过别的" in refused[0]["why"]


def test_a_preview_writes_nothing_on_the_ledger_and_says_what_moves(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    county.supervised_item(NOW - timedelta(days=20))
    before = rows_of(county, Case)
    assert run("--as", "jiang", "workflow", "draft", str(written(tmp_path, shorter))) == 0
    capsys.readouterr()
    assert run("--as", "jiang", "workflow", "preview", "rectification", "--clock", "rectify=carry:县里改了时限", "--json") == 0
    found = told(capsys)
    assert (found["total"], found["moves"], found["dated"]) == (1, 1, 1) and len(found["seal"]) == 64
    assert run("--as", "jiang", "workflow", "preview", "rectification", "--when", "supervised=stay") == 0
    assert "按原版本办完1" in capsys.readouterr().out
    assert rows_of(county, Case) == before


def test_a_clock_that_does_not_keep_its_date_needs_a_reason_and_both_people_read_it(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], by: Callable[..., int]
) -> None:
    case_id = county.supervised_item(NOW - timedelta(days=20))
    file = str(written(tmp_path, shorter))
    assert run("--as", "jiang", "workflow", "draft", file) == 0
    capsys.readouterr()
    ask = ("--as", "jiang", "workflow", "preview", "rectification", "--clock")
    assert run(*ask, "rectify=carry", "--json") == FOUND_FAULTS
    (obstacle,) = told(capsys)["obstacles"]
    assert obstacle["name"] == "clock_unreasoned" and "要写明理由" in obstacle["said"]
    decided = [{"clock": "rectify", "policy": "carry", "reason": "区里：六周"}]
    for sign in (":", "："):
        assert run(*ask, f"rectify=carry{sign} 区里：六周", "--json") == 0
        assert told(capsys)["clocks"] == decided
    (tmp_path / "plan.yaml").write_text("{clocks: {rectify: carry}, reasons: {rectify: 县里}}", encoding="utf-8")
    plan = ("--map", str(tmp_path / "plan.yaml"))
    assert by("jiang", "publish", file, "--reason", "改时限", *plan, "--clock", "rectify=carry:区里：六周") == 0
    assert "rectify：按新规则重算，理由：区里：六周" in capsys.readouterr().err
    assert run("--as", "kong", "workflow", "waiting", "--json") == 0
    assert told(capsys)[0]["clocks"] == decided
    assert run("--as", "kong", "workflow", "waiting") == 0
    assert "rectify：按新规则重算，理由：区里：六周" in capsys.readouterr().out
    assert by("kong", "publish", "rectification") == 0
    capsys.readouterr()
    assert run("workflow", "migrate", "rectification", "--json") == 0
    assert told(capsys)["clocks"] == decided
    (event,) = rows_of(county, Event, case_id=case_id, verb="migrate")
    (content,) = rows_of(county, Content, case_id=case_id, seq=event["seq"])
    assert json.loads(content["body"])["reasons"] == {"rectify": "区里：六周"}


def test_what_was_refused_is_tried_again_by_whoever_proves_who_he_is(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], by: Callable[..., int]
) -> None:
    def another_clock(document: Document) -> None:
        text = json.dumps(document, ensure_ascii=False).replace('"rectify"', '"mend"')
        document.clear()
        document.update(json.loads(text))

    today, case_id = local_day(NOW), county.supervised_item(NOW - timedelta(days=20))
    asked: Any = {"clock": "rectify", "wanted_on": today + timedelta(90), "reason": "账目多", "data": WHY_LATER}
    county.engine.ask_extension(case_id, actor=county.actor("zhou", today), now=NOW, **asked)
    assert by("jiang", "publish", str(written(tmp_path, another_clock)), "--reason", "改名") == 0
    assert by("kong", "publish", "rectification") == 0
    assert run("workflow", "migrate", "rectification") == PARTLY
    capsys.readouterr()
    assert run("--as", "jiang", "workflow", "migrate", "rectification", "--again", "--yes") != 0
    assert "没有证明是本人" in capsys.readouterr().err
    county.fire(case_id, "advise_extension", "chen", NOW, extension_opinion="agreed")
    word: Any = {"clock": "rectify", "granted": False, "reason": "按期办"}
    county.engine.decide_extension(case_id, actor=county.actor("fang", today), now=NOW, **word)
    assert by("jiang", "migrate", "rectification", "--again", "--json") == 0
    found = told(capsys)
    assert (found["run"], found["total"], found["done"], found["refused"]) == (2, 1, 1, [])
    assert by("jiang", "migrate", "rectification", "--again") == REFUSED
    assert "没有可以再迁移的" in capsys.readouterr().err
    assert by("jiang", "migrate", "rectification", "--again", "--reverse") == USAGE


def test_the_second_person_reads_all_that_he_says_yes_to_before_he_is_asked(
    county: County,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
    by: Callable[..., int],
) -> None:
    def edit(document: Document) -> None:
        document.pop("scenarios")
        rename(document)
        part(document, "clocks", "rectify")["limits"] = [{"limit": "30 workday"}]
        part(document, "transitions", "remind")["who"].pop()

    county.supervised_item(NOW - timedelta(days=20))
    plan = ("--state", "supervised=in_hand", "--when", "received=stay", "--clock", "rectify=carry:县里定的")
    assert by("jiang", "publish", str(written(tmp_path, edit)), "--reason", "改名", *plan) == 0
    (publication,) = rows_of(county, Publication)
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run("--as", "kong", "workflow", "publish", "rectification", "--password-file", str(home / "kong")) != 0
    read = capsys.readouterr().err
    for words in ("改了什么", "30个工作日", "状态“督办”：立即，转到“办理”", "按原版本办完", "理由：县里定的", "不再可以"):
        assert words in read, words
    for words in ("新的督促里日子已经过去的：只办最近一步", "都说明了，没有留下的", "共1项：迁移1", publication["seal"]):
        assert words in read, words
    assert rows_of(county, Publication) == [publication]
    assert by("kong", "publish", "rectification", "--json") == 0
    said = capsys.readouterr()
    assert publication["seal"] in said.err and json.loads(said.out)["status"] == "current"


def test_a_kind_without_cases_takes_two_people_as_well(
    county: County, capsys: pytest.CaptureFixture[str], by: Callable[..., int], home: Path
) -> None:
    (home / "lin").write_text(issue_password(county.database, person_id=county.people["lin"], now=NOW, must_change=False))
    publish = ("publish", str(FINE), "--reason", "新的一类")
    assert run("workflow", *publish, "--yes") == REFUSED
    assert "两个人先后办" in capsys.readouterr().err
    assert rows_of(county, Draft) == []
    assert by("jiang", *publish) == 0
    assert by("jiang", "publish", str(FINE)) == REFUSED
    assert by("lin", "publish", str(FINE)) == REFUSED
    assert rows_of(county, Publication)[0]["granted"] is None
    assert by("kong", "publish", str(FINE)) == 0
    assert rows_of(county, Publication)[0]["granted"] is True
    capsys.readouterr()
    assert run("workflow", "export", "road_traffic_fine", "--version", "1") == 0
    assert capsys.readouterr().out.removesuffix("\n") == FINE.read_text(encoding="utf-8").removesuffix("\n")


def test_the_second_person_says_no_with_words(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], by: Callable[..., int]
) -> None:
    file = str(written(tmp_path, shorter))
    assert by("jiang", "publish", file, "--reason", "改时限") == 0
    capsys.readouterr()
    assert by("kong", "publish", "rectification", "--refuse", "太短", "--json") == 0
    assert told(capsys)["status"] == "refused"
    assert rows_of(county, Publication)[0]["decision"] == "太短"


def test_a_draft_whose_scenarios_come_out_otherwise_is_no_further_than_its_text(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def edit(document: Document) -> None:
        part(document, "clocks", "rectify")["limits"] = [{"limit": "30 workday"}]

    assert run("--as", "jiang", "workflow", "draft", str(written(tmp_path, edit))) == FOUND_FAULTS
    assert "情景“" in capsys.readouterr().out
    assert rows_of(county, Draft)[0]["proven"] == ""
    assert run("--as", "jiang", "workflow", "preview", "rectification") == REFUSED


def test_a_draft_is_checked_by_its_kind_and_may_be_previewed_from_then_on(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path, shorter).read_text(encoding="utf-8")
    told_at: Any = {"kind": "rectification", "name": "", "actor": county.actor("jiang", local_day(NOW)), "now": NOW}
    draft_id = county.database.write(lambda store: drafts.begin(store, source="states: [", **told_at))
    assert run("workflow", "check", "rectification") == FOUND_FAULTS
    assert "rectification:2:" in capsys.readouterr().out
    told_at = {"revision": 1, "actor": told_at["actor"], "now": NOW}
    county.database.write(lambda store: drafts.change(store, draft_id, source=source, **told_at))
    assert run("--as", "jiang", "workflow", "preview", "rectification") == REFUSED
    assert "草稿还没有通过检查" in capsys.readouterr().err
    assert run("workflow", "check", "rectification") == 0
    assert run("--as", "jiang", "workflow", "preview", "rectification") == 0
    assert run("workflow", "check", "no-such-file.yaml") == USAGE


def test_a_kind_is_stopped_and_opened_again_by_two_people(
    county: County, capsys: pytest.CaptureFixture[str], by: Callable[..., int]
) -> None:
    assert by("jiang", "retire", "clue", "--reason", "并入别的", "--json") == 0
    assert told(capsys) == {"kind": "clue", "what": "retire", "run": None, "motion": 1, "status": "waiting"}
    assert by("jiang", "retire", "clue", "--reason", "并入别的") == REFUSED
    assert by("kong", "retire", "clue", "--reopen", "--reason", "恢复") == REFUSED
    capsys.readouterr()
    assert by("kong", "retire", "clue", "--json") == 0
    assert told(capsys)["status"] == "done"
    assert by("jiang", "retire", "clue", "--reason", "并入别的") == REFUSED
    assert by("kong", "retire", "clue", "--reopen", "--reason", "恢复") == 0
    assert by("kong", "retire", "clue", "--reopen", "--withdraw", "再想想") == 0
    assert by("kong", "retire", "clue", "--reopen", "--withdraw", "再想想") == REFUSED
    assert [(row["what"], row["granted"]) for row in rows_of(county, Motion)] == [("retire", True), ("reopen", False)]


def test_a_name_alone_proves_nobody_and_another_persons_proof_neither(
    county: County, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def token_of(login: str) -> str:
        told: Any = {"person_id": county.people[login], "label": "duban", "now": NOW, "is_own": True}
        (home / "token").write_text(county.database.write(lambda store: tokens.create(store, **told)), encoding="utf-8")
        return str(home / "token")

    ask = ("--as", "jiang", "workflow", "retire", "clue", "--reason", "并入别的", "--yes")
    assert run(*ask) == REFUSED
    assert "没有证明是本人" in capsys.readouterr().err
    assert run(*ask, "--password-file", str(home / "kong")) == REFUSED
    assert run(*ask, "--token-file", token_of("kong")) == REFUSED
    assert "没有证明是本人" in capsys.readouterr().err
    assert run(*ask, "--token-file", token_of("jiang")) == 0
    issued: Any = {"person_id": county.people["kong"], "now": NOW, "must_change": True}
    (home / "kong").write_text(issue_password(county.database, **issued), encoding="utf-8")
    second = ("--as", "kong", "workflow", "retire", "clue", "--yes")
    assert run(*second, "--password-file", str(home / "kong")) == REFUSED, "somebody else has issued it"
    assert run(*second, "--token-file", token_of("kong")) == REFUSED, "nor does a token before it is changed"
    assert [row["granted"] for row in rows_of(county, Motion)] == [None]


def test_whoever_has_a_second_factor_shows_a_code_too_and_each_code_once(
    county: County, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = enrol(county, "jiang")
    ask = (
        "--as",
        "jiang",
        "workflow",
        "retire",
        "clue",
        "--reason",
        "并入别的",
        "--yes",
        "--password-file",
        str(home / "jiang"),
    )
    assert run(*ask) == REFUSED
    assert "没有证明是本人" in capsys.readouterr().err
    code = home / "code"
    code.write_text("000000" if pyotp.TOTP(secret).now() != "000000" else "111111", encoding="utf-8")
    assert run(*ask, "--code-file", str(code)) == REFUSED
    assert rows_of(county, Motion) == []
    capsys.readouterr()
    county.database.write(lambda store: store.execute(table_of(Throttle).delete()))
    code.write_text(pyotp.TOTP(secret).now(), encoding="utf-8")
    assert run(*ask, "--code-file", str(code)) == 0
    withdraw = (*ask, "--withdraw", "再想想", "--code-file", str(code))
    assert run(*withdraw) == REFUSED, "a code is worth nothing the second time"
    proofs = [row for row in rows_of(county, Trail, action="sign_in") if json.loads(row["facts"])["what"] == "proof"]
    assert [row["actor_id"] for row in proofs] == [county.people["jiang"]]


def test_who_must_have_a_second_factor_and_lost_it_decides_nothing_from_the_machine(
    county: County, by: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_SECOND_FACTOR", "required")
    assert by("jiang", "retire", "clue", "--reason", "并入别的") == REFUSED
    assert "先在网页上登记第二重验证" in capsys.readouterr().err
    assert rows_of(county, Motion) == []


def enrol(county: County, login: str) -> str:
    """The secret of a code generator that somebody has confirmed a while ago."""
    before, kept = datetime.now(UTC) - timedelta(minutes=5), Seal(load().sealing_key())
    person_id = county.people[login]
    begun = county.database.write(lambda store: factors.begin_totp(store, person_id=person_id, seal=kept, now=before))
    told = {"factor_id": begun[0], "code": pyotp.TOTP(begun[1]).at(before), "label": ""}
    county.database.write(lambda store: factors.confirm_totp(store, person_id=person_id, seal=kept, now=before, **told))
    return begun[1]


def test_what_a_plan_says_wrongly_and_what_is_not_there_are_one_sentence(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--as", "jiang", "workflow", "draft", str(written(tmp_path, shorter))) == 0
    for option, said in ((("--clock", "rectify"), "rectify"), (("--clock", "rectify=sometimes"), "clocks.rectify")):
        assert run("--as", "jiang", "workflow", "preview", "rectification", *option) == REFUSED
        assert said in capsys.readouterr().err
    assert run("--as", "jiang", "workflow", "preview", "clue") == REFUSED
    assert "没有草稿" in capsys.readouterr().err
    assert run("workflow", "migrate", "clue") == REFUSED
    assert "没有要迁移的" in capsys.readouterr().err


def test_the_scenarios_of_a_draft_are_told_one_by_one_with_what_came_otherwise(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(tmp_path, lambda _document: None))
    assert run("workflow", "scenarios", file, "--json") == 0
    found = told(capsys)
    assert [one["well"] for one in found] == [True, True] and found[0]["story"].startswith("2026年3月26日登记")

    def edit(document: Document) -> None:
        part(document, "clocks", "rectify")["limits"] = [{"limit": "30 workday"}]

    assert run("--as", "jiang", "workflow", "draft", str(written(tmp_path, edit))) == FOUND_FAULTS
    capsys.readouterr()
    assert run("workflow", "scenarios", "rectification") == FOUND_FAULTS
    assert "✗ 签收后一直未报" in (out := capsys.readouterr().out) and "“整改”的期限是" in out


def test_a_case_is_recorded_into_the_newest_draft_by_whoever_supervises_it_and_designs(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = case_row(county, county.supervised_item(NOW - timedelta(days=20), title="张三家门前路灯不亮"))["number"]
    assert run("--as", "jiang", "workflow", "draft", str(written(tmp_path, lambda _document: None))) == 0
    assert run("--as", "jiang", "workflow", "record", number) == REFUSED
    assert run("--as", "lin", "workflow", "record", number) == REFUSED
    office_id = county.organs["office"]
    post = {"person_id": county.people["jiang"], "role": "handler", "organ_id": office_id, "title": "", "ceiling": 3}
    county.database.write(lambda store: store.insert(Grant, [post]))
    capsys.readouterr()
    assert run("--as", "jiang", "workflow", "record", number, "--json") == 0
    assert [step["do"] for step in told(capsys)["scenario"]["steps"]] == ["transfer", "sign_for"]
    source = rows_of(county, Draft)[0]["source"]
    assert len(parse(source, name="draft").data["scenarios"]) == 3 and "张三" not in source and number not in source
    assert [row["actor_id"] for row in rows_of(county, Trail, action="read")] == [county.people["jiang"]]
