"""What the names of a text mean: beside the text stands every one that occurs in it, with the words of the panels and lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from states.schema.notation import Many
from states.schema.places import NAMED, Place, entry_of, place_at, places_of
from web.designer import names, words
from web.designer.saying import gettext
from web.language import mark

# Registries whose names stand in a text, in the order in which they are listed.
REGISTRIES = ("role", "relation", "organ_kind", "guard", "effect", "rung", "letter", "evidence_label", "message")
GROUPS = {
    "keys": mark("各栏"),
    "state": mark("状态"),
    "trigger": mark("操作"),
    "field": mark("字段"),
    "clock": mark("时限"),
    "ladder": mark("督促"),
    "role": mark("角色"),
    "relation": mark("关系"),
    "organ_kind": mark("单位类型"),
    "guard": mark("条件"),
    "effect": mark("自动动作"),
    "rung": mark("督促办法"),
    "letter": mark("文书"),
    "evidence_label": mark("佐证材料"),
    "message": mark("消息"),
}


def words_in(document: Any, source: str) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Group after group, the names that occur in the text with what they are called."""
    occurring = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", source))
    told: dict[str, dict[str, str]] = {"keys": dict(_keys(document))}
    for what in (*NAMED, *REGISTRIES):
        told[what] = {name: said for name, said in names.picks_of(what, document) if said != name}
    for group, found in told.items():
        listed = tuple((name, said) for name, said in found.items() if name in occurring)
        if listed and group in GROUPS:
            yield gettext(GROUPS[group]), listed


def _keys(document: Any) -> Iterator[tuple[str, str]]:
    """The keys of the notation, by the part that they stand in first."""
    place = place_at(())
    waiting, seen = [place.made if place is not None else None], set[str]()
    while waiting:
        made = waiting.pop(0)
        shape = type(made).__name__ if made is not None else ""
        if made is None or shape in seen:
            continue
        seen.add(shape)
        for key, inner in places_of(made).items():
            yield key, gettext(words.title_of(inner.shape, key))
            waiting.append(_entry(inner).made)


def _entry(place: Place) -> Place:
    """What the entries of a list are, however deep it is."""
    return _entry(entry_of(place)) if isinstance(place.notation, Many) else place
