"""Clocks of a case: begun, stood still, paused, moved, settled. Every function changes the case file's clock rows only.

A date never moves silently: each change names its rule in `basis`, the first date stays in `original_due_on`, and the verb
that called records an event. Skipped rungs come back to the caller, who writes them down.
"""

from __future__ import annotations

import calendar as months
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from states.definition import Clock as ClockRule
from states.definition import Definition, LimitRow, Start, Transition
from workflow import ladders
from workflow.casefile import CaseFile
from workflow.dates import Calendar, Pause, credit, due_on, local_time
from workflow.occasion import Occasion
from workflow.roster import find_organ
from workflow.statements import Row
from workflow.text import canonical

# semantics.md §4: what a send-back gives.
SEND_BACK_AT_LEAST_WORKDAYS = 10
SEND_BACK_AT_MOST_DAYS = 15

# Why a paused clock stands still: the sponsor's leader has paused the case, or a step of its definition holds it.
PAUSED, HELD = "paused", "held"

Skipped = list[tuple[Row, ladders.Step]]


# ---- after a transition -------------------------------------------------------------------------------------------------


def after(file: CaseFile, transition: Transition, occasion: Occasion, *, is_approved: bool = True) -> Skipped:
    """Settles, stands, resumes and begins clocks, now that `transition` has brought the case to its new state.

    The clock of an approval that may follow begins only where the step was taken without it (practice.md §3).
    """
    followed = transition.approval.later if transition.approval and is_approved else ""
    for clock in file.live_clocks():
        if clock["key"] == followed:
            settle(clock, occasion.today)
        else:
            _carry_on(file, clock, transition, occasion)
    skipped = begin_all(file, transition.trigger, occasion, but=followed)
    file.mirror()
    return skipped


def _carry_on(file: CaseFile, clock: Row, transition: Transition, occasion: Occasion) -> None:
    rule = file.rule_of(clock)
    if (
        transition.trigger in rule.settled_by
        or file.state not in rule.covers
        or transition.reopens
        or transition.trigger in rule.restarted_by
    ):
        settle(clock, occasion.today)
    elif file.state in rule.stands_in and clock["status"] == "armed":
        stand(clock, occasion.today)
    elif file.state in rule.runs_in and clock["status"] == "standing":
        _go_on(file, clock, transition, occasion)


def begin_all(file: CaseFile, trigger: str, occasion: Occasion, *, but: str = "") -> Skipped:
    """Begins every clock that `trigger` ("open" for opening) starts in the present state, except `but`."""
    skipped: Skipped = []
    for rule in in_order(file.served.definition):
        start = _start_of(rule, trigger, file) if rule.key != but else None
        if start is not None:
            skipped += begin(file, rule, start_day(file, start, occasion.today), occasion)
    return skipped


def in_order(definition: Definition) -> list[ClockRule]:
    """The clocks in the order in which they begin: those that another's date bounds come last."""
    return sorted(definition.clocks, key=lambda rule: rule.within_main)


def _start_of(rule: ClockRule, trigger: str, file: CaseFile) -> Start | None:
    if file.state not in rule.covers or file.find_live(rule.key) is not None:
        return None
    if trigger in rule.restarted_by:
        return Start(trigger)
    has_run = any(c["key"] == rule.key and c["cycle"] == file.row["cycle"] for c in file.clocks)
    if rule.restart == "never" and has_run:
        return None
    return next((s for s in rule.starts if s.on == trigger and fits(s.when, file.data)), None)


def start_day(file: CaseFile, start: Start, today: date) -> date:
    """The day a clock counts from: its date field, where filled, else the day of the event."""
    told = file.data.get(start.date_field) if start.date_field else None
    return date.fromisoformat(told) if told else today


