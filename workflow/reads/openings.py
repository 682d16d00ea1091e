"""Who opened a clue that he does not handle: once a person, case and day, by the trail alone (执纪规则 arts. 23 and 71, R25).

He handles it who is of the organ that supervises it or of one that held it on that day – where it is assigned, the assignee and
whoever leads that organ – or who registered it, has acted on it, or was named as one who may know. Whoever else opened it may
well have been allowed to; that he did is for those to know who supervise it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, true

from workflow.barring import LEADING_ROLES
from workflow.dates import local_day, local_time
from workflow.models import Event, Knower, Note, Person, Spell, Trail
from workflow.occasion import PROTECTING, Occasion
from workflow.permissions import CASES, visible
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.types import Actor

KIND = "opened"
SHOWN_DAYS, SHOWN = 30, 500
# A night that was missed is made up for; nights beyond these stand on the trail.
NIGHTS_AT_MOST = 7
OPENING = ("read", "file", "letter", "export")

_trail, _event, _spell, _knower = table_of(Trail), table_of(Event), table_of(Spell), table_of(Knower)
_note, _person = table_of(Note), table_of(Person)
_at = {name: bindparam(name, type_=_trail.c.at.type) for name in ("since", "until")}
OPENED = Prepared(
    select(_trail.c.at, _trail.c.actor_id, _trail.c.facts)
    .where(_trail.c.at >= _at["since"], _trail.c.at < _at["until"], _trail.c.action.in_(OPENING))
    .where(_trail.c.actor_id.is_not(None), _trail.c.cases != "")
    .order_by(_trail.c.at)
)
ROW = Prepared(select(CASES).where(CASES.c.id == bindparam("case_id")))
ACTED = Prepared(select(_event.c.actor_id).where(_event.c.case_id == bindparam("case_id"), _event.c.actor_id.is_not(None)))
NAMED = Prepared(select(_knower.c.person_id).where(_knower.c.case_id == bindparam("case_id")))
HELD = Prepared(
    select(_spell.c.holder_id).where(
        _spell.c.case_id == bindparam("case_id"),
        _spell.c.from_at < _at["until"],
        or_(_spell.c.to_at.is_(None), _spell.c.to_at >= _at["since"]),
    )
)
KNOWN = Prepared(
    select(_note.c.case_id, _note.c.actor_id, _note.c.body).where(_note.c.kind == KIND, _note.c.at >= _at["since"])
)


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody opened a case so many times on a day, and does not handle it."""

    case_id: int
    person_id: int
    day: date
    times: int


@dataclass(frozen=True, slots=True)
class Told:
    """An opening as a page shows it; `title` is empty for who audits and reads no case."""

    case_id: int
    number: str
    title: str
    name: str
    day: date
    times: int


def find_openings(store: Store, occasion: Occasion, days: Iterable[date]) -> list[Opening]:
    """Who opened on these days what he does not handle; who was told already is left out."""
    days = list(days)
    known = _known(store, min(days, default=occasion.today))
    found = []
    for day in days:
        span = {"since": local_time(day, 0), "until": local_time(day + timedelta(1), 0)}
        for (case_id, person_id), times in _opened(store.rows(OPENED, **span)).items():
            is_new = (case_id, person_id, day.isoformat()) not in known
            if is_new and not _handles(store, occasion, case_id, person_id, span):
                found.append(Opening(case_id, person_id, day, times))
    return found


def nights_since(last: datetime | None, today: date) -> list[date]:
    """The days that are over and were not looked at yet: since the last night's look, and so many at most."""
    first = local_day(last) if last else today - timedelta(1)
    first = max(first, today - timedelta(NIGHTS_AT_MOST))
    return [first + timedelta(n) for n in range((today - first).days)]


def tell_openings(store: Store, found: Iterable[Opening], now: datetime) -> None:
    """Keeps them for the page of whoever supervises."""
    rows = [(one, canonical({"day": one.day, "times": one.times})) for one in found]
    store.insert(
        Note, [{"at": now, "kind": KIND, "case_id": o.case_id, "actor_id": o.person_id, "body": body} for o, body in rows]
    )


def list_openings(store: Store, occasion: Occasion, actor: Actor) -> tuple[Told, ...]:
    """The newest of the last days, of the cases that the actor sees; the audit administrator is told numbers of all."""
    audits = actor.has_role("audit_admin")
    seen = true() if audits else visible(actor, occasion.catalogue)
    since = local_time(occasion.today - timedelta(SHOWN_DAYS), 0)
    rows = store.select(
        select(*[CASES.c[name] for name in ("id", "number", "title", *PROTECTING)], _person.c.name, _note.c.body)
        .join(_note, _note.c.case_id == CASES.c.id)
        .join(_person, _person.c.id == _note.c.actor_id)
        .where(_note.c.kind == KIND, _note.c.at >= since, seen)
        .order_by(_note.c.id.desc())
        .limit(SHOWN)
    )
    occasion.say_shown(rows)
    return tuple(_told(row, audits) for row in rows)


def _told(row: Row, audits: bool) -> Told:
    body = json.loads(row["body"])
    title = "" if audits else row["title"]
    return Told(row["id"], row["number"], title, row["name"], date.fromisoformat(body["day"]), body["times"])


def _known(store: Store, since: date) -> set[tuple[int, int, str]]:
    rows = store.rows(KNOWN, since=local_time(since, 0))
    return {(row["case_id"], row["actor_id"], _read(row["body"]).get("day", "")) for row in rows}


def _read(text: str) -> dict[str, Any]:
    """What was written; nothing where it was damaged, which for the trail the audit finds."""
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {}


def _opened(rows: Iterable[Row]) -> Counter[tuple[int, int]]:
    """How often who opened what: the case that was asked for, not those that a page named beside it."""
    found: Counter[tuple[int, int]] = Counter()
    for row in rows:
        opened = _read(row["facts"]).get("opened")
        if opened is not None:
            found[opened, row["actor_id"]] += 1
    return found


def _handles(store: Store, occasion: Occasion, case_id: int, person_id: int, span: Mapping[str, datetime]) -> bool:
    row = store.row(ROW, case_id=case_id)
    if row is None:
        return True
    organs = occasion.roster.organs_of.get(person_id, frozenset())
    held = {told["holder_id"] for told in store.rows(HELD, case_id=case_id, **span)} & organs
    if row["supervisor_id"] in organs or row["registrar_person_id"] == person_id:
        return True
    if any(_is_own(occasion, row, organ_id, person_id) for organ_id in held):
        return True
    return person_id in _people(store, ACTED, case_id) | _people(store, NAMED, case_id)


def _is_own(occasion: Occasion, row: Row, organ_id: int, person_id: int) -> bool:
    """Is a case that this organ held the person's own work, or that of somebody whom he leads?"""
    if row["holder_id"] != organ_id or row["assignee_id"] in (None, person_id):
        return True
    return any(person_id in occasion.roster.holders.get((organ_id, role), ()) for role in LEADING_ROLES)


def _people(store: Store, prepared: Prepared, case_id: int) -> set[int]:
    return {next(iter(row.values())) for row in store.rows(prepared, case_id=case_id)}
