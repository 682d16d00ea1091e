"""The words of reports: titles of reports, sections and columns by their keys, and the notes that say how is counted."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.ledgers.report_sheet import Align
from web.language import mark

REPORTS: Mapping[str, str] = {
    "week": mark("周调度表"),
    "ten_days": mark("旬调度表"),
    "half_month": mark("半月调度表"),
    "month": mark("月调度表"),
    "quarter": mark("季度调度表"),
}
# A key with the report's own before it says what only that report calls it.
SECTIONS: Mapping[str, str] = {
    "whole": mark("总体"),
    "townships": mark("分乡镇"),
    "longest": mark("逾期最久十件"),
    "falling_due": mark("下一期到期"),
    "week.falling_due": mark("本周到期"),
    "half_month.falling_due": mark("下一个半月到期"),
    "talks": mark("要办的约谈"),
    "week.talks": mark("本周要办的约谈"),
    "coordination": mark("需领导协调事项"),
}
COLUMNS: Mapping[str, str] = {
    "seq": mark("序号"),
    "township": mark("乡镇"),
    "on_register": mark("在册"),
    "open": mark("在办"),
    "late": mark("逾期"),
    "week.opened_in": mark("上周新增"),
    "week.closed_in": mark("上周销号"),
    "opened_in": mark("本期新增"),
    "closed_in": mark("本期销号"),
    "talks_open": mark("在办约谈"),
    "to_sign": mark("待签收"),
    "soon": mark("十日内到期"),
    "late_1_10": mark("1—10日"),
    "late_11_30": mark("11—30日"),
    "late_over_30": mark("30日以上"),
    "close_out_rate": mark("累计销号率"),
    "on_time_rate": mark("按期率"),
    "place": mark("位次"),
    "number": mark("编号"),
    "problem": mark("问题"),
    "area": mark("乡镇、村"),
    "holder": mark("由谁办"),
    "days_late": mark("逾期天数"),
    "due_on": mark("期限"),
    "talk": mark("约谈"),
    "state": mark("状态"),
    "held_on": mark("约谈日期"),
    "agenda": mark("议题数"),
}
NOTES: Mapping[str, str] = {
    "week.register": mark("在册是已登记、还没有办结的，括号内是比前一周的增减。"),
    "register": mark("在册是已登记、还没有办结的，括号内是比前一期的增减。"),
    "closed_out": mark("销号不含作废、并案、不予受理等；累计销号率是已销号的占已销号和在办之和的比例。"),
    "on_time": mark("按期率看最初定下的期限，延期不改。"),
    "place": mark("位次按累计销号率排，相同的再比按期率。"),
    "limits": mark("状态、由谁办、期限、逾期都是截至那天24时的。"),
}
# Shares of the width and sides of columns; what is not named is four wide and, holding numbers, stands at the right.
WIDTHS: Mapping[str, int] = {
    **{"seq": 3, "township": 6, "number": 6, "problem": 22, "area": 10, "holder": 11},
    **{"days_late": 6, "due_on": 6, "talk": 22, "state": 8, "held_on": 7},
}
SIDES: Mapping[str, Align] = {
    **dict.fromkeys(("township", "number", "problem", "area", "holder", "talk", "state", "due_on", "held_on"), "start"),
    **dict.fromkeys(("seq", "place"), "center"),
}
ORDINALS = mark("一二三四五六七八九十")


def word(table: Mapping[str, str], report: str, key: str) -> str:
    """The message of a key in a report; KeyError for one without words, which a test finds first."""
    return table[f"{report}.{key}"] if f"{report}.{key}" in table else table[key]
