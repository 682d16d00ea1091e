"""What an import says of its rows, in the reader's words: why one was refused, left out, or is to be looked at.

JSON keeps the ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.ledgers.facts import heading_of
from handlers.ledgers.headings import field_keys
from states.definition import Definition, Language
from web.errors import REFUSALS, reasons_of
from web.language import mark, translate
from web.wording import INPUT_WHY, WHY
from workflow.verbs.replay import Refused

# ---- process logs ---------------------------------------------------------------------------------------------------

WRONG_STATE = mark("当时在“%(state)s”，不能办“%(action)s”")
UNMET = mark("当时在“%(state)s”，%(reasons)s")
# Why a row of a log is no event of ours (handlers/logs/reading.py, web/log_import.py).
LEFT_OUT: Mapping[str, str] = {
    "ignored": mark("对照文件写明不导入“%(activity)s”"),
    "unknown_activity": mark("对照文件没有写明“%(activity)s”是什么"),
    "no_case": mark("没有编号"),
    "no_time": mark("时间“%(value)s”没有读懂，写成2025-03-04 09:05或2025/3/4 9:05"),
    "here_otherwise": mark("这一件已登记为%(value)s，历史和这份日志不同，没有改动；要换成新的历史，先撤回原来的导入"),
}
NOT_READ = mark("“%(column)s”写的“%(value)s”没有读懂，这一栏没有填")


def refusal_words(refused: Refused, definition: Definition, language: Language = "zh-Hans") -> str:
    """Why an event was refused: the state that the case was in, and what was not met."""
    titles = {key: state.title.in_(language) for key, state in definition.state_by_key.items()}
    steps = {transition.trigger: transition.title.in_(language) for transition in definition.transitions}
    if refused.why == "wrong_state":
        told = {"state": titles[refused.state], "action": steps[refused.action]}
        return translate(WRONG_STATE, language) % told
    facts = {key: target.title.in_(language) for key, target in definition.field_by_key.items()}
    reasons = "；".join(reasons_of(list(refused.unmet), {**titles, **facts, **steps}, language=language))
    if not refused.state or refused.why in ("opened_before", "in_future"):
        return reasons
    return translate(UNMET, language) % {"state": titles[refused.state], "reasons": reasons}


def left_out_words(row: Mapping[str, Any], language: Language = "zh-Hans") -> str:
    """Why a row of a log is no event."""
    return translate(LEFT_OUT[row["why"]], language) % row


def unread_words(warning: Mapping[str, Any], language: Language = "zh-Hans") -> str:
    """Which value of a row could not be read."""
    return translate(NOT_READ, language) % warning


# ---- ledgers --------------------------------------------------------------------------------------------------------

# Why a row of a ledger is no item (handlers/ledgers/tables.py, config/imports/ledger.yaml).
NO_ITEM: Mapping[str, str] = {
    "title": mark("标题"),
    "instructions": mark("填表说明"),
    "subtotal": mark("小计或合计"),
    "footer": mark("表尾签名"),
    "repeated_head": mark("重复的表头"),
    "section": mark("分段标题"),
    "summary": mark("通报里的综述"),
    "guidance": mark("通报里的工作要求"),
}
# What somebody should look at: in one row (ItemRow.warnings, remarks of importing.py), or on a whole sheet (Note).
TO_LOOK_AT: Mapping[str, str] = {
    "unknown_status": mark("不认识的完成情况，按正在整改登记：%(status)s"),
    "mixed_status": mark("几条措施的完成情况不一样，按没有办完的登记"),
    "to_check": mark("完成情况要核对"),
    "start_is_import_day": mark("没有写明起算日，从导入当天起算"),
    "due_not_read": mark("时限没有读成日期，保留原文"),
    "date_not_read": mark("有日期没有读懂，保留原文"),
    "amount_not_read": mark("有金额没有读懂，保留原文"),
    "group_to_split": mark("涉及几个村，挂在乡镇，待分解到村"),
    "nameless_village": mark("没有写明是哪个村"),
    "no_organisation": mark("没有写明涉及单位，挂在未归属"),
    "unknown_row_kind": mark("台账类型不认识"),
    "unknown_kind": mark("台账类型不是整改事项，也不是问题线索，按整改事项登记"),
    "repeated_row": mark("和前面一行内容相同"),
    "units_in_prose": mark("责任单位写成了一段话，没有拆成单位"),
    "unit_not_found": mark("责任单位在组织里没有找到，保留原文"),
    "assisting_in_words": mark("配合单位保留原文"),
    "extension_registered": mark("原台账申请过延期，按可以延到的最后一天登记"),
    "no_extension": mark("原台账写了申请延期，这一项不能延期"),
    "no_whole_case": mark("原台账写了按全案计时，这一类没有全案时限"),
    "hidden_sheet": mark("工作表是隐藏的，没有读"),
    "hidden_rows": mark("有隐藏的行，照样读了：%(rows)s"),
    "hidden_columns": mark("有隐藏的列，照样读了：%(headings)s"),
    "coloured": mark("有%(cells)s个单元格涂了颜色（%(colour)s），颜色没有带入"),
    "formulas": mark("有%(cells)s个公式，取了算好的值"),
    "looks_unknown": mark("颜色和隐藏的行列看不出来，没有带入"),
    "no_table": mark("没有找到表头，整张没有读"),
    "no_problem_column": mark("没有写问题的一列，整张没有读"),
    "merged_filled": mark("合并的单元格按每行都有这个值读了"),
    "measures_joined": mark("同一问题的几行读成一项的几条措施"),
    "continued_rows": mark("没有写问题的一行，接在上一项"),
    "read_otherwise": mark("这份文件已按另一种对照导入过（第%(imports)s次导入），再导入会重复登记；要改对照，先撤回那次导入"),
    "extra_columns": mark("没有对照的列照原样保留：%(headings)s"),
    "field_twice": mark("%(headings)s都对照成了%(field)s，只用了第一个，其余照原样保留"),
}
EMPTY = mark("没有填")
FAILED = mark("没有通过登记的检查")


def no_item_words(row: Mapping[str, Any], language: Language = "zh-Hans") -> str:
    """Why a row of a ledger is no item."""
    return translate(NO_ITEM.get(row["why"], row["why"]), language)


def warning_words(warning: Mapping[str, Any], language: Language = "zh-Hans") -> str:
    """What is to be looked at, in a row or on a sheet."""
    params = {key: "、".join(map(str, value)) if isinstance(value, list | tuple) else value for key, value in warning.items()}
    return "；".join(_filled(TO_LOOK_AT.get(why, why), params, language) for why in warning["why"])


def _filled(message: str, params: Mapping[str, Any], language: Language) -> str:
    try:
        return translate(message, language) % params
    except KeyError:
        return translate(message, language).split("：")[0].split(": ")[0]


def refused_words(row: Mapping[str, Any], language: Language = "zh-Hans") -> str:
    """Why a row that looks like an item cannot be one: the column's usual heading, and what is wrong with it."""
    heading = heading_of(row["field"]) if row["field"] in field_keys() else row["field"]
    return " ".join(filter(None, (heading, _refusal(row["why"], language))))


def _refusal(why: str, language: Language) -> str:
    if why == "empty":
        return translate(EMPTY, language)
    if why in INPUT_WHY or why in WHY:
        return "；".join(reasons_of({"name": why, "input": True}, language=language))
    return translate(REFUSALS[why].title if why in REFUSALS else FAILED, language)


def place_of(row: Mapping[str, Any]) -> str:
    """Where in the file: its sheet, where it is known, and its row, where it is one."""
    number = f"第{row['row']}行" if row.get("row") is not None else ""
    return " ".join(filter(None, (str(row.get("sheet") or ""), number)))
