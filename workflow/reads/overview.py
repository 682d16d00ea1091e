"""The overview: what is open and late in each township, how long it has been open, what came and went in the last weeks.

Each number is that of the rows which the ledger shows for the same filters and the place it stands in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.reads import ledger
from workflow.reads.bands import Standing
from workflow.reads.counts import Counts, count_of, counts
from workflow.reads.holding import Holding, holding
from workflow.reads.query import Query
from workflow.reads.rows import LedgerRow
from workflow.reads.stays import WEEKS, first_monday
from workflow.reads.stood import source_of, standing_of
from workflow.reads.talk_figures import talk_figures, talk_kinds
from workflow.reads.talks import agenda_sizes
from workflow.reads.townships import Line, rows_over, township_lines
from workflow.statements import Row
from workflow.store import Store
from workflow.types import Actor

TALKS_SHOWN, TALK_DAYS = 6, 7
# First and last calendar day, from the day of registering, of each stretch of age.
AGES: tuple[tuple[int, int | None], ...] = ((0, 30), (31, 60), (61, 90), (91, 180), (181, None))


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday to Sunday, and how many cases were registered and closed in it."""

    monday: date
    opened: int
    closed: int

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(6)


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it. `ages` goes with AGES; `states` maps (kind, state) to what stands there; `week_ago` is the same ledger at the
    end of `week_ago_on`. Of a past day there is no `holding`, and no talks are told.

    `talks` are the next talks to be held with how many items stand on each agenda, `talks_open` how many there are in all,
    `talks_late` of them past their date and `talks_soon` to be held within TALK_DAYS.
    """

    lines: tuple[Line, ...]
    total: Line
    ages: tuple[int, ...]
    weeks: tuple[Week, ...]
    states: Mapping[tuple[str, str], int]
    holding: Holding | None
    week_ago: Counts
    week_ago_on: date
    talks: tuple[LedgerRow, ...]
    talks_open: int
    talks_late: int
    talks_soon: int
    agenda: Mapping[int, int] = field(default_factory=dict)


def overview(store: Store, occasion: Occasion, actor: Actor, query: Query) -> Overview:
    """The overview of the rows that a query's filters keep, whatever its band, today or as they stood on a past day."""
    wide, is_now = replace(query, band="all", late_for="", ids=None), query.as_of is None
    scope, week_ago_on = _Scope(store, occasion, actor, wide), (query.as_of or occasion.today) - timedelta(7)
    lines, total = township_lines(store, occasion, actor, wide)
    on_the_way = Query(kinds=talk_kinds(occasion) if is_now else (), band="open")
    talks = ledger.page(store, occasion, actor, on_the_way, limit=TALKS_SHOWN).rows if on_the_way.kinds else ()
    soon = replace(on_the_way, due_from=occasion.today, due_to=occasion.today + timedelta(TALK_DAYS))
    figures = talk_figures(store, occasion, actor)
    return Overview(
        lines=lines,
        total=total,
        ages=scope.ages(),
        weeks=scope.weeks(),
        states=scope.states(),
        holding=holding(store, occasion, actor, wide) if is_now else None,
        week_ago=counts(store, occasion, actor, replace(wide, as_of=week_ago_on)),
        week_ago_on=week_ago_on,
        talks=tuple(talks),
        talks_open=figures.open,
        talks_late=figures.late,
        talks_soon=count_of(store, occasion, actor, soon).n if soon.kinds else 0,
        agenda=agenda_sizes(store, [row.id for row in talks]),
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """The rows of a query that the reader sees, in parts that share none."""

    store: Store
    occasion: Occasion
    actor: Actor
    query: Query

    @property
    def today(self) -> date:
        """The day that is looked at."""
        return self.query.as_of or self.occasion.today

    @property
    def at(self) -> Standing:
        """How the rows stood on it."""
        return standing_of(self.query.as_of, self.occasion.catalogue)

    @property
    def source(self) -> Any:
        """The cases that there were on it."""
        return source_of(self.query.as_of)

    def _rows(self, of_part: Callable[[ColumnElement[bool]], Select[Any]]) -> list[Row]:
        return rows_over(self.store, self.occasion, self.actor, self.query, of_part)

    def ages(self) -> tuple[int, ...]:
        """How many are open for so long, by AGES."""
        today, on = self.today, CASES.c.opened_on
        stretches = [_between(on, today - timedelta(last) if last else None, today - timedelta(first)) for first, last in AGES]
        columns = [func.count().filter(where).label(f"age_{place}") for place, where in enumerate(stretches)]
        told = self._rows(lambda part: _select(*columns).select_from(self.source).where(part, self.at.open))
        return tuple(sum(row[f"age_{place}"] for row in told) for place in range(len(AGES)))

    def weeks(self) -> tuple[Week, ...]:
        """The last weeks, this one included."""
        first = first_monday(self.today)
        opened, closed = self._by_day(CASES.c.opened_on, first), self._by_day(CASES.c.closed_on, first, self.at.final)
        mondays = [first + timedelta(7 * week) for week in range(WEEKS)]
        return tuple(Week(monday, opened[monday], closed[monday]) for monday in mondays)

    def _by_day(self, on: Any, first: date, *more: ColumnElement[bool]) -> Counter[date]:
        counted = select(on.label("on"), func.count().label("n")).select_from(self.source)
        told = self._rows(lambda part: counted.where(part, on >= first, *more).group_by(on))
        weeks: Counter[date] = Counter()
        for row in told:
            weeks[row["on"] - timedelta(row["on"].weekday())] += row["n"]
        return weeks

    def states(self) -> dict[tuple[str, str], int]:
        """How many stand in each state of each kind."""
        kind, state = CASES.c.kind, self.at.state
        counted = select(kind, state, func.count().label("n")).select_from(self.source).group_by(kind, state)
        found: Counter[tuple[str, str]] = Counter()
        for row in self._rows(counted.where):
            found[(row["kind"], row["state"])] += row["n"]
        return dict(found)


def _select(*columns: Any) -> Select[Any]:
    return select(*columns)


def _between(on: Any, first: date | None, last: date) -> Any:
    return and_(on <= last, on >= first) if first is not None else on <= last
