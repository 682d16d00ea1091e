"""docs/workflows.md tells the truth: its example is served, and it names every proof, guard and type."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from config.documents import parse
from states.checks import prove
from states.checks.sentences import SENTENCES
from states.draw import svg
from states.guards import GUARDS
from states.machine import StateMachine
from states.schema import load
from states.schema.shapes import FIELD_TYPES
from tests.states.samples import VOCABULARY

GUIDE = (Path(__file__).parents[2] / "docs" / "workflows.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


def test_the_worked_example_has_no_fault_and_runs() -> None:
    text = EXAMPLE[0]
    document = parse(text, name="docs/workflows.md")
    assert prove(document.data, replace(VOCABULARY, kinds=frozenset())) == ()
    definition = load(document.data)
    assert [t.trigger for t in StateMachine(definition).permitted("answered")] == ["send_back", "close"]
    assert "批示件" in svg(definition)


def test_the_guide_names_every_fault_guard_and_type() -> None:
    for name in (*SENTENCES, *GUARDS, *FIELD_TYPES):
        assert f"`{name}" in GUIDE
