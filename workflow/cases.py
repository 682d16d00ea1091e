"""Cases: found through the visible selectable, locked, loaded with their clocks; and new ones made with their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_or_add

from states.errors import BadInput, CaseNotFound, NotFound, NotPermitted
from workflow.barring import inherit, keep_close
from workflow.casefile import CaseFile
from workflow.context import Context
from workflow.definitions import Catalogue, Served
from workflow.kept_back import endings_of
from workflow.models import AgendaItem, Case, Clock, Event, Evidence, Numbering, Party, Request, StoredFile
from workflow.occasion import Occasion
from workflow.permissions import CASES, PAST_HOLDER, Worked, sees_past_only, standings, visible
from workflow.statements import Kept, Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.types import Actor, AgendaFact

_clock, _event, _party = table_of(Clock), table_of(Event), table_of(Party)
_agenda, _evidence, _request = table_of(AgendaItem), table_of(Evidence), table_of(Request)
_file = table_of(StoredFile)
_numbering = table_of(Numbering)

BY_ID = Prepared(select(CASES).where(CASES.c.id == bindparam("id")))
LOCKED = Prepared(select(CASES).where(CASES.c.id == bindparam("id")).with_for_update())
# Only this cycle's clocks are under work.
_cycle = select(CASES.c.cycle).where(CASES.c.id == bindparam("case_id")).scalar_subquery()
CLOCKS = Prepared(select(_clock).where(_clock.c.case_id == bindparam("case_id"), _clock.c.cycle == _cycle))
PARTIES = Prepared(
    select(_party.c.relation, _party.c.organ_id, _party.c.upto_seq)
    .where(_party.c.case_id == bindparam("case_id"))
    .order_by(_party.c.upto_seq, _party.c.organ_id)  # of past holders, the last comes last
)
_undo = _event.alias()
# Only the last event of a case is ever undone, so the undo follows it at once.
WORK = Prepared(
    select(_event.c.trigger, _event.c.actor_id, _event.c.organ_id)
    .where(
        _event.c.case_id == bindparam("case_id"),
        _event.c.actor_id.is_not(None),
        ~exists().where(_undo.c.case_id == _event.c.case_id, _undo.c.seq == _event.c.seq + 1, _undo.c.verb == "undo"),
    )
    .order_by(_event.c.seq)
)
AGENDA = Prepared(
    select(_agenda, or_(CASES.c.final, CASES.c.withdrawn).label("is_closed"))
    .join(CASES, CASES.c.id == _agenda.c.case_id)
    .where(and_(_agenda.c.interview_id == bindparam("interview_id"), _agenda.c.left_at.is_(None)))
    .order_by(_agenda.c.case_id)
)
LABELS = Prepared(
    select(_evidence.c.label, _file.c.media_type)
    .join(_file, _file.c.id == _evidence.c.file_id)
    .where(
        _evidence.c.case_id == bindparam("case_id"),
        _evidence.c.cycle == bindparam("cycle"),
        _evidence.c.undone_seq.is_(None),
    )
)
CHILDREN = Prepared(
    select(CASES.c.kind, CASES.c.state, CASES.c.final, CASES.c.data)
    .where(CASES.c.parent_id == bindparam("case_id"))
    .order_by(CASES.c.id)
)
WAITING = Prepared(select(_request).where(_request.c.case_id == bindparam("case_id"), _request.c.decided_at.is_(None)))
NEXT_NUMBER = Prepared(
    insert_or_add(_numbering)
    .values(series=bindparam("series"), last=1)
    .on_conflict_do_update(index_elements=["series"], set_={"last": _numbering.c.last + 1})
    .returning(_numbering.c.last)
)


def lock(store: Store, context: Context, case_id: int, occasion: Occasion, actor: Actor, *, past_too: bool = False) -> CaseFile:
    """The case, locked until the end of the transaction, if this actor may read it; else CaseNotFound.

    Whoever reads only its past has nothing to do with it (NotPermitted relation, unless `past_too`): any other refusal, and the
    outcome of what he might still do, would tell him how it stands now.
    """
    known = context.files.get(case_id)
    if known is not None:
        return known
    file = _load(store, context, _visible_to(actor, occasion.catalogue, store.dialect), case_id, occasion.catalogue)
    if file is None or (actor.sees_all and file.row["withdrawn"]):
        raise CaseNotFound(id=case_id)
    if not past_too:
        _require_present(store, file, occasion, actor)
    return file


def is_past_to(store: Store, file: CaseFile, occasion: Occasion, actor: Actor) -> bool:
    """Does the actor, who may read the case, read only how it was when an organ of his handed it on?"""
    parties = [] if actor.sees_all else parties_of(store, file)
    if not any(relation == PAST_HOLDER and organ_id in actor.organ_ids for relation, organ_id in parties):
        return False
    found, ended_from = standings(actor, file.row, parties), endings_of(store, occasion.catalogue, [file.row]).get(file.id)
    return sees_past_only(occasion.catalogue.of_kind(file.served.kind).definition, file.row, found, ended_from)


def _require_present(store: Store, file: CaseFile, occasion: Occasion, actor: Actor) -> None:
    if is_past_to(store, file, occasion, actor):
        raise NotPermitted(why="relation")


def lock_any(store: Store, context: Context, case_id: int, occasion: Occasion) -> CaseFile:
    """The case, locked, whoever asks: for the machine's own work on cases that belong together."""
    known = context.files.get(case_id)
    if known is not None:
        return known
    file = _load(store, context, (LOCKED,), case_id, occasion.catalogue)
    if file is None:
        raise CaseNotFound(id=case_id)
    return file


