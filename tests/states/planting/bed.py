"""A sound document that a fault is planted in, at a place that the dice choose; the planter says where the fault must be found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import config
from config.documents import parse
from states.faults import Path as Place
from states.faults import find_at, path_of, pointer_of
from states.overlay import overlaid
from tests.states.samples import SHIPPED, document

T = TypeVar("T")
Doc = dict[str, Any]

TITLE = {"zh-Hans": "测试", "zh-Hant": "測試", "en": "Test"}
CONFIG = Path(config.__file__).parent
VARIANTS = sorted(path.stem for path in (CONFIG / "gallery").glob("*.yaml"))
EXAMPLES = sorted(path.stem for path in (CONFIG / "examples").glob("*.yaml"))
SOUND = ("small", *SHIPPED, *VARIANTS, *EXAMPLES)


class NotHere(Exception):
    """The fault cannot be planted in this document, or not where the dice fell."""


class Bed:
    """One document and the dice. What is added is put at a place that the dice choose, and its place is the answer."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.doc: Doc = deepcopy(_sound(name))
        self.dice = Random(f"{name} {seed}")
        self._keys = 0

    def one_of(self, found: Iterator[T] | list[T]) -> T:
        """Any of them, or NotHere."""
        listed = list(found)
        if not listed:
            raise NotHere
        return self.dice.choice(listed)

    def key(self) -> str:
        """A name that nothing has."""
        self._keys += 1
        return f"planted_{self._keys}_{self.dice.randrange(1000)}"

    # ---- what is there ------------------------------------------------------------------------------------------------

    @property
    def finals(self) -> set[str]:
        """The keys of final states."""
        return {state["key"] for state in self.doc["states"] if state.get("final")}

    @property
    def opens(self) -> list[str]:
        """The keys of the others."""
        return [state["key"] for state in self.doc["states"] if not state.get("final")]

    def state(self) -> str:
        """The key of any open state."""
        return self.one_of(self.opens)

    def places(self, pattern: str) -> Iterator[str]:
        """The pointer of every part that a pattern such as `clocks/*/limits/*` fits."""
        yield from (pointer_of(*path) for path in _fitting(self.doc, pattern.split("/")))

    def place(self, *patterns: str) -> str:
        """Any of these places, each pattern as likely as the other."""
        found = [places for pattern in patterns if (places := list(self.places(pattern)))]
        return self.one_of(self.one_of(found))

    def at(self, pointer: str) -> Any:
        """What stands there."""
        return find_at(self.doc, path_of(pointer))

    def put(self, pointer: str, value: Any) -> str:
        """Writes a part; its pointer."""
        *way, last = path_of(pointer)
        find_at(self.doc, tuple(way))[last] = value
        return pointer

    def into(self, pointer: str, value: Any, *, last: bool = False) -> str:
        """Puts a part into the list at `pointer`, at its end or anywhere; the part's pointer."""
        if self.at(pointer) is None:
            self.put(pointer, [])
        found = self.at(pointer)
        index = len(found) if last else self.dice.randint(0, len(found))
        found.insert(index, value)
        return f"{pointer}/{index}"

    def every(self, name: str) -> Iterator[tuple[str, Any]]:
        """Each part of a list of the document, with its pointer."""
        yield from ((pointer_of(name, index), part) for index, part in enumerate(self.doc[name]))

    # ---- what is added ------------------------------------------------------------------------------------------------

    def who(self) -> list[Doc]:
        """Somebody who may: in every sound document a supervisor acts."""
        return [{"roles": ["head"], "relations": ["supervisor"]}]

    def add_state(self, **more: Any) -> tuple[str, str]:
        """The pointer and the key of one more state."""
        key = self.key()
        return self.into("/states", {"key": key, "title": TITLE, **more}), key

    def add_verb(self, source: str, target: str, *, last: bool = False, **more: Any) -> str:
        """The pointer of one more transition."""
        verb = {"trigger": self.key(), "title": TITLE, "from": [source], "to": target, "who": self.who(), **more}
        return self.into("/transitions", verb, last=last)

    def add_clock(self, *, last: bool = False, **more: Any) -> str:
        """The pointer of one more clock, from the opening of a case."""
        clock: Doc = {"key": self.key(), "title": TITLE, "starts": [{"on": "open"}], "runs_in": [self.first]}
        return self.into("/clocks", {**clock, "limits": [{"limit": "5 day"}], **more}, last=last)

    def add_field(self, **more: Any) -> tuple[str, str]:
        """The pointer and the key of one more fact."""
        key = self.key()
        return self.into("/fields", {"key": key, "title": TITLE, **more}), key

    def add_choice(self) -> tuple[str, str]:
        """The keys of one more pick list that is asked for, and of its choice."""
        _, key = self.add_field(type="choice", write=["supervisor"], choices=[{"key": "one", "title": TITLE}])
        return key, "one"

    @property
    def first(self) -> str:
        """The state in which a case begins."""
        return str(next(state["key"] for state in self.doc["states"] if state.get("initial")))

    def index_of(self, name: str, fits: Callable[[Doc], bool]) -> str:
        """The pointer of any part of a list that fits."""
        return self.one_of(pointer for pointer, part in self.every(name) if fits(part))


@cache
def _sound(name: str) -> Doc:
    if name in VARIANTS:
        told = _read(f"gallery/{name}.yaml")
        return overlaid(document(told["kind"]), told["changes"])
    return _read(f"examples/{name}.yaml") if name in EXAMPLES else document(name)


def _read(name: str) -> Doc:
    found: Doc = parse((CONFIG / name).read_text(encoding="utf-8"), name=name).data
    return found


def _fitting(part: Any, pattern: list[str]) -> Iterator[Place]:
    if not pattern:
        yield ()
        return
    name, *rest = pattern
    if name == "*":
        inner = enumerate(part) if isinstance(part, list) else part.items() if isinstance(part, dict) else ()
        for key, value in inner:
            yield from ((key, *path) for path in _fitting(value, rest))
    elif isinstance(part, dict) and name in part:
        yield from ((name, *path) for path in _fitting(part[name], rest))
