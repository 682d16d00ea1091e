"""What a page asks to be done to a draft, as the next text and the next places of its states. EDITS lists every way.

Each edit reads the form and the draft as it stands, and changes nothing: the view stores what comes back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from config.documents import DocumentFault, parse
from config.rewriting import rewrite
from states.definition import STAY
from states.errors import BadInput
from states.faults import Path, path_of
from states.schema.notation import Many
from states.schema.places import NAMED, place_at
from web.designer.beginnings import beginning_of
from web.designer.controls import controls_at
from web.designer.following import after_move, by_name
from web.designer.graph import place_of
from web.designer.living import as_it_came
from web.designer.mending import mended
from web.designer.names import thing_at
from web.designer.proving import HOSTILE, prove_draft, read_draft
from web.designer.typed import read_panel
from web.language import current_language
from web.text_files import document_words
from workflow.versions import editing
from workflow.versions.editing import Document

Posted = MultiDict[str, str]
_PLACE = re.compile(r"([a-z][a-z0-9_]{0,59})=(-?[0-9]{1,5}),(-?[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft while it is edited: its text, the places of its states, and the pointer whose panel is open."""

    kind: str
    source: str
    layout: Mapping[str, Any]
    at: str = ""


def edited(draft: Draft, form: Posted) -> Draft:
    """The draft after the edit that the form asks for. Raises BadInput, InvalidForm."""
    act = form.get("act", "")
    if act not in EDITS:
        raise BadInput(why="edit_unknown")
    return EDITS[act](draft, form)


def required_text(source: str) -> str:
    """The text, if it may be kept at all; BadInput draft_hostile for what YAML could smuggle in."""
    try:
        parse(source, name="draft")
    except DocumentFault as fault:
        if fault.code in HOSTILE:
            said = document_words(fault.code, fault.detail, current_language())
            raise BadInput(why="draft_hostile", line=fault.line, said=said) from fault
    return source


def _document(draft: Draft) -> Document:
    document, _fault = read_draft(draft.source)
    if document is None:
        raise BadInput(why="draft_unreadable")
    data: Document = document.data
    return data


def _written(draft: Draft, document: Document, at: str | None = None) -> Draft:
    told = replace(draft, source=rewrite(draft.source, document))
    return told if at is None else replace(told, at=at)


def _panel(draft: Draft, form: Posted) -> Draft:
    """The boxes of the open panel, and then what the pressed button asks for beside."""
    document, path = _document(draft), path_of(draft.at)
    controls = controls_at(document, path)
    if controls:
        document = editing.put(document, path, read_panel(form, controls, editing.at(document, path)))
    saved = _written(draft, document)
    return _then(saved, form["then"]) if form.get("then") else saved


def _then(draft: Draft, asked: str) -> Draft:
    """add, remove, up, down and to, with the pointer that they are about; to says the place too, as in to:/states/3=0."""
    verb, _, about = asked.partition(":")
    pointer, _, place = about.partition("=")
    document, path = _document(draft), path_of(pointer)
    if verb == "add":
        return _added(draft, document, path)
    if not path or verb not in ("remove", "up", "down", "to"):
        raise BadInput(why="edit_unknown")
    if verb == "to":
        return _moved(draft, document, path, place)
    if verb == "remove":
        left = editing.remove(document, path)
        # What goes may take others of other lists with it.
        told = by_name(draft.at, document, left) if path_of(draft.at)[:1] != path[:1] else after_move(draft.at, path, None)
        return _written(draft, left, told)
    return _moved_by(draft, document, path, -1 if verb == "up" else 1)


def _moved_by(draft: Draft, document: Document, path: Path, by: int) -> Draft:
    """An entry so many places on; the open panel goes with what it is of."""
    index = path[-1]
    around = editing.at(document, path[:-1])
    last = len(around) - 1 if isinstance(around, list) else 0
    told = _written(draft, editing.move(document, path, by))
    if not isinstance(index, int) or not 0 <= index + by <= last:
        return told
    return replace(told, at=after_move(draft.at, path, index + by))


def _moved(draft: Draft, document: Document, path: Path, place: str) -> Draft:
    """An entry of a list at another place of it, where it was dragged to."""
    index = path[-1]
    if not isinstance(index, int) or not re.fullmatch(r"[0-9]{1,4}", place):
        raise BadInput(why="edit_nowhere")
    around = editing.at(document, path[:-1])
    last = len(around) - 1 if isinstance(around, list) else 0
    return _moved_by(draft, document, path, min(int(place), last) - index)


