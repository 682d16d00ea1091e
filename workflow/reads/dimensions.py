"""By what the ledger is grouped. A dimension is one line: the value that stands for it on a row, and whose names it has.

A row that has no value is in the group of those without one, which `missing` asks for; so the groups of a dimension add up to
all rows. Facts are dimensions too, written `f.<key>`. Of a fact that may have several values at once a row is in the group of
each of them: such groups overlap, and add up to more than all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, literal, not_

from states.definition import Definition, Field
from states.errors import BadInput
from workflow.permissions import CASES
from workflow.reads.bands import LATE_BUCKETS, Standing, late_by
from workflow.reads.facets import has_facet

FACT = "f."
# The types of facts that do not have a different value on nearly every row, and the one of them that may have several.
GROUPED, SEVERAL = ("choice", "flag", "text", "choices"), "choices"
Value = Callable[[Standing], ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class Dimension:
    """`value` is null on a row that has none. `names`: the values are ids of organs, areas or people, or keys.

    `is_fixed`: the value is known also to those who read only the past of a case.
    """

    value: Value
    names: str = ""
    is_fixed: bool = False


def _late(at: Standing) -> ColumnElement[Any]:
    return case(*[(late_by(bucket, at), literal(bucket)) for bucket in LATE_BUCKETS])


def _month(day: ColumnElement[Any]) -> Value:
    """The month of a day as one number: 202611."""
    month = cast(func.extract("year", day), Integer) * 100 + cast(func.extract("month", day), Integer)
    return lambda _at: month


DIMENSIONS: Mapping[str, Dimension] = {
    "township": Dimension(lambda at: at.township_id, "areas", is_fixed=True),
    "village": Dimension(lambda at: at.village_id, "areas", is_fixed=True),
    "holder": Dimension(lambda at: at.holder_id, "organs"),
    "assignee": Dimension(lambda _at: CASES.c.assignee_id, "people"),
    "supervisor": Dimension(lambda _at: CASES.c.supervisor_id, "organs"),
    "subject": Dimension(lambda at: at.subject_id, "organs"),
    "kind": Dimension(lambda _at: CASES.c.kind, "kinds", is_fixed=True),
    "state": Dimension(lambda at: at.state, "states"),
    "late": Dimension(_late),
    "colour": Dimension(lambda at: func.nullif(at.colour, "")),
    "opened": Dimension(_month(CASES.c.opened_on)),
    "closed": Dimension(_month(CASES.c.closed_on)),
}


def field_of(definition: Definition, name: str) -> Field | None:
    """The fact that a dimension `f.<key>` means in this definition, if rows may be grouped by it."""
    field = definition.field_by_key.get(name.removeprefix(FACT)) if name.startswith(FACT) else None
    return field if field is not None and groups(field) else None


def groups(field: Field) -> bool:
    """May rows be grouped by this fact?"""
    return field.filter and not field.secret and field.type in GROUPED


def missing(name: str, at: Standing, as_of: date | None) -> ColumnElement[bool]:
    """The rows that have no value of the dimension, today or on the past day; BadInput for one that is none."""
    if name in DIMENSIONS:
        return DIMENSIONS[name].value(at).is_(None)
    if name.startswith(FACT):
        return not_(has_facet(as_of, name.removeprefix(FACT)))
    raise BadInput(why="unknown_dimension", dimension=name)
