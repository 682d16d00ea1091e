"""The layout as SVG: presentation attributes and classes only, so that it obeys any theme and any content policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from states.definition import Definition
from states.draw.layout import BOX, Layout, Way, arrange, label_top
from states.draw.lettering import FONT, LINE, SMALL, width_of

_CORNER = 8.0
# A line of words and the address that it leads to, "" for none.
Line = tuple[str, str]
Lines = Mapping[str | tuple[str, str], Sequence[Line]]
_NAMES = {"zh-Hans": "流程图", "zh-Hant": "流程圖", "en": "workflow"}


def svg(
    definition: Definition,
    language: str = "zh-Hans",
    *,
    counts: Mapping[str, int] | None = None,
    way: Sequence[str] | None = None,
    said: Lines | None = None,
) -> str:
    """The diagram of a definition as one SVG element.

    `counts` writes a number into each state, `way` marks the states a case has been in, in order; the last is where it is.
    `said` are more lines in a state, by its key, or beside a way, by both its ends; a line may lead somewhere.
    Lines and words have the colour of the text around it (`currentColor`); classes: flow, state, initial, final, been,
    present, way, taken.
    """
    widest = max((width_of(str(number)) for number in (counts or {}).values()), default=0.0)
    told = said or {}
    words = {key: [line for line, _ in lines] for key, lines in told.items()}
    layout = arrange(definition, language, corner=widest + 20 if counts else 0.0, said=words)
    been = list(way or ())
    steps = set(pairwise(been))
    name = f"{definition.title.in_(language)} {_NAMES.get(language, _NAMES['en'])}"
    flow = f"flow-{definition.key}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flow" id={quoteattr(flow)}'
        f' role="{"group" if any(href for lines in told.values() for _, href in lines) else "img"}"'
        f' aria-labelledby="{flow}-name" viewBox="0 0 {layout.width:.0f} {layout.height:.0f}"'
        f' width="{layout.width:.0f}" height="{layout.height:.0f}" fill="none" stroke="none" color="inherit"'
        f' font-family="system-ui, sans-serif" font-size="{SMALL}">',
        f'<title id="{flow}-name">{escape(name)}</title>',
        *_head(flow),
        *(_way(layout, index, flow, steps, told) for index in range(len(layout.ways))),
        *_beginning(definition, layout, flow),
        *(line for row in range(len(layout.boxes)) for line in _box(definition, layout, row, counts or {}, been, told)),
        "</svg>",
    ]
    return "\n".join(parts)


def _head(flow: str) -> Iterator[str]:
    yield (
        f'<defs><marker id="{flow}-head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8"'
        ' markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1 9 5 0 9z" fill="currentColor"/></marker></defs>'
    )


def _beginning(definition: Definition, layout: Layout, flow: str) -> Iterator[str]:
    box = next((b for b, state in zip(layout.boxes, definition.states, strict=True) if state.initial), None)
    if box is not None and box is layout.boxes[0]:
        x, y = layout.left + BOX / 2, box.top
        yield f'<circle cx="{x:.1f}" cy="{y - 30:.1f}" r="5" fill="currentColor"/>'
        yield f'<path d="M{x:.1f} {y - 25:.1f}V{y:.1f}" {_stroke(flow, 1.4)}/>'


def _stroke(flow: str, width: float) -> str:
    return f'stroke="currentColor" stroke-width="{width}" marker-end="url(#{flow}-head)"'


def _way(layout: Layout, index: int, flow: str, steps: set[tuple[str, str]], said: Lines) -> str:
    way = layout.ways[index]
    source, target = layout.boxes[way.source], layout.boxes[way.target]
    taken = (source.key, target.key) in steps
    if way.lane:
        path, x = _lane_path(layout, index)
    else:
        x = layout.left + BOX / 2
        path = f"M{x:.1f} {source.top + source.height:.1f}V{target.top:.1f}"
    classes = "way taken" if taken else "way"
    anchor, beside = ("end", x - 7) if way.back else ("start", x + 7)
    top = label_top(layout, way)
    words = _words(way.label, beside, top, anchor, size=SMALL)
    words += _said(said.get((source.key, target.key), ()), beside, top + len(way.label) * LINE, anchor)
    return (
        f'<g class="{classes}" data-from="{source.key}" data-to="{target.key}">'
        f'<path d="{path}" {_stroke(flow, 2.6 if taken else 1.2)}/>{words}</g>'
    )


def _lane_path(layout: Layout, index: int) -> tuple[str, float]:
    """Out of the box, along the lane, into the other box, with round corners; and the x of the lane."""
    way: Way = layout.ways[index]
    x = layout.lanes[way.back, way.lane]
    edge = layout.left if way.back else layout.left + BOX
    leaves, enters = layout.ports[index, 0], layout.ports[index, 1]
    turn = -_CORNER if way.back else _CORNER
    bend = _CORNER if enters > leaves else -_CORNER
    path = (
        f"M{edge:.1f} {leaves:.1f}H{x - turn:.1f}Q{x:.1f} {leaves:.1f} {x:.1f} {leaves + bend:.1f}"
        f"V{enters - bend:.1f}Q{x:.1f} {enters:.1f} {x - turn:.1f} {enters:.1f}H{edge:.1f}"
    )
    return path, x


def _box(
    definition: Definition, layout: Layout, row: int, counts: Mapping[str, int], been: Sequence[str], said: Lines
) -> Iterator[str]:
    box, state = layout.boxes[row], definition.states[row]
    present = bool(been) and been[-1] == state.key
    marks = {"initial": state.initial, "final": state.final, "been": state.key in been, "present": present}
    yield f'<g class="{" ".join(["state", *(name for name, on in marks.items() if on)])}" data-state="{state.key}">'
    x, middle = layout.left, layout.left + BOX / 2
    shade = 0.16 if present else 0.07 if state.key in been else 0.0
    yield _rectangle(x, box.top, BOX, box.height, 2.6 if present else 1.4, shade)
    if state.final:
        yield _rectangle(x + 4, box.top + 4, BOX - 8, box.height - 8, 1.0, 0.0)
    first = box.top + (box.height - box.lines * LINE) / 2 + LINE - 5
    second = first + len(box.title) * LINE
    yield _words(box.title, middle, first, "middle", size=FONT, weight=600)
    yield _words(box.phrase, middle, second, "middle", size=SMALL)
    third = second + len(box.phrase) * LINE
    yield _said(said.get(box.key, ()), middle, third, "middle")
    yield _words(box.stays, middle, third + len(box.said) * LINE + 3, "middle", size=SMALL, dim=True)
    if state.key in counts:
        yield from _count(x + BOX, box.top, str(counts[state.key]))
    yield "</g>"


def _rectangle(x: float, y: float, width: float, height: float, line: float, shade: float) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="8" stroke="currentColor"'
        f' stroke-width="{line}" fill="currentColor" fill-opacity="{shade}"/>'
    )


def _count(right: float, top: float, number: str) -> Iterator[str]:
    wide = width_of(number) + 10
    yield (
        f'<rect class="count" x="{right - wide - 8:.1f}" y="{top + 8:.1f}" width="{wide:.1f}" height="{LINE}" rx="9"'
        ' fill="currentColor" fill-opacity="0.12"/>'
    )
    yield _words([number], right - 8 - wide / 2, top + 8 + LINE - 5, "middle", size=SMALL, weight=600)


def _words(lines: Iterable[str], x: float, y: float, anchor: str, *, size: int, weight: int = 400, dim: bool = False) -> str:
    spoken = [f'<tspan x="{x:.1f}" y="{y + order * LINE:.1f}">{escape(line)}</tspan>' for order, line in enumerate(lines)]
    if not spoken:
        return ""
    look = f'font-size="{size}" font-weight="{weight}"' + (' opacity="0.75"' if dim else "")
    return f'<text text-anchor="{anchor}" fill="currentColor" {look}>{"".join(spoken)}</text>'


def _said(lines: Sequence[Line], x: float, y: float, anchor: str) -> str:
    """Each line by itself, so that it can lead somewhere."""
    found = []
    for order, (line, href) in enumerate(lines):
        words = _words([line], x, y + order * LINE, anchor, size=SMALL, weight=600 if href else 400)
        found.append(f"<a href={quoteattr(href)}>{words}</a>" if href else words)
    return "".join(found)
