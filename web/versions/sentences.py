"""The differences between two definitions in plain sentences, grouped; pages and the command line say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema

from states.definition import Definition, Language
from states.diff import Change, compare, counterpart
from states.faults import Path, find_at, path_of
from states.schema import dump
from states.schema.notation import Many, Part
from states.schema.shapes import DefinitionSchema
from web.language import mark, translate
from web.versions import diff_words as told
from web.versions.naming import Names, Titles

Parent = tuple[str, Path]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change stands: the parts around it from the outside in (name of the shape, path), and the value inside the last.

    `value` is "" where the last part itself came, went or moved.
    """

    parts: tuple[Parent, ...]
    value: str
    path: Path


@dataclass(frozen=True, slots=True)
class Sentence:
    """One change. `state` and `edge` say where the drawing shows it; `kind` is added, removed or changed."""

    group: str
    text: str
    kind: str
    state: str = ""
    trigger: str = ""


@dataclass(slots=True)
class Difference:
    """All of them, in the order of the new definition; `groups` in the order in which a reader looks."""

    sentences: list[Sentence] = field(default_factory=list)

    @property
    def groups(self) -> list[tuple[str, list[Sentence]]]:
        """The words of a group → its sentences; an empty group is left out."""
        found = ((words, [one for one in self.sentences if one.group == key]) for key, words in told.GROUPS.items())
        return [(words, sentences) for words, sentences in found if sentences]


def difference(old: Definition, new: Definition, titles: Titles, language: Language) -> Difference:
    """What the new definition changes, in one language."""
    return Difference(list(dict.fromkeys(_Teller(old, new, titles, language).sentences())))


def place_of(path: Path) -> Place:
    """The parts around a path of a document, by the schema itself; values deeper than the schema belong to their value."""
    schema: Schema = DefinitionSchema()
    parts: list[Parent] = [("Definition", ())]
    at_ = 0
    while at_ < len(path):
        name = str(path[at_])
        fields = {one.data_key or key: one for key, one in schema.load_fields.items()}
        inner: Any = fields[name]
        depth = 0
        while isinstance(inner, Many):
            inner, depth = inner.inner, depth + 1
        end = at_ + 1 + depth
        shape = type(inner.schema).__name__.removesuffix("Schema") if isinstance(inner, Part) else ""
        if not shape or shape in told.WHOLE:
            return Place(tuple(parts), name, path[: at_ + 1])
        parts.append((shape, path[:end]))
        if len(path) <= end:
            return Place(tuple(parts), "", path)
        schema, at_ = inner.schema, end
    return Place(tuple(parts), "", path)


