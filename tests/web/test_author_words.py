"""Whoever writes a kind finds every name that may be used: on the terminal, as JSON, and in the guide, which is kept true."""

from __future__ import annotations

import json

import pytest

from handlers.registry import EFFECTS, LETTERS, RUNGS
from states.checks import prove
from states.definition import LANGUAGES
from states.guards import GUARDS
from tests.house.source import ROOT
from tests.web.commands.test_commands import run
from web.author_words import CLOSING, GROUPS, OPENING, Word, as_markdown, words_of
from web.wiring import read_shipped, shipped_workflows, vocabulary

TITLES = read_shipped("vocabulary.yaml").data
VOCABULARY = vocabulary(TITLES)
WORDS = words_of(TITLES, VOCABULARY)


def _names(group: str) -> set[str]:
    return {word.name for word in WORDS[group]}


def test_every_name_that_the_proofs_accept_is_listed_with_its_words() -> None:
    assert _names("effects") == set(EFFECTS)
    assert _names("guards") == set(GUARDS)
    assert _names("rungs") == set(RUNGS)
    assert _names("letters") == set(LETTERS)
    assert _names("messages") == set(VOCABULARY.messages)
    assert _names("roles") == set(VOCABULARY.roles)
    assert _names("relations") == set(VOCABULARY.relations)
    assert _names("organ_kinds") == set(VOCABULARY.organ_kinds)
    assert _names("holders") == set(VOCABULARY.holders)
    assert _names("separation") == set(VOCABULARY.separation)
    assert [word for words in WORDS.values() for word in words if not word.label] == []
    assert list(WORDS) == list(GROUPS)


@pytest.mark.parametrize("group", ["effects", "guards", "rungs", "holders", "field_types", "separation"])
def test_the_words_of_a_name_are_there_in_three_languages(group: str) -> None:
    assert [key for key, told in TITLES[group].items() if set(told.get("title", told)) < set(LANGUAGES)] == []


def test_what_a_name_takes_is_told_with_its_types() -> None:
    told = {word.name: word for word in WORDS["effects"]}
    assert told["notify_posts"] == Word("notify_posts", "通知指定的岗位", "to: list, message: text, [clock: text]")
    assert told["pause_clocks"].takes.startswith("clocks: list, [max_days: integer]")


def test_the_guide_has_the_words_of_this_program() -> None:
    text = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
    part = text[text.index(OPENING) : text.index(CLOSING) + len(CLOSING)]
    assert part == as_markdown(WORDS), "print it with: duban workflow words --format markdown"


def test_the_command_lists_the_words_as_text_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("workflow", "words") == 0
    text = capsys.readouterr().out
    assert "动作（effects）" in text and "  issue_letter\t出具文书\t{letter: text}" in text
    assert run("workflow", "words", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {"name": "handler", "label": "承办人", "takes": ""} in told["roles"]
    assert run("workflow", "words", "--format", "markdown") == 0
    assert capsys.readouterr().out.rstrip("\n") == as_markdown(WORDS)


def test_the_shipped_kinds_use_no_other_name() -> None:
    assert [fault for document in shipped_workflows().values() for fault in prove(document.data, VOCABULARY)] == []