def fits(when: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Does every field have the value said? An unfilled flag is false."""
    return all(_is(data.get(key), value) for key, value in when.items())


def _is(told: Any, wanted: Any) -> bool:
    return bool(told) is wanted if isinstance(wanted, bool) else bool(told == wanted)


# ---- beginning ----------------------------------------------------------------------------------------------------------


def begin(file: CaseFile, rule: ClockRule, started_on: date, occasion: Occasion, *, ladder_on: bool = True) -> Skipped:
    """Adds a new run of the clock, with its date computed from the limit table, and arms its ladder."""
    clock = _new_row(file, rule, started_on, occasion)
    clock["ladder_on"] = ladder_on
    set_limit(clock, rule, file.data, occasion.calendar, _rhythm_from(file, rule, started_on))
    if rule.within_main:
        _bound(file, clock, rule, occasion)
    clock["ladder"] = ladders.ladder_key(rule, started_on, clock["due_on"])
    file.clocks.append(clock)
    if file.state in rule.stands_in:
        stand(clock, occasion.today)
    return _arm(file, clock, occasion, floor=started_on)


def _bound(file: CaseFile, clock: Row, rule: ClockRule, occasion: Occasion) -> None:
    """What is owed on the way is not owed later than the work itself; a date of the work that is over bounds nothing."""
    due = next((main["due_on"] for main in file.live_clocks() if file.rule_of(main).main), None)
    if due is not None and clock["due_on"] is not None and occasion.today <= due < clock["due_on"]:
        set_date(clock, due, {"kind": "within_main"})
        recompute(clock, rule, occasion.calendar)
        clock["original_due_on"] = clock["due_on"]


def _new_row(file: CaseFile, rule: ClockRule, started_on: date, occasion: Occasion) -> Row:
    runs = [c["run"] for c in file.clocks if c["key"] == rule.key and c["cycle"] == file.row["cycle"]]
    late = find_organ(rule.owner, file.row, occasion.tree) or file.row["supervisor_id"]
    row: Row = dict(_EMPTY)
    row |= {"case_id": file.id, "key": rule.key, "cycle": file.row["cycle"], "run": max(runs, default=0) + 1}
    row |= {"organ_id": late, "started_on": started_on, "calendar_version": occasion.calendar.version}
    return row


_EMPTY: Row = {
    "status": "armed",
    "amount": None,
    "unit": "",
    "due_on": None,
    "original_due_on": None,
    "provisional": False,
    "basis": "{}",
    "pauses": "[]",
    "ladder": "",
    "tier": 1,
    "next_rung": None,
    "next_at": None,
    "revision": 1,
    "spent": "[]",
    "ladder_from": None,
    "held_by": None,
    "extended": 0,
    "waits_until": None,
    "ladder_on": True,
    "overdue_since": None,
    "settled_on": None,
}


def pick_limit(rows: Iterable[LimitRow], data: Mapping[str, Any]) -> tuple[int, LimitRow]:
    """The first row of the table that fits, with its place; the proofs see to it that the last always does."""
    for place, row in enumerate(rows):
        if fits(row.when, data) and (row.date_field is None or data.get(row.date_field)):
            return place, row
    raise AssertionError("a limit table without a last row was served")


def _rhythm_from(file: CaseFile, rule: ClockRule, started_on: date) -> date:
    """The day after which the rhythm's next day is asked for.

    A note that comes before its day answers for that day, once: further notes before it move nothing. A late note answers for
    the day it missed, and the next day stays.
    """
    asked: list[date] = [
        c["due_on"] for c in file.clocks if c["key"] == rule.key and c["cycle"] == file.row["cycle"] and c["due_on"]
    ]
    if not rule.fixed_days or not asked or asked[-1] < started_on:
        return started_on
    is_answered = asked[-1] == next_fixed_day(rule.fixed_days, started_on - timedelta(1))
    return asked[-1] if is_answered else asked[-1] - timedelta(1)


def set_limit(clock: Row, rule: ClockRule, data: Mapping[str, Any], calendar: Calendar, after_day: date) -> None:
    """The date that the rule gives by itself; a rhythm's is the first of its days after `after_day`."""
    if rule.fixed_days:
        set_date(clock, next_fixed_day(rule.fixed_days, after_day), {"kind": "rhythm"})
    else:
        place, row = pick_limit(rule.limits, data)
        if row.date_field is not None:
            set_date(clock, date.fromisoformat(data[row.date_field]), {"kind": "field", "field": row.date_field})
        elif row.limit is not None:
            clock["amount"], clock["unit"] = row.limit.amount, row.limit.unit
            clock["basis"] = canonical({"kind": "limit", "row": place})
    recompute(clock, rule, calendar)
    clock["original_due_on"] = clock["due_on"]


def next_fixed_day(days: Iterable[int], after_day: date) -> date:
    """The first of the month's fixed days (31 = the last) after `after_day`: the half-month rhythm of practice.md §8.1."""
    day = after_day + timedelta(1)
    while True:
        last = months.monthrange(day.year, day.month)[1]
        if day.day in {min(fixed, last) for fixed in days}:
            return day
        day += timedelta(1)


def set_date(clock: Row, on: date, basis: Mapping[str, Any]) -> None:
    """A date said by somebody: pauses so far are inside it, later ones move it."""
    clock["amount"], clock["unit"] = None, "date"
    clock["basis"] = canonical({**basis, "on": on, "pauses": len(pauses_of(clock))})


def recompute(clock: Row, rule: ClockRule, calendar: Calendar) -> None:
    """The due day from start, limit and pauses; the only function that computes one."""
    if clock["unit"] == "date":
        basis = json.loads(clock["basis"])
        counted = pauses_of(clock)[basis["pauses"] :]
        clock["due_on"] = date.fromisoformat(basis["on"]) + timedelta(credit(calendar, counted, "day"))
        clock["provisional"] = False
    elif clock["amount"] is not None:
        due = due_on(
            calendar,
            clock["started_on"],
            clock["amount"],
            clock["unit"],
            roll=rule.roll,
            pauses=pauses_of(clock),
        )
        clock["due_on"], clock["provisional"] = due.on, due.provisional
    clock["calendar_version"] = calendar.version


def pauses_of(clock: Row) -> list[Pause]:
    """The closed pauses of a clock row; an open one moves the date only when it ends."""
    if clock["pauses"] == "[]":
        return []  # as with most clocks, asked again and again for every case of a preview
    return [
        Pause(date.fromisoformat(start), date.fromisoformat(end))
        for start, end, _why in json.loads(clock["pauses"])
        if end is not None
    ]


def _arm(file: CaseFile, clock: Row, occasion: Occasion, *, floor: date | None = None) -> Skipped:
    steps = ladders.arm(file.served.definition, clock, occasion.calendar, floor=floor)
    return [(clock, step) for step in steps]


def rearm(file: CaseFile, clock: Row, occasion: Occasion) -> None:
    """Points the clock at its next step; nothing is skipped."""
    _arm(file, clock, occasion)


# ---- standing, pausing, settling ----------------------------------------------------------------------------------------


def settle(clock: Row, today: date) -> None:
    """The promise is kept or void: the clock stops for good."""
    close_pause(clock, today)
    clock["status"], clock["settled_on"] = "settled", today
    clock["next_rung"] = clock["next_at"] = clock["held_by"] = None


def _open_pause(clock: Row, today: date, why: str) -> None:
    clock["pauses"] = canonical([*json.loads(clock["pauses"]), [today, None, why]])
    clock["next_rung"] = clock["next_at"] = None


def close_pause(clock: Row, today: date) -> None:
    """Ends the standstill that is going on, if one is."""
    pauses = json.loads(clock["pauses"])
    if pauses and pauses[-1][1] is None:
        pauses[-1][1] = today.isoformat()
        clock["pauses"] = canonical(pauses)


def _part_pause(clock: Row, today: date) -> None:
    """A new date of a clock that stands or is paused: only the days from now on are given back to it."""
    why = [told for _start, end, told in json.loads(clock["pauses"]) if end is None]
    close_pause(clock, today)
    if why:
        clock["pauses"] = canonical([*json.loads(clock["pauses"]), [today, None, why[0]]])


def stand(clock: Row, today: date) -> None:
    """The work lies with somebody else: time does not count."""
    clock["status"] = "standing"
    _open_pause(clock, today, "standing")


def _go_on(file: CaseFile, clock: Row, transition: Transition, occasion: Occasion) -> None:
    """The work comes back: what was left of the limit, and after a send-back not less and not more than its rule says."""
    rule, calendar, today = file.rule_of(clock), occasion.calendar, occasion.today
    close_pause(clock, today)
    clock["status"] = "armed"
    recompute(clock, rule, calendar)
    if transition.sends_back and clock["due_on"] is not None:
        due = _after_send_back(clock, calendar, today)
        if due != clock["due_on"]:
            set_date(clock, due, {"kind": "send_back", "at": today})
            recompute(clock, rule, calendar)
    if clock["due_on"] is not None and clock["due_on"] >= today:
        clock["overdue_since"] = None
    rearm(file, clock, occasion)


def _after_send_back(clock: Row, calendar: Calendar, today: date) -> date:
    left: date = clock["due_on"]
    due = max(left, due_on(calendar, today, SEND_BACK_AT_LEAST_WORKDAYS, "workday").on)
    if clock["original_due_on"] < today:
        due = min(due, today + timedelta(SEND_BACK_AT_MOST_DAYS))
    return due


def stopped_by(clock: Row) -> str:
    """What stops a paused clock, PAUSED (the sponsor's leader) or HELD (a step of the definition); "" for any other clock."""
    return str(json.loads(clock["pauses"])[-1][2]) if clock["status"] == "paused" else ""


def is_stopped(file: CaseFile, why: str) -> bool:
    """Does a clock of the case stand still for this reason?"""
    return any(stopped_by(clock) == why for clock in file.live_clocks())


def pause(file: CaseFile, occasion: Occasion, *, max_days: int, but: Iterable[str] = (), why: str = PAUSED) -> None:
    """Stops every clock of the case that runs; each resumes by itself after `max_days`.

    A hold also takes over what a pause has stopped, so that the end of the pause does not end the hold.
    """
    stops = ("", PAUSED) if why == HELD else ("",)
    until = local_time(occasion.today + timedelta(max_days), 0)
    for clock in file.live_clocks():
        if clock["status"] in ("armed", "paused") and stopped_by(clock) in stops and clock["key"] not in but:
            stop(clock, occasion.today, why, until)
    file.row["paused_since"] = file.row["paused_since"] or occasion.today
    file.mirror()


def stop(clock: Row, today: date, why: str, until: datetime) -> None:
    """Pauses one clock, until somebody lets it go on or until `until`."""
    close_pause(clock, today)
    clock["status"] = "paused"
    _open_pause(clock, today, why)
    clock["next_rung"], clock["next_at"] = ladders.RESUME, until


def resume(file: CaseFile, occasion: Occasion, *, why: str = PAUSED) -> None:
    """Lets every clock go on that stood for this reason: its date and rungs move by the days it stood, none fires again.

    What a hold lets go stays stopped while the case is paused (practice.md §9.1 G8: a pause stops all clocks).
    """
    others = [clock for clock in file.live_clocks() if stopped_by(clock) == PAUSED] if why == HELD else []
    for clock in file.live_clocks():
        if stopped_by(clock) != why:
            continue
        if others:
            stop(clock, occasion.today, PAUSED, others[0]["next_at"])
        else:
            _let_go(file, clock, occasion)
    file.mirror()


def _let_go(file: CaseFile, clock: Row, occasion: Occasion) -> None:
    close_pause(clock, occasion.today)
    clock["status"] = "armed"
    recompute(clock, file.rule_of(clock), occasion.calendar)
    if file.state in file.rule_of(clock).stands_in:
        stand(clock, occasion.today)  # The case moved on while it was paused: the work lies with somebody else.
    rearm(file, clock, occasion)


# ---- moving a date ------------------------------------------------------------------------------------------------------


def move(file: CaseFile, clock: Row, on: date, basis: Mapping[str, Any], occasion: Occasion, *, tier: int = 0) -> Skipped:
    """Gives the clock a new date. Unfired rungs move, reminders may fire again; `tier` (if given) begins that tier anew."""
    _part_pause(clock, occasion.today)
    set_date(clock, on, {**basis, "at": occasion.today})
    recompute(clock, file.rule_of(clock), occasion.calendar)
    clock["revision"] += 1
    clock["tier"] = min(tier or clock["tier"], ladders.tiers_of(file.served.definition, clock))
    clock["held_by"] = clock["ladder_from"] = clock["waits_until"] = None
    if on >= occasion.today:
        clock["overdue_since"] = None
    skipped = _arm(file, clock, occasion, floor=occasion.today)
    file.mirror()
    return skipped


def climb(file: CaseFile, clock: Row, from_on: date, occasion: Occasion) -> None:
    """The interview was not held: the ladder goes on in the next tier, counted from the interview's own limit."""
    clock["held_by"] = None
    clock["tier"] = min(clock["tier"] + 1, ladders.tiers_of(file.served.definition, clock))
    clock["ladder_from"] = from_on
    rearm(file, clock, occasion)


def hold(file: CaseFile, clock: Row, interview_id: int, occasion: Occasion) -> None:
    """An interview holds the ladder until it has fixed a new date, or was not held in time."""
    clock["held_by"] = interview_id
    rearm(file, clock, occasion)


def release(file: CaseFile, clock: Row, occasion: Occasion) -> None:
    """The interview is over without a new date: the ladder goes on where it was."""
    clock["held_by"] = None
    rearm(file, clock, occasion)


def restart(file: CaseFile, clock: Row, occasion: Occasion) -> Skipped:
    """A watch begins anew today, as after a note."""
    rule = file.rule_of(clock)
    settle(clock, occasion.today)
    skipped = begin(file, rule, occasion.today, occasion) if file.state in rule.covers else []
    file.mirror()
    return skipped


def start_over(file: CaseFile, on: date, occasion: Occasion) -> Skipped:
    """After a reopening: the main clock of the new cycle runs to the date given, in the second tier (semantics.md §4).

    Of the ladders by length it climbs the one of the new limit (practice.md §9.1 G4).
    """
    rule = next((rule for rule in file.served.definition.clocks if rule.main), None)
    if rule is None or file.state not in rule.covers:
        return []
    clock = file.find_live(rule.key)
    skipped = [] if clock else begin(file, rule, occasion.today, occasion)
    clock = clock or file.find_live(rule.key)
    if clock is None:
        return skipped
    clock["ladder"] = ladders.ladder_key(rule, clock["started_on"], on)
    moved = move(file, clock, on, {"kind": "reopen"}, occasion, tier=2)
    clock["original_due_on"] = on
    file.mirror()
    return skipped + moved
