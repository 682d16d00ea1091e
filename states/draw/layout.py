"""Where everything stands: states in one column, in the order written; the ways that leap or go back run in lanes beside it.

A way to the next state is a straight arrow. One that leaps ahead has a lane on the right, one that goes back on the left; a
lane is as wide as its labels. Labels stand between the rows of states, and the ways enter and leave lanes only at the height
of a state. So no label can lie on another, on a state, or on a line that is not its own. Verbs that stay are listed in the box.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from states.definition import STAY, Definition
from states.draw.lettering import FONT, LINE, SMALL, listed, width_of, wrapped

BOX = 220.0
MARGIN = 24.0
PORT = 16.0
PADDING = 14.0
LABEL = 150.0
GAP = 34.0
# What is said of a state, by its key, and of a way, by the keys of its ends.
Said = Mapping[str | tuple[str, str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Way:
    """All verbs from one state to another; `lane` counts outwards from the column, 0 is the straight arrow."""

    source: int
    target: int
    label: tuple[str, ...]
    lane: int = 0
    said: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Its verbs, and what is said of it."""
        return (*self.label, *self.said)

    @property
    def back(self) -> bool:
        """Does it go up the column?"""
        return self.target < self.source

    @property
    def gap(self) -> int:
        """The gap between rows in which its label stands: the one beside its source."""
        return self.source - 1 if self.back else self.source

    @property
    def gaps(self) -> range:
        """Every gap it passes."""
        return range(min(self.source, self.target), max(self.source, self.target))


@dataclass(frozen=True, slots=True)
class Box:
    """A state: its lines, what is said of it, the verbs that stay in it, and where it stands."""

    key: str
    title: tuple[str, ...]
    phrase: tuple[str, ...]
    stays: tuple[str, ...]
    top: float = 0.0
    height: float = 0.0
    said: tuple[str, ...] = ()

    @property
    def lines(self) -> int:
        """All lines of text in it."""
        return len(self.title) + len(self.phrase) + len(self.said) + len(self.stays)


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole picture in pixels. `ports` gives the height at which a way leaves (0) or enters (1) its box."""

    width: float
    height: float
    left: float
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]
    lanes: Mapping[tuple[bool, int], float]
    ports: Mapping[tuple[int, int], float] = field(default_factory=dict)


def arrange(definition: Definition, language: str, *, corner: float = 0.0, said: Said | None = None) -> Layout:
    """The layout of a definition, with its labels in `language`; `corner` is the width kept free for a number.

    `said` are lines for a state, by its key, and for a way, by both its ends.
    """
    ways = _ways(definition, language, said or {})
    boxes = _boxes(definition, language, BOX - 2 * max(corner, PADDING), said or {})
    left, lanes, width = _lanes(ways)
    sides = {(index, back): _side(ways, index, back) for index in range(len(boxes)) for back in (False, True)}
    boxes = _stacked(boxes, ways, sides)
    height = boxes[-1].top + boxes[-1].height + MARGIN
    return Layout(width, height, left, boxes, ways, lanes, _ports(boxes, sides))


# ---- states and ways ------------------------------------------------------------------------------------------------


def _boxes(definition: Definition, language: str, most: float, said: Said) -> tuple[Box, ...]:
    boxes = []
    comma = "、" if language.startswith("zh") else ", "
    for state in definition.states:
        title, phrase = state.title.in_(language), state.phrase.in_(language)
        lines = wrapped(title, most, FONT)
        under = wrapped(phrase, BOX - 2 * PADDING) if phrase != title else []
        names = [t.title.in_(language) for t in definition.triggers_from[state.key] if t.target in (STAY, state.key)]
        stays = listed(dict.fromkeys(names), BOX - 2 * PADDING - width_of("↻ "), comma)
        stays[:1] = ["↻ " + line for line in stays[:1]]
        boxes.append(Box(state.key, tuple(lines), tuple(under), tuple(stays), said=tuple(said.get(state.key, ()))))
    return tuple(boxes)


def _ways(definition: Definition, language: str, said: Said) -> tuple[Way, ...]:
    row = {state.key: index for index, state in enumerate(definition.states)}
    titles: dict[tuple[int, int], list[str]] = {}
    for transition in definition.transitions:
        for source in transition.sources:
            target = transition.target_from(source)
            if source != target:
                titles.setdefault((row[source], row[target]), []).append(transition.title.in_(language))
    keys = [state.key for state in definition.states]
    ways = [
        Way(source, target, _label(names), said=tuple(said.get((keys[source], keys[target]), ())))
        for (source, target), names in sorted(titles.items())
    ]
    return tuple(_in_lanes(ways))


def _label(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for name in dict.fromkeys(names) for line in wrapped(name, LABEL))


def _in_lanes(ways: Sequence[Way]) -> Iterable[Way]:
    """Short ways take the inner lanes; two ways share a lane only where they pass no gap together."""
    taken: dict[tuple[bool, int], set[int]] = {}
    for way in sorted(ways, key=lambda w: (len(w.gaps), w.source)):
        if way.target == way.source + 1:
            yield way
            continue
        # Neighbouring gaps too: at a state that both touch, one would run into the other.
        near = {gap + step for gap in way.gaps for step in (-1, 0, 1)}
        lane = next(n for n in range(1, len(ways) + 2) if not near & taken.get((way.back, n), set()))
        taken.setdefault((way.back, lane), set()).update(way.gaps)
        yield replace(way, lane=lane)


# ---- where they stand -----------------------------------------------------------------------------------------------


def _lanes(ways: Sequence[Way]) -> tuple[float, Mapping[tuple[bool, int], float], float]:
    """The left edge of the column, the x of each lane's line, and the width of the whole."""
    room: dict[tuple[bool, int], float] = {}
    for way in ways:
        if way.lane:
            wide = max(width_of(line) for line in way.lines) + PADDING
            room[way.back, way.lane] = max(room.get((way.back, way.lane), 0.0), wide)
    lanes: dict[tuple[bool, int], float] = {}
    left = MARGIN + sum(wide + PADDING for (back, _), wide in room.items() if back)
    here = left
    for lane in sorted(lane for back, lane in room if back):
        here -= PADDING
        lanes[True, lane] = here
        here -= room[True, lane]
    # The label of a straight arrow stands right of the middle and may be wider than half a box.
    beside = max((width_of(line) for way in ways if not way.lane for line in way.lines), default=0.0)
    here = left + max(BOX, BOX / 2 + beside + PADDING)
    for lane in sorted(lane for back, lane in room if not back):
        here += PADDING
        lanes[False, lane] = here
        here += room[False, lane]
    return left, lanes, here + MARGIN


