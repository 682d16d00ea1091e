"""What else two people decide about a kind, as administrators of workflows see it: who proposed it, why, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from states.errors import NotFound
from workflow.models import BulkItem, Motion
from workflow.reads.names import names_of
from workflow.statements import Prepared
from workflow.store import Store, table_of

_motion, _item = table_of(Motion), table_of(BulkItem)
_moved = (
    select(func.count())
    .where(_item.c.run_id == _motion.c.run_id, _item.c.status == "done", _item.c.seq > 0)
    .correlate(_motion)
    .scalar_subquery()
    .label("cases")
)
MOTIONS = Prepared(select(_motion, _moved).order_by(_motion.c.id.desc()))


@dataclass(frozen=True, slots=True)
class MotionView:
    """A motion with its two people; `status` is waiting, done, refused or withdrawn, `cases` how many a reversal is about."""

    id: int
    kind: str
    what: str
    run_id: int | None
    made_run_id: int | None
    reason: str
    proposed_by: int
    proposer: str
    proposed_at: datetime
    decider: str
    decided_at: datetime | None
    decision: str
    status: str
    cases: int


def list_motions(store: Store) -> tuple[MotionView, ...]:
    """Every motion, newest first."""
    rows = store.rows(MOTIONS)
    names = names_of(store, {person for row in rows for person in (row["proposed_by"], row["decided_by"])})
    plain = ("id", "kind", "what", "run_id", "made_run_id", "reason", "proposed_by", "proposed_at", "decided_at", "decision")
    return tuple(
        MotionView(
            **{name: row[name] for name in (*plain, "cases")},
            proposer=names.get(row["proposed_by"], ""),
            decider=names.get(row["decided_by"], "") if row["decided_by"] is not None else "",
            status=_status(row["granted"], row["decided_by"]),
        )
        for row in rows
    )


def _status(granted: bool | None, decided_by: int | None) -> str:
    if granted is None:
        return "waiting"
    if granted:
        return "done"
    return "withdrawn" if decided_by is None else "refused"


def get_motion(store: Store, motion_id: int) -> MotionView:
    """One motion, or NotFound."""
    found = next((one for one in list_motions(store) if one.id == motion_id), None)
    if found is None:
        raise NotFound(what="motion", id=motion_id)
    return found


def motions_for(store: Store, person_id: int | None) -> list[MotionView]:
    """What somebody else has moved and this administrator may decide."""
    return [one for one in list_motions(store) if one.status == "waiting" and one.proposed_by != person_id]
