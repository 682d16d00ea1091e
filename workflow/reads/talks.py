"""What was promised in earlier talks with the same organ or about the same items, and whether it was kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, func, or_, select

from states.definition import Definition
from workflow.dates import local_time
from workflow.models import AgendaItem, Spell
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.rows import LedgerRow, rows_of
from workflow.reads.seen import CaseRef, SeenCase, refs_of
from workflow.reads.sight import present
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.types import Actor

_agenda, _spell = table_of(AgendaItem), table_of(Spell)
MOST_PROMISES = 12


@dataclass(frozen=True, slots=True)
class Promise:
    """An item that a talk gave a new date to. `kept` is None while the date has not passed and the work is not reported."""

    talk: CaseRef
    item: LedgerRow
    new_due_on: date
    kept: bool | None


def promises_before(seen: SeenCase) -> tuple[Promise, ...]:
    """What earlier talks with this organ, or about these items, have fixed; the newest first, and only what the reader sees."""
    if not seen.is_whole:
        return ()
    may_see = present(seen.actor, seen.occasion.catalogue)
    of_organ = select(CASES.c.id).where(CASES.c.interviewee_id == seen.row["interviewee_id"])
    own = select(_agenda.c.case_id).where(_agenda.c.interview_id == seen.id, _agenda.c.left_at.is_(None))
    told = seen.store.select(
        select(_agenda)
        .where(_agenda.c.interview_id < seen.id, _agenda.c.new_due_on.is_not(None))
        .where(or_(_agenda.c.interview_id.in_(of_organ), _agenda.c.case_id.in_(own)))
        .where(_agenda.c.interview_id.in_(select(CASES.c.id).where(may_see)))
        .order_by(_agenda.c.interview_id.desc(), _agenda.c.case_id)
        .limit(MOST_PROMISES)
    )
    ids = sorted({row["case_id"] for row in told})
    stored = seen.store.select(select(CASES).where(CASES.c.id.in_(ids), may_see))
    items = {row.id: row for row in rows_of(seen.store, seen.occasion, seen.actor, stored)}
    versions = {row["id"]: row["definition_version_id"] for row in stored}
    refs = refs_of(seen.store, seen.occasion, seen.actor, {row["interview_id"] for row in told})
    states = _states_at_the_end(seen, [row for row in told if row["case_id"] in items])
    return tuple(
        Promise(
            refs[row["interview_id"]],
            items[row["case_id"]],
            row["new_due_on"],
            _is_kept(seen.occasion, seen.occasion.catalogue.of_version(versions[row["case_id"]]).definition, row, states),
        )
        for row in told
        if row["case_id"] in items and row["interview_id"] in refs
    )


def _states_at_the_end(seen: SeenCase, told: Iterable[Row]) -> dict[tuple[int, date], str]:
    """The state of each item when its promised day had ended; that of now, where the day has not ended."""
    wanted = {(row["case_id"], row["new_due_on"]) for row in told}
    ids = sorted({case_id for case_id, _ in wanted})
    spells = seen.store.select(select(_spell).where(_spell.c.case_id.in_(ids)).order_by(_spell.c.case_id, _spell.c.seq))
    found: dict[tuple[int, date], str] = {}
    for case_id, on in wanted:
        end = local_time(on + timedelta(1), 0)
        begun = [spell["state"] for spell in spells if spell["case_id"] == case_id and spell["from_at"] < end]
        found[(case_id, on)] = begun[-1] if begun else ""
    return found


def _is_kept(occasion: Occasion, definition: Definition, row: Row, states: dict[tuple[int, date], str]) -> bool | None:
    """Was the work reported by the promised day? It was where the clock that took the date no longer runs."""
    clock = next((clock for clock in definition.clocks if clock.main), definition.clock_by_key.get(row["clock"]))
    state = states[(row["case_id"], row["new_due_on"])]
    if clock is not None and state not in clock.runs_in:
        return True
    return None if row["new_due_on"] >= occasion.today else False


def agenda_sizes(store: Store, talks: Iterable[int]) -> dict[int, int]:
    """How many items stand on the agenda of each talk: a number and nothing of them, for whoever sees the talk."""
    where = and_(_agenda.c.interview_id.in_(sorted(talks)), _agenda.c.left_at.is_(None))
    told = select(_agenda.c.interview_id, func.count().label("n")).where(where).group_by(_agenda.c.interview_id)
    return {row["interview_id"]: row["n"] for row in store.select(told)}


def agenda_rows(store: Store, occasion: Occasion, actor: Actor, talks: Iterable[int]) -> dict[int, tuple[LedgerRow, ...]]:
    """The items on the agenda of each talk that the actor may see as they are now."""
    where = and_(_agenda.c.interview_id.in_(sorted(talks)), _agenda.c.left_at.is_(None))
    told = store.select(select(_agenda.c.interview_id, _agenda.c.case_id).where(where).distinct())
    where = and_(CASES.c.id.in_(sorted({row["case_id"] for row in told})), present(actor, occasion.catalogue))
    stored = store.select(select(CASES).where(where).order_by(CASES.c.due_on, CASES.c.id))
    items = rows_of(store, occasion, actor, stored)
    of_talk = {(row["interview_id"], row["case_id"]) for row in told}
    return {talk: tuple(item for item in items if (talk, item.id) in of_talk) for talk in {row["interview_id"] for row in told}}