def lock_under(store: Store, context: Context, case_id: int, occasion: Occasion) -> list[CaseFile]:
    """What was opened under the case, and under that, locked: its measures and orders name what the case is about."""
    ids, level = list[int](), [case_id]
    while level:
        level = [row["id"] for row in store.select(select(CASES.c.id).where(CASES.c.parent_id.in_(level)).order_by(CASES.c.id))]
        ids += level
    return [lock_any(store, context, one, occasion) for one in ids]


def _load(store: Store, context: Context, reading: Sequence[Prepared], case_id: int, catalogue: Catalogue) -> CaseFile | None:
    """The lock comes first; what is read after it cannot change any more.

    `reading`: the statement that locks the case, and one more whose row it must have once it is locked, where there is any.
    """
    of_case, (locked, *seen) = {"case_id": case_id}, reading
    asked = [(locked, {"id": case_id}), (CLOCKS, of_case), (PARTIES, of_case), *((one, {"id": case_id}) for one in seen)]
    rows, clocks, parties, *still = store.ask(*asked)
    if not rows or not all(still):
        return None
    file = CaseFile(rows[0], clocks, catalogue.of_version(rows[0]["definition_version_id"]), parties=parties)
    context.files[file.id] = file
    return file


def lock_many(store: Store, context: Context, case_ids: Iterable[int], occasion: Occasion) -> None:
    """Locks and loads a batch in two statements, in ascending id, so that no two sweepers wait for each other."""
    wanted = sorted(set(case_ids) - set(context.files))
    rows = store.select(select(CASES).where(CASES.c.id.in_(wanted)).order_by(CASES.c.id).with_for_update())
    cycles = {row["id"]: row["cycle"] for row in rows}
    clocks: dict[int, list[Row]] = {case_id: [] for case_id in cycles}
    for clock in store.select(select(_clock).where(_clock.c.case_id.in_(wanted))):
        if clock["cycle"] == cycles[clock["case_id"]]:
            clocks[clock["case_id"]].append(clock)
    for row in rows:
        served = occasion.catalogue.of_version(row["definition_version_id"])
        context.files[row["id"]] = CaseFile(row, clocks[row["id"]], served)


_VISIBLE = Kept(2_000)


def _visible_to(actor: Actor, catalogue: Catalogue, dialect: str) -> tuple[Prepared, ...]:
    """What locks the case if the actor may read it, and on PostgreSQL what asks so again.

    There, whoever waits for a lock is given the case as it is now, beside parties and recusals of the moment when he began to
    wait; only a statement that begins after the lock sees who was taken off meanwhile.
    """
    if actor.sees_all:
        return (LOCKED,)

    def seen(*columns: Any) -> Any:
        return select(*columns).where(CASES.c.id == bindparam("id"), visible(actor, catalogue))

    # Built per set of posts and served versions, which are few; compiling it costs more than running it.
    whose = (actor.person_id, actor.grants, catalogue.stamp)
    locked = _VISIBLE.get((*whose, "lock"), dialect, lambda: seen(CASES).with_for_update(of=CASES))
    if dialect == "sqlite":
        return (locked,)
    return locked, _VISIBLE.get((*whose, "again"), dialect, lambda: seen(CASES.c.id))


def parties_of(store: Store, file: CaseFile) -> list[tuple[str, int]]:
    """(relation, organ id) of the party table, as they were when the case was locked."""
    if file.parties is None:
        file.parties = [] if file.is_new else store.rows(PARTIES, case_id=file.id)
    return [(row["relation"], row["organ_id"]) for row in file.parties]


def worked_on(store: Store, file: CaseFile, catalogue: Catalogue) -> Worked:
    """Who did, verified or reported work on the case, and who closed it, over its whole history."""
    return Worked.of(catalogue, file.served.kind, store.rows(WORK, case_id=file.id))


