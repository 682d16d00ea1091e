"""duban vote: the same verbs as on the pages, and nobody votes by a name alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import load
from tests.factories import County, make_county
from tests.web.commands.test_answers import keys_of, rows_for
from tests.web.commands.test_commands import run
from tests.workflow.looking import case_row, rows_of
from tests.workflow.test_votes import DATA, STEP, publish
from web.cli import DONE, REFUSED
from workflow.dates import local_day
from workflow.models import Ballot, Resolution
from workflow.people.accounts import issue_password

NOW = datetime.now(UTC)
ANSWERS = json.dumps(DATA, ensure_ascii=False)


@pytest.fixture
def county(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[County]:
    """The county in the installation's own database, with passwords of some."""
    monkeypatch.setenv("DUBAN_SECOND_FACTOR", "off")
    assert run("init", "--yes") == DONE
    capsys.readouterr()
    made = make_county(load().database)
    publish(made)
    for login in ("song", "fang", "lin"):
        told: Any = {"person_id": made.people[login], "now": NOW, "must_change": False}
        (home / login).write_text(issue_password(made.database, **told) + "\n", encoding="utf-8")
    yield made
    made.database.close()


@pytest.fixture
def number(county: County) -> str:
    case_id = county.supervised_item(NOW - timedelta(minutes=10), immediate="rectify_now")
    return str(case_row(county, case_id)["number"])


@pytest.fixture
def by(county: County, home: Path) -> Callable[..., int]:
    """A command of somebody who proves to be himself."""
    assert county
    proof = "--password-file"
    return lambda login, *told: run("--as", login, "vote", *told, proof, str(home / login), "--yes", "--json")


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_step_goes_its_whole_way(
    county: County, number: str, by: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    plain = ("--yes", "--json")
    assert run("--as", "chen", "vote", "ask", number, STEP, "--data", ANSWERS, *plain) == REFUSED
    assert run("--as", "lin", "vote", "ask", number, STEP, "--data", "[]", *plain) == REFUSED
    capsys.readouterr()
    assert run("--as", "lin", "vote", "ask", number, STEP, "--data", ANSWERS, *plain) == DONE
    assert run("--as", "song", "vote", "cast", number, STEP, "--choice", "agree", *plain) == REFUSED, "a name proves nobody"
    assert by("lin", "cast", number, STEP, "--choice", "agree") == REFUSED, "who asked has no word"
    assert by("fang", "cast", number, STEP, "--choice", "disagree") == REFUSED, "dissent says why"
    assert rows_of(county, Ballot) == []
    assert by("fang", "cast", number, STEP, "--choice", "disagree", "--reason", "证据不足") == DONE
    assert by("song", "cast", number, STEP, "--choice", "agree") == DONE
    capsys.readouterr()
    assert run("--as", "song", "vote", "show", number, *plain) == DONE
    (one,) = told(capsys)
    assert (one["outcome"], one["voted"], one["agreed"], one["may_vote"]) == ("open", 2, 1, False)
    assert set(keys_of(one)) <= set(re.findall(r"[a-z_]+", rows_for(("vote", "show"))))
    assert run("--as", "song", "vote", "show", number) == DONE
    words = capsys.readouterr().out
    assert "方磊 不同意：证据不足" in words and "未表决：赵国华" in words
    assert run("--as", "zhou", "vote", "show", number) == DONE
    assert "证据不足" not in capsys.readouterr().out
    assert run("--as", "han", "vote", "show", number) == REFUSED


def test_minutes_are_recorded_with_their_scan_and_the_step_is_taken(
    county: County, number: str, by: Callable[..., int], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--as", "lin", "vote", "ask", number, STEP, "--data", ANSWERS) == DONE
    scan = home / "纪要.png"
    scan.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    words = json.dumps({"song": "agree", "zhao": "agree", "fang": ["disagree", "证据不足"]})
    minutes = ("record", number, STEP, "--scan", str(scan), "--met-on", local_day(NOW).isoformat())
    assert run("--as", "lin", "vote", *minutes, "--votes", words, "--yes") == REFUSED, "a name proves nobody"
    assert by("lin", *minutes, "--votes", '{"nobody": "agree"}') == REFUSED
    assert by("song", *minutes, "--votes", words) == REFUSED, "who votes does not record"
    assert rows_of(county, Ballot) == []
    assert run("--as", "lin", "case", "fire", number, STEP, "--data", ANSWERS) == REFUSED
    assert by("lin", *minutes, "--votes", words, "--minutes", "第3次会议纪要") == DONE
    assert {row["recorded_by"] for row in rows_of(county, Ballot)} == {county.people["lin"]}
    assert run("--as", "lin", "case", "fire", number, STEP, "--data", ANSWERS) == DONE
    assert [row["outcome"] for row in rows_of(county, Resolution)] == ["used"]


def test_whoever_asked_takes_it_back(county: County, number: str) -> None:
    assert run("--as", "lin", "vote", "ask", number, STEP, "--data", ANSWERS) == DONE
    assert run("--as", "song", "vote", "withdraw", number, STEP, "--reason", "再议", "--yes") == REFUSED
    assert run("--as", "lin", "vote", "withdraw", number, STEP, "--reason", "再议", "--yes") == DONE
    assert [row["outcome"] for row in rows_of(county, Resolution)] == ["withdrawn"]
