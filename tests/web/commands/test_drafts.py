"""All that the designer and the pages of versions show and do with drafts, from the command line."""

from __future__ import annotations

import copy
import io
import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.documents import parse
from tests.factories import County
from tests.web.cases.test_closed_orders import CLUE
from tests.web.commands.test_commands import run
from tests.web.commands.test_progress import Terminal
from tests.web.commands.test_versions import FINE, NOW, by, county, rename, shorter, told, written
from tests.workflow.looking import case_row, rows_of
from web.cli import REFUSED, USAGE
from web.wiring import gallery, shipped_workflows
from workflow.dates import local_day
from workflow.models import Case, Draft, DraftStep, Trail

__all__ = ["by", "county"]


def draft(capsys: pytest.CaptureFixture[str], *told_of: str) -> int:
    """The id of a draft that an administrator begins."""
    assert run("--as", "jiang", "workflow", "draft", *told_of, "--json") == 0
    return int(told(capsys)["draft"])


def test_a_draft_begins_with_an_example_what_is_current_or_nothing(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("workflow", "examples", "--json") == 0
    names = [one["name"] for one in told(capsys)]
    assert {*gallery(), FINE.stem} == set(names)
    for begun, kind in (
        (("--example", FINE.stem), FINE.stem),
        (("--example", next(iter(gallery()))), "rectification"),
        (("--current", "clue"), "clue"),
        (("--empty", "well", "--title", "机井"), "well"),
    ):
        assert rows_of(county, Draft, id=draft(capsys, *begun))[0]["kind"] == kind
    assert [bool(row["proven"]) for row in rows_of(county, Draft)] == [True] * 4
    assert run("--as", "jiang", "workflow", "draft", "--empty", "well", "--title", "机井", "--name", "另一份") == 0
    assert rows_of(county, Draft)[-1]["name"] == "另一份"


def test_what_a_draft_cannot_begin_with_is_one_sentence(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    for begun, code, said in (
        ((), USAGE, "命令写得不对"),
        ((str(FINE), "--current", "clue"), USAGE, "命令写得不对"),
        (("--example", "nothing"), REFUSED, "没有“nothing”这个范例"),
        (("--current", "nothing"), REFUSED, "没有这一类事项"),
        (("--empty", "clue", "--title", "线索"), REFUSED, "clue"),
        (("--empty", "Bad Key", "--title", "线索"), REFUSED, "标识只用小写字母"),
        (("--empty", "well"), REFUSED, "名称"),
    ):
        assert run("--as", "jiang", "workflow", "draft", *begun) == code
        assert said in capsys.readouterr().err
    assert run("--as", "lin", "workflow", "draft", "--current", "clue") == REFUSED
    assert rows_of(county, Draft) == []


def test_a_file_is_the_next_text_of_a_draft_and_can_be_taken_back(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = draft(capsys, str(written(tmp_path, shorter)), "--name", "试稿")
    before = rows_of(county, Draft)[0]["source"]
    assert draft(capsys, str(written(tmp_path, rename)), "--onto", str(first)) == first
    row = rows_of(county, Draft)[0]
    assert (row["revision"], row["name"]) == (2, "试稿") and "in_hand" in row["source"] and row["proven"] == row["digest"]
    assert [step["source"] for step in rows_of(county, DraftStep)] == [before, row["source"]]
    assert run("--as", "jiang", "workflow", "draft", str(FINE), "--onto", str(first)) == REFUSED
    assert f"没有第{first}份草稿" in capsys.readouterr().err
    assert rows_of(county, Draft)[0]["source"] == row["source"]


def test_drafts_are_listed_named_printed_and_dropped_each_by_its_number(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = draft(capsys, str(written(tmp_path, shorter)))
    other = draft(capsys, str(written(tmp_path, rename)), "--name", "改名")
    assert run("workflow", "export", "rectification", "--draft", str(one), "--json") == 0
    assert json.loads(told(capsys)["text"]) == json.loads(rows_of(county, Draft, id=one)[0]["source"])
    assert run("workflow", "export", "clue", "--draft", str(one)) == REFUSED
    assert run("workflow", "diff", "rectification", "--draft", str(one), "--json") == 0
    assert not any("办理" in sentence["said"] for sentence in told(capsys)), "it is not the newest"
    assert run("workflow", "scenarios", "rectification", "--draft", str(one), "--json") == 0
    assert told(capsys) == []
    assert run("workflow", "check", "rectification", "--draft", str(one)) == 0
    assert run("--as", "jiang", "workflow", "name", str(one), "两个月") == 0
    assert run("--as", "jiang", "workflow", "name", str(one), "长" * 61) == REFUSED
    assert run("--as", "lin", "workflow", "name", str(one), "别的") == REFUSED
    capsys.readouterr()
    assert run("workflow", "drafts", "rectification", "--json") == 0
    listed = told(capsys)
    assert [(row["draft"], row["name"], row["proven"], row["faults"]) for row in listed] == [
        (one, "两个月", True, 0),
        (other, "改名", True, 0),
    ]
    assert run("workflow", "drafts", "clue", "--json") == 0 and told(capsys) == []
    assert run("--as", "lin", "workflow", "drop", str(other), "--yes") == REFUSED
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert run("--as", "jiang", "workflow", "drop", str(other)) == USAGE, "it asks first"
    assert run("--as", "jiang", "workflow", "drop", str(other), "--yes") == 0
    assert [row["status"] for row in rows_of(county, Draft)] == ["open", "dropped"] and rows_of(county, DraftStep) == []
    assert run("--as", "jiang", "workflow", "drop", "99", "--yes") == REFUSED


def test_a_draft_that_is_proposed_is_not_dropped_and_the_named_one_is_what_was_proposed(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], by: Callable[..., int]
) -> None:
    one = draft(capsys, str(written(tmp_path, shorter)))
    draft(capsys, str(written(tmp_path, rename)))
    ahead = (NOW + timedelta(days=10)).date().isoformat()
    assert by("jiang", "publish", "rectification", "--draft", str(one), "--reason", "改时限", "--from", ahead, "--json") == 0
    told(capsys)
    assert run("--as", "jiang", "workflow", "drop", str(one), "--yes") == REFUSED
    assert run("--as", "lin", "workflow", "waiting") == REFUSED
    assert by("jiang", "retire", "clue", "--reason", "并入别的") == 0
    capsys.readouterr()
    assert run("--as", "kong", "workflow", "waiting", "--json") == 0
    publication, motion = told(capsys)
    assert (publication["what"], publication["reason"], publication["from_on"]) == ("publish", "改时限", ahead)
    assert (motion["what"], motion["kind"], motion["run"]) == ("retire", "clue", None)
    assert run("--as", "kong", "workflow", "preview", "rectification", "--of", str(publication["preview"]), "--json") == 0
    shown = told(capsys)
    assert (shown["draft"], shown["seal"]) == (one, publication["seal"])
    assert run("--as", "kong", "workflow", "preview", "clue", "--of", str(publication["preview"])) == REFUSED
    assert run("--as", "lin", "workflow", "preview", "rectification", "--of", str(publication["preview"])) == REFUSED
    capsys.readouterr()
    assert run("--as", "kong", "workflow", "waiting", "clue") == 0
    assert "停用\t等第二人决定" in (out := capsys.readouterr().out) and "发布" not in out


def test_a_preview_says_case_by_case_what_the_page_says(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case_id = county.supervised_item(NOW - timedelta(days=20), title="张三家门前路灯不亮")
    case = case_row(county, case_id)
    draft(capsys, str(written(tmp_path, shorter)))
    ask = ("--as", "jiang", "workflow", "preview", "rectification", "--clock", "rectify=carry:县里改了时限", "--lines")
    before = rows_of(county, Case)
    assert run(*ask, "--json") == 0
    text = capsys.readouterr().out
    found = json.loads(text)
    (line,) = found["lines"]
    assert set(line) == {"number", "township", "fate", "states", "due", "said"}
    assert (line["number"], line["fate"]) == (case["number"], "moves") and "张三" not in text
    assert date.fromisoformat(line["due"][0]) == case["due_on"] != date.fromisoformat(line["due"][1])
    (township,) = found["townships"]
    assert (township["township"], township["moves"], township["dated"]) == (line["township"], 1, 1)
    assert rows_of(county, Case) == before
    assert run(*ask, "--fate", "poisoned", "--json") == 0
    assert told(capsys)["lines"] == []
    assert run(*ask) == 0
    assert f"{case['number']}\t" in (out := capsys.readouterr().out) and "迁移" in out and "None" not in out
    assert run(*ask, "--fate", "lost") == USAGE


def test_numbers_of_protected_cases_in_a_preview_are_on_the_trail_of_whoever_read_them(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lin, donggou = county.actor("lin", local_day(NOW)), county.organs["donggou_branch"]
    clue = county.engine.open("clue", actor=lin, now=NOW, title="虚报补助", subject_id=donggou, data=CLUE)
    document = copy.deepcopy(shipped_workflows()["clue"].data)
    document["states"][0]["title"] = "收到"
    file = tmp_path / "clue.yaml"
    file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    draft(capsys, str(file))
    ask = ("--as", "jiang", "workflow", "preview", "clue")
    assert run(*ask) == 0 and rows_of(county, Trail, action="read") == []
    capsys.readouterr()
    assert run(*ask, "--lines", "--json") == 0
    assert [line["number"] for line in told(capsys)["lines"]] == [clue.number]
    (read,) = rows_of(county, Trail, action="read")
    assert read["actor_id"] == county.people["jiang"]


def test_the_last_year_is_lived_through_again_and_small_numbers_are_not_told(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    county.supervised_item(NOW - timedelta(days=200))
    draft(capsys, str(written(tmp_path, shorter)))
    assert run("--as", "lin", "workflow", "rehearse", "rectification") == REFUSED
    capsys.readouterr()
    assert run("--as", "jiang", "workflow", "rehearse", "rectification", "--json") == 0
    found: Any = told(capsys)
    (township,) = found["townships"]
    assert township["talks"] == [None, None, 0], "one is a small number, and none is none"
    assert found["talks"] == [[1, 4], [1, 4], [0, 0]] and found["runs"] > 0
    assert run("--as", "jiang", "workflow", "rehearse", "rectification") == 0
    assert "约谈 新规则少于5，现行规则少于5，实际0" in (out := capsys.readouterr().out) and "合计：约谈 新规则1—4" in out
    draft(capsys, str(FINE))
    assert run("--as", "jiang", "workflow", "rehearse", FINE.stem) == REFUSED
    assert "没有可以重演的" in capsys.readouterr().err


def test_a_preview_tells_the_last_year_that_was_counted_with_it_and_when_it_is_stale(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(5):
        county.supervised_item(NOW - timedelta(days=200))
    one = draft(capsys, str(written(tmp_path, shorter)))
    ask = ("--as", "jiang", "workflow", "preview", "rectification")
    assert run(*ask, "--clock", "rectify=carry:县里改了时限", "--json") == 0
    found = told(capsys)
    assert run("--as", "jiang", "workflow", "rehearse", "rectification", "--json") == 0
    at_once = told(capsys)
    assert found["replay"] == {name: said for name, said in at_once.items() if name != "draft"} and not found["stale"]
    assert found["replay"]["talks"][0] == [10, 10] and found["replay"]["damaged"] == 0
    county.supervised_item(NOW - timedelta(days=200))
    draft(capsys, str(written(tmp_path, rename)), "--onto", str(one))
    assert run(*ask, "--of", str(found["preview"]), "--json") == 0
    assert told(capsys) == {**found, "stale": True}, "it is told as it was counted"
    assert run(*ask, "--of", str(found["preview"]), "--lines") == 0
    out = capsys.readouterr().out
    assert "过去12个月重演：约谈 新规则10，" in out and "过去12个月重演，柳河镇：约谈 新规则10，" in out
    assert "试算以后草稿又改过" in out


def test_on_a_terminal_it_says_how_far_the_last_year_is(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    county.supervised_item(NOW - timedelta(days=200))
    draft(capsys, str(written(tmp_path, shorter)))
    seen = Terminal()
    monkeypatch.setattr(sys, "stderr", seen)
    assert run("--as", "jiang", "workflow", "rehearse", "rectification") == 0
    assert "重演" in seen.getvalue() and "100%" in seen.getvalue()


def test_a_case_is_recorded_into_the_draft_that_is_named(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = case_row(county, county.supervised_item(NOW - timedelta(days=20)))["number"]
    one = draft(capsys, str(written(tmp_path, lambda _document: None)))
    other = draft(capsys, str(written(tmp_path, lambda _document: None)))
    assert run("workflow", "record", number, "--draft", str(one), "--json") == 0
    assert told(capsys)["draft"] == one
    sources = {row["id"]: parse(row["source"], name="draft").data["scenarios"] for row in rows_of(county, Draft)}
    assert (len(sources[one]), len(sources[other])) == (3, 2)
