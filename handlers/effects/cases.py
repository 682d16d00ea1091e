"""Cases that a transition opens: children by hand, and the measures of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from handlers.effects.messages import is_secret
from states.errors import BadInput
from workflow.types import Change, EndChildren, OpenCase, Wish

TITLE_LENGTH = 60  # a measure's text is its title too, cut to what a row shows


def open_child(
    change: Change, *, kind: str, title_from: str, fields: Sequence[str] = (), holder: str = "supervisor"
) -> Iterable[Wish]:
    """Opens one case of `kind` under this one.

    `title_from` names the answer that is its title; each of `fields` is taken from the answers or else from the facts;
    `holder` is the relation whose organ gets it.
    """
    row = change.case.row
    holder_id = row.get(f"{holder}_id")
    # What a secret case asks of its own handler is about the handler, not about the village the case is about.
    about_holder = holder == "holder" and is_secret(change.case)
    yield OpenCase(
        kind=kind,
        title=str(change.answers.get(title_from) or ""),
        subject_id=holder_id if about_holder and holder_id else row["subject_id"],
        holder_id=holder_id,
        supervisor_id=row["supervisor_id"],
        data=_taken(change, fields),
        parent_id=change.case.id,
    )


def _taken(change: Change, fields: Sequence[str]) -> dict[str, Any]:
    known = change.case.definition.field_by_key
    secret = {key for key in fields if key in known and known[key].secret}
    if secret:
        raise BadInput(why="secret_field", fields=sorted(secret))
    found = {key: change.answers.get(key, change.case.data.get(key)) for key in fields}
    return {key: value for key, value in found.items() if value is not None}


def end_children(change: Change, *, kind: str, ground: str) -> Iterable[Wish]:
    """Ends what is still open of `kind` under this case, on `ground`, which is one of the child's own grounds."""
    yield EndChildren(kind, ground)


def open_measures(change: Change, *, rows_from: str = "measures", kind: str = "measure") -> Iterable[Wish]:
    """Opens one measure for each row of the plan, held by the row's unit (practice.md §6 walk 4).

    Its registrar is the leading unit, which holds the item: it writes for the others and ends what is kept up (§9.3 Z8).
    """
    for measure in change.answers.get(rows_from) or ():
        yield _measure(change, kind, measure)


def _measure(change: Change, kind: str, measure: Mapping[str, Any]) -> OpenCase:
    data = {key: value for key, value in measure.items() if value is not None}
    return OpenCase(
        kind=kind,
        title=str(measure["text"])[:TITLE_LENGTH],
        subject_id=change.case.row["subject_id"],
        holder_id=int(measure["unit"]),
        supervisor_id=change.case.row["supervisor_id"],
        registrar_id=change.case.row["holder_id"],
        data=data,
        parent_id=change.case.id,
        relation="",
    )
