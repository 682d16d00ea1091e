"""Looking at rows in tests: what a test asks of the database beside the engine's own answers."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from sqlalchemy import Table, select
from sqlmodel import SQLModel

from tests.factories import County
from workflow.models import Case, Clock, Event, FiredRung, metadata
from workflow.store import Store, table_of


def rows_of(county: County, model: type[SQLModel], **where: Any) -> list[dict[str, Any]]:
    """Every row of a table, narrowed by equal columns, in the order of its key."""
    table = table_of(model)
    statement = select(table).order_by(*table.primary_key.columns)
    for name, value in where.items():
        statement = statement.where(table.c[name] == value)
    return county.database.read(lambda store: store.select(statement))


def case_row(county: County, case_id: int) -> dict[str, Any]:
    """The case's row."""
    return rows_of(county, Case, id=case_id)[0]


def clock_row(county: County, case_id: int, key: str) -> dict[str, Any]:
    """The newest run of a clock."""
    return rows_of(county, Clock, case_id=case_id, key=key)[-1]


def fired(county: County, case_id: int, clock: str) -> list[tuple[str, str]]:
    """(rung, outcome) of a clock in the order they fired: the place of each in the history of the case breaks ties."""
    found = {(row["rung"], row["outcome"]): row for row in rows_of(county, FiredRung, case_id=case_id, clock=clock)}
    told = [json.loads(event["facts"]) for event in rows_of(county, Event, case_id=case_id)]
    place = {facts.get("rung", facts["verb"]): facts["seq"] for facts in told if facts.get("clock") == clock}
    return sorted(found, key=lambda key: (found[key]["fired_at"], place.get(key[0], 0)))


def dump(county: County) -> str:
    """A digest of every row of every table: two equal dumps are the same database."""

    def read(store: Store) -> str:
        told = hashlib.sha256()
        for table in metadata.sorted_tables:
            for row in sorted(map(repr, store.select(select(table)))):
                told.update(f"{table.name}{row}".encode())
        return told.hexdigest()

    return county.database.read(read)


def day(text: str) -> date:
    """A date of ISO text."""
    return date.fromisoformat(text)


def rows_of_table(county: County, table: Table) -> list[Any]:
    """Every row of a table."""
    return county.database.read(lambda store: store.select(select(table)))
