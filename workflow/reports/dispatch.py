"""The dispatch sheet of a week, half a month or more (周调度表, 半月调度表; practice §8.1): figures to its last day's end.

State, holder, limit and lateness are those of that day's end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_

from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads import ledger
from workflow.reads.bands import closed_out
from workflow.reads.counts import BUCKETS, count_of
from workflow.reads.longest import longest_late
from workflow.reads.query import NO_TOWNSHIP, Query
from workflow.reads.rows import LedgerRow
from workflow.reads.stood import standing_of
from workflow.reads.talks import agenda_sizes
from workflow.reads.townships import Line, township_lines
from workflow.reports.periods import Period, Rhythm, after, before
from workflow.reports.shape import CaseRef, Cell, Column, Late, Number, Report, Section, Share
from workflow.store import Store
from workflow.types import Actor

LONGEST = 10
# One sheet of A4 has room for so many rows of townships and cases; a few cases of each section stand on it in any county.
ROWS, AT_LEAST, AT_MOST = 26, 3, 6
LINES_BY_HAND = 4
EXACTLY = 10**9  # paper cannot say "more than"
NOTES = ("register", "closed_out", "on_time", "place", "limits")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet is of: the kinds and filters of `query`, its period, and the talks that belong to it (None: none do).

    `talk_day` is the fact that says when a talk is held.
    """

    query: Query
    rhythm: Rhythm
    period: Period
    talks: Query | None = None
    talk_day: str = ""

    def at(self, **filters: Any) -> Query:
        """The rows of the sheet's end with these filters."""
        return replace(self.query, **{"band": "all", "as_of": self.period.last, **filters})

    @property
    def earlier(self) -> Sheet:
        """The same a period earlier."""
        return replace(self, period=before(self.rhythm, self.period))


@dataclass(frozen=True, slots=True)
class _Reading:
    """Who reads what, where."""

    store: Store
    occasion: Occasion
    actor: Actor
    sheet: Sheet

    def count(self, query: Query) -> Number:
        return Number(count_of(self.store, self.occasion, self.actor, query, cap=EXACTLY).n, query)

    def lines(self, sheet: Sheet) -> tuple[tuple[Line, ...], Line]:
        query = sheet.at()
        at, period = standing_of(query.as_of, self.occasion.catalogue), sheet.period
        closed = and_(closed_out(self.occasion.catalogue, at), _within(CASES.c.closed_on, period))
        more = {"opened_in": _within(CASES.c.opened_on, period), "closed_in": closed}
        return township_lines(self.store, self.occasion, self.actor, query, more)

    def page(self, query: Query, limit: int) -> tuple[LedgerRow, ...]:
        return ledger.page(self.store, self.occasion, self.actor, query, limit=limit).rows


def dispatch(store: Store, occasion: Occasion, actor: Actor, sheet: Sheet) -> Report:
    """The sheet for whoever reads it: what he does not see stands in no figure of it."""
    reading = _Reading(store, occasion, actor, sheet)
    lines, total = reading.lines(sheet)
    longest = _longest(reading)
    cases = [_falling_due(reading), *([_talks(reading, sheet.talks)] if sheet.talks is not None else [])]
    room = ROWS - len(longest.rows) - len(lines)
    sections = [_whole(reading, total), _townships(sheet, lines, total), longest, *_fitting(cases, room)]
    by_hand = Section("coordination", lines=LINES_BY_HAND)
    return Report(sheet.period, (*sections, by_hand), NOTES)


