"""Interviews as the engine knows them: who may still join one, what stands on its agenda, what it does to its items' clocks.

The engine knows the ability, not the kind: a definition with an `interview` rule has it (semantics.md §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, not_, or_, select, update

from states.definition import InterviewRule
from states.errors import InvalidForm
from workflow import deadlines
from workflow.casefile import CaseFile
from workflow.cases import agenda_of, lock_any, new_file
from workflow.desk import Desk
from workflow.models import AgendaItem, Clock
from workflow.permissions import CASES
from workflow.recording import write_skipped
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.talks import find_joinable
from workflow.types import AgendaFact, ClimbItems, FixDates, JoinInterview
from workflow.verbs.open import begin_case

_agenda, _clock = table_of(AgendaItem), table_of(Clock)

# An interview of that organ which was notified or held lately; one that was waived or withdrawn was no interview.
LATELY = Prepared(
    select(CASES.c.id, CASES.c.state, CASES.c.definition_version_id).where(
        CASES.c.interviewee_id == bindparam("interviewee_id"),
        CASES.c.kind == bindparam("kind"),
        not_(CASES.c.joinable),
        not_(CASES.c.withdrawn),
        CASES.c.opened_on > bindparam("since", type_=CASES.c.opened_on.type),
    )
)
_THIS_CLOCK = (
    _agenda.c.case_id == bindparam("case_id"),
    _agenda.c.clock == bindparam("clock"),
    _agenda.c.cycle == bindparam("cycle"),
    _agenda.c.run == bindparam("run"),
    _agenda.c.tier == bindparam("tier"),
    _agenda.c.left_at.is_(None),
)
ON_AGENDA = Prepared(select(_agenda.c.interview_id).where(*_THIS_CLOCK, _agenda.c.rung == bindparam("rung")))
# A talk of these two ends that a rule or a person put the item on, and that has not fixed its date yet.
ON_AGENDA_BETWEEN = Prepared(
    select(_agenda.c.interview_id)
    .join(CASES, CASES.c.id == _agenda.c.interview_id)
    .where(
        *_THIS_CLOCK,
        _agenda.c.new_due_on.is_(None),
        not_(CASES.c.final),
        CASES.c.interviewer_id == bindparam("interviewer_id"),
        CASES.c.interviewee_id == bindparam("interviewee_id"),
    )
    .order_by(_agenda.c.interview_id)
)
OPENED_ON = Prepared(
    select(CASES.c.id)
    .where(CASES.c.joinable, CASES.c.opened_on == bindparam("on", type_=CASES.c.opened_on.type))
    .order_by(CASES.c.id)
)
# What makes a case late: the live clock whose limit passed first.
LATE_CLOCK = Prepared(
    select(_clock)
    .where(_clock.c.case_id == bindparam("case_id"), _clock.c.overdue_since.is_not(None), _clock.c.settled_on.is_(None))
    .order_by(_clock.c.overdue_since, _clock.c.key)
    .limit(1)
)
OPEN_INTERVIEWS_OF = Prepared(
    select(_agenda.c.interview_id)
    .join(CASES, CASES.c.id == _agenda.c.interview_id)
    .where(_agenda.c.case_id == bindparam("case_id"), _agenda.c.left_at.is_(None), CASES.c.joinable)
    .order_by(_agenda.c.interview_id)
)
# The interviewee's other late items on the same clock and tier, whose own rung has not put them on an agenda yet.
OTHERS_LATE = Prepared(
    select(_clock.c.case_id, _clock.c.key, _clock.c.cycle, _clock.c.run, _clock.c.tier, _clock.c.due_on, _clock.c.organ_id)
    .join(CASES, CASES.c.id == _clock.c.case_id)
    .where(
        or_(
            CASES.c.subject_id == bindparam("interviewee_id"),
            # A township that is talked to answers for the items of its villages.
            CASES.c.subject_township_id == bindparam("township_id"),
        ),
        CASES.c.kind == bindparam("kind"),
        not_(CASES.c.withdrawn),
        _clock.c.status == "armed",
        _clock.c.overdue_since.is_not(None),
        _clock.c.key == bindparam("clock"),
        _clock.c.ladder == bindparam("ladder"),
        _clock.c.tier == bindparam("tier"),
        _clock.c.held_by.is_(None),
        _clock.c.ladder_on,
    )
    .order_by(_clock.c.case_id)
)
OPEN_AGENDA_OF = Prepared(
    select(_agenda)
    .join(CASES, CASES.c.id == _agenda.c.interview_id)
    .where(
        _agenda.c.case_id == bindparam("case_id"),
        _agenda.c.left_at.is_(None),
        _agenda.c.new_due_on.is_(None),
        not_(CASES.c.final),
    )
    .order_by(_agenda.c.interview_id)
)
HELD_BY = Prepared(
    select(_clock.c.case_id).where(_clock.c.held_by == bindparam("interview_id")).distinct().order_by(_clock.c.case_id)
)
RUNG_OF = Prepared(
    select(_clock.c.ladder, _clock.c.organ_id, CASES.c.kind)
    .join(CASES, CASES.c.id == _clock.c.case_id)
    .where(
        _clock.c.case_id == bindparam("case_id"),
        _clock.c.key == bindparam("clock"),
        _clock.c.cycle == bindparam("cycle"),
        _clock.c.run == bindparam("run"),
    )
)
LEAVE = Prepared(
    update(_agenda)
    .values(left_at=bindparam("left", type_=_agenda.c.left_at.type))
    .where(_agenda.c.interview_id == bindparam("interview_id"), _agenda.c.new_due_on.is_(None), _agenda.c.left_at.is_(None))
)
WAIVED = ("waived", "withdrawn")


def join(desk: Desk, file: CaseFile, wish: JoinInterview, clock: Row | None, rung: str, counted: Sequence[int] = ()) -> str:
    """Puts the case on an interview, opening one where none may be joined; the outcome for the fired rung.

    A rung holds its ladder until the talk is over. A rule is about the organ: what it counted stands on the agenda, and
    each ladder goes on until its own rung of that talk, which records "on the agenda". So does a talk that a person
    proposes (no clock). Where the interviewee was interviewed within `once_per_days`, the ladder goes to its next tier.
    """
    held = None if counted else clock
    if held is not None and (known_id := _find_between(desk, file, held, wish)) is not None:
        deadlines.hold(file, held, known_id, desk.occasion)
        return "on_agenda"
    interview_id = find_joinable(desk.store, desk.context, wish.interviewer_id, wish.interviewee_id)
    if interview_id is None:
        if clock is not None and _was_lately(desk, wish) and _has_next_tier(file, clock):
            deadlines.climb(file, clock, desk.occasion.today, desk.occasion)
            return "fired"
        interview_id = _open(desk, file, wish)
    if file.served.definition.on_agenda:
        put_on_agenda(desk, file, interview_id, clock, rung)
        _put_counted(desk, file, interview_id, rung, counted)
    if held is not None:
        deadlines.hold(file, held, interview_id, desk.occasion)
    return "fired"


def _find_between(desk: Desk, file: CaseFile, clock: Row, wish: JoinInterview) -> int | None:
    ends = {"interviewer_id": wish.interviewer_id, "interviewee_id": wish.interviewee_id}
    return _find_on(desk, ON_AGENDA_BETWEEN, file, clock, **ends)


def _put_counted(desk: Desk, file: CaseFile, interview_id: int, rung: str, counted: Sequence[int]) -> None:
    for case_id in counted:
        late = desk.store.row(LATE_CLOCK, case_id=case_id) if case_id != file.id else None
        if late is not None:
            desk.context.add(AgendaItem, _agenda_row(desk, interview_id, case_id, late, rung))


def _rule(desk: Desk, kind: str) -> InterviewRule:
    rule = desk.occasion.catalogue.of_kind(kind).definition.interview
    assert rule is not None, "the proofs let only interview kinds be proposed"
    return rule


def _was_lately(desk: Desk, wish: JoinInterview) -> bool:
    since = desk.occasion.today - timedelta(_rule(desk, wish.kind).once_per_days)
    found = desk.store.rows(LATELY, interviewee_id=wish.interviewee_id, kind=wish.kind, since=since)
    return any(row["state"] not in WAIVED for row in found)


def _has_next_tier(file: CaseFile, clock: Row) -> bool:
    ladder = file.served.definition.ladder_by_key.get(clock["ladder"])
    return ladder is not None and clock["tier"] < len(ladder.tiers)


def _open(desk: Desk, file: CaseFile, wish: JoinInterview) -> int:
    served = desk.occasion.catalogue.of_kind(wish.kind)
    ends = {"interviewer_id": wish.interviewer_id, "interviewee_id": wish.interviewee_id, "joinable": True}
    interview = new_file(
        desk.store,
        desk.context,
        served,
        desk.occasion,
        title=wish.title,
        subject_id=wish.subject_id,
        supervisor_id=file.row["supervisor_id"],
        registrar_id=file.row["supervisor_id"],
        data=wish.data,
        extra=ends,
    )
    begin_case(desk, interview, content={"tier": wish.tier}, by_person=False)
    return interview.id


def put_on_agenda(desk: Desk, file: CaseFile, interview_id: int, clock: Row | None, rung: str) -> None:
    """One agenda row; a rung puts an item on an agenda once. Without a clock, the main clock of the case is taken."""
    clock = clock or next((c for c in file.live_clocks() if file.rule_of(c).main), None)
    if clock is None:
        return
    desk.context.add(AgendaItem, _agenda_row(desk, interview_id, file.id, clock, rung or f"by_hand_{interview_id}"))


def _agenda_row(desk: Desk, interview_id: int, case_id: int, clock: Row, rung: str) -> Row:
    names = {"clock": clock["key"], **{name: clock[name] for name in ("cycle", "run", "tier", "due_on")}}
    row = {
        "interview_id": interview_id,
        "case_id": case_id,
        "rung": rung,
        "new_due_on": None,
        "left_at": None,
    }
    return {**row, **names, "joined_at": desk.occasion.now}


def _link_late(desk: Desk, interview_id: int, interviewee_id: int, same: Row, rung: str, level: str) -> None:
    """The interviewee's other late items come along; their own rung then records "on the agenda" and opens nothing.

    Who answers for what is late follows from the level of who is late: only items of that level come along.
    """
    organ = desk.occasion.tree.organ(interviewee_id)
    township_id = organ.area_id if organ.level == "township" else -1
    for other in desk.store.rows(OTHERS_LATE, interviewee_id=interviewee_id, township_id=township_id, **same):
        if desk.occasion.tree.organ(other["organ_id"]).level == level:
            desk.context.add(AgendaItem, _agenda_row(desk, interview_id, other["case_id"], other, rung))


def link_opened_today(desk: Desk) -> None:
    """The talks that today's sweeps have proposed take along whatever is late by now, in whatever order it was climbed."""
    for row in desk.store.rows(OPENED_ON, on=desk.occasion.today):
        link_agenda(desk, lock_any(desk.store, desk.context, row["id"], desk.occasion))


