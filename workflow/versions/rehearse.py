"""The last twelve months once more: how many talks and orders two sets of rules would have given, against what really fired.

It is a computation over rows and changes nothing. It assumes exactly this:

1. Every run of a clock that lived in the window is taken as it was: it began on its day, stood still when it stood still, and
   was settled when it was settled. Nobody works faster or slower because of other rules.
2. Its date is that of the rule under the facts as they are now. A date that somebody said (an extension, a talk, a
   send-back, an import) stands under both rules.
3. A rung acts on its day if the run is not settled by then and the day lies in the window. Rungs that repeat act once.
4. Only the first tier counts: later ones count from dates that a talk would have fixed, and nobody knows those. After a rung
   that holds its ladder the rest of the tier does not act.
5. Clocks that only the new rules have never ran, and count nothing.
6. A case whose row was damaged behind the engine's back is left out, and said to be.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select

from states.definition import Clock as ClockRule
from states.definition import Definition, Rung
from workflow import deadlines, ladders
from workflow.dates import Calendar, local_day, local_time, rung_at
from workflow.models import Clock, FiredRung
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.statements import DAMAGED, Prepared, Row
from workflow.store import Store, table_of

DAYS = 365
BATCH = 5_000
Looked = Callable[[int], object]
# The date came of the rule alone.
BY_RULE = ("limit", "field", "rhythm", "none", "kept")
# The ladders that are chosen by the length of a limit.
BY_LENGTH = ("long", "medium", "short")
# What is counted of a township: talks, then orders, each by the new rules, by the present ones and as it was.
CELLS = tuple((what, place) for what in ("talk", "order") for place in range(3))

_clock, _fired = table_of(Clock), table_of(FiredRung)
RUNS = Prepared(
    select(
        *(_clock.c[name] for name in ("case_id", "key", "started_on", "due_on", "settled_on", "basis", "pauses")),
        CASES.c.data.label("facts"),
        CASES.c.subject_township_id.label("township"),
    )
    .join(CASES, CASES.c.id == _clock.c.case_id)
    .where(
        CASES.c.kind == bindparam("kind"),
        _clock.c.case_id > bindparam("after"),
        _clock.c.case_id <= bindparam("upto"),
        _clock.c.status != "cancelled",
        _clock.c.ladder_on,
        or_(_clock.c.settled_on.is_(None), _clock.c.settled_on >= bindparam("since", type_=_clock.c.settled_on.type)),
    )
)
SPAN = Prepared(
    select(CASES.c.id)
    .where(CASES.c.kind == bindparam("kind"), CASES.c.id > bindparam("after"), CASES.c.id <= bindparam("last"))
    .order_by(CASES.c.id)
    .limit(bindparam("limit"))
)
EXTENT = Prepared(select(func.count().label("n"), func.max(CASES.c.id).label("last")).where(CASES.c.kind == bindparam("kind")))
REALLY = Prepared(
    select(_fired.c.rung, _clock.c.ladder, CASES.c.subject_township_id.label("township"), func.count().label("n"))
    .join(CASES, CASES.c.id == _fired.c.case_id)
    .join(
        _clock,
        and_(
            _clock.c.case_id == _fired.c.case_id,
            _clock.c.key == _fired.c.clock,
            _clock.c.cycle == _fired.c.cycle,
            _clock.c.run == _fired.c.run,
        ),
    )
    .where(
        CASES.c.kind == bindparam("kind"),
        _fired.c.case_id > bindparam("after"),
        _fired.c.case_id <= bindparam("upto"),
        _fired.c.outcome.in_(("fired", "on_agenda")),
        _fired.c.tier == 1,
        _fired.c.fired_at >= bindparam("since_at", type_=_fired.c.fired_at.type),
        _fired.c.fired_at <= bindparam("until", type_=_fired.c.fired_at.type),
    )
    .group_by(_fired.c.rung, _clock.c.ladder, CASES.c.subject_township_id)
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Talks and orders by the new rules, by the present ones, and as they really were."""

    talks: tuple[int, int, int] = (0, 0, 0)
    orders: tuple[int, int, int] = (0, 0, 0)


