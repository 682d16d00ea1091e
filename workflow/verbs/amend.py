"""amend: changes facts outside a transition, with a reason; who may is the field's own rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from states.definition import Field
from states.errors import BadInput, InvalidForm, NotPermitted
from states.forms import load_form, require_beside
from workflow.answers import lookup_of, split_answers
from workflow.barring import barring_of
from workflow.casefile import CaseFile
from workflow.cases import set_fact
from workflow.consent import drop_consent
from workflow.desk import Desk, bump
from workflow.parties import leave
from workflow.permissions import CASES
from workflow.relatives import look_for_relatives
from workflow.statements import Prepared
from workflow.types import Outcome
from workflow.verbs.fire import UNITS, add_units, require_fresh
from workflow.verbs.open import outcome_of
from workflow.verbs.standing import open_file, require_post

HOLDS_CHILD = Prepared(
    select(CASES.c.id).where(CASES.c.parent_id == bindparam("parent_id"), CASES.c.holder_id == bindparam("organ_id")).limit(1)
)


def amend(desk: Desk, case_id: int, *, data: Mapping[str, Any], reason: str, version: int | None) -> Outcome:
    """Sets each fact of `data`; refuses a fact that the actor's relation may not write.

    A clock that runs keeps its date, whatever fact it was found by: a whole-case clock never starts again (practice.md §6), and
    the original date counts (semantics.md §4). An extension moves it, or who decides a new date.
    """
    file = open_file(desk, case_id)
    require_fresh(file, version)
    if not reason.strip():
        raise InvalidForm(fields={"reason": ["required"]})
    fields = [_writable(desk, file, key) for key in data]
    lookup = lookup_of(desk, file, barring_of(desk.store, file.row, desk.occasion))
    answers = load_form(tuple(fields), data, today=desk.occasion.today, lookup=lookup, partial=True)
    require_beside(file.served.definition, {**file.data, **answers}, answers)
    named = _units(file)
    for key, value in answers.items():
        set_fact(file, key, value)
    add_units(desk, file, answers)
    for unit in named - _units(file):
        _part_with(desk, file, unit)
    drop_consent(file)  # What was asked for and agreed to was the case as it stood.
    bump(file)
    content = {**split_answers(file.served.definition, answers), "reason": reason}
    desk.happened(file, "amend", content=content)
    if file.secrets:
        look_for_relatives(desk, file)
    return outcome_of(file)


def _units(file: CaseFile) -> set[int]:
    return {row["unit"] for key in UNITS for row in file.data.get(key) or ()}


def _part_with(desk: Desk, file: CaseFile, unit: int) -> None:
    """A unit that is named no longer sees the case no longer, unless a measure under it is the unit's own."""
    if not desk.store.row(HOLDS_CHILD, parent_id=file.id, organ_id=unit):
        leave(desk, file, "measure_unit", unit)


def _writable(desk: Desk, file: CaseFile, key: str) -> Field:
    field = file.served.definition.field_by_key.get(key)
    if field is None:
        raise BadInput(why="unknown_field", field=key)
    if not field.write:
        raise NotPermitted(why="field_fixed", field=key)
    require_post(desk, file, field.write)
    return field
