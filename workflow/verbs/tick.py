"""tick: the sweep. What is late climbs its ladder, in order, exactly once, however many sweepers run.

1. The next due clocks, oldest first, are claimed with their cases, skipping what others hold.
2. Each clock is looked at again under the lock: still armed, the case still in a state the clock runs in, else cancelled.
3. The rung's function returns wishes; the fired rung is written under its unique key; the clock points at its next step.
4. If anything raises, the batch rolls back and is done again one by one; the broken rung is postponed with its reason.
5. Day by day: when nothing of a day is left, whoever finishes it lets the organisation rules look once. Who finds the rest
   of a day in other hands goes home. When nothing at all is left, the talks proposed today take along what else is late.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import bindparam, func, select

from workflow import agendas, deadlines, interviews, ladders
from workflow.casefile import CaseFile
from workflow.cases import agenda_of, lock_any, lock_many
from workflow.database import Database
from workflow.dates import local_day, local_time
from workflow.desk import Desk
from workflow.models import Clock, Note
from workflow.notices import notify
from workflow.organisation_rules import Place, clock_facts, look_at_place, places_turned_overdue
from workflow.permissions import CASES
from workflow.recording import write_fired
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.types import DueRung, Notify
from workflow.wishes import Cause, carry_out

T = TypeVar("T")


class Write(Protocol):
    """One transaction of the machine at the sweep's hour."""

    def __call__(self, body: Callable[[Desk], T], /) -> T: ...


BATCH = 200
POSTPONED_BY = timedelta(hours=1)
DECIDES = ("deputy@supervisor", "head@supervisor")  # who may grant an extension

_clock = table_of(Clock)

IS_DUE = Prepared(select(_clock.c.case_id).where(_clock.c.next_at <= bindparam("now", type_=_clock.c.next_at.type)).limit(1))
FIRST_DUE = Prepared(
    select(_clock.c.next_at)
    .where(_clock.c.next_at <= bindparam("now", type_=_clock.c.next_at.type))
    .order_by(_clock.c.next_at)
    .limit(1)
)
HOW_MANY = Prepared(select(func.count().label("n")).where(_clock.c.next_at <= bindparam("now", type_=_clock.c.next_at.type)))
CLAIM = Prepared(
    select(_clock.c.case_id, _clock.c.key, _clock.c.cycle, _clock.c.run, _clock.c.next_at, _clock.c.next_rung)
    .join(CASES, CASES.c.id == _clock.c.case_id)
    .where(_clock.c.next_at <= bindparam("now", type_=_clock.c.next_at.type))
    .order_by(_clock.c.next_at, _clock.c.case_id, _clock.c.key)
    .limit(bindparam("limit"))
    .with_for_update(of=[CASES, _clock], skip_locked=True)
)
CLAIM_ONE = Prepared(
    select(_clock.c.case_id, _clock.c.key, _clock.c.cycle, _clock.c.run, _clock.c.next_at, _clock.c.next_rung)
    .join(CASES, CASES.c.id == _clock.c.case_id)
    .where(
        _clock.c.case_id == bindparam("case_id"),
        _clock.c.key == bindparam("key"),
        _clock.c.cycle == bindparam("cycle"),
        _clock.c.run == bindparam("run"),
        _clock.c.next_at <= bindparam("now", type_=_clock.c.next_at.type),
    )
    .with_for_update(of=[CASES, _clock], skip_locked=True)
)


class Swept:
    """What a sweep did, as the command line tells it."""

    def __init__(self) -> None:
        self.fired: list[dict[str, Any]] = []
        self.opened: list[dict[str, Any]] = []
        self.joined: list[dict[str, Any]] = []
        self.cancelled: list[dict[str, Any]] = []
        self.postponed: list[dict[str, Any]] = []

    def add(self, other: Swept) -> None:
        """Takes over what one batch did."""
        for name, found in vars(other).items():
            getattr(self, name).extend(found)

    @property
    def is_empty(self) -> bool:
        """Was there nothing due?"""
        return not any(vars(self).values())


def is_due(store: Store, now: datetime) -> bool:
    """Is anything due? Read without a lock: an idle sweep never takes SQLite's write lock."""
    return store.row(IS_DUE, now=now) is not None


def count_due(store: Store, now: datetime) -> int:
    """How many clocks have a step that is due."""
    row = store.row(HOW_MANY, now=now)
    return int(row["n"]) if row else 0


def first_due_day(store: Store, now: datetime) -> date | None:
    """The day of the oldest step that is due. Read without a lock: an idle sweep never takes SQLite's write lock."""
    row = store.row(FIRST_DUE, now=now)
    return local_day(row["next_at"]) if row else None


