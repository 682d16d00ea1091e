"""Reads the program's own source for the tests of the house: modules, functions, and their true lengths."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("web", "handlers", "workflow", "states", "config")
Function = ast.FunctionDef | ast.AsyncFunctionDef
NOT_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Module:
    """One source file; `name` is its path from the root with slashes."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree, the outer ones first."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def code_lines(self) -> frozenset[int]:
        """The numbers of the lines that hold code: no blank, comment or docstring."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        held = {line for token in tokens if token.type not in NOT_CODE for line in range(token.start[0], token.end[0] + 1)}
        return frozenset(held - _docstring_lines(self.tree))

    def length(self, function: Function) -> int:
        """The function's lines of code, from its `def` to its end."""
        return len(self.code_lines & set(range(function.lineno, (function.end_lineno or function.lineno) + 1)))

    def functions(self) -> Iterator[tuple[str, Function]]:
        """Every function and method with its dotted name, nested ones too."""
        yield from _functions(self.tree, "")

    def imports(self) -> Iterator[str]:
        """Every module named in an import anywhere in the file, `from a import b` as `a` and `a.b`."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def attributes(self) -> Iterator[str]:
        """The source text of every dotted name, called or only handed on."""
        for node in self.nodes:
            if isinstance(node, ast.Attribute):
                yield ast.unparse(node)

    def calls(self) -> Iterator[str]:
        """The source text of what is called, for each call in the file: `datetime.now`, `session.commit`."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func)


@cache
def list_modules(*rooms: str) -> tuple[Module, ...]:
    """All modules of the rooms, or of every room, sorted by name; each is read and parsed once in a run."""
    found = [path for room in rooms or ROOMS for path in (ROOT / room).rglob("*.py")]
    return tuple(_module(path) for path in sorted(found) if "node_modules" not in path.parts)


_module = cache(Module)


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            name = f"{prefix}{child.name}"
            if isinstance(child, Function):
                yield name, child
            yield from _functions(child, f"{name}.")
        else:
            yield from _functions(child, prefix)


def _docstring_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef | ast.Module) and ast.get_docstring(node) is not None:
            stated = node.body[0]
            lines |= set(range(stated.lineno, (stated.end_lineno or stated.lineno) + 1))
    return lines
