"""What has become of the measures of an item, as its own history tells it: every step that brought one to another state."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select

from states.definition import Text
from workflow.models import Event
from workflow.reads.names import names_of
from workflow.reads.rows import LedgerRow, organ_name
from workflow.reads.seen import SeenCase
from workflow.reads.sight import TOGETHER, chunks, padded
from workflow.statements import Prepared, Row
from workflow.store import table_of

_event = table_of(Event)
_undo = _event.alias("undo")
# Only the last event of a case can be undone: what was taken back stands right before what says so.
_UNDONE = exists().where(_undo.c.case_id == _event.c.case_id, _undo.c.seq == _event.c.seq + 1, _undo.c.verb == "undo")
MOVES = Prepared(
    select(_event)
    .where(
        _event.c.case_id.in_([bindparam(f"id{n}") for n in range(TOGETHER)]),
        _event.c.verb == "fire",
        _event.c.from_state != _event.c.to_state,
        ~_UNDONE,
    )
    .order_by(_event.c.recorded_at.desc(), _event.c.case_id, _event.c.seq.desc())
)


@dataclass(frozen=True, slots=True)
class MeasureStep:
    """A step on a measure: what was done (`title`), by whom, and from which state to which it came."""

    measure: LedgerRow
    title: Text
    from_state: Text
    to_state: Text
    actor: str
    organ: str
    happened_at: datetime
    recorded_at: datetime


def measure_steps(seen: SeenCase, measures: Iterable[LedgerRow]) -> tuple[MeasureStep, ...]:
    """The newest first, of the measures that the reader sees as they are now; what was undone is left out. Two statements."""
    known = {row.id: row for row in measures if row.seen_upto is None}
    found = [row for chunk in chunks(list(known)) for row in seen.store.rows(MOVES, **padded(chunk))]
    names = names_of(seen.store, (row["actor_id"] for row in found)) if found else {}
    steps = (_step(seen, row, known[row["case_id"]], names.get(row["actor_id"], "")) for row in found)
    return tuple(sorted(steps, key=lambda step: step.recorded_at, reverse=True))


def _step(seen: SeenCase, row: Row, measure: LedgerRow, name: str) -> MeasureStep:
    definition = seen.occasion.catalogue.of_version(json.loads(row["facts"])["definition"]).definition
    states = definition.state_by_key
    return MeasureStep(
        measure=measure,
        title=definition.transition_by_edge[(row["from_state"], row["trigger"])].done,
        from_state=states[row["from_state"]].title,
        to_state=states[row["to_state"]].title,
        actor=name,
        organ=organ_name(seen.occasion.tree, row["organ_id"]),
        happened_at=row["happened_at"],
        recorded_at=row["recorded_at"],
    )
