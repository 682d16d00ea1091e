"""Organisations from the command line: shown, asked, done or dated, told, withdrawn; by the system administrator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import load
from tests.factories import County, make_county
from tests.web.commands.test_commands import run
from tests.workflow.looking import case_row
from tests.workflow.reorganisation.test_second_person import hire
from web.cli import REFUSED, USAGE
from workflow.dates import local_day
from workflow.people.accounts import issue_password

NOW = datetime.now(UTC)
WHY = ("--reason", "撤村并居", "--paper", "安政发〔2026〕9号")


@pytest.fixture
def county(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[County]:
    """The county in the installation's own database."""
    assert run("init", "--yes") == 0
    capsys.readouterr()
    made = make_county(load().database)
    yield made
    made.database.close()


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    """The JSON that a command of the group answers."""
    assert run("organisation", *words, "--yes", "--json") == code
    return json.loads(capsys.readouterr().out)


def test_villages_are_merged_after_a_dry_run_told_the_same(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    case_id = county.supervised_item(NOW - timedelta(days=1))
    words = ("merge", "柳河镇/东沟村", "--into", "西头村", "--area", *WHY)
    would = answer(capsys, *words, "--dry-run")
    assert (would["cases"], would["against"]) == (1, [])
    assert would["gains"] == [{"organ": "西头村党支部", "people": 1, "cases": 1}]
    assert case_row(county, case_id)["holder_id"] == county.organs["donggou_branch"]
    assert answer(capsys, *words)["status"] == "done"
    assert case_row(county, case_id)["holder_id"] == county.organs["xitou_branch"]
    (told,) = answer(capsys, "changes")
    assert (told["said"], told["status"], told["paper"]) == ("东沟村并入西头村", "done", "安政发〔2026〕9号")
    assert [row["ended_on"] is not None for row in answer(capsys, "list") if row["name"] == "柳河镇/东沟村"] == [True]


def test_a_change_dated_ahead_waits_and_is_withdrawn(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    day = (local_day(NOW) + timedelta(9)).isoformat()
    told = answer(capsys, "rename", "东沟村党支部", "东桥村党支部", "--on", day, *WHY)
    assert told["status"] == "waiting"
    assert answer(capsys, "withdraw", str(told["change"]))["status"] == "withdrawn"
    assert [row["status"] for row in answer(capsys, "changes")] == ["withdrawn"]


def test_a_named_case_and_a_named_person_go_to_the_new_body(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    case_id = county.supervised_item(NOW - timedelta(days=1))
    number = case_row(county, case_id)["number"]
    answer(capsys, "split", "东沟村", "新沟村", "--area", "--case", number, "--post", "sun", *WHY)
    today = local_day(datetime.now(UTC))  # the command's, which midnight may have brought
    assert {post.organ_id for post in county.actor("sun", today).grants} == {case_row(county, case_id)["holder_id"]}
    assert case_row(county, case_id)["holder_id"] != county.organs["donggou_branch"]


def test_what_stands_against_it_is_said_and_whoever_may_not_changes_nothing(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    county.supervised_item(NOW - timedelta(days=1))
    assert run("organisation", "end", "东沟村党支部", *WHY, "--yes") == REFUSED
    assert "还有没办结的事项" in capsys.readouterr().err
    assert run("--as", "lin", "organisation", "end", "西头村党支部", *WHY, "--yes") == REFUSED
    assert run("organisation", "end", "没有这个支部", *WHY, "--yes") in (USAGE, REFUSED)
    assert "没有“没有这个支部”这个单位" in capsys.readouterr().err
    assert run("organisation", "move", "东沟村", "青石镇", *WHY, "--yes") == 0


def test_a_merge_that_shows_somebody_more_takes_two_people_who_prove_it(
    county: County, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_SECOND_FACTOR", "off")
    case_id = county.supervised_item(NOW - timedelta(days=1))
    for login, role in (("wang", "system_admin"), ("qin", "security_admin"), ("bao", "audit_admin")):
        hire(county, login, role)
        told: Any = {"person_id": county.people[login], "now": NOW, "must_change": False}
        (home / login).write_text(issue_password(county.database, **told) + "\n", encoding="utf-8")

    def by(login: str, *words: str, proof: bool = True) -> int:
        shown = ("--password-file", str(home / login)) if proof else ()
        return run("--as", login, "organisation", *words, *shown, "--yes", "--json")

    merge = ("merge", "柳河镇/东沟村", "--into", "西头村", "--area", *WHY)
    assert by("wang", *merge, proof=False) == REFUSED
    assert by("wang", *merge) == 0
    change = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert change["status"] == "proposed"
    decide = ("decide", str(change["change"]))
    assert by("wang", *decide) == REFUSED
    assert by("qin", *decide, proof=False) == REFUSED
    assert case_row(county, case_id)["holder_id"] == county.organs["donggou_branch"]
    capsys.readouterr()
    assert by("qin", *decide) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "done"
    assert case_row(county, case_id)["holder_id"] == county.organs["xitou_branch"]
