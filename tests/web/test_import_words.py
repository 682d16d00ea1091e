"""Whatever an import says of a row is in words; none of its ids reaches a reader."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.imports import load_ledger_words
from handlers.ledgers.importing import SHEET_ROWS
from handlers.ledgers.reading import read_ledger
from handlers.ledgers.rows import ItemRow, Note
from handlers.ledgers.tables import Skipped
from states.definition import LANGUAGES, Language
from tests.house.source import ROOT
from tests.web.commands.test_imports import NOW, OPERATOR, ledger, run
from web.cli import FOUND_FAULTS
from web.import_words import LEFT_OUT, NO_ITEM, TO_LOOK_AT, place_of, refused_words, warning_words
from web.ledger_import import _refusal, make_request

LEDGERS = sorted((ROOT / "handlers" / "ledgers").glob("*.py"))
ID = re.compile(r"[a-z]+(?:_[a-z]+)+")


def _notes() -> Iterator[str]:
    for path in LEDGERS:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Note":
                assert isinstance(node.args[0], ast.Constant)
                yield str(node.args[0].value)


def _listed(described: type) -> set[str]:
    """The ids that the docstring of a row's class lists."""
    return set(ID.findall(described.__doc__ or ""))


def test_every_thing_to_look_at_is_in_words() -> None:
    warned = {word["warning"] for word in load_ledger_words()["statuses"] if word.get("warning")}
    assert {*_notes(), *warned} - set(TO_LOOK_AT) == set()
    assert _listed(Note) - set(TO_LOOK_AT) == set()
    assert {"start_is_import_day", "repeated_row", "due_not_read"} <= _listed(ItemRow) & set(TO_LOOK_AT)


def test_every_row_that_is_no_item_is_in_words() -> None:
    kinds = {kind for kind, told in load_ledger_words()["row_kinds"].items() if not told["item"]}
    assert (kinds | _listed(Skipped)) - set(NO_ITEM) == set()
    assert set(LEFT_OUT) == {"ignored", "unknown_activity", "no_case", "no_time", "here_otherwise"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_id_is_shown(language: Language) -> None:
    for why in TO_LOOK_AT:
        assert not ID.search(warning_words({"why": [why]}, language))
    for why in ("empty", "unknown_state", "form_invalid", "no_such_reason"):
        assert not ID.search(refused_words({"field": "problem", "why": why}, language))
    assert refused_words({"field": "problem", "why": "empty"}) == "反馈问题 没有填"


def test_a_place_is_its_sheet_and_its_row_where_they_are_known() -> None:
    assert place_of({"sheet": "第六轮", "row": 3}) == "第六轮 第3行"
    assert place_of({"sheet": "第六轮", "row": None}) == "第六轮"
    assert place_of({"row": 3}) == "第3行"


def test_an_import_prints_the_mapping_and_what_is_to_be_looked_at_also_when_it_is_done(
    home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE_URL", database_url)
    assert run("init", "--yes") == 0
    file = home / "台账.csv"
    file.write_bytes(ledger("编号,村居,反馈问题,整改时限", "1,东沟村,一,麦收前", "2,东沟村,,", "合计,,,"))
    asked = ("import", "ledger", str(file), "--create-organisations", "--county", "安澜县")
    for end, code in (("--dry-run", FOUND_FAULTS), ("--yes", 4)):
        capsys.readouterr()
        assert run(*asked, end) == code
        told = capsys.readouterr().out.splitlines()
        assert told[0] == "表头对照：编号→old_number，村居→village，反馈问题→problem，整改时限→due"
        assert "台账 第4行：不是事项（小计或合计）" in told
        assert any(line.startswith("台账 第2行：") and "时限没有读成日期" in line for line in told)
        assert "台账 第3行：不能导入，反馈问题 没有填" in told


def test_a_row_that_the_engine_refuses_is_told_with_its_sheet() -> None:
    source = ledger("乡镇,村居,反馈问题", "柳河镇,东沟村,一", "柳河镇,西头村,二")
    reading = read_ledger(source, "第六轮.csv", today=NOW.date())
    first, second = reading.rows
    reading = replace(reading, rows=(first, replace(second, sheet="第七轮")))
    asked = make_request(reading, source, "台账.xlsx", actor=OPERATOR, now=NOW, is_creating=True)
    told = _refusal(asked, SHEET_ROWS + second.row, "bad_input", {"why": "unknown_state"})
    assert told == {"sheet": "第七轮", "row": 3, "field": "", "why": "unknown_state"}
    assert f"{place_of(told)}：{refused_words(told)}" == "第七轮 第3行：有一步不认识"
