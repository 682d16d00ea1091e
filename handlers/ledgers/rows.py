"""What reading a ledger gives: proposed items, and everything else that stood in the file, accounted for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from typing import Literal

from handlers.ledgers.mapping import Mapping
from handlers.ledgers.organisations import Subject
from handlers.ledgers.tables import Skipped

Kind = Literal["rectification", "clue"]
StartBasis = Literal["feedback", "transfer", "publication", "import"]


@dataclass(frozen=True, slots=True)
class Due:
    """A limit as a cell gives it: the words as typed, and a day only where a listed rule reads one.

    `presumed` says that the year or the start had to be supplied (推定); `immediate` is 立行立改; `nothing`
    that the cell is empty or says that there is no limit (无, 已完成).
    """

    words: str = ""
    on: dt.date | None = None
    presumed: bool = False
    long_term: bool = False
    immediate: bool = False
    nothing: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of an item, with the unit and person named for it."""

    text: str
    unit: str = ""
    person: str = ""
    due_words: str = ""
    due_on: dt.date | None = None
    status_word: str = ""
    label: str = ""
    progress: str = ""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One proposed item. Rows count from 1 as a spreadsheet does; texts stand as typed; amounts are whole
    cents.

    `warnings` holds codes: unknown_status, mixed_status, to_check, start_is_import_day (起算日待核),
    due_not_read, date_not_read, amount_not_read, group_to_split (待分解到村), nameless_village,
    no_organisation,
    unknown_row_kind, unknown_kind, repeated_row. `fields` has the mapped columns without an attribute of their own,
    `extras` the unmapped ones by heading.
    """

    sheet: str
    row: int
    rows: tuple[int, ...]
    kind_hint: Kind
    row_kind: str
    organisation: str
    subject: Subject
    title: str
    problem: str
    problem_detail: str
    category: str
    measures: tuple[Measure, ...]
    status_word: str
    state: str
    label: str
    cycle: int
    flags: tuple[str, ...]
    start_on: dt.date
    start_basis: StartBasis
    due: Due
    persons_handled: str
    number: str
    old_number: str
    digest: str
    warnings: tuple[str, ...] = ()
    fields: Dictionary[str, str] = field(default_factory=dict)
    dates: Dictionary[str, dt.date] = field(default_factory=dict)
    amounts: Dictionary[str, int] = field(default_factory=dict)
    extras: Dictionary[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that looks like an item and cannot be one: the field at fault and why."""

    sheet: str
    row: int
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the file that is not a row: what was seen and what was, or was not, done with it.

    `code` is hidden_sheet, hidden_rows, hidden_columns, coloured, looks_unknown, formulas, no_table,
    no_problem_column, merged_filled, measures_joined, continued_rows, field_twice or extra_columns.
    """

    code: str
    sheet: str
    params: Dictionary[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """A ledger read: the mapping used, the items it proposes, and what it leaves out, with reasons.

    `headings` are all that its tables have, mapped or not.
    """

    mapping: Mapping
    rows: tuple[ItemRow, ...]
    not_items: tuple[Skipped, ...]
    refused: tuple[Refused, ...]
    reported: tuple[Note, ...]
    headings: tuple[str, ...] = ()
