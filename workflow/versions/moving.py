"""One open case comes under a new version of its kind: state, facts and clocks. Preview and migration are this one function.

A rung is known by its key: fired ones stay fired, and new ones that are past already follow the rule of imports
(semantics.md §8). A date that somebody has decided (a talk, a send-back, a reopening) is never computed anew.
"""

from __future__ import annotations

import json
from bisect import insort
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from states.definition import Clock as ClockRule
from states.errors import Conflict
from workflow import deadlines, halfway, ladders
from workflow.casefile import CaseFile
from workflow.dates import Pause, due_on, local_day
from workflow.definitions import Served
from workflow.occasion import Occasion
from workflow.recording import spent_row
from workflow.roster import find_organ
from workflow.statements import Row
from workflow.text import canonical
from workflow.versions.plan import CARRY, CATCH_UP, FROM_NOW, KEEP, RESTART, Plan

# The date came of the limit, alone or with an extension on top; every other date was said by somebody.
COMPUTED = ("limit", "field", "rhythm", "none", "kept", "extension")
# Bounded by the date of the work itself: nobody said it, and it has no date of its own to be carried.
BOUNDED = "within_main"


@dataclass(slots=True)
class Move:
    """What became of the case beside its row and clocks.

    `passed` are rows of rungs that do nothing; `ended`, `begun` and `restarted` clocks; `renamed` (clock, as what it goes
    on); `dated` (clock, old date, new date); `coming` (clock, rung) that the next sweep climbs because of it. `owned` (clock,
    relation before and now) are the clocks for which another organ is late now, `pressed` (clock, rung before and now) those
    that another rung comes next on; both of clocks that go on.
    """

    passed: list[Row] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    dated: list[tuple[str, date | None, date | None]] = field(default_factory=list)
    coming: list[tuple[str, str]] = field(default_factory=list)
    owned: list[tuple[str, str, str]] = field(default_factory=list)
    pressed: list[tuple[str, str | None, str | None]] = field(default_factory=list)


def move(file: CaseFile, new: Served, plan: Plan, occasion: Occasion, asked: Collection[str] = ()) -> Move:
    """Changes the case file alone. `asked` are the clocks for which a later date is asked and not yet decided.

    Conflict request_waits where such a request could not be decided as it was asked; no_holder, no_clock where the case
    would be stranded.
    """
    old, before = file.served, file.state
    target = plan.state_for(before)
    file.come_under(new)
    if target != before:
        new.machine.place(file, target)
    _renew_facts(file, plan)
    rule = new.definition.interview
    if rule is not None:
        file.row["joinable"] = target in rule.joinable_in and file.row["interviewer_id"] is not None
    told = Move()
    for clock in file.live_clocks():
        _carry_over(file, clock, old, plan, occasion, asked, told)
    _begin_missing(file, old, before, plan, occasion, told)
    file.mirror()
    _require_not_stranded(file)
    return told


def _renew_facts(file: CaseFile, plan: Plan) -> None:
    """Choices that have other names now; a fact whose field is gone stays where it is, unshown."""
    for key, names in plan.values.items():
        told = file.data.get(key)
        if isinstance(told, str):
            file.data[key] = names.get(told, told)
        elif isinstance(told, list):
            file.data[key] = [names.get(one, one) if isinstance(one, str) else one for one in told]
    if plan.values:
        file.write_back()


def _require_not_stranded(file: CaseFile) -> None:
    if file.row["holder_id"] is None:
        raise Conflict(why="no_holder")
    if not file.live_clocks():
        raise Conflict(why="no_clock", state=file.state)


# ---- clocks that run ------------------------------------------------------------------------------------------------------


