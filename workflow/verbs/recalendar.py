"""recalendar: a year of the working calendar is published or corrected, and the deadlines that counted on it move.

A provisional deadline moves when its year comes out, with an event on its case and a line to its holder. A year that was
already published is changed only by somebody who has seen what moves and says yes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, not_, or_, select

from states.errors import Conflict
from workflow import deadlines
from workflow.calendars import Document, current_calendar, rule_of, text_of, with_year
from workflow.casefile import LIVE, CaseFile
from workflow.cases import lock_any
from workflow.dates import Calendar, due_on
from workflow.definitions import Catalogue
from workflow.desk import Desk, bump
from workflow.models import CalendarVersion, Clock
from workflow.notices import notify
from workflow.occasion import PROTECTING, Occasion
from workflow.occasions import moved
from workflow.permissions import CASES
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import digest
from workflow.types import Notify

MESSAGE = "calendar_changed"

_clock, _version = table_of(Clock), table_of(CalendarVersion)
_computed = (
    or_(*[_clock.c.status == status for status in LIVE]),
    _clock.c.amount.is_not(None),
    _clock.c.due_on.is_not(None),
    not_(CASES.c.withdrawn),
)
_columns: tuple[Any, ...] = (_clock, *[CASES.c[name] for name in (*PROTECTING, "number", "holder_id")])
PROVISIONAL = Prepared(
    select(*_columns)
    .join(CASES, CASES.c.id == _clock.c.case_id)
    .where(_clock.c.provisional, *_computed)
    .order_by(_clock.c.case_id, _clock.c.key)
)
TOUCHED = Prepared(
    select(*_columns)
    .join(CASES, CASES.c.id == _clock.c.case_id)
    .where(
        _clock.c.started_on <= bindparam("last_day", type_=_clock.c.started_on.type),
        _clock.c.due_on >= bindparam("first_day", type_=_clock.c.due_on.type),
        *_computed,
    )
    .order_by(_clock.c.case_id, _clock.c.key)
)
NAMED = Prepared(select(_version.c.id).where(_version.c.version == bindparam("version")))


@dataclass(frozen=True, slots=True)
class Moved:
    """A deadline that moves: from `before` to `after`."""

    case_id: int
    number: str
    clock: str
    holder_id: int | None
    before: date
    after: date


def preview(store: Store, occasion: Occasion, *, document: Document) -> list[Moved]:
    """What importing the year would move, computed from the live clocks; nothing is written."""
    calendar = with_year(occasion.calendar, document)
    found = [(row, _forecast(row, calendar, occasion.catalogue)) for row in _touched(store, rule_of(document)[0])]
    moving = [(row, each) for row, each in found if each.before != each.after]
    occasion.say_shown({**row, "id": row["case_id"]} for row, _each in moving)
    return [each for _row, each in moving]


def _touched(store: Store, year: int) -> list[Row]:
    return store.rows(TOUCHED, first_day=date(year, 1, 1), last_day=date(year, 12, 31))


def _forecast(row: Row, calendar: Calendar, catalogue: Catalogue) -> Moved:
    rule = catalogue.of_version(row["definition_version_id"]).definition.clock_by_key[row["key"]]
    after = dict(row)
    deadlines.recompute(after, rule, calendar)
    return Moved(row["case_id"], row["number"], row["key"], row["holder_id"], row["due_on"], after["due_on"])


def import_calendar(desk: Desk, *, document: Document, note: str = "", confirm: bool = False) -> list[Moved]:
    """Puts the year in force and moves what counted on it; the deadlines that moved.

    Conflict calendar_published_year, with `moves`, where the year was published before with other days and `confirm` is not
    said. The same year again moves nothing and stores nothing.
    """
    # The stamp's row is locked first, so that two administrators do not lose each other's year.
    moved(desk.store, "calendar")
    before = current_calendar(desk.store)
    year, rule = rule_of(document)
    if before.years.get(year) == rule:
        return []
    known = before.years.get(year)
    if known is not None and known.published and not confirm:
        moves = preview(desk.store, replace(desk.occasion, calendar=before), document=document)
        raise Conflict(why="calendar_published_year", year=year, moves=moves)
    after = _keep(desk, with_year(before, document), year, note)
    return _recompute(replace(desk, occasion=replace(desk.occasion, calendar=after)), _touched(desk.store, year))


def _keep(desk: Desk, calendar: Calendar, year: int, note: str) -> Calendar:
    row: Row = {"version": _free_name(desk.store, calendar.version), "body": text_of(calendar.years), "note": note}
    row |= {"created_at": desk.occasion.now, "created_by": desk.actor.person_id}
    desk.store.insert(CalendarVersion, [row])
    desk.configured(f"calendar {year} current, version {row['version']}, digest {digest(row['body'])}")
    return Calendar(row["version"], calendar.years)


def _free_name(store: Store, version: str) -> str:
    """The name, or with a count behind it where a correction was taken back to what was in force before."""
    name, count = version, 1
    while store.row(NAMED, version=name) is not None:
        count += 1
        name = f"{version}.{count}"
    return name


def recompute_provisional(desk: Desk) -> list[Moved]:
    """Computes every provisional deadline again with the calendar in force; those that moved, by case."""
    return _recompute(desk, desk.store.rows(PROVISIONAL))


def _recompute(desk: Desk, touched: Iterable[Row]) -> list[Moved]:
    case_ids = sorted({row["case_id"] for row in touched})
    found: list[Moved] = []
    for case_id in case_ids:
        found += _recompute_case(desk, lock_any(desk.store, desk.context, case_id, desk.occasion))
    return found


def _recompute_case(desk: Desk, file: CaseFile) -> list[Moved]:
    found = []
    for clock in file.live_clocks():
        before = clock["due_on"]
        if clock["amount"] is None or before is None:
            continue
        _recompute_clock(desk, file, clock)
        if clock["due_on"] != before:
            number, holder_id = file.row["number"], file.row["holder_id"]
            found.append(Moved(file.id, number, clock["key"], holder_id, before, clock["due_on"]))
    if found:
        _tell(desk, file, found)
    return found


def _recompute_clock(desk: Desk, file: CaseFile, clock: Row) -> None:
    rule, calendar = file.rule_of(clock), desk.occasion.calendar
    deadlines.recompute(clock, rule, calendar)
    # The date that counts for assessment was computed from the same days that have changed.
    clock["original_due_on"] = due_on(calendar, clock["started_on"], clock["amount"], clock["unit"], roll=rule.roll).on
    if clock["due_on"] >= desk.occasion.today:
        clock["overdue_since"] = None
    if clock["status"] == "armed":
        deadlines.rearm(file, clock, desk.occasion)


def _tell(desk: Desk, file: CaseFile, found: list[Moved]) -> None:
    version = desk.occasion.calendar.version
    dates = [{"clock": each.clock, "from": each.before, "to": each.after} for each in found]
    file.mirror()
    bump(file)
    desk.happened(file, "recalendar", extra={"calendar": version, "dates": dates})
    params = {"due_on": file.row["due_on"], "original_due_on": found[0].before}
    notify(desk, file, Notify(("handler@holder",), MESSAGE, params), f"calendar:{version}:{desk.occasion.now}")
