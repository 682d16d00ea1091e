"""Mappings of old ledgers as settings: what they may say, and which of them let more people read something."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.ledgers.mapping import Mapping
from handlers.settings.mappings import KeptMapping, check, key_of, text_of, widens
from workflow.configuration.kinds import Known, read
from workflow.configuration.settings import Settings
from workflow.definitions import Catalogue

PLAIN = {"name": "柳河镇的表", "columns": {"反馈问题": "problem", "承办": "unit"}}


def faults(data: Any, *others: tuple[str, Any]) -> list[str]:
    return [one.rule for one in check("mine", data, Known(Catalogue({}, {}), others))]


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        (PLAIN, []),
        ({"name": "表"}, ["part_missing"]),
        ({**PLAIN, "more": 1}, ["part_unknown"]),
        ({**PLAIN, "name": ""}, ["empty"]),
        ({**PLAIN, "name": "长" * 61}, ["too_long"]),
        ({**PLAIN, "columns": {}}, ["lines"]),
        ({**PLAIN, "columns": {"反馈问题": "no_field"}}, ["field_unknown"]),
        ({**PLAIN, "columns": {"长" * 201: "problem"}}, ["too_long"]),
    ],
)
def test_a_mapping_has_a_name_and_headings_that_fill_fields(data: Any, rules: list[str]) -> None:
    assert faults(data) == rules


def test_two_mappings_are_not_called_the_same() -> None:
    assert faults(PLAIN, ("other", PLAIN)) == ["name_taken"]
    assert faults(PLAIN, ("mine", PLAIN)) == []


@pytest.mark.parametrize(
    ("old", "new", "is_wider"),
    [
        (None, {"反馈问题": "problem"}, False),
        (None, {"被反映人": "subject_person"}, False),
        (None, {"举报人": "note"}, True),
        (None, {"被反映人": "person"}, True),
        ({"举报人": "note"}, {"举报人": "note", "承办": "unit"}, False),
        ({"举报人": "note"}, {"承办": "unit"}, False),
        ({"类型": "kind"}, {"类型": "note"}, True),
        ({"类型": "kind"}, {"反馈问题": "problem"}, True),
        ({"类型": "kind"}, {"类型": "kind", "反馈问题": "problem"}, False),
    ],
)
def test_who_complains_in_a_plain_column_and_clues_no_longer_known_are_wider(old: Any, new: Any, is_wider: bool) -> None:
    assert widens(None if old is None else {"columns": old}, {"columns": new}) is is_wider


def test_a_kept_mapping_reads_a_file_by_the_headings_that_it_has() -> None:
    one = KeptMapping("mine", 1, "表", Mapping((("反馈问题", "problem"), ("承办", "unit"))))
    assert one.reads(Mapping((("反馈问题", "problem"),)), ("反馈问题", "备注"))
    assert not one.reads(Mapping((("反馈问题", "problem"),)), ("反馈问题", "承办"))
    assert not one.reads(Mapping((("反馈问题", "goal"),)), ("反馈问题",))


def test_the_text_of_a_mapping_says_what_it_reads_and_its_key_is_its_own() -> None:
    mine = read(text_of("柳河镇的表", Mapping((("反馈问题", "problem"), ("承办", "unit")))))
    assert mine == PLAIN
    assert key_of(Settings(), "柳河镇的表") == key_of(Settings(), "柳河镇的表") != key_of(Settings(), "别的表")
