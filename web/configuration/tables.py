"""Settings that are tables, as forms: a letter that is a sheet, and the words that old ledgers are read by.

A line that is emptied goes; the empty ones at the end of a list take what is new. What a form does not show stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from config.imports import load_ledger_words
from handlers.settings.ledgers import LISTS
from web.configuration.words import EMPTY_MEANS, FLAGS, STATES, values_of_setting, with_names, with_words
from web.designer.names import spoken
from web.language import mark
from web.setting_words import PARTS
from web.wiring import shipped_workflows
from workflow.configuration.settings import LETTER

Picks = tuple[tuple[str, str], ...]
EMPTY, MOST = 2, 200
BETWEEN = "、"
_HAN = re.compile(r"[\u3400-\u9fff]")
_APART = re.compile(r"[、\n]")
# The question whose choices are the words of progress, in whichever kind that ships asks it.
PROGRESS = "progress_label"
REOPENED: Mapping[str, str] = {"2": mark("重新挂号")}


@dataclass(frozen=True, slots=True)
class Cell:
    """One box of a line: its name, what it is for and holds; `kind` is text, long, short, one or several."""

    name: str
    label: str
    value: Any
    kind: str = "text"
    options: Picks = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its boxes, and where it stands in the text, for what is wrong with it. `at` is its place, "" for a new one."""

    cells: tuple[Cell, ...]
    where: str
    title: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The lines under one title. `name` begins the names of their boxes; of an `is_ordered` one each line may be moved."""

    name: str
    title: str
    lines: tuple[Line, ...]
    hint: str = ""
    is_ordered: bool = False
    grows: bool = True


def _cell(table: str, n: int, name: str, label: str, value: Any, **more: Any) -> Cell:
    return Cell(f"{table}/{n}/{name}", label, value, **more)


# ---- a sheet --------------------------------------------------------------------------------------------------------------


def sheet_tables(data: Mapping[str, Any]) -> tuple[Table, ...]:
    """The rows of a sheet: one or two labels with what is printed beside them, and how many lines high the row is."""
    rows = [*((str(n), row) for n, row in enumerate(data["rows"], 1)), *(("", []) for _ in range(EMPTY))]
    lines = tuple(Line(tuple(_sheet_cells(n, row)), f"rows/{at}" if at else "", at=at) for n, (at, row) in enumerate(rows))
    hint = gettext("内容留空的，印出来是空格，供人填写；第二格不填的，第一格占满一行")
    return (Table("row", gettext("表格"), lines, hint, is_ordered=True),)


def _sheet_cells(n: int, row: Any) -> Iterator[Cell]:
    pairs = [one for one in row if isinstance(one, list)]
    heights = [one for one in row if not isinstance(one, list)]
    for at, (label, text) in enumerate(((gettext("名目"), gettext("内容")), (gettext("第二格名目"), gettext("第二格内容")))):
        said = pairs[at] if at < len(pairs) else ["", ""]
        yield _cell("row", n, f"label{at}", label, said[0])
        yield _cell("row", n, f"text{at}", text, with_words(said[1]), kind="long")
    yield _cell("row", n, "high", gettext("几行高"), heights[0] if heights else "", kind="short")


def typed_sheet(key: str, form: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    """The sheet that the form says."""
    values = values_of_setting(LETTER, key)
    rows = [told for n in _in_order("row", form) if (told := _typed_row(n, form, values))]
    foot = _plain(form, "foot")
    return {"form": data["form"], "title": _plain(form, "title"), "rows": rows} | ({"foot": foot} if foot else {})


def _typed_row(n: int, form: Mapping[str, str], values: Iterable[tuple[str, str]]) -> list[Any]:
    told: list[Any] = []
    for at in (0, 1):
        label, text = _plain(form, f"row/{n}/label{at}"), form.get(f"row/{n}/text{at}", "").replace("\r\n", "\n").rstrip()
        if label or text:
            told.append([label, with_names(text, values)])
    high = _plain(form, f"row/{n}/high")
    return [*told, *([int(high) if high.isdecimal() else high] if high else [])] if told else []


# ---- the words of ledgers -------------------------------------------------------------------------------------------------


def word_tables(data: Mapping[str, Any]) -> tuple[Table, ...]:
    """What stands over a column, what a status cell says, columns that ask, and what is empty.

    ValueError where a word holds the mark that stands between two of them here.
    """
    return (_headings(data), _statuses(data), _questions(data), _meanings(data))


def _headings(data: Mapping[str, Any]) -> Table:
    was = load_ledger_words()["fields"]
    lines = [
        Line((Cell(f"field/{field}", gettext("表头用语"), _joined(told["headings"]), "long"),), f"fields/{field}", heading)
        for field, told in data["fields"].items()
        for heading in (next(filter(_HAN.search, was[field]["headings"]), field),)
    ]
    hint = gettext("用顿号隔开；一张表里有几列都认得的，写在前面的算")
    return Table("field", gettext("表头"), tuple(lines), hint, grows=False)


def _statuses(data: Mapping[str, Any]) -> Table:
    told = [*((str(n), one) for n, one in enumerate(data["statuses"], 1)), *(("", {}) for _ in range(EMPTY))]
    lines = tuple(Line(tuple(_status_cells(n, one)), f"statuses/{at}" if at else "", at=at) for n, (at, one) in enumerate(told))
    return Table("status", gettext("状态用语"), lines, gettext("用顿号隔开"))


def _status_cells(n: int, one: Mapping[str, Any]) -> Iterator[Cell]:
    yield _cell("status", n, "words", gettext("用语"), _joined(one.get("words", ())), kind="long")
    states = tuple((key, gettext(said)) for key, said in STATES.items())
    yield _cell("status", n, "state", gettext("读作哪个状态"), one.get("state", ""), kind="one", options=states)
    yield _cell("status", n, "label", gettext("进度"), one.get("label", ""), kind="one", options=_progress())
    cycles = tuple((key, gettext(said)) for key, said in REOPENED.items())
    yield _cell("status", n, "cycle", gettext("第几轮"), str(one.get("cycle", "")), kind="one", options=cycles)
    flags = tuple((key, gettext(said)) for key, said in FLAGS.items())
    yield _cell("status", n, "flags", gettext("另外说明"), tuple(one.get("flags", ())), kind="several", options=flags)


def _progress() -> Picks:
    """The progress that a status word may tell, in the words of the kind that ships with it."""
    known = {str(one["label"]) for one in load_ledger_words()["statuses"] if "label" in one}
    verbs = (verb for document in shipped_workflows().values() for verb in document.data["transitions"])
    questions = [one for verb in verbs for one in verb.get("form", ()) if one["key"] == PROGRESS and one.get("choices")]
    told = {choice["key"]: spoken(choice["title"]) for one in questions for choice in one["choices"]}
    return tuple((key, said) for key, said in told.items() if key in known)


def _questions(data: Mapping[str, Any]) -> Table:
    told = [*data["questions"].items(), *(("", {}) for _ in range(EMPTY))]
    lines = []
    for n, (heading, answers) in enumerate(told):
        yes, no = gettext("答“是”读作"), gettext("答“否”读作")
        cells = (
            _cell("question", n, "heading", gettext("表头"), heading),
            _cell("question", n, "affirmed", yes, answers.get("affirmed", "")),
            _cell("question", n, "denied", no, answers.get("denied", "")),
        )
        lines.append(Line(cells, f"questions/{heading}" if heading else "", at=str(n + 1) if heading else ""))
    return Table("question", gettext("问句的列"), tuple(lines), gettext("读作的，要是状态用语里有的"))


def _meanings(data: Mapping[str, Any]) -> Table:
    blank = [
        # What is wrong with any of them is said once, at the first.
        Line((Cell(f"blank/{key}", gettext("读作"), said),), "" if n else "blank_status", gettext(EMPTY_MEANS[key]))
        for n, (key, said) in enumerate(data["blank_status"].items())
    ]
    lists = [
        Line((Cell(f"list/{key}", gettext("用语"), _joined(data[key]), "long"),), key, gettext(PARTS[key])) for key in LISTS
    ]
    return Table("other", gettext("空白、是否和线索"), (*blank, *lists), gettext("用顿号隔开"), grows=False)


def _joined(words: Iterable[Any]) -> str:
    told = [str(word) for word in words]
    if any(_APART.search(word) for word in told):
        raise ValueError(BETWEEN)
    return BETWEEN.join(told)


def typed_words(form: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    """The words that the form says; what the program itself reads by name stays."""
    fields = {key: {**told, "headings": _apart(form, f"field/{key}")} for key, told in data["fields"].items()}
    told = {**data, "fields": fields, "statuses": list(_typed_statuses(form, data)), "questions": dict(_typed_questions(form))}
    told["blank_status"] = {key: _plain(form, f"blank/{key}") for key in data["blank_status"]}
    return told | {key: _apart(form, f"list/{key}") for key in LISTS}


def _typed_statuses(form: Mapping[str, str], data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for n in _in_order("status", form):
        words = _apart(form, f"status/{n}/words")
        if not words:
            continue
        told: dict[str, Any] = {"words": words, "state": _plain(form, f"status/{n}/state")}
        told |= {"label": label} if (label := _plain(form, f"status/{n}/label")) else {}
        told |= {"cycle": int(cycle)} if (cycle := _plain(form, f"status/{n}/cycle")).isdecimal() else {}
        # A form posts every value of a name; a plain mapping has only one.
        ticked = form.getlist(f"status/{n}/flags") if hasattr(form, "getlist") else []
        told |= {"flags": ticked} if ticked else {}
        was = _plain(form, f"status/{n}/was")
        old = data["statuses"][int(was) - 1] if was.isdecimal() and 0 < int(was) <= len(data["statuses"]) else {}
        yield told | ({"warning": old["warning"]} if "warning" in old else {})


def _typed_questions(form: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    for n in _in_order("question", form):
        heading = _plain(form, f"question/{n}/heading")
        if heading:
            yield heading, {answer: _plain(form, f"question/{n}/{answer}") for answer in ("affirmed", "denied")}


# ---- what was typed -------------------------------------------------------------------------------------------------------


def _plain(form: Mapping[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())


def _apart(form: Mapping[str, str], name: str) -> list[str]:
    return [word for part in _APART.split(form.get(name, "").replace("\r\n", "\n")) if (word := part.strip())]


def _in_order(table: str, form: Mapping[str, str]) -> list[int]:
    """The lines of a table that were sent, in the order of their places; a new one before what stands there."""
    found = []
    for n in range(MOST):
        if f"{table}/{n}/line" in form:
            place, is_old = form.get(f"{table}/{n}/at", "").strip(), bool(form.get(f"{table}/{n}/was"))
            found.append((int(place) if place.isdecimal() else MOST + n, is_old, n))
    return [n for _place, _old, n in sorted(found)]