def _carry_over(
    file: CaseFile, clock: Row, old: Served, plan: Plan, occasion: Occasion, asked: Collection[str], told: Move
) -> None:
    before = old.definition.clock_by_key[clock["key"]]
    rule = file.served.definition.clock_by_key.get(plan.clock_for(before.key))
    if before.key in asked and not _can_be_decided(file, before, rule, plan):
        raise Conflict(why="request_waits", clock=before.key)
    if rule is None or file.state not in rule.covers:
        _end(clock, occasion)
        told.ended.append(before.key)
        return
    if rule.key != before.key:
        clock = _go_on_as(file, clock, rule, occasion)
        told.renamed.append((before.key, rule.key))
    was, policy, basis = clock["due_on"], plan.policy_of(rule.key), json.loads(clock["basis"]).get("kind", "none")
    organ, rung = clock["organ_id"], clock["next_rung"]
    if policy == RESTART and basis in (*COMPUTED, BOUNDED):
        clock = _restart(file, clock, rule, occasion, told)
        told.restarted.append(rule.key)
    elif policy == CARRY and basis in COMPUTED:
        _carry(file, clock, before, rule, occasion)
    else:
        _keep(clock, old, rule, occasion, file.data)
    if clock["due_on"] != was:
        told.dated.append((rule.key, was, clock["due_on"]))
    # Who promised is late, whoever holds the case by now; another rule says another.
    if rule.owner != before.owner:
        clock["organ_id"] = find_organ(rule.owner, file.row, occasion.tree) or file.row["supervisor_id"]
    _settle_in(file, clock, rule, plan, occasion, told)
    if clock["organ_id"] != organ:
        told.owned.append((rule.key, before.owner, rule.owner))
    if clock["next_rung"] != rung:
        told.pressed.append((rule.key, rung, clock["next_rung"]))


def _can_be_decided(file: CaseFile, before: ClockRule, rule: ClockRule | None, plan: Plan) -> bool:
    """Does the clock go on with the date that a later one was asked for, under a rule by which it may be granted?"""
    if rule is None or rule.key != before.key or file.state not in rule.covers:
        return False
    return rule.extension is not None and plan.policy_of(rule.key) == KEEP


def _end(clock: Row, occasion: Occasion) -> None:
    """Its promise is no longer asked for: neither kept nor broken."""
    deadlines.settle(clock, occasion.today)
    clock["status"] = "cancelled"


def _go_on_as(file: CaseFile, clock: Row, rule: ClockRule, occasion: Occasion) -> Row:
    """The run as one of another clock: its dates, pauses and rungs go on; the old one ends in favour of it."""
    runs = [one["run"] for one in file.clocks if (one["key"], one["cycle"]) == (rule.key, clock["cycle"])]
    fresh = dict(clock) | {"key": rule.key, "run": max(runs, default=0) + 1}
    _end(clock, occasion)
    file.clocks.append(fresh)
    return fresh


def _restart(file: CaseFile, clock: Row, rule: ClockRule, occasion: Occasion, told: Move) -> Row:
    why, until = deadlines.stopped_by(clock), clock["next_at"]
    _end(clock, occasion)
    fresh = _new_run(file, rule, occasion.today, occasion, told)
    if why:
        deadlines.stop(fresh, occasion.today, why, until)
    return fresh


def _keep(clock: Row, old: Served, rule: ClockRule, occasion: Occasion, data: dict[str, Any]) -> None:
    """The date stays, whatever the new rule would have given."""
    was = clock["due_on"]
    if clock["amount"] is not None and not rule.fixed_days:
        place, row = deadlines.pick_limit(rule.limits, data)
        is_same = row.limit is not None and (row.limit.amount, row.limit.unit) == (clock["amount"], clock["unit"])
        clock["basis"] = canonical({"kind": "limit", "row": place} if is_same else {"kind": "kept", "version": old.number})
    if was is not None and clock["calendar_version"] == occasion.calendar.version:
        deadlines.recompute(clock, rule, occasion.calendar)
        if clock["due_on"] != was:  # The new rule rolls another way.
            deadlines.set_date(clock, was, {"kind": "kept", "version": old.number})
            deadlines.recompute(clock, rule, occasion.calendar)


