"""What a change changes is told in sentences, with its place in the text and without a key of the file."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from handlers.settings.registry import SETTINGS
from web.configuration.differences import differences


def told(kind: str, key: str, edit: Callable[[Any], Any]) -> list[tuple[str, str]]:
    """The sentences of one edit of a shipped text."""
    before = SETTINGS[kind].shipped()[key]
    after = copy.deepcopy(before)
    edit(after)
    return [(one.kind, one.text) for one in differences(before, after)]


@pytest.mark.parametrize(
    ("kind", "key", "edit", "said"),
    [
        (
            "message",
            "approval_given",
            lambda d: d.update({"en": "{number} approved."}),
            [("changed", "英文：由“Approved: the step asked for on {编号} may be taken.”改为“{编号} approved.”")],
        ),
        ("letter", "transfer_letter", lambda d: d["lines"].pop(), [("removed", "正文：去掉“特此函告。”")]),
        (
            "letter",
            "transfer_letter",
            lambda d: d["lines"].insert(4, {"when": "ground", "text": "因{ground}。"}),
            [("added", "正文：新增“有“办结方式”时：因{办结方式}。”")],
        ),
        ("letter", "interview_notice", lambda d: d["lines"].remove({"agenda": "clues"}), [("removed", "正文：去掉“列出议程”")]),
        (
            "letter_number",
            "circular",
            lambda d: d.update(pattern="巡通{year}-{n}"),
            [("added", "编号格式：新增“巡通{年份}-{序号}”")],
        ),
        (
            "ledger_words",
            "ledger",
            lambda d: d["statuses"].append({"words": ["办妥"], "state": "closed"}),
            [("added", "状态用语：新增“办妥 → 销号”")],
        ),
        (
            "ledger_words",
            "ledger",
            lambda d: d["fields"]["problem"]["headings"].append("村里的事"),
            [("added", "表头·反馈问题：新增“村里的事”")],
        ),
        (
            "role",
            "handler",
            lambda d: d["posts"]["inspection_office"].update({"zh-Hans": "督查员"}),
            [("changed", "各类单位的叫法·巡察办·简体：由“巡察办督办员”改为“督查员”")],
        ),
        (
            "calendar",
            "2026",
            lambda d: d["holidays"].update({"县庆": ["2026-12-21"]}),
            [("added", "放假·县庆：新增“2026年12月21日”")],
        ),
        ("message", "closed", lambda d: None, []),
    ],
)
def test_one_edit_is_one_sentence(kind: str, key: str, edit: Callable[[Any], Any], said: list[tuple[str, str]]) -> None:
    assert told(kind, key, edit) == said


def test_what_is_new_is_told_whole() -> None:
    told = differences(None, {"zh-Hans": "台账复印件", "zh-Hant": "臺賬複印件", "en": "Copy"})
    assert [one.text for one in told] == ["简体：新增“台账复印件”", "繁体：新增“臺賬複印件”", "英文：新增“Copy”"]
