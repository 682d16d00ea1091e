"""What stands on an interview's agenda: how items come there, how they are found there, how they leave.

The engine knows the ability, not the kind: a definition with an `interview` rule has it (semantics.md §5).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, not_, or_, select

from states.definition import InterviewRule
from workflow import deadlines
from workflow.casefile import CaseFile
from workflow.cases import agenda_of, lock_any
from workflow.desk import Desk
from workflow.models import AgendaItem, Clock
from workflow.permissions import CASES
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.types import AgendaFact, JoinInterview

_agenda, _clock = table_of(AgendaItem), table_of(Clock)

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

# The talks that may still be left: those on whose agenda the case stands, and those that hold a clock of it (a clue stands
# on no agenda).
OPEN_INTERVIEWS_OF = Prepared(
    select(CASES.c.id)
    .where(
        CASES.c.joinable,
        or_(
            CASES.c.id.in_(
                select(_agenda.c.interview_id).where(_agenda.c.case_id == bindparam("case_id"), _agenda.c.left_at.is_(None))
            ),
            CASES.c.id.in_(
                select(_clock.c.held_by).where(_clock.c.case_id == bindparam("case_id"), _clock.c.held_by.is_not(None))
            ),
        ),
    )
    .order_by(CASES.c.id)
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


def rule_of(desk: Desk, kind: str) -> InterviewRule:
    """The rule of the kind of case that is an interview."""
    rule = desk.occasion.catalogue.of_kind(kind).definition.interview
    assert rule is not None, "the proofs let only interview kinds be proposed"
    return rule


def put_on_agenda(desk: Desk, file: CaseFile, interview_id: int, clock: Row | None, rung: str) -> None:
    """One agenda row; a rung puts an item on an agenda once. Without a clock, the main clock of the case is taken."""
    clock = clock or next((c for c in file.live_clocks() if file.rule_of(c).main), None)
    if clock is None:
        return
    desk.context.add(AgendaItem, _agenda_row(desk, interview_id, file.id, clock, rung or f"by_hand_{interview_id}"))


def put_counted(desk: Desk, file: CaseFile, interview_id: int, rung: str, counted: Sequence[int]) -> None:
    """What a rule counted stands on the agenda too, each case with the clock that made it late."""
    for case_id in counted:
        late = desk.store.row(LATE_CLOCK, case_id=case_id) if case_id != file.id else None
        if late is not None:
            desk.context.add(AgendaItem, _agenda_row(desk, interview_id, case_id, late, rung))


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


def link_opened_today(desk: Desk) -> None:
    """The talks that today's sweeps have proposed take along whatever is late by now, in whatever order it was climbed."""
    for row in desk.store.rows(OPENED_ON, on=desk.occasion.today):
        link_agenda(desk, lock_any(desk.store, desk.context, row["id"], desk.occasion))


def link_agenda(desk: Desk, interview: CaseFile) -> None:
    """What has turned late since the opening, on the rungs that stand on the agenda.

    Before the interviewee is notified, and after that only by the step of a state that takes the chair's consent.
    """
    rule = rule_of(desk, interview.served.kind)
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


def _link_late(desk: Desk, interview_id: int, interviewee_id: int, same: Row, rung: str, level: str) -> None:
    """The interviewee's other late items come along; their own rung then records "on the agenda" and opens nothing.

    Who answers for what is late follows from the level of who is late: only items of that level come along.
    """
    organ = desk.occasion.tree.organ(interviewee_id)
    township_id = organ.area_id if organ.level == "township" else -1
    for other in desk.store.rows(OTHERS_LATE, interviewee_id=interviewee_id, township_id=township_id, **same):
        if desk.occasion.tree.organ(other["organ_id"]).level == level:
            desk.context.add(AgendaItem, _agenda_row(desk, interview_id, other["case_id"], other, rung))


def find_agenda(desk: Desk, file: CaseFile, clock: Row) -> int | None:
    """The interview that another item's rung has already put this rung's item on."""
    return _find_on(desk, ON_AGENDA, file, clock, rung=clock["next_rung"])