def sweep_all(database: Database, write: Write, now: datetime) -> Swept:
    """Day after day until nothing is due, or what is left is in the hands of other sweepers."""
    swept = Swept()
    while (day := database.read(lambda store: first_due_day(store, now))) is not None:
        until = min(now, local_time(day + timedelta(1), 0) - timedelta(microseconds=1))
        if not _sweep_day(database, write, now, until, swept):
            return swept
        for place in write(partial(_finish_day, day=day)):
            swept.add(_sweep_rule(database, write, now, place))
    if not swept.is_empty:
        write(agendas.link_opened_today)
    return swept


def _sweep_day(database: Database, write: Write, now: datetime, until: datetime, swept: Swept) -> bool:
    """Batch after batch of what is due until then; False where the rest is in other hands."""
    while database.read(lambda store: is_due(store, until)):
        done = _sweep_some(database, write, now, until, None)
        if done.is_empty:
            return False
        swept.add(done)
    return True


def _finish_day(desk: Desk, day: date) -> list[Place]:
    """The places that organisation rules now look at."""
    return places_turned_overdue(desk.store, desk.occasion.catalogue, day)


def _sweep_some(database: Database, write: Write, now: datetime, until: datetime, alone: Row | None) -> Swept:
    """One batch, or one rung alone. A batch that raises is done again one by one, a rung that raises is postponed."""
    held: list[Row] = []

    def body(desk: Desk) -> Swept:
        held[:] = claim(desk.store, until, BATCH) if alone is None else claim_one(desk.store, until, alone)
        return sweep(desk, held)

    swept, reason = _attempt(write, body)
    if reason is None:
        return swept
    if alone is not None:
        swept.postponed.append(database.write(lambda store: postpone(store, alone, now, reason)))
    for due in held if alone is None else []:
        swept.add(_sweep_some(database, write, now, until, due))
    return swept


def _sweep_rule(database: Database, write: Write, now: datetime, place: Place) -> Swept:
    """One rule at one place. One that raises is noted with its reason; the night looks again."""

    def body(desk: Desk) -> Swept:
        swept = Swept()
        swept.opened += _told_of(desk, look_at_place(desk, place))
        return swept

    swept, reason = _attempt(write, body)
    if reason is not None:
        told = {"clock": "", "rung": place[1].key, "why": _why(reason)}
        swept.postponed.append(database.write(lambda store: _note(store, place[0], now, told)))
    return swept


def _attempt(write: Write, body: Callable[[Desk], Swept]) -> tuple[Swept, Exception | None]:
    try:
        return write(body), None
    except Exception as error:  # The frame of a rung or a rule: one that is broken stops nobody else's.
        return Swept(), error


def _told_of(desk: Desk, opened: list[int]) -> list[dict[str, Any]]:
    return [{"case": case_id, "kind": desk.context.files[case_id].served.kind} for case_id in opened]


def claim(store: Store, now: datetime, limit: int) -> list[Row]:
    """The next due clocks, oldest first, locked together with their cases."""
    return store.rows(CLAIM, now=now, limit=limit)


def claim_one(store: Store, now: datetime, due: Row) -> list[Row]:
    """The one due clock, if it is still due and nobody else holds it."""
    return store.rows(CLAIM_ONE, now=now, **{name: due[name] for name in ("case_id", "key", "cycle", "run")})


def sweep(desk: Desk, claimed: list[Row]) -> Swept:
    """Climbs one step on each claimed clock."""
    swept = Swept()
    lock_many(desk.store, desk.context, (row["case_id"] for row in claimed), desk.occasion)
    for row in claimed:
        _climb_step(desk, row, swept)
    return swept


def _climb_step(desk: Desk, claimed: Row, swept: Swept) -> None:
    file = lock_any(desk.store, desk.context, claimed["case_id"], desk.occasion)
    clock = next((c for c in file.clocks if _is_same(c, claimed)), None)
    if clock is None or clock["next_rung"] != claimed["next_rung"] or clock["next_at"] != claimed["next_at"]:
        return  # An item of this batch moved it: an interview that fixed or held the date.
    told = {"case": file.id, "clock": clock["key"], "rung": clock["next_rung"], "cycle": clock["cycle"]}
    if clock["next_rung"] == ladders.RESUME:
        deadlines.resume(file, desk.occasion, why=deadlines.stopped_by(clock))
        desk.happened(file, "resume", extra={"why": "maximum"}, by_person=False)
    elif not _still_runs(file, clock):
        _cancel(desk, file, clock)
        swept.cancelled.append(told)
        return
    elif clock["next_rung"] == ladders.OVERDUE:
        _turn_overdue(desk, file, clock)
    else:
        _fire(desk, file, clock, swept)
    swept.fired.append(told)


def _is_same(clock: Row, claimed: Row) -> bool:
    return all(clock[name] == claimed[name] for name in ("key", "cycle", "run"))


def _still_runs(file: CaseFile, clock: Row) -> bool:
    runs = file.state in file.rule_of(clock).runs_in and not file.is_final and not file.row["withdrawn"]
    return runs and clock["status"] == "armed" and clock["cycle"] == file.row["cycle"]


