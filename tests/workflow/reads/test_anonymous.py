"""What leaves the installation tells of no few: no cell is small, and no two files together give a small one back."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from states.errors import NotPermitted
from tests.factories import MONDAY, County, at
from tests.shipped.walking import Walk
from workflow.models import Grant
from workflow.permissions import CASES, visible
from workflow.reads.anonymous import Cell, closed_cells, quarter_of, told_cells

K = 5
TODAY = date(2027, 5, 3)
cells = st.builds(
    Cell, st.sampled_from((2025, 2026, 2027)), st.integers(1, 4), st.just("clue"), st.integers(1, 4), st.sampled_from("ab")
)
every = st.dictionaries(cells, st.integers(1, 12), max_size=40)


@given(every)
def test_no_number_is_small_nothing_is_counted_twice_and_only_what_is_over_is_told(counts: dict[Cell, int]) -> None:
    told = told_cells(counts, TODAY, k=K)
    assert all(n >= K for _cell, n in told)
    assert len({cell for cell, _n in told}) == len(told)
    assert all((cell.year, cell.quarter or 4) < (2027, 2) for cell, _n in told)
    assert sum(n for _cell, n in told) <= sum(counts.values())
    for cell, n in counts.items():
        own = dict(told).get(cell)
        assert own in (None, n) and (own is not None) == (n >= K and (cell.year, cell.quarter or 0) < (2027, 2))


@given(every, every)
def test_a_later_file_says_the_same_of_a_period_and_its_difference_is_no_small_number(
    before: dict[Cell, int], since: dict[Cell, int]
) -> None:
    """What has been closed since lies in a quarter that was not over then."""
    new = {cell: n for cell, n in since.items() if (cell.year, cell.quarter or 0) >= (2027, 2)}
    then = dict(told_cells({cell: n for cell, n in before.items() if cell not in new}, TODAY, k=K))
    now = dict(told_cells({**before, **new}, date(2028, 2, 1), k=K))
    assert all(now.get(cell) == n for cell, n in then.items())
    assert all(n >= K for cell, n in now.items() if cell not in then)


@pytest.mark.parametrize(("k", "places"), [(5, 3), (3, 2), (3, 3), (3, 4), (3, 5), (4, 4)])
def test_whoever_knows_all_that_is_told_still_cannot_tell_a_small_number(k: int, places: int) -> None:
    """Townships of one quarter: each small number that fits what is told has another beside it that fits as well."""
    quarter = [Cell(2026, 1, "clue", township, "a") for township in range(1, places + 1)]
    could_be: dict[tuple[tuple[Cell, int], ...], list[set[int]]] = {}
    for numbers in product(range(k + 1), repeat=places):
        told = tuple(told_cells({c: n for c, n in zip(quarter, numbers, strict=True) if n}, TODAY, k=k))
        found = could_be.setdefault(told, [set() for _ in quarter])
        for possible, n in zip(found, numbers, strict=True):
            possible.add(n)
    for told, found in could_be.items():
        for cell, possible in zip(quarter, found, strict=True):
            assert cell in dict(told) or len(possible) > 1, told


def test_four_small_quarters_of_a_year_are_not_given_back_by_their_sum() -> None:
    quarters = {Cell(2026, quarter, "clue", 1, "a"): 4 for quarter in (1, 2, 3, 4)}
    others = {Cell(2026, quarter, "clue", 1, "a"): n for quarter, n in zip((1, 2, 3, 4), (4, 4, 4, 3), strict=True)}
    assert (
        told_cells(quarters, TODAY, k=K)
        == told_cells(others, TODAY, k=K)
        == [(Cell(2026, None, "clue", 0, "a", is_rest=True), 15)]
    )


def told_to(county: County, login: str, on: date) -> list[tuple[Cell, int]]:
    return county.engine.read(at(on), lambda store, occasion: closed_cells(store, occasion, county.actor(login, on), k=K))


def test_whoever_was_taken_off_a_case_does_not_find_it_by_subtracting_what_his_own_ledger_counts(county: County) -> None:
    """Nor do two files, his and that of a colleague who reads it, differ by it (R21, R75)."""
    county.database.write(lambda store: store.insert(Grant, [post_of(county, "lin")]))
    opened = [Walk.open(county, "rectification", MONDAY, title=f"第{n}项").id for n in range(K + 2)]
    told = {"person_id": county.people["zhao"], "reason": "亲属"}
    county.engine.bar(opened[0], actor=county.actor("lin"), now=at(MONDAY, 13), **told)
    for case_id in opened:
        county.engine.void(case_id, actor=county.actor("lin"), now=at(MONDAY, 14), reason="重复", approver="高建国")
    later = date(MONDAY.year + 1, 5, 3)
    own = county.engine.read(
        at(later), lambda store, it: store.select(select(CASES.c.id).where(visible(county.actor("zhao", later), it.catalogue)))
    )
    assert [n for _cell, n in told_to(county, "zhao", later)] == [len(own)] == [K + 1]
    assert told_to(county, "lin", later) == told_to(county, "zhao", later)


def post_of(county: County, login: str) -> dict[str, Any]:
    """A deputy of the office."""
    return {"person_id": county.people[login], "role": "deputy", "organ_id": county.organs["office"], "title": "", "ceiling": 3}


def test_it_is_counted_for_who_leads_the_office_and_for_nobody_else(county: County) -> None:
    for n in range(6):
        case = Walk.open(county, "rectification", MONDAY, title=f"第{n}项")
        if n < K:
            county.engine.void(case.id, actor=county.actor("zhao"), now=at(MONDAY, 14), reason="重复", approver="高建国")

    later = date(MONDAY.year + 1, 5, 3)
    assert Counter(told_to(county, "zhao", later)).total() == 1
    ((cell, n),) = told_to(county, "zhao", later)
    assert (cell.year, cell.quarter, cell.kind, cell.ground, n) == (MONDAY.year, quarter_of(MONDAY), "rectification", "void", K)
    assert told_to(county, "zhao", MONDAY) == [], "its quarter is not over"
    for login in ("lin", "gao", "zhou", "chen"):
        with pytest.raises(NotPermitted):
            told_to(county, login, later)
