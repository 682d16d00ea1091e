"""The county's ledger as a table: which columns, and what stands in each, so that what is exported reads back as the same.

A limit is a day where it has one: words count from a start that another ledger may not know. A measure is a row of its own
under its item, with the item's cells left empty.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.effects.cases import open_measures
from handlers.ledgers.export import ColumnKind, ExportCell, ExportColumn, ExportRow, Heading
from handlers.ledgers.facts import REPORTED
from states.definition import Definition, Field
from states.shut import keeps_secrets
from workflow.reads.whole_rows import MeasureRow, WholeRow

# What reads back as the same; every other kind is printed as it stands.
KINDS = ("rectification", "clue")
_TITLES = {
    "rectification": "巡察反馈问题整改台账",
    "clue": "巡察移交问题线索台账",
    "interview": "约谈台账",
    "supervision_order": "督办台账",
}
_INSPECTION = "巡察"
_STATUS = {"received": "未启动", "transferred": "待签收", "supervised": "正在整改", "rectified": "已整改", "closed": "已销号"}
_LABELS = {"stage_done": "阶段性完成", "long_term": "长期坚持"}
_PRINTED = ("text", "long_text", "choice", "choices", "flag", "money", "integer", "date", "time")
_TYPES: dict[str, tuple[ColumnKind, int]] = {
    **{"long_text": ("text", 36), "money": ("money", 12), "integer": ("integer", 10), "date": ("date", 12)},
}

Cell = Callable[[WholeRow, MeasureRow | None], ExportCell]


@dataclass(frozen=True, slots=True)
class CountyColumn:
    """A column, its cell for an item (with its first measure), and whether it repeats on the rows of further measures."""

    column: ExportColumn
    cell: Cell
    of_measure: bool = False


def heading_for(definition: Definition, county: str, on: dt.date, *, unit: str, inspection: str = "") -> Heading:
    """The title and the line under it, as the county's ledgers have it (practice §8.1).

    The rows are as they were `on` the day, `unit` is the body of whoever prints them, `inspection` the round that all are of.
    """
    told = (f"填报单位：{unit}" if unit else "", f"截至{_in_words(on)}", f"单位：{_counted_in(definition)}、万元")
    title = _TITLES.get(definition.key, f"{definition.title.zh_hans}台账")
    if definition.key in KINDS:
        known = inspection if _INSPECTION in inspection else f"{inspection}{_INSPECTION}"
        county, title = f"{county}委", f"{known}{title.removeprefix(_INSPECTION)}"
    return Heading(f"{county}{title}", ("　".join(filter(None, told)),))


def _counted_in(definition: Definition) -> str:
    return "件" if keeps_secrets(definition) else "个"


def _in_words(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def columns_of(definition: Definition) -> tuple[ExportColumn, ...]:
    """The columns of a kind's ledger."""
    return tuple(one.column for one in county_columns(definition))


def rows_for(rows: Iterable[WholeRow], definition: Definition) -> Iterator[ExportRow]:
    """The printed rows of all columns."""
    return rows_of(rows, county_columns(definition))


def rows_of(rows: Iterable[WholeRow], columns: Sequence[CountyColumn]) -> Iterator[ExportRow]:
    """The printed rows, one for an item and one more for each further measure; 序号, the first column, counts items."""
    for number, row in enumerate(rows, start=1):
        first = row.measures[0] if row.measures else None
        yield ExportRow((number, *(one.cell(row, first) for one in columns[1:])), row.township)
        for measure in row.measures[1:] if any(one.of_measure for one in columns) else ():
            cells = (one.cell(row, measure) if one.of_measure else None for one in columns)
            yield ExportRow(tuple(cells), row.township)


def county_columns(definition: Definition) -> tuple[CountyColumn, ...]:
    """Every column of a kind's ledger, each with its cell."""
    if definition.key not in KINDS:
        facts = (_of_field(field) for field in definition.fields if field.type in _PRINTED and not field.secret)
        return (*listing(definition), *(_OF_MEASURE if _has_plan(definition) else ()), *facts)
    return (*_PLACES, *(_CLUE if definition.key == "clue" else _RECTIFICATION), *_facts(definition))


def listing(definition: Definition) -> tuple[CountyColumn, ...]:
    """What is told of any case of a kind that prints as it stands, and of each measure what is to be done."""
    return (*_LISTING, *(_MEASURE if _has_plan(definition) else ()))


def _has_plan(definition: Definition) -> bool:
    """Does a step of it open measures?"""
    return any(effect.name == open_measures.__name__ for step in definition.transitions for effect in step.effects)


def _facts(definition: Definition) -> Iterator[CountyColumn]:
    for key in _FACTS[definition.key]:
        yield _of_field(definition.field_by_key[key])


def _of_field(field: Field) -> CountyColumn:
    kind, width = _TYPES.get(field.type, ("text", 12))
    return CountyColumn(ExportColumn(field.title.zh_hans, kind=kind, width=width, total=kind == "money"), _fact(field))


def _fact(field: Field) -> Cell:
    def cell(row: WholeRow, _measure: MeasureRow | None) -> ExportCell:
        value = row.data.get(field.key)
        if value is None or value == "":
            return None
        if field.type in ("choice", "choices"):
            titles = {choice.key: choice.title.zh_hans for choice in field.choices}
            return "、".join(titles.get(key, str(key)) for key in (value if isinstance(value, list) else [value])) or None
        if field.type == "flag":
            return "是" if value else "否"
        if field.type in ("money", "integer"):
            return int(value)
        return dt.date.fromisoformat(value) if field.type == "date" else str(value)

    return cell


def _plain(title: str, read: Callable[[WholeRow], Any], *, width: int = 12) -> CountyColumn:
    return CountyColumn(ExportColumn(title, width=width), lambda row, _measure: read(row) or None)


