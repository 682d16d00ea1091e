"""The working calendar: what ships, what an administrator has added or corrected, and which of them is in force.

A year is a document {year, published, holidays: {name: [day]}, makeups: {name: [day]}}. A version is all years together;
deadlines name the version that gave them, so an old one is never changed. Here is only reading; `verbs/recalendar.py` changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select

from config.calendars import shipped_calendars
from states.errors import BadInput
from workflow.dates import Calendar, YearRule
from workflow.models import CalendarVersion
from workflow.statements import Prepared
from workflow.store import Store, table_of
from workflow.text import canonical, digest

YEARS = range(1991, 2100)
NAME_AT_MOST = 40

_version = table_of(CalendarVersion)
IN_FORCE = Prepared(select(_version.c.version, _version.c.body).order_by(_version.c.id.desc()).limit(1))
NAMED = Prepared(select(_version.c.body).where(_version.c.version == bindparam("version")))
ALL = Prepared(
    select(_version.c.version, _version.c.created_at, _version.c.created_by, _version.c.note).order_by(_version.c.id)
)

Document = Mapping[str, Any]


def current_calendar(store: Store) -> Calendar:
    """The calendar in force: the newest stored version, or what ships where none is stored."""
    row = store.row(IN_FORCE)
    return calendar_of_text(row["version"], row["body"]) if row else shipped()


def calendar_named(store: Store, in_force: Calendar, version: str) -> Calendar:
    """The version that gave a deadline; the one in force where no version is named, or it is not there any more."""
    if version in ("", in_force.version):
        return in_force
    if version == shipped().version:
        return shipped()
    row = store.row(NAMED, version=version)
    return calendar_of_text(version, row["body"]) if row else in_force


@cache
def shipped() -> Calendar:
    """The calendar of the files in config/calendars."""
    rules = dict(rule_of(document) for document in shipped_calendars())
    return Calendar(f"shipped-{_short(rules)}", rules)


@cache
def calendar_of_text(version: str, body: str) -> Calendar:
    """A stored version; a body never changes under its name, so it is read once."""
    return Calendar(version, dict(rule_of(document) for document in json.loads(body)))


def text_of(years: Mapping[int, YearRule]) -> str:
    """The canonical JSON of a version: the list of its years' documents."""
    return canonical([document_of(year, years[year]) for year in sorted(years)])


def with_year(calendar: Calendar, document: Document) -> Calendar:
    """The calendar with this year added or replaced; its version is named by its content. BadInput for a faulty document."""
    year, rule = rule_of(document)
    years = {**calendar.years, year: rule}
    return Calendar(f"{year}-{_short(years)}", years)


def list_versions(store: Store) -> list[dict[str, Any]]:
    """version, created_at, created_by and note of every stored version, oldest first."""
    return store.rows(ALL)


def _short(years: Mapping[int, YearRule]) -> str:
    return digest(text_of(years))[:12]


def document_of(year: int, rule: YearRule) -> dict[str, Any]:
    """The year as a document, as it would be handed in."""
    return {
        "year": year,
        "published": rule.published,
        "holidays": _by_name(rule.holidays),
        "makeups": _by_name(rule.makeups),
    }


def _by_name(days: Mapping[date, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for day, name in sorted(days.items()):
        found.setdefault(name, []).append(day.isoformat())
    return found


def rule_of(document: Document) -> tuple[int, YearRule]:
    """A document as (year, rule); BadInput with `why` calendar and the part that is wrong."""
    year = document.get("year")
    if not isinstance(year, int) or year not in YEARS:
        raise BadInput(why="calendar", part="year", value=year)
    unknown = set(document) - {"year", "published", "holidays", "makeups"}
    if unknown:
        raise BadInput(why="calendar", part=min(map(str, unknown)))
    holidays = _days(document.get("holidays") or {}, year, "holidays")
    makeups = _days(document.get("makeups") or {}, year, "makeups")
    both = sorted(set(holidays) & set(makeups))
    if both:
        raise BadInput(why="calendar", part="makeups", value=both[0].isoformat())
    weekdays = [day for day in makeups if day.weekday() < 5]
    if weekdays:
        raise BadInput(why="calendar", part="makeups", value=min(weekdays).isoformat())
    return year, YearRule(holidays, makeups, bool(document.get("published", True)))


def _days(named: Any, year: int, part: str) -> dict[date, str]:
    if not isinstance(named, Mapping):
        raise BadInput(why="calendar", part=part)
    found: dict[date, str] = {}
    for name, days in named.items():
        for day in _each(name, days, part):
            if day.year != year or day in found:
                raise BadInput(why="calendar", part=part, value=day.isoformat())
            found[day] = name
    return found


def _each(name: Any, days: Any, part: str) -> Iterable[date]:
    if not isinstance(name, str) or not 0 < len(name) <= NAME_AT_MOST or not isinstance(days, list):
        raise BadInput(why="calendar", part=part, value=str(name))
    for day in days:
        try:
            yield day if isinstance(day, date) else date.fromisoformat(str(day))
        except ValueError:
            raise BadInput(why="calendar", part=part, value=str(day)) from None