def find_between(desk: Desk, file: CaseFile, clock: Row, wish: JoinInterview) -> int | None:
    """A talk of these two ends that the clock's item already stands on, however it came there."""
    ends = {"interviewer_id": wish.interviewer_id, "interviewee_id": wish.interviewee_id}
    return _find_on(desk, ON_AGENDA_BETWEEN, file, clock, **ends)


def _find_on(desk: Desk, query: Prepared, file: CaseFile, clock: Row, **also: Any) -> int | None:
    key = {name: clock[name] for name in ("cycle", "run", "tier")}
    row = desk.store.row(query, case_id=file.id, clock=clock["key"], **key, **also)
    return int(row["interview_id"]) if row else None


def held_items(desk: Desk, interview: CaseFile) -> list[tuple[CaseFile, Row]]:
    """The clocks whose ladders this interview holds, with their cases."""
    found = []
    for row in desk.store.rows(HELD_BY, interview_id=interview.id):
        file = lock_any(desk.store, desk.context, row["case_id"], desk.occasion)
        found += [(file, clock) for clock in file.live_clocks() if clock["held_by"] == interview.id]
    return found


def move_items(desk: Desk, interview: CaseFile, other_id: int) -> None:
    """Another interview of the same two ends takes over what stands on this one's agenda, and what it holds."""
    known = {item.case_id for item in agenda_of(desk.store, other_id)}
    for item in agenda_of(desk.store, interview.id):
        taken = {"left_at": desk.occasion.now} if item.case_id in known else {"interview_id": other_id}
        desk.store.update(AgendaItem, taken, interview_id=interview.id, case_id=item.case_id)
    for file, clock in held_items(desk, interview):
        deadlines.hold(file, clock, other_id, desk.occasion)
        desk.happened(file, "talk_merged", extra={"clock": clock["key"], "interview": other_id}, by_person=False)


def leave_agendas(desk: Desk, file: CaseFile) -> list[int]:
    """A case that is done leaves the talks that it could still leave; those that nobody is left on."""
    return [row["id"] for row in desk.store.rows(OPEN_INTERVIEWS_OF, case_id=file.id) if _is_emptied(desk, row["id"])]


def leave_settled(desk: Desk, file: CaseFile) -> list[int]:
    """A promise that has ended, or was handed on with its unit, leaves the talks; the talks that nobody is left on.

    The case stays on a talk for another clock that the talk still holds.
    """
    emptied = []
    for row in desk.store.rows(OPEN_AGENDA_OF, case_id=file.id):
        clock = file.find_live(row["clock"])
        is_held = any(live["held_by"] == row["interview_id"] for live in file.live_clocks())
        if not is_held and (clock is None or (clock["cycle"], clock["run"]) != (row["cycle"], row["run"])):
            names = {name: row[name] for name in ("interview_id", "case_id", "clock", "cycle", "run", "tier", "rung")}
            desk.store.update(AgendaItem, {"left_at": desk.occasion.now}, **names)
            if _is_emptied(desk, row["interview_id"]):
                emptied.append(int(row["interview_id"]))
    return emptied


def go_on_as(desk: Desk, file: CaseFile, key: str, run: int, clock: Row) -> None:
    """What stands on agendas by that run of a clock stands there by the one that goes on for it under a new version."""
    names = {"case_id": file.id, "clock": key, "cycle": clock["cycle"], "run": run}
    desk.store.update(AgendaItem, {"clock": clock["key"], "run": clock["run"]}, **names)


def _is_emptied(desk: Desk, interview_id: int) -> bool:
    """Is every case on the agenda done, and no ladder held any more? As this transaction has it."""
    held = (row["case_id"] for row in desk.store.rows(HELD_BY, interview_id=interview_id))
    on_agenda = agenda_of(desk.store, interview_id)
    return not any(_is_held(desk, case_id, interview_id) for case_id in held) and all(
        _is_done(desk, item) for item in on_agenda
    )


def _is_held(desk: Desk, case_id: int, interview_id: int) -> bool:
    file = desk.context.files.get(case_id)
    return file is None or any(clock["held_by"] == interview_id for clock in file.live_clocks())


def _is_done(desk: Desk, item: AgendaFact) -> bool:
    file = desk.context.files.get(item.case_id)
    return item.is_closed if file is None else bool(file.is_final or file.row["withdrawn"])
