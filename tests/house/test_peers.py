"""docs/security-peers.md has every mistake of the peers that is known to us, and each has tests that are there."""

from __future__ import annotations

import re

import pytest

from tests.house.source import ROOT
from tests.house.test_requirements import NAMED, written

ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROWS = [
    (int(number), mistake, whose, tests)
    for number, mistake, whose, tests in ROW.findall((ROOT / "docs/security-peers.md").read_text("utf-8"))
]
# The classes of mistakes, and after them the single cases that a requirement was written for.
CLASSES, CASES = 26, 8
# As advisories are called: nobody's mistake is told twice, and none is told without its place.
ADVISORY = re.compile(r"CVE-\d{4}-\d+|GHSA(?:-\w{4}){3}|#\d+")


def test_no_mistake_of_the_list_is_missing() -> None:
    assert [number for number, *_rest in ROWS] == list(range(1, CLASSES + CASES + 1))


@pytest.mark.parametrize(("number", "mistake", "whose", "tests"), ROWS, ids=[str(number) for number, *_rest in ROWS])
def test_every_mistake_has_its_tests_and_they_are_there(number: int, mistake: str, whose: str, tests: str) -> None:
    named = NAMED.findall(tests)
    assert mistake.strip() and whose.strip() and named
    assert [name for name in named if name not in written()] == []


def test_no_case_stands_in_two_lines() -> None:
    told = [name for _number, _mistake, whose, _tests in ROWS for name in ADVISORY.findall(whose)]
    assert len(told) > 60
    assert sorted(set(told)) == sorted(told)
