"""Hostile files at the door of the command line: refused with a sentence, soon, and nothing is written."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import load
from tests.factories import County, make_county
from tests.web.commands.test_commands import run
from tests.web.hostile import FILES, HARMLESS_WORDS, TEXTS, UNREADABLE
from tests.workflow.looking import dump
from tests.workflow.versions.conftest import hire
from web.cli import FOUND_FAULTS, REFUSED
from web.designer.beginnings import skeleton

CHINESE = re.compile(r"[一-鿿]")
SECONDS = 10.0
WORDS = [skeleton("visit", "走访").replace(sound, hostile) for sound, hostile in HARMLESS_WORDS]
CONTENTS = {
    **{name: text.encode() for name, text in {**TEXTS, **UNREADABLE}.items()},
    **FILES,
    **{f"words {number}": text.encode() for number, text in enumerate(WORDS)},
}


@pytest.fixture
def county(home: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[County]:
    """The county with two administrators of workflows, in the installation's own database."""
    assert run("init", "--yes") == 0
    capsys.readouterr()
    made = make_county(load().database)
    hire(made)
    yield made
    made.database.close()


def test_no_command_keeps_or_proves_a_hostile_file(county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, before = tmp_path / "visit.yaml", dump(county)
    for name, content in CONTENTS.items():
        path.write_bytes(content)
        for command in (("workflow", "draft", str(path)), ("workflow", "check", str(path)), ("workflow", "draw", str(path))):
            began = time.process_time()
            code = run("--as", "jiang", *command)
            said = capsys.readouterr()
            if command[1] != "draw" or not name.startswith("words"):
                assert code in (FOUND_FAULTS, REFUSED), (name, command)
                assert CHINESE.search(said.out + said.err), (name, command)
            assert "Traceback" not in said.err, (name, command)
            assert time.process_time() - began < SECONDS, (name, command)
    assert dump(county) == before


def test_a_hostile_plan_is_refused(county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    definition, plan = tmp_path / "visit.yaml", tmp_path / "plan.yaml"
    definition.write_text(skeleton("visit", "走访"), encoding="utf-8")
    assert run("--as", "jiang", "workflow", "draft", str(definition)) == 0
    before = dump(county)
    plans = {"a list of lists": "[[a, b]]", "values": "values: [a]", "keys": "{1: a, b: c}", "renames": "renames: [a]"}
    plans |= {"when": "when: now", "reasons": "reasons: why", "states": "states: 7", "clocks": "clocks: [[a, b]]"}
    flags = ("--when", "open=next", "--state", "a=b", "--clock", "finish=carry:县里定的", "--rename-clock", "a=b")
    for name, content in {**TEXTS, **UNREADABLE, **plans}.items():
        path = plan
        path.write_text(content, encoding="utf-8")
        capsys.readouterr()
        assert run("--as", "jiang", "workflow", "preview", "visit", "--map", str(path)) in (FOUND_FAULTS, REFUSED), name
        said = capsys.readouterr()
        assert CHINESE.search(said.err + said.out) and "Traceback" not in said.err, (name, said)
        assert run("--as", "jiang", "workflow", "preview", "visit", "--map", str(path), *flags) in (FOUND_FAULTS, REFUSED), name
        assert name not in plans or "计划里" in capsys.readouterr().err, name
    assert dump(county) == before
