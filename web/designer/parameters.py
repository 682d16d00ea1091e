"""What guards, effects and rungs take: for each parameter the kind of its box, and what may be picked in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config.writing import as_flow
from handlers.rungs.orders import ORDER
from states.faults import Path
from states.schema.notation import SAY
from states.vocabulary import NAMES, Parameter
from web.current import office
from web.designer import names
from web.designer.boxes import Control
from web.designer.names import Picks
from web.designer.saying import gettext
from web.language import mark

REQUESTS: Mapping[str, str] = {"extension": mark("延期"), "pause": mark("暂停"), "approval": mark("审批")}
FIXED: Mapping[str, Mapping[str, str]] = {
    "request": REQUESTS,
    "per": {"organ": mark("单位"), "case": mark("事项")},
    "county_organ": {"report_up": mark("报领导小组")},
}
# Parameters that take a choice of a fact: of the kind itself, or of the order that is issued.
CHOICES_OF: Mapping[str, str] = {"level": "supervision_level"}
CHOICES_OF_ORDER: Mapping[str, str] = {"answer_within": "answer_within"}


def called(value: Any) -> tuple[str, Any]:
    """The name of a call and what stands under it."""
    if isinstance(value, Mapping) and value:
        # What a guard says where it does not hold stands beside its name.
        name = next((key for key in value if key != SAY), SAY)
        return str(name), value[name]
    return (value, None) if isinstance(value, str) else ("", None)


def taken(registry: str, name: str) -> Mapping[str, Parameter]:
    """The parameters of a function of a registry; none of an unknown one."""
    found = {"guard": office().words.guards, "effect": office().words.effects, "rung": office().words.rungs}
    signature = found[registry].get(name)
    return signature.parameters if signature else {}


def kind_of(key: str, parameter: Parameter) -> str:
    """The kind of box that takes a parameter."""
    if NAMES.get(key) == "post":
        return "posts"
    kinds = {"integer": "whole", "flag": "flag", "list": "several", "text": "words"}
    return kinds.get(parameter.type, "plain")


def with_picks(control: Control, key: str, document: Any, path: Path, given: Mapping[str, Any]) -> Control:
    """The box with what may be picked, where that is known; else a line in which it is typed."""
    value = given.get(key)
    if control.kind == "posts":
        return replace(control, options=tuple((one, names.post_words(str(one))) for one in value or ()))
    if control.kind in ("whole", "flag"):
        return control
    options = _picks(key, document, path, given)
    if options and control.kind in ("several", "plain") and key != "data":
        return replace(control, kind="several" if control.kind == "several" else "one", options=options, value=_said(value))
    if options and control.kind == "words":
        return replace(control, kind="one", options=options)
    if control.kind in ("several", "plain"):
        return replace(control, kind="plain", value=as_flow(value) if value is not None else None)
    return control


def _said(value: Any) -> Any:
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


def _picks(key: str, document: Any, path: Path, given: Mapping[str, Any]) -> Picks:
    what = NAMES.get(key, "")
    if what == "question":
        form = names.thing_at(document, f"/{path[0]}/{path[1]}/form") if len(path) > 1 else None
        asked = [one for one in form if isinstance(one, Mapping)] if isinstance(form, list) else []
        return tuple((str(one.get("key")), names.spoken(one.get("title", one.get("key")))) for one in asked)
    if what:
        return names.picks_of(what, document)
    if key in ("value", "values", "toward"):
        return _values(document, str(given.get("field")))
    if key == "states" and given.get("kind"):
        return tuple(names.named_in(names.kinds_known().get(str(given["kind"])), "state"))
    if key in CHOICES_OF:
        return _values(document, CHOICES_OF[key])
    if key in CHOICES_OF_ORDER:
        return _values(names.kinds_known().get(str(given.get("kind", ORDER))), CHOICES_OF_ORDER[key])
    if key in FIXED:
        return tuple((name, gettext(said)) for name, said in FIXED[key].items())
    return names.picks_of("holder", document) if key == "holder" else ()


def _values(document: Any, fact: str) -> Picks:
    found = [
        (key.partition("=")[2], said.partition("：")[2]) for key, said in names.looks_of(document) if key.startswith(f"{fact}=")
    ]
    return tuple(found)
