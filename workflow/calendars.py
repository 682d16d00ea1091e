"""Calendar versions: what ships, what an administrator imported or corrected, and which one is in force."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import select

from config.calendars import shipped_calendars
from workflow.dates import Calendar, YearRule
from workflow.models import CalendarVersion
from workflow.statements import Prepared
from workflow.store import Store, table_of

_version = table_of(CalendarVersion)
IN_FORCE = Prepared(select(_version.c.version, _version.c.body).order_by(_version.c.id.desc()).limit(1))


def calendar_of(documents: Iterable[Mapping[str, Any]], version: str) -> Calendar:
    """A calendar of year documents as they stand in `config/calendars/`."""
    return Calendar(version, {int(document["year"]): _year(document) for document in documents})


def _year(document: Mapping[str, Any]) -> YearRule:
    return YearRule(_named(document["holidays"]), _named(document["makeups"]), bool(document.get("published", True)))


def _named(told: Mapping[str, Iterable[Any]]) -> dict[date, str]:
    return {_day(day): name for name, days in told.items() for day in days}


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


@cache
def shipped() -> Calendar:
    """The calendar of the shipped files."""
    documents = shipped_calendars()
    return calendar_of(documents, f"shipped-{documents[-1]['year']}")


def current_calendar(store: Store) -> Calendar:
    """The calendar in force in this database; what ships, where nothing was imported."""
    row = store.row(IN_FORCE)
    return calendar_of(json.loads(row["body"]), row["version"]) if row else shipped()
