"""Edits of a document, each a pure function from one plain document to the next; `config.rewriting` brings them into the text.

A path is the parts of a JSON pointer, with whole numbers for places in lists. What is not there is not a fault of the text but
of the request: BadInput edit_nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from states.errors import BadInput
from states.faults import Path, find_at
from states.schema.notation import KEY_PATTERN
from states.schema.places import NAMED, mentions

Document = dict[str, Any]


def at(document: Any, path: Path) -> Any:
    """What stands at the path; BadInput edit_nowhere where there is nothing."""
    here = find_at(document, path)
    if here is None:
        raise BadInput(why="edit_nowhere")
    return here


def put(document: Document, path: Path, value: Any) -> Document:
    """The document with `value` at the path; None takes the key, or the entry, away."""
    if not path:
        return dict(deepcopy(value))
    changed = deepcopy(document)
    around: Any = at(changed, path[:-1])
    last = path[-1]
    if value is None:
        _take(around, last)
    elif isinstance(around, dict) and isinstance(last, str):
        around[last] = deepcopy(value)
    else:
        at(changed, path)
        around[last] = deepcopy(value)
    return changed


def _take(around: Any, last: str | int) -> None:
    try:
        del around[last]
    except (KeyError, IndexError, TypeError) as error:
        raise BadInput(why="edit_nowhere") from error


def insert(document: Document, path: Path, value: Any) -> Document:
    """The document with `value` as the last entry of the list at the path, which is begun where it is not there."""
    changed = deepcopy(document)
    around, last = at(changed, path[:-1]), path[-1]
    is_key = isinstance(around, dict) and isinstance(last, str)
    listed = around.setdefault(last, []) if is_key else at(changed, path)
    if not isinstance(listed, list):
        raise BadInput(why="edit_nowhere")
    listed.append(deepcopy(value))
    return changed


def move(document: Document, path: Path, by: int) -> Document:
    """The document with an entry of a list moved up (-1) or down (1); at the end of the list it stays."""
    changed = deepcopy(document)
    listed, index = at(changed, path[:-1]), path[-1]
    at(changed, path)
    if not isinstance(listed, list) or not isinstance(index, int):
        raise BadInput(why="edit_nowhere")
    target = index + by
    if 0 <= target < len(listed):
        listed.insert(target, listed.pop(index))
    return changed


def rename(document: Document, what: str, old: str, new: str) -> Document:
    """The document in which a state, verb, fact, clock or ladder has another key, and is called so wherever it is named."""
    if not re.fullmatch(KEY_PATTERN, new):
        raise BadInput(why="edit_not_a_key", value=new[:60])
    if new != old and new in keys_of(document, what):
        raise BadInput(why="edit_key_taken", value=new)
    changed = deepcopy(document)
    listed, name = NAMED[what]
    places = [path for path, named, value in mentions(document) if named == what and value == old]
    for path in places:
        around = at(changed, path[:-1])
        if isinstance(around, dict) and path[-1] == old:
            renamed = {new if key == old else key: value for key, value in around.items()}
            around.clear()
            around.update(renamed)
        else:
            around[path[-1]] = new
    things = [thing for thing in _entries(changed, listed) if thing.get(name) == old]
    for thing in things:
        thing[name] = new
    if what == "field":
        _rename_questions(changed, old, new)
    return changed


def _rename_questions(document: Document, old: str, new: str) -> None:
    """An answer that becomes a fact is asked under the fact's name."""
    rule = document.get("consent")
    is_bound = isinstance(rule, dict) and new in (rule.get("bound") or ())
    for transition in _entries(document, "transitions"):
        for question in _entries(transition, "form"):
            if question.get("key") == old and (question.get("stores", True) or is_bound):
                question["key"] = new


def keys_of(document: Mapping[str, Any], what: str) -> list[str]:
    """The keys of all states, verbs, facts, clocks or ladders, in order."""
    listed, name = NAMED[what]
    return list(dict.fromkeys(str(thing[name]) for thing in _entries(document, listed) if thing.get(name)))


def _entries(document: Mapping[str, Any], listed: str) -> Iterator[dict[str, Any]]:
    found = document.get(listed)
    yield from (thing for thing in (found if isinstance(found, list) else ()) if isinstance(thing, dict))


def remove(document: Document, path: Path) -> Document:
    """The document without the part; a state, verb, fact, clock or ladder goes with every mention of it."""
    thing = at(document, path)
    what = next((what for what, (listed, _) in NAMED.items() if path[:-1] == (listed,)), "")
    changed = put(document, path, None)
    name = thing.get(NAMED[what][1]) if what and isinstance(thing, Mapping) else None
    if name is None or name in keys_of(changed, what):
        return changed
    return _forget(changed, what, str(name))


def _forget(document: Document, what: str, name: str) -> Document:
    """Takes away each mention: from lists, and with it the whole of what is nothing without it."""
    while found := next((path for path, named, value in mentions(document) if (named, value) == (what, name)), None):
        document = _without(document, found)
    return document


def _without(document: Document, path: Path) -> Document:
    listed = at(document, path[:-1])
    is_last = isinstance(listed, list) and len(listed) == 1
    is_needed = path[-2:-1] and path[-2] in ("from", "runs_in")
    if (is_last and is_needed) or path[-1] == "to":
        # A verb without states, and a clock without any it runs in, are nothing.
        return remove(document, path[:2])
    if path[-1] == "on":
        starts = at(document, path[:3])
        return put(document, path[:4], None) if len(starts) > 1 else remove(document, path[:2])
    if "guards" in path or "effects" in path:
        return put(document, path[: next(n for n, part in enumerate(path) if part in ("guards", "effects")) + 2], None)
    return put(document, path[:-1] if is_last else path, None)
