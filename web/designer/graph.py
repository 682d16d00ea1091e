"""The drawing of a draft: what the canvas draws, and the picture for whoever has no script."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import url_for
from markupsafe import Markup

from states.definition import STAY, Definition
from states.draw import svg
from states.draw.row import BETWEEN, HIGH, MARGIN, WIDE, Row, in_a_row
from states.errors import DefinitionError
from states.schema import load
from web.designer.names import spoken
from web.designer.proving import read_draft
from web.designer.saying import gettext
from web.designer.summaries import of_state
from web.language import current_language

_FAR = 100_000


@lru_cache(maxsize=16)
def loaded(source: str) -> Definition | None:
    """The definition of a text, as far as its form goes; None where it cannot even be drawn."""
    document, _fault = read_draft(source)
    try:
        definition = load(document.data) if document is not None else None
    except (DefinitionError, TypeError):
        return None
    if definition is None:
        return None
    known = set(definition.state_by_key)
    drawn = all({*t.sources, t.target if t.target != STAY else next(iter(known))} <= known for t in definition.transitions)
    return definition if drawn and len(known) == len(definition.states) else None


def picture(definition: Definition | None, draft_id: int, standing: Mapping[str, int]) -> Markup:
    """The drawing, each state a link to its panel with the number of its open cases."""
    if definition is None:
        return Markup("")
    said: dict[str | tuple[str, str], list[tuple[str, str]]] = {}
    for index, state in enumerate(definition.states):
        said[state.key] = [(gettext("修改"), url_for("designer.draft_page", draft_id=draft_id, at=f"/states/{index}"))]
        if standing.get(state.key):
            said[state.key].append((gettext("在办%(n)s项", n=standing[state.key]), ""))
    # Every word of a definition is escaped by the drawing itself.
    return Markup(svg(definition, current_language(), said=said))  # noqa: S704  # our own drawing, which escapes what it letters


def graph(
    document: Any,
    definition: Definition | None,
    layout: Mapping[str, Any],
    counts: Mapping[str, int],
    standing: Mapping[str, int],
) -> dict[str, Any]:
    """Nodes and edges for the canvas. States that somebody has moved stand where he put them, all others in a row.

    `counts` are the faults at each place, `standing` the open cases in each state.
    """
    row = in_a_row(definition, current_language()) if definition is not None else Row({}, {})
    states = _mappings(document, "states")
    nodes = [_node(document, index, state, order, row, layout, counts) for order, (index, state) in enumerate(states)]
    nodes = [{**node, "open": standing.get(node["id"], 0)} for node in nodes]
    moved = {node["id"] for node in nodes if node["moved"]}
    keys = {node["id"] for node in nodes}
    ways: dict[tuple[str, str], list[tuple[int, Mapping[str, Any]]]] = {}
    for index, transition in _mappings(document, "transitions"):
        sources, target = transition.get("from"), transition.get("to")
        for source in sources if isinstance(sources, list) else []:
            if source in keys and target in keys and source != target:
                ways.setdefault((str(source), str(target)), []).append((index, transition))
    edges = [_edge(ends, found, row, counts, straight=not moved & set(ends)) for ends, found in ways.items()]
    return {"nodes": nodes, "edges": edges}


def stays(document: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Of each state the verbs that do not leave it, which are no line of the drawing: (state, [(pointer, verb)])."""
    loops: dict[str, list[tuple[str, str]]] = {}
    for index, transition in _mappings(document, "transitions"):
        sources, target = transition.get("from"), transition.get("to")
        title = spoken(transition.get("title", transition.get("trigger", "")))
        for source in sources if isinstance(sources, list) else []:
            if target in (STAY, source):
                loops.setdefault(str(source), []).append((f"/transitions/{index}", title))
    states = _mappings(document, "states")
    named = [(spoken(state.get("title", state.get("key"))), loops.get(str(state.get("key")), [])) for _, state in states]
    return [(title, found) for title, found in named if found]


def _mappings(document: Any, key: str) -> list[tuple[int, Mapping[str, Any]]]:
    found = document.get(key) if isinstance(document, Mapping) else None
    return [(n, one) for n, one in enumerate(found) if isinstance(one, Mapping)] if isinstance(found, list) else []


def _node(
    document: Any,
    index: int,
    state: Mapping[str, Any],
    order: int,
    row: Row,
    layout: Mapping[str, Any],
    counts: Mapping[str, int],
) -> dict[str, Any]:
    key = str(state.get("key"))
    put = place_of(layout.get(key))
    x, y = put or row.states.get(key) or (MARGIN + WIDE / 2 + order * (WIDE + BETWEEN), MARGIN + HIGH)
    return {
        "id": key,
        "at": f"/states/{index}",
        "title": spoken(state.get("title", key)),
        "lines": of_state(document, key),
        "initial": state.get("initial") is True,
        "final": state.get("final") is True,
        "faults": counts.get(f"/states/{index}", 0),
        "x": x,
        "y": y,
        "moved": put is not None,
    }


def _edge(
    ends: tuple[str, str], found: list[tuple[int, Mapping[str, Any]]], row: Row, counts: Mapping[str, int], *, straight: bool
) -> dict[str, Any]:
    titles = list(dict.fromkeys(spoken(transition.get("title", transition.get("trigger", ""))) for _, transition in found))
    return {
        "id": "/".join(ends),
        "source": ends[0],
        "target": ends[1],
        "title": gettext("%(title)s等%(n)s个", title=titles[0], n=len(titles)) if len(titles) > 1 else titles[0],
        "said": gettext("、").join(titles),
        "at": f"/transitions/{found[0][0]}" if len(found) == 1 else f"way:{ends[0]}:{ends[1]}",
        "faults": sum(counts.get(f"/transitions/{index}", 0) for index, _ in found),
        "points": row.ways.get(ends, ()) if straight else (),
    }


def place_of(told: Any) -> tuple[int, int] | None:
    """Where a state was put, if that is a place."""
    if isinstance(told, list | tuple) and len(told) == 2 and all(type(one) in (int, float) and abs(one) < _FAR for one in told):
        return round(told[0]), round(told[1])
    return None
