"""Numbers for somebody who may not open what is behind them: a small one is not told, nor can totals give it back.

Rule: security.md R75, no number below k (5) of a small place. A nought is told, because it says of nobody anything. A total
over parts of which some are not told is a range that follows from what is told, so it says nothing more, in whichever report
and however often it is asked for; it is not a matter of which other parts are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts as they may be told, None for a small one, and the least and the most that they may add up to."""

    cells: tuple[int | None, ...]
    least: int
    most: int


def told(n: int, k: int) -> int | None:
    """The number, or None for one from 1 to k − 1."""
    return None if 0 < n < k else n


def told_parts(counts: Sequence[int], k: int) -> Parts:
    """The parts of a whole as they may be told, with what may be said of the whole."""
    cells = tuple(told(n, k) for n in counts)
    known, small = sum(n for n in cells if n is not None), cells.count(None)
    return Parts(cells, known + small, known + small * (k - 1))