def link_agenda(desk: Desk, interview: CaseFile) -> None:
    """What has turned late since the opening, on the rungs that stand on the agenda.

    Before the interviewee is notified, and after that only by the step of a state that takes the chair's consent.
    """
    rule = _rule(desk, interview.served.kind)
    if interview.state not in (*rule.joinable_in, *rule.consent_in):
        return
    seen: set[tuple[str, int, str, str]] = set()
    for item in agenda_of(desk.store, interview.id):
        stands = desk.store.row(RUNG_OF, case_id=item.case_id, clock=item.clock, cycle=item.cycle, run=item.run)
        if stands is None:
            continue
        level = desk.occasion.tree.organ(stands["organ_id"]).level
        kind = (item.clock, item.tier, item.rung, level)
        if kind not in seen:
            seen.add(kind)
            same = {"clock": item.clock, "ladder": stands["ladder"], "tier": item.tier, "kind": stands["kind"]}
            _link_late(desk, interview.id, interview.row["interviewee_id"], same, item.rung, level)


def find_agenda(desk: Desk, file: CaseFile, clock: Row) -> int | None:
    """The interview that another item's rung has already put this rung's item on."""
    return _find_on(desk, ON_AGENDA, file, clock, rung=clock["next_rung"])


def _find_on(desk: Desk, query: Prepared, file: CaseFile, clock: Row, **also: Any) -> int | None:
    key = {name: clock[name] for name in ("cycle", "run", "tier")}
    row = desk.store.row(query, case_id=file.id, clock=clock["key"], **key, **also)
    return int(row["interview_id"]) if row else None


