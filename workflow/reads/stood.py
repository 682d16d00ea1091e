"""How cases stood at the end of a past day: state, holder, limit, colour and lateness, from the stretches that spells keep.

A query with `as_of` asks these columns where it otherwise asks the case's own. Visibility is that of today: the past is shown
to whoever may see the case now, from the day on which it lay open to him (`open_then`), and a case whose present the reader
does not see is in no list and no figure of the past. Late is what was past its limit at the end of the day, whether or not the
sweep had run. What the rows say beside that is taken from the events since; by which facts and words they are asked for,
`reads/facets.py` says. The place is that of then where organisations have been changed since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, literal, or_, select

from states.definition import Definition
from workflow.dates import end_of
from workflow.definitions import Catalogue
from workflow.facets import GROUND
from workflow.models import Content, Event, FormerPlace, Spell
from workflow.models.columns import time_from_text
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads.bands import DAY, NOW, Standing, closed_out, days, in_states
from workflow.reads.facets import has_facet
from workflow.reads.moments import columns_before
from workflow.reads.open_then import open_then
from workflow.reads.sight import present
from workflow.statements import Row
from workflow.store import Store, table_of
from workflow.tree import Tree
from workflow.types import Actor

SPELL, PLACE, EVENT, CONTENT = table_of(Spell), table_of(FormerPlace), table_of(Event), table_of(Content)
# What of a stored row its spell says.
THEN = ("state", "holder_id", "subject_id", "due_on", "colour", "late_from")
# What is taken from the events since: what is shown, and nothing by which the reader's sight is decided.
SHOWN = frozenset({"title", "old_number", "data", "tally", "due_clock", "rung", "paused_since", "closed_on", "ground", "cycle"})
SHOWN |= {"definition_version_id", "state_since", "holder_since", "assignee_id"}


def standing_of(as_of: date | None, catalogue: Catalogue) -> Standing:
    """The columns to ask: the case's own for today, those of its spell for a past day."""
    if as_of is None:
        return NOW
    final = in_states(catalogue, _final_states, SPELL.c.state)
    late_from = case((SPELL.c.late_from <= bindparam("today", type_=DAY), SPELL.c.late_from))
    stood = (SPELL.c.state, SPELL.c.holder_id, SPELL.c.subject_id, late_from, final)
    township, village = (_place_then(as_of, level) for level in ("township", "village"))
    ended_on = partial(has_facet, as_of, GROUND)
    return Standing(*stood, township, village, SPELL.c.due_on, SPELL.c.colour, ended_on)


def _place_then(as_of: date, level: str) -> ColumnElement[Any]:
    """Where the subject lay at the end of the day: what was kept when that changed first after it, else where it lies."""
    kept = select(PLACE.c[f"{level}_id"]).where(PLACE.c.case_id == CASES.c.id, PLACE.c.until_at >= end_of(as_of))
    then = kept.order_by(PLACE.c.until_at).limit(1).correlate(CASES).scalar_subquery()
    return func.coalesce(then, CASES.c[f"subject_{level}_id"])


def occasion_of(as_of: date | None, occasion: Occasion) -> Occasion:
    """The occasion whose areas and organs are called what they were called on the day."""
    return occasion if as_of is None else replace(occasion, tree=occasion.tree.on(as_of))


def source_of(as_of: date | None) -> Any:
    """The cases, for a past day each with its spell of then; those that began later are not among them."""
    return CASES if as_of is None else CASES.join(SPELL, and_(SPELL.c.case_id == CASES.c.id, _covers(as_of)))


def limit_then(as_of: date) -> ColumnElement[Any]:
    """The limit of a case at the end of the day, as a column beside its own."""
    return select(SPELL.c.due_on).where(SPELL.c.case_id == CASES.c.id, _covers(as_of)).correlate(CASES).scalar_subquery()


