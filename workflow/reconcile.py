"""Reconciliation: what should have escalated, told by history and definition, against what the clock table says and did.

The history's own facts tell which clocks were alive before the last event, with which date and next step, and by which event
each began; the definition and the calendar tell when they fall due and which rungs are past. A clock that was edited, lost or
put to sleep behind the engine's back differs from that; so does a rung that fired without an event.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, not_, select

from states.definition import Clock as ClockRule
from workflow import deadlines, ladders
from workflow.casefile import LIVE, CaseFile
from workflow.dates import local_day
from workflow.models import Clock, Content, Event, FiredRung, Note
from workflow.occasion import Occasion
from workflow.permissions import CASES
from workflow.spells import without_undone
from workflow.statements import DAMAGED, Prepared, Row
from workflow.store import Store, table_of

BATCH = 500  # cases
# A step this young may still be in the hands of the next sweep.
GRACE = timedelta(minutes=5)
TOLD = ("fired", "on_agenda")

_clock, _event, _content = table_of(Clock), table_of(Event), table_of(Content)
_fired, _note = table_of(FiredRung), table_of(Note)
OPEN_CASES = Prepared(
    select(CASES)
    .where(not_(CASES.c.final), not_(CASES.c.withdrawn), CASES.c.id > bindparam("after"))
    .order_by(CASES.c.id)
    .limit(BATCH)
)


def _between(table: Any) -> Any:
    return and_(table.c.case_id >= bindparam("first"), table.c.case_id <= bindparam("last"))


CLOCKS = Prepared(select(_clock).where(_between(_clock)))
EVENTS = Prepared(
    select(_event.c.case_id, _event.c.seq, _event.c.verb, _event.c.happened_at, _event.c.facts, _content.c.body)
    .outerjoin(_content, and_(_content.c.case_id == _event.c.case_id, _content.c.seq == _event.c.seq))
    .where(_between(_event))
    .order_by(_event.c.case_id, _event.c.seq)
)
FIRED = Prepared(
    select(_fired.c.case_id, _fired.c.clock, _fired.c.cycle, _fired.c.rung).where(
        and_(_between(_fired), _fired.c.outcome.in_(TOLD))
    )
)
POSTPONED = Prepared(
    select(_note.c.case_id).where(_note.c.kind == "postponed", _note.c.cleared_at.is_(None), _note.c.case_id.is_not(None))
)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A clock that is not what it should be. `expected` and `found` are what history tells and what the table says.

    Kinds: lost (alive in history, no row), edited (not what the last event left), started, due, next (another date or step than
    the definition gives), missed (a rung is past due and has not fired), untold (a rung fired and no event says so), damaged
    (what is kept of the case cannot be read; `clock` is empty).
    """

    case_id: int
    clock: str
    kind: str
    expected: Any = None
    found: Any = None


def reconcile(store: Store, occasion: Occasion) -> tuple[Mismatch, ...]:
    """Every open case; so many at a time."""
    found: list[Mismatch] = []
    postponed = {row["case_id"] for row in store.rows(POSTPONED)}
    after = 0
    while rows := store.rows(OPEN_CASES, after=after):
        span = {"first": rows[0]["id"], "last": rows[-1]["id"]}
        clocks, events, fired = (_by_case(store.rows(p, **span)) for p in (CLOCKS, EVENTS, FIRED))
        for row in rows:
            case_id = row["id"]
            live = [clock for clock in clocks.get(case_id, []) if clock["cycle"] == row["cycle"]]
            told = events.get(case_id, []), fired.get(case_id, [])
            try:
                found += _case(row, live, *told, occasion, case_id in postponed)
            except DAMAGED:
                found.append(Mismatch(case_id, "", "damaged"))
        after = rows[-1]["id"]
    return tuple(found)


def _by_case(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["case_id"], []).append(row)
    return found


# ---- what history tells ---------------------------------------------------------------------------------------------------


