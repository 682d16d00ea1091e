"""Too much of something in one place (practice.md §9.6).

Rules that count overdue cases are looked at when the sweep has climbed a day on which cases turned overdue, so that what
they see does not hang on the order or the number of the sweepers; rules about one case (sent back, handed back) when it
happens, and all others every night. A rule acts once per organ until the count has fallen below half of its threshold, or
`every_days` have passed; what it saw (count, threshold, cases) is kept in the row that says it acted.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, literal_column, not_, select, true

from states.definition import Limit, OrganisationRule, Rung
from workflow.casefile import CaseFile
from workflow.cases import lock_any
from workflow.dates import local_time, workdays_between
from workflow.definitions import Catalogue
from workflow.desk import Desk
from workflow.ladders import OVERDUE
from workflow.models import Clock, FiredRung, RuleFiring
from workflow.permissions import CASES
from workflow.roster import find_organ
from workflow.statements import Prepared, Row
from workflow.store import Store, table_of
from workflow.text import canonical
from workflow.types import ClockFacts, DueRung
from workflow.wishes import Cause, carry_out

_firing, _clock, _fired = table_of(RuleFiring), table_of(Clock), table_of(FiredRung)

TURNED_OVERDUE = Prepared(
    select(CASES.c.kind, CASES.c.subject_township_id, CASES.c.subject_id, CASES.c.holder_id)
    .join(_fired, _fired.c.case_id == CASES.c.id)
    .where(
        _fired.c.rung == literal_column(f"'{OVERDUE}'"),  # as in the index, which a parameter would not match
        _fired.c.due_at >= bindparam("first", type_=_fired.c.due_at.type),
        _fired.c.due_at < bindparam("last", type_=_fired.c.due_at.type),
    )
    .distinct()
)

PER_CASE = ("sent_back", "handed_back")
Place = tuple[int, OrganisationRule]  # the case that stands for a place, and the rule that looks at it


def places_turned_overdue(store: Store, catalogue: Catalogue, day: date) -> list[Place]:
    """Where cases turned overdue on `day`: each place once for each rule."""
    turned = store.rows(TURNED_OVERDUE, first=local_time(day, 0), last=local_time(day + timedelta(1), 0))
    return [
        (case_id, rule)
        for served in catalogue.current.values()
        for rule in served.definition.rules
        if rule.counts == "overdue" and "after" not in rule.params
        for case_id in _oldest_in_each(
            store, served.kind, rule, {row[_place_column(rule)] for row in turned if row["kind"] == served.kind}
        )
    ]


def look_at_place(desk: Desk, place: Place) -> list[int]:
    """Looks at one place; the cases that the rule opened, if it acted."""
    return _look_from(desk, *place) or []


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
                places = _oldest_in_each(desk.store, served.kind, rule)
                acted += sum(_look_from(desk, case_id, rule) is not None for case_id in places)
    _rearm_fallen(desk)
    return acted


def _oldest_in_each(store: Store, kind: str, rule: OrganisationRule, places: Collection[Any] | None = None) -> list[int]:
    """One counted case for each place (of `places`) that may have enough: the oldest, whose clock stands for the rule."""
    place = CASES.c[_place_column(rule)]
    found = store.select(
        select(func.min(CASES.c.id).label("id"))
        .where(_is_counted(rule, kind), true() if places is None else place.in_(places))
        .group_by(place)
        .having(func.count() >= (1 if rule.or_share else rule.threshold))
    )
    return sorted(row["id"] for row in found)


def _look_from(desk: Desk, case_id: int, rule: OrganisationRule) -> list[int] | None:
    """Looks at the place that the case stands for."""
    file = lock_any(desk.store, desk.context, case_id, desk.occasion)
    clock = _late_clock(file)
    return _look(desk, file, clock, rule) if clock is not None else None


def _late_clock(file: CaseFile) -> Row | None:
    """The clock that stands for the case: what made it late first, else its main one."""
    late = [clock for clock in file.live_clocks() if clock["overdue_since"]]
    return min(late, key=lambda clock: (clock["overdue_since"], clock["key"])) if late else _main_clock(file)


def _main_clock(file: CaseFile) -> Row | None:
    live = file.live_clocks()
    return next((c for c in live if file.rule_of(c).main), live[0] if live else None)


# ---- one rule, one place ------------------------------------------------------------------------------------------------


def _look(desk: Desk, file: CaseFile, clock: Row, rule: OrganisationRule) -> list[int] | None:
    """The cases that the rule opened; None where it did not act."""
    organ_id = find_organ(rule.of, file.row, desk.occasion.tree)
    if organ_id is None:
        organ_id = _township_organ(desk, file) if rule.of.startswith("above_subject") else None
    if organ_id is None:
        return None
    counted = _counted_cases(desk, file, rule)
    last = _last_firing(desk, file, organ_id, rule)
    if not _is_reached(desk, rule, file, len(counted)) or not _is_armed(desk, rule, last):
        return None
    row = {"organ_id": organ_id, "rule": _name(file, rule), "occurrence": (last["occurrence"] if last else 0) + 1}
    # What a share alone has reached is armed again by half of what there was.
    row |= {"fired_at": desk.occasion.now, "count": len(counted), "threshold": min(rule.threshold, len(counted))}
    desk.store.insert(RuleFiring, [{**row, "cases": canonical(counted)}], ignore_conflict=True)
    return _act(desk, file, clock, rule, len(counted), counted)


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
    """Ids of the counted cases of the place."""
    counted = select(CASES.c.id).where(_is_counted(rule, file.served.kind), _scope(rule, file)).order_by(CASES.c.id)
    return [row["id"] for row in desk.store.select(counted)]


def _is_reached(desk: Desk, rule: OrganisationRule, file: CaseFile, counted: int) -> bool:
    if not counted or not _is_late_enough(desk, rule, file):
        return False
    shares = [rule.share] * (counted >= rule.threshold) + [rule.or_share] * bool(rule.or_share)
    if not shares or not min(shares):
        return bool(shares)
    open_cases = and_(CASES.c.kind == file.served.kind, not_(CASES.c.final), not_(CASES.c.withdrawn), _scope(rule, file))
    total = int(desk.store.select(select(func.count().label("n")).where(open_cases))[0]["n"])
    return counted * 100 >= min(shares) * max(total, 1)


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


def _act(desk: Desk, file: CaseFile, clock: Row, rule: OrganisationRule, count: int, counted: Sequence[int] = ()) -> list[int]:
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
    cause = Cause(f"rule:{rule.key}:{occasion.today}", clock, f"rule_{rule.key}", counted or [file.id])
    carry_out(desk, file, desk.rungs[rule.do](due, **rule.params), cause)
    extra = {"rule": rule.key, "opened": cause.opened}
    issued = cause.issued if cause.letters else {}
    desk.happened(file, "organisation_rule", trigger=rule.do, extra=extra, by_person=False, content=issued)
    return cause.opened


def clock_facts(desk: Desk, clock: Row) -> ClockFacts:
    """The clock as a rung's function sees it."""
    names = ("key", "cycle", "run", "tier", "organ_id", "started_on", "due_on", "original_due_on")
    told: dict[str, Any] = {name: clock[name] for name in names}
    due, today = clock["due_on"], desk.occasion.today
    late = workdays_between(desk.occasion.calendar, due, today) if due and due < today else 0
    return ClockFacts(**told, workdays_late=late)
