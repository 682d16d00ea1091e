"""Where the part whose panel is open stands after an edit: entries move and go, and names stay."""

from __future__ import annotations

from typing import Any

from states.faults import Path, path_of, pointer_of
from states.schema.places import NAMED
from web.designer.names import thing_at


def after_move(at: str, moved: Path, to: int | None) -> str:
    """The pointer `at` once the entry at a path stands at another place of its list; None for one that was removed.

    Of what stood in the removed entry the whole kind is left, which is "".
    """
    path, depth = path_of(at) if at.startswith("/") else (), len(moved) - 1
    index, gone = path[depth] if len(path) > depth else None, moved[-1]
    if path[:depth] != moved[:-1] or not isinstance(index, int) or not isinstance(gone, int):
        return at
    if index == gone:
        return "" if to is None else pointer_of(*path[:depth], to, *path[depth + 1 :])
    now = index - (index > gone)
    now += to is not None and now >= to
    return pointer_of(*path[:depth], now, *path[depth + 1 :])


def by_name(at: str, before: Any, after: Any) -> str:
    """The pointer `at` of one document in another: what has a name is followed by it, and "" where it has gone."""
    path = path_of(at) if at.startswith("/") else ()
    what = next((what for what, (listed, _) in NAMED.items() if path[:1] == (listed,)), "")
    if not what or len(path) < 2:
        return at
    listed, name = NAMED[what]
    told = thing_at(before, pointer_of(*path[:2]))
    found = thing_at(after, f"/{listed}")
    keys = [one.get(name) if isinstance(one, dict) else None for one in found] if isinstance(found, list) else []
    key, index = told.get(name) if isinstance(told, dict) else None, path[1]
    if key is None or (isinstance(index, int) and index < len(keys) and keys[index] == key):
        return at
    return pointer_of(listed, keys.index(key), *path[2:]) if key in keys else ""