def _carry(file: CaseFile, clock: Row, was: ClockRule, rule: ClockRule, occasion: Occasion) -> None:
    """The new rule from the old start, with the same pauses, and the days that an extension has granted on top."""
    before, basis = clock["due_on"], json.loads(clock["basis"])
    granted = _granted(clock, was, basis, file, occasion)
    fresh = dict(clock) | {"amount": None, "unit": "", "due_on": None, "basis": "{}"}
    deadlines.set_limit(fresh, rule, file.data, occasion.calendar, clock["started_on"])
    if fresh["due_on"] is not None:
        fresh["original_due_on"] = _by_rule(fresh, rule, (), occasion)
    if granted is not None and fresh["due_on"] is not None:
        days, pauses = granted
        on = _by_rule(fresh, rule, pauses, occasion) + timedelta(days)
        deadlines.set_date(fresh, on, {"kind": "extension", "carried": True})
        fresh["basis"] = canonical({**json.loads(fresh["basis"]), "pauses": len(pauses)})
        deadlines.recompute(fresh, rule, occasion.calendar)
    clock.update(fresh)
    if clock["due_on"] != before:
        clock["revision"] += 1
        clock["ladder_from"] = None
        if clock["overdue_since"] is not None and clock["due_on"] is not None:
            clock["overdue_since"] = clock["due_on"] + timedelta(1)


def _granted(
    clock: Row, was: ClockRule, basis: dict[str, Any], file: CaseFile, occasion: Occasion
) -> tuple[int, list[Pause]] | None:
    """How many days an extension has put on top of the old rule's date, and the pauses that are inside it."""
    if basis.get("kind") != "extension":
        return None
    pauses = deadlines.pauses_of(clock)[: basis["pauses"]]
    ruled = dict(clock) | {"amount": None, "unit": "", "due_on": None, "basis": "{}"}
    deadlines.set_limit(ruled, was, file.data, occasion.calendar, clock["started_on"])
    if ruled["due_on"] is None:
        return 0, pauses
    return (date.fromisoformat(basis["on"]) - _by_rule(ruled, was, pauses, occasion)).days, pauses


def _by_rule(clock: Row, rule: ClockRule, pauses: Iterable[Pause], occasion: Occasion) -> date:
    """The date of the rule alone with these pauses."""
    if clock["amount"] is None:
        on: date = clock["due_on"]
        return on
    told = due_on(occasion.calendar, clock["started_on"], clock["amount"], clock["unit"], roll=rule.roll, pauses=list(pauses))
    return told.on


def _settle_in(file: CaseFile, clock: Row, rule: ClockRule, plan: Plan, occasion: Occasion, told: Move) -> None:
    """Whether it runs or stands, its ladder, and where on it the clock stands now."""
    if file.state in rule.stands_in and clock["status"] == "armed":
        deadlines.stand(clock, occasion.today)
    elif file.state in rule.runs_in and clock["status"] == "standing":
        deadlines.close_pause(clock, occasion.today)
        clock["status"] = "armed"
        deadlines.recompute(clock, rule, occasion.calendar)
    if clock["due_on"] is None or clock["due_on"] >= occasion.today:
        clock["overdue_since"] = None
    clock["ladder"] = ladders.ladder_key(rule, clock["started_on"], clock["due_on"])
    tiers = ladders.tiers_of(file.served.definition, clock)
    clock["tier"] = min(clock["tier"], tiers)
    if not clock["ladder"]:
        clock["held_by"] = None
    _point(file, clock, plan, occasion, told)


def _point(file: CaseFile, clock: Row, plan: Plan, occasion: Occasion, told: Move) -> None:
    """Points the clock at what comes next on its ladder, past what is over already."""
    told.passed += _pass_by(file, clock, plan, occasion)
    deadlines.rearm(file, clock, occasion)
    told.coming += [(clock["key"], key) for key in _climbed(file, clock, occasion)]


