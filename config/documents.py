"""YAML text as plain data with the line of every part, and nothing that YAML could smuggle in.

No aliases, no anchors, no tags, no second document, no key twice; at most 1 MiB and 20 levels. A plain scalar is null, true,
false, a whole number, a decimal or text, and nothing else: `on`, `yes`, `2026-05-01` and `1:30` stay the text they look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same events, four times as fast where libyaml is there
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
# A number that is too long to be one (a number of a paper, say) stays text; so does one that begins with a zero.
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
# Control characters that an escape can write where none may stand, and those that turn the order of what is read.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data (dict, list, str, int, float, bool, None), for each JSON pointer in it its line (from 1), and the text."""

    name: str
    data: Any
    lines: Mapping[str, int]
    text: str = ""

    def line_of(self, pointer: str) -> int:
        """The line of the part, or of the nearest part around it that is written down."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)


class DocumentFault(ValueError):
    """The text of `name` is refused at `line` (from 1).

    `code` is one of too_large, not_yaml, empty, several_documents, alias, anchor, tag, too_deep, key_not_plain, duplicate_key,
    unseen; whoever needs a mapping says no_mapping of anything else.
    """

    def __init__(self, code: str, *, name: str, line: int = 1, detail: str = "") -> None:
        super().__init__(f"{name}:{line}: {code}" + (f" ({detail})" if detail else ""))
        self.code = code
        self.name = name
        self.line = line
        self.detail = detail


def parse(text: str, *, name: str) -> Document:
    """The one document in `text`; `name` (a file's name) is only for messages. Raises DocumentFault."""
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        raise DocumentFault("too_large", name=name)
    reading = _Reading(name, _events(text, name))
    return Document(name, reading.document(), reading.lines, text)


def _events(text: str, name: str) -> Iterator[Event]:
    try:
        yield from yaml.parse(text, Loader=LOADER)
    except (yaml.YAMLError, UnicodeError) as error:
        mark = getattr(error, "problem_mark", None)
        detail = getattr(error, "problem", None) or type(error).__name__
        raise DocumentFault("not_yaml", name=name, line=mark.line + 1 if mark else 1, detail=detail) from error


class _Reading:
    """One pass over the events: `lines` fills while the data is built."""

    def __init__(self, name: str, events: Iterator[Event]) -> None:
        self.name = name
        self.events = events
        self.lines: dict[str, int] = {}

    def document(self) -> Any:
        event = self._next(StreamStartEvent, DocumentStartEvent)
        if isinstance(event, StreamEndEvent):
            raise DocumentFault("empty", name=self.name)
        self.lines[""] = _line(event)
        data = self._node(event, "", 1)
        next(self.events)  # the end of the document
        rest = next(self.events)
        if not isinstance(rest, StreamEndEvent):
            raise self._fault("several_documents", rest)
        return data

    def _next(self, *skipped: type[Event]) -> Event:
        event = next(self.events)
        while isinstance(event, skipped):
            event = next(self.events)
        return event

    def _fault(self, code: str, event: Event, detail: str = "") -> DocumentFault:
        return DocumentFault(code, name=self.name, line=_line(event), detail=detail)

    def _node(self, event: Event, pointer: str, depth: int) -> Any:
        self._refuse(event, depth)
        if isinstance(event, MappingStartEvent):
            return self._mapping(pointer, depth)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(pointer, depth)
        assert isinstance(event, ScalarEvent), "a node is a mapping, a sequence or a scalar"
        return _value(event.value) if event.implicit[0] else str(event.value)

    def _refuse(self, event: Event, depth: int) -> None:
        if isinstance(event, AliasEvent):
            raise self._fault("alias", event)
        if isinstance(event, NodeEvent) and event.anchor is not None:
            raise self._fault("anchor", event)
        if getattr(event, "tag", None) is not None:
            raise self._fault("tag", event)
        if depth > MAX_DEPTH:
            raise self._fault("too_deep", event)
        if isinstance(event, ScalarEvent) and UNSEEN.search(event.value):
            raise self._fault("unseen", event)

    def _mapping(self, pointer: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), CollectionEndEvent):
            if not isinstance(event, ScalarEvent):
                raise self._fault("key_not_plain", event)
            self._refuse(event, depth)
            key = event.value
            if key in found:
                raise self._fault("duplicate_key", event, key)
            inner = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            self.lines[inner] = _line(event)
            found[key] = self._node(next(self.events), inner, depth + 1)
        return found

    def _sequence(self, pointer: str, depth: int) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), CollectionEndEvent):
            inner = f"{pointer}/{len(found)}"
            self.lines[inner] = _line(event)
            found.append(self._node(event, inner, depth + 1))
        return found


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def is_read_as_text(plain: str) -> bool:
    """Does a plain scalar of these letters stay text?"""
    return isinstance(_value(plain), str)


def _value(plain: str) -> Any:
    if plain in _WORDS:
        return _WORDS[plain]
    if _WHOLE.fullmatch(plain):
        return int(plain)
    return float(plain) if _DECIMAL.fullmatch(plain) else plain
