"""Requests for a later date that wait: whose word comes first, and by when they must be decided (practice.md §9.3 Z9)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import bindparam, select

from states.definition import Definition, ExtensionRule, Transition
from workflow.casefile import CaseFile
from workflow.dates import Calendar, due_on, local_day
from workflow.desk import Desk
from workflow.models import Request
from workflow.statements import Prepared
from workflow.store import table_of
from workflow.tree import Tree

_request = table_of(Request)
UNDECIDED = Prepared(
    select(_request).where(
        _request.c.case_id == bindparam("case_id"),
        _request.c.clock == bindparam("clock"),
        _request.c.kind == "extension",
        _request.c.decided_at.is_(None),
    )
)


def decide_by(calendar: Calendar, rule: ExtensionRule, asked_at: datetime) -> date:
    """The last day for the decision: so many working days after it was asked for, the opinion asked for within them."""
    return due_on(calendar, local_day(asked_at), rule.wait_workdays, "workday").on


def advisers(tree: Tree, definition: Definition, rule: ExtensionRule, holder_id: int | None, subject_id: int) -> list[str]:
    """The kinds of organ above a village, as the tree has them, whose opinion is asked for."""
    if not rule.opinion or holder_id is None or tree.organ(holder_id).level != "village":
        return []
    steps = [step for step in definition.transitions if step.trigger == rule.opinion]
    kinds = dict.fromkeys(kind for step in steps for who in step.who for kind in who.organs)
    return [kind for kind in kinds if tree.find_above(subject_id, kind) is not None]


def decision_due(desk: Desk, file: CaseFile, transition: Transition) -> date | None:
    """By when what this step gives an opinion on must be decided; None where it gives none on anything that waits."""
    for clock in file.served.definition.clocks:
        if clock.extension is not None and clock.extension.opinion == transition.trigger:
            asked = desk.store.row(UNDECIDED, case_id=file.id, clock=clock.key)
            if asked is not None:
                return decide_by(desk.occasion.calendar, clock.extension, asked["asked_at"])
    return None
