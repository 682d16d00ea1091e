"""The words around a new version: what a plan may say, what stands against it, and what becomes of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.definition import Language
from web.language import mark, translate
from web.versions.naming import Names
from workflow.versions.plan import Plan

WHEN: Mapping[str, tuple[str, str]] = {
    "now": (mark("立即"), mark("发布当天就按新版本办")),
    "next": (mark("下一步时"), mark("先按原版本，办下一步时转到新版本")),
    "stay": (mark("按原版本办完"), mark("一直按原版本办到办结")),
}
CLOCKS: Mapping[str, tuple[str, str]] = {
    "keep": (mark("保留原期限"), mark("已经定下的日期不变")),
    "carry": (mark("按新规则重算"), mark("从原来的起算日按新规则重算，暂停和批准的延期照样算在内；约谈等定下的日期不变")),
    "restart": (mark("重新起算"), mark("从换版当天按新规则重新计时，以前的不再算；约谈等定下的日期不变")),
}
RUNGS: Mapping[str, tuple[str, str]] = {
    "from-now": (mark("只办最近一步"), mark("已经过去的几步只补最后一步，其余记为略过")),
    "catch-up": (mark("从头补办"), mark("已经过去的每一步都补办，可能一下子有许多约谈")),
    "off": (mark("过去的不补"), mark("已经过去的都略过，只办以后的")),
}
FATES: Mapping[str, str] = {
    "poisoned": mark("有问题"),
    "moves": mark("迁移"),
    "follows": mark("随下一步"),
    "stays": mark("按原版本办完"),
}
POISONS: Mapping[str, str] = {
    "request_waits": mark("延期申请还没有批复，而它的期限在新版本里没有了、改称了、另算了或不能再延"),
    "no_clock": mark("到了新版本里没有期限在计时"),
    "no_holder": mark("没有承办单位"),
    "broken": mark("这一件的数据不完整"),
}
OBSTACLES: Mapping[str, str] = {
    "unknown_state": mark("计划里写了一个没有的状态“%(state)s”"),
    "unknown_clock": mark("计划里写了一个没有的期限“%(clock)s”"),
    "clock_unreasoned": mark("期限“%(clock)s”不保留原期限，要写明理由"),
    "reason_too_long": mark("期限“%(clock)s”的理由太长，最多%(most)s字"),
    "clock_not_gone": mark("期限“%(clock)s”在新版本里还在，不能改称别的"),
    "clock_unfit": mark("期限“%(clock)s”不能接到“%(to)s”：它须是新版本里新有的期限，也不能有两个接到同一个"),
    "unknown_field": mark("计划里写了没有的一栏“%(field)s”"),
    "state_unmapped": mark("状态“%(state)s”在新版本里没有了，选定转到哪个状态"),
    "state_closes": mark("状态“%(state)s”不能转到办结的状态“%(to)s”，办结须由人决定"),
    "interview_changed": mark("约谈不能改成别的，别的也不能改成约谈；另建一类"),
    "secrecy_changed": mark("“%(field)s”的保密不能改；另加一栏"),
    "type_changed": mark("“%(field)s”不能改成这种填法；另加一栏"),
    "choice_not_gone": mark("“%(field)s”的选项“%(choice)s”在新版本里还在，不能改成别的"),
    "choice_unmapped": mark("“%(field)s”的选项“%(choice)s”在新版本里没有了，选定改成哪一个"),
}
STATUSES: Mapping[str, str] = {
    "waiting": mark("等第二人决定"),
    "dated": mark("已同意，等执行日"),
    "current": mark("已发布"),
    "refused": mark("不同意"),
    "withdrawn": mark("提出人撤回"),
}

# What it is, and what comes of it.
MOTIONS: Mapping[str, tuple[str, str]] = {
    "retire": (mark("停用这一类"), mark("停用后不再登记新的，在办的照样办完。")),
    "reopen": (mark("恢复这一类"), mark("恢复后可以登记新的事项。")),
    "reverse": (mark("退回原来的版本"), mark("只退回换版以后没有办过别的事项；新登记的仍按新版本办。")),
}
MOTION_STATUSES: Mapping[str, str] = {
    "waiting": mark("等第二人决定"),
    "done": mark("已同意"),
    "refused": mark("不同意"),
    "withdrawn": mark("提出人撤回"),
}


def obstacle_words(obstacle: Mapping[str, Any], names: Names, language: Language) -> str:
    """What stands against a plan, as a sentence."""
    params = dict(obstacle["params"])
    words = {
        "state": names.state(params.get("state", "")) or params.get("state", ""),
        "to": names.state(params.get("to", "")) or names.clock(params.get("to", "")) or params.get("to", ""),
        "clock": names.clock(params.get("clock", "")) or params.get("clock", ""),
        "field": names.field(params.get("field", "")) or params.get("field", ""),
        "most": params.get("most", ""),
        "choice": names.value(params.get("field", ""), params.get("choice", "")) or params.get("choice", ""),
    }
    return translate(OBSTACLES[obstacle["name"]], language) % words


POLICY_WHY, OF_A_CLOCK = mark("%(policy)s，理由：%(reason)s"), mark("“%(clock)s”%(words)s")


def policy_words(policy: str, reason: str, language: Language) -> str:
    """What becomes of the dates of a clock, and why where that was said."""
    told = {"policy": translate(CLOCKS[policy][0], language), "reason": reason}
    return translate(POLICY_WHY, language) % told if reason else told["policy"]


def decided_words(plan: Plan, names: Names, language: Language) -> list[str]:
    """The same of each clock that the plan says something of."""
    return [
        translate(OF_A_CLOCK, language) % {"clock": names.clock(key) or key, "words": policy_words(policy, why, language)}
        for key, policy, why in plan.decided()
    ]
