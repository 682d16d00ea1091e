"""The layout of the drawing laid on its side, for a canvas that is wider than high: states in a row, leaps in lanes beside it.

Lanes, and the order in which ways leave and enter a state, are those of `layout.arrange`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from states.definition import Definition
from states.draw.layout import Layout, Way, arrange

WIDE, HIGH = 160.0, 96.0
BETWEEN, LANE, PORT, MARGIN = 120.0, 44.0, 22.0, 40.0
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """The middle of each state, and for each way, by the keys of its ends, the points that its line bends at."""

    states: Mapping[str, Point]
    ways: Mapping[tuple[str, str], tuple[Point, ...]]


def in_a_row(definition: Definition, language: str) -> Row:
    """The layout of a definition on its side."""
    layout = arrange(definition, language)
    keys = [box.key for box in layout.boxes]
    # Ways that go on lie above the row and those that go back below it.
    above = max((way.lane for way in layout.ways if not way.back), default=0)
    middle = MARGIN + above * LANE + HIGH / 2
    places = {key: (MARGIN + WIDE / 2 + order * (WIDE + BETWEEN), middle) for order, key in enumerate(keys)}
    ways = {(keys[way.source], keys[way.target]): _points(layout, index, way, middle) for index, way in enumerate(layout.ways)}
    return Row(places, ways)


def _points(layout: Layout, index: int, way: Way, middle: float) -> tuple[Point, ...]:
    start, end = _across(layout, index, 0), _across(layout, index, 1)
    if not way.lane:
        left = MARGIN + way.source * (WIDE + BETWEEN) + WIDE
        return ((left, middle), (left + BETWEEN, middle))
    side = 1 if way.back else -1
    edge = middle + side * HIGH / 2
    lane = edge + side * way.lane * LANE
    return ((start, edge), (start, lane), (end, lane), (end, edge))


def _across(layout: Layout, index: int, end: int) -> float:
    """Where a way leaves or enters its state, from the order of the ends at that side."""
    way = layout.ways[index]
    row = way.target if end else way.source
    box = layout.boxes[row]
    height = layout.ports.get((index, end), box.top + box.height / 2)
    away = (height - box.top - box.height / 2) / 16.0 * PORT
    return MARGIN + WIDE / 2 + row * (WIDE + BETWEEN) + max(-WIDE / 2 + 8, min(WIDE / 2 - 8, away))
