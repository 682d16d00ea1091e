"""The shape of a report: sections of tables, whose titles and columns are keys, and whose numbers say which rows they count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from states.definition import Text
from workflow.reads.query import Query
from workflow.reports.periods import Period


@dataclass(frozen=True, slots=True)
class Number:
    """How many rows the ledger shows for `query`; `before` is the same number a period earlier, None where none is compared."""

    n: int
    query: Query
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """Of the rows of `part` and `rest` together those of `part`, in per cent with one decimal; None where there are neither."""

    percent: float | None
    part: Query
    rest: Query


@dataclass(frozen=True, slots=True)
class CaseRef:
    """A case, by its number or in `words`."""

    case_id: int
    number: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Late:
    """Late for so many calendar days."""

    days: int


# A plain int is an ordinal: it counts no rows. "" and None are empty cells.
Cell = int | str | date | Text | Number | Share | CaseRef | Late | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its key; neighbours of one `group` stand under a common head."""

    key: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a title; `total` is its last row, `whole` how many rows there are where only the first are shown.

    `lines` are empty ones to be filled in by hand, where there is no table.
    """

    key: str
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    total: tuple[Cell, ...] = ()
    whole: Number | None = None
    lines: int = 0

    @property
    def cells(self) -> Iterator[Cell]:
        """Every cell that can hold a number."""
        yield from (cell for row in (*self.rows, self.total, (self.whole,)) for cell in row)


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a period: its sections in order, and the keys of the notes under them, which say how is counted."""

    period: Period
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()

    @property
    def cells(self) -> Iterator[Cell]:
        """Every cell of every section."""
        yield from (cell for section in self.sections for cell in section.cells)
