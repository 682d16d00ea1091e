"""Modules and functions stay short, rooms say what they are for, and no name hides what its file holds."""

from __future__ import annotations

import ast
import re
from statistics import median

import pytest

from tests.house.source import ROOMS, ROOT, Module, list_modules

MODULE_LINES = 400
FUNCTION_LINES = 40
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError|\bfor now\b", re.IGNORECASE)

# A revision is one flat list of what it makes, and never grows after its release.
REVISIONS = "workflow/migrations/versions/"
GROWING = [module for module in list_modules() if not module.name.startswith(REVISIONS)]

growing = pytest.mark.parametrize("module", GROWING, ids=lambda module: module.name)
modules = pytest.mark.parametrize("module", list_modules(), ids=lambda module: module.name)


@growing
def test_a_module_has_at_most_400_lines_of_code(module: Module) -> None:
    assert len(module.code_lines) <= MODULE_LINES


@growing
def test_a_function_has_at_most_40_lines_of_code(module: Module) -> None:
    too_long = {name: module.length(node) for name, node in module.functions()}
    assert {name: lines for name, lines in too_long.items() if lines > FUNCTION_LINES} == {}


def test_half_of_the_modules_have_under_100_lines_and_half_of_the_functions_under_10() -> None:
    assert median(len(module.code_lines) for module in GROWING) < 100
    lengths = [module.length(node) for module in GROWING for _, node in module.functions()]
    assert median(lengths or [0]) < 10


@modules
def test_no_file_or_folder_has_a_name_that_says_nothing(module: Module) -> None:
    parts = module.path.relative_to(ROOT).with_suffix("").parts
    assert not FORBIDDEN_NAMES & set(parts)


@modules
def test_nothing_is_left_unfinished(module: Module) -> None:
    assert [line for line in module.text.splitlines() if UNFINISHED.search(line)] == []


@modules
def test_a_module_says_what_it_is_for(module: Module) -> None:
    said = ast.get_docstring(module.tree) or ""
    # An empty package file has nothing to say.
    assert said or not module.text.strip()


@pytest.mark.parametrize("room", [room for room in ROOMS if list((ROOT / room).glob("*.py"))])
def test_a_room_says_in_four_lines_what_it_is_for_may_import_and_must_not_touch(room: str) -> None:
    module = Module(ROOT / room / "__init__.py")
    said = (ast.get_docstring(module.tree) or "").splitlines()
    assert len(said) == 4
    assert said[0].startswith(f"{room}: ")
    assert "may import" in said[2]
    assert "must not" in said[3]
