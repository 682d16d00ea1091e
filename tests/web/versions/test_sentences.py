"""What a new version changes, in plain sentences: every place of the notation has one, and none shows a key."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from marshmallow import Schema

from states.definition import LANGUAGES
from states.schema import load
from states.schema.notation import Many, Part
from states.schema.shapes import DefinitionSchema
from tests.workflow.versions.conftest import part
from web.versions import diff_words as told
from web.versions.naming import Names
from web.versions.sentences import Sentence, difference
from web.wiring import shipped_titles, shipped_workflows

Document = dict[str, Any]
LATIN = re.compile(r"[A-Za-z_]{2,}")


def shipped(kind: str = "rectification") -> Document:
    return copy.deepcopy(shipped_workflows()[kind].data)


def said(edit: Callable[[Document], None], kind: str = "rectification", language: Any = "zh-Hans") -> list[str]:
    return [one.text for one in sentences(edit, kind, language)]


def sentences(edit: Callable[[Document], None], kind: str = "rectification", language: Any = "zh-Hans") -> list[Sentence]:
    document = shipped(kind)
    edit(document)
    return difference(load(shipped(kind)), load(document), shipped_titles(), language).sentences


def places(schema: Schema, known: set[str]) -> Iterator[tuple[str, str]]:
    """Every (shape, name) of the notation, each once."""
    shape = type(schema).__name__.removesuffix("Schema")
    if shape in known:
        return
    known.add(shape)
    for key, one in schema.load_fields.items():
        inner: Any = one
        while isinstance(inner, Many):
            inner = inner.inner
        nested = type(inner.schema).__name__.removesuffix("Schema") if isinstance(inner, Part) else ""
        if nested and nested not in told.WHOLE:
            yield nested, ""
            yield from places(inner.schema, known)
        else:
            yield shape, one.data_key or key


def test_every_place_of_the_notation_has_its_words_and_no_other_has() -> None:
    found = set(places(DefinitionSchema(), set()))
    assert {f"{shape}.{name}" for shape, name in found if name} == set(told.VALUES)
    assert {shape for shape, name in found if not name} | {"Definition"} == set(told.PARTS)


def test_every_way_of_telling_a_value_is_known() -> None:
    names = Names(shipped_titles(), "zh-Hans", shipped())
    ways = {one.way for one in told.VALUES.values() if isinstance(one, told.What)}
    assert ways <= set(names._ways)


def test_a_limit_goes_from_ninety_days_to_sixty_working_days() -> None:
    old, new = shipped(), shipped()
    for document, limit in ((old, "90 day"), (new, "60 workday")):
        part(document, "clocks", "rectify")["limits"] = [{"limit": limit}]
    found = difference(load(old), load(new), shipped_titles(), "zh-Hans").sentences
    assert [one.text for one in found] == ["“整改”的时限由90天改为60个工作日"]


def test_who_may_and_who_may_no_longer_close_are_said_by_their_posts() -> None:
    def edit(document: Document) -> None:
        secretary = {"roles": ["head"], "relations": ["above_subject"], "organs": ["township_party_committee"]}
        part(document, "transitions", "close")["who"] = [{"roles": ["deputy", "head"], "relations": ["supervisor"]}, secretary]

    assert said(edit) == [
        "乡镇党委书记（涉及单位的上级）可以办“销号”",
        "交办机关的承办人不再可以办“销号”",
    ]


def test_a_new_state_and_the_steps_around_it_are_told_where_the_drawing_shows_them() -> None:
    def edit(document: Document) -> None:
        document["states"].insert(3, {"key": "checked", "title": "核验", "phrase": "待复核"})
        part(document, "transitions", "report_rectified")["to"] = "checked"

    found = sentences(edit)
    assert ("新增状态“核验”", "added", "checked") in {(one.text, one.kind, one.state) for one in found}
    assert any(one.text.endswith("办后状态由整改改为核验") and one.trigger == "report_rectified" for one in found)


def test_a_changed_word_of_another_language_alone_is_said_so() -> None:
    assert said(lambda d: part(d, "states", "closed")["title"].update(en="Done")) == ["状态“销号”的名称改了另一种语言的写法"]


def test_what_a_rung_sends_and_who_holds_a_talk_are_told() -> None:
    def edit(document: Document) -> None:
        rung = next(rung for rung in part(document, "ladders", "plan")["tiers"][0] if rung["key"] == "order")
        rung["params"] = {"letter": "admonition", "answer_within": "ten"}

    assert said(edit) == ["整改方案的督促的“督办通知书”这一级的细节由督办通知书、5个工作日改为告诫书、10个工作日"]
    told = said(lambda d: d["interview"]["interviewers"].update(village="county:leading_group"), "interview")
    assert [one.split("改为")[0] for one in told] == [
        "约谈规则的约谈人由村（社区）：乡镇（街道）党委（党工委）、乡镇（街道）：巡察工作领导小组、县：巡察工作领导小组"
    ]


def test_what_is_not_written_down_is_told_as_what_it_was() -> None:
    assert said(lambda d: d.update(ledger=False)) == ["这一类不再列入台账"]
    assert said(lambda d: part(d, "transitions", "close").update(undo=False)) == [], "it could not be taken back before"
    assert said(lambda d: part(d, "transitions", "report_rectified").update(undo=False)) == ["动作“报整改完成”不能撤销"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_between_any_two_kinds_shows_a_key(language: Any) -> None:
    """Two kinds differ in almost every place of the notation."""
    for one, other in pairwise(sorted(shipped_workflows())):
        for sentence in difference(load(shipped(one)), load(shipped(other)), shipped_titles(), language).sentences:
            assert sentence.text.strip() and sentence.group in told.GROUPS
            assert "%(" not in sentence.text
            if language != "en":
                assert not LATIN.findall(sentence.text), sentence


def test_the_same_definition_has_no_sentence() -> None:
    assert said(lambda document: None) == []
