"""Which cases lay open to a reader on a past day already: a village's list of May does not show what came to it in June.

Whoever may read a case today reads of its past what was his to know then (`beforehand`): a day on which it lay in a state that
was kept from him, and not with him, is no past day of his, in no list, figure, filter or search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, and_, func, or_, true

from states.definition import Definition
from workflow.definitions import Catalogue
from workflow.kept_back import ENDED_FROM_THEN
from workflow.permissions import CASES, READING, of_rule
from workflow.reads.bands import Standing
from workflow.reads.beforehand import BY_HAVING_IT, opened
from workflow.types import Actor


def open_then(actor: Actor, catalogue: Catalogue, at: Standing) -> Iterator[ColumnElement[bool]]:
    """The same rule as `beforehand.kept_from`, as conditions on a case and on how it stood: one for each kind that has states
    which are kept from somebody.
    """
    if actor.sees_all:
        return
    for kind, served in sorted(catalogue.current.items()):
        versions, rules = catalogue.versions_of(kind), [one for one in served.definition.access if one.may in READING]
        each = {(one.relation, grant): by for one in rules for grant in actor.posts if (by := of_rule(one, grant)) is not None}
        known = [(opened(versions, relation, grant.organ_kind), relation, by) for (relation, grant), by in each.items()]
        stands = [(states, by) for states, relation, by in known if states is not None or relation not in BY_HAVING_IT]
        timed = [by for states, by in stands if states is not None]
        if timed:
            gives = [by if states is None else and_(by, _lay_in(states, versions, at)) for states, by in stands]
            yield or_(CASES.c.kind != kind, *gives, or_(*timed).is_not(true()), at.holder_id.in_(actor.organ_ids))


def _lay_in(states: frozenset[str], versions: Iterable[Definition], at: Standing) -> ColumnElement[bool]:
    """It lay in one of these states, and where it had ended, out of one of them; as `kept_back` asks it of the present."""
    listed, final = at.state.in_(sorted(states)), {state.key for one in versions for state in one.states if state.final}
    open_ones = sorted(states - final)
    if not open_ones:
        return listed
    return and_(listed, or_(at.state.not_in(sorted(final)), func.coalesce(ENDED_FROM_THEN, open_ones[0]).in_(sorted(states))))
