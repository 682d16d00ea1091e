"""docs/security.md says of each requirement where it stands, and what it calls built has a test that is there."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.house.source import ROOT

ROW = re.compile(r"^\| R(\d+) \| .+ \| (built|partly|not yet) \| (.+) \|$", re.MULTILINE)
# A test by its name, and a file of tests by its path; a path alone may also be of what tests use.
NAMED = re.compile(r"(?<![\w/])test_\w+\b(?!\.py)")
PATH = re.compile(r"(?:tests/[\w/]*|\btest_)\w+\.py")
ROWS = [(int(number), state, words) for number, state, words in ROW.findall((ROOT / "docs/security.md").read_text("utf-8"))]

rows = pytest.mark.parametrize(("number", "state", "words"), ROWS, ids=[f"R{number}" for number, _state, _words in ROWS])


@cache
def written() -> frozenset[str]:
    """The name of every test."""
    texts = [path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    return frozenset(name for text in texts for name in re.findall(r"^\s*def (test_\w+)\(", text, re.MULTILINE))


def test_every_requirement_has_its_row_and_each_has_one() -> None:
    assert [number for number, _state, _words in ROWS] == list(range(1, 81))


@rows
def test_every_test_that_a_row_names_is_there(number: int, state: str, words: str) -> None:
    assert [name for name in NAMED.findall(words) if name not in written()] == []
    assert [path for path in PATH.findall(words) if not (ROOT / path).is_file()] == []


@rows
def test_what_is_built_names_a_test(number: int, state: str, words: str) -> None:
    files = [path for path in PATH.findall(words) if path.rpartition("/")[2].startswith("test_")]
    assert state != "built" or NAMED.findall(words) + files != []
