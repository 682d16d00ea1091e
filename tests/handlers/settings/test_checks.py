"""What ships passes the checks that a county's text must pass; each rule refuses what it is there for."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from handlers.effects.messages import VALUES
from handlers.settings import ledgers, letters, messages, titles
from handlers.settings.registry import SETTINGS
from states.schema import load
from web.setting_words import FAULTS, setting_words
from web.wiring import shipped_workflows
from workflow.configuration.kinds import Fault, Kind, Known, written
from workflow.configuration.settings import data_of
from workflow.definitions import Catalogue, Served

Edit = Callable[[Any], Any]


def catalogue() -> Catalogue:
    """The shipped kinds, as they are served."""
    found: dict[int, Served] = {}
    for at, document in enumerate(shipped_workflows().values(), 1):
        found[at] = Served(at, 1, "", load(document.data), None, True)  # type: ignore[arg-type]  # nothing is fired here
    return Catalogue(found, {}, {})


KNOWN = Known(catalogue())


def others(kind: Kind, key: str) -> Known:
    return Known(KNOWN.catalogue, tuple(pair for pair in kind.shipped().items() if pair[0] != key))


def faults(kind: Kind, key: str, data: Any) -> list[Fault]:
    return list(kind.check(key, data, others(kind, key)))


def rules(kind: Kind, key: str, edit: Edit) -> set[str]:
    """The rules that refuse a shipped text with one edit."""
    data = copy.deepcopy(kind.shipped()[key])
    changed = edit(data)
    return {one.rule for one in faults(kind, key, data if changed is None else changed)}


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "ledger_mapping"])  # of which none ships
def test_every_text_that_ships_passes_its_own_check_and_is_written_and_read_back_the_same(name: str) -> None:
    kind = SETTINGS[name]
    assert kind.shipped()
    for key, data in kind.shipped().items():
        assert faults(kind, key, data) == [], (name, key)
        assert data_of(written(data)) == data


def test_every_message_has_words_and_every_words_a_message() -> None:
    assert set(messages.shipped()) == set(VALUES)


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (lambda d: d.update({"zh-Hans": "编号{number}事项，{amount}"}), "value_unknown"),
        (lambda d: d.update({"zh-Hans": "编号{number.__class__}事项"}), "brace"),
        (lambda d: d.update({"zh-Hans": "编号{number!r:>99999999}"}), "brace"),
        (lambda d: d.update({"zh-Hans": "编号{number}事项{"}), "brace"),
        (lambda d: d.update({"zh-Hans": "编号{{number}}"}), "brace"),
        (lambda d: d.update({"en": ""}), "empty"),
        (lambda d: d.update({"en": 7}), "empty"),
        (lambda d: d.update({"en": "Overdue: {number}"}), "values_differ"),
        (lambda d: d.update({"zh-Hant": "長" * 301}), "too_long"),
        (lambda d: d.update({"zh-Hans": "一\x00二"}), "control"),
        (lambda d: d.pop("zh-Hant") and None, "part_missing"),
        (lambda d: d.update({"fr": "non"}), "part_unknown"),
        (lambda d: d.pop("without") and None, "part_missing"),
        (lambda d: d["without"].update({"zh-Hans": "{nothing}"}), "value_unknown"),
        (lambda _d: ["a"], "no_mapping"),
    ],
)
def test_a_faulty_message_is_refused_by_the_rule_that_is_there_for_it(edit: Edit, rule: str) -> None:
    assert rule in rules(messages.KIND, "overdue", edit)


@pytest.mark.parametrize(
    ("letter", "edit", "rule"),
    [
        ("transfer_letter", lambda d: d.update(form="red_head"), ""),
        ("transfer_letter", lambda d: d.update(form="table"), "form"),
        ("transfer_letter", lambda d: d.update(lines=[]), "lines"),
        ("transfer_letter", lambda d: d.update(lines="一行"), "lines"),
        ("transfer_letter", lambda d: d["lines"].append("{password}"), "value_unknown"),
        ("transfer_letter", lambda d: d["lines"].append("{held_on}"), "value_unknown"),
        ("transfer_letter", lambda d: d["lines"].append({"agenda": "items"}), "agenda"),
        ("transfer_letter", lambda d: d["lines"].append({"when": "nobody", "text": "一"}), "value_unknown"),
        ("transfer_letter", lambda d: d["lines"].append({"run": "rm"}), "line"),
        ("transfer_letter", lambda d: d["lines"].append(["一"]), "line"),
        ("transfer_letter", lambda d: d.update(title="长" * 61), "too_long"),
        ("interview_notice", lambda d: d["lines"].append("{held_on}"), ""),
        ("interview_notice", lambda d: d["lines"].append({"agenda": "all"}), "agenda"),
        ("assignment_sheet", lambda d: d["rows"].append([["一", "{number}"], 99]), "row"),
        ("assignment_sheet", lambda d: d["rows"].append([["一"]]), "row"),
        ("assignment_sheet", lambda d: d["rows"].append([["一", "{number"]]), "brace"),
        ("assignment_sheet", lambda d: d["rows"].append("一行"), "row"),
        ("assignment_sheet", lambda d: d.update(form="letter"), "form"),
        ("assignment_sheet", lambda d: d.update(foot="按时办结。"), ""),
    ],
)
def test_a_letter_keeps_its_layout_and_names_only_what_it_knows(letter: str, edit: Edit, rule: str) -> None:
    found = rules(letters.LETTERS, letter, edit)
    assert rule in found if rule else not found


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        ("", ""),
        ("巡督〔{year}〕{n}号", ""),
        ("巡督{n}号", "number_parts"),
        ("巡督〔{year}〕", "number_parts"),
        ("{year}-{n}-{n}", "number_parts"),
        ("{year}{n}号", "number_runs_together"),
        ("督办〔{year}〕{n}号", "number_taken"),
        ("督 办〔{year}〕{n}号", "number_taken"),
        ("{year}〔{n:>9999999}〕", "brace"),
        ("{parent}-{year}-{n}", "value_unknown"),
        (7, "empty"),
    ],
)
def test_a_number_says_year_and_count_once_and_is_nobody_elses(pattern: Any, rule: str) -> None:
    found = rules(letters.NUMBERS, "supervision_order", lambda d: d.update(pattern=pattern))
    assert rule in found if rule else not found


def test_a_pattern_that_another_letter_ever_had_is_taken() -> None:
    known = Known(KNOWN.catalogue, (("circular", {"pattern": "巡通〔{year}〕{n}号"}),))
    found = letters.NUMBERS.check("admonition", {"pattern": "巡通〔{year}〕{n}号"}, known)
    assert [one.rule for one in found] == ["number_taken"]


@pytest.mark.parametrize(
    ("key", "edit", "rule"),
    [
        ("handler", lambda d: d["posts"]["inspection_office"].update({"zh-Hans": "督查员"}), ""),
        ("handler", lambda d: d["posts"].update({"moon": {"zh-Hans": "甲", "zh-Hant": "甲", "en": "A"}}), "part_unknown"),
        ("handler", lambda d: d.pop("title") and None, "part_missing"),
        ("handler", lambda d: d["title"].update({"zh-Hans": "主要负责人"}), "name_taken"),
        ("handler", lambda d: d["title"].update({"en": "{year}"}), "value_unknown"),
    ],
)
def test_a_role_keeps_its_shape(key: str, edit: Edit, rule: str) -> None:
    found = rules(titles.ROLES, key, edit)
    assert rule in found if rule else not found


def test_a_new_role_or_label_has_a_plain_key() -> None:
    title = {"zh-Hans": "督导员", "zh-Hant": "督導員", "en": "Instructor"}
    assert not faults(titles.ROLES, "instructor", {"title": title, "posts": {}})
    assert {one.rule for one in faults(titles.ROLES, "In-structor", {"title": title})} == {"key"}
    assert {one.rule for one in faults(titles.LABELS, "a" * 41, title)} == {"key"}


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (lambda d: d["fields"]["problem"]["headings"].append("村里的事"), ""),
        (lambda d: d["statuses"][1]["words"].append("在路上"), ""),
        (lambda d: d["fields"]["problem"]["headings"].append("整改措施"), "heading_twice"),
        (lambda d: d["fields"]["problem"]["headings"].append("整改 措施"), "heading_twice"),
        (lambda d: d["statuses"][1]["words"].append("正在整改"), "heading_twice"),
        (lambda d: d["fields"].pop("note") and None, "part_missing"),
        (lambda d: d["fields"].update(colour={"headings": ["颜色"]}), "part_unknown"),
        (lambda d: d["fields"]["problem"].update(spill="note"), "fixed"),
        (lambda d: d["fields"]["problem"].update(headings=[]), "lines"),
        (lambda d: d["fields"]["problem"].update(headings=[["问题"]]), "empty"),
        (lambda d: d["statuses"].append({"words": ["飞了"], "state": "gone"}), "state_unknown"),
        (lambda d: d["statuses"].append({"words": ["飞了"], "state": "closed", "label": ["x"]}), "label_unknown"),
        (lambda d: d["statuses"].append({"words": ["飞了"], "state": "closed", "flags": [{}]}), "flag_unknown"),
        (lambda d: d["statuses"].append({"words": ["飞了"], "state": "closed", "cycle": 7}), "fixed"),
        (lambda d: d.update(statuses="一"), "lines"),
        (lambda d: d.update(money=["note"]), "fixed"),
        (lambda d: d["blank_status"].update(ordinary="飞了"), "word_unknown"),
        (lambda d: d["questions"]["是否完成"].update(denied="飞了"), "word_unknown"),
        (lambda d: d.update(questions=[]), "no_mapping"),
        (lambda d: d.update(affirmed=["是" * 41]), "too_long"),
        (lambda _d: "一", "no_mapping"),
    ],
)
def test_the_words_of_ledgers_keep_what_the_program_reads_and_one_meaning_each(edit: Edit, rule: str) -> None:
    found = rules(ledgers.KIND, "ledger", edit)
    assert rule in found if rule else not found


def test_every_rule_is_in_words() -> None:
    told = {"where": "lines/3", "most": 9, "value": "x", "part": "en", "number": "n", "name": "n", "word": "w", "state": "s"}
    told |= {"known": "k", "label": "l", "flag": "f", "year": "2027", "field": "f"}
    for rule in FAULTS:
        assert "%(" not in setting_words({"rule": rule, **told}, "zh-Hans")
    assert setting_words({"rule": "empty", "where": "lines/3"}, "zh-Hans") == "正文第3行要写上"
    assert setting_words({"rule": "empty", "where": "without/en"}, "zh-Hans") == "缺值时·英文要写上"
