"""Too much of something in one place (practice.md §9.6).

Rules that count overdue cases are looked at when a case turns overdue, rules about one case (sent back, handed back) when it
happens, and all others every night. A rule acts once per organ until the count has fallen below half of its threshold, or
`every_days` have passed; what it saw (count, threshold, cases) is kept in the row that says it acted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, select

from states.definition import Limit, OrganisationRule, Rung
from workflow.casefile import CaseFile
from workflow.cases import lock_any
from workflow.dates import workdays_between
from workflow.desk import Desk
from workflow.models import Clock, RuleFiring
from workflow.permissions import CASES
from workflow.roster import find_organ
from workflow.statements import Row
from workflow.store import table_of
from workflow.text import canonical
from workflow.types import ClockFacts, DueRung
from workflow.wishes import Cause, carry_out

_firing, _clock = table_of(RuleFiring), table_of(Clock)

Overdue = tuple[CaseFile, Row]  # a case and the clock that made it late
PER_CASE = ("sent_back", "handed_back")


def look_at_overdue(desk: Desk, overdue: Iterable[Overdue]) -> None:
    """Cases have turned overdue: looks once, for each rule, at each place that they count for."""
    seen: set[tuple[str, str, Any]] = set()
    for file, clock in overdue:
        for rule in file.served.definition.rules:
            place = (file.served.kind, rule.key, file.row[_place_column(rule)])
            if rule.counts == "overdue" and "after" not in rule.params and place not in seen:
                seen.add(place)
                _look(desk, file, clock, rule)


def look_at_case(desk: Desk, file: CaseFile, counts: str, times: int) -> None:
    """A case was sent back or handed back for the `times`-th time in this cycle: acts when that is the threshold."""
    clock = _main_clock(file)
    for rule in file.served.definition.rules:
        if rule.counts == counts and rule.threshold == times and clock is not None:
            _act(desk, file, clock, rule, times)


def look_nightly(desk: Desk) -> int:
    """Looks at every rule for every organ it can count for, and re-arms rules whose count has fallen; how many acted."""
    acted = 0
    for served in desk.occasion.catalogue.current.values():
        for rule in served.definition.rules:
            if rule.counts not in PER_CASE:
                acted += sum(_look_at_place(desk, case_id, rule) for case_id in _oldest_in_each(desk, served.kind, rule))
    _rearm_fallen(desk)
    return acted


def _oldest_in_each(desk: Desk, kind: str, rule: OrganisationRule) -> list[int]:
    """One counted case for each place that has enough of them: the oldest, whose clock stands for the rule."""
    found = desk.store.select(
        select(func.min(CASES.c.id).label("id"))
        .where(_is_counted(rule, kind))
        .group_by(CASES.c[_place_column(rule)])
        .having(func.count() >= rule.threshold)
    )
    return sorted(row["id"] for row in found)


def _look_at_place(desk: Desk, case_id: int, rule: OrganisationRule) -> bool:
    file = lock_any(desk.store, desk.context, case_id, desk.occasion)
    clock = _main_clock(file)
    return clock is not None and _look(desk, file, clock, rule)


def _main_clock(file: CaseFile) -> Row | None:
    live = file.live_clocks()
    return next((c for c in live if file.rule_of(c).main), live[0] if live else None)


# ---- one rule, one place ------------------------------------------------------------------------------------------------


def _look(desk: Desk, file: CaseFile, clock: Row, rule: OrganisationRule) -> bool:
    organ_id = find_organ(rule.of, file.row, desk.occasion.tree)
    if organ_id is None:
        organ_id = _township_organ(desk, file) if rule.of.startswith("above_subject") else None
    if organ_id is None:
        return False
    counted = _counted_cases(desk, file, rule)
    last = _last_firing(desk, file, organ_id, rule)
    if not _is_reached(desk, rule, file, len(counted)) or not _is_armed(desk, rule, last):
        return False
    row = {"organ_id": organ_id, "rule": _name(file, rule), "occurrence": (last["occurrence"] if last else 0) + 1}
    row |= {"fired_at": desk.occasion.now, "count": len(counted), "threshold": rule.threshold}
    desk.store.insert(RuleFiring, [{**row, "cases": canonical(counted)}], ignore_conflict=True)
    _act(desk, file, clock, rule, len(counted))
    return True


def _name(file: CaseFile, rule: OrganisationRule) -> str:
    return f"{file.served.kind}.{rule.key}"


def _township_organ(desk: Desk, file: CaseFile) -> int | None:
    """The township's first organ in official order stands for the township."""
    area_id = file.row["subject_township_id"]
    organs = [organ for organ in desk.occasion.tree.organs.values() if organ.area_id == area_id]
    return min(organs, key=lambda organ: (organ.official_order, organ.id)).id if organs else None


def _is_counted(rule: OrganisationRule, kind: str) -> ColumnElement[bool]:
    open_cases = and_(CASES.c.kind == kind, not_(CASES.c.final), not_(CASES.c.withdrawn))
    late = CASES.c.overdue_since.is_not(None)
    if rule.counts == "overdue":
        return and_(open_cases, late)
    if rule.counts == "unsigned":
        return and_(open_cases, late, _has_late_clock("sign_for"))
    return and_(open_cases, late, CASES.c.holder_id == CASES.c.supervisor_id)


