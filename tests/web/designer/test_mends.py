"""Each fault of a definition has a mend that takes it away, wherever it stands in any kind, or a sentence that says what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from states.checks import prove
from states.checks.sentences import SENTENCES
from states.faults import Fault
from tests.drills.scale import size
from tests.states.planting import planted
from tests.states.samples import VOCABULARY
from tests.web.designer.conftest import Desk
from tests.web.site import words_of
from web.designer.mending import ADVICE, MEANT, MENDS, ONLY_AT, mend_of, mended

New = Callable[..., Desk]
WORDS = replace(VOCABULARY, languages=("zh-Hans",))
VARIANTS = size(test=4, drill=40)


def test_each_fault_is_mended_by_a_button_or_says_what_to_do() -> None:
    assert set(MENDS) | set(ADVICE) == {*SENTENCES, "other_kind"}
    assert set(MENDS) & set(ADVICE) == {*MEANT, *ONLY_AT}, "of these the button is not everywhere"


@pytest.mark.parametrize("name", sorted(set(MENDS) - set(MEANT)))
def test_a_mend_takes_its_fault_away_from_any_kind(new: New, name: str) -> None:
    tried = 0
    with new().client.application.test_request_context():
        for variant in planted(name, VARIANTS):
            found = prove(variant.doc, WORDS)
            fault = next(one for one in found if (one.id, one.pointer) == (name, variant.pointer))
            if mend_of(variant.doc, fault):
                assert count_of(mended(variant.doc, fault), name) < Counter(one.id for one in found)[name], told(variant, fault)
                tried += 1
            else:
                assert name in ADVICE, told(variant, fault)
    assert tried


def count_of(document: Any, name: str) -> int:
    """How many faults of that name it has."""
    return Counter(one.id for one in prove(document, WORDS))[name]


def told(variant: Any, fault: Fault) -> tuple[Any, ...]:
    """Where it stands."""
    return variant.bed, variant.way, variant.seed, fault


def test_what_to_do_stands_beside_a_fault_that_no_button_mends(new: New) -> None:
    desk = new()
    desk.done("text", source=desk.text.replace("{limit: 30 day}", "{limit: soon}"))
    page = words_of(desk.page())
    assert "打开这一处，填数字并选单位" in page
    assert "改为" not in page


@pytest.mark.parametrize(
    ("sources", "says", "left"),
    [
        (["draft", "draft"], "这一种不从这个状态办", ["draft"]),
        (["draft", "done", "draft"], "这一种不从这个状态办", ["draft", "done"]),
        (["done"], "删去这一步", None),
        (["draft", "done"], "不从终结状态办", ["draft"]),
    ],
)
def test_a_mend_drops_one_source_alone_and_says_so_where_the_whole_step_goes(
    new: New, sources: list[str], says: str, left: list[str] | None
) -> None:
    states = [{"key": "draft", "initial": True}, {"key": "done", "final": True}]
    steps = [{"trigger": "end", "from": ["draft"], "to": "done"}, {"trigger": "look", "from": sources, "to": "draft"}]
    document = {"states": states, "transitions": steps}
    doubled = len(set(sources)) < len(sources)
    name, pointer = (
        ("ambiguous_trigger", f"/transitions/1/from/{len(sources) - 1}") if doubled else ("final_state_left", "/transitions/1")
    )
    fault = Fault(name, pointer, {"trigger": "look", "state": "draft" if doubled else "done"})
    with new().client.application.test_request_context():
        assert mend_of(document, fault) == says
        assert [one["from"] for one in mended(document, fault)["transitions"][1:]] == ([left] if left else [])


def test_a_step_that_another_of_its_name_leaves_nothing_to_is_called_by_its_going(new: New) -> None:
    steps = [{"trigger": "end", "from": ["draft"], "to": "done"}, {"trigger": "end", "from": ["draft"], "to": "draft"}]
    fault = Fault("ambiguous_trigger", "/transitions/1/from/0", {"trigger": "end", "state": "draft"})
    with new().client.application.test_request_context():
        assert mend_of({"transitions": steps}, fault) == "删去这一步"
        assert mended({"transitions": steps}, fault)["transitions"] == steps[:1]
