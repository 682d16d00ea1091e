"""A case ends: everything that it says goes, key first, and a tombstone stays, which the last event of its chain covers.

1. The tombstone is written: only where one stands does the database let contents go (migration 0032).
2. The case's row is emptied, and the event `dispose` says so under the chain. It keeps what the register counts and what
   decides who may see the tombstone: number, kind, state, days, organs, who is off it and who may know of it.
3. Keys, facts, texts, comments, letters, messages, what is found by search and the rows of files go, in the same transaction.
   The bytes of files are written over once it is committed.

What stays of the history are the facts of the engine (semantics.md §7): steps, hours, and ids of organs and people.
"""

from __future__ import annotations

import json

from sqlalchemy import BindParameter, bindparam, delete, exists, not_, or_, select, update
from sqlmodel import SQLModel

from workflow.casefile import CaseFile
from workflow.desk import Desk
from workflow.models import (
    Ballot,
    Barred,
    BulkItem,
    BulkRun,
    Case,
    CaseKey,
    Clock,
    Content,
    Evidence,
    Facet,
    FiredRung,
    FormerFacet,
    FormerPlace,
    FormerText,
    ImpactLine,
    Knower,
    Link,
    Loosening,
    Notice,
    Outbox,
    RecusalHint,
    Request,
    Resolution,
    SearchText,
    Secret,
    StoredFile,
    Tombstone,
)
from workflow.sealing.sealer import VALUES
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical

VERB = "dispose"
# In this order: what points at another goes first.
GONE: tuple[type[SQLModel], ...] = (
    *(CaseKey, Secret, Facet, SearchText, FiredRung, Clock, Evidence, Outbox, Loosening, Request),
    *(RecusalHint, BulkItem, ImpactLine, FormerPlace, FormerFacet, FormerText, Resolution),
)
# What the row no longer says. The rest is the register's, or says who may see what is left.
EMPTY: Row = {
    **{"title": "", "old_number": "", "withdrawn": True, "assignee_id": None, "registrar_person_id": None, "rung": None},
    **{"colour": "", "joinable": False, "promised_on": None, "reported_on": None, "found_in_id": None},
}

_case, _content, _evidence, _file = table_of(Case), table_of(Content), table_of(Evidence), table_of(StoredFile)
_link, _notice, _item, _run = table_of(Link), table_of(Notice), table_of(BulkItem), table_of(BulkRun)
_of: BindParameter[int] = bindparam("case_id")
FILES = Prepared(
    select(_file.c.id, _file.c.digest).join(_evidence, _evidence.c.file_id == _file.c.id).where(_evidence.c.case_id == _of)
)
RUNS = Prepared(select(_item.c.run_id).where(_item.c.case_id == _of))
CLEAR_CONTENT = Prepared(delete(_content).where(_content.c.case_id == _of, _content.c.seq < bindparam("before")))
_ballot, _resolution = table_of(Ballot), table_of(Resolution)
CLEAR_BALLOTS = Prepared(
    delete(_ballot).where(_ballot.c.resolution_id.in_(select(_resolution.c.id).where(_resolution.c.case_id == _of)))
)
CLEAR_LINKS = Prepared(delete(_link).where(or_(_link.c.case_id == _of, _link.c.other_id == _of)))
CLEAR = tuple(Prepared(delete(table_of(model)).where(table_of(model).c.case_id == _of)) for model in GONE)
CLEAR_REASONS = tuple(
    Prepared(update(table_of(model)).where(table_of(model).c.case_id == _of).values(reason="")) for model in (Barred, Knower)
)
NOTICES = Prepared(select(_notice.c.id, _notice.c.cases, _notice.c.params).where(_notice.c.cases.like(bindparam("pattern"))))
CLEAR_NOTICE = Prepared(delete(_notice).where(_notice.c.id == bindparam("id")))
_proves = exists(select(_evidence.c.file_id).where(_evidence.c.file_id == _file.c.id))
CLEAR_FILE = Prepared(delete(_file).where(_file.c.id == bindparam("id"), not_(_proves)))
_has_items = exists(select(_item.c.run_id).where(_item.c.run_id == _run.c.id))
EMPTY_RUN = Prepared(update(_run).where(_run.c.id == bindparam("of"), not_(_has_items)).values(data="{}"))


def destroy(desk: Desk, file: CaseFile, stone: Row) -> set[str]:
    """Does it; the digests of the files whose bytes may go once it is committed.

    `stone` has what a tombstone says beside number, kind, opening, `seq`, `head` and the hour.
    """
    told = {name: file.row[name] for name in ("number", "kind", "opened_on", "seq", "head")}
    row = {**stone, **told, "case_id": file.id, "disposed_at": desk.occasion.now}
    desk.store.insert(Tombstone, [row])
    file.row |= EMPTY
    file.data, file.tally = {}, {}
    file.write_back()
    file.settle_event()  # or the event would tell what undo needs: everything that was there
    secrets = {row["field"]: "" for row in desk.store.rows(VALUES, case_id=file.id)}
    covered = {name: row[name] for name in ("retention", "closed_on", "due_on", "proposed_by", "decided_by", "restored")}
    covered |= {"secrets": secrets} if secrets else {}
    said = {name: row[name] for name in ("reason", "approval")}
    seq = desk.happened(file, VERB, extra=covered, content=said, by_person=False)
    # The row's own changes write the search text and facets anew: they have to be down before they can go.
    desk.context.flush(desk.store)
    return _clear(desk.store, file.id, seq)


def _clear(store: Store, case_id: int, seq: int) -> set[str]:
    files, runs = store.rows(FILES, case_id=case_id), [row["run_id"] for row in store.rows(RUNS, case_id=case_id)]
    for prepared in (CLEAR_BALLOTS, *CLEAR, CLEAR_LINKS, *CLEAR_REASONS):
        store.run(prepared, case_id=case_id)
    store.run(CLEAR_CONTENT, case_id=case_id, before=seq)
    for run_id in runs:
        store.run(EMPTY_RUN, of=run_id)
    _clear_notices(store, case_id)
    return {row["digest"] for row in files if store.run(CLEAR_FILE, id=row["id"])}


def _clear_notices(store: Store, case_id: int) -> None:
    """A line in a bell that speaks of this case alone goes; one of several says no more of it."""
    for row in store.rows(NOTICES, pattern=f"%{case_id}%"):
        cases, lines = json.loads(row["cases"]), json.loads(row["params"])
        if cases == [case_id]:
            store.run(CLEAR_NOTICE, id=row["id"])
        elif case_id in cases:
            told = zip(cases, lines, strict=True) if len(cases) == len(lines) else ()
            kept = [(one, line) for one, line in told if one != case_id]
            left = {"cases": [one for one, _ in kept], "params": [line for _, line in kept]}
            store.update(Notice, {name: canonical(value) for name, value in left.items()}, id=row["id"])
