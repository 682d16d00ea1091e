"""duban retention: the same two people as on the pages, each with a proof of his own, and the same refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import load
from tests.factories import County, make_county
from tests.web.commands.test_commands import run
from tests.workflow.disposal.acts import REASON, TITLE
from tests.workflow.looking import case_row
from web.cli import DONE, REFUSED
from workflow.dates import add_months, local_day
from workflow.models import Case
from workflow.people.accounts import issue_password

NOW = datetime.now(UTC)


@pytest.fixture
def county(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[County]:
    """The county in the installation's own database, with passwords of some."""
    assert run("init", "--yes") == DONE
    capsys.readouterr()
    made = make_county(load().database)
    for login in ("song", "fang", "lin"):
        told: Any = {"person_id": made.people[login], "now": NOW, "must_change": False}
        (home / login).write_text(issue_password(made.database, **told) + "\n", encoding="utf-8")
    yield made
    made.database.close()


@pytest.fixture
def by(county: County, home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """A command of somebody who proves to be himself."""
    assert county
    monkeypatch.setenv("DUBAN_SECOND_FACTOR", "off")
    return lambda login, *told: run("--as", login, "retention", *told, "--password-file", str(home / login), "--yes", "--json")


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_case_goes_its_whole_way(county: County, by: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    case_id = county.open_item(NOW - timedelta(hours=1), title=TITLE)
    county.engine.void(case_id, actor=county.actor("zhao"), now=NOW - timedelta(minutes=9), reason="重复", approver="高建国")
    closed_on = add_months(local_day(NOW), -12 * 11)
    county.database.write(lambda store: store.update(Case, {"closed_on": closed_on}, id=case_id))
    number = case_row(county, case_id)["number"]
    assert run("--as", "song", "retention", "due", "--json") == DONE
    line = told(capsys)
    assert (line["number"], line["retention"], line["holds"], line["is_handled"]) == (number, "ordinary", [], False)
    assert by("lin", "propose", number, "--reason", REASON) == REFUSED
    assert "须由他人办理" in capsys.readouterr().err
    assert by("song", "propose", "没有这个号", "--reason", REASON) == REFUSED
    capsys.readouterr()
    assert by("song", "propose", number, "--reason", REASON) == DONE
    made = str(told(capsys)["id"])
    decide = ("decide", made, "--approve", "--reason", "同意")
    assert by("song", *decide, "--approval", "3号") == REFUSED
    assert by("fang", *decide) == REFUSED
    assert "批准文号" in capsys.readouterr().err
    assert by("fang", *decide, "--approval", "3号") == DONE
    answer = told(capsys)
    assert (answer["status"], [one["status"] for one in answer["lines"]]) == ("done", ["done"])
    assert run("--as", "lin", "retention", "show", made) == DONE
    assert f"{number}\t已销毁" in capsys.readouterr().out
    assert run("retention", "run", "--json") == DONE
    assert told(capsys) == {"settled": 0}
