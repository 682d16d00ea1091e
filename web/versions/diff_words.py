"""What a change in each place of a definition is called: every place of the notation has its line, and a test walks it.

`What` names a value and the way in which it is told (web/versions/naming.py); `Switch` has a sentence for yes and one for no.
`PARTS` says that a whole part came or went. `%(of)s` is the part in whose place the change stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from web.language import mark

STATE, STEP, CLOCK, LADDER, FORM, ACCESS, KIND = "state", "step", "clock", "ladder", "form", "access", "kind"
GROUPS: Mapping[str, str] = {
    STATE: mark("状态"),
    STEP: mark("动作"),
    CLOCK: mark("期限"),
    LADDER: mark("督促梯级"),
    FORM: mark("填写的内容"),
    ACCESS: mark("谁能看、谁能办"),
    KIND: mark("这一类本身"),
}


@dataclass(frozen=True, slots=True)
class What:
    """A value: its name in sentences, and how it is told. `is_list`: each of its values is told by itself."""

    words: str
    way: str
    group: str
    is_list: bool = False
    # Of a list, where a sentence of its own reads better than “gains” and “loses”.
    more: str = ""
    less: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """Yes or no: a sentence for each."""

    yes: str
    no: str
    group: str


# Parts that are told whole, by the value that holds them.
WHOLE = frozenset(
    (
        "Who",
        "Access",
        "Suggestion",
        "Evidence",
        "LabelRule",
        "Proof",
        "Weight",
        "Start",
        "Consent",
        "ScenarioStep",
        "Expectation",
    )
)

VALUES: Mapping[str, What | Switch] = {
    "Definition.key": What(mark("标识"), "unsaid", KIND),
    "Definition.title": What(mark("名称"), "label", KIND),
    "Definition.measure_word": What(mark("量词"), "label", KIND),
    "Definition.number": What(mark("编号写法"), "pattern", KIND),
    "Definition.level": What(mark("知悉级别"), "level", ACCESS),
    "Definition.ledger": Switch(mark("这一类列入台账"), mark("这一类不再列入台账"), KIND),
    "Definition.on_agenda": Switch(mark("这一类的事项可以列入约谈议程"), mark("这一类的事项不再列入约谈议程"), KIND),
    "Definition.parents": What(mark("上级类别"), "kind", KIND, True),
    "Definition.holder_at_open": What(mark("首个承办单位"), "holder", KIND),
    "Definition.retention": What(mark("保管期限"), "retention", KIND),
    "Definition.labels": What(mark("限定文件种类的材料"), "label_rule", STEP, True),
    "Definition.weights": What(mark("另有保管期限的"), "weight", KIND, True),
    "Definition.opened_by": What(mark("可以登记的人"), "who", ACCESS, True),
    "Definition.access": What(mark("知情范围"), "access", ACCESS, True),
    "Definition.consent": What(mark("在系统里提请审批的办法"), "consent", STEP),
    "Scenario.title": What(mark("名称"), "label", KIND),
    "Scenario.on": What(mark("登记的日子"), "day", KIND),
    "Scenario.until": What(mark("看到哪天"), "day", KIND),
    "Scenario.facts": What(mark("登记的内容"), "when", KIND),
    "Scenario.subject": What(mark("涉及单位"), "organ_kind", KIND),
    "Scenario.steps": What(mark("步骤"), "unsaid", KIND),
    "Scenario.expect": What(mark("应有的结果"), "unsaid", KIND),
    "State.key": What(mark("标识"), "unsaid", STATE),
    "State.title": What(mark("名称"), "label", STATE),
    "State.phrase": What(mark("列表用语"), "label", STATE),
    "State.initial": Switch(mark("登记后从%(of)s开始"), mark("登记后不再从%(of)s开始"), STATE),
    "State.final": Switch(mark("到了%(of)s就是办结"), mark("到了%(of)s不再算办结"), STATE),
    "Field.key": What(mark("标识"), "unsaid", FORM),
    "Field.title": What(mark("名称"), "label", FORM),
    "Field.type": What(mark("填法"), "field_type", FORM),
    "Field.required": Switch(mark("%(of)s必须填"), mark("%(of)s可以不填"), FORM),
    "Field.filter": Switch(mark("台账可以按%(of)s筛选"), mark("台账不再按%(of)s筛选"), FORM),
    "Field.secret": Switch(mark("%(of)s改为保密"), mark("%(of)s不再保密"), FORM),
    "Field.stores": Switch(mark("%(of)s记入事项的内容"), mark("%(of)s只留在经过里，不记入事项的内容"), FORM),
    "Field.opens": What(mark("可查看保密内容的单位"), "relation", ACCESS, True),
    "Field.write": What(mark("更正单位"), "relation", FORM, True),
    "Field.kinds": What(mark("可填单位类型"), "organ_kind", FORM, True),
    "Field.not_subject": Switch(mark("%(of)s不能填涉及单位和它的下级"), mark("%(of)s可以填涉及单位和它的下级"), FORM),
    "Field.max_days": What(mark("最晚可填到几天以后"), "plain", FORM),
    "Field.min_days": What(mark("最早可填到几天以后"), "plain", FORM),
    "Field.not_after": What(mark("不能晚于的期限"), "not_after", FORM),
    "Field.not_before": What(mark("不能早于的日子"), "not_before", FORM),
    "Field.format": What(mark("写法"), "format", FORM),
    "Field.required_when": What(mark("必填情形"), "when", FORM),
    "Field.hint": What(mark("提示"), "label", FORM),
    "Field.suggest": What(mark("预填内容"), "suggest", FORM),
    "Choice.key": What(mark("标识"), "unsaid", FORM),
    "Choice.title": What(mark("名称"), "label", FORM),
    "Choice.fits_when": What(mark("才能选的情形"), "when", FORM),
    "Choice.counted": Switch(mark("%(of)s计入销号率"), mark("%(of)s不计入销号率"), FORM),
    "Transition.trigger": What(mark("标识"), "unsaid", STEP),
    "Transition.title": What(mark("名称"), "label", STEP),
    "Transition.done": What(mark("经过用语"), "label", STEP),
    "Transition.from": What(
        mark("可以从哪些状态办"), "state", STEP, True, mark("从%(new)s可以办%(of)s"), mark("从%(old)s不再可以办%(of)s")
    ),
    "Transition.to": What(mark("办后状态"), "target", STEP),
    "Transition.who": What(mark("可以办的人"), "who", ACCESS, True),
    "Transition.holder": What(mark("办后承办单位"), "holder", STEP),
    "Transition.separate": What(mark("回避规则"), "separation", ACCESS, True),
    "Transition.guards": What(mark("条件"), "condition", STEP, True),
    "Transition.evidence": What(mark("所需佐证材料"), "evidence", STEP),
    "Transition.effects": What(mark("自动动作"), "call", STEP, True),
    "Transition.work": Switch(mark("%(of)s算作办理，办过的人不能销号"), mark("%(of)s不再算作办理"), STEP),
    "Transition.reopens": Switch(mark("%(of)s使事项重新挂号"), mark("%(of)s不再使事项重新挂号"), STEP),
    "Transition.sends_back": Switch(mark("%(of)s算作退回重办"), mark("%(of)s不再算作退回重办"), STEP),
    "Transition.undo": Switch(mark("%(of)s可以撤销"), mark("%(of)s不能撤销"), STEP),
    "Transition.from_paper": Switch(mark("%(of)s可以凭扫描件补录"), mark("%(of)s不再能补录"), STEP),
    "Transition.main": Switch(mark("%(of)s成为列表里的下一步"), mark("%(of)s不再是列表里的下一步"), STEP),
    "Approval.roles": What(mark("审批人"), "role", STEP, True),
    "Approval.relation": What(mark("审批单位"), "relation", STEP),
    "Approval.unless": What(mark("免审批情形"), "condition", STEP),
    "Approval.later": What(mark("后补审批期限"), "clock", STEP),
    "Decision.roles": What(mark("参加表决的人"), "role", STEP, True),
    "Decision.relation": What(mark("集体研究的单位"), "relation", STEP),
    "Decision.quorum": What(mark("须表决的人数"), "share", STEP),
    "Decision.favour": What(mark("须同意的人数"), "share", STEP),
    "Decision.least": What(mark("至少同意的人数"), "plain", STEP),
    "Clock.key": What(mark("标识"), "unsaid", CLOCK),
    "Clock.title": What(mark("名称"), "label", CLOCK),
    "Clock.starts": What(mark("起算步骤"), "start", CLOCK, True),
    "Clock.runs_in": What(
        mark("计时的状态"), "state", CLOCK, True, mark("%(of)s在%(new)s计时"), mark("%(of)s在%(old)s不再计时")
    ),
    "Clock.stands_in": What(
        mark("停住不计时的状态"), "state", CLOCK, True, mark("%(of)s在%(new)s停住不计时"), mark("%(of)s在%(old)s不再停住")
    ),
    "Clock.settled_by": What(mark("了结步骤"), "step", CLOCK, True),
    "Clock.restarted_by": What(mark("重新起算步骤"), "step", CLOCK, True),
    "Clock.owner": What(mark("逾期责任单位"), "relation", CLOCK),
    "Clock.restart": What(mark("再次遇到起算步骤时"), "restart", CLOCK),
    "Clock.roll": Switch(mark("%(of)s到期日逢节假日顺延"), mark("%(of)s到期日逢节假日不顺延"), CLOCK),
    "Clock.main": Switch(mark("%(of)s成为主要期限"), mark("%(of)s不再是主要期限"), CLOCK),
    "Clock.within_main": Switch(mark("%(of)s不晚于主要期限到期"), mark("%(of)s可以晚于主要期限到期"), CLOCK),
    "Clock.ladder": What(mark("督促方式"), "ladder", CLOCK),
    "Clock.fixed_days": What(mark("每月到期日"), "plain", CLOCK, True),
    "LimitRow.when": What(mark("适用情形"), "when", CLOCK),
    "LimitRow.limit": What(mark("时限"), "limit", CLOCK),
    "LimitRow.date_field": What(mark("依据日期"), "field", CLOCK),
    "LimitRow.at_most": What(mark("最长时限"), "limit", CLOCK),
    "Pause.max_days": What(mark("暂停最多几天"), "plain", CLOCK),
    "Extension.times": What(mark("最多延期几次"), "plain", CLOCK),
    "Extension.share": What(mark("每次最多延原时限的几分之一"), "plain", CLOCK),
    "Extension.max_months": What(mark("每次最多延几个月"), "plain", CLOCK),
    "Extension.wait_workdays": What(mark("延期未批复时等几个工作日再督促"), "plain", CLOCK),
    "Extension.opinion": What(mark("先提意见步骤"), "step", CLOCK),
    "Extension.proof": What(mark("须附证明"), "proof", CLOCK),
    "Ladder.key": What(mark("标识"), "unsaid", LADDER),
    "Rung.key": What(mark("标识"), "unsaid", LADDER),
    "Rung.title": What(mark("名称"), "label", LADDER),
    "Rung.at": What(mark("日子"), "offset", LADDER),
    "Rung.do": What(mark("做什么"), "rung", LADDER),
    "Rung.colour": What(mark("颜色"), "colour", LADDER),
    "Rung.to": What(mark("通知对象"), "post", LADDER, True),
    "Rung.params": What(mark("细节"), "params", LADDER),
    "Rung.holds": Switch(mark("%(of)s之后等约谈定新期限"), mark("%(of)s之后不再等约谈"), LADDER),
    "Rung.again": Switch(mark("期限变动后%(of)s再提醒一次"), mark("期限变动后%(of)s不再重复"), LADDER),
    "Rung.every": What(mark("重复间隔"), "limit", LADDER),
    "Rule.key": What(mark("标识"), "unsaid", LADDER),
    "Rule.title": What(mark("名称"), "label", LADDER),
    "Rule.counts": What(mark("数什么"), "counts", LADDER),
    "Rule.of": What(mark("按哪个单位数"), "relation", LADDER),
    "Rule.threshold": What(mark("达到几项"), "plain", LADDER),
    "Rule.do": What(mark("做什么"), "rung", LADDER),
    "Rule.share": What(mark("同时须达到百分之几"), "plain", LADDER),
    "Rule.or_share": What(mark("或者达到百分之几"), "plain", LADDER),
    "Rule.every_days": What(mark("几天后再看一次"), "plain", LADDER),
    "Rule.to": What(mark("通知对象"), "post", LADDER, True),
    "Rule.params": What(mark("细节"), "params", LADDER),
    "Interview.joinable_in": What(mark("可并入议程状态"), "state", KIND, True),
    "Interview.consent_in": What(mark("并入须同意状态"), "state", KIND, True),
    "Interview.held_in": What(mark("已约谈状态"), "state", KIND, True),
    "Interview.withdrawn_by": What(mark("撤回步骤"), "step", KIND),
    "Interview.max_days": What(mark("新期限最多几天"), "plain", KIND, True),
    "Interview.once_per_days": What(mark("同一单位几天内只约谈一次"), "plain", KIND),
    "Interview.interviewers": What(mark("约谈人"), "interviewers", KIND),
    "Interview.notice": What(mark("通知书"), "letter", KIND),
}


@dataclass(frozen=True, slots=True)
class Came:
    """A whole part that came or went; `%(name)s` is what it is called. `of` calls it inside another sentence."""

    added: str
    removed: str
    of: str
    group: str
    # What a list of them is called when only their order has changed.
    many: str = ""


PARTS: Mapping[str, Came] = {
    "Definition": Came("", "", mark("这一类"), KIND),
    "State": Came(mark("新增状态“%(name)s”"), mark("去掉状态“%(name)s”"), mark("状态“%(name)s”"), STATE, mark("状态")),
    "Field": Came(
        mark("%(of)s新增一栏“%(name)s”"), mark("%(of)s去掉一栏“%(name)s”"), mark("“%(name)s”一栏"), FORM, mark("各栏")
    ),
    "Choice": Came(
        mark("%(of)s新增选项“%(name)s”"), mark("%(of)s去掉选项“%(name)s”"), mark("选项“%(name)s”"), FORM, mark("选项")
    ),
    "Transition": Came(mark("新增动作“%(name)s”"), mark("去掉动作“%(name)s”"), mark("动作“%(name)s”"), STEP, mark("动作")),
    "Approval": Came(mark("%(of)s须先审批：%(name)s"), mark("%(of)s不再须审批"), mark("审批"), STEP),
    "Decision": Came(mark("%(of)s须集体研究：%(name)s"), mark("%(of)s不再须集体研究"), mark("集体研究"), STEP),
    "Clock": Came(mark("新增期限“%(name)s”"), mark("去掉期限“%(name)s”"), mark("“%(name)s”"), CLOCK, mark("期限")),
    "LimitRow": Came(
        mark("%(of)s新增一档：%(name)s"), mark("%(of)s去掉一档：%(name)s"), mark("（%(name)s）"), CLOCK, mark("各档时限")
    ),
    "Pause": Came(mark("%(of)s可以暂停计时"), mark("%(of)s不再可以暂停计时"), mark("暂停"), CLOCK),
    "Extension": Came(mark("%(of)s可以申请延期"), mark("%(of)s不再可以申请延期"), mark("延期"), CLOCK),
    "Ladder": Came(mark("新增一套督促：%(name)s"), mark("去掉一套督促：%(name)s"), mark("%(name)s"), LADDER, mark("各套督促")),
    "Rung": Came(
        mark("%(of)s新增一级“%(name)s”"), mark("%(of)s去掉一级“%(name)s”"), mark("“%(name)s”这一级"), LADDER, mark("各级")
    ),
    "Rule": Came(
        mark("新增单位提醒规则“%(name)s”"), mark("去掉单位提醒规则“%(name)s”"), mark("规则“%(name)s”"), LADDER, mark("提醒规则")
    ),
    "Scenario": Came(mark("新增情景“%(name)s”"), mark("去掉情景“%(name)s”"), mark("情景“%(name)s”"), KIND, mark("情景")),
    "Interview": Came(mark("这一类改作约谈"), mark("这一类不再是约谈"), mark("约谈规则"), KIND),
}

CHANGED = mark("%(of)s的%(what)s由%(old)s改为%(new)s")
ADDED = mark("%(of)s的%(what)s定为%(new)s")
REMOVED = mark("%(of)s不再规定%(what)s，原来是%(old)s")
MORE = mark("%(of)s的%(what)s加上%(new)s")
LESS = mark("%(of)s的%(what)s去掉%(old)s")
TOUCHED = mark("%(of)s的%(what)s有改动")
SPELT = mark("%(of)s的%(what)s改了另一种语言的写法")
ORDER = mark("%(of)s里%(many)s的次序有改动")
INSIDE = mark("%(of)s的%(part)s")
MAY = mark("%(who)s可以办“%(step)s”")
MAY_NOT = mark("%(who)s不再可以办“%(step)s”")
MAY_OPEN = mark("%(who)s可以登记这一类事项")
MAY_NOT_OPEN = mark("%(who)s不再可以登记这一类事项")
NOW_SEES = mark("知情范围加上：%(new)s")
SEES_NO_MORE = mark("知情范围去掉：%(old)s")