class _History:
    """One case's events, read for what they say of its clocks in the present cycle."""

    def __init__(self, events: list[Row], cycle: int) -> None:
        self.events = without_undone(events)
        self.cycle = cycle
        self.last: Row | None = self.events[-1] if self.events else None

    def before_last(self) -> dict[tuple[str, int], list[Any]]:
        """(status, due day, tier, next step, run) of each clock before the last event, by (key, run)."""
        if self.last is None or self.last["facts"]["cycle"] != self.cycle:
            return {}
        told: Mapping[str, list[Any]] = self.last["facts"]["before"]["clocks"]
        return {(key, values[4]): values for key, values in told.items()}

    def touched(self) -> set[tuple[str, int]]:
        """The clocks that the last event changed or began, by (key, run); all of them where its content is disposed of."""
        if self.last is None or self.last["body"] is None:
            return {key for key in self.before_last()}
        before = json.loads(self.last["body"]).get("before") or {}
        changed = {(clock["key"], clock["run"]) for clock in before.get("clocks") or ()}
        return changed | {(key, run) for key, _cycle, run in before.get("new_clocks") or ()}

    def started_on(self, key: str, run: int) -> date | None:
        """The day of the event that began this run; None where an event of another cycle did, or one that may begin it earlier.

        An import and a new version begin clocks from the day on which the case came to where they meet it.
        """
        for beginning, following in zip(self.events, self.events[1:], strict=False):
            told = following["facts"]["before"]["clocks"].get(key)
            if told is not None and told[4] == run and beginning["facts"]["cycle"] == self.cycle:
                return None if beginning["verb"] in ("imported", "migrate") else local_day(beginning["happened_at"])
        return None

    def told_rungs(self) -> Counter[tuple[str, int, str]]:
        """How often history says that a rung fired, by (clock, cycle, rung)."""
        told = (event["facts"] for event in self.events if event["verb"] in ("rung", "overdue"))
        return Counter((facts["clock"], facts["cycle"], facts.get("rung", ladders.OVERDUE)) for facts in told)


# ---- one case -------------------------------------------------------------------------------------------------------------


def _case(
    row: Row, live: list[Row], events: list[Row], fired: list[Row], occasion: Occasion, is_postponed: bool
) -> Iterator[Mismatch]:
    file = CaseFile(row, live, occasion.catalogue.of_version(row["definition_version_id"]))
    history = _History(events, row["cycle"])
    yield from _against_history(file, history)
    yield from _untold(file.id, history, fired)
    for clock in file.live_clocks():
        rule = file.served.definition.clock_by_key.get(clock["key"])
        if rule is not None:
            yield from _against_definition(file, rule, clock, history, occasion, is_postponed)


def _against_history(file: CaseFile, history: _History) -> Iterator[Mismatch]:
    """Clocks that the last event left alone are still what they were before it."""
    rows = {(clock["key"], clock["run"]): clock for clock in file.clocks}
    touched = history.touched()
    for (key, run), told in history.before_last().items():
        clock = rows.get((key, run))
        if clock is None:
            yield Mismatch(file.id, key, "lost", expected=told[0] if told[0] in LIVE else "ended")
        elif (key, run) not in touched and (now := _as_told(clock)) != told:
            yield Mismatch(file.id, key, "edited", expected=told, found=now)


def _as_told(clock: Row) -> list[Any]:
    due = clock["due_on"].isoformat() if clock["due_on"] else None
    return [clock["status"], due, clock["tier"], clock["next_rung"], clock["run"]]


def _untold(case_id: int, history: _History, fired: list[Row]) -> Iterator[Mismatch]:
    told = history.told_rungs()
    did = Counter((row["clock"], row["cycle"], row["rung"]) for row in fired)
    for key in sorted(did.keys() | told.keys()):
        if did[key] != told[key]:
            yield Mismatch(case_id, key[0], "untold", expected=(key[2], told[key]), found=(key[2], did[key]))


def _against_definition(
    file: CaseFile, rule: ClockRule, clock: Row, history: _History, occasion: Occasion, is_postponed: bool
) -> Iterator[Mismatch]:
    began = history.started_on(clock["key"], clock["run"])
    if began is not None and not _may_begin_elsewhere(rule, file) and began != clock["started_on"]:
        yield Mismatch(file.id, clock["key"], "started", expected=began, found=clock["started_on"])
    fresh = dict(clock)
    if clock["calendar_version"] == occasion.calendar.version:
        deadlines.recompute(fresh, rule, occasion.calendar)
    if fresh["due_on"] != clock["due_on"]:
        yield Mismatch(file.id, clock["key"], "due", expected=fresh["due_on"], found=clock["due_on"])
    if clock["status"] != "armed" or not _is_awake(clock):
        return
    ladders.arm(file.served.definition, fresh, occasion.calendar)
    if not is_postponed and (fresh["next_rung"], fresh["next_at"]) != (clock["next_rung"], clock["next_at"]):
        expected, found = (fresh["next_rung"], fresh["next_at"]), (clock["next_rung"], clock["next_at"])
        yield Mismatch(file.id, clock["key"], "next", expected=expected, found=found)
    if _is_missed(fresh["next_at"], occasion.now) and not is_postponed:
        yield Mismatch(file.id, clock["key"], "missed", expected=(fresh["next_rung"], fresh["next_at"]))


def _may_begin_elsewhere(rule: ClockRule, file: CaseFile) -> bool:
    """A date field, filled at the time, gave the start; or an import did."""
    return file.row["import_id"] is not None or any(start.date_field for start in rule.starts)


def _is_awake(clock: Row) -> bool:
    # A sleeping ladder of an import has no steps at all until the supervisor switches it on.
    return bool(clock["ladder_on"]) or clock["next_at"] is not None


def _is_missed(at: datetime | None, now: datetime) -> bool:
    return at is not None and at + GRACE < now
