"""What else two people decide about a kind: that no new case of it is registered, that it is again, that a migration goes back.

One administrator proposes it with a reason, another decides; both stand in the history of the kind (decision 14).
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, select

from states.errors import BadInput, Conflict, NotFound, NotPermitted
from workflow.desk import Desk
from workflow.models import BulkRun, DefinitionVersion, Motion
from workflow.occasions import moved
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.verbs.bulk import begin_reversal
from workflow.versions.drafts import require_administrator, require_person
from workflow.versions.telling import MOTION, Told, administrators, tell

REVERSE, RETIRE, REOPEN = "reverse", "retire", "reopen"

_motion, _run = table_of(Motion), table_of(BulkRun)
_version = table_of(DefinitionVersion)
LOCKED = Prepared(select(_motion).where(_motion.c.id == bindparam("id")).with_for_update())
PENDING = Prepared(select(_motion).where(_motion.c.granted.is_(None)).order_by(_motion.c.id))
RUN = Prepared(select(_run.c.kind, _run.c.publication_id, _run.c.finished_at).where(_run.c.id == bindparam("id")))
OPENS = Prepared(select(_version.c.opens).where(_version.c.kind == bindparam("kind"), _version.c.status == "published"))


def propose(desk: Desk, what: str, *, reason: str, kind: str = "", run_id: int | None = None) -> int:
    """The id of a motion that waits for a second person; to reverse names a run, to retire and to reopen a kind."""
    require_administrator(desk.actor)
    require_person(desk.actor)
    if not reason.strip():
        raise BadInput(why="reason_empty")
    if what == REVERSE:
        kind = _kind_of(desk.store, run_id)
    else:
        _require_other(desk, kind, opens=what == REOPEN)
    if pending_of(desk.store, kind) is not None:
        raise Conflict(why="motion_waits", kind=kind)
    motion_id = desk.store.new_ids(Motion, 1)[0]
    row: Row = {"id": motion_id, "kind": kind, "what": what, "run_id": run_id, "reason": reason.strip(), "decision": ""}
    desk.store.insert(Motion, [row | {"proposed_by": desk.actor.person_id, "proposed_at": desk.occasion.now}])
    desk.configured(f"motion {motion_id} proposed, {_about(desk, row)}")
    tell(desk, Told("motion", motion_id, MOTION[None]), administrators(desk))
    return motion_id


def _about(desk: Desk, motion: Row) -> str:
    """What it is about, in words of the program's own: the run that goes back, or the version that is current."""
    if motion["what"] == REVERSE:
        return f"{REVERSE} run {motion['run_id']}"
    served = desk.occasion.catalogue.of_kind(motion["kind"])
    return f"{motion['what']} version {served.version_id}, digest {served.digest}"


def _kind_of(store: Store, run_id: int | None) -> str:
    """The kind whose open cases the run has brought under a version; NotFound for any other run."""
    run = store.row(RUN, id=run_id)
    if run is None or run["publication_id"] is None:
        raise NotFound(what="bulk_run", id=run_id)
    if run["finished_at"] is None:
        raise Conflict(why="run_goes_on")
    return str(run["kind"])


def _require_other(desk: Desk, kind: str, *, opens: bool) -> None:
    desk.occasion.catalogue.of_kind(kind)
    if any(row["opens"] == opens for row in desk.store.rows(OPENS, kind=kind)):
        raise Conflict(why="kind_is_so")


def pending_of(store: Store, kind: str) -> Row | None:
    """The motion of a kind that waits for its second person."""
    return next((row for row in store.rows(PENDING) if row["kind"] == kind), None)


def decide(desk: Desk, motion_id: int, *, granted: bool, words: str = "") -> int | None:
    """The second person's word, which takes effect at once; the run that puts cases back, where that was asked for.

    NotPermitted separation_asked for whoever proposed it.
    """
    found = _undecided(desk, motion_id)
    require_person(desk.actor)
    if found["proposed_by"] == desk.actor.person_id:
        raise NotPermitted(why="separation_asked", trigger=found["what"])
    if not granted and not words.strip():
        raise BadInput(why="reason_empty")
    made = _carry_out(desk, found) if granted else None
    _write(desk, motion_id, granted=granted, words=words, decided_by=desk.actor.person_id, made_run_id=made)
    desk.configured(f"motion {motion_id} {'granted' if granted else 'refused'}, {_about(desk, found)}")
    tell(desk, Told("motion", motion_id, MOTION[granted]), (found["proposed_by"],))
    return made


def withdraw(desk: Desk, motion_id: int, *, words: str) -> None:
    """Whoever proposed it takes it back; its reason stays to be read."""
    found = _undecided(desk, motion_id)
    if found["proposed_by"] != desk.actor.person_id:
        raise NotPermitted(why="not_your_proposal")
    if not words.strip():
        raise BadInput(why="reason_empty")
    _write(desk, motion_id, granted=False, words=words, decided_by=None, made_run_id=None)
    desk.configured(f"motion {motion_id} withdrawn, {_about(desk, found)}")


def _undecided(desk: Desk, motion_id: int) -> Row:
    require_administrator(desk.actor)
    found = desk.store.row(LOCKED, id=motion_id)
    if found is None:
        raise NotFound(what="motion", id=motion_id)
    if found["decided_at"] is not None:
        raise Conflict(why="motion_decided")
    return found


def _carry_out(desk: Desk, motion: Mapping[str, object]) -> int | None:
    if motion["what"] == REVERSE:
        return begin_reversal(desk, int(str(motion["run_id"])))
    kind, opens = str(motion["kind"]), motion["what"] == REOPEN
    _require_other(desk, kind, opens=opens)
    desk.store.update(DefinitionVersion, {"opens": opens}, kind=kind, status="published")
    moved(desk.store, "definitions")
    return None


def _write(desk: Desk, motion_id: int, *, granted: bool, words: str, decided_by: int | None, made_run_id: int | None) -> None:
    told: Row = {"granted": granted, "decision": words.strip(), "decided_at": desk.occasion.now}
    desk.store.update(Motion, told | {"decided_by": decided_by, "made_run_id": made_run_id}, id=motion_id)
