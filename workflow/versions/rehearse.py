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
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select

from states.definition import Definition
from workflow import deadlines, ladders
from workflow.dates import Calendar, local_day, local_time, rung_at
from workflow.models import Clock, FiredRung
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of

DAYS = 365
BATCH = 2_000
# The date came of the rule alone.
BY_RULE = ("limit", "field", "rhythm", "none", "kept")

_clock, _fired = table_of(Clock), table_of(FiredRung)
RUNS = Prepared(
    select(_clock, CASES.c.data.label("facts"), CASES.c.subject_township_id.label("township"))
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


def rehearse(store: Store, occasion: Occasion, new: Definition, orders: Collection[str]) -> Tally:
    """The last year of a kind under its present version and a new one; rungs that do one of `orders` are orders."""
    old, tally, after = occasion.catalogue.of_kind(new.key).definition, Tally(), 0
    since = occasion.today - timedelta(DAYS)
    while span := store.rows(SPAN, kind=new.key, after=after, limit=BATCH):
        told = {"kind": new.key, "after": after, "upto": span[-1]["id"], "since": since}
        _count_all(tally, store.rows(RUNS, **told), old, new, occasion, orders)
        after = span[-1]["id"]
    for row in store.rows(REALLY, kind=new.key, since_at=local_time(since, 0)):
        what = _kind_of(old, row["ladder"], row["rung"], orders)
        if what:
            tally.found.setdefault(row["township"], Counter())[what, 2] += row["n"]
    return tally


def _count_all(
    tally: Tally, rows: Iterable[Row], old: Definition, new: Definition, occasion: Occasion, orders: Collection[str]
) -> None:
    for row in rows:
        data = json.loads(row["facts"])
        counts = tally.found.setdefault(row["township"], Counter())
        tally.runs += 1
        for place, definition in enumerate((new, old)):
            for what in given_by(definition, row, data, occasion.calendar, occasion.today, orders):
                counts[what, place] += 1


def given_by(
    definition: Definition, run: Row, data: Mapping[str, Any], calendar: Calendar, today: date, orders: Collection[str]
) -> Iterator[str]:
    """What one run of a clock would have given within the year before `today`: "talk" and "order", each as often as it is."""
    rule = definition.clock_by_key.get(run["key"])
    if rule is None:
        return
    due = _due_of(definition, run, data, calendar)
    ladder = definition.ladder_by_key.get(ladders.ladder_key(rule, run["started_on"], due))
    if due is None or ladder is None:
        return
    until = run["settled_on"] or today + timedelta(1)
    for on, rung in sorted(
        (
            (local_day(rung_at(calendar, due, one.offset.amount, one.offset.unit, is_reminder=one.offset.amount < 0)), one)
            for one in ladder.tiers[0]
        ),
        key=lambda step: step[0],
    ):
        if on >= until or on > today or on <= run["started_on"]:
            continue
        what = "talk" if rung.holds else "order" if rung.do in orders else ""
        if what and on >= today - timedelta(DAYS):
            yield what
        if rung.holds:
            return


def _due_of(definition: Definition, run: Row, data: Mapping[str, Any], calendar: Calendar) -> date | None:
    """The date of the rule with the run's own pauses; one that somebody said stands."""
    said: date | None = run["due_on"]
    if json.loads(run["basis"]).get("kind", "none") not in BY_RULE:
        return said
    trial = dict(run) | {"amount": None, "unit": "", "due_on": None, "basis": "{}"}
    try:
        deadlines.set_limit(trial, definition.clock_by_key[run["key"]], data, calendar, run["started_on"])
    except KeyError:
        return said  # It counts from a day that this case has never been told.
    found: date | None = trial["due_on"]
    return found


def _kind_of(definition: Definition, ladder: str, rung_key: str, orders: Collection[str]) -> str:
    found = definition.ladder_by_key.get(ladder)
    rung = next((one for one in found.tiers[0] if one.key == rung_key), None) if found else None
    if rung is None:
        return ""
    return "talk" if rung.holds else "order" if rung.do in orders else ""
