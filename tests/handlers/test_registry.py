"""The table of contents: every name a definition may say is registered, every registered name may be said."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import config
import handlers
from config.documents import parse
from handlers.effects.messages import VALUES
from handlers.registry import EFFECTS, LETTERS, RUNGS
from states.definition import Definition
from states.vocabulary import signature_of
from tests.handlers.effects.acts import definition

SHIPPED = Path(config.__file__).parent
KINDS = sorted(path.stem for path in (SHIPPED / "workflows").glob("*.yaml"))

# The closed vocabulary: what administrators may use beside what the shipped definitions use.
UNUSED_EFFECTS = {"notify_holder", "notify_supervisor", "settle_clocks"}
UNUSED_LETTERS: set[str] = set()


def _words() -> dict[str, Any]:
    document: dict[str, Any] = parse((SHIPPED / "vocabulary.yaml").read_text(encoding="utf-8"), name="v").data
    return document


def _calls(shipped: Definition) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """("effect" or "rung", name, parameters) of everything that a definition makes the office do."""
    for transition in shipped.transitions:
        for call in transition.effects:
            yield "effect", call.name, dict(call.params)
    for ladder in shipped.ladders:
        for rung in (rung for tier in ladder.tiers for rung in tier):
            yield "rung", rung.do, dict(rung.params)
    for rule in shipped.rules:
        yield "rung", rule.do, dict(rule.params)


CALLS = [(kind, *call) for kind in KINDS for call in _calls(definition(kind))]


def test_the_shipped_definitions_use_every_effect_and_rung_but_the_few_kept_for_administrators() -> None:
    used = {what: {name for _, which, name, _ in CALLS if which == what} for what in ("effect", "rung")}
    assert set(EFFECTS) - used["effect"] == UNUSED_EFFECTS
    assert set(RUNGS) == used["rung"]


@pytest.mark.parametrize(("kind", "what", "name", "params"), CALLS)
def test_a_shipped_call_says_only_parameters_that_its_function_takes(
    kind: str, what: str, name: str, params: dict[str, Any]
) -> None:
    registry: Any = EFFECTS if what == "effect" else RUNGS
    taken = signature_of(registry[name]).parameters
    needed = {key for key, parameter in taken.items() if parameter.required}
    assert needed <= set(params) <= set(taken)


def test_every_letter_is_used_by_a_shipped_definition() -> None:
    said = {params["letter"] for _, _, _, params in CALLS if "letter" in params}
    defaults = {"interview_notice", "circular", "supervision_order"}
    assert set(LETTERS) - said - defaults == UNUSED_LETTERS
    assert said <= set(LETTERS)


def test_letters_and_rungs_are_called_as_the_pages_call_them() -> None:
    words = _words()
    assert {key: told["zh-Hans"] for key, told in words["letters"].items()} == {
        key: letter.title for key, letter in LETTERS.items()
    }
    assert set(words["rungs"]) == set(RUNGS)


def test_every_message_has_exactly_the_values_that_its_words_name() -> None:
    assert {key: tuple(told["params"]) for key, told in _words()["messages"].items()} == dict(VALUES)


def test_an_effect_or_a_rung_is_a_function_with_a_promise_and_keyword_parameters_only() -> None:
    for function in (*EFFECTS.values(), *RUNGS.values()):
        first, *others = inspect.signature(function).parameters.values()
        assert first.name in ("change", "due")
        assert all(other.kind is other.KEYWORD_ONLY for other in others)
        assert inspect.getdoc(function)


def test_every_public_function_of_the_effect_and_rung_files_that_takes_a_change_is_registered() -> None:
    registered = {*EFFECTS.values(), *RUNGS.values()}
    for room in ("effects", "rungs"):
        for path in sorted((Path(handlers.__file__).parent / room).glob("*.py")):
            module = importlib.import_module(f"handlers.{room}.{path.stem}")
            for name, function in inspect.getmembers(module, inspect.isfunction):
                is_own = function.__module__ == module.__name__ and not name.startswith("_")
                first = next(iter(inspect.signature(function).parameters), "")
                assert not is_own or first not in ("change", "due") or function in registered, name
