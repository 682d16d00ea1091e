"""The two ends of an interview: who talks to whom, and which talk of theirs may still be joined; and what tells of one.

A change of a case that is about a talk and nothing else is not told to everybody who reads the case (reads/untold.py), so the
hour by which lists lie, `told_at`, does not move by it: its place in a list would tell of the talk (security.md R19).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from states.definition import Definition, InterviewRule
from states.errors import BadInput, Conflict
from workflow.casefile import CaseFile
from workflow.cases import areas_of
from workflow.context import Context
from workflow.models import AgendaItem
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.roster import find_organ
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

JOINABLE = Prepared(
    select(CASES.c.id).where(
        CASES.c.interviewer_id == bindparam("interviewer_id"),
        CASES.c.interviewee_id == bindparam("interviewee_id"),
        CASES.c.joinable,
    )
)
_agenda = table_of(AgendaItem)
PUT_ON_BY = Prepared(
    select(_agenda.c.interview_id)
    .where(_agenda.c.case_id == bindparam("case_id"), _agenda.c.rung == bindparam("rung"))
    .limit(1)
)


def leading_to_talks(definition: Definition) -> frozenset[str]:
    """The rungs that hold their ladder, for a talk."""
    tiers = (tier for ladder in definition.ladders for tier in ladder.tiers)
    return frozenset(rung.key for tier in tiers for rung in tier if rung.holds)


def is_about_talk(store: Store, context: Context, file: CaseFile, verb: str, facts: Mapping[str, Any]) -> bool:
    """Is what is happening to the case about a talk, whichever, and nothing else? Asked before its event is written.

    So that nobody who may not see the talk is told of it; a new date and another state are told to everybody (`Untold.hides`).
    """
    if file.served.definition.interview or verb == "new_date" or file.before.get("state") != file.state:
        return False
    if "interview" in facts:
        return True
    if facts.get("opened"):
        made = [context.files.get(case_id) for case_id in facts["opened"]]
        return any(one is None or one.served.definition.interview is not None for one in made)
    if verb == "rung":
        return facts["rung"] in leading_to_talks(file.served.definition)
    here = {row["rung"] for row in context.rows_of(AgendaItem) if row["case_id"] == file.id}
    if verb == "organisation_rule":
        rung = f"rule_{facts['rule']}"
        return rung in here or store.row(PUT_ON_BY, case_id=file.id, rung=rung) is not None
    return verb == "fire" and any(rung.startswith("by_hand_") for rung in here)


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
