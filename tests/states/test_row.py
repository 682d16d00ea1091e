"""The drawing on its side: states in a row that do not meet, ways that begin and end at their states."""

from __future__ import annotations

from itertools import pairwise

import pytest

from states.draw.row import HIGH, WIDE, in_a_row
from states.schema import load
from web.wiring import shipped_workflows


@pytest.mark.parametrize("kind", shipped_workflows())
def test_states_stand_in_a_row_and_ways_lead_from_one_to_the_other(kind: str) -> None:
    definition = load(shipped_workflows()[kind].data)
    row = in_a_row(definition, "zh-Hans")
    assert list(row.states) == [state.key for state in definition.states]
    assert all(right[0] - left[0] > WIDE and right[1] == left[1] for left, right in pairwise(row.states.values()))
    for (source, target), points in row.ways.items():
        for key, (x, y) in ((source, points[0]), (target, points[-1])):
            middle_x, middle_y = row.states[key]
            assert abs(x - middle_x) <= WIDE / 2 and abs(y - middle_y) <= HIGH / 2


def test_no_two_ways_lie_upon_each_other() -> None:
    for document in shipped_workflows().values():
        ways = list(in_a_row(load(document.data), "zh-Hans").ways.values())
        assert len(set(ways)) == len(ways)
