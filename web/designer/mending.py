"""Mends of faults, where it is plain what is meant: pure functions from a document to the next, which MENDS lists by fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from states.faults import Fault, path_of
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
    meant = fault.params.get("meant")
    if fault.id in _MEANT:
        return gettext("改为“%(name)s”", name=_words(document, fault, str(meant))) if meant else ""
    return gettext(told[0])


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


def _earlier(d: Document, fault: Fault) -> Document:
    return editing.move(d, path_of(fault.pointer)[:5], -1)


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


_MEANT = ("unknown_name", "unknown_key", "wrong_value", "unknown_choice", "question_not_asked")
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
    "ladder_out_of_order": (mark("往前移一步"), _earlier),
    "wrong_number_pattern": (mark("改成“年份加顺序号”"), _number),
}
