"""A preview is taken away on the command line as on its page: the same lines, a number, and a row in the list of exports."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from handlers.ledgers.marks import find_in_file
from tests.factories import County
from tests.web.commands.test_commands import run
from tests.web.commands.test_versions import NOW, county, shorter, told, written
from tests.workflow.looking import case_row, rows_of
from web.cli import REFUSED
from workflow.models import Export

__all__ = ["county"]


@pytest.fixture
def made(county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """The number of a preview that moves one case, and that of the case."""
    case_id = county.supervised_item(NOW - timedelta(days=20))
    assert run("--as", "jiang", "workflow", "draft", str(written(tmp_path, shorter))) == 0
    capsys.readouterr()
    assert run("--as", "jiang", "workflow", "preview", "rectification", "--clock", "rectify=carry:县里改了时限", "--json") == 0
    return str(told(capsys)["preview"]), case_row(county, case_id)["number"]


def take(*command: str) -> int:
    return run("--as", "jiang", "workflow", "lines", *command, "--json")


def test_each_form_has_a_line_for_each_case_and_stands_among_the_exports(
    county: County, made: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preview, number = made
    for form in ("csv", "xlsx", "json"):
        file = tmp_path / f"lines.{form}"
        assert take(preview, str(file)) == 0
        answer = told(capsys)
        assert (answer["rows"], answer["preview"]) == (1, int(preview))
        text = words_in(file)
        assert number in text
        assert answer["number"] == (find_in_file(file) or json.loads(file.read_text(encoding="utf-8"))["number"])
        assert "县里改了时限" in text or form != "xlsx"
    exports = rows_of(county, Export)
    assert [(row["what"], row["form"], row["line_count"]) for row in exports] == [
        ("preview", form, 1) for form in ("csv", "xlsx", "json")
    ]
    assert {row["person_id"] for row in exports} == {county.people["jiang"]}


def words_in(file: Path) -> str:
    """All that a file says."""
    if file.suffix == ".json":
        found = json.loads(file.read_text(encoding="utf-8"))
        return f"{found['number']} {found['lines']}"
    if file.suffix == ".csv":
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return " ".join(cell for row in csv.reader(opened) for cell in row)
    book = openpyxl.load_workbook(file)
    footer = " ".join(str(sheet.oddFooter.left.text) + str(sheet.oddFooter.center.text) for sheet in book)
    return footer + " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)


def test_the_last_year_is_taken_away_too(
    county: County, made: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("csv", "xlsx", "json"):
        assert take(made[0], str(tmp_path / "year"), "--year", "--format", form) == 0
        assert told(capsys)["rows"] >= 0
    assert {"talks", "orders", "townships", "number"} <= set(json.loads((tmp_path / "year").read_text(encoding="utf-8")))


def test_nobody_else_takes_it_away_and_none_that_there_is_not(made: tuple[str, str], tmp_path: Path) -> None:
    file = tmp_path / "lines.csv"
    assert run("--as", "lin", "workflow", "lines", made[0], str(file)) == REFUSED
    assert take("999", str(file)) == REFUSED
    assert not file.exists()
