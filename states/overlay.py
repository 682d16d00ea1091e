"""A definition as a few changes of another: how the variants of the gallery are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

_NAMES = ("key", "trigger")


def overlaid(document: Mapping[str, Any], changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The document with each change made: at a place (names and indexes, with slashes) a part is put, or added to a list.

    KeyError for a place that there is not, so that a variant never outlives what it changes in silence.
    """
    changed: dict[str, Any] = deepcopy(dict(document))
    for change in changes:
        *way, last = change["at"].split("/")
        here: Any = changed
        for name in way:
            here = here[_place(here, name)]
        if "add" in change:
            here[_place(here, last)] = [*here[_place(here, last)], deepcopy(change["add"])]
        else:
            here[last if isinstance(here, dict) else _place(here, last)] = deepcopy(change["put"])
    return changed


def _place(here: Any, name: str) -> Any:
    """The key or the index of the part of that name."""
    if isinstance(here, dict):
        if name not in here:
            raise KeyError(name)
        return name
    if name.isdecimal():
        return int(name)
    for index, part in enumerate(here):
        if isinstance(part, dict) and any(part.get(key) == name for key in _NAMES):
            return index
    raise KeyError(name)
