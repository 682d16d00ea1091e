"""The picture: well-formed, escaped, with nothing on top of anything else."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from states.definition import LANGUAGES, Definition, Text
from states.draw import mermaid, svg
from states.draw.layout import BOX, Layout, arrange, label_top
from states.draw.lettering import LINE, SMALL, listed, width_of, wrapped
from states.schema import load
from tests.states.mutations import GROUNDS, add_state, add_verb
from tests.states.samples import SHIPPED, definition, document

NAMES = ["small", *SHIPPED]
SVG = "{http://www.w3.org/2000/svg}"
everywhere = pytest.mark.parametrize(("name", "language"), [(name, lang) for name in NAMES for lang in LANGUAGES])


class Area(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Area) -> bool:
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom


def labels(layout: Layout) -> list[Area]:
    found = []
    for way in layout.ways:
        if not way.lines:
            continue
        wide = max(width_of(line) for line in way.lines)
        x = layout.lanes[way.back, way.lane] if way.lane else layout.left + BOX / 2
        left = x - 7 - wide if way.back else x + 7
        top = label_top(layout, way) - SMALL
        found.append(Area(left, top, left + wide, top + len(way.lines) * LINE))
    return found


def boxes(layout: Layout) -> list[Area]:
    return [Area(layout.left, box.top, layout.left + BOX, box.top + box.height) for box in layout.boxes]


def lines(layout: Layout) -> list[Area]:
    """Every straight piece of every way, as thin as it is drawn."""
    found = []
    for index, way in enumerate(layout.ways):
        if not way.lane:
            continue
        x = layout.lanes[way.back, way.lane]
        edge = layout.left if way.back else layout.left + BOX
        heights = layout.ports[index, 0], layout.ports[index, 1]
        found.append(Area(x - 1, min(heights), x + 1, max(heights)))
        found += [Area(min(x, edge), height - 1, max(x, edge), height + 1) for height in heights]
    return found


@everywhere
def test_nothing_lies_on_a_label(name: str, language: str) -> None:
    layout = arrange(definition(name), language, corner=60)
    areas = labels(layout)
    assert not [pair for pair in combinations(areas, 2) if pair[0].meets(pair[1])]
    assert not [(label, other) for label in areas for other in boxes(layout) + lines(layout) if label.meets(other)]
    for area in areas:
        assert area.left >= 0
        assert area.right <= layout.width


def said_of(d: Definition) -> dict[str | tuple[str, str], list[tuple[str, str]]]:
    """Three lines for every state and one for every way, as long as they come."""
    states = {
        state.key: [("1,204项", f"/now?{state.key}&x"), ("逾期37项", "/late"), ("停留12.5个工作日", "")] for state in d.states
    }
    ends = {(source, t.target_from(source)) for t in d.transitions for source in t.sources}
    return {**states, **{(a, b): [("1,204项，12.5个工作日", f"/{a}/{b}")] for a, b in ends if a != b}}


@everywhere
def test_nothing_lies_on_what_is_said_of_a_way_and_a_state_holds_what_is_said_of_it(name: str, language: str) -> None:
    d = definition(name)
    layout = arrange(d, language, said={key: [words for words, _ in lines] for key, lines in said_of(d).items()})
    areas = labels(layout)
    assert not [pair for pair in combinations(areas, 2) if pair[0].meets(pair[1])]
    assert not [(label, other) for label in areas for other in boxes(layout) + lines(layout) if label.meets(other)]
    assert all(area.left >= 0 and area.right <= layout.width for area in areas)
    assert all(len(box.said) == 3 and box.lines * LINE <= box.height for box in layout.boxes)
    assert all(width_of(line) <= BOX for box in layout.boxes for line in box.said)


@everywhere
def test_what_is_said_stands_in_the_picture_and_leads_where_it_says(name: str, language: str) -> None:
    d = definition(name)
    root = ElementTree.fromstring(svg(d, language, said=said_of(d)))  # noqa: S314  # our own text
    links = [(link.get("href"), "".join(link.itertext())) for link in root.iter(f"{SVG}a")]
    assert sorted(links) == sorted((href, words) for told in said_of(d).values() for words, href in told if href)
    assert root.get("role") == "group"
    assert ElementTree.fromstring(svg(d, language)).get("role") == "img"  # noqa: S314  # our own text


@everywhere
def test_the_words_of_a_state_fit_its_box(name: str, language: str) -> None:
    layout = arrange(definition(name), language)
    for box in layout.boxes:
        assert box.lines * LINE <= box.height
        assert all(width_of(line) <= BOX for line in (*box.phrase, *box.stays))
    ports = sorted(layout.ports.items(), key=lambda item: item[1])
    for (index, end), height in ports:
        way = layout.ways[index]
        box = layout.boxes[way.target if end else way.source]
        assert box.top < height < box.top + box.height


@everywhere
def test_no_two_ways_share_a_line(name: str, language: str) -> None:
    layout = arrange(definition(name), language)
    upright = [area for area in lines(layout) if area.right - area.left == 2]
    assert not [pair for pair in combinations(upright, 2) if pair[0].meets(pair[1])]


@everywhere
def test_the_svg_is_well_formed_with_ascii_ids_and_every_state(name: str, language: str) -> None:
    d = definition(name)
    root = ElementTree.fromstring(svg(d, language, counts={d.states[0].key: 12}, way=[s.key for s in d.states[:2]]))  # noqa: S314  # our own text
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    assert all(isinstance(one, str) and one.isascii() for one in ids)
    assert [g.get("data-state") for g in root.iter(f"{SVG}g") if g.get("data-state")] == [s.key for s in d.states]
    assert not any(element.get("style") for element in root.iter())
    shown = [text for text in root.itertext() if text.strip()]
    for state in d.states:
        assert set(wrapped(state.title.in_(language), 100, 14)) & set(shown) or state.title.in_(language) in shown


def test_the_way_a_case_went_is_marked() -> None:
    drawn = svg(definition(), way=["received", "supervised"])
    assert re.findall(r'class="(way taken)" data-from="(\w+)" data-to="(\w+)"', drawn) == [
        ("way taken", "received", "supervised")
    ]
    assert 'class="state been present" data-state="supervised"' in drawn
    assert 'class="state initial been" data-state="received"' in drawn
    assert "taken" not in svg(definition())


def test_a_number_stands_in_its_state() -> None:
    assert ">3456</tspan>" in svg(definition(), counts={"received": 3456})
    assert 'class="count"' not in svg(definition())


def test_labels_are_escaped() -> None:
    d = replace(definition(), title=Text('<script>"&'))
    d = replace(d, states=(replace(d.states[0], title=Text("</text><script>")), *d.states[1:]))
    drawn = svg(d)
    assert "<script" not in drawn
    assert '&lt;script&gt;"&amp;' in drawn
    ElementTree.fromstring(drawn)  # noqa: S314  # our own text


def test_a_definition_that_begins_further_down_has_no_dot_and_is_still_drawn() -> None:
    changed = document()
    changed["states"].reverse()
    assert "<circle" not in svg(load(changed))


def test_lanes_are_shared_where_ways_do_not_meet_and_labels_may_be_long() -> None:
    changed = document()
    for index in range(6):
        add_state(changed, f"more_{index}", final=index == 5)
    for index in range(5):
        add_verb(changed, f"on_{index}", f"more_{index}", f"more_{index + 1}", grounds=GROUNDS)
    add_verb(changed, "leap_early", "received", "closed", grounds=GROUNDS)
    add_verb(changed, "leap_late", "more_2", "more_4")
    add_verb(changed, "enter", "supervised", "more_0")
    changed["transitions"][0]["title"] = "这是一个很长很长的操作名称，要分成几行才写得下，否则会压到旁边的线"
    layout = arrange(load(changed), "zh-Hans")
    by_way = {(layout.boxes[w.source].key, layout.boxes[w.target].key): w.lane for w in layout.ways}
    assert by_way["received", "closed"] == by_way["more_2", "more_4"] == 1
    assert not [pair for pair in combinations(labels(layout), 2) if pair[0].meets(pair[1])]


# ---- lettering ------------------------------------------------------------------------------------------------------


def test_words_break_between_words_and_chinese_between_characters() -> None:
    assert wrapped("Report as rectified", 80) == ["Report as", "rectified"]
    assert wrapped("县级直接核验，改由县里", 60) == ["县级直接核", "验，改由县", "里"]
    assert wrapped("录入 Excel 台账", 200) == ["录入 Excel 台账"]
    assert wrapped("", 80) == []


def test_punctuation_does_not_begin_a_line() -> None:
    assert wrapped("一二三四五，六", 60) == ["一二三四", "五，六"]


def test_items_break_between_items() -> None:
    assert listed(["催办", "督办", "呈报"], 65, "、") == ["催办、督办、", "呈报"]
    assert listed([], 65, "、") == []
    assert listed(["一二三四五六七", "八"], 60, "、") == ["一二三四五", "六七、八"]


# ---- mermaid --------------------------------------------------------------------------------------------------------


def test_mermaid_has_ascii_ids_and_chinese_labels() -> None:
    assert mermaid(definition()) == (
        "stateDiagram-v2\n"
        '    state "受理" as received\n'
        '    state "督办" as supervised\n'
        '    state "销号" as closed\n'
        "    [*] --> received\n"
        "    received --> supervised : 移交\n"
        "    supervised --> closed : 销号\n"
        "    closed --> supervised : 重新挂号\n"
        "    closed --> [*]\n"
        "    note right of supervised : 批注\n"
    )
    assert "Transfer" in mermaid(definition(), "en")


def test_mermaid_is_given_none_of_its_own_characters() -> None:
    d = definition()
    d = replace(d, states=(replace(d.states[0], title=Text('a"b:c;d#e\nf')), *d.states[1:]))
    assert 'state "a\'b：c；d＃e f" as received' in mermaid(d)
