"""Reads a ledger file into proposed items: pure, with the day as an argument, and every row accounted for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from handlers.ledgers.headings import find_field
from handlers.ledgers.items import make_item
from handlers.ledgers.mapping import Mapping, guess_mapping
from handlers.ledgers.records import Table, read_table
from handlers.ledgers.refusals import LedgerFileRefused
from handlers.ledgers.rows import ItemRow, Note, Reading
from handlers.ledgers.sheets import EMPTY, Sheet
from handlers.ledgers.statuses import read_status
from handlers.ledgers.tables import Head, Skipped, find_head
from handlers.ledgers.values import as_text
from handlers.ledgers.vocabulary import SHIPPED, LedgerWords
from handlers.ledgers.workbook import open_workbook

SEEN_TEXTS, SEEN_CHARACTERS = 12, 20


def read_ledger(
    source: Path | bytes, name: str, *, mapping: Mapping | None = None, today: dt.date, words: LedgerWords = SHIPPED
) -> Reading:
    """The items that a ledger file proposes, and all that it leaves out, with reasons.

    `name` is what the user called the file. Without a `mapping` one is guessed and given back to be shown
    and corrected. Raises LedgerFileRefused for hostile or unreadable files, and with "no_table" where no
    sheet has items.
    """
    sheets = open_workbook(source, name)
    notes = [Note("hidden_sheet", sheet.name) for sheet in sheets if sheet.hidden]
    heads = {at: head for at, sheet in enumerate(sheets) if not sheet.hidden and (head := _head(sheet, mapping, words))}
    used = mapping or _with_statuses(guess_mapping((head.headings for head in heads.values()), words), sheets, heads, words)
    tables: list[Table] = []
    for at, sheet in enumerate(sheets):
        if sheet.hidden or not sheet.rows:
            continue
        table = _read_sheet(sheet, heads.get(at), used, words)
        if isinstance(table, Note):
            notes.append(table)
        else:
            tables.append(table)
    if not tables:
        raise LedgerFileRefused("no_table", name=name, seen="、".join(_first_line(sheets)) or None)
    return _put_together(tables, notes, used, today=today)


def _first_line(sheets: Sequence[Sheet]) -> list[str]:
    """What looks most like a head, for the user to say what it means: the first line with several texts."""
    for row in (row for sheet in sheets if not sheet.hidden for row in sheet.rows):
        texts = [text for cell in row if (text := as_text(cell).strip())]
        if len(texts) > 1:
            return [text[:SEEN_CHARACTERS] for text in texts[:SEEN_TEXTS]]
    return []


def _with_statuses(guessed: Mapping, sheets: Sequence[Sheet], heads: dict[int, Head], words: LedgerWords) -> Mapping:
    """Where no heading means the status, the column of progress that holds status words is the status (practice.md §8.3)."""
    known = dict(guessed.columns)
    if "status" in known.values():
        return guessed
    for heading in [heading for heading, field in guessed.columns if field == "progress"]:
        cells = [cell for at, head in heads.items() for cell in _cells(sheets[at], head, heading)]
        if cells and sum(not read_status(cell, words=words).warning for cell in cells) > len(cells) / 2:
            known[heading] = "status"
    return Mapping(tuple(known.items()))


def _cells(sheet: Sheet, head: Head, heading: str) -> list[str]:
    """What is written under a heading."""
    if heading not in head.headings:
        return []
    at = head.headings.index(heading)
    texts = (as_text(row[at]) for row in sheet.rows[head.last + 1 :] if at < len(row))
    return [text for text in texts if text.strip()]


def _head(sheet: Sheet, mapping: Mapping | None, words: LedgerWords) -> Head | None:
    def recognise(heading: str) -> str:
        mapped = mapping.field_of(heading) if mapping else ""
        found = find_field(heading, words)
        return mapped or (found[0] if found else "")

    return find_head(sheet, recognise)


def _read_sheet(sheet: Sheet, head: Head | None, mapping: Mapping, words: LedgerWords) -> Table | Note:
    if head is None:
        return Note("no_table", sheet.name, {"rows": len(sheet.rows)})
    placed = mapping.place(head.headings)
    if "problem" not in placed:
        return Note("no_problem_column", sheet.name, {"rows": len(sheet.rows), "headings": head.headings})
    return read_table(sheet, head, placed, words)


def _put_together(tables: list[Table], notes: list[Note], mapping: Mapping, *, today: dt.date) -> Reading:
    rows: list[ItemRow] = []
    skipped: list[Skipped] = []
    seen: dict[str, int] = {}
    for table in tables:
        skipped += table.skipped
        notes += [*_looks(table), *table.notes, *_joined(table), *_extra_columns(table), *_doubled(table, mapping)]
        for record in table.records:
            made = make_item(table, record, today=today, seen=seen)
            if isinstance(made, Skipped):
                skipped.append(made)
            else:
                rows.append(made)
    skipped.sort(key=lambda one: (_sheet_order(tables, one.sheet), one.row))
    refused = tuple(one for table in tables for one in table.refused)
    headings = dict.fromkeys(heading for table in tables for heading in table.head.headings if heading)
    return Reading(mapping, tuple(rows), tuple(skipped), refused, tuple(notes), tuple(headings))


def _sheet_order(tables: list[Table], sheet: str) -> int:
    return next(at for at, table in enumerate(tables) if table.sheet.name == sheet)


def _looks(table: Table) -> list[Note]:
    """What the eye sees and the import does not take over: hidden parts, colours, formulas."""
    looks, name, head = table.sheet.looks, table.sheet.name, table.head
    notes: list[Note] = []
    if not looks.known and table.sheet.merges_known:
        notes.append(Note("looks_unknown", name))
    hidden = sorted(row + 1 for row in looks.hidden_rows if row > head.last)
    if hidden:
        notes.append(Note("hidden_rows", name, {"rows": hidden}))
    columns = [column for column in sorted(looks.hidden_columns) if column < len(head.headings)]
    if columns:
        notes.append(Note("hidden_columns", name, {"headings": [head.headings[column] for column in columns]}))
    cells: Counter[str] = Counter()
    for (row, colour), count in looks.coloured.items():
        cells[colour] += count if row > head.last else 0
    notes += [Note("coloured", name, {"colour": colour, "cells": n}) for colour, n in sorted(cells.items()) if n]
    if looks.formulas:
        notes.append(Note("formulas", name, {"cells": looks.formulas}))
    return notes


def _joined(table: Table) -> list[Note]:
    several = [record for record in table.records if len(record.lines) > 1]
    params = {"items": len(several), "measures": sum(len(record.lines) for record in several)}
    return [Note("measures_joined", table.sheet.name, params)] if several else []


def _doubled(table: Table, mapping: Mapping) -> list[Note]:
    found = mapping.doubled(table.head.headings)
    return [Note("field_twice", table.sheet.name, {"field": field, "headings": same}) for field, same in found.items()]


def _extra_columns(table: Table) -> list[Note]:
    placed = set(table.placed.values())
    extra = [heading for at, heading in enumerate(table.head.headings) if heading and at not in placed]
    filled = any(
        cell != EMPTY for record in table.records for line in record.lines for at, cell in enumerate(line) if at not in placed
    )
    return [Note("extra_columns", table.sheet.name, {"headings": extra})] if extra and filled else []
