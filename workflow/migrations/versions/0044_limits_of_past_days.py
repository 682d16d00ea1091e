"""A stretch of time keeps its limit, its colour and the first late day, told from what each event says of the time before it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from workflow.models.columns import BigId, UtcTime

revision = "0044"
down_revision = "0041"
branch_labels = None
depends_on = None

Row = dict[str, Any]
BATCH = 500  # cases
# How reading a row ends that was damaged behind the engine's back. The spells of its case stay; the night names it.
DAMAGED = (LookupError, ValueError, TypeError, AttributeError)
LIMIT = ("due_on", "paused_since", "colour")
OLD = ("state", "holder_id", "subject_id", "overdue_since")
SPELL = sa.table(
    "spell",
    *(sa.column(name, BigId) for name in ("case_id", "holder_id", "subject_id")),
    *(sa.column(name, UtcTime) for name in ("from_at", "to_at")),
    *(sa.column(name, sa.Date) for name in ("overdue_since", "due_on", "late_from")),
    *(sa.column("seq", sa.Integer), sa.column("state", sa.Text), sa.column("colour", sa.Text)),
)
EVENT = sa.table(
    "event",
    *(sa.column("case_id", BigId), sa.column("seq", sa.Integer), sa.column("to_state", sa.Text)),
    *(sa.column("happened_at", UtcTime), sa.column("facts", sa.Text)),
)
CONTENT = sa.table("content", sa.column("case_id", BigId), sa.column("seq", sa.Integer), sa.column("body", sa.Text))
CASES = sa.table(
    "cases",
    *(sa.column("id", BigId), sa.column("due_on", sa.Date), sa.column("paused_since", sa.Date), sa.column("colour", sa.Text)),
)
IDS = sa.select(CASES.c.id).where(CASES.c.id > sa.bindparam("after")).order_by(CASES.c.id).limit(BATCH)
NOW = sa.select(CASES).where(CASES.c.id.between(sa.bindparam("first"), sa.bindparam("last")))
EVENTS = (
    sa.select(EVENT, CONTENT.c.body)
    .select_from(EVENT.outerjoin(CONTENT, sa.and_(CONTENT.c.case_id == EVENT.c.case_id, CONTENT.c.seq == EVENT.c.seq)))
    .where(EVENT.c.case_id.between(sa.bindparam("first"), sa.bindparam("last")))
    .order_by(EVENT.c.case_id, EVENT.c.seq)
)
SPELLS = (
    sa.select(SPELL)
    .where(SPELL.c.case_id.between(sa.bindparam("first"), sa.bindparam("last")))
    .order_by(SPELL.c.case_id, SPELL.c.seq)
)
CLEAR = sa.delete(SPELL).where(SPELL.c.case_id.between(sa.bindparam("first"), sa.bindparam("last")))


def upgrade() -> None:
    """Up."""
    op.add_column("spell", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column("spell", sa.Column("late_from", sa.Date(), nullable=True))
    op.add_column("spell", sa.Column("colour", sa.Text(), nullable=False, server_default=""))
    database = op.get_bind()
    for place in _places(database):
        cases = {row["id"]: dict(row) for row in database.execute(NOW, place).mappings()}
        events = [dict(row) for row in database.execute(EVENTS, place).mappings()]
        spells = [dict(row) for row in database.execute(SPELLS, place).mappings()]
        stored = {case_id: list(own) for case_id, own in groupby(spells, key=_case)}
        told: list[Row] = []
        for case_id, own in groupby(events, key=_case):
            try:
                told += _spells(list(own), cases[case_id])
            except DAMAGED:
                told += stored.get(case_id, [])
        _write(database, place, told)


def downgrade() -> None:
    """Down."""
    database = op.get_bind()
    for place in _places(database):
        stored = [dict(row) for row in database.execute(SPELLS, place).mappings()]
        _write(database, place, [spell for _id, own in groupby(stored, key=_case) for spell in _joined(own)])
    for name in ("colour", "late_from", "due_on"):
        op.drop_column("spell", name)


def _places(database: sa.Connection) -> Iterator[Row]:
    after = 0
    while ids := database.execute(IDS, {"after": after}).scalars().all():
        yield {"first": ids[0], "last": ids[-1]}
        after = ids[-1]


def _write(database: sa.Connection, place: Row, spells: list[Row]) -> None:
    database.execute(CLEAR, place)
    if spells:
        database.execute(sa.insert(SPELL), spells)


def _spells(events: list[Row], case: Row) -> list[Row]:
    """The spells of one case, told anew: what `workflow/spells.py` tells of it in this release."""
    limit, is_known = {name: case[name] for name in LIMIT}, True
    told: list[Row] = []
    for event in reversed(events):
        told.append({**event, **(limit if is_known else {"due_on": None, "paused_since": None, "colour": ""})})
        is_known = is_known and event["body"] is not None
        before = (json.loads(event["body"]).get("before") or {}).get("case") or {} if is_known else {}
        limit = {**limit, **{name: _value(name, before[name]) for name in LIMIT if name in before}}
    kept: list[Row] = []
    for event in reversed(told):
        facts = json.loads(event["facts"])
        if facts["verb"] == "undo":
            kept.pop()
        else:
            kept.append(_spell(event, facts))
    return list(_joined(kept, (*OLD, "due_on", "late_from", "colour")))


def _spell(event: Row, facts: Row) -> Row:
    since = date.fromisoformat(facts["overdue_since"]) if facts["overdue_since"] else None
    due_on, is_running = event["due_on"], event["due_on"] is not None and event["paused_since"] is None
    return {
        **{"case_id": event["case_id"], "seq": event["seq"], "from_at": event["happened_at"], "to_at": None},
        **{"state": event["to_state"], "holder_id": facts["holder"], "subject_id": facts["subject"]},
        **{"overdue_since": since, "due_on": due_on, "colour": event["colour"]},
        "late_from": since or (due_on + timedelta(1) if is_running else None),
    }


def _joined(spells: Any, alike: tuple[str, ...] = OLD) -> Iterator[Row]:
    """The stretches of one case, those that follow each other and are alike as one."""
    found: list[Row] = []
    for spell in spells:
        if found and all(found[-1][name] == spell[name] for name in alike):
            continue
        if found:
            found[-1]["to_at"] = spell["from_at"]
        found.append({**spell, "to_at": None})
    yield from found


def _value(name: str, told: Any) -> Any:
    return date.fromisoformat(told) if told and name != "colour" else told


def _case(row: Row) -> int:
    return int(row["case_id"])
