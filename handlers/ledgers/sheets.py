"""A sheet as it was read: typed cells and what the eye would have seen beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
Row = Sequence[Cell]
EMPTY = ""


@dataclass(frozen=True, slots=True)
class Area:
    """A merged rectangle; rows and columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Looks:
    """What the file says about a sheet's looks; rows and columns from 0. `known` is False where the format
    cannot say.
    """

    known: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    coloured: dict[tuple[int, str], int] = field(default_factory=dict)  # (row, colour) → cells
    formulas: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one sheet from the first on, without empty ones at the end; an empty cell is ""."""

    name: str
    rows: list[Row]
    merged: tuple[Area, ...] = ()
    looks: Looks = Looks()
    hidden: bool = False
    merges_known: bool = True

    def cell(self, row: int, column: int) -> Cell:
        """The cell, or "" beyond the used area."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return EMPTY
        return self.rows[row][column]


def trim(rows: list[Row]) -> list[Row]:
    """The rows without the empty ones at the end."""
    last = len(rows)
    while last and not any(cell != EMPTY for cell in rows[last - 1]):
        last -= 1
    return rows[:last]
