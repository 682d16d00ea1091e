"""In which states a rule of access gives anything: said for one row, and as a condition of the selectable.

What a rule kept from somebody while a case was open it keeps when the case ends: an item that was voided before it was handed
over does not come to light by that. So a case that has ended is looked at in the state that it ended from, too. The closed
cases of an old ledger have ended there, nobody knows from where, and are looked at as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, not_, or_, select

from states.definition import AccessRule, Definition
from workflow.definitions import Catalogue
from workflow.models import Case, Event, Spell
from workflow.store import Store, table_of

TOGETHER = 1_000
_case, _event, _spell = table_of(Case), table_of(Event), table_of(Spell)
_ENDING = and_(_event.c.from_state != _event.c.to_state, _event.c.verb != "imported")


def _ended_from(stands: Table, case_id: ColumnElement[int], *by_then: ColumnElement[bool]) -> ColumnElement[Any]:
    newest = select(_event.c.from_state).where(
        _event.c.case_id == case_id, _event.c.to_state == stands.c.state, _ENDING, *by_then
    )
    return newest.order_by(_event.c.seq.desc()).limit(1).correlate(stands).scalar_subquery()


_ENDED_FROM = _ended_from(_case, _case.c.id)
# The same of a case that lay in a final state on a past day, asked of its spell of then.
ENDED_FROM_THEN = _ended_from(_spell, _spell.c.case_id, _event.c.seq <= _spell.c.seq)


def gives_now(rule: AccessRule, definition: Definition, row: Mapping[str, Any], ended_from: str | None) -> bool:
    """Does the rule give anything of the case as it stands?"""
    if not rule.states:
        return True
    came_through = ended_from is None or not row["final"] or not _open_ones(rule, definition) or ended_from in rule.states
    return row["state"] in rule.states and came_through


def _open_ones(rule: AccessRule, definition: Definition) -> list[str]:
    return [key for key in rule.states if key in definition.state_by_key and not definition.state_by_key[key].final]


def in_states(rules: Iterable[AccessRule], definition: Definition) -> ColumnElement[bool] | None:
    """The same of the rules together as a WHERE, for cases of the definition's kind; None where one gives in every state."""
    rules = tuple(rules)
    if any(not rule.states for rule in rules):
        return None
    return or_(*[_in_states_of(rule, definition) for rule in dict.fromkeys(rules)])


def _in_states_of(rule: AccessRule, definition: Definition) -> ColumnElement[bool]:
    listed = _case.c.state.in_(rule.states)
    if not _open_ones(rule, definition):
        return listed
    return and_(listed, or_(not_(_case.c.final), func.coalesce(_ENDED_FROM, rule.states[0]).in_(rule.states)))


def endings_of(store: Store, catalogue: Catalogue, rows: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """The state that each case ended from, of those that have ended and whose kind has rules for some states only."""
    ended = ended_among(catalogue, rows)
    columns, ids = (_event.c.case_id, _event.c.from_state, _event.c.to_state, _event.c.verb), sorted(ended)
    found: dict[int, str] = {}
    for begin in range(0, len(ids), TOGETHER):
        of_some = and_(_event.c.case_id.in_(ids[begin : begin + TOGETHER]), _ENDING)
        found |= endings_in(ended, store.select(select(*columns).where(of_some).order_by(_event.c.seq)))
    return found


def ended_among(catalogue: Catalogue, rows: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Of these cases, those for which it matters from where they have ended: case → the state in which it has."""
    kinds = {kind for kind, served in catalogue.current.items() if any(rule.states for rule in served.definition.access)}
    return {row["id"]: row["state"] for row in rows if row["final"] and row["kind"] in kinds}


def endings_in(ended: Mapping[int, str], events: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """From where they came, told by events in the order of each history; others than steps to another state say nothing."""
    steps = (one for one in events if one["from_state"] not in (None, one["to_state"]) and one["verb"] != "imported")
    return {one["case_id"]: one["from_state"] for one in steps if one["to_state"] == ended.get(one["case_id"])}
