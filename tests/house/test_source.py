"""The measures of the house measure what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.source import Module

SOURCE = '''"""A docstring
of two lines."""

import datetime as dt  # a comment beside code is code

# A comment alone is not.


class Box:
    """Not counted."""

    made = dt.datetime.now

    def open(self) -> str:
        """Not counted either."""

        text = """counted:
        this is a value"""
        # no
        return text
'''


@pytest.fixture
def module(tmp_path: Path) -> Module:
    path = tmp_path / "box.py"
    path.write_text(SOURCE, encoding="utf-8")
    return Module(path)


def test_docstrings_blanks_and_comments_are_no_lines_of_code(module: Module) -> None:
    lines = SOURCE.splitlines()
    assert [lines[number - 1].strip().split(" ")[0] for number in sorted(module.code_lines)] == [
        "import",
        "class",
        "made",
        "def",
        "text",
        "this",
        "return",
    ]


def test_a_method_is_as_long_as_its_own_code(module: Module) -> None:
    assert {name: module.length(node) for name, node in module.functions()} == {"Box.open": 4}


def test_a_clock_that_is_only_handed_on_is_seen(module: Module) -> None:
    assert "dt.datetime.now" in set(module.attributes())
