"""How much of the matrix is asked: a small part, another with each seed, with `make test`; all of it with `make drills`."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import TypeVar

from tests.drills.scale import IS_DRILL

T = TypeVar("T")


def some(cells: Iterable[T], n: int, *, seed: int = 20260302) -> list[T]:
    """`n` of the cells, the same of the same cells in every run; all of them in a drill."""
    every = list(cells)
    return every if IS_DRILL or len(every) <= n else random.Random(seed).sample(every, n)  # no secret
