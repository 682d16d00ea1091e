"""The faults of a draft, each with its line, its element and its sentence, in the words that stand on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from config.documents import Document, DocumentFault, parse
from states.checks import prove
from states.faults import Fault, nearest, path_of, pointer_of
from states.schema.places import calls, place_at
from web.current import office
from web.designer import words
from web.designer.controls import APART
from web.designer.mending import advice_on, mend_of
from web.designer.names import named_in, picks_of, post_words, spoken, thing_at
from web.designer.saying import gettext
from web.designer.summaries import summary
from web.language import current_language, mark
from web.text_files import document_words, sentence_in

# What a text cannot be kept with: nothing that YAML can smuggle in comes into a draft.
HOSTILE = ("too_large", "alias", "anchor", "tag", "too_deep", "several_documents", "key_not_plain", "unseen")
# More faults at once help nobody, and each costs its sentence and its place.
FAULTS_AT_ONCE = 200
# Sentences of the page's own, for faults whose usual one speaks of the notation.
OWN: Mapping[str, str] = {
    "limit_or_date_field": mark("期限和日期只填一个，“最多”只和日期一起填"),
    "reopen_without_date": mark("重新挂号的一步要问新的时限，是必填的日期"),
    "recipient_not_asked": mark("这一步把事项交给接收单位，要问交给谁"),
    "wrong_post": mark("“%(post)s”不是岗位，从名单里选角色和单位"),
    "nobody_asked": mark("这一步不答复审批，没有提请的人可通知，把“提请审批的人”去掉"),
    "wrong_owner": mark("“%(owner)s”不是责任单位，从名单里选"),
    "not_a_limit": mark("“%(value)s”不是期限，填数字并选天、个工作日或个月"),
    "wrong_number_pattern": mark("编号里要有顺序号的位置"),
    "wrong_type": mark("“%(part)s”填的不是这里要的东西"),
    "wrong_value": mark("“%(part)s”不能填“%(value)s”"),
    "missing_key": mark("还没有填“%(part)s”"),
    "too_few": mark("“%(part)s”至少要有一个"),
    "too_many": mark("“%(part)s”太多，最多%(at_most)s个"),
    "unknown_key": mark("不认识“%(name)s”这一项"),
    "does_not_fit_type": mark("这种类型的栏目和“%(part)s”不相配"),
    "opens_nothing": mark("只有保密的栏目才填“%(part)s”"),
    "wrong_parameter": mark("“%(part)s”没有填，或填得不对"),
    "other_kind": mark("这份草稿写的是另一类事项，标识要改回“%(key)s”"),
}
# What a definition may call by name: functions of ours, and nothing else.
_CALLED = ("guard", "effect", "rung")
_NAMED = {"state": "state", "trigger": "trigger", "clock": "clock", "ladder": "ladder", "field": "field", "on": "start"}


@dataclass(frozen=True, slots=True)
class Found:
    """A fault on the page: its number in the list, its line in the text, where its element's panel is, what mends it.

    `advice` is what to do where no button mends it.
    """

    fault: Fault
    line: int
    said: str
    where: str
    at: str
    mend: str = ""
    advice: str = ""


@lru_cache(maxsize=16)
def read_draft(source: str) -> tuple[Document | None, DocumentFault | None]:
    """The document of a text, or what is wrong with its notation; a text that is no mapping is not read either."""
    try:
        document = parse(source, name="draft")
    except DocumentFault as fault:
        return None, fault
    if not isinstance(document.data, dict):
        return None, DocumentFault("no_mapping", name="draft")
    return document, None


def text_fault(fault: DocumentFault) -> Found:
    """The one fault of a text that cannot be read."""
    said = document_words(fault.code, fault.detail, current_language())
    return Found(Fault(fault.code, ""), fault.line, said, gettext("第%(n)s行", n=fault.line), "")


@lru_cache(maxsize=16)
def _faults(source: str, kinds: frozenset[str]) -> tuple[Fault, ...]:
    """The faults of a text that can be read beside these kinds; one edit asks for them three times."""
    document, _fault = read_draft(source)
    return prove(document.data, replace(office().words, kinds=kinds)) if document is not None else ()


def prove_draft(document: Document, kind: str) -> tuple[Found, ...]:
    """Every fault of a draft of a kind."""
    faults = list(_faults(document.text, office().vocabulary.kinds)[:FAULTS_AT_ONCE])
    if document.data.get("key") != kind:
        faults.insert(0, Fault("other_kind", "/key", {"key": kind}))
    return tuple(_found(document, fault) for fault in faults)


def hostile_fault(document: Document) -> tuple[int, str] | None:
    """The line and the sentence of the first part that calls or reaches into what nobody registered, or is no number of ours.

    None where there is none. A file with one is not taken in (quality.md §2, 15); what is typed in the box stays text.
    """
    faults = _faults(document.text, office().vocabulary.kinds)
    fault = next(filter(_is_hostile, (*faults, *_unregistered(document.data))), None)
    return (document.line_of(fault.pointer), sentence_in(fault, current_language())) if fault is not None else None


def _unregistered(data: Any) -> Iterator[Fault]:
    """Calls of what nobody registered; a document of which a part is missing comes to no proof over names."""
    v = office().words
    known = {"guard": v.guards, "effect": v.effects, "rung": v.rungs}
    for path, what, name in calls(data):
        if name not in known[what]:
            yield Fault("unknown_name", pointer_of(*path), {"what": what, "name": name, "meant": nearest(name, known[what])})


def _is_hostile(fault: Fault) -> bool:
    if fault.id == "unknown_name":
        return str(fault.params["what"]) in _CALLED
    if fault.id == "wrong_parameter":
        return str(fault.params["why"]) == "unknown"
    return fault.id in ("not_a_key", "not_a_limit")


def _found(document: Document, fault: Fault) -> Found:
    at, mend = element_of(fault.pointer), mend_of(document.data, fault)
    return Found(
        fault,
        document.line_of(fault.pointer),
        said_of(document.data, fault),
        where_words(document.data, at),
        at,
        mend,
        "" if mend else advice_on(fault),
    )


def element_of(pointer: str) -> str:
    """The pointer of the panel in which a fault can be mended: the nearest part around it that has one."""
    path = path_of(pointer)
    while path:
        place = place_at(path)
        is_apart = place is not None and place.made is not None and type(place.made).__name__ in _APART
        if is_apart:
            return "".join(f"/{part}" for part in path)
        path = path[:-1]
    return ""


_APART = tuple(f"{name}Schema" for name in APART)


def where_words(document: Any, at: str) -> str:
    """督办, 移交 → …: what the element is called."""
    path = path_of(at)
    if not path:
        return gettext("这一类")
    told = [summary(thing_at(document, "".join(f"/{part}" for part in path[:2])), document)]
    place = place_at(path[:2])
    if place is not None and place.made is not None:
        told.insert(0, gettext(words.THINGS[type(place.made).__name__.removesuffix("Schema")]))
    if len(path) > 2:
        told.append(summary(thing_at(document, at), document))
    return " ".join(filter(None, told))


def said_of(document: Any, fault: Fault) -> str:
    """The sentence of a fault, with titles in the place of keys."""
    params = {key: _said(document, key, value, fault) for key, value in fault.params.items() if key not in ("choices", "meant")}
    part = _part(fault.pointer)
    if fault.id in OWN:
        return str(gettext(OWN[fault.id]) % {"part": part, **params})
    return sentence_in(
        replace(fault, pointer=f"/{part}", params={"meant": "", **params} if "meant" in fault.params else params),
        current_language(),
    )


def _part(pointer: str) -> str:
    path = path_of(pointer)
    key = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    place = place_at(path[: len(path) - next((n for n, part in enumerate(reversed(path)) if isinstance(part, str)), 0)])
    return gettext(words.title_of(place.shape if place else "Call", key))


def _said(document: Any, key: str, value: Any, fault: Fault) -> Any:
    if isinstance(value, list | tuple):
        return [_said(document, key, one, fault) for one in value]
    if key in _NAMED:
        return dict(picks_of(_NAMED[key], document)).get(str(value), value)
    if key == "first":
        what = {"many_initial": "state", "many_main_clocks": "clock"}.get(fault.id, "trigger")
        return dict(named_in(document, what)).get(str(value), value)
    if key == "post":
        return post_words(str(value))
    if key in ("rung", "before", "held"):
        return _rung(document, fault.pointer, str(value))
    if key in ("type", "wanted"):
        return spoken(office().titles["field_types"].get(str(value), value))
    return value


def _rung(document: Any, pointer: str, key: str) -> str:
    tier = thing_at(document, "".join(f"/{part}" for part in path_of(pointer)[:4]))
    rungs = [rung for rung in tier if isinstance(rung, Mapping) and rung.get("key") == key] if isinstance(tier, list) else []
    return spoken(rungs[0].get("title", key)) if rungs else key


def counted(found: tuple[Found, ...]) -> dict[str, int]:
    """How many faults each pointer has, those of its parts included."""
    counts: dict[str, int] = {}
    for one in found:
        path = path_of(one.fault.pointer)
        for length in range(len(path) + 1):
            pointer = "".join(f"/{part}" for part in path[:length])
            counts[pointer] = counts.get(pointer, 0) + 1
    return counts
