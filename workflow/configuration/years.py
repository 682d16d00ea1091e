"""The years of the working calendar: what a corrected year moves is shown before and kept after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.calendars import shipped_calendars
from states.errors import BadInput
from workflow.calendars import YEARS, document_of, rule_of
from workflow.configuration.kinds import Fault, Kind, Known, fault
from workflow.desk import Desk
from workflow.occasion import Occasion
from workflow.verbs import recalendar

CALENDAR = "calendar"
KEEPERS = ("workflow_admin", "system_admin")


def shipped() -> dict[str, Any]:
    """The years that ship."""
    return {str(document["year"]): document_of(*rule_of(document)) for document in shipped_calendars()}


def check(key: str, data: Any, _known: Known) -> Iterator[Fault]:
    """The year that the key says, each day in it once, and in no other."""
    if not isinstance(data, dict):
        yield fault("no_mapping", where="")
        return
    if not key.isdecimal() or int(key) not in YEARS or data.get("year") != int(key):
        yield fault("year", year=key)
        return
    try:
        rule_of(data)
    except BadInput as refusal:
        part, value = refusal.params.get("part", ""), refusal.params.get("value", "")
        yield fault("day", where=part, value=value) if value else fault("no_mapping", where=part)


def current(occasion: Occasion, key: str) -> Any:
    """The year as deadlines are counted by it now; None where nothing is known of it."""
    rule = occasion.calendar.years.get(int(key)) if key.isdecimal() else None
    return document_of(int(key), rule) if rule is not None else None


def put(desk: Desk, _key: str, data: Any, reason: str) -> Any:
    """Puts the year in force; every deadline that it has moved."""
    moves = recalendar.import_calendar(desk, document=data, note=reason, confirm=True)
    return [{"number": one.number, "clock": one.clock, "before": one.before, "after": one.after} for one in moves]


KIND = Kind(CALENDAR, KEEPERS, shipped, check, grows=True, put=put, current=current)
