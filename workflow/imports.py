"""Imports as they are remembered: a run is known by the digest of file and mapping, a row by its own digest.

A run that was withdrawn is forgotten by both, so that the same file can be brought in again; its cases keep their numbers and
their chains.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, not_, or_, select

from states.errors import Conflict, NotFound, NotPermitted
from workflow.definitions import Catalogue
from workflow.models import ImportRow, ImportRun
from workflow.permissions import CASES, visible
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import digest
from workflow.types import Actor
from workflow.verbs.adopt import Adoption

# Who may put an old ledger on ours: the office that keeps the ledger, and whoever sits at the machine.
ROLES = ("handler", "deputy", "head")
OFFICE = "inspection_office"
# Asked for at once; SQLite takes no more variables than some thousands.
TOGETHER = 400

_run, _row = table_of(ImportRun), table_of(ImportRow)
GENERATIONS = Prepared(
    select(_run).where(or_(_run.c.digest == bindparam("digest"), _run.c.digest.like(bindparam("like")))).order_by(_run.c.id)
)
RUN = Prepared(select(_run).where(_run.c.id == bindparam("id")))
_counts = (
    select(
        _row.c.import_id,
        func.count().label("rows"),
        func.count().filter(not_(CASES.c.withdrawn)).label("cases"),
    )
    .join(CASES, CASES.c.id == _row.c.case_id)
    .group_by(_row.c.import_id)
    .subquery()
)
RUNS = Prepared(
    select(
        _run,
        func.coalesce(_counts.c.rows, 0).label("rows"),
        func.coalesce(_counts.c.cases, 0).label("cases"),
    )
    .outerjoin(_counts, _counts.c.import_id == _run.c.id)
    .order_by(_run.c.id)
)
STANDING = Prepared(
    select(CASES.c.id)
    .where(
        CASES.c.import_id == bindparam("import_id"),
        CASES.c.id < bindparam("before"),
        not_(CASES.c.withdrawn),
    )
    .order_by(CASES.c.id.desc())
    .limit(bindparam("limit"))
)


def require_may_import(actor: Actor) -> None:
    """NotPermitted for whoever may not."""
    if not may_import(actor):
        raise NotPermitted(why="role")


def may_import(actor: Actor) -> bool:
    """The operator at the machine, or somebody who handles cases in an inspection office."""
    return actor.person_id is None or any(grant.role in ROLES and grant.organ_kind == OFFICE for grant in actor.grants)


def digest_of(source: bytes, mapping: str) -> str:
    """What a run is known by: the bytes of the file and the mapping it is read with."""
    return digest(hashlib.sha256(source).hexdigest(), mapping)


def read_otherwise(store: Store, source: bytes, mapping: str) -> tuple[int, ...]:
    """The imports that stand and brought in the same file, read with another mapping."""
    of_file = hashlib.sha256(source).hexdigest()
    standing = [run for run in store.rows(RUNS) if run["withdrawn_at"] is None and run["mapping"] != mapping]
    return tuple(run["id"] for run in standing if run["digest"].split("-")[0] == digest(of_file, run["mapping"]))


def begin_run(
    store: Store, *, digest: str, name: str, mapping: str, actor: Actor, now: datetime, kept: tuple[str, int] | None = None
) -> int:
    """The run of this file and mapping: the one that stands, so that a second call goes on with it, or a new one.

    `kept` is the key and number of the version that the mapping was kept as.
    """
    standing = find_run(store, digest)
    if standing is not None:
        return int(standing["id"])
    runs = store.rows(GENERATIONS, digest=digest, like=f"{digest}-%")
    run_id = store.new_ids(ImportRun, 1)[0]
    row: Row = {"id": run_id, "digest": f"{digest}-{len(runs)}" if runs else digest, "name": name, "mapping": mapping}
    row |= {"mapping_key": kept[0] if kept else None, "mapping_number": kept[1] if kept else None}
    store.insert(ImportRun, [{**row, "ladder": "off", "started_at": now, "started_by": actor.person_id}])
    return run_id


def find_run(store: Store, digest: str) -> Row | None:
    """The run of this file and mapping that stands; None where there is none, or only withdrawn ones."""
    runs = store.rows(GENERATIONS, digest=digest, like=f"{digest}-%")
    return next((run for run in runs if run["withdrawn_at"] is None), None)


def present_rows(store: Store, digests: Iterable[str]) -> set[str]:
    """Of these row digests, those that an import which stands has brought in: this file's own, or an earlier one's."""
    found: set[str] = set()
    for chunk in _chunks(list(dict.fromkeys(digests))):
        where = and_(_row.c.digest.in_(chunk), _run.c.withdrawn_at.is_(None))
        chosen = select(_row.c.digest).join(_run, _run.c.id == _row.c.import_id).where(where)
        found.update(row["digest"] for row in store.select(chosen))
    return found


def known_numbers(store: Store, numbers: Iterable[str]) -> dict[str, list[Row]]:
    """The cases, withdrawn ones aside, that have one of these as number or old number: {number, old_number, kind, data}."""
    found: dict[str, list[Row]] = {}
    for chunk in _chunks(list(dict.fromkeys(number for number in numbers if number))):
        named = or_(CASES.c.number.in_(chunk), CASES.c.old_number.in_(chunk))
        columns = (CASES.c.number, CASES.c.old_number, CASES.c.kind, CASES.c.data)
        for row in store.select(select(*columns).where(named, not_(CASES.c.withdrawn)).order_by(CASES.c.id)):
            for number in {row["number"], row["old_number"]} & set(chunk):
                found.setdefault(number, []).append(row)
    return found


def logged_before(store: Store, kind: str, keys: Iterable[str]) -> dict[str, str]:
    """Of the cases of a log, by their names there, those that an import which stands has brought in: name → our number."""
    found: dict[str, str] = {}
    for chunk in _chunks(list(dict.fromkeys(keys))):
        named = and_(CASES.c.kind == kind, CASES.c.old_number.in_(chunk), CASES.c.import_id.is_not(None))
        chosen = select(CASES.c.old_number, CASES.c.number).where(named, not_(CASES.c.withdrawn)).order_by(CASES.c.id)
        found |= {row["old_number"]: row["number"] for row in store.select(chosen)}
    return found


def _chunks(values: list[str]) -> Iterable[list[str]]:
    return (values[at : at + TOGETHER] for at in range(0, len(values), TOGETHER))


@dataclass(frozen=True, slots=True)
class Run:
    """An import on the list: how many rows it brought in, and how many of their cases still stand."""

    id: int
    name: str
    ladder: str
    started_at: datetime
    switched_on_at: datetime | None
    withdrawn_at: datetime | None
    mapping: str
    mapping_key: str | None
    mapping_number: int | None
    rows: int
    cases: int


def list_runs(store: Store) -> tuple[Run, ...]:
    """Every import, the oldest first."""
    return tuple(Run(**{name: row[name] for name in Run.__slots__}) for row in store.rows(RUNS))


def get_run(store: Store, import_id: int) -> Row:
    """The run's row, or NotFound."""
    row = store.row(RUN, id=import_id)
    if row is None:
        raise NotFound(what="import", id=import_id)
    return row


