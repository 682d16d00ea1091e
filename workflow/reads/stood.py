"""How cases stood at the end of a past day: their state, holder and lateness then, from the stretches of time that spells keep.

A query with `as_of` asks these columns where it otherwise asks the case's own. Visibility is that of today: the past is shown
to whoever may see the case now, and a case whose present the reader does not see is in no list and no figure of the past. What
a spell does not keep (limit, facts) is today's; the place is that of then where organisations have been changed since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select

from states.definition import Definition
from workflow.dates import local_time
from workflow.definitions import Catalogue
from workflow.models import FormerPlace, Spell
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.bands import NOW, Standing, in_states
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.tree import Tree

SPELL, PLACE = table_of(Spell), table_of(FormerPlace)
# What of a stored row is the day's own, and what belongs to no past day.
THEN = ("state", "holder_id", "subject_id", "overdue_since")
UNKNOWN = {"due_on": None, "due_clock": None, "rung": None, "colour": "", "paused_since": None}


def standing_of(as_of: date | None, catalogue: Catalogue) -> Standing:
    """The columns to ask: the case's own for today, those of its spell for a past day."""
    if as_of is None:
        return NOW
    final = in_states(catalogue, _final_states, SPELL.c.state)
    stood = (SPELL.c.state, SPELL.c.holder_id, SPELL.c.subject_id, SPELL.c.overdue_since, final)
    return Standing(*stood, *(_place_then(as_of, level) for level in ("township", "village")))


def _place_then(as_of: date, level: str) -> ColumnElement[Any]:
    """Where the subject lay at the end of the day: what was kept when that changed first after it, else where it lies."""
    kept = select(PLACE.c[f"{level}_id"]).where(PLACE.c.case_id == CASES.c.id, PLACE.c.until_at >= _end_of(as_of))
    then = kept.order_by(PLACE.c.until_at).limit(1).correlate(CASES).scalar_subquery()
    return func.coalesce(then, CASES.c[f"subject_{level}_id"])


def occasion_of(as_of: date | None, occasion: Occasion) -> Occasion:
    """The occasion whose areas and organs are called what they were called on the day."""
    return occasion if as_of is None else replace(occasion, tree=occasion.tree.on(as_of))


def source_of(as_of: date | None) -> Any:
    """The cases, for a past day each with its spell of then; those that began later are not among them."""
    return CASES if as_of is None else CASES.join(SPELL, and_(SPELL.c.case_id == CASES.c.id, _covers(as_of)))


def stood_so(as_of: date, where: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """The cases whose spell at the end of the day is so, as a condition on cases."""
    of_case = and_(SPELL.c.case_id == CASES.c.id, _covers(as_of), *where)
    return exists(select(literal(1)).select_from(SPELL).where(of_case).correlate(CASES))


def _covers(on: date) -> ColumnElement[bool]:
    """24:00 (Asia/Shanghai) of the day lies in the spell."""
    end = _end_of(on)
    return and_(SPELL.c.from_at < end, or_(SPELL.c.to_at.is_(None), SPELL.c.to_at >= end))


def _end_of(on: date) -> datetime:
    return local_time(on + timedelta(1), 0)


def _final_states(definition: Definition) -> frozenset[str]:
    return frozenset(state.key for state in definition.states if state.final)


def rows_then(store: Store, catalogue: Catalogue, tree: Tree, as_of: date, stored: list[Row]) -> list[Row]:
    """The stored rows as they were at the end of the day, in the `tree` of then; one statement.

    A case that began later stays as it is.
    """
    columns = [SPELL.c.case_id, *[SPELL.c[name] for name in THEN]]
    of_page = and_(SPELL.c.case_id.in_([row["id"] for row in stored]), _covers(as_of))
    then = {row["case_id"]: row for row in store.select(select(*columns).where(of_page))} if stored else {}
    return [_then(catalogue, tree, row, then[row["id"]]) if row["id"] in then else row for row in stored]


def _then(catalogue: Catalogue, tree: Tree, row: Row, spell: Row) -> Row:
    states = catalogue.of_version(row["definition_version_id"]).definition.state_by_key
    is_final = states[spell["state"]].final
    closed = {} if is_final else {"closed_on": None, "ground": None}
    found_in = row["found_in_id"] if row["found_in_id"] != spell["subject_id"] else None
    lineage = tree.lineage(tree.organ(spell["subject_id"]).area_id)
    place = {f"subject_{level}_id": lineage.get(level) for level in ("township", "village")}
    stood = {**{name: spell[name] for name in THEN}, **place, "found_in_id": found_in}
    return {**row, **UNKNOWN, **closed, **stood, "final": is_final}