@dataclass(slots=True)
class Tally:
    """The same for each township, by area id (None: under none).

    `runs` is how many runs of clocks were looked at, `damaged` how many cases were left out.
    """

    runs: int = 0
    damaged: int = 0
    found: dict[int | None, Counter[tuple[str, int]]] = field(default_factory=dict)

    def of(self, township: int | None) -> Counted:
        """One township's."""
        return _counted(self.found.get(township, Counter()))

    @property
    def total(self) -> Counted:
        """All of them."""
        return _counted(sum(self.found.values(), Counter()))

    def plain(self) -> dict[str, Any]:
        """As plain data, each township a row of its id and its counts; `Tally.read` makes it a tally again."""
        ids = sorted(self.found, key=lambda area: (area is None, area or 0))
        rows = [[area, *(self.found[area][cell] for cell in CELLS)] for area in ids]
        return {"runs": self.runs, "damaged": self.damaged, "found": rows}

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Tally:
        """The tally that `plain` was made of."""
        found = {row[0]: Counter(dict(zip(CELLS, row[1:], strict=True))) for row in plain["found"]}
        return cls(plain["runs"], plain["damaged"], found)


def _counted(told: Counter[tuple[str, int]]) -> Counted:
    talks, orders = ((told[kind, 0], told[kind, 1], told[kind, 2]) for kind in ("talk", "order"))
    return Counted(talks, orders)


def rehearse(
    store: Store,
    occasion: Occasion,
    new: Definition,
    orders: Collection[str],
    looked: Looked = lambda _n: None,
) -> Tally:
    """The last year of a kind under its present version and a new one; rungs that do one of `orders` are orders.

    `looked` is told after each batch of how many cases it was.
    """
    year = Year(occasion.calendar, new, occasion.catalogue.of_kind(new.key).definition, orders, occasion.now)
    tally, after, (_n, last) = Tally(), 0, extent(store, new.key)
    while after < last:
        n, after = year.count(store, tally, after, last)
        looked(n)
    return tally


def extent(store: Store, kind: str) -> tuple[int, int]:
    """How many cases a rehearsal of the kind looks at, and the id of the last of them, 0 where there is none."""
    row = store.row(EXTENT, kind=kind)
    return (row["n"], row["last"] or 0) if row else (0, 0)


NONE: Mapping[str, str] = MappingProxyType({})


