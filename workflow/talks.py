"""The two ends of an interview: who talks to whom, and which talk of theirs may still be joined."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from states.definition import InterviewRule
from states.errors import BadInput, Conflict
from workflow.cases import areas_of
from workflow.context import Context
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.roster import find_organ
from workflow.statements import Prepared, Row
from workflow.store import Store

JOINABLE = Prepared(
    select(CASES.c.id).where(
        CASES.c.interviewer_id == bindparam("interviewer_id"),
        CASES.c.interviewee_id == bindparam("interviewee_id"),
        CASES.c.joinable,
    )
)


def find_joinable(store: Store, context: Context, interviewer_id: int, interviewee_id: int) -> int | None:
    """The interview of these two ends that may still be joined."""
    for file in context.files.values():
        ends = (file.row["interviewer_id"], file.row["interviewee_id"])
        if file.row["joinable"] and ends == (interviewer_id, interviewee_id):
            return file.id
    row = store.row(JOINABLE, interviewer_id=interviewer_id, interviewee_id=interviewee_id)
    return int(row["id"]) if row else None


def ends_by_hand(store: Store, context: Context, occasion: Occasion, rule: InterviewRule, subject_id: int) -> Row:
    """The ends of a talk that somebody registers: its subject, and whoever the definition names for the subject's level.

    Refused where nobody stands above the subject, and where the two have a talk that items may still join (semantics.md §5).
    """
    row = {"subject_id": subject_id, **areas_of(subject_id, occasion)}
    address = rule.interviewers.get(occasion.tree.organ(subject_id).level, "")
    interviewer_id = find_organ(address, row, occasion.tree) if address else None
    if interviewer_id in (None, subject_id):
        raise BadInput(why="no_interviewer")
    assert interviewer_id is not None, "just looked at"
    if find_joinable(store, context, interviewer_id, subject_id) is not None:
        raise Conflict(why="interview_open")
    return {"interviewer_id": interviewer_id, "interviewee_id": subject_id, "joinable": True}