def _cancel(desk: Desk, file: CaseFile, clock: Row) -> None:
    """The clock no longer runs: the rung is cancelled for good, and the history says so."""
    extra = {"clock": clock["key"], "rung": clock["next_rung"]}
    step = ladders.Step(clock["next_at"], 0, clock["next_rung"], None)
    write_fired(desk, file, clock, step, "cancelled")
    clock["next_rung"] = clock["next_at"] = None
    desk.happened(file, "rung_cancelled", extra=extra, by_person=False)


def _turn_overdue(desk: Desk, file: CaseFile, clock: Row) -> None:
    """The day after the limit has begun: the case counts as late from now on."""
    clock["overdue_since"] = clock["due_on"] + timedelta(1)
    write_fired(desk, file, clock, ladders.Step(clock["next_at"], -1, ladders.OVERDUE, None), "fired")
    deadlines.rearm(file, clock, desk.occasion)
    file.mirror()
    extra = {"clock": clock["key"]}
    if clock["waits_until"] is not None:  # Asked for in time and not decided: red names who slept (practice.md §6 walk 7).
        extra |= {"undecided": "extension"}
        notify(desk, file, Notify(DECIDES, "extension_undecided"), f"undecided:{clock['key']}:{clock['revision']}")
    desk.happened(file, "overdue", extra=extra, by_person=False)


def _fire(desk: Desk, file: CaseFile, clock: Row, swept: Swept) -> None:
    rung = ladders.find_rung(file.served.definition, clock)
    assert rung is not None, "a clock points only at steps of its own ladder"
    tier, step = clock["tier"], ladders.Step(clock["next_at"], 0, rung.key, rung)
    agenda_id = agendas.find_agenda(desk, file, clock) if rung.holds else None
    if agenda_id is not None:
        deadlines.hold(file, clock, agenda_id, desk.occasion)
        write_fired(desk, file, clock, step, "on_agenda", tier=tier)
        swept.joined.append({"case": file.id, "interview": agenda_id})
        cause = Cause("")
    else:
        cause = _act(desk, file, clock, rung, step)
        swept.opened += _told_of(desk, cause.opened)
        if clock["held_by"] is not None and clock["held_by"] not in cause.opened:
            swept.joined.append({"case": file.id, "interview": clock["held_by"]})
    file.row["rung"], file.row["colour"] = rung.key, rung.colour or file.row["colour"]
    deadlines.rearm(file, clock, desk.occasion)
    interviews.go_on(desk, file, clock)
    file.mirror()
    extra = {"clock": clock["key"], "rung": rung.key, "tier": tier, "opened": cause.opened}
    desk.happened(file, "rung", trigger=rung.do, extra=extra, by_person=False, content=cause.issued)


def _act(desk: Desk, file: CaseFile, clock: Row, rung: Any, step: ladders.Step) -> Cause:
    occurrence = ladders.times_spent(clock, rung.key) + 1
    key = f"{clock['key']}:{clock['cycle']}:{clock['run']}:{clock['tier']}:{rung.key}:{occurrence}"
    cause = Cause(key, clock, rung.key)
    due = DueRung(
        case=file.facts(),
        clock=clock_facts(desk, clock),
        rung=rung,
        occurrence=occurrence,
        now=desk.occasion.now,
        today=desk.occasion.today,
        tree=desk.occasion.tree,
        calendar=desk.occasion.calendar,
        agenda=agenda_of(desk.store, file.id) if file.served.definition.interview else (),
    )
    tier = clock["tier"]
    wishes = list(desk.rungs[rung.do](due, **rung.params))
    carry_out(desk, file, wishes, cause)
    write_fired_in(desk, file, clock, step, cause.outcome, tier)
    return cause


def write_fired_in(desk: Desk, file: CaseFile, clock: Row, step: ladders.Step, outcome: str, tier: int) -> None:
    """The fired row belongs to the tier in which the rung stood, even where its wish moved the clock to the next."""
    now_tier, clock["tier"] = clock["tier"], tier
    write_fired(desk, file, clock, step, outcome)
    clock["tier"] = now_tier


def postpone(store: Store, due: Row, now: datetime, error: BaseException) -> dict[str, Any]:
    """The broken rung tries again in an hour; why is kept for the health page. Runs in a transaction of its own."""
    where = {name: due[name] for name in ("case_id", "key", "cycle", "run", "next_at")}
    store.update(Clock, {"next_at": now + POSTPONED_BY}, **where)
    return _note(store, due["case_id"], now, {"clock": due["key"], "rung": due["next_rung"], "why": _why(error)})


def _why(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


def _note(store: Store, case_id: int, now: datetime, told: dict[str, Any]) -> dict[str, Any]:
    store.insert(Note, [{"at": now, "kind": "postponed", "case_id": case_id, "actor_id": None, "body": canonical(told)}])
    return {"case": case_id, **told}