class Year:
    """The year up to an hour, under a new definition and the present one; rungs that do one of `orders` are orders.

    A clock that goes on under another name (`renames`, old → new, as a plan has them) is looked for under that one.
    """

    def __init__(
        self,
        calendar: Calendar,
        new: Definition,
        present: Definition,
        orders: Collection[str],
        until: datetime,
        renames: Mapping[str, str] = NONE,
    ) -> None:
        self._kind, self._present, self._orders = new.key, present, orders
        self._until, self._today = until, local_day(until)
        self._rules = [Rules(new, calendar, orders, renames), Rules(present, calendar, orders)]
        # What one set of rules gives for these clocks, the other gives too.
        self._alike = {rule.key for rule in new.clocks if _is_alike(rule, new, present)}

    def count(self, store: Store, tally: Tally, after: int, last: int) -> tuple[int, int]:
        """Adds the next cases with an id above `after`, up to `last`, to the tally: how many, and up to which id."""
        span = store.rows(SPAN, kind=self._kind, after=after, last=last, limit=BATCH)
        upto = span[-1]["id"] if len(span) == BATCH else last
        within, since = {"kind": self._kind, "after": after, "upto": upto}, self._today - timedelta(DAYS)
        hours = {"since_at": local_time(since, 0), "until": self._until}
        runs, really = store.ask((RUNS, {**within, "since": since}), (REALLY, {**within, **hours}))
        self._count_runs(tally, runs)
        for row in really:
            if what := _kind_of(self._present, row["ladder"], row["rung"], self._orders):
                tally.found.setdefault(row["township"], Counter())[what, 2] += row["n"]
        return len(span), upto

    def _count_runs(self, tally: Tally, rows: Iterable[Row]) -> None:
        by_case: dict[int, list[Row]] = {}
        for row in rows:
            by_case.setdefault(row["case_id"], []).append(row)
        for runs in by_case.values():
            try:
                facts = json.loads(runs[0]["facts"])
                given = [self._given(run, facts) for run in runs]
            except DAMAGED:
                tally.damaged += 1
                continue
            tally.runs += len(runs)
            counts = tally.found.setdefault(runs[0]["township"], Counter())
            for told in given:
                for place, whats in enumerate(told):
                    for what in whats:
                        counts[what, place] += 1

    def _given(self, run: Row, data: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the new rules and the present ones would have given for a run."""
        new, present = self._rules
        given = tuple(new.given(run, data, self._today))
        return given, given if run["key"] in self._alike else tuple(present.given(run, data, self._today))


def _is_alike(rule: ClockRule, new: Definition, present: Definition) -> bool:
    """Has the clock the same rule in both definitions, and do its ladders have the same rungs?"""
    climbed = BY_LENGTH if rule.ladder == "by_length" else (rule.ladder,)
    same_ladders = all(new.ladder_by_key.get(key) == present.ladder_by_key.get(key) for key in climbed)
    return same_ladders and present.clock_by_key.get(rule.key) == rule


class Rules:
    """What one definition would have given. Its days are kept: few differ, and every run of a long ledger asks for some."""

    def __init__(
        self, definition: Definition, calendar: Calendar, orders: Collection[str], renames: Mapping[str, str] = NONE
    ) -> None:
        self._definition, self._calendar, self._orders, self._renames = definition, calendar, orders, renames
        self._dates: dict[tuple[Any, ...], date | None] = {}
        self._steps: dict[tuple[str, date], tuple[tuple[date, str, bool], ...]] = {}
        # The facts by which the limits of a clock are chosen.
        self._asked = {
            rule.key: sorted({name for row in rule.limits for name in (*row.when, row.date_field) if name})
            for rule in definition.clocks
        }

    def given(self, run: Row, data: Mapping[str, Any], today: date) -> Iterator[str]:
        """What a run of a clock would have given within the year before `today`: "talk" and "order", each as often as it is."""
        rule = self._definition.clock_by_key.get(self._renames.get(run["key"], run["key"]))
        if rule is None:
            return
        due = self._due_of(rule, run, data)
        ladder = ladders.ladder_key(rule, run["started_on"], due)
        if due is None or ladder not in self._definition.ladder_by_key:
            return
        until = run["settled_on"] or today + timedelta(1)
        for on, what, holds in self._steps_of(ladder, due):
            if on >= until or on > today or on <= run["started_on"]:
                continue
            if what and on >= today - timedelta(DAYS):
                yield what
            if holds:
                return

    def _steps_of(self, ladder: str, due: date) -> tuple[tuple[date, str, bool], ...]:
        """The first tier counted from a date: the day of each rung, what it gives, and whether it holds the ladder."""
        if (ladder, due) not in self._steps:
            rungs = self._definition.ladder_by_key[ladder].tiers[0]
            steps = [(self._day_of(rung, due), _gives(rung, self._orders), rung.holds) for rung in rungs]
            self._steps[ladder, due] = tuple(sorted(steps, key=lambda step: step[0]))
        return self._steps[ladder, due]

    def _day_of(self, rung: Rung, due: date) -> date:
        amount, unit = rung.offset.amount, rung.offset.unit
        return local_day(rung_at(self._calendar, due, amount, unit, is_reminder=amount < 0))

    def _due_of(self, rule: ClockRule, run: Row, data: Mapping[str, Any]) -> date | None:
        """The date of the rule with the run's own pauses; one that somebody said stands."""
        said: date | None = run["due_on"]
        if _basis_of(run["basis"]) not in BY_RULE:
            return said
        asked = (rule.key, run["started_on"], run["pauses"], *(repr(data.get(name)) for name in self._asked[rule.key]))
        if asked not in self._dates:
            trial: Row = {"started_on": run["started_on"], "pauses": run["pauses"]}
            trial |= {"amount": None, "unit": "", "due_on": None, "basis": "{}"}
            try:
                deadlines.set_limit(trial, rule, data, self._calendar, run["started_on"])
            except KeyError:
                return said  # It counts from a day that this case has never been told.
            self._dates[asked] = trial["due_on"]
        return self._dates[asked]


@lru_cache(maxsize=4096)
def _basis_of(text: str) -> str:
    return str(json.loads(text).get("kind", "none"))


def _kind_of(definition: Definition, ladder: str, rung_key: str, orders: Collection[str]) -> str:
    found = definition.ladder_by_key.get(ladder)
    rung = next((one for one in found.tiers[0] if one.key == rung_key), None) if found else None
    return _gives(rung, orders) if rung else ""


def _gives(rung: Rung, orders: Collection[str]) -> str:
    return "talk" if rung.holds else "order" if rung.do in orders else ""
