"""Why what several people decide is not decided, in a sentence: votes of a body, and settings that two agree on."""

from __future__ import annotations

from collections.abc import Mapping

from web.language import mark

# Of a step that is refused, and of who may not.
VOTE_WHY: Mapping[str, str] = {
    "decision_stands": mark("先经集体研究通过；通过的只是提请时填的内容，事项有变动的要重新提请"),
    "not_member": mark("不是参加这项集体研究的人"),
    "nobody_sets": mark("改配置要由两位管理员先后办，用 --as 写明登录名"),
    "not_your_proposal": mark("不是你提出的，不能撤回；不同意的，写明理由退回"),
    "duty_ended": mark("提出或同意的人已不再有这项职责"),
    "nobody_asks": mark("提请集体研究要写明是谁"),
}
# Of what stands against it.
VOTE_INPUT_WHY: Mapping[str, str] = {
    "no_decision": mark("这一步不用集体研究"),
    "decision_asked": mark("已经提请集体研究，等表决"),
    "decision_stale": mark("提请以后事项已有变动，要重新提请集体研究"),
    "setting_waits": mark("这一项已有改动在等决定，先定下它"),
    "setting_decided": mark("这一项改动已经定了"),
    "setting_moved": mark("这一项刚刚换过版本，看过现行的再改"),
    "voted": mark("已经表决过，不能改"),
}
