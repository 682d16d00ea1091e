"""Which cases lay open to a reader on a past day already: a village's list of May does not show what came to it in June.

Whoever may read a case today reads of its past what was his to know then (`beforehand`): a day on which it lay in a state that
was kept from him, and not with him, is no past day of his, in no list, figure, filter or search.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, or_, true

from workflow.definitions import Catalogue
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
            gives = [by if states is None else by & at.state.in_(sorted(states)) for states, by in stands]
            yield or_(CASES.c.kind != kind, *gives, or_(*timed).is_not(true()), at.holder_id.in_(actor.organ_ids))
