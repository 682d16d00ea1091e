"""The words around settings: kinds, what a version is, what a value in braces means and an example of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext

from handlers.effects.messages import VALUES
from handlers.settings.letters import values_for
from handlers.settings.mappings import NAME as MAPPING
from web.language import current_language, mark
from workflow.configuration.settings import LETTER, LETTER_NUMBER
from workflow.configuration.years import CALENDAR

# Kind → its name, and what it is for.
KINDS: Mapping[str, tuple[str, str]] = {
    "message": (mark("消息"), mark("铃铛、邮件和外发消息里的话")),
    "letter": (mark("文书"), mark("函、通知书和表单的文字，版式不变")),
    "letter_number": (mark("发文字号"), mark("文书按什么编号，不编的留空手填")),
    "evidence_label": (mark("佐证类型"), mark("佐证材料的分类名称")),
    "ledger_words": (mark("导入用语"), mark("导入旧台账时，表头和状态用语怎么认")),
    "retention": (mark("保管期限"), mark("各类事项办结后保管多久、依据什么，改动须由另一人同意")),
    "ledger_mapping": (mark("表头对照"), mark("各乡镇旧台账的列怎么读，由导入的人保存")),
    "calendar": (mark("工作日历"), mark("每年的放假和调休，改了会移动期限")),
    "role": (mark("岗位"), mark("岗位在各类单位里的叫法，由安全管理员改")),
}
# The group of the vocabulary that has the names of a kind's settings.
GROUPS: Mapping[str, str] = {"evidence_label": "evidence_labels", "retention": "retentions"}
# What a message is called where its words are set, whatever they become.
MESSAGES: Mapping[str, str] = {
    "to_sign": mark("待签收"),
    "first_reminder": mark("到期提醒"),
    "second_warning": mark("临期预警"),
    "overdue": mark("逾期督办"),
    "unsigned": mark("逾期未签收"),
    "handed_back": mark("退回交办机关"),
    "redirected": mark("改由其他单位承办"),
    "designated": mark("指定承办"),
    "sent_back": mark("退回重改"),
    "extension_asked": mark("延期待批"),
    "extension_granted": mark("同意延期"),
    "extension_refused": mark("不同意延期"),
    "extension_undecided": mark("延期逾期未批复"),
    "interview_ordered": mark("责成约谈"),
    "interview_notice": mark("约谈通知"),
    "interview_withdrawn": mark("约谈撤回"),
    "second_interview": mark("二级约谈"),
    "closed": mark("准予销号"),
    "reopened": mark("重新挂号"),
    "merged": mark("已并案"),
    "reminded": mark("催办"),
    "order_issued": mark("下发督办通知书"),
    "check_due": mark("待核验"),
    "proposal_waiting": mark("待签批"),
    "plan_waiting": mark("方案待审定"),
    "plan_approved": mark("方案已审定"),
    "plan_returned": mark("方案退回"),
    "decision_waiting": mark("待表决"),
    "decision_carried": mark("表决通过"),
    "decision_failed": mark("表决未通过"),
    "approval_asked": mark("提请审批"),
    "approval_given": mark("审批已同意"),
    "approval_refused": mark("审批未同意"),
    "approval_taken_back": mark("审批同意已撤回"),
    "ladder_held": mark("已列入约谈"),
    "no_progress": mark("无进展"),
    "organisation_rule": mark("单位达到界限"),
    "new_date": mark("约谈定新期限"),
    "mentioned": mark("批注提到"),
    "secret_opened": mark("保密内容被查看"),
    "assigned": mark("分派承办人"),
    "version_changed": mark("期限因规定调整"),
    "calendar_changed": mark("期限因放假调整"),
    "version_proposed": mark("流程版本待决定"),
    "version_granted": mark("流程版本已同意"),
    "version_refused": mark("流程版本未同意"),
    "motion_proposed": mark("流程停用、恢复、退回待决定"),
    "motion_granted": mark("流程停用、恢复、退回已同意"),
    "motion_refused": mark("流程停用、恢复、退回未同意"),
    "reorganisation_set_aside": mark("机构变更已搁置"),
    "setting_proposed": mark("配置改动待决定"),
    "setting_granted": mark("配置改动已同意"),
    "setting_refused": mark("配置改动未同意"),
    "scheduler_silent": mark("督促程序停止"),
    "recusal_suggested": mark("提示回避"),
    "nobody_handles": mark("请另行指派"),
    "holder_off": mark("承办单位请改办"),
    "reorganisation_proposed": mark("机构变更待决定"),
    "setting_dated": mark("配置改动到日生效"),
    "setting_set_aside": mark("配置改动已搁置"),
    "disposal_proposed": mark("销毁待决定"),
    "disposal_granted": mark("销毁已同意"),
    "disposal_refused": mark("销毁未同意"),
}
STATUSES: Mapping[str, str] = {
    "shipped": mark("随系统安装"),
    "waiting": mark("等决定"),
    "dated": mark("未到日子"),
    "current": mark("现行"),
    "past": mark("已被替换"),
    "refused": mark("没有同意"),
    "withdrawn": mark("已撤回"),
    "set_aside": mark("已搁置"),
}
# What stands for a value in braces, as it is read and typed on a page.
VALUE_WORDS: Mapping[str, str] = {
    "number": mark("编号"),
    "due_on": mark("期限"),
    "weekday": mark("星期"),
    "days": mark("剩余天数"),
    "workdays": mark("逾期工作日"),
    "answer_by": mark("答复日期"),
    "organ": mark("单位"),
    "reason": mark("理由"),
    "approver": mark("批准人"),
    "again_by": mark("重新交办日期"),
    "original_due_on": mark("原期限"),
    "subject": mark("涉及单位"),
    "count": mark("件数"),
    "held_on": mark("约谈日期"),
    "time": mark("钟点"),
    "place": mark("地点"),
    "contact_name": mark("联系人"),
    "contact_phone": mark("联系电话"),
    "closed_on": mark("销号日期"),
    "times": mark("次数"),
    "last_on": mark("上次日期"),
    "rule": mark("规则"),
    "threshold": mark("界限"),
    "name": mark("姓名"),
    "step": mark("请批的一步"),
    "from_on": mark("执行日期"),
    "year": mark("年份"),
    "n": mark("序号"),
    "issuer": mark("发文单位"),
    "recipient": mark("收文单位"),
    "holder": mark("承办单位"),
    "holder_short": mark("承办单位简称"),
    "interviewer": mark("约谈单位"),
    "interviewee": mark("被约谈单位"),
    "interviewee_or_subject": mark("被约谈单位或涉及单位"),
    "group": mark("领导小组"),
    "issued_on": mark("发文日期"),
    "due_on_weekday": mark("期限和星期"),
    "answer_by_weekday": mark("答复日期和星期"),
    "held_on_weekday": mark("约谈日期和星期"),
    "problem": mark("反馈问题"),
    "result": mark("完成情况"),
    "requirement": mark("办理要求"),
    "matter": mark("事项名称和编号"),
    "workdays_words": mark("逾期几个工作日"),
    "times_words": mark("第几次"),
    "ground": mark("办结方式"),
    "opinion": mark("核实意见"),
    "close_opinion": mark("核验意见"),
    "meeting_no": mark("会议编号"),
    "reported_on": mark("报告日期"),
    "moved_due_on": mark("延长后的期限"),
    "approval": mark("审批意见"),
    "evidence": mark("佐证材料"),
    "held_time": mark("约谈钟点"),
    "chair": mark("约谈人"),
    "interviewee_post": mark("被约谈人职务"),
    "interviewee_name": mark("被约谈人姓名"),
    "recorder": mark("记录人"),
    "pointed_out": mark("指出问题"),
    "explained": mark("被约谈人说明"),
    "required": mark("提出要求"),
    "pledged": mark("被约谈人表态"),
    "items": mark("事项数"),
    "clues": mark("线索数"),
    "attendance": mark("到会人员"),
    "agenda_lines": mark("约谈事项"),
}
EXAMPLES: Mapping[str, Any] = {
    "number": "整改〔2026〕417号",
    "due_on": "2026-11-11",
    "weekday": 3,
    "days": 10,
    "workdays": 8,
    "answer_by": "2026-11-30",
    "organ": "柳河镇纪委",
    "reason": "不属本单位管辖",
    "approver": "刘岩",
    "again_by": "2026-11-27",
    "original_due_on": "2026-11-04",
    "subject": "东沟村党总支",
    "count": 4,
    "held_on": "2026-11-25",
    "time": "9:30",
    "place": "镇机关二楼会议室",
    "contact_name": "许洁",
    "contact_phone": "0300-2345678",
    "closed_on": "2026-11-23",
    "times": 2,
    "last_on": "2026-11-01",
    "rule": "逾期事项过多",
    "threshold": 10,
    "name": "顾明",
    "step": "移交",
    "from_on": "2026-12-01",
}
# The states that an old ledger's status words may say.
STATES: Mapping[str, str] = {
    "received": mark("登记"),
    "transferred": mark("移交"),
    "supervised": mark("督办"),
    "rectified": mark("整改"),
    "closed": mark("销号"),
}
# What else a status word may say of an item.
FLAGS: Mapping[str, str] = {
    "long_term": mark("长期坚持"),
    "whole_case_clock": mark("已立案，按全案时限"),
    "extension_asked": mark("申请了延期"),
}
# What an empty status cell stands in.
EMPTY_MEANS: Mapping[str, str] = {
    "feedback_only": mark("公开的反馈，状态空白"),
    "rectification": mark("公开的整改，状态空白"),
    "clue_outcome": mark("公开的线索处理，状态空白"),
    "ordinary": mark("一般台账，状态空白"),
}
LEDGER = mark("旧台账的表头和状态")
_BRACED = re.compile(r"\{([^{}]*)\}")


def kind_title(name: str) -> str:
    """What a kind of setting is called."""
    return str(gettext(KINDS[name][0]))


def setting_title(titles: Mapping[str, Any], kind: str, key: str, data: Any = None) -> str:
    """What one setting is called; one that the county adds has the name that its text gives it."""
    language = current_language()
    if kind == "message":
        return str(gettext(MESSAGES[key]))
    if kind == CALENDAR:
        return str(gettext("%(year)s年放假安排", year=key))
    if kind == "ledger_words":
        return str(gettext(LEDGER))
    if kind in (LETTER, LETTER_NUMBER):
        return str(titles["letters"][key][language])
    if kind == MAPPING:
        return str(data["name"]) if isinstance(data, Mapping) and data.get("name") else key
    known = titles[GROUPS.get(kind, "roles")].get(key)
    told = data if isinstance(data, Mapping) else known or {}
    named = told.get("title", told)
    return str(named.get(language) or key) if isinstance(named, Mapping) else key


def values_of_setting(kind: str, key: str) -> list[tuple[str, str]]:
    """(name, word) of every value that may stand in a text."""
    names: Iterable[str] = ()
    if kind == "message":
        names = VALUES[key]
    elif kind == LETTER:
        names = sorted(values_for(key), key=list(VALUE_WORDS).index)
    elif kind == LETTER_NUMBER:
        names = ("year", "n")
    return [(name, gettext(VALUE_WORDS[name])) for name in names]


def with_words(text: str) -> str:
    """The text with each value by its word: {编号} instead of its name in the program."""
    return _BRACED.sub(lambda found: f"{{{gettext(VALUE_WORDS[found[1]])}}}" if found[1] in VALUE_WORDS else found[0], text)


def with_names(text: str, values: Iterable[tuple[str, str]]) -> str:
    """The text as it is kept, from one typed with words; a word that means nothing stays and is refused as such."""
    names = {word: name for name, word in values}
    return _BRACED.sub(lambda found: f"{{{names.get(found[1].strip(), found[1])}}}", text)


def example_params(key: str) -> dict[str, Any]:
    """Values of an invented case for a message."""
    return {name: EXAMPLES[name] for name in VALUES[key]}


def example_number(pattern: str, today: date, last: int) -> str:
    """The number that the next letter would have."""
    return pattern.replace("{year}", str(today.year)).replace("{n}", str(last + 1))
