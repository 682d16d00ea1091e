"""Cases that belong to another: its latest interview, the n-th case that it caused, its n-th child."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import select

from states.errors import CaseNotFound
from workflow.models import AgendaItem, Link
from workflow.permissions import CASES
from workflow.store import Store, table_of

_agenda, _link = table_of(AgendaItem), table_of(Link)

Relation = Literal["interview", "caused", "child"]


def find_related(store: Store, case_id: int, relation: Relation, *, kind: str = "", nth: int = 1) -> int:
    """The id of the `nth` such case by age (the latest interview first), or CaseNotFound."""
    rows = store.select(_statement(case_id, relation, kind))
    if len(rows) < nth:
        raise CaseNotFound(id=case_id, relation=relation)
    return int(rows[nth - 1]["id"])


def _statement(case_id: int, relation: Relation, kind: str) -> Any:
    if relation == "interview":
        on_agenda = select(_agenda.c.interview_id.label("id")).where(_agenda.c.case_id == case_id)
        return on_agenda.order_by(_agenda.c.interview_id.desc())
    if relation == "caused":
        caused = select(_link.c.other_id.label("id")).join(CASES, CASES.c.id == _link.c.other_id)
        return caused.where(_link.c.case_id == case_id, CASES.c.kind == kind).order_by(_link.c.other_id)
    return select(CASES.c.id).where(CASES.c.parent_id == case_id, CASES.c.kind == kind).order_by(CASES.c.id)
