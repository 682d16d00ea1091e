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
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select

from states.definition import Clock as ClockRule
from states.definition import Definition, Rung
from workflow import deadlines, ladders
from workflow.dates import Calendar, local_day, local_time, rung_at
from workflow.models import Clock, FiredRung
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

DAYS = 365
BATCH = 2_000
Looked = Callable[[int], object]
# The date came of the rule alone.
BY_RULE = ("limit", "field", "rhythm", "none", "kept")

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
    .where(CASES.c.kind == bindparam("kind"), CASES.c.id > bindparam("after"))
    .order_by(CASES.c.id)
    .limit(bindparam("limit"))
)
HOW_MANY = Prepared(select(func.count().label("n")).where(CASES.c.kind == bindparam("kind")))
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
        _fired.c.outcome.in_(("fired", "on_agenda")),
        _fired.c.tier == 1,
        _fired.c.fired_at >= bindparam("since_at", type_=_fired.c.fired_at.type),
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
    """The same for each township, by area id (None: under none). `runs` is how many runs of clocks were looked at."""

    runs: int = 0
    found: dict[int | None, Counter[tuple[str, int]]] = field(default_factory=dict)

    def of(self, township: int | None) -> Counted:
        """One township's."""
        return _counted(self.found.get(township, Counter()))

    @property
    def total(self) -> Counted:
        """All of them."""
        return _counted(sum(self.found.values(), Counter()))


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
    present = occasion.catalogue.of_kind(new.key).definition
    rules = [Rules(definition, occasion.calendar, orders) for definition in (new, present)]
    since, tally, after = occasion.today - timedelta(DAYS), Tally(), 0
    while span := store.rows(SPAN, kind=new.key, after=after, limit=BATCH):
        told = {"kind": new.key, "after": after, "upto": span[-1]["id"], "since": since}
        _count_all(tally, store.rows(RUNS, **told), rules, occasion.today)
        after = span[-1]["id"]
        looked(len(span))
    for row in store.rows(REALLY, kind=new.key, since_at=local_time(since, 0)):
        what = _kind_of(present, row["ladder"], row["rung"], orders)
        if what:
            tally.found.setdefault(row["township"], Counter())[what, 2] += row["n"]
    return tally


def how_many(store: Store, kind: str) -> int:
    """How many cases a rehearsal of the kind looks at."""
    row = store.row(HOW_MANY, kind=kind)
    return int(row["n"]) if row else 0


def _count_all(tally: Tally, rows: Iterable[Row], rules: Iterable[Rules], today: date) -> None:
    facts: dict[int, Mapping[str, Any]] = {}
    for row in rows:
        if row["case_id"] not in facts:
            facts[row["case_id"]] = json.loads(row["facts"])
        counts = tally.found.setdefault(row["township"], Counter())
        tally.runs += 1
        for place, one in enumerate(rules):
            for what in one.given(row, facts[row["case_id"]], today):
                counts[what, place] += 1


class Rules:
    """What one definition would have given. Its days are kept: few differ, and every run of a long ledger asks for some."""

    def __init__(self, definition: Definition, calendar: Calendar, orders: Collection[str]) -> None:
        self._definition, self._calendar, self._orders = definition, calendar, orders
        self._dates: dict[tuple[Any, ...], date | None] = {}
        self._steps: dict[tuple[str, date], tuple[tuple[date, str, bool], ...]] = {}
        # The facts by which the limits of a clock are chosen.
        self._asked = {
            rule.key: sorted({name for row in rule.limits for name in (*row.when, row.date_field) if name})
            for rule in definition.clocks
        }

    def given(self, run: Row, data: Mapping[str, Any], today: date) -> Iterator[str]:
        """What a run of a clock would have given within the year before `today`: "talk" and "order", each as often as it is."""
        rule = self._definition.clock_by_key.get(run["key"])
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