def _climbed(file: CaseFile, clock: Row, occasion: Occasion) -> Iterator[str]:
    """The steps that the next sweep takes, up to a talk that holds the ladder or to one that is not due yet."""
    trial, definition = dict(clock), file.served.definition
    while trial["status"] == "armed" and trial["next_at"] is not None and trial["next_at"] <= occasion.now:
        key, rung = trial["next_rung"], ladders.find_rung(definition, trial)
        yield key
        if rung is None:
            trial["overdue_since"] = trial["due_on"] + timedelta(1)
        elif rung.holds:
            return
        else:
            ladders.spend(trial, key)
        ladders.arm(definition, trial, occasion.calendar)


# ---- rungs that are past --------------------------------------------------------------------------------------------------


def _pass_by(file: CaseFile, clock: Row, plan: Plan, occasion: Occasion) -> list[Row]:
    """Spends the steps that are past already and do not act; a rung that repeats, as often as it has come round."""
    if plan.rungs == CATCH_UP or clock["status"] != "armed" or clock["held_by"] is not None or not clock["ladder_on"]:
        return []
    past = list(_past(file, clock, occasion))
    idle = past[:-1] if plan.rungs == FROM_NOW else past
    return [spent_row(file, clock, step, "skipped", occasion.now) for step in idle]


def _past(file: CaseFile, clock: Row, occasion: Occasion) -> Iterator[ladders.Step]:
    """In the order of time, without a step of the engine's own."""
    steps = ladders.steps(file.served.definition, clock, occasion.calendar)
    left = [step for step in steps if step.rung and ladders.is_open(step, clock)]
    while left and left[0].at <= occasion.now:
        step = left.pop(0)
        yield step
        again = ladders.again(step, occasion.calendar)
        if again is not None:
            insort(left, again)


# ---- clocks that the new version begins -----------------------------------------------------------------------------------


def _begin_missing(file: CaseFile, old: Served, before: str, plan: Plan, occasion: Occasion, told: Move) -> None:
    """Clocks that the case should have and never had: new ones, and old ones that did not run in its state."""
    for rule in file.served.definition.clocks:
        if file.state not in rule.covers:
            continue
        known = old.definition.clock_by_key.get(plan.clock_before(rule.key))
        if known is not None and before in known.covers:
            continue
        if file.find_live(rule.key) is None and halfway.may_run(rule, file):
            _begin(file, rule, plan, occasion, told)
    if not file.live_clocks():
        covering = (rule for rule in file.served.definition.clocks if file.state in rule.covers)
        for rule in sorted(covering, key=lambda rule: not rule.main)[:1]:
            _begin(file, rule, plan, occasion, told)


def _begin(file: CaseFile, rule: ClockRule, plan: Plan, occasion: Occasion, told: Move) -> None:
    started_on = halfway.told_start(rule, file) or _start_of(file, rule, plan, occasion)
    clock = _new_run(file, rule, started_on, occasion, told)
    told.begun.append(rule.key)
    told.dated.append((rule.key, None, clock["due_on"]))
    _point(file, clock, plan, occasion, told)


def _new_run(file: CaseFile, rule: ClockRule, started_on: date, occasion: Occasion, told: Move) -> Row:
    skipped = deadlines.begin(file, rule, started_on, occasion)
    told.passed += [spent_row(file, clock, step, "too_short", occasion.now) for clock, step in skipped]
    return file.clocks[-1]


def _start_of(file: CaseFile, rule: ClockRule, plan: Plan, occasion: Occasion) -> date:
    """A clock that is new to the case counts from today; carried, from when the case came to where it is."""
    if plan.policy_of(rule.key) != CARRY:
        return occasion.today
    opens = file.row["cycle"] == 1 and any(start.on == "open" for start in rule.starts)
    since: date = file.row["opened_on"] if opens else file.row["state_since"]
    return min(since, local_day(occasion.now))
