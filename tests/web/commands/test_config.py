"""Settings from the command line: the same two people, the same history, the same refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.settings import load
from tests.factories import County, make_county
from tests.web.commands.test_commands import run
from tests.workflow.configuration.conftest import hire_security
from tests.workflow.looking import rows_of
from tests.workflow.versions.conftest import hire
from web.cli import DONE, REFUSED, USAGE
from workflow.configuration.bundles import pack, unpack
from workflow.models import ImportRun, SettingVersion
from workflow.people import tokens
from workflow.people.accounts import issue_password


@pytest.fixture
def county(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[County]:
    """The county with its four administrators, in the installation's own database."""
    assert home
    assert run("init", "--yes") == DONE
    capsys.readouterr()
    made = make_county(load().database)
    hire(made)
    hire_security(made)
    for login in ("jiang", "kong", "lin"):
        told: Any = {"person_id": made.people[login], "now": datetime.now(UTC), "must_change": False}
        (home / login).write_text(issue_password(made.database, **told) + "\n", encoding="utf-8")
    yield made
    made.database.close()


@pytest.fixture
def by(county: County, home: Path) -> Callable[..., int]:
    """A command of somebody who proves to be himself."""
    assert county
    return lambda login, *told: run("--as", login, *told, "--password-file", str(home / login))


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_message_goes_its_whole_way(
    county: County, by: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert county
    assert run("config", "list", "message", "--json") == DONE
    before = {line["key"]: line for line in told(capsys)}
    assert before["closed"] == {**before["closed"], "version": 0, "title": "准予销号"}
    assert run("config", "show", "message", "closed") == DONE
    file = tmp_path / "closed.yaml"
    file.write_text(capsys.readouterr().out.replace("准予销号", "销号"), encoding="utf-8")
    propose = ("config", "propose", "message", "closed", str(file), "--reason", "简短些", "--yes", "--json")
    assert run(*propose) == REFUSED
    assert "--as" in capsys.readouterr().err
    assert by("lin", *propose) == REFUSED
    capsys.readouterr()
    assert by("jiang", *propose) == DONE
    made = told(capsys)["id"]
    assert by("jiang", "config", "decide", str(made), "--agree", "--yes") == REFUSED
    assert "须由他人决定" in capsys.readouterr().err
    assert by("kong", "config", "decide", str(made), "--agree", "--yes", "--json") == DONE
    assert told(capsys) == {"id": made, "status": "current", "version": 1}
    assert run("config", "show", "message", "closed", "--json") == DONE
    assert told(capsys)["version"] == 1
    assert run("config", "history", "message", "closed", "--json") == DONE
    history = told(capsys)
    assert [(one["number"], one["proposer"], one["decider"], one["reason"]) for one in history] == [
        (1, "jiang", "kong", "简短些"),
        (0, "", "", ""),
    ]
    assert history[0]["changed"] == [
        "简体：由“编号{编号}事项经核验符合销号条件，于{销号日期}准予销号。”改为“编号{编号}事项经核验符合销号条件，于{销号日期}销号。”"
    ]
    assert run("config", "history", "message", "closed") == DONE
    assert "jiang提出，kong决定 简短些" in capsys.readouterr().out


def test_what_is_refused_and_what_is_taken_back(
    county: County, by: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "closed.yaml"
    file.write_text("zh-Hans: '{number.__class__}'\nzh-Hant: a\nen: b\n", encoding="utf-8")
    propose = ("config", "propose", "message", "closed", str(file), "--reason", "试", "--yes")
    assert by("jiang", *propose) == REFUSED
    assert "大括号不成对" in capsys.readouterr().err
    assert run("config", "show", "message", "nothing") == REFUSED
    assert "没有“message nothing”这一项配置" in capsys.readouterr().err
    assert run("config", "show", "colour", "red") == USAGE
    capsys.readouterr()
    file.write_text("zh-Hans: '{number}'\nzh-Hant: '{number}'\nen: '{number}'\n", encoding="utf-8")
    assert by("jiang", *propose) == DONE
    made = str(rows_of(county, SettingVersion)[-1]["id"])
    assert by("kong", "config", "decide", made, "--refuse", "--yes") == REFUSED
    assert by("kong", "config", "withdraw", made, "--words", "不对", "--yes") == REFUSED
    assert by("jiang", "config", "withdraw", made, "--words", "写错了", "--yes", "--json") == DONE
    assert rows_of(county, SettingVersion)[-1]["granted"] is False


def test_a_persons_year_of_the_calendar_waits_for_another_keeper(
    county: County, by: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert county
    file = tmp_path / "2027.yaml"
    file.write_text("year: 2027\nholidays: {元旦: ['2027-01-01']}\n", encoding="utf-8")
    assert by("jiang", "calendar", "import", str(file), "--note", "国办发明电", "--yes", "--json") == DONE
    made = str(told(capsys)["id"])
    assert run("calendar", "show", "--json") == DONE
    assert 2027 not in [year["year"] for year in told(capsys)["years"]]
    assert by("kong", "config", "decide", made, "--agree", "--yes") == DONE
    capsys.readouterr()
    assert run("calendar", "show", "--json") == DONE
    assert 2027 in [year["year"] for year in told(capsys)["years"]]


def test_a_bundle_is_written_shown_and_brought_in(
    county: County, by: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "configuration.zip"
    assert run("config", "export", str(file), "--json") == DONE
    assert told(capsys)["bytes"] == file.stat().st_size
    assert run("config", "import", str(file)) == DONE
    assert capsys.readouterr().out == "全都相同\n"
    files = unpack(file.read_bytes())
    files["settings/message/closed.yaml"] = "zh-Hans: '{number}销号'\nzh-Hant: '{number}銷號'\nen: '{number}'\n"
    file.write_bytes(pack(files))
    assert run("--as", "jiang", "config", "import", str(file)) == DONE
    assert "settings/message/closed.yaml\t准予销号" in capsys.readouterr().out
    assert [row for row in rows_of(county, SettingVersion) if row["granted"] is None] == []
    assert by("jiang", "config", "import", str(file), "--reason", "照县里的办", "--yes", "--json") == DONE
    assert [line["status"] for line in told(capsys) if line["made"]] == ["changed"]
    assert len([row for row in rows_of(county, SettingVersion) if row["granted"] is None]) == 1
    file.write_bytes(b"x")
    assert run("config", "import", str(file)) == REFUSED
    assert "这不是配置包" in capsys.readouterr().err


def test_a_setting_is_proposed_and_decided_by_who_proves_to_be_himself(
    county: County, by: Callable[..., int], home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "closed.yaml"
    file.write_text("zh-Hans: '{number}'\nzh-Hant: '{number}'\nen: '{number}'\n", encoding="utf-8")
    propose = ("config", "propose", "message", "closed", str(file), "--reason", "试", "--yes")
    assert run("--as", "jiang", *propose) == REFUSED
    assert "没有证明是本人" in capsys.readouterr().err
    assert by("jiang", *propose) == DONE
    decide = ("--as", "kong", "config", "decide", str(rows_of(county, SettingVersion)[-1]["id"]), "--agree", "--yes")
    assert run("user", "token", "kong", "接口") == DONE
    made_here = home / "token"
    made_here.write_text(capsys.readouterr().out.splitlines()[-1], encoding="utf-8")
    assert run(*decide, "--token-file", str(made_here)) == REFUSED, "whoever sits here makes one for everybody"
    told: Any = {"person_id": county.people["kong"], "label": "脚本", "now": datetime.now(UTC), "is_own": True}
    made_here.write_text(county.database.write(lambda store: tokens.create(store, **told)), encoding="utf-8")
    assert run(*decide, "--token-file", str(made_here)) == DONE


def test_a_mapping_is_kept_by_one_importer_named_and_used_by_an_import(
    county: County, by: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "mapping.yaml"
    text.write_text(
        "name: 柳河镇的表\ncolumns: {乡镇: township, 村居: village, 反馈问题: problem, 谁来改: unit}\n", encoding="utf-8"
    )
    ledger = tmp_path / "台账.csv"
    ledger.write_text("乡镇,村居,反馈问题,谁来改\n柳河镇,东沟村,账目混乱,镇财政所\n", encoding="utf-8")
    ask = ("config", "propose", "ledger_mapping", "liuhe", str(text), "--reason", "镇里的表", "--yes", "--json")
    assert by("lin", *ask) == DONE
    assert told(capsys)["status"] == "current"
    assert run("config", "list", "ledger_mapping", "--json") == DONE
    assert [(one["title"], one["version"]) for one in told(capsys)] == [("柳河镇的表", 1)]
    bring = ("--as", "lin", "import", "ledger", str(ledger), "--yes", "--ladder", "off", "--json")
    assert run(*bring, "--kept-mapping", "没有这份") == REFUSED
    assert run(*bring, "--kept-mapping", "柳河镇的表", "--mapping", str(text)) == USAGE
    assert run(*bring, "--kept-mapping", "柳河镇的表") == DONE
    assert [(row["mapping_key"], row["mapping_number"]) for row in rows_of(county, ImportRun)] == [("liuhe", 1)]
    text.write_text(text.read_text(encoding="utf-8").replace("谁来改: unit", "谁来改: unit, 举报人: note"), encoding="utf-8")
    capsys.readouterr()
    assert by("lin", *ask) == DONE
    assert told(capsys)["status"] == "waiting"
