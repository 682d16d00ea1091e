"""A small number that is not told follows from no total, and from no other report on the same rows."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from workflow.reads.small import Parts, told, told_parts

K = 5


def test_a_nought_and_what_is_not_small_is_told() -> None:
    assert [told(n, K) for n in (0, 1, 4, 5, 600)] == [0, None, None, 5, 600]
    assert [told(n, 1) for n in (0, 1, 2)] == [0, 1, 2]


def test_whoever_knows_all_that_is_told_and_how_it_is_made_still_cannot_tell_a_small_number() -> None:
    could_be: dict[Parts, list[set[int]]] = defaultdict(lambda: [set(), set(), set()])
    for counts in product(range(2 * K), repeat=3):
        for at, n in enumerate(counts):
            could_be[told_parts(counts, K)][at].add(n)
    for parts, found in could_be.items():
        for cell, possible in zip(parts.cells, found, strict=True):
            assert possible == ({cell} if cell is not None else set(range(1, K)))


@given(st.lists(st.integers(0, 30), max_size=6), st.integers(1, 9))
def test_the_whole_lies_in_its_range_which_is_exact_where_nothing_is_small(counts: list[int], k: int) -> None:
    parts = told_parts(counts, k)
    assert parts.least <= sum(counts) <= parts.most
    assert None in parts.cells or parts.least == parts.most == sum(counts)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=6), st.data())
def test_two_reports_that_differ_in_one_part_say_nothing_of_the_others(counts: list[int], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(counts) - 1))
    other = [*counts[:at], data.draw(st.integers(0, 30)), *counts[at + 1 :]]
    one, two = told_parts(counts, K), told_parts(other, K)
    rest = [cell for place, cell in enumerate(one.cells) if place != at]
    assert rest == [cell for place, cell in enumerate(two.cells) if place != at]
    for parts in (one, two):
        known = sum(cell for cell in parts.cells if cell is not None)
        assert (parts.least, parts.most) == (known + parts.cells.count(None), known + parts.cells.count(None) * (K - 1))
