"""Makes a proposed item of one record: every cell finds its attribute, its field or its place among the
extras.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field

from handlers.ledgers.due_words import read_due
from handlers.ledgers.organisations import Subject, read_subject
from handlers.ledgers.records import Record, Table
from handlers.ledgers.rows import Due, ItemRow, Kind, Measure
from handlers.ledgers.sheets import EMPTY, Row
from handlers.ledgers.starts import find_start
from handlers.ledgers.statuses import Status, least_advanced, read_status
from handlers.ledgers.tables import Skipped
from handlers.ledgers.values import CENTS_PER_WAN, CENTS_PER_YUAN, as_text, is_blank, read_cents, read_day
from handlers.ledgers.words import fold

_TITLE_CHARS = 60
_ATTRIBUTES = frozenset(
    {
        "organisation",
        "township",
        "village",
        "category",
        "problem",
        "problem_detail",
        "measures",
        "unit",
        "person",
    }
    | {"due", "status", "persons_handled", "number", "old_number", "row_kind"}
)
_CLUE_FIELDS = ("subject_person", "disposal")
# How a column that says the kind calls an item.
_ITEM_WORDS = ("整改", "问题", "事项")


@dataclass(slots=True)
class _Gathered:
    """The cells of a record that have no attribute of their own, and what could not be read."""

    fields: dict[str, str] = field(default_factory=dict)
    dates: dict[str, dt.date] = field(default_factory=dict)
    amounts: dict[str, int] = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Lines:
    """What the rows of a record say, one by one."""

    measures: tuple[Measure, ...] = ()
    statuses: list[Status] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)


def make_item(table: Table, record: Record, *, today: dt.date, seen: dict[str, int]) -> ItemRow | Skipped:
    """The item that a record proposes, or the reason why its row kind is not an item.

    `seen` counts the digests of this file, so that two equal rows are two items and both are known again.
    """
    row_kind = fold(table.text(record.lines[0], "row_kind"))
    described = table.words.data["row_kinds"].get(row_kind, {"item": True})
    if not described["item"]:
        return Skipped(table.sheet.name, record.numbers[0] + 1, row_kind, table.text(record.lines[0], "problem")[:200])
    kind: Kind = described.get("kind") or _kind_of(table, record)
    return _propose(table, record, kind=kind, row_kind=row_kind, today=today, seen=seen)


def _propose(table: Table, record: Record, *, kind: Kind, row_kind: str, today: dt.date, seen: dict[str, int]) -> ItemRow:
    gathered = _gather(table, record)
    start_on, basis = find_start(gathered.fields, gathered.dates, is_clue=kind == "clue", today=today)
    lines = _read_lines(table, record, row_kind=row_kind, start=start_on, known=basis != "import")
    status, due = least_advanced(lines.statuses), _latest(lines.dues)
    subject = _subject(table, record)
    digest, repeated = _digest(table, record, seen)
    first = record.lines[0]
    return ItemRow(
        sheet=table.sheet.name,
        row=record.numbers[0] + 1,
        rows=tuple(number + 1 for number in record.numbers),
        kind_hint=kind,
        row_kind=row_kind,
        organisation=table.text(first, "organisation"),
        subject=subject,
        title=_title(table.text(first, "problem")),
        problem=table.text(first, "problem"),
        problem_detail=_joined(table, record, "problem_detail"),
        category=table.text(first, "category"),
        measures=lines.measures,
        status_word=status.word,
        state=status.state,
        label=status.label,
        cycle=max(one.cycle for one in lines.statuses),
        flags=_flags(status, due, gathered),
        start_on=start_on,
        start_basis=basis,
        due=due,
        persons_handled=_joined(table, record, "persons_handled"),
        number=table.text(first, "number"),
        old_number=table.text(first, "old_number"),
        digest=digest,
        warnings=_warnings(gathered, lines.statuses, subject, due, basis=basis, repeated=repeated),
        fields=gathered.fields,
        dates=gathered.dates,
        amounts=gathered.amounts,
        extras=gathered.extras,
    )


def _warnings(
    gathered: _Gathered, statuses: list[Status], subject: Subject, due: Due, *, basis: str, repeated: bool
) -> tuple[str, ...]:
    found = [
        *gathered.warnings,
        *(one.warning for one in statuses if one.warning),
        *_subject_warnings(subject),
    ]
    if basis == "import":
        found.append("start_is_import_day")
    if _is_unread(due):
        found.append("due_not_read")
    if repeated:
        found.append("repeated_row")
    return tuple(dict.fromkeys(found))


def _gather(table: Table, record: Record) -> _Gathered:
    words = table.words.data
    gathered = _Gathered()
    if fold(table.text(record.lines[0], "row_kind")) not in ("", *words["row_kinds"]):
        gathered.warnings.append("unknown_row_kind")
    if _is_of_another_kind(table, record):
        gathered.warnings.append("unknown_kind")
    by_column = {column: name for name, column in table.placed.items()}
    for column in range(max(len(line) for line in record.lines)):
        name = by_column.get(column, "")
        text = _joined_column(record, column)
        if name in _ATTRIBUTES or not text:
            continue
        if not name:
            gathered.extras[_heading(table, column)] = text
            continue
        gathered.fields[name] = text
        if name in words["dates"]:
            _gather_day(gathered, name, record.lines[0], column)
        elif name in words["money"]:
            _gather_amount(gathered, name, record.lines[0], column, heading=_heading(table, column))
    if record.section:
        gathered.extras["分段"] = record.section
    return gathered


def _gather_day(gathered: _Gathered, name: str, line: Row, column: int) -> None:
    day = read_day(line[column]) if column < len(line) else None
    if day is not None:
        gathered.dates[name] = day
    elif column < len(line) and not is_blank(line[column]):
        gathered.warnings.append("date_not_read")


def _gather_amount(gathered: _Gathered, name: str, line: Row, column: int, *, heading: str) -> None:
    in_yuan = "(元)" in fold(heading)
    cell = line[column] if column < len(line) else EMPTY
    cents = read_cents(cell, unit_cents=CENTS_PER_YUAN if in_yuan else CENTS_PER_WAN)
    if cents is not None:
        gathered.amounts[name] = cents
    elif not is_blank(cell):
        gathered.warnings.append("amount_not_read")


def _is_of_another_kind(table: Table, record: Record) -> bool:
    """Does the column that says the kind name neither clues nor items? It is read as an item; somebody should look."""
    said = fold(table.text(record.lines[0], "kind")) if "kind" in table.placed else ""
    return bool(said) and not any(word in said for word in (*table.words.data["clue_words"], *_ITEM_WORDS))


def _kind_of(table: Table, record: Record) -> Kind:
    said = table.text(record.lines[0], "kind") if "kind" in table.placed else ""
    titles = [skipped.text for skipped in table.skipped if skipped.why == "title"]
    for text in (said, table.sheet.name, *titles):
        if any(word in fold(text) for word in table.words.data["clue_words"]):
            return "rectification" if "整改" in fold(text) else "clue"
        if text and text == said:
            return "rectification"
    return "clue" if any(name in table.placed for name in _CLUE_FIELDS) else "rectification"


def _read_lines(table: Table, record: Record, *, row_kind: str, start: dt.date, known: bool) -> _Lines:
    heading = _heading(table, table.placed["status"]) if "status" in table.placed else ""
    lines = _Lines()
    for line in record.lines:
        status = read_status(table.text(line, "status"), heading=heading, row_kind=row_kind, words=table.words)
        due = read_due(table.cell(line, "due"), start=start, is_start_known=known)
        lines.statuses.append(status)
        lines.dues.append(due)
        measure = _measure(table, line, status, due)
        if len(record.lines) > 1 or measure.text or measure.unit or measure.person:
            lines.measures = (*lines.measures, measure)
    return lines


def _measure(table: Table, line: Row, status: Status, due: Due) -> Measure:
    return Measure(
        text=table.text(line, "measures"),
        unit=table.text(line, "unit"),
        person=table.text(line, "person"),
        due_words=due.words,
        due_on=due.on,
        status_word=status.word,
        label=status.label,
        progress=table.text(line, "progress"),
    )


def _latest(dues: list[Due]) -> Due:
    """The limit of an item whose measures have these: the last day; the words of all of them where they
    differ.
    """
    words = list(dict.fromkeys(due.words for due in dues if due.words))
    days = [due.on for due in dues if due.on is not None]
    return Due(
        words=";".join(words),
        on=max(days) if days and not any(_is_unread(due) for due in dues) else None,
        presumed=any(due.presumed for due in dues),
        long_term=any(due.long_term for due in dues),
        immediate=any(due.immediate for due in dues),
        nothing=all(due.nothing for due in dues),
    )


def _is_unread(due: Due) -> bool:
    return due.on is None and not (due.nothing or due.long_term or due.immediate)


def _flags(status: Status, due: Due, gathered: _Gathered) -> tuple[str, ...]:
    flags = [*status.flags]
    if due.long_term:
        flags.append("long_term")
    if due.immediate or fold(gathered.fields.get("immediate", "")) in ("是", "立行立改", "√", "true"):
        flags.append("immediate")
    return tuple(dict.fromkeys(flags))


def _subject(table: Table, record: Record) -> Subject:
    first = record.lines[0]
    township = table.text(first, "township").strip()
    village = table.text(first, "village").strip()
    if not township and record.section:
        township = read_subject(record.section).township
    return read_subject(table.text(first, "organisation") or village or township, township=township, village=village)


def _subject_warnings(subject: Subject) -> list[str]:
    if not subject.name.strip():
        return ["no_organisation"]
    found = ["group_to_split"] if subject.group else []
    return [*found, "nameless_village"] if subject.nameless else found


def _title(problem: str) -> str:
    line = problem.strip().split("\n", 1)[0]
    return line if len(line) <= _TITLE_CHARS else line[: _TITLE_CHARS - 1] + "…"


def _joined(table: Table, record: Record, name: str) -> str:
    column = table.placed.get(name)
    return "" if column is None else _joined_column(record, column)


def _joined_column(record: Record, column: int) -> str:
    if len(record.lines) == 1:
        line = record.lines[0]
        return as_text(line[column]) if column < len(line) else ""
    texts = [as_text(line[column]) for line in record.lines if column < len(line) and line[column] != EMPTY]
    return "\n".join(dict.fromkeys(texts))


def _heading(table: Table, column: int) -> str:
    headings = table.head.headings
    return headings[column] if column < len(headings) and headings[column] else f"第{column + 1}列"


def _digest(table: Table, record: Record, seen: dict[str, int]) -> tuple[str, bool]:
    """SHA-256 of what the row says and how it was mapped; the running number on paper (序号) is not in it."""
    left_out = table.placed.get("sequence")
    cells = [[as_text(cell) for at, cell in enumerate(line) if at != left_out] for line in record.lines]
    for line in cells:
        while line and not line[-1]:
            line.pop()
    digest = hashlib.sha256(f"{table.stamp}\x1f{_canonical(cells)}".encode()).hexdigest()
    times = seen[digest] = seen.get(digest, 0) + 1
    if times == 1:
        return digest, False
    return hashlib.sha256(f"{digest}\x1f{times}".encode()).hexdigest(), True


_canonical = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
