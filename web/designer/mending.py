"""Mends of faults, where it is plain what is meant: pure functions from a document to the next, which MENDS lists by fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from states.checks.ladders import days_of
from states.faults import Fault, path_of
from states.schema import load
from web.designer.beginnings import WHO, free_key
from web.designer.names import picks_of, spoken, thing_at
from web.designer.saying import gettext
from web.language import mark
from workflow.versions import editing
from workflow.versions.editing import Document

Mend = Callable[[Document, Fault], Document]


def mend_of(document: Document, fault: Fault) -> str:
    """What the button of a mend says, or "" where somebody has to think."""
    told = MENDS.get(fault.id)
    if told is None or (thing_at(document, fault.pointer) is None and fault.id not in _ABSENT):
        return ""
    if not fault.pointer.endswith(ONLY_AT.get(fault.id, "")):
        return ""
    meant = fault.params.get("meant")
    if fault.id in MEANT:
        return gettext("改为“%(name)s”", name=_words(document, fault, str(meant))) if meant else ""
    if told[1] is _not_from and not _sources_left(document, fault):
        return gettext("删去这一步")
    return gettext(told[0])


def advice_on(fault: Fault) -> str:
    """What somebody has to do himself about a fault, at its element; "" where its mend is all there is to it."""
    return gettext(ADVICE[fault.id]) if fault.id in ADVICE else ""


def mended(document: Document, fault: Fault) -> Document:
    """The document without the fault, as far as a plain mend goes."""
    return MENDS[fault.id][1](document, fault)


def _words(document: Document, fault: Fault, name: str) -> str:
    return dict(picks_of(str(fault.params.get("what", "")), document)).get(name, name)


def _add_clock(d: Document, fault: Fault) -> Document:
    path = path_of(fault.pointer)
    state = editing.at(d, path)
    key = str(state["key"])
    leading = [
        t["trigger"] for t in d.get("transitions", []) if isinstance(t, Mapping) and t.get("to") == key and t.get("trigger")
    ]
    starts = [{"on": name} for name in dict.fromkeys((["open"] if state.get("initial") else []) + leading)] or [{"on": "open"}]
    title = gettext("%(state)s的时限", state=spoken(state.get("title", key)))
    clock = {"key": free_key(d, "clock", ("clocks",)), "title": title, "starts": starts, "runs_in": [key]}
    return editing.insert(d, ("clocks",), {**clock, "limits": [{"limit": "10 workday"}]})


def _use_meant(d: Document, fault: Fault) -> Document:
    path, meant = path_of(fault.pointer), str(fault.params["meant"])
    there = editing.at(d, path)
    name = fault.params.get("name", fault.params.get("value"))
    if there == name:
        return editing.put(d, path, meant)
    # The name is the key at the end of the pointer, or that of a call, which the pointer leads to.
    place = path[:-1] if path[-1] == name else path
    around = editing.at(d, place)
    told = {(meant if key == name else key): value for key, value in around.items()} if isinstance(around, Mapping) else around
    return editing.put(d, place, told)


def _set(key: str, value: Any) -> Mend:
    return lambda d, fault: editing.put(d, (*path_of(fault.pointer), key), value)


def _add(key: str, value: Any) -> Mend:
    return lambda d, fault: editing.insert(d, (*path_of(fault.pointer), key), value)


def _drop(d: Document, fault: Fault) -> Document:
    return editing.remove(d, path_of(fault.pointer))


def _first_initial(d: Document, fault: Fault) -> Document:
    return editing.put(d, ("states", 0, "initial"), True)


def _one_of(d: Document, fault: Fault) -> Document:
    return editing.put(d, path_of(fault.pointer), None)


def _last_row(d: Document, fault: Fault) -> Document:
    return editing.insert(d, path_of(fault.pointer)[:-1], {"limit": "30 day"})


def _in_order(d: Document, fault: Fault) -> Document:
    """The whole tier in the order of time; what comes at one time stays as it stands."""
    path = path_of(fault.pointer)[:4]
    tier = load(d).ladders[int(path[1])].tiers[int(path[3])]
    order = sorted(range(len(tier)), key=lambda n: days_of(tier[n].offset))
    return editing.put(d, path, [editing.at(d, (*path, n)) for n in order])


def _reached_tiers(d: Document, fault: Fault) -> Document:
    """Without a tier that nothing leads to, and those behind it, to which it alone could lead."""
    path = path_of(fault.pointer)
    return editing.put(d, path[:-1], editing.at(d, path[:-1])[: int(path[-1])])


def _number(d: Document, fault: Fault) -> Document:
    return editing.put(d, ("number",), f"{spoken(d.get('title', ''))}〔{{year}}〕{{n}}号")


def _ask_recipient(d: Document, fault: Fault) -> Document:
    question = {"key": "recipient", "title": gettext("接收单位"), "type": "organ", "required": True, "stores": False}
    path = path_of(fault.pointer)[:2]
    form = [one for one in editing.at(d, path).get("form", []) if one.get("key") != "recipient"]
    return editing.put(d, (*path, "form"), [*form, question])


def _close_ground(d: Document, fault: Fault) -> Document:
    path = path_of(fault.pointer)[:2]
    return editing.insert(d, (*path, "grounds"), {"key": "done", "title": gettext("办结")})


def _not_from(d: Document, fault: Fault) -> Document:
    """The step leaves that state no more: the source that the pointer names, or every one; where none remains the step goes."""
    path, sources = path_of(fault.pointer)[:2], _sources_left(d, fault)
    return editing.put(d, (*path, "from"), sources) if sources else editing.remove(d, path)


def _sources_left(d: Document, fault: Fault) -> list[str]:
    path, index = path_of(fault.pointer)[:2], path_of(fault.pointer)[3:]
    sources = editing.at(d, path)["from"]
    if index:
        return [one for n, one in enumerate(sources) if n != int(index[0])]
    return [one for one in sources if one != fault.params["state"]]


def _ask_date(d: Document, fault: Fault) -> Document:
    question = {"key": "new_due_on", "title": gettext("新的期限"), "type": "date", "required": True, "stores": False}
    path = path_of(fault.pointer)[:2]
    form = [one for one in editing.at(d, path).get("form") or [] if one.get("key") != "new_due_on"]
    return editing.put(d, (*path, "form"), [*form, question])


def _other_key(d: Document, fault: Fault) -> Document:
    key, text = str(fault.params["key"]), str(d)
    free = next(name for n in range(2, len(text) + 3) if f"'{(name := f'{key[:50]}_{n}')}'" not in text)
    return editing.put(d, path_of(fault.pointer), free)


def _drop_rule(d: Document, fault: Fault) -> Document:
    return editing.remove(d, path_of(fault.pointer)[:2])


def _like_fact(d: Document, fault: Fault) -> Document:
    path = path_of(fault.pointer)
    question = editing.at(d, path)
    fact = next(one for one in d["fields"] if one.get("key") == fault.params["field"])
    alike = ("type", "choices", "columns", "format", "kinds")
    kept = {name: value for name, value in question.items() if name not in alike}
    return editing.put(d, path, kept | {name: fact[name] for name in alike if name in fact})


MEANT = ("unknown_name", "unknown_key", "wrong_value", "unknown_choice", "question_not_asked")
# Elsewhere somebody has to think.
ONLY_AT = {"secret_field_read": "/filter"}
_ABSENT = (
    "no_initial",
    "wrong_number_pattern",
    "closing_without_ground",
    "recipient_not_asked",
    "transition_nobody_may_fire",
    "opened_by_nobody",
)
MENDS: Mapping[str, tuple[str, Mend]] = {
    "unknown_name": (mark("改名"), _use_meant),
    "unknown_key": (mark("改名"), _use_meant),
    "wrong_value": (mark("改名"), _use_meant),
    "unknown_choice": (mark("改名"), _use_meant),
    "question_not_asked": (mark("改名"), _use_meant),
    "no_initial": (mark("从第一个状态开始"), _first_initial),
    "many_initial": (mark("不作起始"), _one_of),
    "trap_state": (mark("设为终结状态"), _set("final", True)),
    "unreachable_state": (mark("删去这个状态"), _drop),
    "state_without_running_clock": (mark("加一个时限"), _add_clock),
    "closing_without_ground": (mark("加办结依据"), _close_ground),
    "recipient_not_asked": (mark("加问接收单位"), _ask_recipient),
    "transition_nobody_may_fire": (
        mark("由承办单位办"),
        lambda d, f: editing.put(d, (*path_of(f.pointer)[:2], "who"), [WHO]),
    ),
    "opened_by_nobody": (
        mark("由登记单位登记"),
        lambda d, f: editing.put(d, ("opened_by",), [{"roles": ["handler", "head"], "relations": ["registrar"]}]),
    ),
    "many_main": (mark("不作主要的一步"), _one_of),
    "many_main_clocks": (mark("不作主时限"), _one_of),
    "clock_in_final_state": (mark("终结后不再计时"), _drop),
    "runs_and_stands": (mark("只走不停"), _drop),
    "limit_table_without_last_row": (mark("加一行兜底的期限"), _last_row),
    "limit_row_never_reached": (mark("删去这一行"), _drop),
    "ladder_unused": (mark("删去这套督促"), _drop),
    "ladder_out_of_order": (mark("按时间先后排"), _in_order),
    "wrong_number_pattern": (mark("改成“年份加顺序号”"), _number),
    "final_state_left": (mark("不从终结状态办"), _not_from),
    "reopens_open_case": (mark("不作重新挂号"), _drop),
    "reopen_without_date": (mark("加问新的期限"), _ask_date),
    "ambiguous_trigger": (mark("这一种不从这个状态办"), _not_from),
    "reserved_key": (mark("另取一个标识"), _other_key),
    "duplicate_key": (mark("另取一个标识"), _other_key),
    "nobody_asked": (mark("不通知提请审批的人"), _drop),
    "access_that_adds_nothing": (mark("删去这条规则"), _drop_rule),
    "clock_never_started": (mark("删去这个起算"), _drop),
    "later_never_started": (mark("审批不许后补"), _drop),
    "rung_behind_held": (mark("删去这一步督促"), _drop),
    "tier_never_reached": (mark("删去这一级和后面的"), _reached_tiers),
    "secret_field_read": (mark("不用来筛选"), _drop),
    "text_told_to_its_subject": (mark("不抄这一项"), _drop),
    "question_unlike_fact": (mark("照登记项的类型和选项"), _like_fact),
    "does_not_fit_type": (mark("去掉这一项"), _drop),
    "opens_nothing": (mark("去掉这一项"), _drop),
    "scenario_tells_words": (mark("情景里不写这一项"), _drop),
    "scenario_votes_amiss": (mark("这一步不写表决"), _drop),
}
# What to do where nobody but its author knows what is meant.
ADVICE: Mapping[str, str] = {
    "missing_key": mark("打开这一处，把这一项填上"),
    "unknown_key": mark("这一项用不上：在定义文本里删去，或者改成认识的名称"),
    "wrong_type": mark("在定义文本里照别处的写法改，或者删去后在面板里重新添加"),
    "wrong_value": mark("打开这一处，从给出的几种里选一种"),
    "not_a_key": mark("打开这一处，另取一个标识"),
    "not_a_limit": mark("打开这一处，填数字并选单位"),
    "too_few": mark("打开这一处，至少加一个；用不着的，连同它所在的部分一起删去"),
    "too_many": mark("删去用不着的，或者拆成两类事项"),
    "not_a_day": mark("打开这一处，从日历上选一天"),
    "limit_or_date_field": mark("期限固定的填期限，由人定日期的选日期栏目，另一个空着"),
    "no_way_to_final": mark("从这个状态加一步操作，通到终结状态，或者通到能办结的状态"),
    "unknown_name": mark("打开这一处，从名单里选一个；名单里没有的，先把它加上"),
    "unknown_choice": mark("打开这一处，选一个有的选项；要新选项的，先到那一栏里加"),
    "question_not_asked": mark("先在这一步的表单里加上这个问题，或者改用已经问的"),
    "wrong_post": mark("打开这一处，从名单里选角色，再选是哪个单位"),
    "wrong_owner": mark("打开这一处，从名单里选由谁负责这个时限"),
    "wrong_parameter": mark("打开这一处，照提示补上或者改正；不认识的去掉"),
    "decision_by_nobody": mark("表决的单位换成看得到事项的，或者在知情规则里让它看到"),
    "decision_unfit": mark("集体研究和审批只留一样；保密的问题移到另一步去问"),
    "roles_that_do_and_approve": mark("审批换成更高的角色，或者办这一步的角色里去掉审批的人"),
    "rung_to_missing_level": mark("换成这一类事项一定有的单位，如承办单位或者交办机关"),
    "clocks_too_tangled": mark("把同一状态下互相接替的时限合并，或者让它们各自只由一步起算"),
    "clock_never_settled": mark("在离开这个状态的操作上结清它，或者让它不在这个状态里走"),
    "by_length_without_ladders": mark("把缺的几套督促补齐，或者给这个时限只选一套"),
    "clock_never_due": mark("给这个时限填上期限，或者不给它选督促"),
    "rung_before_start": mark("把这一步往后挪，提前的天数要比期限短"),
    "field_read_never_filled": mark("在登记项或者某一步的表单里问它，或者这里改读别的"),
    "secret_field_read": mark("这里改用不保密的栏目；这一栏其实不必保密的，把“保密”去掉"),
    "field_of_wrong_type": mark("这里改选类型合适的栏目，或者改那一栏的类型"),
    "agenda_kind_has_secret_fields": mark("这一栏不保密，或者这一类不列入约谈议程"),
    "interview_kind_incomplete": mark("打开约谈的设置，把缺的一样选上"),
    "consent_incomplete": mark("打开提请审批的设置，把缺的一样选上"),
    "scenario_speaks_of_nothing": mark("打开这个情景，换成现在有的；那一部分已经删去的，情景也改走现在的路"),
    "scenario_out_of_order": mark("打开这个情景，把各步按先后排好，从登记到结束不超过五年"),
    "scenarios_too_many": mark("删去走法相同的，每种走法留一个"),
    "text_missing_language": mark("打开这一处，把缺的文字补上"),
    "other_kind": mark("把标识改回来；要办成另一类的，用这份文本另起草稿"),
}
