"""Who may use the engine's own verbs (those that are not transitions of a definition), said once for all of them."""

from __future__ import annotations

from states.errors import NotPermitted, TransitionRefused
from workflow.barring import LEADING_ROLES as LEADING_ROLES
from workflow.casefile import CaseFile
from workflow.cases import lock, parties_of
from workflow.desk import Desk
from workflow.kept_back import endings_of
from workflow.permissions import READING, access_of, standings
from workflow.types import GrantFact

WORKING_ROLES = ("handler", "deputy", "head")


def open_file(desk: Desk, case_id: int) -> CaseFile:
    """The visible case, locked, refused when it is in a final state."""
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
    if file.is_final:
        raise TransitionRefused(state=file.state, why=[{"name": "is_final"}])
    return file


def require_post(
    desk: Desk, file: CaseFile, relations: tuple[str, ...], roles: tuple[str, ...] = WORKING_ROLES
) -> GrantFact | None:
    """A post of one of `roles` in an organ of one of `relations`; the machine needs none."""
    if desk.actor.sees_all and desk.actor.person_id is None:
        return None
    for standing in standings(desk.actor, file.row, parties_of(desk.store, file)):
        if standing.relation in relations and standing.grant.role in roles:
            return standing.grant
    raise NotPermitted(why="relation" if desk.actor.has_role(*roles) else "role")


def require_reader(desk: Desk, file: CaseFile) -> GrantFact | None:
    """Any working post that may read the case."""
    if desk.actor.sees_all and desk.actor.person_id is None:
        return None
    ended_from = endings_of(desk.store, desk.occasion.catalogue, [file.row]).get(file.id)
    for standing in standings(desk.actor, file.row, parties_of(desk.store, file)):
        if access_of(file.served.definition, file.row, [standing], ended_from) in READING:
            return standing.grant
    raise NotPermitted(why="relation")
