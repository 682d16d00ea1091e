"""Publishing: one person proposes a preview, another says yes to exactly that, and on its day the version is current.

1. Both name the seal of the preview. Another text, plan or ledger has another seal.
2. If the ledger has moved materially since, a new preview is asked for.
3. What is dated ahead is looked at once more on its day: both must still have the duty, and the ledger be as it was.
4. From then on the version is current, the one before is retired, and a run brings the open cases under it by the plan.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, not_, or_, select, update

from states.errors import BadInput, Conflict, DomainError, NotFound, NotPermitted
from workflow.definitions import add_version, require_own_number
from workflow.desk import Desk
from workflow.models import Draft, Note, Publication
from workflow.occasions import moved
from workflow.permissions import CASES
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.verbs.bulk import is_migrating, put_down
from workflow.versions import preview
from workflow.versions.drafts import ROLE, get_draft, require_administrator, require_person
from workflow.versions.plan import NOW, Plan
from workflow.versions.steps import forget_steps
from workflow.versions.telling import VERSION, Told, administrators, on_duty, tell

# A preview older than that is not read any more, even where no case has changed: days pass, and rungs with them.
FRESH_DAYS = 7
# A version is dated ahead so far at most: the ledger that was looked at does not stand still.
MOST_DAYS_AHEAD = 60
# So many cases, or one in a hundred, may fare otherwise than shown before somebody must look again.
FEW = 5

_publication = table_of(Publication)
BY_ID = Prepared(select(_publication).where(_publication.c.id == bindparam("id")))
LOCKED = Prepared(select(_publication).where(_publication.c.id == bindparam("id")).with_for_update())
ACTIVATE = Prepared(
    update(_publication)
    .where(_publication.c.id == bindparam("id"))
    .values(version_id=bindparam("version_id"), activated_at=bindparam("now", type_=_publication.c.activated_at.type))
)
PENDING = Prepared(
    select(_publication)
    .where(_publication.c.activated_at.is_(None), or_(_publication.c.granted.is_(None), _publication.c.granted))
    .order_by(_publication.c.from_on, _publication.c.id)
)
OPEN_CASES = Prepared(
    select(CASES.c.id, CASES.c.state)
    .where(
        CASES.c.kind == bindparam("kind"),
        not_(CASES.c.final),
        not_(CASES.c.withdrawn),
        CASES.c.definition_version_id != bindparam("version_id"),
    )
    .order_by(CASES.c.id)
)


def propose(desk: Desk, impact_id: int, *, seal: str, reason: str, from_on: date) -> int:
    """The id of a publication that waits for a second person. Conflict where the preview does not stand for the draft."""
    require_administrator(desk.actor)
    require_person(desk.actor)
    if not reason.strip():
        raise BadInput(why="reason_empty")
    if from_on < desk.occasion.today:
        raise BadInput(why="day_is_past")
    if from_on > desk.occasion.today + timedelta(MOST_DAYS_AHEAD):
        raise BadInput(why="day_too_far", most=MOST_DAYS_AHEAD)
    impact = preview.get_impact(desk.store, impact_id)
    _require_whole(desk, impact, seal)
    if pending_of(desk.store, impact["kind"]) is not None:
        raise Conflict(why="publication_waits", kind=impact["kind"])
    publication_id = desk.store.new_ids(Publication, 1)[0]
    row: Row = {"id": publication_id, "kind": impact["kind"], "impact_id": impact_id, "seal": seal, "reason": reason.strip()}
    row |= {"from_on": from_on, "proposed_by": desk.actor.person_id, "proposed_at": desk.occasion.now, "decision": ""}
    desk.store.insert(Publication, [row])
    desk.configured(f"publication {publication_id} proposed, digest {impact['digest']}, seal {seal}")
    tell(desk, Told("publication", publication_id, VERSION[None], {"from_on": from_on}), administrators(desk))
    return publication_id


def _require_whole(desk: Desk, impact: Row, seal: str) -> None:
    """The preview is finished, stands for the draft as it is, leaves nothing unsaid, and the ledger is as it was."""
    draft = get_draft(desk.store, impact["draft_id"])
    if not impact["seal"] or impact["seal"] != seal:
        raise Conflict(why="seal_differs")
    if not preview.stands_for(impact, draft):
        raise Conflict(why="draft_changed_since")
    require_own_number(desk.store, impact["kind"], impact["digest"])
    if is_migrating(desk.store, impact["kind"]):
        raise Conflict(why="migration_goes_on")
    counts = json.loads(impact["counts"])
    if counts["obstacles"]:
        raise Conflict(why="plan_unfinished", obstacles=counts["obstacles"])
    _require_current(desk, impact, counts)


def _require_current(desk: Desk, impact: Row, counts: Mapping[str, Any]) -> None:
    occasion = desk.occasion
    versions = sorted(at for at, served in occasion.catalogue.by_id.items() if served.kind == impact["kind"])
    is_old = occasion.now - impact["made_at"] > timedelta(days=FRESH_DAYS)
    if is_old or versions != counts["versions"] or occasion.calendar.version != counts["calendar"]:
        raise Conflict(why="preview_old")
    _require_unmoved(desk, impact)


def _require_unmoved(desk: Desk, impact: Row) -> None:
    changed, poisoned = preview.moved_since(desk.store, desk.occasion, impact)
    if poisoned or changed > max(FEW, impact["total"] // 100):
        raise Conflict(why="ledger_moved", cases=changed)


def pending_of(store: Store, kind: str) -> Row | None:
    """The publication of a kind that waits for its second person or for its day."""
    return next((row for row in store.rows(PENDING) if row["kind"] == kind), None)


def get_publication(store: Store, publication_id: int) -> Row:
    """The publication, or NotFound."""
    row = store.row(BY_ID, id=publication_id)
    if row is None:
        raise NotFound(what="publication", id=publication_id)
    return row


def decide(desk: Desk, publication_id: int, *, granted: bool, seal: str, words: str = "") -> int | None:
    """The second person's word; the run that brings the open cases over, where the version is current at once.

    NotPermitted separation_asked for whoever proposed it.
    """
    require_administrator(desk.actor)
    found = desk.store.row(LOCKED, id=publication_id)
    if found is None:
        raise NotFound(what="publication", id=publication_id)
    if found["decided_at"] is not None:
        raise Conflict(why="already_decided")
    require_person(desk.actor)
    if found["proposed_by"] == desk.actor.person_id:
        raise NotPermitted(why="separation_asked", trigger="publish")
    if not granted and not words.strip():
        raise BadInput(why="reason_empty")
    if granted:
        _require_whole(desk, preview.get_impact(desk.store, found["impact_id"]), seal)
    told: Row = {"granted": granted, "decision": words.strip()}
    told |= {"decided_by": desk.actor.person_id, "decided_at": desk.occasion.now}
    desk.store.update(Publication, told, id=publication_id)
    desk.configured(f"publication {publication_id} {'granted' if granted else 'refused'}, {_text_of(desk, found)}")
    answer = Told("publication", publication_id, VERSION[granted], {"from_on": found["from_on"]})
    tell(desk, answer, (found["proposed_by"],))
    if granted and found["from_on"] <= desk.occasion.today:
        return _activate(desk, found | told)
    return None


def withdraw(desk: Desk, publication_id: int, *, words: str) -> None:
    """Takes a proposal back before its day; nothing comes of it, and its reason stays to be read.

    Whoever made it may; once it is granted and waits for its day, any administrator may stop it.
    """
    require_administrator(desk.actor)
    found = desk.store.row(LOCKED, id=publication_id)
    if found is None:
        raise NotFound(what="publication", id=publication_id)
    if found["proposed_by"] != desk.actor.person_id and not found["granted"]:
        raise NotPermitted(why="not_your_proposal")
    if found["activated_at"] is not None or found["granted"] is False:
        raise Conflict(why="already_decided")
    if not words.strip():
        raise BadInput(why="reason_empty")
    told: Row = {"granted": False, "decision": words.strip(), "decided_at": desk.occasion.now, "decided_by": None}
    desk.store.update(Publication, told, id=publication_id)
    desk.configured(f"publication {publication_id} withdrawn, {_text_of(desk, found)}")


def _text_of(desk: Desk, publication: Row) -> str:
    return f"digest {preview.get_impact(desk.store, publication['impact_id'])['digest']}, seal {publication['seal']}"


def due(store: Store, today: date) -> list[int]:
    """Publications whose day has come, read without a lock."""
    return [row["id"] for row in store.rows(PENDING) if row["granted"] and row["from_on"] <= today]


def take_effect(desk: Desk, publication_id: int) -> bool:
    """Makes current what was dated ahead; False where another scheduler was first, or while cases of the kind still move.

    NotPermitted duty_ended where one of the two has the duty no more, Conflict ledger_moved where the open cases would fare
    otherwise by now than what the two have sealed.
    """
    found = desk.store.row(LOCKED, id=publication_id)
    if found is None or found["activated_at"] is not None or not found["granted"]:
        return False
    if is_migrating(desk.store, found["kind"]):
        return False  # The next ring looks whether they are there.
    if not {found["proposed_by"], found["decided_by"]} <= on_duty(desk, ROLE):
        raise NotPermitted(why="duty_ended", trigger="publish")
    _require_unmoved(desk, preview.get_impact(desk.store, found["impact_id"]))
    _activate(desk, found)
    return True


def _activate(desk: Desk, found: Row) -> int | None:
    """Makes the version current; the id of the run over the open cases, or None where none is open."""
    publication_id, impact = found["id"], preview.get_impact(desk.store, found["impact_id"])
    version_id = _serve(desk, impact, found["from_on"])
    desk.store.run(ACTIVATE, id=publication_id, version_id=version_id, now=desk.occasion.now)
    desk.store.update(Draft, {"status": "published"}, id=impact["draft_id"])
    forget_steps(desk.store, impact["draft_id"])
    desk.configured(f"publication {publication_id} current, version {version_id}, digest {impact['digest']}")
    moved(desk.store, "definitions")
    return _begin_run(desk, found, impact, version_id)


def give_up(desk: Desk, publication_id: int, *, why: DomainError) -> None:
    """A version that was granted cannot be made current on its day: it is over, and its administrators are told."""
    found = get_publication(desk.store, publication_id)
    body = canonical({"code": why.code, "verb": "publish", "kind": found["kind"], **why.params})
    note = {"at": desk.occasion.now, "kind": "set_aside", "case_id": None, "actor_id": found["decided_by"], "body": body}
    desk.store.insert(Note, [note])
    desk.store.update(Publication, {"granted": False}, id=publication_id)
    desk.configured(f"publication {publication_id} dropped, {_text_of(desk, found)}")
    answer = Told("publication", publication_id, VERSION[False], {"from_on": found["from_on"]})
    tell(desk, answer, (found["proposed_by"], found["decided_by"]))


def _serve(desk: Desk, impact: Row, from_on: date) -> int:
    require_own_number(desk.store, impact["kind"], impact["digest"])
    layout = get_draft(desk.store, impact["draft_id"])["layout"]
    row = add_version(desk.store, impact["kind"], impact["digest"], now=desk.occasion.now, from_on=from_on, layout=layout)
    return int(row["id"])


def _begin_run(desk: Desk, publication: Row, impact: Row, version_id: int) -> int | None:
    plan = Plan.of(json.loads(impact["plan"]))
    rows = desk.store.rows(OPEN_CASES, kind=impact["kind"], version_id=version_id)
    ids = [row["id"] for row in rows if plan.when_in(row["state"]) == NOW]
    if not ids:
        return None
    told = {"person_id": publication["decided_by"], "kind": impact["kind"], "publication_id": publication["id"]}
    return put_down(desk, told, ids)
