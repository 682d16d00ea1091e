"""What was typed wrongly, and what is not there, is told in a sentence of the command line's language."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import MakeDatabase
from tests.web.commands.test_commands import run
from web.cli import REFUSED, USAGE
from workflow.database import Database
from workflow.heartbeat import BEAT_SECONDS, last_runs, say_run

ENGLISH = re.compile(r"\b(?:such|option|missing|invalid|value|usage|error|argument|does|not)\b", re.IGNORECASE)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nosuch", "没有“nosuch”这个命令"),
        ("workflow chek x", "没有“chek”这个命令，是不是“check”？"),
        ("tick --nwo 3", "没有“--nwo”这个选项，是不是“--now”？"),
        ("tick --now", "选项“--now”后面没有写值"),
        ("tick --yes=3", "选项“--yes”后面不能写值"),
        ("tick 3 4", "“3 4”是多出来的"),
        ("import withdraw x --reason a", "“IMPORT_ID”要写成整数"),
        ("import withdraw 1", "没有写“--reason”"),
        ("import ledger", "没有写“FILE”"),
        ("import ledger nosuch.xlsx", "“FILE”写的文件没有找到"),
        ("workflow check .", "“FILE|KEY”写的是一个文件夹"),
        ("export ledger x --format pdf", "“--format”只能写xlsx、csv"),
    ],
)
def test_what_was_typed_wrongly_is_told_in_chinese(typed: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*typed.split()) == USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"命令写得不对：{said}")
    assert not ENGLISH.search(told.err)


@pytest.mark.parametrize("typed", ["tick --yes", "case list", "doctor", "import list", "user list", "serve", "calendar show"])
def test_before_init_every_command_says_what_to_do_first(home: Path, typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(home.rglob("*"))
    assert run(*typed.split()) == REFUSED
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "还不能使用：还没有数据库，先运行 duban init\n")
    assert sorted(home.rglob("*")) == before


@pytest.mark.usefixtures("home")
def test_what_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", "--yes") == 0
    for typed, said in (
        ("--as nobody case list", "没有“nobody”这个账号"),
        ("import withdraw 99 --reason 试 --yes", "没有第99次导入，用 duban import list 查看"),
        ("case list --kind nosuch", "有一处不能识别，没有提交：没有“nosuch”这一类事项，已有clue、interview、measure、"),
    ):
        capsys.readouterr()
        assert run(*typed.split()) == REFUSED
        assert capsys.readouterr().err.startswith(said)


@pytest.mark.usefixtures("home")
def test_a_case_that_is_not_there_is_answered_as_one_that_may_not_be_seen(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", "--yes") == 0
    capsys.readouterr()
    assert run("case", "show", "整改〔2026〕1号") == REFUSED
    assert capsys.readouterr().err.startswith("没有这一项：地址或编号可能有误，也可能不在你的知情范围内")


def test_a_sweep_by_hand_that_did_nothing_is_remembered_at_most_once_a_minute(make_database: MakeDatabase) -> None:
    database = Database(make_database())
    first = datetime(2026, 11, 25, 9, tzinfo=UTC)
    soon, later = first + timedelta(seconds=BEAT_SECONDS - 1), first + timedelta(seconds=BEAT_SECONDS)
    for at, fired, remembered in (
        (first, 0, first),
        (soon, 0, first),
        (later, 0, later),
        (later + timedelta(seconds=1), 2, None),
    ):
        say_run(database, "tick", {"fired": fired}, at)
        assert database.read(last_runs)["tick"] == (remembered or at)
    database.close()