def fix_dates(desk: Desk, interview: CaseFile, wish: FixDates) -> None:
    """The dates fixed in the talk run on the items, in the next tier; each item's history says so."""
    agenda = {item.case_id: item for item in agenda_of(desk.store, interview.id)}
    for case_id in sorted(wish.dates):
        item, file = agenda[case_id], lock_any(desk.store, desk.context, case_id, desk.occasion)
        clock = file.find_live(item.clock)
        if clock is None or file.is_final or (clock["cycle"], clock["run"]) != (item.cycle, item.run):
            continue  # The promise that was late is over: it is done, or it was handed on to another unit.
        on = wish.dates[case_id]
        basis = {"kind": "interview", "case": interview.id}
        skipped = deadlines.move(file, clock, on, basis, desk.occasion, tier=clock["tier"] + 1)
        _set_new_date(desk, interview.id, case_id, on)
        file.row["version"] += 1
        extra = {"clock": item.clock, "due_on": on, "interview": interview.id}
        desk.happened(file, "new_date", extra=extra)
        write_skipped(desk, file, skipped)


def _set_new_date(desk: Desk, interview_id: int, case_id: int, on: date) -> None:
    desk.store.update(AgendaItem, {"new_due_on": on}, interview_id=interview_id, case_id=case_id)