def _added(draft: Draft, document: Document, path: Path) -> Draft:
    new = beginning_of(document, path) if path else None
    if new is None:
        raise BadInput(why="edit_nowhere")
    there = thing_at(document, "".join(f"/{part}" for part in path))
    if isinstance(new, dict | str) and not _is_list(path):
        return _written(draft, editing.put(document, path, new))
    document = editing.insert(document, path, new)
    count = len(there) if isinstance(there, list) else 0
    is_apart = (len(path) == 1 and path[0] not in ("access", "opened_by")) or path[-1] in ("form", "columns") or "tiers" in path
    at = "".join(f"/{part}" for part in (*path, count)) + ("/0" if path[-1] == "tiers" else "")
    return _written(draft, document, at if is_apart else None)


def _is_list(path: Path) -> bool:
    place = place_at(path)
    return place is not None and (isinstance(place.notation, Many) or path[-1] in ("all", "any"))


def _text(draft: Draft, form: Posted) -> Draft:
    told = replace(draft, source=required_text(form.get("source", "").replace("\r\n", "\n")))
    return replace(told, at=followed(draft.at, draft.source, told.source))


def followed(at: str, before: str, after: str) -> str:
    """The pointer of one text in another, by name; as it is where one of them cannot be read."""
    old, new = read_draft(before)[0], read_draft(after)[0]
    return by_name(at, old.data, new.data) if old is not None and new is not None else at


def _rename(draft: Draft, form: Posted) -> Draft:
    document, new = _document(draft), form.get("key", "").strip()
    path = path_of(draft.at)
    what = next((what for what, (listed, _) in NAMED.items() if path[:1] == (listed,) and len(path) == 2), "")
    if not what:
        raise BadInput(why="edit_nowhere")
    old = str(editing.at(document, path).get(NAMED[what][1]))
    layout = {new if key == old and what == "state" else key: value for key, value in draft.layout.items()}
    return replace(_written(draft, editing.rename(document, what, old, new)), layout=layout)


def _state(draft: Draft, form: Posted) -> Draft:
    """A new state where the canvas was pressed."""
    added = _then(draft, "add:/states")
    put = place_of([_number(form, "x"), _number(form, "y")])
    if "x" not in form or put is None:
        return added
    key = str(thing_at(_document(added), added.at)["key"])
    return replace(added, layout={**draft.layout, key: list(put)})


def _number(form: Posted, name: str) -> int | None:
    return int(form[name]) if re.fullmatch(r"-?[0-9]{1,5}", form.get(name, "")) else None


def _connect(draft: Draft, form: Posted) -> Draft:
    """A new verb from one state to another."""
    document = _document(draft)
    states = editing.keys_of(document, "state")
    source, target = form.get("source", ""), form.get("target", "")
    if source not in states or target not in states:
        raise BadInput(why="edit_nowhere")
    new = beginning_of(document, ("transitions",))
    new |= {"from": [source], "to": STAY if source == target else target}
    count = len(document["transitions"]) if isinstance(document.get("transitions"), list) else 0
    return _written(draft, editing.insert(document, ("transitions",), new), f"/transitions/{count}")


def _places(draft: Draft, form: Posted) -> Draft:
    """Where states were dragged to; none at all is the automatic layout."""
    told = {}
    for line in form.getlist("place"):
        found = _PLACE.fullmatch(line)
        if found is None:
            raise BadInput(why="edit_nowhere")
        told[found[1]] = [int(found[2]), int(found[3])]
    return replace(draft, layout={**draft.layout, **told} if told else {})


def _mend(draft: Draft, form: Posted) -> Draft:
    document, _fault = read_draft(draft.source)
    found = prove_draft(document, draft.kind) if document is not None else ()
    wanted = next(
        (one for one in found if one.fault.id == form.get("fault") and one.fault.pointer == form.get("pointer")), None
    )
    if document is None or wanted is None or not wanted.mend:
        raise BadInput(why="edit_nowhere")
    return _written(draft, mended(document.data, wanted.fault), wanted.at if form.get("look") else None)


def _adopt(draft: Draft, form: Posted) -> Draft:
    """What came of the open scenario is from now on what it expects."""
    document, _fault = read_draft(draft.source)
    path = path_of(draft.at)
    if document is None or prove_draft(document, draft.kind) or path[:1] != ("scenarios",) or not isinstance(path[1], int):
        raise BadInput(why="edit_nowhere")
    return _written(draft, editing.put(document.data, (*path[:2], "expect"), as_it_came(document, path[1])))


EDITS: Mapping[str, Callable[[Draft, Posted], Draft]] = {
    "panel": _panel,
    "then": lambda draft, form: _then(draft, form.get("then", "")),
    "text": _text,
    "rename": _rename,
    "state": _state,
    "connect": _connect,
    "places": _places,
    "mend": _mend,
    "adopt": _adopt,
}
