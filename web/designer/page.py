"""Everything that the page of a draft shows, read from its text and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup

from states.definition import ASKER, Field
from states.errors import DefinitionError, InvalidForm
from states.faults import path_of
from states.forms import opening_fields, transition_fields
from states.schema import load
from states.schema.places import NAMED, place_at
from web.current import office
from web.designer import words
from web.designer.boxes import Control
from web.designer.controls import LISTED, controls_at
from web.designer.edits import Draft
from web.designer.glossary import words_in
from web.designer.graph import graph, loaded, picture, stays
from web.designer.living import Scene, counts_of, otherwise, scenes_of
from web.designer.names import ladder_words, named_in, post_words, spoken, thing_at, wheres
from web.designer.proving import Found, counted, prove_draft, read_draft, text_fault, where_words
from web.designer.saying import gettext
from web.designer.summaries import summary
from web.designer.typed import Posted, read_panel
from workflow.reads.versions import open_by_state
from workflow.versions import editing
from workflow.versions.steps import Steps, read_steps

# The list's key → its kind of thing.
SHAPES = dict(zip(LISTED, ("State", "Transition", "Field", "Clock", "Ladder", "Rule", "Scenario"), strict=True))

# As little as a definition says around a form that is previewed.
_AROUND: Mapping[str, Any] = {
    "key": "form",
    "title": "form",
    "number": "{n}",
    "opened_by": [],
    "access": [],
    "states": [{"key": "s", "title": "s"}],
}
_STEP: Mapping[str, Any] = {"trigger": "t", "title": "t", "from": ["s"], "to": "=", "who": []}


@dataclass(frozen=True, slots=True)
class Panel:
    """The open panel: what it is of, its boxes, and what can be done with the whole."""

    at: str
    title: str
    thing: str
    controls: tuple[Control, ...]
    key: str = ""
    is_renamed: bool = False
    is_removed: bool = False
    around: tuple[tuple[str, str], ...] = ()
    beside: tuple[tuple[str, str], ...] = ()
    form: tuple[Field, ...] = ()
    names: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class View:
    """The page of a draft."""

    source: str
    found: tuple[Found, ...]
    counts: Mapping[str, int]
    is_read: bool
    graph: Mapping[str, Any]
    picture: Markup
    outline: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]
    panel: Panel | None
    steps: Steps
    title: str = ""
    line: int = 1
    scenes: tuple[Scene, ...] = ()
    standing: Mapping[str, int] = field(default_factory=dict)
    stays: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    words: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()

    @property
    def said(self) -> tuple[Found, ...]:
        """What stands at its box: the faults, and what came out otherwise of the scenarios."""
        return (*self.found, *otherwise(self.scenes))

    @property
    def is_waiting(self) -> bool:
        """Is there a scenario that these rules have not been lived through with?"""
        return any(scene.outcome == "waiting" for scene in self.scenes)

    @property
    def is_well(self) -> bool:
        """Did every scenario, of one at least, come out as it says?"""
        return bool(self.scenes) and all(scene.outcome == "well" for scene in self.scenes)

    @property
    def open_scene(self) -> Scene | None:
        """The scenario whose panel is open."""
        return next((scene for scene in self.scenes if self.panel and self.panel.at == scene.pointer), None)

    @property
    def brought_about(self) -> tuple[tuple[Scene, Found], ...]:
        """What the open step or clock has brought about in scenarios."""
        at = self.panel.at if self.panel else ""
        return tuple((scene, one) for scene in self.scenes for one in scene.found if at and one.at == at)

    @property
    def lines(self) -> tuple[tuple[int, int], ...]:
        """Each line of the text and how many faults stand at it."""
        at: dict[int, int] = {}
        for one in self.said:
            at[one.line] = at.get(one.line, 0) + 1
        return tuple((n, at.get(n, 0)) for n in range(1, self.source.count("\n") + 2))


def view_of(draft: Draft, draft_id: int, typed: Posted | None = None) -> View:
    """The page; `typed` is what a refused form holds, which stays in its boxes."""
    document, fault = read_draft(draft.source)
    steps, standing = office().database.read(lambda store: (read_steps(store, draft_id), open_by_state(store, draft.kind)))
    source = typed.get("source", draft.source) if typed and typed.get("act") == "text" else draft.source
    if document is None:
        assert fault is not None, "a text is read, or there is a fault"
        return View(
            source, (text_fault(fault),), {}, False, {"nodes": [], "edges": []}, Markup(""), (), None, steps, draft.kind
        )
    data = document.data
    found = prove_draft(document, draft.kind)
    definition = loaded(draft.source)
    scenes = scenes_of(document, definition if not found else None)
    counts = dict(Counter(counted(found)) + Counter(counts_of(scenes)))
    return View(
        source,
        found,
        counts,
        True,
        graph(data, definition, draft.layout, counts, standing),
        picture(definition, draft_id, standing),
        tuple(_outline(data)),
        panel_of(data, draft.at, typed),
        steps,
        spoken(data.get("title", draft.kind)),
        document.line_of(draft.at) if draft.at.startswith("/") else 1,
        scenes,
        standing,
        tuple((title, tuple(found)) for title, found in stays(data)),
        tuple(words_in(data, source)),
    )


def _outline(document: Any) -> Any:
    for listed, shape in SHAPES.items():
        if listed == "scenarios":
            continue  # They are listed where it is told how they came out.
        found = document.get(listed)
        entries = tuple(
            (f"/{listed}/{n}", summary(one, document)) for n, one in enumerate(found if isinstance(found, list) else ())
        )
        yield listed, gettext(words.THINGS[shape]), entries


def panel_of(document: Any, at: str, typed: Posted | None = None) -> Panel | None:
    """The panel at a pointer, of a way between two states, or of the kind itself where there is nothing."""
    if at.startswith("way:"):
        return _way(document, at)
    path = path_of(at)
    place, value = place_at(path), thing_at(document, at)
    if path and (place is None or not controls_at(document, path)):
        return panel_of(document, "", typed)
    controls = controls_at(document, path)
    if typed is not None and typed.get("act") == "panel":
        controls = _with_typed(document, controls, path, typed)
    what = next((what for what, (listed, _) in NAMED.items() if path[:1] == (listed,) and len(path) == 2), "")
    shape = type(place.made).__name__.removesuffix("Schema") if place is not None and place.made is not None else "tiers"
    key = str(value.get(NAMED[what][1], "")) if what and isinstance(value, Mapping) else ""
    return Panel(
        at,
        where_words(document, at) if path else spoken(document.get("title", "")),
        gettext(words.THINGS[shape]),
        controls,
        typed.get("key", key) if typed is not None and typed.get("act") == "rename" else key,
        bool(what),
        bool(path),
        tuple(_around(document, at)),
        tuple(_beside(document, path, key)),
        _form(document, path),
    )


def _with_typed(document: Any, controls: tuple[Control, ...], path: Any, typed: Posted) -> tuple[Control, ...]:
    """The boxes as they were sent, on the draft as it stands now; a value that cannot be read is shown as it was typed."""
    try:
        changed = editing.put(document, path, read_panel(typed, controls, editing.at(document, path)))
    except InvalidForm:
        return tuple(
            replace(one, value=typed.get(one.name, one.value)) if one.kind in ("words", "plain") else one for one in controls
        )
    return controls_at(changed, path)


def _way(document: Any, at: str) -> Panel:
    """Every verb from one state to another."""
    _, source, target = [*at.split(":"), "", ""][:3]
    states = dict(named_in(document, "state"))
    found = document.get("transitions")
    links = [
        (f"/transitions/{n}", summary(one, document))
        for n, one in enumerate(found if isinstance(found, list) else ())
        if isinstance(one, Mapping) and one.get("to") == target and source in (one.get("from") or ())
    ]
    title = f"{states.get(source, source)} → {states.get(target, target)}"
    return Panel(at, title, gettext(words.THINGS["Transition"]), (), beside=tuple(links), names=(source, target))


def _around(document: Any, at: str) -> Any:
    """The panels that this one stands in, from the outermost."""
    path = path_of(at)
    yield "", gettext("全部")
    for length in range(2, len(path)):
        place, pointer = place_at(path[:length]), "".join(f"/{part}" for part in path[:length])
        if place is not None and place.made is not None and isinstance(path[length - 1], int):
            yield pointer, summary(thing_at(document, pointer), document)


def _beside(document: Any, path: Any, key: str) -> Any:
    """Of a state the verbs that leave it and the clocks that run in it; of a clock its ladder."""
    if path[:1] == ("states",):
        for listed, name in (("transitions", "from"), ("clocks", "runs_in")):
            found = document.get(listed)
            for n, one in enumerate(found if isinstance(found, list) else ()):
                if isinstance(one, Mapping) and key in (one.get(name) or ()):
                    yield f"/{listed}/{n}", f"{gettext(words.THINGS[SHAPES[listed]])} {summary(one, document)}"
    if path[:1] == ("clocks",):
        ladder = thing_at(document, "".join(f"/{part}" for part in path)).get("ladder")
        keys = editing.keys_of(document, "ladder")
        if ladder in keys:
            yield f"/ladders/{keys.index(ladder)}", gettext("督促 %(title)s", title=ladder_words(document, ladder))


def _form(document: Any, path: Any) -> tuple[Field, ...]:
    """The questions of the open step, or of registering where a fact is open, for the preview; none that cannot be read."""
    told = thing_at(document, f"/transitions/{path[1]}") if path[:1] == ("transitions",) and len(path) > 1 else None
    own = {key: told[key] for key in ("form", "grounds") if isinstance(told, Mapping) and key in told}
    facts = document["fields"] if path[:1] == ("fields",) else []
    if told is None and not facts:
        return ()
    try:
        read = load({**_AROUND, "fields": facts, "transitions": [{**_STEP, **own}]})
    except (DefinitionError, TypeError):
        return ()
    return opening_fields(read) if told is None else transition_fields(read.transitions[0])


def post_picks() -> dict[str, Any]:
    """The roles and the places of which a post is made, and whoever asked, whom a step that answers may tell."""
    titles, asker = office().titles["roles"], (ASKER, post_words(ASKER))
    roles = [(name, spoken(told)) for name, told in titles.items() if "posts" in told]
    return {"roles": roles, "wheres": wheres(), "asker": asker}
