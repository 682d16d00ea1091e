"""bulk: one step on many cases, each with its own result, worked off in batches that a crash neither loses nor doubles.

1. The cases are fixed when the run begins, as far as its owner sees them; nothing that he cannot see is ever an item.
2. Whoever works claims the next waiting items, skipping what others hold, and does them in the transaction that marks them:
   killed anywhere, a case is done and marked, or neither. So the mark is the key under which nothing is done twice.
3. The owner's posts are looked up in each of these transactions: what he may not do any more is refused, case by case.
4. If one of a batch is refused, the batch rolls back and is done again one by one; the refusal is marked where it still waits.
5. Who finds fewer waiting than a batch holds ends the run, unless somebody else still has some of it in hand.

Anybody may work at any run at any time: the request that begins a small one, the scheduler, which takes up again what a
killed process has left, and the page that shows the progress, which therefore goes on where no scheduler runs.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol, TypeVar

import psycopg
from sqlalchemy import and_, bindparam, exists, not_, or_, select, update
from sqlalchemy.exc import OperationalError

from states.errors import (
    BadInput,
    Conflict,
    DomainError,
    InvalidForm,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    TransitionRefused,
)
from states.forms import load_transition_form
from workflow.answers import lookup_of
from workflow.barring import barring_of
from workflow.cases import lock
from workflow.dates import local_day
from workflow.desk import Desk
from workflow.files import Received
from workflow.models import BulkItem, BulkRun, Impact, Note, Publication
from workflow.occasion import Occasion
from workflow.people.actors import actor_of
from workflow.permissions import CASES, visible
from workflow.reads.bands import signing_states
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.types import MACHINE, Actor
from workflow.verbs.evidence import with_scan
from workflow.verbs.fire import fire
from workflow.verbs.migrate import migrate, take_back
from workflow.verbs.undo import undo
from workflow.versions.drafts import require_administrator, require_person
from workflow.versions.plan import Plan

T = TypeVar("T")
Choose = Callable[[Store, Occasion], Iterable[int]]

MOST = 10_000
BATCH = 100
TOGETHER = 1_000  # ids asked about in one statement
# What the database itself says when it is gone, full or busy: no fault of a case, so the run waits for the next who works.
UNABLE = (OperationalError, psycopg.OperationalError, sqlite3.OperationalError, OutcomeUnknown)
# Faults of an answer that another case may not have.
OF_ONE_CASE = ("is_subject", "barred")
TO_SIGN = "to_sign"  # only cases that wait to be signed for

_run, _item = table_of(BulkRun), table_of(BulkItem)
_impact, _publication = table_of(Impact), table_of(Publication)
_waits = and_(_item.c.run_id == bindparam("run_id"), _item.c.status == "waiting")
RUN = Prepared(select(_run).where(_run.c.id == bindparam("id")))
UNFINISHED = Prepared(select(_run.c.id).where(_run.c.finished_at.is_(None)).order_by(_run.c.id))
# Runs that bring open cases of a kind under a version, or back.
_undone = _run.alias("undone")
MIGRATING = Prepared(
    select(_run.c.id)
    .outerjoin(_undone, _undone.c.id == _run.c.undoes)
    .where(
        _run.c.kind == bindparam("kind"),
        _run.c.finished_at.is_(None),
        or_(_run.c.publication_id.is_not(None), _undone.c.publication_id.is_not(None)),
    )
)
CLAIM = Prepared(
    select(_item.c.case_id).where(_waits).order_by(_item.c.case_id).limit(bindparam("limit")).with_for_update(skip_locked=True)
)
CLAIM_ONE = Prepared(
    select(_item.c.case_id).where(_waits, _item.c.case_id == bindparam("case_id")).with_for_update(skip_locked=True)
)
SETTLE = Prepared(
    update(_item)
    .where(_waits, _item.c.case_id == bindparam("case_id"))
    .values({name: bindparam(name, type_=_item.c[name].type) for name in ("seq", "code", "params", "settled_at")})
    .values(status=bindparam("now_is", type_=_item.c.status.type))
)
# What was answered stands in the histories of the cases, and nowhere else once the run is over.
FINISH = Prepared(
    update(_run)
    .where(_run.c.id == bindparam("run_id"), _run.c.finished_at.is_(None), ~exists(select(_item.c.case_id).where(_waits)))
    .values(finished_at=bindparam("now", type_=_run.c.finished_at.type), data="{}")
)
# Of a case where there was nothing to do no event tells, and there is nothing to take back.
DONE = Prepared(select(_item.c.case_id).where(_item.c.run_id == bindparam("run_id"), _item.c.status == "done", _item.c.seq > 0))
IMPACT = Prepared(
    select(_impact.c.plan, _publication.c.version_id)
    .join(_publication, _publication.c.impact_id == _impact.c.id)
    .where(_publication.c.id == bindparam("id"))
)
TAKEN_BACK = Prepared(
    select(_run.c.id).join(_undone, _undone.c.id == _run.c.undoes).where(_undone.c.publication_id == bindparam("id"))
)
LEFT_OVER = Prepared(
    select(_item.c.case_id)
    .join(_run, _run.c.id == _item.c.run_id)
    .join(CASES, CASES.c.id == _item.c.case_id)
    .where(_run.c.publication_id == bindparam("id"), _item.c.status == "refused")
    .where(not_(CASES.c.final), not_(CASES.c.withdrawn), CASES.c.definition_version_id != bindparam("version_id"))
    .distinct()
    .order_by(_item.c.case_id)
)
DONE_BY = Prepared(select(_item.c.seq).where(_item.c.run_id == bindparam("run_id"), _item.c.case_id == bindparam("case_id")))


class Write(Protocol):
    """One transaction at the worker's hour."""

    def __call__(self, body: Callable[[Desk], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done with each case: `trigger` with `data`, or, with `undoes`, taking back what that run has done."""

    trigger: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    condition: str = ""
    undoes: int | None = None
    origin: str = ""


# ---- beginning ------------------------------------------------------------------------------------------------------------


def begin(desk: Desk, wish: Wish, choose: Choose, scan: Received | None = None) -> int:
    """The id of a new run over the cases chosen. BadInput too_many_cases beyond 10,000, and then nothing is begun.

    `scan` is kept once; each case that is done has it as evidence.
    """
    actor = desk.actor
    assert actor.person_id is not None, "the machine has ways of its own to do many things"
    asked = list(dict.fromkeys(choose(desk.store, desk.occasion)))
    if len(asked) > MOST:
        raise BadInput(why="too_many_cases", most=f"{MOST:,}")
    seen = seen_of(desk.store, desk.occasion, actor, asked, wish.kind)
    data = with_scan(desk, wish.data, scan)
    if wish.kind and seen:
        _require_answers(desk, wish, data, seen[0])
    row: Row = {"person_id": actor.person_id, "acting_grant_id": actor.acting.id if actor.acting else None}
    row |= {"trigger": wish.trigger, "kind": wish.kind, "condition": wish.condition, "undoes": wish.undoes}
    row |= {"data": canonical(data), "origin": wish.origin, "unseen": len(asked) - len(seen)}
    return put_down(desk, row, seen)


NO_STEP: Row = {"acting_grant_id": None, "trigger": "", "kind": "", "condition": "", "undoes": None, "data": "{}"}
NO_STEP |= {"origin": "", "unseen": 0, "publication_id": None}


def put_down(desk: Desk, told: Row, case_ids: list[int]) -> int:
    """A new run over these cases, whoever has chosen them."""
    run_id = desk.store.new_ids(BulkRun, 1)[0]
    row = {**NO_STEP, **told, "id": run_id, "total": len(case_ids), "started_at": desk.occasion.now}
    desk.store.insert(BulkRun, [row])
    desk.store.insert(BulkItem, [{"run_id": run_id, "case_id": case_id, "status": "waiting"} for case_id in case_ids])
    return run_id


def begin_reversal(desk: Desk, run_id: int) -> int:
    """The run that puts back under their old version all cases that a change of version has moved, by an administrator.

    Whatever has happened to a case since keeps it where it is. NotFound for what is no change of version.
    """
    require_administrator(desk.actor)
    run = desk.store.row(RUN, id=run_id)
    if run is None or run["publication_id"] is None or desk.actor.person_id is None:
        raise NotFound(what="bulk_run", id=run_id)
    done = [row["case_id"] for row in desk.store.rows(DONE, run_id=run_id)]
    return put_down(desk, {"person_id": desk.actor.person_id, "kind": run["kind"], "undoes": run_id}, done)


def begin_again(desk: Desk, run_id: int) -> int:
    """The run that tries once more the cases that a publication's runs have refused, by an administrator.

    Its plan is the one that two people have sealed. Conflict nothing_left_over, or migration_goes_on; NotFound as above.
    """
    require_administrator(desk.actor)
    require_person(desk.actor)
    run = desk.store.row(RUN, id=run_id)
    if run is None or run["publication_id"] is None:
        raise NotFound(what="bulk_run", id=run_id)
    if is_migrating(desk.store, run["kind"]):
        raise Conflict(why="migration_goes_on")
    told: Row = {"person_id": desk.actor.person_id, "kind": run["kind"], "publication_id": run["publication_id"]}
    ids = left_over(desk.store, desk.occasion, run["kind"], run["publication_id"])
    if not ids:
        raise Conflict(why="nothing_left_over")
    made = put_down(desk, told, ids)
    desk.configured(f"publication {run['publication_id']} again, run {made}")
    return made


def left_over(store: Store, occasion: Occasion, kind: str, publication_id: int) -> list[int]:
    """The open cases that the runs of a publication have refused; none once it goes back or another version is current."""
    publication = store.row(IMPACT, id=publication_id)
    version_id = publication["version_id"] if publication else None
    if version_id != occasion.catalogue.of_kind(kind).version_id or store.row(TAKEN_BACK, id=publication_id) is not None:
        return []
    return [row["case_id"] for row in store.rows(LEFT_OVER, id=publication_id, version_id=version_id)]


def _require_answers(desk: Desk, wish: Wish, data: Mapping[str, Any], case_id: int) -> None:
    """What is wrong with the one form is said before anything is begun; what is wrong only with one case, of that case."""
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor, past_too=True)
    definition = file.served.definition
    known = [step for step in definition.transitions if step.trigger == wish.trigger]
    if not known:
        raise BadInput(why="unknown_trigger", trigger=wish.trigger)
    transition = definition.transition_by_edge.get((file.state, wish.trigger), known[0])
    lookup = lookup_of(desk, file, barring_of(desk.store, file.row, desk.occasion))
    try:
        load_transition_form(transition, data, today=desk.occasion.today, lookup=lookup)
    except InvalidForm as refusal:
        fields = {key: [code for code in codes if code not in OF_ONE_CASE] for key, codes in refusal.params["fields"].items()}
        if any(fields.values()):
            raise InvalidForm(fields={key: codes for key, codes in fields.items() if codes}) from None


def seen_of(store: Store, occasion: Occasion, actor: Actor, ids: Iterable[int], kind: str = "") -> list[int]:
    """Those of the cases that the actor sees, of one kind where one is said."""
    sees = visible(actor, occasion.catalogue)
    chosen = select(CASES.c.id).where(and_(sees, CASES.c.kind == kind) if kind else sees).order_by(CASES.c.id)
    wanted, found = sorted(set(ids)), list[int]()
    for at in range(0, len(wanted), TOGETHER):
        found += [row["id"] for row in store.select(chosen.where(CASES.c.id.in_(wanted[at : at + TOGETHER])))]
    return found


def done_in(store: Store, actor: Actor, run_id: int, only: Iterable[int] = ()) -> list[int]:
    """The cases that the actor's own run has done, of `only` where some are named; NotFound for what is none of his steps."""
    run = store.row(RUN, id=run_id)
    if run is None or run["person_id"] != actor.person_id or run["undoes"] is not None:
        raise NotFound(what="bulk_run", id=run_id)
    wanted = set(only)
    done = [row["case_id"] for row in store.rows(DONE, run_id=run_id)]
    return [case_id for case_id in done if not wanted or case_id in wanted]


# ---- working --------------------------------------------------------------------------------------------------------------


def unfinished(store: Store) -> list[int]:
    """The runs that are not over, oldest first. Read without a lock: with nothing to do no write lock is taken."""
    return [row["id"] for row in store.rows(UNFINISHED)]


def is_migrating(store: Store, kind: str) -> bool:
    """Does a run that moves open cases of the kind to a version, or back, go on?"""
    return store.row(MIGRATING, kind=kind) is not None


def work(write: Write, run_id: int, ceiling: int) -> int:
    """One batch of the run; how many of its cases were settled. 0: nothing waits, or others have what does."""
    held: list[int] = []

    def together(desk: Desk) -> int:
        held[:] = [row["case_id"] for row in desk.store.rows(CLAIM, run_id=run_id, limit=BATCH)]
        _settle_all(desk, run_id, held, ceiling)
        return len(held)

    settled, refusal = _attempt(write, together)
    if refusal is not None:
        settled = sum(_settle_alone(write, run_id, case_id, ceiling) for case_id in held)
    if len(held) < BATCH:
        write(partial(_finish, run_id=run_id))
    return settled


def _attempt(write: Write, body: Callable[[Desk], int]) -> tuple[int, Exception | None]:
    try:
        return write(body), None
    except UNABLE:
        raise
    except Exception as error:  # The frame of an item of a bulk: one that is broken stops no other.
        return 0, error


def _settle_alone(write: Write, run_id: int, case_id: int, ceiling: int) -> int:
    def alone(desk: Desk) -> int:
        held = [row["case_id"] for row in desk.store.rows(CLAIM_ONE, run_id=run_id, case_id=case_id)]
        _settle_all(desk, run_id, held, ceiling)
        return len(held)

    settled, refusal = _attempt(write, alone)
    return settled if refusal is None else write(partial(_refuse, run_id=run_id, case_id=case_id, why=refusal))


def _settle_all(desk: Desk, run_id: int, ids: list[int], ceiling: int) -> None:
    if not ids:
        return
    run = desk.store.row(RUN, id=run_id)
    assert run is not None, "its items are there"
    desk = replace(desk, actor=_owner(desk, run, ceiling))
    step = _step_of(desk.store, run)
    for case_id in ids:
        seq = step(desk, run, case_id)
        told = {"now_is": "done", "seq": seq, "code": "", "params": "{}", "settled_at": desk.occasion.now}
        desk.store.run(SETTLE, run_id=run_id, case_id=case_id, **told)


def _owner(desk: Desk, run: Row, ceiling: int) -> Actor:
    """Whoever began the run, with his posts of today; whose account is closed has none."""
    found = actor_of(
        desk.store,
        run["person_id"],
        today=local_day(desk.occasion.now),
        acting_grant_id=run["acting_grant_id"],
        ceiling=ceiling,
    )
    return found or Actor(run["person_id"], "")


def _step_of(store: Store, run: Row) -> Callable[[Desk, Row, int], int]:
    """What is done with each case of the run: a step of its owner, a change of version, or taking one of them back."""
    if run["publication_id"]:
        return _migrate
    if not run["undoes"]:
        return _step
    undone = store.row(RUN, id=run["undoes"])
    assert undone is not None, "a foreign key says so"
    return _migrate_back if undone["publication_id"] else _take_back


def _step(desk: Desk, run: Row, case_id: int) -> int:
    if run["condition"] == TO_SIGN:
        file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor)
        if file.state not in signing_states(file.served.definition):
            raise TransitionRefused(trigger=run["trigger"], why=[{"name": "not_to_sign"}])
    return fire(desk, case_id, run["trigger"], data=json.loads(run["data"])).seq


def _migrate(desk: Desk, run: Row, case_id: int) -> int:
    """The plan is that of the publication, which two people have decided; the machine carries it out.

    Conflict version_superseded where another version is current by now: nobody has decided that the plan leads there.
    """
    impact = desk.store.row(IMPACT, id=run["publication_id"])
    assert impact is not None, "a foreign key says so"
    if impact["version_id"] != desk.occasion.catalogue.of_kind(run["kind"]).version_id:
        raise Conflict(why="version_superseded")
    return migrate(replace(desk, actor=MACHINE), case_id, run["publication_id"], Plan.of(json.loads(impact["plan"])))


def _migrate_back(desk: Desk, run: Row, case_id: int) -> int:
    step = desk.store.row(DONE_BY, run_id=run["undoes"], case_id=case_id)
    return take_back(replace(desk, actor=MACHINE), case_id, step["seq"] if step else 0)


def _take_back(desk: Desk, run: Row, case_id: int) -> int:
    """Only what that run has done: a later step of the same person is not what he takes back here."""
    file = lock(desk.store, desk.context, case_id, desk.occasion, desk.actor, past_too=True)
    step = desk.store.row(DONE_BY, run_id=run["undoes"], case_id=case_id)
    if step is None or step["seq"] != file.row["seq"]:
        raise TransitionRefused(why=[{"name": "stepped_since"}])
    return undo(desk, case_id).seq


def _refuse(desk: Desk, run_id: int, case_id: int, why: Exception) -> int:
    """Marks the refusal where the case still waits: another worker may have been luckier meanwhile."""
    code, params = (why.code, canonical(why.params)) if isinstance(why, DomainError) else (DomainError.code, "{}")
    told = {"now_is": "refused", "seq": None, "code": code, "params": params, "settled_at": desk.occasion.now}
    settled = desk.store.run(SETTLE, run_id=run_id, case_id=case_id, **told)
    run = desk.store.row(RUN, id=run_id)
    if settled and run and isinstance(why, NotPermitted | TransitionRefused):
        body = canonical({"code": code, "verb": "bulk", "trigger": run["trigger"]})
        note = {"at": desk.occasion.now, "kind": "refused", "case_id": None, "actor_id": run["person_id"], "body": body}
        desk.store.insert(Note, [note])
    return settled


def _finish(desk: Desk, run_id: int) -> None:
    desk.store.run(FINISH, run_id=run_id, now=desk.occasion.now)