def stood_so(as_of: date, where: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """The cases whose spell at the end of the day is so, as a condition on cases."""
    of_case = and_(SPELL.c.case_id == CASES.c.id, _covers(as_of), *where)
    return exists(select(literal(1)).select_from(SPELL).where(of_case).correlate(CASES))


def _covers(on: date) -> ColumnElement[bool]:
    """24:00 (Asia/Shanghai) of the day lies in the spell."""
    end = end_of(on)
    return and_(SPELL.c.from_at < end, or_(SPELL.c.to_at.is_(None), SPELL.c.to_at >= end))


def _final_states(definition: Definition) -> frozenset[str]:
    return frozenset(state.key for state in definition.states if state.final)


def rows_then(store: Store, catalogue: Catalogue, tree: Tree, as_of: date, stored: list[Row]) -> list[Row]:
    """The stored rows as they were at the end of the day, in the `tree` of then; two statements.

    A case that began later stays as it is.
    """
    if not stored:
        return []
    ids, columns = [row["id"] for row in stored], [SPELL.c.case_id, SPELL.c.seq, *[SPELL.c[name] for name in THEN]]
    spells = store.select(select(*columns).where(SPELL.c.case_id.in_(ids), _covers(as_of)))
    events = store.select(_since(ids, as_of))
    since = {case_id: [event["body"] for event in own] for case_id, own in groupby(events, key=itemgetter("case_id"))}
    then = {spell["case_id"]: (spell, columns_before(since.get(spell["case_id"], ()))) for spell in spells}
    return [_then(catalogue, tree, row, as_of, *then[row["id"]]) if row["id"] in then else row for row in stored]


def measures_then(store: Store, occasion: Occasion, actor: Actor, as_of: date, ids: list[int]) -> dict[int, tuple[int, int]]:
    """(done, all) of the measures under each case at the end of the day, as `rows.measures_of` counts them today."""
    catalogue = occasion.catalogue
    if not catalogue.off_ledger or not ids:
        return {}
    at = standing_of(as_of, catalogue)
    of = and_(CASES.c.parent_id.in_(ids), CASES.c.kind.in_(catalogue.off_ledger), present(actor, catalogue))
    counts = or_(at.open, closed_out(catalogue, at))
    told = select(CASES.c.parent_id, func.count().label("n"), func.sum(case((at.final, 1), else_=0)).label("done"))
    told = told.select_from(source_of(as_of)).where(of, counts, *open_then(actor, catalogue, at)).group_by(CASES.c.parent_id)
    return {row["parent_id"]: (row["done"], row["n"]) for row in store.select(told.params(**days(as_of)))}


def _since(ids: list[int], as_of: date) -> Any:
    """What was told of these cases after the last that had happened by the end of the day, first what came first."""
    by_then = select(EVENT.c.case_id, func.max(EVENT.c.seq).label("seq")).where(EVENT.c.case_id.in_(ids))
    last = by_then.where(EVENT.c.happened_at < end_of(as_of)).group_by(EVENT.c.case_id).subquery("last")
    told = EVENT.join(last, and_(last.c.case_id == EVENT.c.case_id, last.c.seq < EVENT.c.seq))
    told = told.outerjoin(CONTENT, and_(CONTENT.c.case_id == EVENT.c.case_id, CONTENT.c.seq == EVENT.c.seq))
    return select(EVENT.c.case_id, CONTENT.c.body).select_from(told).order_by(EVENT.c.case_id, EVENT.c.seq)


def _then(catalogue: Catalogue, tree: Tree, row: Row, as_of: date, spell: Row, known: Row) -> Row:
    row = {**row, **{name: value for name, value in known.items() if name in SHOWN}}
    # Histories from before `told_at` say when it changed alone; nothing was told later than that.
    hours = [time_from_text(known[name]) for name in ("told_at", "changed_at") if name in known]
    row |= {"told_at": min([*hours, row["told_at"]])}
    states = catalogue.of_version(row["definition_version_id"]).definition.state_by_key
    is_final = states[spell["state"]].final
    is_late = spell["late_from"] is not None and spell["late_from"] <= as_of
    limit = {"overdue_since": spell["late_from"] if is_late and not is_final else None}
    closed = {} if is_final else {"closed_on": None, "ground": None}
    found_in = row["found_in_id"] if row["found_in_id"] != spell["subject_id"] else None
    lineage = tree.lineage(tree.organ(spell["subject_id"]).area_id)
    place = {f"subject_{level}_id": lineage.get(level) for level in ("township", "village")}
    stood = {**{name: spell[name] for name in THEN if name != "late_from"}, **place, "found_in_id": found_in}
    return {**row, **closed, **limit, **stood, "final": is_final}
