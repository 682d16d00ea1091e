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
from workflow.reads.beforehand import BY_HAVING_IT
from workflow.types import Actor


def open_then(actor: Actor, catalogue: Catalogue, at: Standing) -> Iterator[ColumnElement[bool]]:
    """The same rule as `beforehand.kept_from`, as conditions on a case and on how it stood: one for each kind that has states
    which are kept from somebody.
    """
    if actor.sees_all:
        return
    for kind, served in sorted(catalogue.current.items()):
        read = [one for one in served.definition.access if one.may in READING]
        rules = [one for one in read if one.states or one.relation not in BY_HAVING_IT]
        stands = [(rule, by) for rule in rules for grant in actor.posts if (by := of_rule(rule, grant)) is not None]
        timed = [by for rule, by in stands if rule.states]
        if timed:
            gives = [by & at.state.in_(rule.states) if rule.states else by for rule, by in stands]
            yield or_(CASES.c.kind != kind, *gives, or_(*timed).is_not(true()), at.holder_id.in_(actor.organ_ids))