def _measured(title: str, read: Cell, *, width: int = 12, kind: ColumnKind = "text") -> CountyColumn:
    return CountyColumn(ExportColumn(title, width=width, kind=kind), read, of_measure=True)


def status_word(row: WholeRow) -> str:
    """The word that the shipped status table reads back as this state, label and cycle."""
    state = row.row.state
    if state != "supervised":
        return _STATUS.get(state, row.row.state_title.zh_hans)
    if row.row.cycle > 1:
        return "整改不到位"
    return _LABELS.get(row.data.get("progress_label", ""), _STATUS[state])


def _due(row: WholeRow, measure: MeasureRow | None) -> ExportCell:
    data = measure.data if measure else row.data
    if measure is None and row.due_on:
        return row.due_on
    kept_up = data.get("long_term") or data.get("label") == "long_term"
    return _day(data.get("due_on")) or data.get("due_words") or ("长期坚持" if kept_up else None)


def answering(row: WholeRow) -> str:
    """Who answers for an item: the unit that has it, else the body that it is about; for a clue whoever holds it."""
    return row.unit or (row.row.subject if row.row.kind == "rectification" else row.row.holder)


def _person(row: WholeRow, measure: MeasureRow | None) -> ExportCell:
    """Who answers in person: for the measure, else for the item."""
    return (measure.data.get("person") if measure else None) or row.data.get("first_responsible") or None


def _said(key: str) -> Cell:
    return lambda _row, measure: (measure.data.get(key) or None) if measure else None


def _progress(row: WholeRow, measure: MeasureRow | None) -> ExportCell:
    """How far a measure has come; where none says so, what was reported last of the item, said once."""
    if any(one.data.get("note") for one in row.measures) or (row.measures and measure is not row.measures[0]):
        return _said("note")(row, measure)
    if row.progress is None:
        return None
    on, words = row.progress.on, row.progress.words
    return f"{on.year}年{on.month}月{on.day}日{REPORTED}：{words}" if on else words


_PLACES = (
    CountyColumn(ExportColumn("序号", kind="integer", width=6), lambda _row, _measure: None),
    _plain("编号", lambda row: row.row.old_number or row.row.number, width=18),
    _plain("台账类型", lambda row: "问题线索" if row.row.kind == "clue" else "整改事项"),
    _plain("乡镇", lambda row: row.township),
    _plain("村居", lambda row: row.village),
    _plain("被巡察党组织", lambda row: row.row.subject, width=20),
)
# The person inside the holder who has been given it.
# In old ledgers 承办人 is who answers for it; whoever handles it here is no fact that another ledger brings back.
_ASSIGNEE = _plain("承办人（系统内）", lambda row: row.row.assignee)
_LISTING = (
    _PLACES[0],
    _plain("编号", lambda row: row.row.number, width=18),
    _plain("事由", lambda row: row.row.title, width=36),
    _plain("乡镇", lambda row: row.township),
    _plain("村居", lambda row: row.village),
    _plain("涉及单位", lambda row: row.row.subject, width=20),
    _plain("由谁办", lambda row: row.row.holder, width=20),
    _ASSIGNEE,
    _plain("状态", lambda row: row.row.phrase.zh_hans),
    CountyColumn(ExportColumn("开始日期", kind="date"), lambda row, _measure: row.row.opened_on),
    CountyColumn(ExportColumn("期限", kind="date"), lambda row, _measure: row.row.due_on),
    CountyColumn(ExportColumn("办结日期", kind="date"), lambda row, _measure: row.row.closed_on),
)
_UNIT = _measured("责任单位", lambda row, measure: (measure.unit if measure else "") or answering(row), width=16)
_MEASURE = (_measured("措施", _said("text"), width=36),)
# By whom and by when it is to be done, and how far it has come.
_OF_MEASURE = (
    _measured("措施责任单位", lambda row, measure: (measure.unit or answering(row)) if measure else None, width=16),
    _measured("措施责任人", _said("person")),
    _measured("措施时限", lambda row, measure: _due(row, measure) if measure else None, width=14, kind="date"),
    _measured("措施进展", _said("note"), width=30),
)
_STATUS_COLUMN = _measured("完成情况", lambda row, _measure: status_word(row))
_RECTIFICATION = (
    _plain("反馈问题", lambda row: row.data.get("problem") or row.row.title, width=40),
    _plain("问题详情", lambda row: row.data.get("particulars"), width=36),
    _measured("整改措施", _said("text"), width=40),
    _UNIT,
    _measured("责任人", _person),
    _ASSIGNEE,
    _measured("整改时限", _due, width=14, kind="date"),
    _measured("进展情况", _progress, width=30),
    _STATUS_COLUMN,
    CountyColumn(ExportColumn("反馈时间", kind="date"), lambda row, _measure: _day(row.data.get("feedback_on"))),
)
_CLUE = (
    _plain("反映的主要问题", lambda row: row.data.get("summary") or row.row.title, width=40),
    _UNIT,
    _ASSIGNEE,
    _measured("整改时限", _due, width=14, kind="date"),
    _STATUS_COLUMN,
    CountyColumn(ExportColumn("移交时间", kind="date"), lambda row, _measure: row.started_on),
)
_FACTS = {
    "rectification": (
        *("domain", "area", "urgency", "round", "feedback_no", "immediate", "period", "goal", "cause", "first_responsible"),
        *("leader", "county_leader", "result", "lesson", "rule_made", "money_involved", "money_recovered"),
    ),
    "clue": (
        *("class", "domain", "area", "discipline_main", "urgency", "source", "round", "managed_by", "county_leader"),
        *("disposal", "case_filed_on", "money_involved", "money_recovered", "result"),
    ),
}


def _day(text: Any) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
