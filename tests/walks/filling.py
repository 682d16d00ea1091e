"""Fills any form of any definition with plausible answers, so that a walk can press every button."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from states.definition import Definition, Field, Transition
from states.formats import FORMATS
from states.forms import transition_fields
from tests.factories import PEOPLE

APPROVER = "高建国"  # a leader who decides on paper


def fill(fields: Iterable[Field], today: date, organs: dict[str, int], people: dict[str, int]) -> dict[str, Any]:
    """An answer for every question, required or not, but agenda dates."""
    told = {field.key: _answer(field, today, organs, people) for field in fields}
    return {key: value for key, value in told.items() if value is not None}


def _answer(field: Field, today: date, organs: dict[str, int], people: dict[str, int]) -> Any:
    if field.type in ("text", "long_text"):
        return FORMATS[field.format].example if field.format else "答"
    if field.type in ("money", "integer"):
        return 1
    if field.type == "flag":
        return True
    if field.type == "time":
        return "9:30"
    if field.type == "date":
        return (today + timedelta(min(field.max_days, 20) if field.max_days is not None else 0)).isoformat()
    if field.type == "choice":
        return field.choices[0].key
    if field.type == "choices":
        return [field.choices[0].key]
    if field.type == "organ":
        return organs[_organ_for(field)]
    if field.type == "person":
        return people["zhou"]
    return [fill(field.columns, today, organs, people)] if field.type == "rows" else None


def _organ_for(field: Field) -> str:
    if field.kinds and "village_party_organisation" not in field.kinds:
        return "liuhe_discipline" if not field.not_subject or "township_discipline_committee" in field.kinds else "commission"
    return "donggou_branch"


def answers_for(
    definition: Definition,
    transition: Transition,
    today: date,
    organs: dict[str, int],
    people: dict[str, int],
    agenda: Iterable[int] = (),
    approver: str | None = APPROVER,
) -> dict[str, Any]:
    """The answers of a transition's whole form, with the approval from paper and the new dates of the agenda."""
    del definition
    told = fill(transition_fields(transition), today, organs, people)
    for question in transition.form:
        if question.type == "agenda_dates":
            told[question.key] = {str(case_id): (today + timedelta(14)).isoformat() for case_id in agenda}
    if transition.approval is not None and approver is not None:
        told["approval"] = {"approver": approver, "on": today.isoformat(), "paper_number": "巡〔2026〕1号"}
    return told


def approver_of(transition: Transition, row: dict[str, Any], organs: dict[str, int], login: str) -> str | None:
    """Somebody other than `login` whom the transition's rule lets approve; None where nobody is left."""
    if transition.approval is None:
        return None
    relation = row.get(f"{transition.approval.relation}_id")
    known = (
        name
        for other, name, role, organ, _ceiling in PEOPLE
        if other != login and role in transition.approval.roles and organs[organ] == relation
    )
    return next(known, None)


def with_scan(told: dict[str, Any], keep: Callable[[], int]) -> dict[str, Any]:
    """The answers with the scan of the approval that they record, kept by whoever hands them in."""
    paper = told.get("approval")
    return {**told, "approval": {**paper, "scan": keep()}} if paper and "scan" not in paper else told
