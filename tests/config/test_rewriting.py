"""A text that is made to say something else says it, and stays as it was everywhere else."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.documents import UNSEEN, DocumentFault, parse
from config.rewriting import rewrite, same
from config.writing import as_block, as_flow
from web.wiring import shipped_workflows

# Characters that nobody sees are refused when a text is read.
LETTERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda text: not UNSEEN.search(text))
KEYS = st.sampled_from(["key", "title", "on", "1", "长 名", "a: b", "#", "-", "~"])
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | LETTERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
TEXT = """\
# A kind.
key: visit     # its key

states:        # all of them
  # The first.
  - {key: begun, title: 办理}   # where it begins
  - key: done
    title: 办结
    final: true

limits: [1, 2]
"""


@given(VALUES)
def test_what_is_written_is_read_back_as_the_same(value: Any) -> None:
    for text in (as_flow({"a": value}), as_block({"a": value}, 0)):
        assert same(parse(text, name="t").data, {"a": value})


@given(VALUES, VALUES)
def test_any_text_can_be_made_to_say_anything(old: Any, new: Any) -> None:
    text = as_block({"a": old, "b": [old]}, 0)
    assert same(parse(rewrite(text, {"b": [new, old], "a": new}), name="t").data, {"b": [new, old], "a": new})


@pytest.mark.parametrize("kind", shipped_workflows())
def test_one_change_of_a_shipped_kind_changes_one_line(kind: str) -> None:
    document = shipped_workflows()[kind]
    data = deepcopy(document.data)
    data["states"][0]["title"]["en"] = "Something else"
    before, after = document.text.splitlines(), rewrite(document.text, data).splitlines()
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_remarks_stay_with_what_they_are_about() -> None:
    data = parse(TEXT, name="t").data
    data["states"].insert(1, {"key": "checked", "title": "核实"})
    data["states"].append(data["states"].pop(0))
    del data["limits"]
    assert rewrite(TEXT, data) == (
        "# A kind.\nkey: visit     # its key\n\nstates:        # all of them\n  # The first.\n"
        "  - {key: checked, title: 核实}\n  - key: done\n    title: 办结\n    final: true\n"
        "  - {key: begun, title: 办理}   # where it begins\n"
    )


def test_the_same_again_changes_no_letter_and_a_hostile_text_is_not_rewritten() -> None:
    assert rewrite(TEXT, parse(TEXT, name="t").data) == TEXT
    with pytest.raises(DocumentFault):
        rewrite("a: &x [1]\nb: *x\n", {})