def _side(ways: Sequence[Way], row: int, back: bool) -> list[tuple[int, int]]:
    """The ends (way, 0 leaving or 1 entering) at one side of a state from top to bottom, so that lanes cross least.

    Ways going up come first, inner lanes before outer; then ways going down, outer lanes before inner.
    """
    ends = []
    for index, way in enumerate(ways):
        if way.lane and way.back == back and row in (way.source, way.target):
            end = 0 if row == way.source else 1
            goes_up = (way.target if end == 0 else way.source) < row
            ends.append(((not goes_up, way.lane if goes_up else -way.lane), (index, end)))
    return [end for _, end in sorted(ends)]


def _stacked(
    boxes: Sequence[Box], ways: Sequence[Way], sides: Mapping[tuple[int, bool], list[tuple[int, int]]]
) -> tuple[Box, ...]:
    top = MARGIN + GAP
    stacked = []
    for row, box in enumerate(boxes):
        text = box.lines * LINE + PADDING + (PADDING / 2 if box.stays else 0)
        ports = max(len(sides[row, False]), len(sides[row, True])) * PORT
        height = max(text, ports + PADDING, 46.0)
        stacked.append(replace(box, top=top, height=height))
        lines = max((len(way.lines) for way in ways if way.gap == row), default=0)
        top += height + max(GAP, lines * LINE + PADDING)
    return tuple(stacked)


def _ports(boxes: Sequence[Box], sides: Mapping[tuple[int, bool], list[tuple[int, int]]]) -> Mapping[tuple[int, int], float]:
    ports: dict[tuple[int, int], float] = {}
    for (row, _), ends in sides.items():
        box = boxes[row]
        for order, end in enumerate(ends):
            ports[end] = box.top + box.height / 2 + (order - (len(ends) - 1) / 2) * PORT
    return ports


def label_top(layout: Layout, way: Way) -> float:
    """The baseline of the first line of a way's label, in the middle of its gap."""
    above, below = layout.boxes[way.gap], layout.boxes[way.gap + 1]
    middle = (above.top + above.height + below.top) / 2
    return middle - (len(way.lines) - 1) * LINE / 2 + SMALL * 0.36
