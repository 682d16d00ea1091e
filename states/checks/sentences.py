"""The plain sentence of each fault, in simplified Chinese and English; `duban workflow check` prints them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from states.faults import Fault

# id → (simplified Chinese, English). {name} is a parameter of the fault; {meant} becomes a hint, or nothing.
SENTENCES: Mapping[str, tuple[str, str]] = {
    # The document's form.
    "missing_key": ("缺少“{part}”这一项", "the key “{part}” is missing"),
    "unknown_key": ("不认识的项“{name}”{meant}", "unknown key “{name}”{meant}"),
    "wrong_type": ("“{part}”的值类型不对{expected}", "the value of “{part}” is of the wrong type{expected}"),
    "wrong_value": ("“{part}”不能写“{value}”{meant}{possible}", "“{part}” cannot be “{value}”{meant}{possible}"),
    "not_a_key": (
        "“{value}”不能作标识：只用小写字母、数字和下划线，以字母开头",
        "“{value}” is no key: small letters, digits and underscores, a letter first",
    ),
    "not_a_limit": ("“{value}”不是期限，例：3 month、5 workday", "“{value}” is no limit; write 3 month or 5 workday"),
    "too_few": ("至少要有 {at_least} 个", "at least {at_least} needed"),
    "too_many": ("最多只能有 {at_most} 个", "at most {at_most} allowed"),
    "does_not_fit_type": ("类型“{type}”与“{part}”不相配", "type “{type}” and “{part}” do not go together"),
    "opens_nothing": ("“{part}”只写在保密（secret）的栏目上", "“{part}” is said of secret fields only"),
    "not_a_day": ("“{value}”不是日期，例：2026-03-26", "“{value}” is no day; write 2026-03-26"),
    "limit_or_date_field": (
        "limit 与 date_field 写且只写一个，at_most 只与 date_field 同用",
        "say either limit or date_field; at_most goes with date_field",
    ),
    # States and verbs.
    "no_initial": ("没有起始状态", "no state is initial"),
    "many_initial": ("状态“{state}”与“{first}”都是起始状态", "both “{first}” and “{state}” are initial"),
    "unreachable_state": ("状态“{state}”从起始状态走不到", "state “{state}” cannot be reached"),
    "trap_state": ("状态“{state}”进得去出不来，又不是终结状态", "state “{state}” has no way out and is not final"),
    "no_way_to_final": ("从状态“{state}”走不到任何终结状态", "no final state can be reached from “{state}”"),
    "final_state_left": (
        "操作“{trigger}”离开终结状态“{state}”，但不是重新挂号",
        "“{trigger}” leaves the final state “{state}” without reopening",
    ),
    "reopens_open_case": (
        "“{trigger}”是重新挂号，须从终结状态到未终结状态",
        "“{trigger}” reopens: it must lead from final states to an open one",
    ),
    "reopen_without_date": (
        "“{trigger}”是重新挂号，须问新的时限（必答日期 new_due_on）",
        "“{trigger}” reopens: it must ask for the new date (new_due_on, required)",
    ),
    "ambiguous_trigger": (
        "在状态“{state}”下，操作“{trigger}”有两种走法",
        "“{trigger}” means two things in state “{state}”",
    ),
    "many_main": (
        "状态“{state}”有两个主要操作“{first}”和“{trigger}”",
        "state “{state}” has two main steps, “{first}” and “{trigger}”",
    ),
    "closing_without_ground": ("“{trigger}”办结案件，但没有办结依据", "“{trigger}” closes the case without a ground"),
    "recipient_not_asked": (
        "“{trigger}”把案件交给承办单位，但表单没有必答的 recipient",
        "“{trigger}” hands over to a recipient that the form does not ask for",
    ),
    "reserved_key": ("“{key}”由表单自己询问，问题不能用这个标识", "“{key}” is asked by the form itself"),
    # Names.
    "unknown_name": ("没有名为“{name}”的{what}{meant}", "there is no {what} called “{name}”{meant}"),
    "wrong_post": (
        "“{post}”不是岗位，例：handler@holder、head@above_subject:township_party_committee",
        "“{post}” is no post; write handler@holder or head@above_subject:township_party_committee",
    ),
    "nobody_asked": (
        "这一步不答复审批，没有提请的人；asker 只写在同意、不同意和撤回同意的通知里",
        "this step answers no request, so nobody asked; asker stands in the notices of giving, refusing and taking back only",
    ),
    "wrong_owner": (
        "“{owner}”不是时限的责任单位，例：holder、above_subject:township_party_committee",
        "“{owner}” is no owner of a clock; write holder or above_subject:township_party_committee",
    ),
    "wrong_parameter": ("“{name}”的参数“{parameter}”{why}{meant}", "parameter “{parameter}” of “{name}” {why}{meant}"),
    "question_not_asked": ("表单里没有问题“{name}”{meant}", "the form has no question “{name}”{meant}"),
    "duplicate_key": ("标识“{key}”用了两次", "the key “{key}” is used twice"),
    # People.
    "transition_nobody_may_fire": (
        "没有人能操作“{trigger}”：缺角色或关系，或该关系看不到案件",
        "nobody may fire “{trigger}”: a role or relation is missing, or the relation may not read the case",
    ),
    "opened_by_nobody": ("没有人能登记，也没有上级案件", "nobody may open a case, and it has no parent"),
    "access_that_adds_nothing": (
        "知情规则多余：“{relation}”的另一条规则已经给出这些权限",
        "this rule of access adds nothing: another one of “{relation}” gives as much already",
    ),
    "decision_by_nobody": (
        "“{trigger}”要集体研究，参加表决的人看不到事项",
        "“{trigger}” needs a vote, and who votes may not read the case",
    ),
    "decision_unfit": (
        "“{trigger}”要集体研究，就不能再要审批，也不能问保密的栏目",
        "“{trigger}” needs a vote: it takes no approval besides and asks for no secret field",
    ),
    "roles_that_do_and_approve": (
        "“{trigger}”的审批人就是操作人，审批形同虚设",
        "whoever fires “{trigger}” approves it himself",
    ),
    "rung_to_missing_level": ("岗位“{post}”所在的层级不存在", "the post “{post}” stands at a level that does not exist"),
    # Clocks.
    "state_without_running_clock": (
        "在状态“{state}”下可能没有任何时限在走",
        "no clock is sure to run in state “{state}”",
    ),
    "clocks_too_tangled": (
        "时限互相接替的走法超过 {most} 种，无法逐一查验，减少时限或操作",
        "the clocks replace each other in more than {most} ways, too many to follow; take some away",
    ),
    "clock_never_started": (
        "时限“{clock}”不会因“{on}”起算：之后的状态不在其列",
        "“{on}” never starts clock “{clock}”: it leads to a state in which the clock does not live",
    ),
    "later_never_started": (
        "“{trigger}”的审批可以后补，时限“{clock}”须由它起算",
        "the approval of “{trigger}” may follow: clock “{clock}” must start with it",
    ),
    "clock_never_settled": (
        "时限“{clock}”从状态“{state}”起永远结不了",
        "clock “{clock}” is never settled from state “{state}” on",
    ),
    "clock_in_final_state": ("终结状态“{state}”里不能有时限“{clock}”", "clock “{clock}” lives in the final state “{state}”"),
    "runs_and_stands": (
        "时限“{clock}”在状态“{state}”下既走又停",
        "clock “{clock}” both runs and stands in state “{state}”",
    ),
    "limit_table_without_last_row": (
        "时限“{clock}”的期限表最后一行不能有条件，也不能取自日期字段",
        "the last limit of clock “{clock}” must have no condition and no date field",
    ),
    "limit_row_never_reached": (
        "时限“{clock}”的这一行永远轮不到",
        "this limit of clock “{clock}” stands behind one that takes all its cases",
    ),
    "many_main_clocks": (
        "时限“{first}”和“{clock}”都是主时限",
        "both “{first}” and “{clock}” are main clocks",
    ),
    "by_length_without_ladders": ("按长短选梯次，但缺少 {missing}", "ladders by length, but {missing} is missing"),
    # Ladders.
    "ladder_out_of_order": ("“{rung}”排在“{before}”之后，时间却更早", "“{rung}” stands after “{before}” but comes earlier"),
    "ladder_unused": ("没有时限使用梯次“{ladder}”", "no clock climbs ladder “{ladder}”"),
    "clock_never_due": ("时限“{clock}”有梯次却没有期限", "clock “{clock}” has a ladder but no limit"),
    "rung_before_start": (
        "梯次“{ladder}”的“{rung}”早于任何期限的起点，永远不会触发",
        "“{rung}” of ladder “{ladder}” lies before every start and can never fire",
    ),
    "rung_behind_held": (
        "“{held}”等待约谈结果，其后的“{rung}”永远不会触发",
        "“{rung}” stands behind “{held}”, which holds the ladder, and can never fire",
    ),
    "tier_never_reached": (
        "梯次“{ladder}”的第 {tier} 级永远到不了",
        "tier {tier} of ladder “{ladder}” is never reached",
    ),
    # Facts.
    "field_read_never_filled": ("字段“{field}”被读取，但没有地方填写", "“{field}” is read but nobody fills it"),
    "secret_field_read": (
        "保密字段“{field}”不能用作条件、筛选或转抄",
        "the secret field “{field}” must not be read, filtered by or copied",
    ),
    "text_told_to_its_subject": (
        "“{field}”是自由填写的内容，不能抄进给被反映单位的案件，另设一个问题重新填写",
        "“{field}” is free text and must not be copied into a case of the body it is about; ask for it anew",
    ),
    "field_of_wrong_type": (
        "字段“{field}”的类型是 {type}，这里要 {wanted}",
        "“{field}” is of type {type}; {wanted} is needed here",
    ),
    "unknown_choice": (
        "字段“{field}”没有选项“{value}”{meant}",
        "“{field}” has no choice “{value}”{meant}",
    ),
    "question_unlike_fact": (
        "问题“{field}”与同名字段的类型或选项不一致",
        "question “{field}” differs from the field of that name in type or choices",
    ),
    # The kind.
    "agenda_kind_has_secret_fields": (
        "可列入约谈议程的种类不能有保密字段“{field}”",
        "a kind that stands on agendas must have no secret field such as “{field}”",
    ),
    "interview_kind_incomplete": ("约谈种类不完整：缺 {missing}", "the interview lacks {missing}"),
    "consent_incomplete": ("提请审批（consent）不完整：缺 {missing}", "consent lacks {missing}"),
    "wrong_number_pattern": (
        "编号“{number}”须含 {{n}}，另只可用 {{year}}，有上级案件时可用 {{parent}}",
        "the number “{number}” needs {{n}}; only {{year}} and, with a parent, {{parent}} may stand beside it",
    ),
    "scenario_speaks_of_nothing": (
        "情景里没有名为“{name}”的{what}{meant}",
        "the scenario speaks of a {what} “{name}” that there is not{meant}",
    ),
    "scenario_tells_words": (
        "情景里的“{field}”只能写可选项、是或否和日期，不写文字和人员，也不写保密内容",
        "“{field}” in a scenario is a choice, a flag or a day of a question that is asked; never words, people or secrets",
    ),
    "scenario_out_of_order": (
        "情景的日期要从登记、各步到结束依次往后，最长五年",
        "the days of a scenario go forward from its beginning to its end, five years at most",
    ),
    "scenario_votes_amiss": (
        "只有集体研究的一步才写表决，并且至少有一人能表决",
        "a vote belongs to a step that a body decides on, and at least one of the body may vote",
    ),
    "scenarios_too_many": ("这里有{n}个，最多{most}个", "there are {n} here, {most} at most"),
    "text_missing_language": ("“{text}”缺少 {languages} 文本", "“{text}” lacks {languages}"),
}

_WHAT: Mapping[str, tuple[str, str]] = {
    "role": ("角色", "role"),
    "relation": ("关系", "relation"),
    "organ_kind": ("机构类型", "organ kind"),
    "kind": ("案件种类", "kind of case"),
    "guard": ("条件", "guard"),
    "effect": ("动作", "effect"),
    "rung": ("梯级动作", "rung function"),
    "letter": ("文书", "letter"),
    "message": ("消息", "message"),
    "evidence_label": ("佐证材料名目", "label of evidence"),
    "retention": ("保管期限", "retention class"),
    "ground": ("办结方式", "ground"),
    "separation": ("回避规则", "separation rule"),
    "holder": ("承办去向", "holder"),
    "where": ("关系或层级", "relation or level"),
    "level": ("层级", "level"),
    "state": ("状态", "state"),
    "trigger": ("操作", "trigger"),
    "start": ("操作", "trigger"),
    "field": ("字段", "field"),
    "clock": ("时限", "clock"),
    "ladder": ("梯次", "ladder"),
}
_WHY: Mapping[str, tuple[str, str]] = {
    "missing": ("没有给出", "is missing"),
    "type": ("类型不对", "has the wrong type"),
    "unknown": ("不存在", "does not exist"),
}


_EXPECTED: Mapping[str, tuple[str, str]] = {
    "text": ("文字", "text"),
    "whole_number": ("整数", "a whole number"),
    "flag": ("true 或 false", "true or false"),
    "list": ("列表", "a list"),
    "mapping": ("几项“名称: 值”", "a mapping"),
    "plain": ("文字、整数、true 或 false", "text, a whole number, true or false"),
    "label": ("文字，或各语言的文字", "text, or text by language"),
    "key": ("标识", "a key"),
}


def sentence(fault: Fault, language: str = "zh-Hans") -> str:
    """One plain sentence about a fault, in simplified Chinese ("zh-Hans") or English ("en"), without its place."""
    which = 1 if language == "en" else 0
    said: dict[str, Any] = {key: _listed(value, which) for key, value in fault.params.items()}
    meant = said.get("meant")
    said["meant"] = "" if not meant else (f", did you mean “{meant}”?" if which else f"，是不是“{meant}”？")
    for key, words in (("what", _WHAT), ("why", _WHY)):
        if key in said:
            said[key] = words[said[key]][which]
    said |= {"part": _part_of(fault.pointer), "possible": _possible(fault.params, which)}
    return SENTENCES[fault.id][which].format(**said | {"expected": _expected(fault.params, which)})


def _part_of(pointer: str) -> str:
    """The last key of a place; a place in a list is called by the list's key."""
    keys = [part for part in pointer.split("/") if part and not part.isdecimal()]
    return keys[-1] if keys else "/"


def _possible(params: Mapping[str, Any], which: int) -> str:
    """What the value may be, where the form says it: one of a list, or a number within bounds."""
    if "choices" in params:
        return f"{'; write one of ' if which else '；可写：'}{_listed(params['choices'], which)}"
    if "least" in params:
        least, most = params["least"], params["most"]
        return f"; write {least} to {most}" if which else f"；可写 {least} 至 {most}"
    return ""


def _expected(params: Mapping[str, Any], which: int) -> str:
    words = _EXPECTED.get(params.get("expected", ""))
    if words is None:
        return ""
    return f", {words[1]} is needed" if which else f"，应是{words[0]}"


def _listed(value: Any, which: int) -> Any:
    if isinstance(value, list | tuple):
        return (", " if which else "、").join(str(part) for part in value)
    return value
