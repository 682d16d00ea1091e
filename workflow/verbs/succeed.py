"""succeed: an organ is merged into another or replaced by it; what it had to do goes on there, the dates as they are.

The organ about which a case was opened stays its subject: the finding was made there.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import bindparam, not_, or_, select

from states.errors import BadInput, Conflict, NotFound
from workflow.agendas import move_items
from workflow.casefile import CaseFile
from workflow.cases import lock_any
from workflow.closing import end
from workflow.desk import Desk, bump
from workflow.models import Link, Organ
from workflow.occasions import moved
from workflow.permissions import CASES
from workflow.statements import Prepared
from workflow.talks import find_joinable

# The relations in which an organ has something to do.
DUTIES = ("holder_id", "supervisor_id", "interviewer_id", "interviewee_id")
OPEN_CASES = Prepared(
    select(CASES.c.id)
    .where(
        not_(CASES.c.final),
        not_(CASES.c.withdrawn),
        or_(*[CASES.c[name] == bindparam("organ_id") for name in DUTIES]),
    )
    .order_by(CASES.c.id)
)


def succeed(desk: Desk, *, organ_id: int, successor_id: int, on: date) -> list[int]:
    """From `on`, today or before, the successor stands in the organ's place; the ids of the open cases that moved.

    Each has an event; joinable talks that have become talks of the same two merge (practice.md §6 walk 9).
    """
    _require_pair(desk, organ_id, successor_id)
    if on > desk.occasion.today:
        raise BadInput(why="date_ahead")  # What it has to do would move today and it would still be there.
    values = {"valid_to": on - timedelta(1), "successor_id": successor_id}
    desk.store.update(Organ, values, id=organ_id)
    moved(desk.store, "tree")
    case_ids = [row["id"] for row in desk.store.rows(OPEN_CASES, organ_id=organ_id)]
    for case_id in case_ids:
        _move(desk, lock_any(desk.store, desk.context, case_id, desk.occasion), organ_id, successor_id)
    return case_ids


def _require_pair(desk: Desk, organ_id: int, successor_id: int) -> None:
    organs = desk.occasion.tree.organs
    for each in (organ_id, successor_id):
        if each not in organs:
            raise NotFound(what="organ", id=each)
    organ, successor = organs[organ_id], organs[successor_id]
    if organ_id == successor_id or organ.level != successor.level:
        raise BadInput(why="successor")
    if organ.successor_id is not None or successor.successor_id is not None or successor.valid_to is not None:
        raise Conflict(why="organ_ended")


def _move(desk: Desk, file: CaseFile, organ_id: int, successor_id: int) -> None:
    changed = [name for name in DUTIES if file.row[name] == organ_id]
    for name in changed:
        file.row[name] = successor_id
    for clock in file.live_clocks():
        if clock["organ_id"] == organ_id:
            clock["organ_id"] = successor_id
    bump(file)
    desk.happened(file, "successor", extra={"organ_from": organ_id, "organ_to": successor_id})
    if {"interviewer_id", "interviewee_id"} & set(changed) and file.row["joinable"]:
        _merge_talk(desk, file)


def _merge_talk(desk: Desk, file: CaseFile) -> None:
    """The successor may have a talk with the same other end already: joinable ones merge, there is at most one."""
    file.row["joinable"] = False
    other_id = find_joinable(desk.store, desk.context, file.row["interviewer_id"], file.row["interviewee_id"])
    if other_id is None:
        file.row["joinable"] = True
        return
    move_items(desk, file, other_id)
    end(desk, file, "merged")
    desk.context.add(Link, {"case_id": file.id, "other_id": other_id, "relation": "merged_into"})
    desk.happened(file, "merge", extra={"into": other_id}, by_person=False)
    desk.happened(
        lock_any(desk.store, desk.context, other_id, desk.occasion), "merged_here", extra={"merged": file.id}, by_person=False
    )
