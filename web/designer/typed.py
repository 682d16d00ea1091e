"""What a panel posted, as the part of the document that it says: the reverse of `controls`.

A value that its place cannot take is written down all the same: the proofs then say what is wrong with it, where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from config.documents import DocumentFault, parse
from states.definition import ASKER, LANGUAGES
from states.errors import InvalidForm
from states.questions import told_with
from states.schema.notation import SAY
from web.current import today
from web.days import plain_text
from web.designer.boxes import Control, Group
from web.designer.words import COMBINATIONS
from web.posted import read_whole

Posted = MultiDict[str, str]
LONGEST = 2_000
_ANY = object()


def read_panel(form: Posted, controls: tuple[Control, ...], old: Any) -> dict[str, Any]:
    """The part as the page shows it now; what has no box on the page stays as it was."""
    told = dict(old) if isinstance(old, Mapping) else {}
    for control in controls:
        key = control.name.rpartition(".")[2]
        value = _read(form, control, told.get(key))
        if value is None:
            told.pop(key, None)
        elif value is not _ANY and (value != told.get(key) or type(value) is not type(told[key])):
            told[key] = value  # What is the same stays as it was written, in its own order.
    return told


def _read(form: Posted, control: Control, old: Any) -> Any:
    """The value of a box; None for nothing, and `_ANY` for one that the page does not ask for here."""
    if f"{control.name}/asked" not in form:
        return _ANY
    return READERS[control.kind](form, control, old)


def _text(form: Posted, name: str) -> str:
    text = form.get(name, "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise InvalidForm(fields={name: [told_with("too_long", len(text), LONGEST)]})
    return text


def _words(form: Posted, control: Control, old: Any) -> Any:
    return _text(form, control.name) or None


def _day(form: Posted, control: Control, old: Any) -> Any:
    # The panel comes back with the day as it was read; a document holds plain texts.
    return str(plain_text(_text(form, control.name), today=today())) or None


def _one(form: Posted, control: Control, old: Any) -> Any:
    text = _text(form, control.name)
    if text in ("true", "false"):
        return text == "true"
    return int(text) if isinstance(old, int) and text.isdecimal() else text or None


def _label(form: Posted, control: Control, old: Any) -> Any:
    spoken = {language: _text(form, f"{control.name}.{language}") for language in LANGUAGES}
    told = {language: said for language, said in spoken.items() if said}
    # A label in one language is written as it was: bare, or by its language.
    is_bare = set(told) == {"zh-Hans"} and not isinstance(old, Mapping)
    return told["zh-Hans"] if is_bare else told or None


def _flag(form: Posted, control: Control, old: Any) -> Any:
    value = control.name in form
    if old in (True, False, "none") and value == (old is True):
        return old
    if value == (control.default if isinstance(control.default, bool) else False):
        return None
    return value


def _several(form: Posted, control: Control, old: Any) -> Any:
    picked = [name for name in form.getlist(control.name) if name]
    kept = [str(one) for one in old if str(one) in picked] if isinstance(old, list) else []
    return [*kept, *(name for name in dict.fromkeys(picked) if name not in kept)] or ([] if control.is_required else None)


def _posts(form: Posted, control: Control, old: Any) -> Any:
    role, where = _text(form, f"{control.name}/role"), _text(form, f"{control.name}/where")
    more = ASKER if role == ASKER else f"{role}@{where}" if role and where else ""
    found = [name for name in (*form.getlist(control.name), more) if name]
    return list(dict.fromkeys(found)) or ([] if control.is_required else None)


def _whole(form: Posted, control: Control, old: Any) -> Any:
    text = _text(form, control.name)
    return read_whole(text) if text else None


def _wholes(form: Posted, control: Control, old: Any) -> Any:
    return [read_whole(part) for part in re.split(r"[、，,;；\s]+", _text(form, control.name)) if part] or None


def _limit(form: Posted, control: Control, old: Any) -> Any:
    amount, unit = _text(form, control.name), form.get(f"{control.name}/unit", "")
    if unit == "none":
        return "none"
    if unit == "due":
        return "0 day"
    before = unit.startswith("-")
    number = read_whole(amount) if amount else ""
    if number == "":
        return None
    return f"{-abs(number) if before and isinstance(number, int) else number} {unit.removeprefix('-')}"


def _looks(form: Posted, control: Control, old: Any) -> Any:
    told = {}
    for pair in form.getlist(control.name):
        fact, equals, value = pair.partition("=")
        if fact and equals:
            told[fact] = {"true": True, "false": False}.get(value, value)
    return told or None


def _plain(form: Posted, control: Control, old: Any) -> Any:
    text = _text(form, control.name)
    try:
        return parse(text, name="value").data if text else None
    except DocumentFault as fault:
        raise InvalidForm(fields={control.name: ["not_plain"]}) from fault


def _part(form: Posted, control: Control, old: Any) -> Any:
    return read_panel(form, control.groups[0].controls, old) if control.groups else _ANY


def _entries(form: Posted, control: Control, old: Any) -> Any:
    before = old if isinstance(old, list) else []
    told = [read_panel(form, group.controls, before[n] if n < len(before) else None) for n, group in enumerate(control.groups)]
    return told or _ANY


def _call(form: Posted, control: Control, old: Any) -> Any:
    return _called(form, control.groups[0]) if control.groups else _ANY


def _calls(form: Posted, control: Control, old: Any) -> Any:
    return [_called(form, group) for group in control.groups] or _ANY


def _called(form: Posted, group: Group) -> Any:
    """A guard or an effect, with what it says where it does not hold."""
    found = _named(form, group)
    for control in group.controls:
        if not control.name.endswith(f".{SAY}"):
            continue
        said = _read(form, control, control.value)
        said = control.value if said is _ANY or said == control.value else said
        if said is not None:
            found = {**(found if isinstance(found, dict) else {found: {}}), SAY: said}
    return found


def _named(form: Posted, group: Group) -> Any:
    """The guard or effect. With another name it takes other things, and what was said of the old one goes."""
    pick, *others = group.controls
    rest = [control for control in others if not control.name.endswith(f".{SAY}")]
    name = _text(form, pick.name) or str(pick.value)
    if name in COMBINATIONS:
        parts = [_called(form, inner) for control in rest if control.kind == "calls" for inner in control.groups]
        if name != pick.value and pick.value not in COMBINATIONS:
            parts = [_params(str(pick.value), form, rest)]
        return {name: parts[0] if name == "not" and parts else parts}
    if pick.value in COMBINATIONS:
        return name
    return _params(name, form, rest if name == pick.value else [])


def _params(name: str, form: Posted, controls: list[Control]) -> Any:
    old = {control.name.rpartition(".")[2]: control.value for control in controls}
    params = read_panel(form, tuple(controls), old)
    told = {key: value for key, value in params.items() if value is not None}
    return {name: told} if told else name


def _inner(form: Posted, control: Control, old: Any) -> Any:
    boxes = tuple(box for group in control.groups for box in group.controls)
    return read_panel(form, boxes, old) or None if boxes else _ANY


def _left(form: Posted, control: Control, old: Any) -> Any:
    return _ANY


READERS: Mapping[str, Callable[[Posted, Control, Any], Any]] = {
    "words": _words,
    "long": _words,
    "one": _one,
    "day": _day,
    "label": _label,
    "flag": _flag,
    "whole": _whole,
    "wholes": _wholes,
    "limit": _limit,
    "several": _several,
    "posts": _posts,
    "looks": _looks,
    "plain": _plain,
    "part": _part,
    "entries": _entries,
    "call": _call,
    "calls": _calls,
    "params": _inner,
    "links": _left,
}
