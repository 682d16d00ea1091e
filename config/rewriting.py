"""A YAML text made to say something else, by the fewest changes: comments, order and look of all the rest stay as they were.

The text is one that `documents.parse` takes. Entries are told again only where they differ; a list's entries are known by
their `key` or `trigger`. What the text says afterwards is read back, so that a look is never kept at the price of the sense.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    StreamStartEvent,
)

from config.documents import LOADER, parse
from config.writing import as_block, as_flow, fits_a_line, written_scalar

_NAMES = ("key", "trigger")


class _Unwieldy(Exception):
    """A look that is not kept: the whole text is written anew."""


@dataclass(slots=True)
class _Entry:
    """A key, or the dash of a list, and what stands under it."""

    key: str
    start: int
    node: _Node


@dataclass(slots=True)
class _Node:
    """Where a value stands in the text; a block ends with the remark on its last line."""

    start: int
    column: int
    end: int = 0
    is_block: bool = False
    is_mapping: bool = False
    entries: list[_Entry] = field(default_factory=list)


def rewrite(text: str, data: Any) -> str:
    """The text, changed so that it says `data`. Raises DocumentFault where the text cannot be read."""
    said = parse(text, name="text").data
    if same(said, data):
        return text
    try:
        changed = _Rewriting(text).whole(said, data)
    except _Unwieldy:
        changed = None
    if changed is None or not _says(changed, data):
        changed = as_block(data, 0) + "\n"
    return changed


def same(one: Any, other: Any) -> bool:
    """Do both say the same, in the same order, with the same types?"""
    return json.dumps(one, ensure_ascii=True) == json.dumps(other, ensure_ascii=True)


def _says(text: str, data: Any) -> bool:
    try:
        return same(parse(text, name="text").data, data)
    except ValueError:
        return False


class _Rewriting:
    """One text and where everything stands in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._events = yaml.parse(text, Loader=LOADER)

    def whole(self, old: Any, new: Any) -> str | None:
        """The whole text, or None where nothing of it can stay."""
        event = self._next()
        while isinstance(event, StreamStartEvent | DocumentStartEvent):
            event = self._next()
        root = self._node(event)
        changed = self._told(root, old, new)
        return None if changed is None else self.text[: root.start] + changed + self.text[root.end :]

    # ---- reading ----------------------------------------------------------------------------------------------------------

    def _next(self) -> Any:
        return next(self._events)

    def _node(self, event: Any) -> _Node:
        start = event.start_mark
        node = _Node(start.index, start.column, event.end_mark.index)
        if isinstance(event, ScalarEvent):
            if event.style in ("|", ">"):
                node.end = node.start + len(self.text[node.start : node.end].rstrip())
            return node
        is_flow = bool(event.flow_style)
        node.is_block, node.is_mapping = not is_flow, isinstance(event, MappingStartEvent)
        while not isinstance(event := self._next(), CollectionEndEvent):
            node.entries.append(self._entry(event, node, is_flow=is_flow))
        assert event.end_mark is not None, "every event of a text has its place"
        node.end = event.end_mark.index if is_flow else self._line_end(node.entries[-1].node.end)
        return node

    def _entry(self, event: Any, node: _Node, *, is_flow: bool) -> _Entry:
        if node.is_mapping:
            key, start = str(event.value), event.start_mark.index
            return _Entry(key, start, self._node(self._next()))
        inner = self._node(event)
        dash = inner.start if is_flow else self.text.rfind("-", 0, inner.start)
        if not is_flow and self.text[dash + 1 : inner.start].strip(" "):
            raise _Unwieldy
        return _Entry("", dash, inner)

    def _line_end(self, at: int) -> int:
        """The end of the remark that follows on the same line, or the place itself."""
        line = self.text[at : end if (end := self.text.find("\n", at)) >= 0 else len(self.text)]
        return at + len(line.rstrip()) if line.lstrip(" ").startswith("#") and line.startswith(" ") else at

    # ---- writing ----------------------------------------------------------------------------------------------------------

    def _told(self, node: _Node, old: Any, new: Any) -> str | None:
        """What stands in the place of the node, or None where its whole entry has to be written anew."""
        if same(old, new):
            return self.text[node.start : node.end]
        is_alike = type(old) is type(new) and isinstance(new, dict | list) and bool(old) and bool(new)
        if is_alike:
            return self._block(node, old, new) if node.is_block else self._flow(node, old, new)
        if node.is_block or (isinstance(new, dict | list) and not fits_a_line(new)):
            return None
        return as_flow(new)

    def _flow(self, node: _Node, old: Any, new: Any) -> str:
        if isinstance(new, dict):
            places = {entry.key: entry.node for entry in node.entries}
            told = [
                f"{written_scalar(key, in_flow=True)}: {self._inner(places.get(key), old.get(key), value)}"
                for key, value in new.items()
            ]
            return "{" + ", ".join(told) + "}"
        found = paired(old, new)
        told = [
            self._inner(node.entries[at].node if at is not None else None, old[at] if at is not None else None, value)
            for at, value in zip(found, new, strict=True)
        ]
        return "[" + ", ".join(told) + "]"

    def _inner(self, node: _Node | None, old: Any, new: Any) -> str:
        told = self._told(node, old, new) if node is not None else None
        return as_flow(new) if told is None else told

    def _block(self, node: _Node, old: Any, new: Any) -> str:
        """The entries in their new order, each with the blank lines and the remarks that stand above it."""
        if isinstance(new, dict):
            places = {entry.key: at for at, entry in enumerate(node.entries)}
            found: list[int | None] = [places.get(key) for key in new]
            told = [(key, old.get(key), value) for key, value in new.items()]
        else:
            found = paired(old, new)
            told = [("", old[at] if at is not None else None, value) for at, value in zip(found, new, strict=True)]
        pieces = []
        for order, (at, (key, before, after)) in enumerate(zip(found, told, strict=True)):
            pieces.append(self._lead(node, at, is_first=order == 0))
            pieces.append(self._fresh(node, key, after) if at is None else self._again(node, node.entries[at], before, after))
        return "".join(pieces)

    def _lead(self, node: _Node, at: int | None, *, is_first: bool) -> str:
        indent = " " * node.column
        if at is None or at == 0:
            return "" if is_first else f"\n{indent}"
        lead = self.text[self._line_end(node.entries[at - 1].node.end) : node.entries[at].start]
        if not is_first:
            return lead if lead.startswith("\n") else f"\n{indent}"
        before = self.text[self.text.rfind("\n", 0, node.start) + 1 : node.start]
        return lead.lstrip("\n ") if not before.strip(" ") else ""

    def _again(self, node: _Node, entry: _Entry, old: Any, new: Any) -> str:
        told = self._told(entry.node, old, new)
        remark = self.text[entry.node.end : self._line_end(entry.node.end)]
        if told is None:
            return self._fresh(node, entry.key, new, remark)
        head = self.text[entry.start : entry.node.start]
        return head + (" " if head.endswith(":") and told else "") + told + remark

    def _fresh(self, node: _Node, key: str, value: Any, remark: str = "") -> str:
        head = f"{written_scalar(key)}:" if node.is_mapping else "-"
        if not isinstance(value, dict | list) or fits_a_line(value):
            return f"{head} {as_flow(value) if isinstance(value, dict | list) else written_scalar(value)}{remark}"
        if not node.is_mapping:
            return f"- {as_block(value, node.column + 2)}"
        return f"{head}{remark}\n{' ' * (node.column + 2)}{as_block(value, node.column + 2)}"


def paired(old: Sequence[Any], new: Sequence[Any]) -> list[int | None]:
    """For each new entry the place of the old one that it is: the same, else of its name, else of its place."""
    free = dict.fromkeys(range(len(old)))
    found: list[int | None] = [None] * len(new)

    def take(order: int, at: int | None) -> None:
        if at is not None and found[order] is None and at in free:
            found[order] = at
            del free[at]

    for order, value in enumerate(new):
        is_here = order in free and same(old[order], value)
        take(order, order if is_here else next((at for at in free if same(old[at], value)), None))
    for order, value in enumerate(new):
        name = _name(value)
        take(order, next((at for at in free if name and _name(old[at]) == name), None))
    for order, value in enumerate(new):
        take(order, order if order in free and type(old[order]) is type(value) and len(old) == len(new) else None)
    return found


def _name(value: Any) -> str:
    return next((str(value[name]) for name in _NAMES if name in value), "") if isinstance(value, dict) else ""
