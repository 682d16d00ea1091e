"""The clocks of a case with the reason for each date, day by day, and the ladder with the moments of the rungs to come."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from states.definition import Definition, Limit, Text
from workflow import ladders
from workflow.calendars import calendar_named, shipped
from workflow.casefile import LIVE
from workflow.dates import Calendar, Day, DayKind, Pause, explain, workdays_between
from workflow.deadlines import pauses_of
from workflow.models import CalendarVersion, FiredRung
from workflow.reads.rows import organ_name
from workflow.reads.seen import SeenCase, refs_of
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.talks import leading_to_talks

_fired, _version = table_of(FiredRung), table_of(CalendarVersion)
FIRED = Prepared(select(_fired).where(_fired.c.case_id == bindparam("case_id")).order_by(_fired.c.fired_at, _fired.c.rung))
NUMBER = Prepared(
    select(func.count().label("n")).where(
        _version.c.id <= select(_version.c.id).where(_version.c.version == bindparam("version")).scalar_subquery()
    )
)
# Who is later than that sees it in words; a grid of years would explain nothing.
LATE_AT_MOST = 60


@dataclass(frozen=True, slots=True)
class Standstill:
    """A stretch in which time did not count: [from_on, to_on), `why` paused, held, or standing (the state says so)."""

    from_on: date
    to_on: date | None
    why: str


@dataclass(frozen=True, slots=True)
class LadderStep:
    """A rung: `stands` is fired, next, ahead, or held (an interview keeps the ladder); `outcome` says what became of it."""

    key: str
    title: Text
    tier: int
    colour: str
    stands: str
    at: datetime
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """Why this date: `kind` limit, field, rhythm, send_back, extension, interview, reopen, import …, with what it rests on.

    `limit` is the row's amount, `row` its place in the definition's table and `when` the facts that chose it.
    """

    kind: str
    limit: Limit | None
    row: int | None
    when: Mapping[str, Any]
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClockView:
    """One run of a clock. `days` explain `due_on` and end with it; empty where the clock has no date. `late` are the days
    since, of which the working days count. The date was given by version `calendar_number` of the calendar; 1 is what shipped.

    `workdays_late` counts to today; `organ` is who is late when it is late. Ladder steps stand in order of time.
    """

    key: str
    title: Text
    cycle: int
    run: int
    status: str
    is_main: bool
    organ_id: int
    organ: str
    started_on: date
    due_on: date | None
    original_due_on: date | None
    provisional: bool
    calendar_version: str
    basis: Basis
    standstills: tuple[Standstill, ...]
    extended: int
    days_left: int | None
    overdue_since: date | None
    workdays_late: int
    settled_on: date | None
    tier: int
    held_by: int | None
    ladder_on: bool
    days: tuple[Day, ...]
    late: tuple[Day, ...]
    calendar_number: int
    ladder: tuple[LadderStep, ...]


def clocks_of(seen: SeenCase, events: Iterable[Row]) -> tuple[ClockView, ...]:
    """Every run that is not cancelled, main and live ones first; `events` are those that the reader is told."""
    fired = _told(seen, seen.store.rows(FIRED, case_id=seen.id), events)
    held = {clock["held_by"] for clock in seen.clocks if clock["held_by"] is not None}
    talks = refs_of(seen.store, seen.occasion, seen.actor, held)
    shown = [clock for clock in seen.clocks if clock["status"] != "cancelled"]
    rules = seen.served.definition.clock_by_key
    shown.sort(
        key=lambda c: (c["status"] not in LIVE, not (c["key"] in rules and rules[c["key"]].main), c["due_on"] or date.max)
    )
    return tuple(_view(seen, clock, fired, talks) for clock in shown if clock["key"] in rules)


def _view(seen: SeenCase, clock: Row, fired: list[Row], talks: Collection[int]) -> ClockView:
    clock = clock | {"held_by": clock["held_by"] if clock["held_by"] in talks else None}
    definition, today = seen.served.definition, seen.occasion.today
    rule = definition.clock_by_key[clock["key"]]
    calendar = calendar_named(seen.store, seen.occasion.calendar, clock["calendar_version"])
    is_late = clock["overdue_since"] is not None and clock["due_on"] is not None
    return ClockView(
        **{name: clock[name] for name in _PLAIN},
        title=rule.title,
        is_main=rule.main,
        organ=organ_name(seen.occasion.tree, clock["organ_id"]),
        basis=basis_of(definition, clock),
        standstills=standstills_of(clock),
        days_left=(clock["due_on"] - today).days if clock["due_on"] else None,
        workdays_late=workdays_between(calendar, clock["due_on"], today) if is_late else 0,
        days=days_of(clock, rule.roll, calendar),
        late=_late(calendar, clock["due_on"], today) if is_late else (),
        calendar_number=_number(seen.store, clock["calendar_version"]),
        ladder=_ladder(definition, clock, seen.occasion.calendar, _fired_of(clock, fired, seen)),
    )


_PLAIN = (
    *("key", "cycle", "run", "status", "organ_id", "started_on", "due_on", "original_due_on", "provisional"),
    *("calendar_version", "extended", "overdue_since", "settled_on", "tier", "held_by", "ladder_on"),
)


# ---- why this date --------------------------------------------------------------------------------------------------------


def basis_of(definition: Definition, clock: Mapping[str, Any]) -> Basis:
    """The rule that gave the date."""
    told = json.loads(clock["basis"])
    rows, place = definition.clock_by_key[clock["key"]].limits, told.get("row")
    limit = Limit(clock["amount"], clock["unit"]) if clock["amount"] is not None else None
    when = rows[place].when if place is not None and place < len(rows) else {}
    params = {key: value for key, value in told.items() if key not in ("kind", "row", "pauses")}
    return Basis(told.get("kind", "none"), limit, place, when, params)


def standstills_of(clock: Mapping[str, Any]) -> tuple[Standstill, ...]:
    """Every stretch in which the clock did not count."""
    return tuple(
        Standstill(date.fromisoformat(start), date.fromisoformat(end) if end else None, why)
        for start, end, why in json.loads(clock["pauses"])
    )


def days_of(clock: Row, roll: bool, calendar: Calendar) -> tuple[Day, ...]:
    """Every day from the start to the due day and how it counted; the last one is the due day, or there is none at all."""
    if clock["due_on"] is None:
        return ()
    started_on, pauses = clock["started_on"], pauses_of(clock)
    if clock["unit"] == "date":
        days = _to_a_date(clock, pauses, calendar)
    elif clock["amount"] is not None:
        days = explain(calendar, started_on, clock["amount"], clock["unit"], roll=roll, pauses=pauses)
    else:
        return ()
    # A calendar that is gone cannot explain what it once gave.
    return days if days[-1].on == clock["due_on"] else ()


def _late(calendar: Calendar, due_on: date, today: date) -> tuple[Day, ...]:
    """The days after the deadline up to today, at most two months of them."""
    found, count = [], 0
    for n in range(1, min((today - due_on).days, LATE_AT_MOST) + 1):
        on = due_on + timedelta(n)
        works = calendar.is_workday(on)
        count += works
        kind: DayKind = "counted" if works else "holiday" if calendar.holiday_name(on) else "off"
        found.append(Day(on, kind, count if works else None))
    return tuple(found)


def _to_a_date(clock: Row, pauses: list[Pause], calendar: Calendar) -> tuple[Day, ...]:
    """A date that somebody said, and the standstills since, which moved it."""
    basis = json.loads(clock["basis"])
    said = (date.fromisoformat(basis["on"]) - clock["started_on"]).days
    return explain(calendar, clock["started_on"], said, "day", roll=False, pauses=pauses[basis["pauses"] :])


def _number(store: Store, version: str) -> int:
    if version in ("", shipped().version):
        return 1
    row = store.row(NUMBER, version=version)
    return 1 + (int(row["n"]) if row else 0)


# ---- the ladder -----------------------------------------------------------------------------------------------------------


def _told(seen: SeenCase, fired: list[Row], events: Iterable[Row]) -> list[Row]:
    """The fired rungs; one that led to a talk of which the history does not tell the reader still lies ahead of him."""
    holding, key = leading_to_talks(seen.served.definition), ("clock", "cycle", "tier", "rung")
    known = {tuple(event["facts"][name] for name in key) for event in events if event["verb"] == "rung"}
    ahead = {"stands": "ahead", "outcome": ""}

    def is_told(row: Row) -> bool:
        acted = row["rung"] in holding and row["outcome"] in ("fired", "on_agenda")
        return not acted or tuple(row[name] for name in key) in known

    return [
        row | ({"stands": "fired", "at": row["fired_at"]} if is_told(row) else {**ahead, "at": row["due_at"]}) for row in fired
    ]


def _fired_of(clock: Row, fired: list[Row], seen: SeenCase) -> list[Row]:
    same = [row for row in fired if (row["clock"], row["cycle"], row["run"]) == (clock["key"], clock["cycle"], clock["run"])]
    return same if seen.is_whole else [row for row in same if row["fired_at"] <= seen.row["changed_at"]]


def _ladder(definition: Definition, clock: Row, calendar: Calendar, fired: list[Row]) -> tuple[LadderStep, ...]:
    titles = _titles(definition, clock)
    past = [_past(row, *titles[row["rung"]]) for row in fired if row["rung"] in titles]
    return (*past, *(_coming(definition, clock, calendar) if clock["status"] in LIVE else ()))


def _past(row: Row, title: Text, colour: str) -> LadderStep:
    return LadderStep(row["rung"], title, row["tier"], colour, row["stands"], row["at"], row["outcome"])


def _titles(definition: Definition, clock: Row) -> dict[str, tuple[Text, str]]:
    ladder = ladders.ladder_of(definition, clock)
    return {rung.key: (rung.title, rung.colour) for tier in (ladder.tiers if ladder else ()) for rung in tier}


def _coming(definition: Definition, clock: Row, calendar: Calendar) -> tuple[LadderStep, ...]:
    ahead = [s for s in ladders.steps(definition, clock, calendar) if s.rung and ladders.is_open(s, clock)]
    return tuple(
        LadderStep(step.key, step.rung.title, clock["tier"], step.rung.colour, _stands(step, clock), step.at)
        for step in ahead
        if step.rung is not None
    )


def _stands(step: ladders.Step, clock: Row) -> str:
    if clock["held_by"] is not None:
        return "held"
    return "next" if step.key == clock["next_rung"] else "ahead"
