"""What the health page shows: runs, postponed rungs, refusals, lines given up, self-checks; no content of a case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, column, func, not_, or_, select, table

from workflow.heartbeat import last_runs
from workflow.models import Grant, Note, Organ, Outbox, Person
from workflow.permissions import CASES
from workflow.statements import Prepared
from workflow.store import Store, table_of

_note = table_of(Note)
_outbox = table_of(Outbox)
_organ, _grant, _person = table_of(Organ), table_of(Grant), table_of(Person)
SHOWN = 50
GIVEN_UP = select(func.count().label("n")).where(_outbox.c.gave_up_at.is_not(None))
# The table belongs to alembic, which keeps one row in it.
REVISION = select(table("alembic_version", column("version_num")).c.version_num)

_day = bindparam("today", type_=_grant.c.since.type)
_is_filled = (
    select(_grant.c.id)
    .join(_person, _person.c.id == _grant.c.person_id)
    .where(
        _grant.c.organ_id == _organ.c.id,
        _person.c.disabled_at.is_(None),
        or_(_grant.c.since.is_(None), _grant.c.since <= _day),
        or_(_grant.c.until.is_(None), _grant.c.until >= _day),
    )
    .correlate(_organ)
)
_has_work = (
    select(CASES.c.id).where(CASES.c.holder_id == _organ.c.id, not_(or_(CASES.c.final, CASES.c.withdrawn))).correlate(_organ)
)
UNFILLED = Prepared(
    select(_organ.c.id, _organ.c.name).where(_has_work.exists(), ~_is_filled.exists()).order_by(_organ.c.id).limit(SHOWN)
)


@dataclass(frozen=True, slots=True)
class NoteView:
    """Something remembered about a verb that did not happen."""

    at: datetime
    case_id: int | None
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Health:
    """`runs` maps a job to when it last finished; `refused` counts refusals and `failed` failed sign-ins ever remembered.

    `set_aside` are changes of organisations that could not be done on their day; `given_up` counts lines that no channel could
    deliver; `revision` is the newest migration of this database.
    """

    database: str
    runs: Mapping[str, datetime]
    postponed: tuple[NoteView, ...]
    self_checks: tuple[NoteView, ...]
    set_aside: tuple[NoteView, ...]
    refused: int
    failed: int
    given_up: int
    revision: str


def health(store: Store) -> Health:
    """The state of the machine."""
    counted = store.select(select(_note.c.kind, func.count().label("n")).group_by(_note.c.kind))
    counts = {row["kind"]: row["n"] for row in counted}
    return Health(
        database=store.dialect,
        runs=last_runs(store),
        postponed=_notes(store, "postponed"),
        self_checks=_notes(store, "self_check"),
        set_aside=_notes(store, "reorganisation_set_aside"),
        refused=counts.get("refused", 0),
        failed=counts.get("sign_in_failed", 0),
        given_up=store.select(GIVEN_UP)[0]["n"],
        revision=store.select(REVISION)[0]["version_num"],
    )


def _notes(store: Store, kind: str) -> tuple[NoteView, ...]:
    where = (_note.c.kind == kind, _note.c.cleared_at.is_(None))
    rows = store.select(select(_note).where(*where).order_by(_note.c.id.desc()).limit(SHOWN))
    return tuple(NoteView(row["at"], row["case_id"], json.loads(row["body"])) for row in rows)


def unfilled_organs(store: Store, *, today: date) -> list[str]:
    """The names of bodies that hold open cases while nobody has a post in them: nobody there is told of anything."""
    return [row["name"] for row in store.rows(UNFILLED, today=today)]