def agenda_of(store: Store, interview_id: int) -> tuple[AgendaFact, ...]:
    """What stands on an interview's agenda."""
    names = ("case_id", "clock", "cycle", "run", "tier", "rung", "due_on", "new_due_on", "is_closed")
    return tuple(AgendaFact(**{name: row[name] for name in names}) for row in store.rows(AGENDA, interview_id=interview_id))


# ---- new cases ----------------------------------------------------------------------------------------------------------


def number_for(store: Store, served: Served, today: date, parent: Row | None) -> str:
    """The next number of the kind's series: per year, or per parent case. Numbers are never used again."""
    pattern = served.definition.number
    series = f"{served.kind}:{parent['id']}" if "{parent}" in pattern and parent else f"{served.kind}:{today.year}"
    row = store.row(NEXT_NUMBER, series=series)
    assert row is not None
    return pattern.format(year=today.year, n=row["last"], parent=parent["number"] if parent else "")


def areas_of(subject_id: int, occasion: Occasion) -> dict[str, int | None]:
    """The subject's ancestors as the case's own columns: what makes every scope one ordered index walk."""
    organ = occasion.tree.organ(subject_id)
    lineage = occasion.tree.lineage(organ.area_id)
    return {f"subject_{level}_id": lineage.get(level) for level in ("county", "township", "village")}


def new_file(
    store: Store,
    context: Context,
    served: Served,
    occasion: Occasion,
    *,
    title: str,
    subject_id: int,
    supervisor_id: int,
    registrar_id: int,
    registrar_person_id: int | None = None,
    holder_id: int | None = None,
    parent: Row | None = None,
    data: Mapping[str, Any] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> CaseFile:
    """A case in its initial state, numbered, in the context; its clocks and its first event are the caller's."""
    if not title.strip():
        raise BadInput(why="title_empty")
    if subject_id not in occasion.tree.organs:
        raise NotFound(what="organ", id=subject_id)
    row: Row = dict(_EMPTY) | areas_of(subject_id, occasion)
    row |= {"id": store.new_ids(Case, 1)[0], "kind": served.kind, "title": title.strip()}
    row |= {
        "number": number_for(store, served, occasion.today, parent),
        "parent_id": parent["id"] if parent else None,
    }
    row |= {"definition_version_id": served.version_id, "state": served.definition.initial.key}
    row |= {"level": served.definition.level, "subject_id": subject_id, "supervisor_id": supervisor_id}
    row |= {"registrar_id": registrar_id, "registrar_person_id": registrar_person_id}
    row |= {name: occasion.today for name in ("opened_on", "state_since", "holder_since")}
    row |= {"changed_at": occasion.now, "told_at": occasion.now, **(extra or {})}
    row["holder_id"] = holder_id or _holder_at_open(served, row)
    file = CaseFile(row, [], served, is_new=True)
    if parent:
        inherit(store, context, parent, file, occasion)
        keep_close(store, context, parent, file, occasion)
    _fill(file, data or {})
    context.files[file.id] = file
    return file


def _holder_at_open(served: Served, row: Row) -> int:
    holder: int | None = row.get(f"{served.definition.holder_at_open}_id")
    return holder if holder is not None else row["supervisor_id"]


def _fill(file: CaseFile, data: Mapping[str, Any]) -> None:
    for key, value in data.items():
        set_fact(file, key, value)


def set_fact(file: CaseFile, key: str, value: Any) -> None:
    """Sets a fact where it belongs: a secret one never enters `data`. Days are kept as ISO text."""
    field = file.served.definition.field_by_key.get(key)
    if field is None:
        raise BadInput(why="unknown_field", field=key)
    plain = value.isoformat() if isinstance(value, date | datetime) else value
    if field.secret:
        file.secrets[key] = plain if isinstance(plain, str) else canonical(plain)
    else:
        file.data[key] = plain


_EMPTY: Row = {
    "old_number": "",
    "found_in_id": None,
    "final": False,
    "withdrawn": False,
    "confined": False,
    "assignee_id": None,
    "interviewer_id": None,
    "interviewee_id": None,
    "joinable": False,
    "cycle": 1,
    "version": 1,
    "seq": 1,
    "head": "",
    "checkpointed_seq": 0,
    "data": "{}",
    "tally": "{}",
    "ground": None,
    "closed_on": None,
    "due_on": None,
    "due_clock": None,
    "overdue_since": None,
    "promised_on": None,
    "reported_on": None,
    "rung": None,
    "colour": "",
    "paused_since": None,
    "import_id": None,
}


def rows_by_id(store: Store, ids: Iterable[int]) -> list[Row]:
    """Plain case rows, unlocked, in ascending id."""
    return store.select(select(CASES).where(CASES.c.id.in_(list(ids))).order_by(CASES.c.id))
