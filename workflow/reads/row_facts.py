"""What the guards of the steps on a list look at beside the rows themselves: files, children, requests, clocks, agendas.

All of it comes in one statement for so many rows, and only for those whose steps have such a guard.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, case, literal, or_, select, type_coerce, union_all

from states.definition import Condition, Definition, Transition
from states.evidence import counted, unfit
from states.facts import AgendaItem, Child, Facts
from states.machine import conditions_of
from workflow.casefile import LIVE
from workflow.fresh import OWN_PAPERS
from workflow.models import AgendaItem as Item
from workflow.models import Case, Clock, Evidence, Request, StoredFile
from workflow.permissions import CASES
from workflow.reads.sight import TOGETHER, chunks, padded
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

# Guards that a row answers by itself, and those over answers, which wait for the form.
ON_THE_ROW = frozenset(
    {"field_filled", "field_is", "field_in", "fired_at_least", "fired_at_most", "is_paused", "in_cycle_after", "closed_within"}
    | {"date_reached"}
    | {"approval_given", "recipient_is", "recipient_may_handle_subjects", "min_workdays", "agenda_dated"}
)

_child = table_of(Case).alias("child")
_evidence, _request, _clock, _item = table_of(Evidence), table_of(Request), table_of(Clock), table_of(Item)
_file = table_of(StoredFile)
_NONE = type_coerce(literal(""), Text)


def _part(what: str, of: ColumnElement[Any], *told: ColumnElement[Any]) -> Select[Any]:
    """One kind of fact of many cases as rows of five columns."""
    named = [column.label(name) for name, column in zip(("one", "two", "data"), (*told, _NONE, _NONE), strict=False)]
    return select(of.label("of"), literal(what).label("what"), *named).where(
        of.in_([bindparam(f"id{n}") for n in range(TOGETHER)])
    )


BESIDE = Prepared(
    union_all(
        _part("file", _evidence.c.case_id, _evidence.c.label, _file.c.media_type)
        .join(_file, _file.c.id == _evidence.c.file_id)
        .join(CASES, and_(CASES.c.id == _evidence.c.case_id, CASES.c.cycle == _evidence.c.cycle))
        .where(_evidence.c.undone_seq.is_(None), _evidence.c.label.not_in(OWN_PAPERS)),
        _part("child", _child.c.parent_id, _child.c.kind, _child.c.state, _child.c.data),
        _part("request", _request.c.case_id, _request.c.kind).where(_request.c.decided_at.is_(None)),
        _part("clock", _clock.c.case_id, _clock.c.key)
        .join(CASES, and_(CASES.c.id == _clock.c.case_id, CASES.c.cycle == _clock.c.cycle))
        .where(_clock.c.status.in_(LIVE)),
        _part("item", _item.c.interview_id, case((or_(CASES.c.final, CASES.c.withdrawn), "closed"), else_=""))
        .join(CASES, CASES.c.id == _item.c.case_id)
        .where(_item.c.left_at.is_(None)),
    )
)


def facts_of_row(row: Row, today: date) -> Facts:
    """What a row knows of its case by itself."""
    return Facts(
        kind=row["kind"],
        state=row["state"],
        cycle=row["cycle"],
        data=json.loads(row["data"]),
        tally=json.loads(row["tally"]),
        paused=row["paused_since"] is not None,
        closed_on=row["closed_on"],
        today=today,
    )


def facts_beside(store: Store, facts: Mapping[int, Facts], definitions: Mapping[int, Definition]) -> dict[int, Facts]:
    """The same with all that lies beside each case, by the version that it runs by: one statement for so many."""
    lying: dict[int, dict[str, list[Row]]] = {case_id: {} for case_id in facts}
    for chunk in chunks(list(facts)):
        for row in store.rows(BESIDE, **padded(chunk)):
            lying[row["of"]].setdefault(row["what"], []).append(row)
    return {case_id: _with(known, lying[case_id], definitions[case_id]) for case_id, known in facts.items()}


def _with(facts: Facts, lying: Mapping[str, list[Row]], definition: Definition) -> Facts:
    def each(what: str) -> Iterable[Row]:
        return lying.get(what, ())

    files = [(row["one"], row["two"]) for row in each("file")]
    return replace(
        facts,
        evidence=counted(definition, files),
        unfit=unfit(definition, files),
        children=tuple(_child_of(row) for row in each("child")),
        waiting=frozenset(row["one"] for row in each("request")),
        clocks=frozenset(row["one"] for row in each("clock")),
        agenda=tuple(AgendaItem(0, row["one"] == "closed") for row in each("item")),
    )


def _child_of(row: Row) -> Child:
    # Whether a child is closed no guard asks: it asks for states.
    return Child(row["one"], row["two"], False, json.loads(row["data"]))


def looks_beside(steps: Iterable[Transition]) -> bool:
    """Has one of the steps a guard that a row cannot answer by itself?"""
    return any(_leaf_names(condition) - ON_THE_ROW for step in steps for condition in conditions_of(step))


def _leaf_names(condition: Condition) -> frozenset[str]:
    if condition.parts:
        return frozenset(name for part in condition.parts for name in _leaf_names(part))
    return frozenset({condition.name})