def _fitting(sections: list[Section], room: int) -> Iterator[Section]:
    """The sections with so many rows as there is room for: each has its half, and what another leaves of its own."""
    for one in sections:
        others = sum(len(other.rows) for other in sections if other is not one)
        yield replace(one, rows=one.rows[: max(AT_LEAST, room // 2, room - others)])


# ---- the figures ----------------------------------------------------------------------------------------------------------


def _within(on: ColumnElement[date], period: Period) -> ColumnElement[bool]:
    return on.between(period.first, period.last)


def _query(sheet: Sheet, name: str, line: Line) -> Query:
    """The rows of a figure of a line."""
    first, last = sheet.period.first, sheet.period.last
    found: dict[str, dict[str, object]] = {
        "opened_in": {"opened_from": first, "opened_to": last},
        "closed_in": {"band": "closed", "counted": True, "closed_from": first, "closed_to": last},
        "closed_counted": {"band": "closed", "counted": True},
        **{bucket: {"band": "late", "late_for": days} for bucket, days in BUCKETS.items()},
        **{whether: {"promise": whether} for whether in ("kept", "missed")},
    }
    area = {} if line.area_id is None else {"area_id": line.area_id}
    return sheet.at(**found.get(name, {"band": name}), **area)


def _number(sheet: Sheet, name: str, line: Line, before: Line | None = None) -> Number:
    return Number(line.figures[name], _query(sheet, name, line), before.figures[name] if before is not None else None)


def _whole(reading: _Reading, total: Line) -> Section:
    """All of it in one row, each figure beside what it was a period earlier."""
    sheet = reading.sheet
    _lines, earlier = reading.lines(sheet.earlier)
    keys = ["on_register", "opened_in", "closed_in", "late"]
    row = [_number(sheet, name, total, earlier) for name in ("open", *keys[1:])]
    if sheet.talks is not None:
        then = reading.count(_talks_at(sheet.talks, sheet.earlier.period))
        row.append(replace(reading.count(_talks_at(sheet.talks, sheet.period)), before=then.n))
        keys.append("talks_open")
    return Section("whole", tuple(Column(key) for key in keys), (tuple(row),))


def _townships(sheet: Sheet, lines: tuple[Line, ...], total: Line) -> Section:
    late = [Column(name, group="late") for name in BUCKETS]
    columns = (Column("seq"), Column("township"), Column("open"), Column("to_sign"), Column("soon"), *late)
    columns += tuple(Column(name) for name in ("closed_in", "close_out_rate", "on_time_rate", "place"))
    places = places_of(lines)
    rows = tuple((seq, line.name, *_figures(sheet, line), places.get(line.area_id)) for seq, line in enumerate(lines, start=1))
    return Section("townships", columns, rows, total=("", "", *_figures(sheet, total), None))


def _figures(sheet: Sheet, line: Line) -> Iterable[Cell]:
    for name in ("open", "to_sign", "soon", *BUCKETS, "closed_in"):
        yield _number(sheet, name, line)
    yield Share(line.rate, _query(sheet, "closed_counted", line), _query(sheet, "open", line))
    yield Share(line.on_time, _query(sheet, "kept", line), _query(sheet, "missed", line))


def places_of(lines: tuple[Line, ...]) -> dict[int | None, int]:
    """The place of each township by its close-out rate, then by its on-time rate; equals share one. None for one alone."""
    ranked = {line.area_id: _merit(line) for line in lines if line.area_id != NO_TOWNSHIP and line.rate is not None}
    if len(ranked) < 2:
        return {}
    return {area: 1 + sum(other > merit for other in ranked.values()) for area, merit in ranked.items()}


def _merit(line: Line) -> tuple[float, float]:
    # Where no date has come yet none was missed.
    return (line.rate or 0.0, line.on_time if line.on_time is not None else 100.0)


# ---- the cases ------------------------------------------------------------------------------------------------------------


def _longest(reading: _Reading) -> Section:
    rows = longest_late(reading.store, reading.occasion, reading.actor, reading.sheet.at(), limit=LONGEST)
    cells = tuple((seq, *_case(row), Late(row.days_late)) for seq, row in enumerate(rows, start=1))
    return Section("longest", _case_columns("days_late"), cells, whole=reading.count(reading.sheet.at(band="late")))


def _falling_due(reading: _Reading) -> Section:
    """What was open at the end and falls due in the period that follows."""
    coming = after(reading.sheet.rhythm, reading.sheet.period)
    query = reading.sheet.at(band="open", due_from=coming.first, due_to=coming.last)
    rows = reading.page(query, AT_MOST)
    cells = tuple((seq, *_case(row), row.due_on) for seq, row in enumerate(rows, start=1))
    return Section("falling_due", _case_columns("due_on"), cells, whole=reading.count(query))


def _case_columns(last: str) -> tuple[Column, ...]:
    return tuple(Column(key) for key in ("seq", "number", "problem", "area", "holder", last))


def _case(row: LedgerRow) -> tuple[Cell, ...]:
    return CaseRef(row.id, row.number), row.title, row.township + row.village, row.holder


def _talks_at(talks: Query, period: Period) -> Query:
    return replace(talks, band="open", as_of=period.last)


def _talks(reading: _Reading, talks: Query) -> Section:
    query = _talks_at(talks, reading.sheet.period)
    rows = reading.page(query, AT_MOST)
    sizes = agenda_sizes(reading.store, [row.id for row in rows])
    columns = tuple(Column(key) for key in ("seq", "talk", "holder", "state", "held_on", "agenda"))
    cells = tuple((seq, *_talk(reading.sheet, row), sizes.get(row.id)) for seq, row in enumerate(rows, start=1))
    return Section("talks", columns, cells, whole=reading.count(query))


def _talk(sheet: Sheet, row: LedgerRow) -> tuple[Cell, ...]:
    held_on = row.facts.get(sheet.talk_day)
    day = date.fromisoformat(held_on) if isinstance(held_on, str) else None
    return CaseRef(row.id, row.number, row.title), row.holder, row.phrase, day
