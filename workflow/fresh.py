"""Evidence that is newer than the last send-back: only that proves anew what was found wanting (practice.md §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import and_, exists, func, select

from states.definition import Condition, Definition, Transition
from states.evidence import APPROVAL_SCAN, Filed
from states.machine import conditions_of
from workflow.models import Case, Event, Evidence, StoredFile
from workflow.store import Store, table_of

RECEIPT = "receipt_scan"  # the label of the signed sheet
# They prove that a step was signed or approved, never that the work was done.
OWN_PAPERS = (APPROVAL_SCAN, RECEIPT)

_evidence, _event, _case, _file = table_of(Evidence), table_of(Event), table_of(Case), table_of(StoredFile)
_undo = _event.alias("undo")


def asks_fresh(steps: Iterable[Transition]) -> bool:
    """Does one of the steps count only such evidence?"""
    return any(_is_fresh(condition) for step in steps for condition in conditions_of(step))


def _is_fresh(condition: Condition) -> bool:
    return bool(condition.params.get("fresh")) or any(map(_is_fresh, condition.parts))


def sent_back_by(definition: Definition, tally: Mapping[str, int]) -> tuple[str, ...]:
    """The steps that have sent the work back in this cycle."""
    return tuple(sorted({step.trigger for step in definition.transitions if step.sends_back and tally.get(step.trigger, 0)}))


def newer_files(store: Store, case_ids: Iterable[int], triggers: Iterable[str]) -> dict[int, tuple[Filed, ...]]:
    """Of each case the files added in this cycle after the last of those steps; one statement."""
    undone = exists().where(_undo.c.case_id == _event.c.case_id, _undo.c.seq == _event.c.seq + 1, _undo.c.verb == "undo")
    back = (
        select(func.max(_event.c.seq))
        .where(_event.c.case_id == _evidence.c.case_id, _event.c.trigger.in_(list(triggers)), ~undone)
        .scalar_subquery()
    )
    chosen = (
        select(_evidence.c.case_id, _evidence.c.label, _file.c.media_type)
        .join(_file, _file.c.id == _evidence.c.file_id)
        .join(_case, and_(_case.c.id == _evidence.c.case_id, _case.c.cycle == _evidence.c.cycle))
        .where(
            _evidence.c.case_id.in_(list(case_ids)),
            _evidence.c.undone_seq.is_(None),
            _evidence.c.label.not_in(OWN_PAPERS),
            _evidence.c.seq > func.coalesce(back, 0),
        )
    )
    found: dict[int, tuple[Filed, ...]] = {}
    for row in store.select(chosen):
        found[row["case_id"]] = (*found.get(row["case_id"], ()), (row["label"], row["media_type"]))
    return found
