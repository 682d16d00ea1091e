"""Settings with who changed what, when, why and with whose consent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from states.errors import NotFound
from workflow.configuration.settings import data_of, number_series
from workflow.models import Numbering, SettingVersion
from workflow.reads.names import names_of
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

_version, _numbering = table_of(SettingVersion), table_of(Numbering)
BY_ID = Prepared(select(_version).where(_version.c.id == bindparam("id")))
OF_KEY = Prepared(
    select(_version)
    .where(_version.c.kind == bindparam("kind"), _version.c.key == bindparam("key"))
    .order_by(_version.c.id.desc())
)
LAST_NUMBER = Prepared(select(_numbering.c.last).where(_numbering.c.series == bindparam("series")))
PLAIN = (
    *("id", "kind", "key", "number", "source", "reason", "based_on", "shipped", "digest"),
    *("proposed_by", "proposed_at", "from_on", "agreed_at", "decided_at", "decision"),
)
EVERY = Prepared(select(_version).order_by(_version.c.id.desc()))


@dataclass(frozen=True, slots=True)
class SettingView:
    """One version or proposal; `status` is shipped, waiting, dated, current, past, refused, withdrawn or set_aside.

    `report` is what it moved, `why` the reason for which it was set aside. Dated ahead it holds `from_on`, once somebody has
    agreed; `decided_at` is when it came in force.
    """

    id: int
    kind: str
    key: str
    number: int | None
    status: str
    source: str
    reason: str
    based_on: int
    shipped: str
    digest: str
    proposed_by: int | None
    proposer: str
    proposed_at: datetime
    from_on: date | None
    agreed_at: datetime | None
    decider: str
    decided_at: datetime | None
    decision: str
    report: Any
    why: str = ""

    @property
    def is_open(self) -> bool:
        """Does it wait, for another's word or for its day?"""
        return self.status in ("waiting", "dated")

    @property
    def data(self) -> Any:
        """What it says."""
        return data_of(self.source)


def last_number(store: Store, letter: str, year: int) -> int:
    """The last number that letters of this name have got in a year; 0 where none has."""
    row = store.row(LAST_NUMBER, series=number_series(letter, year))
    return int(row["last"]) if row else 0


def list_settings(store: Store) -> list[SettingView]:
    """Every version of every setting, the newest first."""
    return _views(store, store.rows(EVERY))


def history_of(store: Store, kind: str, key: str) -> list[SettingView]:
    """Every version and proposal of one setting, the newest first."""
    return _views(store, store.rows(OF_KEY, kind=kind, key=key))


def get_version(store: Store, version_id: int) -> SettingView:
    """A version or proposal, or NotFound."""
    row = store.row(BY_ID, id=version_id)
    if row is None:
        raise NotFound(what="setting", id=version_id)
    return next(one for one in history_of(store, row["kind"], row["key"]) if one.id == version_id)


def _views(store: Store, rows: list[Row]) -> list[SettingView]:
    names = names_of(store, {row[who] for row in rows for who in ("proposed_by", "agreed_by", "decided_by")} - {None})
    current = _current(rows)
    return [
        SettingView(
            **{name: row[name] for name in PLAIN},
            status=_status(row, current),
            proposer=names.get(row["proposed_by"], ""),
            decider=names.get(row["decided_by"] or row["agreed_by"], ""),
            **_came_of(row),
        )
        for row in rows
    ]


def _came_of(row: Row) -> dict[str, Any]:
    told = json.loads(row["report"]) if row["report"] else None
    return {"report": None, "why": told["why"]} if isinstance(told, dict) else {"report": told}


def _current(rows: Iterable[Row]) -> set[int]:
    newest: dict[tuple[str, str], Row] = {}
    for row in rows:
        place = (row["kind"], row["key"])
        if row["number"] and (place not in newest or row["number"] > newest[place]["number"]):
            newest[place] = row
    return {row["id"] for row in newest.values()}


def _status(row: Row, current: set[int]) -> str:
    if row["granted"] is None:
        return "waiting" if row["agreed_at"] is None else "dated"
    if not row["granted"] and row["agreed_at"] is not None and not row["decision"]:
        return "set_aside"
    if not row["granted"]:
        return "refused" if row["decided_by"] is not None else "withdrawn"
    return "shipped" if row["number"] == 0 else "current" if row["id"] in current else "past"
