"""Too much of something in one place (practice.md §9.6): looked at when an item turns overdue, is sent back or handed back.

A rule acts once per organ until the count has fallen below half of its threshold, or `every_days` have passed; what it saw
(count, threshold, cases) is kept in the row that says it acted.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, func, not_, select

from states.definition import Limit, OrganisationRule, Rung
from workflow.casefile import CaseFile
from workflow.desk import Desk
from workflow.models import RuleFiring
from workflow.permissions import CASES
from workflow.roster import find_organ
from workflow.statements import Row
from workflow.store import table_of
from workflow.text import canonical
from workflow.types import ClockFacts, DueRung

_firing = table_of(RuleFiring)


def look_at(desk: Desk, file: CaseFile, clock: Row) -> None:
    """Looks at every rule that counts overdue cases, for the organ it counts them of."""
    for rule in file.served.definition.rules:
        if rule.counts == "overdue":
            _look(desk, file, clock, rule)


def _look(desk: Desk, file: CaseFile, clock: Row, rule: OrganisationRule) -> None:
    organ_id = find_organ(rule.of, file.row, desk.occasion.tree)
    if organ_id is None:
        return
    late = _late_cases(desk, file, rule, organ_id)
    last = _last_firing(desk, organ_id, rule)
    if not _is_reached(desk, rule, organ_id, file, len(late)) or not _is_armed(desk, rule, last):
        return
    desk.store.insert(
        RuleFiring,
        [
            {
                "organ_id": organ_id,
                "rule": f"{file.served.kind}.{rule.key}",
                "occurrence": (last["occurrence"] if last else 0) + 1,
                "fired_at": desk.occasion.now,
                "count": len(late),
                "threshold": rule.threshold,
                "cases": canonical(late),
            }
        ],
        ignore_conflict=True,
    )
    _act(desk, file, clock, rule)


def _scope(rule: OrganisationRule, organ_id: int, desk: Desk) -> ColumnElement[bool]:
    organ = desk.occasion.tree.organ(organ_id)
    if rule.of.startswith("above_subject") and organ.level == "township":
        return CASES.c.subject_township_id == organ.area_id
    column = {"holder": CASES.c.holder_id}.get(rule.of, CASES.c.subject_id)
    return column == organ_id


def _late_cases(desk: Desk, file: CaseFile, rule: OrganisationRule, organ_id: int) -> list[int]:
    """Ids of the late cases of the kind in the rule's scope, this one included."""
    where = [CASES.c.kind == file.served.kind, not_(CASES.c.final), not_(CASES.c.withdrawn)]
    stored = desk.store.select(
        select(CASES.c.id).where(*where, CASES.c.overdue_since.is_not(None), _scope(rule, organ_id, desk))
    )
    fresh = [f.id for f in desk.context.files.values() if f.row["overdue_since"] and _same_scope(f, rule, organ_id, desk)]
    return sorted({row["id"] for row in stored} | {i for i in fresh if desk.context.files[i].served.kind == file.served.kind})


def _same_scope(file: CaseFile, rule: OrganisationRule, organ_id: int, desk: Desk) -> bool:
    return find_organ(rule.of, file.row, desk.occasion.tree) == organ_id


def _is_reached(desk: Desk, rule: OrganisationRule, organ_id: int, file: CaseFile, late: int) -> bool:
    if late < rule.threshold:
        return False
    if not rule.share:
        return True
    where = [CASES.c.kind == file.served.kind, not_(CASES.c.final), not_(CASES.c.withdrawn)]
    total = desk.store.select(select(func.count().label("n")).where(*where, _scope(rule, organ_id, desk)))[0]["n"]
    return bool(late * 100 >= rule.share * max(total, 1))


def _last_firing(desk: Desk, organ_id: int, rule: OrganisationRule) -> Row | None:
    found = desk.store.select(
        select(_firing)
        .where(_firing.c.organ_id == organ_id, _firing.c.rule.endswith(f".{rule.key}"))
        .order_by(_firing.c.occurrence.desc())
        .limit(1)
    )
    return found[0] if found else None


def _is_armed(desk: Desk, rule: OrganisationRule, last: Row | None) -> bool:
    if last is None or last["rearmed_at"] is not None:
        return True
    return bool(last["fired_at"] + timedelta(rule.every_days) <= desk.occasion.now)


def _act(desk: Desk, file: CaseFile, clock: Row, rule: OrganisationRule) -> None:
    from workflow.wishes import Cause, carry_out

    rung = Rung(rule.key, rule.title, Limit(0, "day"), rule.do, to=rule.to, params=rule.params)
    names = ("key", "cycle", "run", "tier", "organ_id", "started_on", "due_on", "original_due_on")
    facts = ClockFacts(**{name: clock[name] for name in names}, workdays_late=0)
    due = DueRung(file.facts(), facts, rung, 1, desk.occasion.now, desk.occasion.today, desk.occasion.tree)
    cause = Cause(f"rule:{rule.key}:{desk.occasion.today}", None)
    carry_out(desk, file, desk.rungs[rule.do](due, **rule.params), cause)
    extra = {"rule": rule.key, "opened": cause.opened}
    desk.happened(file, "organisation_rule", trigger=rule.do, extra=extra, by_person=False)