class _Teller:
    def __init__(self, old: Definition, new: Definition, titles: Titles, language: Language) -> None:
        self.old, self.new, self.language = dump(old), dump(new), language
        self.changes = compare(old, new)
        # A part is called by its name in the document that has it; what was renamed is called by its old name.
        self.names = Names(titles, language, self.new, self.old)
        self.before = Names(titles, language, self.old, self.new)

    def sentences(self) -> Iterator[Sentence]:
        """One or more for each change; several changes inside one value are one."""
        done: set[tuple[Path, str]] = set()
        for change in self.changes:
            place = place_of(path_of(change.pointer))
            if place.value:
                if (place.path, (change.kind == "removed" and "old") or "new") in done:
                    continue
                done.add((place.path, (change.kind == "removed" and "old") or "new"))
                yield from self._of_value(place, change)
            else:
                yield from self._of_part(place, change)

    def _mark(self, message: str, **words: Any) -> str:
        text = translate(message, self.language)
        return text % words if words else text

    def _list(self, parts: list[str]) -> str:
        return self._mark("、").join(parts)

    # ---- values ---------------------------------------------------------------------------------------------------------

    def _of_value(self, place: Place, change: Change) -> Iterator[Sentence]:
        document, other = (self.old, self.new) if change.kind == "removed" else (self.new, self.old)
        here = find_at(document, place.path)
        twin = counterpart(document, other, place.path)
        there = find_at(other, twin) if twin is not None else None
        old, new = (here, there) if change.kind == "removed" else (there, here)
        shape = place.parts[-1][0]
        known = told.VALUES[f"{shape}.{place.value}"]
        of = self._owner(place.parts, document)
        if isinstance(known, told.Switch):
            text = self._mark(known.yes if _is_on(f"{shape}.{place.value}", new) else known.no, of=of)
            yield self._said(known.group, text, "changed", place, document)
            return
        for text in self._value_words(f"{shape}.{place.value}", known, old, new, of, place, document):
            yield self._said(known.group, text, "changed", place, document)

    def _value_words(
        self, key: str, known: told.What, old: Any, new: Any, of: str, place: Place, document: Mapping[str, Any]
    ) -> Iterator[str]:
        if key == "Definition.opened_by":
            yield from self._people(old, new, told.MAY_OPEN, told.MAY_NOT_OPEN, "")
        elif key == "Transition.who":
            step = self.names.step(find_at(document, (*place.parts[-1][1], "trigger")))
            yield from self._people(old, new, told.MAY, told.MAY_NOT, step)
        elif known.is_list:
            yield from self._list_words(key, known, old, new, of)
        else:
            yield self._single(known, old, new, of)

    def _single(self, known: told.What, old: Any, new: Any, of: str) -> str:
        what = self._mark(known.words)
        was, now = self.before.tell(known.way, old), self.names.tell(known.way, new)
        if known.way == "label":
            was, now = _quoted(was), _quoted(now)
            if was == now:
                return self._mark(told.SPELT, of=of, what=what)
        if was == now or (old is not None and not was) or (new is not None and not now):
            return self._mark(told.TOUCHED, of=of, what=what)
        if old is None:
            return self._mark(told.ADDED, of=of, what=what, new=now)
        if new is None:
            return self._mark(told.REMOVED, of=of, what=what, old=was)
        return self._mark(told.CHANGED, of=of, what=what, old=was, new=now)

    def _list_words(self, key: str, known: told.What, old: Any, new: Any, of: str) -> Iterator[str]:
        was = [self.before.tell(known.way, one) for one in old or ()]
        now = [self.names.tell(known.way, one) for one in new or ()]
        what = self._mark(known.words)
        more, less = [one for one in now if one and one not in was], [one for one in was if one and one not in now]
        if key == "Definition.access":
            yield from (self._mark(told.NOW_SEES, new=one) for one in more)
            yield from (self._mark(told.SEES_NO_MORE, old=one) for one in less)
        elif more and less and len(was) == len(now) == 1 and not known.more:
            yield self._mark(told.CHANGED, of=of, what=what, old=was[0], new=now[0])
        else:
            yield from [self._mark(known.more or told.MORE, of=of, what=what, new=self._list(more))] if more else []
            yield from [self._mark(known.less or told.LESS, of=of, what=what, old=self._list(less))] if less else []
        if not more and not less:
            yield self._mark(told.TOUCHED, of=of, what=what)

    def _people(self, old: Any, new: Any, may: str, may_not: str, step: str) -> Iterator[str]:
        was = [post for who in old or () for post in self.before.posts(who)]
        now = [post for who in new or () for post in self.names.posts(who)]
        yield from (self._mark(may, who=who, step=step) for who in dict.fromkeys(now) if who not in was)
        yield from (self._mark(may_not, who=who, step=step) for who in dict.fromkeys(was) if who not in now)

    # ---- whole parts ----------------------------------------------------------------------------------------------------

    def _of_part(self, place: Place, change: Change) -> Iterator[Sentence]:
        document = self.old if change.kind == "removed" else self.new
        shape = place.parts[-1][0]
        words = told.PARTS[shape]
        of = self._owner(place.parts[:-1], document)
        if change.kind == "moved":
            yield self._said(
                words.group, self._mark(told.ORDER, of=of, many=self._mark(words.many)), "changed", place, document
            )
            return
        for path in _each(document, place.path):
            inside = (*place.parts[:-1], (shape, path))
            name = self._name(shape, path, document)
            text = self._mark(words.removed if change.kind == "removed" else words.added, of=of, name=name)
            group = told.LADDER if shape == "Rung" else words.group
            yield self._said(group, text, change.kind, Place(inside, "", path), document)

    def _name(self, shape: str, path: Path, document: Mapping[str, Any]) -> str:
        part = find_at(document, path)
        names = self.names if document is self.new else self.before
        if shape == "LimitRow":
            return names.limit_row(part) + names.aside(names.when(part.get("when", {})))
        if shape in ("Approval", "Decision"):
            return names._list(
                names._mark(mark("%(organ)s的%(role)s"), organ=names.place(part["relation"]), role=names.tell("role", role))
                for role in part["roles"]
            )
        if shape == "Ladder":
            return names.ladder(part["key"])
        return names.label(part["title"]) if isinstance(part, Mapping) and "title" in part else ""

    def _owner(self, parts: tuple[Parent, ...], document: Mapping[str, Any]) -> str:
        """What the innermost part is called, inside those around it where they are needed to know it."""
        said = self._mark(told.PARTS["Definition"].of)
        for depth, (shape, path) in enumerate(parts):
            if shape == "Definition":
                continue
            name = self._row_name(path, document) if shape == "LimitRow" else self._name(shape, path, document)
            own = self._mark(told.PARTS[shape].of, name=name) if name or "%(name)s" not in told.PARTS[shape].of else ""
            if depth <= 1:
                said = own
            elif shape == "LimitRow":
                said = f"{said}{own}"
            else:
                said = self._mark(told.INSIDE, of=said, part=own)
        return said

    def _row_name(self, path: Path, document: Mapping[str, Any]) -> str:
        when = find_at(document, path).get("when")
        return (self.names if document is self.new else self.before).when(when) if when else ""

    def _said(self, group: str, text: str, kind: str, place: Place, document: Mapping[str, Any]) -> Sentence:
        outer = place.parts[1] if len(place.parts) > 1 else ("", ())
        part = find_at(document, outer[1]) if outer[0] in ("State", "Transition") else None
        if not isinstance(part, Mapping):
            return Sentence(group, text, kind)
        whole = len(place.parts) == 2 and not place.value
        mark_kind = kind if whole and kind != "moved" else "changed"
        return Sentence(group, text, mark_kind, part.get("key", ""), part.get("trigger", ""))


def _each(document: Mapping[str, Any], path: Path) -> Iterator[Path]:
    """The paths of the parts at a place: itself, or those of a whole list that came or went."""
    part = find_at(document, path)
    if isinstance(part, list):
        for index in range(len(part)):
            yield from _each(document, (*path, index))
    else:
        yield path


def _quoted(words: str) -> str:
    return f"“{words}”" if words else ""


# What a switch is where nothing is written.
ON_UNSAID = frozenset(("Definition.ledger", "Field.stores", "Choice.counted", "Transition.undo", "Clock.roll"))


def _is_on(key: str, value: Any) -> bool:
    return key in ON_UNSAID if value is None else bool(value) and value != "none"
