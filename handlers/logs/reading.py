"""Reads a process log (CSV with a case, an activity and a time in each row) into cases, each with its events in order."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.ledgers import limits
from handlers.ledgers.facts import read_fact
from handlers.ledgers.plain_text import read_csv
from handlers.ledgers.refusals import LedgerFileRefused
from handlers.ledgers.values import CENTS_PER_YUAN, as_text, read_cents
from handlers.logs.mapping import IGNORE, OPEN, LogMapping
from handlers.logs.times import read_moment
from states.definition import Definition, Field

# What a workbook begins with, and how it is called: a log is a CSV.
_TABLES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_TABLE_NAMES = (".xlsx", ".xlsm", ".xls", ".ods", ".et", ".wps")


@dataclass(frozen=True, slots=True)
class LogRow:
    """One event: its row from 1 as a spreadsheet counts, what the mapping makes of it, and its facts as typed."""

    row: int
    action: str
    at: datetime
    activity: str
    resource: str
    facts: Dictionary[str, str]


@dataclass(frozen=True, slots=True)
class LogCase:
    """The events of one case in the order of time and row. `digest` is over all that its rows say, not over their places."""

    key: str
    digest: str
    events: tuple[LogRow, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is no event of ours: `why` is ignored, unknown_activity, no_case or no_time, `value` the time as typed.

    With here_otherwise its case is here with another history, and `value` is its number.
    """

    row: int
    case: str
    activity: str
    why: str
    value: str


@dataclass(frozen=True, slots=True)
class LogReading:
    """Every row accounted for: in a case, or left out with the reason."""

    cases: tuple[LogCase, ...]
    left_out: tuple[LeftOut, ...]
    rows: int


def read_log(source: bytes, name: str, mapping: LogMapping) -> LogReading:
    """The cases of a log, ordered by case, time and row. LedgerFileRefused no_column where one of the mapping's is missing.

    An event that opens comes before others of the same instant, whatever its row. Times without a zone are local.
    """
    if len(source) > limits.MAX_FILE_BYTES:
        raise LedgerFileRefused("file_too_large", most=limits.MAX_FILE_BYTES)
    if source.startswith(_TABLES) or name.lower().endswith(_TABLE_NAMES):
        raise LedgerFileRefused("log_not_csv", name=name)
    sheet = read_csv(source, name=name)
    head = [as_text(cell).strip() for cell in sheet.rows[0]] if sheet.rows else []
    missing = [column for column in (*mapping.columns.values(), *mapping.facts.values()) if column not in head]
    if missing:
        raise LedgerFileRefused("no_column", column="、".join(dict.fromkeys(missing)))
    places = {part: head.index(column) for part, column in mapping.columns.items()}
    facts = {fact: head.index(column) for fact, column in mapping.facts.items()}
    found: dict[str, list[LogRow]] = {}
    left_out: list[LeftOut] = []
    for number, cells in enumerate(sheet.rows[1:], start=2):
        if not any(cells):
            continue
        texts = [as_text(cell) for cell in cells] + [""] * (len(head) - len(cells))
        event = _event(number, texts, places, facts, mapping)
        if isinstance(event, LeftOut):
            left_out.append(event)
        else:
            found.setdefault(texts[places["case"]].strip(), []).append(event)
    cases = tuple(_case(key, events, mapping) for key, events in sorted(found.items()))
    return LogReading(cases, tuple(left_out), sum(len(case.events) for case in cases) + len(left_out))


def _event(
    number: int, texts: list[str], places: Dictionary[str, int], facts: Dictionary[str, int], mapping: LogMapping
) -> LogRow | LeftOut:
    case, activity = texts[places["case"]].strip(), texts[places["activity"]].strip()
    action = mapping.activities.get(activity, "")
    at = read_moment(texts[places["time"]])
    if not case or not action or action == IGNORE or at is None:
        return LeftOut(number, case, activity, _why(case, action), texts[places["time"]].strip())
    resource = texts[places["resource"]].strip() if "resource" in places else ""
    filled = {fact: texts[place] for fact, place in facts.items() if texts[place].strip()}
    return LogRow(number, action, at, activity, resource, filled)


def _why(case: str, action: str) -> str:
    if not case:
        return "no_case"
    if not action:
        return "unknown_activity"
    return "ignored" if action == IGNORE else "no_time"


def _case(key: str, events: list[LogRow], mapping: LogMapping) -> LogCase:
    ordered = tuple(sorted(events, key=lambda event: (event.at, event.action != OPEN, event.row)))
    said = [(e.action, e.at.isoformat(), e.activity, e.resource, sorted(e.facts.items())) for e in ordered]
    return LogCase(key, hashlib.sha256(repr((key, said, mapping.text)).encode()).hexdigest(), ordered)


def facts_of(row: LogRow, definition: Definition) -> dict[str, Any]:
    """The facts that an event brings, as the kind keeps them; what a field cannot take stays out."""
    read = {key: _read(definition.field_by_key[key], text.strip()) for key, text in row.facts.items()}
    return {key: value for key, value in read.items() if value is not None}


def unread_of(row: LogRow, definition: Definition) -> dict[str, str]:
    """What stands in the columns of facts and could not be read: fact → text as typed."""
    read = facts_of(row, definition)
    return {key: text for key, text in row.facts.items() if key not in read}


def _read(target: Field, text: str) -> Any:
    if target.type == "money":
        # A log's amounts are of the currency's own unit unless they say another.
        return read_cents(text, unit_cents=CENTS_PER_YUAN)
    if target.type == "choice" and text in {choice.key for choice in target.choices}:
        return text
    return read_fact(target, text)