def climb_items(desk: Desk, interview: CaseFile, wish: ClimbItems) -> None:
    """The interview was not held in time: each item's ladder goes on in its next tier."""
    for file, clock in _held_items(desk, interview):
        deadlines.climb(file, clock, wish.from_on, desk.occasion)
        desk.happened(file, "ladder_climbed", extra={"clock": clock["key"], "interview": interview.id}, by_person=False)


def release_agenda(desk: Desk, interview: CaseFile) -> None:
    """The interview is over: every ladder that it still holds goes on where it was held."""
    for file, clock in _held_items(desk, interview):
        deadlines.release(file, clock, desk.occasion)
        desk.happened(file, "ladder_released", extra={"clock": clock["key"], "interview": interview.id}, by_person=False)
    desk.store.run(LEAVE, interview_id=interview.id, left=desk.occasion.now)


def _held_items(desk: Desk, interview: CaseFile) -> list[tuple[CaseFile, Row]]:
    found = []
    for row in desk.store.rows(HELD_BY, interview_id=interview.id):
        file = lock_any(desk.store, desk.context, row["case_id"], desk.occasion)
        found += [(file, clock) for clock in file.live_clocks() if clock["held_by"] == interview.id]
    return found


def leave_settled(desk: Desk, file: CaseFile) -> list[int]:
    """A promise that was handed on leaves the talks with the unit that had it; the talks that nobody is left on."""
    emptied = []
    for row in desk.store.rows(OPEN_AGENDA_OF, case_id=file.id):
        clock = file.find_live(row["clock"])
        if clock is None or (clock["cycle"], clock["run"]) != (row["cycle"], row["run"]):
            names = {name: row[name] for name in ("interview_id", "case_id", "clock", "cycle", "run", "tier", "rung")}
            desk.store.update(AgendaItem, {"left_at": desk.occasion.now}, **names)
            if all(item.is_closed for item in agenda_of(desk.store, row["interview_id"])):
                emptied.append(int(row["interview_id"]))
    return emptied


def require_in_caps(interview: CaseFile, answers: Mapping[str, Any], agenda: Iterable[AgendaFact]) -> None:
    """No new date is later than its tier allows, counted from the day of the talk (practice.md §9.3 Z2)."""
    rule = interview.served.definition.interview
    held_on = interview.data.get("held_on")
    if rule is None or not held_on or not rule.max_days:
        return
    faults: dict[str, list[str]] = {}
    for question in interview.served.definition.agenda_questions:
        dates = answers.get(question) or {}
        for item in agenda:
            on = dates.get(str(item.case_id))
            most = rule.max_days[min(item.tier, len(rule.max_days)) - 1]
            if on is not None and on > date.fromisoformat(held_on) + timedelta(most):
                faults[f"{question}/{item.case_id}"] = ["beyond_cap"]
    if faults:
        raise InvalidForm(fields=faults)


def leave_agendas(desk: Desk, file: CaseFile) -> list[int]:
    """A finished item leaves the interviews it could still leave; the interviews that nobody is left on."""
    emptied = []
    for row in desk.store.rows(OPEN_INTERVIEWS_OF, case_id=file.id):
        if all(item.is_closed or item.case_id == file.id for item in agenda_of(desk.store, row["interview_id"])):
            emptied.append(int(row["interview_id"]))
    return emptied
