"""A key in shares: enough of them give it back, fewer tell nothing, a slip is noticed."""

from __future__ import annotations

import os
from itertools import combinations

import pytest

from states.errors import BadInput
from workflow.sealing.shares import join, split

KEY = os.urandom(32)


@pytest.mark.parametrize(("shares", "needed"), [(3, 2), (5, 3), (2, 2), (16, 16)])
def test_any_so_many_shares_give_the_key_back(shares: int, needed: int) -> None:
    lines = split(KEY, shares=shares, needed=needed)
    assert all(join(some) == KEY for some in combinations(lines, needed))
    assert join(lines) == KEY


def test_fewer_are_refused_and_one_alone_is_as_good_as_chance() -> None:
    lines = split(bytes(32), shares=3, needed=2)
    with pytest.raises(BadInput) as refusal:
        join(lines[:1])
    assert refusal.value.params["why"] == "shares_too_few"
    # A key of equal bytes leaves no trace of being one.
    assert len(set(bytes.fromhex(lines[0].split(":")[3]))) > 16


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda a, b, c: [a, b[:-10] + ("0" if b[-10] != "0" else "1") + b[-9:]], "share_unreadable"),
        (lambda a, b, c: [a, a], "share_twice"),
        (lambda a, b, c: [a, "x"], "share_unreadable"),
        (lambda a, b, c: [a, split(KEY, shares=3, needed=3)[1]], "share_unreadable"),
    ],
)
def test_a_slip_is_noticed(spoil: object, why: str) -> None:
    with pytest.raises(BadInput) as refusal:
        join(spoil(*split(KEY, shares=3, needed=2)))  # type: ignore[operator]
    assert refusal.value.params["why"] == why


@pytest.mark.parametrize(("shares", "needed"), [(1, 1), (3, 1), (2, 3), (17, 2)])
def test_what_protects_nothing_is_refused(shares: int, needed: int) -> None:
    with pytest.raises(BadInput) as refusal:
        split(KEY, shares=shares, needed=needed)
    assert refusal.value.params["why"] == "shares"
