"""Who hears of a proposal to dispose of cases: those who may decide it, then whoever proposed it. Never which cases.

Whoever may decide leads the body that supervises each of the cases, sees each of them and has handled none, as `decide` asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, func, select

from workflow.casefile import CaseFile
from workflow.desk import Desk
from workflow.disposal.appraisal import handled_by
from workflow.people.actors import actor_of
from workflow.permissions import CASES, visible
from workflow.verbs.standing import LEADING_ROLES
from workflow.versions.telling import Told, tell

PROPOSED = "disposal_proposed"
ANSWERS = {True: "disposal_granted", False: "disposal_refused"}


def tell_deciders(desk: Desk, disposal_id: int, files: Sequence[CaseFile]) -> None:
    """The proposal waits for them."""
    people = [person_id for person_id in _leaders(desk, files) if _may_decide(desk, person_id, files)]
    tell(desk, Told("disposal", disposal_id, PROPOSED, {"count": len(files)}), people)


def tell_proposer(desk: Desk, disposal_id: int, person_id: int, *, granted: bool, count: int) -> None:
    """What was decided."""
    tell(desk, Told("disposal", disposal_id, ANSWERS[granted], {"count": count}), (person_id,))


def _leaders(desk: Desk, files: Sequence[CaseFile]) -> list[int]:
    """Who leads the bodies that supervise the cases, all of them, but for whoever proposes."""
    holders = desk.occasion.roster.holders
    led = [
        {person for role in LEADING_ROLES for person in holders.get((organ_id, role), ())}
        for organ_id in {file.row["supervisor_id"] for file in files}
    ]
    return sorted(set.intersection(*led) - {desk.actor.person_id})


def _may_decide(desk: Desk, person_id: int, files: Sequence[CaseFile]) -> bool:
    ids = [file.id for file in files]
    actor = actor_of(desk.store, person_id, today=desk.occasion.today)
    if actor is None or handled_by(desk.store, ids, [person_id]):
        return False
    seen = and_(CASES.c.id.in_(ids), visible(actor, desk.occasion.catalogue))
    return int(desk.store.select(select(func.count().label("n")).where(seen))[0]["n"]) == len(ids)