def require_standing(store: Store, import_id: int) -> Row:
    """The same, or Conflict import_withdrawn."""
    row = get_run(store, import_id)
    if row["withdrawn_at"] is not None:
        raise Conflict(why="import_withdrawn", id=import_id)
    return row


def cases_left(store: Store, import_id: int, *, before: int | None, limit: int) -> list[int]:
    """The next cases of an import that were not withdrawn: an interrupted withdrawal goes on here.

    The latest come first, so that measures go before their item, each with its own event.
    """
    bound = before if before is not None else 2**62
    return [row["id"] for row in store.rows(STANDING, import_id=import_id, before=bound, limit=limit)]


def shown_cases(store: Store, import_id: int, *, actor: Actor, catalogue: Catalogue, limit: int) -> list[Row]:
    """The first cases of an import that the actor may see, without their measures: {id, number, title, state}."""
    columns = (CASES.c.id, CASES.c.number, CASES.c.title, CASES.c.state)
    own = and_(CASES.c.import_id == import_id, CASES.c.parent_id.is_(None), not_(CASES.c.withdrawn))
    return store.select(select(*columns).where(own, visible(actor, catalogue)).order_by(CASES.c.id).limit(limit))


def note_ladder(store: Store, import_id: int, *, mode: str, now: datetime) -> None:
    """Remembers that the ladders of this import run, since when and how."""
    store.update(ImportRun, {"ladder": mode, "switched_on_at": now}, id=import_id)


def note_withdrawn(store: Store, import_id: int, *, now: datetime) -> None:
    """Remembers that the import was taken back: from now on its file and its rows are unknown."""
    store.update(ImportRun, {"withdrawn_at": now}, id=import_id)


def adoption_of(proposed: Mapping[str, Any]) -> Adoption:
    """The adoption of a proposal: the same names; `parent_of` holds the proposals of its children."""
    children = tuple(adoption_of(child) for child in proposed.get("parent_of", ()))
    return Adoption(**{**proposed, "parent_of": children})
