"""Secrets come from the system's generator and are compared in constant time, or looked up by their digest."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.source import Module, list_modules

# What holds a secret, by the last word of its name. A digest of a random token is none: it is looked up, not compared.
SECRET = re.compile(r"(.*_)?(token|secret|password|passphrase|signature|hmac|mac|otp|challenge|seed|private|csrf)")
# What has the name of a secret and is none, with the reason.
NONE = {
    "signature == _END_RECORD": "four bytes by which a zip's directory is known",
    "was.secret != now.secret": "whether a field of a definition is a secret one",
    "form.get('password', '') != form.get('again', '')": "one person typed both, just now",
}
# Demo data is made up the same way each time.
MADE_UP = ("handlers/demo/pictures.py", "handlers/demo/seeding.py", "web/commands/seed.py")
# The generator whose next number can be told from its last ones.
GUESSABLE = ("random", "numpy.random")
modules = pytest.mark.parametrize("module", list_modules(), ids=lambda module: module.name)


def names_of(node: ast.expr) -> str:
    """The last word of what an operand names: `row["secret"]`, `session.token`, `form.get("password")`."""
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def compared(module: Module) -> list[str]:
    """Comparisons of secrets that end at the first letter that differs. With a literal or None nothing secret is compared."""
    found = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        operands = [node.left, *node.comparators]
        if any(isinstance(one, ast.Constant) for one in operands):
            continue
        if any(SECRET.fullmatch(names_of(one)) for one in operands):
            found.append(ast.unparse(node))
    return [line for line in found if line not in NONE]


@modules
def test_no_secret_is_compared_letter_by_letter(module: Module) -> None:
    assert compared(module) == []


@modules
def test_nothing_comes_from_a_generator_that_can_be_guessed(module: Module) -> None:
    found = [name for name in module.imports() if name.startswith(GUESSABLE)]
    assert found == [] or module.name in MADE_UP


@pytest.mark.parametrize(
    "line",
    ['row["secret"] == told', "a.session_token != b", 'form.get("password") == form.get("again")', "x == made.signature"],
)
def test_the_rule_sees_a_secret_by_its_name(line: str, tmp_path: Path) -> None:
    path = tmp_path / "box.py"
    path.write_text(f"found = {line}\n", encoding="utf-8")
    assert len(compared(Module(path))) == 1
