"""Long work shows how far it has come: on a terminal, beside an answer in words, and nowhere else."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.web.commands.test_commands import run
from web.cli import DONE, PARTLY
from web.commands import tick

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests" / "data"
FINES = ("--definition", str(ROOT / "config/examples/road_traffic_fine.yaml"))
FINES += ("--mapping", str(ROOT / "config/imports/road_traffic.yaml"))
# Of a log, some events are always refused.
ENDS = (DONE, PARTLY)


class Terminal(io.StringIO):
    """What a person would see."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in the place of standard error, and few steps that are many."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(tick, "MANY", 1)
    return terminal


@pytest.fixture
def filled(home: Path) -> Path:
    """A home with some cases."""
    assert run("seed", "--cases", "30") == 0
    return home


def commands(home: Path) -> dict[str, tuple[str, ...]]:
    """Every command whose work may be long, by what its bar is called."""
    return {
        "催办": ("tick", "--now", "2030-01-01", "--yes"),
        "核对记录": ("audit", "verify"),
        "导出台账": ("--as", "linjing", "export", "ledger", str(home / "台账.xlsx")),
        "生成台账": ("seed", "--cases", "5"),
        "导入台账": ("import", "ledger", str(DATA / "public_bulletins.csv"), "--create-organisations", "--yes"),
        "导入日志": ("import", "log", str(DATA / "event_log_road_traffic.csv"), *FINES, "--yes"),
    }


def test_a_bar_comes_to_its_end_on_a_terminal(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched(monkeypatch)
    for title, command in commands(filled).items():
        before = len(seen.getvalue())
        assert run(*command) in ENDS, command
        drawn = seen.getvalue()[before:]
        assert title in drawn
        assert "100%" in drawn


def test_an_answer_in_json_stands_alone(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched(monkeypatch)
    for command in commands(filled).values():
        assert run(*command, "--json") in ENDS, command
    assert seen.getvalue() == ""


def test_nothing_is_drawn_where_nobody_looks(
    filled: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tick, "MANY", 1)
    capsys.readouterr()
    for command in commands(filled).values():
        assert run(*command) in ENDS, command
    assert capsys.readouterr().err == ""
