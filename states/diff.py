"""What changed between two definitions, as structure: sentences about it are made elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from states.definition import Definition
from states.faults import Path, pointer_of
from states.schema import dump

# What tells the parts of a list from each other, in the order in which it is looked for.
_NAMES = ("key", "trigger", "relation", "on", "zh-Hans")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `pointer` leads into the new document, for what was removed into the old one.

    `old` and `new` are plain data as `states.schema.dump` writes them: what equals its default is None, for it is not written.
    """

    pointer: str
    kind: Literal["added", "removed", "changed", "moved"]
    old: Any = None
    new: Any = None


def compare(old: Definition, new: Definition) -> tuple[Change, ...]:
    """Every difference, in the order of the new definition; parts of lists are told by their names, not by their places."""
    return tuple(_compare(dump(old), dump(new), (), ()))


def _compare(old: Any, new: Any, old_path: Path, new_path: Path) -> Iterator[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _mappings(old, new, old_path, new_path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(old, new, old_path, new_path)
    elif old != new:
        yield Change(pointer_of(*new_path), "changed", old, new)


def _mappings(old: Mapping[str, Any], new: Mapping[str, Any], old_path: Path, new_path: Path) -> Iterator[Change]:
    for key, value in new.items():
        if key in old:
            yield from _compare(old[key], value, (*old_path, key), (*new_path, key))
        else:
            yield Change(pointer_of(*new_path, key), "added", None, value)
    for key, value in old.items():
        if key not in new:
            yield Change(pointer_of(*old_path, key), "removed", value, None)


def _lists(old: list[Any], new: list[Any], old_path: Path, new_path: Path) -> Iterator[Change]:
    before, after = _named(old), _named(new)
    for name, index in after.items():
        if name in before:
            was = before[name]
            yield from _compare(old[was], new[index], (*old_path, was), (*new_path, index))
        else:
            yield Change(pointer_of(*new_path, index), "added", None, new[index])
    for name, index in before.items():
        if name not in after:
            yield Change(pointer_of(*old_path, index), "removed", old[index], None)
    kept, stayed = [name for name in before if name in after], [name for name in after if name in before]
    if kept != stayed:
        yield Change(pointer_of(*new_path), "moved", [name for name, _ in kept], [name for name, _ in stayed])


def _named(parts: list[Any]) -> dict[tuple[str, int], int]:
    """(name, which of that name) → place. A tier, a limit row and a condition have no name: there the place is one."""
    named: dict[tuple[str, int], int] = {}
    for index, part in enumerate(parts):
        name = _name(part, index)
        which = sum(1 for known, _ in named if known == name)
        named[name, which] = index
    return named


def _name(part: Any, index: int) -> str:
    if isinstance(part, Mapping):
        if len(part) == 1 and next(iter(part)) not in _NAMES:
            return str(next(iter(part)))  # a condition or a call
        return next((str(part[name]) for name in _NAMES if name in part), f"#{index}")
    return f"#{index}" if isinstance(part, list) else str(part)


def counterpart(document: Any, other: Any, path: Path) -> Path | None:
    """Where in the other document stands what `path` leads to in this one: parts of lists are told by their names."""
    found: list[str | int] = []
    for part in path:
        if isinstance(document, list) and isinstance(other, list) and isinstance(part, int):
            name = next((name for name, index in _named(document).items() if index == part), None)
            twin = _named(other).get(name) if name is not None else None
            if twin is None:
                return None
            document, other = document[part], other[twin]
            found.append(twin)
        elif isinstance(document, Mapping) and isinstance(other, Mapping) and part in other:
            document, other = document.get(part), other[part]
            found.append(part)
        else:
            return None
    return tuple(found)