def _has_late_clock(key: str) -> ColumnElement[bool]:
    same_case, is_late = _clock.c.case_id == CASES.c.id, _clock.c.overdue_since.is_not(None)
    return exists(select(_clock.c.case_id).where(same_case, is_late, _clock.c.key == key, _clock.c.status == "armed"))


def _scope(rule: OrganisationRule, file: CaseFile) -> ColumnElement[bool]:
    column = _place_column(rule)
    return and_(CASES.c[column] == file.row[column])


def _place_column(rule: OrganisationRule) -> str:
    if rule.of.startswith("above_subject"):
        return "subject_township_id"
    return "holder_id" if rule.of == "holder" else "subject_id"


def _counted_cases(desk: Desk, file: CaseFile, rule: OrganisationRule) -> list[int]:
    """Ids of the counted cases of the place, with those that this transaction has just turned overdue."""
    stored = desk.store.select(select(CASES.c.id).where(_is_counted(rule, file.served.kind), _scope(rule, file)))
    column = _place_column(rule)
    fresh = {
        other.id
        for other in desk.context.files.values()
        if other.row["overdue_since"] and other.row[column] == file.row[column] and other.served.kind == file.served.kind
    }
    return sorted({row["id"] for row in stored} | fresh)


def _is_reached(desk: Desk, rule: OrganisationRule, file: CaseFile, counted: int) -> bool:
    if counted < rule.threshold or not _is_late_enough(desk, rule, file):
        return False
    if not rule.share:
        return True
    open_cases = and_(CASES.c.kind == file.served.kind, not_(CASES.c.final), not_(CASES.c.withdrawn), _scope(rule, file))
    total = int(desk.store.select(select(func.count().label("n")).where(open_cases))[0]["n"])
    return counted * 100 >= rule.share * max(total, 1)


def _is_late_enough(desk: Desk, rule: OrganisationRule, file: CaseFile) -> bool:
    """A rule may say how late the case that stands for it must be: "5 workday"."""
    after, since = str(rule.params.get("after", "")), file.row["overdue_since"]
    if not after:
        return True
    late = workdays_between(desk.occasion.calendar, since - timedelta(1), desk.occasion.today) if since else 0
    return late >= int(after.split()[0])


def _last_firing(desk: Desk, file: CaseFile, organ_id: int, rule: OrganisationRule) -> Row | None:
    same = and_(_firing.c.organ_id == organ_id, _firing.c.rule == _name(file, rule))
    found = desk.store.select(select(_firing).where(same).order_by(_firing.c.occurrence.desc()).limit(1))
    return found[0] if found else None


def _is_armed(desk: Desk, rule: OrganisationRule, last: Row | None) -> bool:
    if last is None or last["rearmed_at"] is not None:
        return True
    return bool(last["fired_at"] + timedelta(rule.every_days) <= desk.occasion.now)


def _rearm_fallen(desk: Desk) -> None:
    """A rule is armed again when fewer than half of its threshold of the cases that fired it are still open and late."""
    for row in desk.store.select(select(_firing).where(_firing.c.rearmed_at.is_(None))):
        still = select(func.count().label("n")).where(CASES.c.id.in_(_ids(row["cases"])), CASES.c.overdue_since.is_not(None))
        if desk.store.select(still)[0]["n"] * 2 < row["threshold"]:
            key = {name: row[name] for name in ("organ_id", "rule", "occurrence")}
            desk.store.update(RuleFiring, {"rearmed_at": desk.occasion.now}, **key)


def _ids(text: str) -> list[int]:
    found: list[int] = json.loads(text)
    return found


def _act(desk: Desk, file: CaseFile, clock: Row, rule: OrganisationRule, count: int) -> None:
    rung = Rung(rule.key, rule.title, Limit(0, "day"), rule.do, to=rule.to, params=rule.params)
    occasion = desk.occasion
    due = DueRung(
        case=file.facts(),
        clock=clock_facts(desk, clock),
        rung=rung,
        occurrence=1,
        now=occasion.now,
        today=occasion.today,
        tree=occasion.tree,
        calendar=occasion.calendar,
        count=count,
    )
    cause = Cause(f"rule:{rule.key}:{occasion.today}", clock, f"rule_{rule.key}")
    carry_out(desk, file, desk.rungs[rule.do](due, **rule.params), cause)
    extra = {"rule": rule.key, "opened": cause.opened}
    desk.happened(file, "organisation_rule", trigger=rule.do, extra=extra, by_person=False)


def clock_facts(desk: Desk, clock: Row) -> ClockFacts:
    """The clock as a rung's function sees it."""
    names = ("key", "cycle", "run", "tier", "organ_id", "started_on", "due_on", "original_due_on")
    told: dict[str, Any] = {name: clock[name] for name in names}
    due, today = clock["due_on"], desk.occasion.today
    late = workdays_between(desk.occasion.calendar, due, today) if due and due < today else 0
    return ClockFacts(**told, workdays_late=late)
