"""A faulty file of a definition is told fault by fault, whichever command reads it, and never as a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import config
from tests.web.commands.test_commands import run
from web.cli import FOUND_FAULTS, REFUSED
from web.file_words import DOCUMENT_WHY

SHIPPED = Path(config.__file__).parent
LOG = Path(__file__).parents[2] / "data" / "event_log_road_traffic.csv"
KIND = (SHIPPED / "examples" / "road_traffic_fine.yaml").read_text(encoding="utf-8")
FAULTY: dict[str, tuple[Callable[[str], str], str]] = {
    "unknown_effect": (
        lambda text: text.replace("    main: true\n", "    main: true\n    effects: [sing]\n", 1),
        "unknown_name",
    ),
    "unknown_key": (lambda text: text.replace("level: 0\n", "level: 0\ncolour: red\n"), "unknown_key"),
    "wrong_value": (lambda text: text.replace("type: money", "type: number", 1), "wrong_value"),
    "missing_clock": (lambda text: text[: text.index("\nclocks:")] + "\nclocks: []\n", "state_without_running_clock"),
    "broken": (lambda text: text.replace("states:\n", "states: [}\n"), "not_yaml"),
    "twice": (lambda text: text + "level: 0\n", "duplicate_key"),
    "hollow": (lambda _text: "", "empty"),
    "nothing": (lambda _text: "~\n", "wrong_type"),
}

faulty = pytest.mark.parametrize("name", FAULTY)


def faulty_file(folder: Path, name: str) -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(FAULTY[name][0](KIND), encoding="utf-8")
    return file


@faulty
def test_publishing_a_faulty_definition_tells_what_checking_it_tells(
    name: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = faulty_file(tmp_path, name)
    assert run("workflow", "check", str(file)) == FOUND_FAULTS
    told = capsys.readouterr().out
    assert FAULTY[name][1] in told and f"{name}.yaml:" in told
    assert run("workflow", "publish", str(file), "--yes") == FOUND_FAULTS
    assert capsys.readouterr().out == told
    assert run("workflow", "publish", str(file), "--yes", "--json") == FOUND_FAULTS
    assert FAULTY[name][1] in {fault["id"] for fault in json.loads(capsys.readouterr().out)}
    assert not (home / "duban.db").exists()


@faulty
def test_importing_a_log_with_a_faulty_definition_tells_the_same_faults(
    name: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("init", "--yes") == 0
    file = faulty_file(tmp_path, name)
    run("workflow", "check", str(file))
    told = capsys.readouterr().out.splitlines()[-1]
    log, mapping = home / "日志.csv", SHIPPED / "imports" / "road_traffic.yaml"
    log.write_bytes(LOG.read_bytes())
    asked = ("import", "log", str(log), "--definition", str(file), "--mapping", str(mapping), "--county", "安澜县", "--yes")
    assert run(*asked) == FOUND_FAULTS
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "流程定义有错，没有保存" and said[-1] == told


def test_what_may_be_written_is_named_with_the_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("workflow", "check", str(faulty_file(tmp_path, "wrong_value"))) == FOUND_FAULTS
    said = capsys.readouterr().out
    assert "“type”不能写“number”" in said and "可写：text、long_text、" in said


@pytest.mark.parametrize("code", ["not_yaml", "duplicate_key", "empty"])
def test_a_text_that_is_no_yaml_is_told_once_and_in_chinese(
    code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = next(name for name, (_change, fault) in FAULTY.items() if fault == code)
    assert run("workflow", "check", str(faulty_file(tmp_path, name))) == FOUND_FAULTS
    (line,) = capsys.readouterr().out.splitlines()
    assert line.count(f"{name}.yaml") == line.count(code) == 1
    assert line.endswith(DOCUMENT_WHY[code] % {"key": "level"})


def test_a_definition_that_a_notepad_wrote_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "记事本.yaml"
    file.write_bytes(KIND.encode("gb18030"))
    assert run("workflow", "check", str(file)) == 0
    capsys.readouterr()
    assert run("workflow", "draw", str(file), "--format", "mermaid") == 0
    assert "开具" in capsys.readouterr().out


def test_a_file_that_is_no_text_is_refused_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "图片.yaml"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)))
    assert run("workflow", "check", str(file)) == REFUSED
    assert "“图片.yaml”的文字编码不能识别" in capsys.readouterr().err


@pytest.mark.usefixtures("home")
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", "--yes") == 0
    capsys.readouterr()
    target = tmp_path / "没有的文件夹" / "台账.xlsx"
    assert run("export", "ledger", str(target)) == REFUSED
    assert capsys.readouterr().err == f"不能读写“{target}”：没有这个文件或文件夹\n"


def test_a_file_of_a_kind_that_nobody_ships_is_checked_without_a_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "nowhere"
    for name, value in (("HOME", str(home)), ("DATABASE_URL", f"sqlite:///{home}/duban.db"), ("SECRET_KEY", "")):
        monkeypatch.setenv(f"DUBAN_{name}", value)
    own = KIND.replace("key: road_traffic_fine", "key: household_visit", 1)
    assert "household_visit" in own
    file = tmp_path / "visit.yaml"
    file.write_text(own, encoding="utf-8")
    assert run("workflow", "check", str(file), "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    file.write_text(own.replace("    main: true\n", "    main: true\n    effects: [sing]\n", 1), encoding="utf-8")
    assert run("workflow", "check", str(file), "--json") == FOUND_FAULTS
    assert [fault["id"] for fault in json.loads(capsys.readouterr().out)] == ["unknown_name"]
    assert not home.exists()
