"""How much of the matrix is asked: a small part, another with each seed, with `make test`; all of it with `make drills`."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import TypeVar

from tests.drills.scale import IS_DRILL

T = TypeVar("T")


def some(cells: Iterable[T], n: int, *, drill: int | None = None, seed: int = 20260302) -> list[T]:
    """`n` of the cells, the same of the same cells in every run; in a drill all of them, or `drill`."""
    every, wanted = list(cells), drill if IS_DRILL else n
    return every if wanted is None or len(every) <= wanted else random.Random(seed).sample(every, wanted)  # no secret
