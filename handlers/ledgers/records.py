"""Groups the rows below a head into records: one item each, with one line for every measure under it.

Three things make several rows one item: a merged problem cell; the same cells blank because the merge was
lost on the way through CSV; nothing else. A problem merged over rows of different villages is one item for
each village.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from handlers.ledgers.rows import Note, Refused
from handlers.ledgers.sheets import EMPTY, Cell, Row, Sheet
from handlers.ledgers.tables import Head, Skipped, fill_down, list_titles, why_not_a_row
from handlers.ledgers.values import as_text, is_blank
from handlers.ledgers.vocabulary import SHIPPED, LedgerWords

_PLACES = ("township", "village", "organisation")


@dataclass(slots=True)
class Record:
    """The rows of one item, from 0, with merged cells filled; `section` is the band it stands under."""

    numbers: list[int]
    lines: list[Row]
    section: str = ""


@dataclass
class Table:
    """A sheet taken apart. `placed` is field → column."""

    sheet: Sheet
    head: Head
    placed: Dictionary[str, int]
    words: LedgerWords = SHIPPED
    records: list[Record] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @cached_property
    def stamp(self) -> str:
        """The head and how it was mapped, as one text: part of every row's digest."""
        content = [self.head.headings, dict(self.placed)]
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def cell(self, line: Row, name: str) -> Cell:
        """The cell of a field in one row, or ""."""
        column = self.placed.get(name)
        return EMPTY if column is None or column >= len(line) else line[column]

    def text(self, line: Row, name: str) -> str:
        """The same as text."""
        return as_text(self.cell(line, name))


def read_table(sheet: Sheet, head: Head, placed: Dictionary[str, int], words: LedgerWords = SHIPPED) -> Table:
    """Every row of the sheet, as a record, skipped with a reason, or refused."""
    table = Table(sheet=sheet, head=head, placed=placed, words=words, skipped=list(list_titles(sheet, head)))
    rows, filled = fill_down(sheet, head)
    _note_merges(table, filled)
    merged_from = _merged_problems(table)
    section = ""
    for number in range(head.last + 1, len(rows)):
        why = why_not_a_row(sheet.rows[number], head, problem_column=placed["problem"])
        if why in ("", "empty") and number in merged_from and table.records:
            if _joins(table, rows[number], merged_from[number]):
                _join(table, number, rows[number])
                continue
        elif why == "empty":
            continue
        elif why:
            text = " ".join(as_text(cell) for cell in sheet.rows[number] if cell != EMPTY)
            table.skipped.append(Skipped(sheet.name, number + 1, why, text[:200]))
            section = text if why == "section" else section
            continue
        _take(table, number, rows[number], section)
    return table


def _take(table: Table, number: int, row: Row, section: str) -> None:
    if not is_blank(table.cell(row, "problem")):
        table.records.append(Record([number], [row], section))
    elif _continues(table, number, row):
        _join(table, number, row)
        table.notes.append(Note("continued_rows", table.sheet.name, {"row": number + 1}))
    else:
        table.refused.append(Refused(table.sheet.name, number + 1, "problem", "empty"))


def _join(table: Table, number: int, row: Row) -> None:
    table.records[-1].numbers.append(number)
    table.records[-1].lines.append(row)


def _merged_problems(table: Table) -> dict[int, int]:
    """Row under a merged problem cell → the row where that merge begins."""
    column = table.placed["problem"]
    return {
        row: area.top
        for area in table.sheet.merged
        if area.left == column and area.top > table.head.last
        for row in range(area.top + 1, min(area.bottom, len(table.sheet.rows) - 1) + 1)
    }


def _joins(table: Table, row: Row, top: int) -> bool:
    """Does a row under a merged problem belong to the item above it? Not where it names another place."""
    last = table.records[-1]
    same = all(table.text(row, name) in ("", table.text(last.lines[0], name)) for name in _PLACES)
    return same and last.numbers[0] >= top


def _continues(table: Table, number: int, row: Row) -> bool:
    """Is a row without a problem one more measure of the item directly above?"""
    if not table.records or table.records[-1].numbers[-1] != number - 1:
        return False
    measured = any(not is_blank(table.cell(row, name)) for name in table.words.data["of_measure"])
    above = table.records[-1].lines[0]
    own: Sequence[str] = [*_PLACES, "sequence", "number", "old_number", "row_kind"]
    return measured and all(table.text(row, name) in ("", table.text(above, name)) for name in own)


def _note_merges(table: Table, filled: dict[int, int]) -> None:
    names = {column: heading for column, heading in enumerate(table.head.headings)}
    for column, cells in sorted(filled.items()):
        if column != table.placed["problem"]:
            params = {"heading": names.get(column, ""), "cells": cells}
            table.notes.append(Note("merged_filled", table.sheet.name, params))
