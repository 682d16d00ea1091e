"""The engine and its pages know no kind by its name (product.md, “The kinds of case that ship”)."""

from __future__ import annotations

import ast
import re

from tests.house.source import ROOT, Module, list_modules
from web.wiring import shipped_kinds

# Words that are called like a kind and mean something else, or the one place that has a reason: (file, word) → the reason.
ALLOWED = {
    ("web/cases/clock_words.py", "interview"): "the basis of a clock's date: fixed by a talk of whichever kind",
    ("web/configuration/words.py", "rectification"): "a heading of the words that old ledgers are read by",
    ("web/designer/words.py", "interview"): "the key of a definition that makes its kind a talk",
    ("workflow/agendas.py", "interview"): "the fact of an event that names the talk",
    ("workflow/interviews.py", "interview"): "the fact of an event that names the talk; the basis of a clock's date",
    ("workflow/reads/related.py", "interview"): "a relation of cases: the talk that a case is on",
    ("workflow/reads/timeline.py", "interview"): "the fact of an event that names the talk",
    ("workflow/reads/untold.py", "interview"): "the fact of an event that names the talk",
    ("workflow/talks.py", "interview"): "the fact of an event that names the talk",
    ("workflow/verbs/tick.py", "interview"): "a line of the sweep's own account: the talk that was joined",
}
QUOTED = re.compile(r"""["']([a-z_]+)["']|\bkind=([a-z_]+)""")


def named_in(module: Module) -> set[str]:
    """The kinds that a module says as a text of their own, or as the kind of an address."""
    texts = [node.value for node in module.nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    asked = {found for text in texts for found in re.findall(r"\bkind=([a-z_]+)", text)}
    return (asked | set(texts)) & shipped_kinds()


MODULES = [one for one in list_modules("web", "workflow") if "migrations" not in one.path.parts]


def test_no_template_knows_a_kind_by_name() -> None:
    for path in sorted((ROOT / "web" / "templates").rglob("*.html")):
        said = {name for pair in QUOTED.findall(path.read_text(encoding="utf-8")) for name in pair}
        assert not said & shipped_kinds(), path


def test_no_module_knows_a_kind_by_name_but_for_a_reason_that_still_holds() -> None:
    assert {(one.name, kind) for one in MODULES for kind in named_in(one)} == set(ALLOWED)
