"""The second person of a change that lets somebody see more: he answers for rights, and did not ask for it (security.md R10).

A security administrator is the second; where there is none but the asker, another system administrator. His yes does the change
at once where its day has come, for open sessions too.
"""

from __future__ import annotations

from datetime import date

from states.errors import BadInput, Conflict, NotFound, NotPermitted
from workflow.desk import Desk
from workflow.models import Reorganisation
from workflow.people.proposals import PROPOSER, STAND_IN, is_second
from workflow.reorganisation import log
from workflow.store import Store
from workflow.trail import Origin
from workflow.types import Actor


def may_decide(store: Store, by: Actor, change: log.Change, today: date) -> bool:
    """Is this the second person of that change?"""
    return change.status == log.PROPOSED and is_second(store, by, {change.asked_by}, today)


def decide(desk: Desk, change_id: int, *, granted: bool, words: str = "", origin: Origin | None = None) -> None:
    """The second person's word. NotFound for who administers nothing, NotPermitted separation_asked for who asked."""
    row = desk.store.row(log.LOCKED, id=change_id)
    if row is None or not desk.actor.has_role(PROPOSER, STAND_IN):
        raise NotFound(what="reorganisation", id=change_id)
    if row["status"] != log.PROPOSED:
        raise Conflict(why="already_decided")
    if not is_second(desk.store, desk.actor, {row["asked_by"]}, desk.occasion.today):
        raise NotPermitted(why="separation_asked", trigger="reorganise")
    if not granted and not words.strip():
        raise BadInput(why="reason_empty")
    log.audit(desk, origin, f"change {change_id} {'granted' if granted else 'refused'}")
    second = {"second_by": desk.actor.person_id, "second_at": desk.occasion.now, "words": words.strip()}
    if not granted:
        log.mark(desk, change_id, log.REFUSED, **second)
        return
    desk.store.update(Reorganisation, {"status": log.WAITING, **second}, id=change_id)
    if row["from_on"] <= desk.occasion.today:
        log.take_effect(desk, change_id)
