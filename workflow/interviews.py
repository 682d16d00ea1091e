"""Interviews as the engine knows them: opened or joined, what their dates and their endings do to their items' clocks.

The engine knows the ability, not the kind: a definition with an `interview` rule has it (semantics.md §5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, not_, select, update

from states.errors import InvalidForm
from states.questions import told_with
from workflow import deadlines, ladders
from workflow.agendas import find_between, held_items, put_counted, put_on_agenda, rule_of
from workflow.casefile import CaseFile
from workflow.cases import agenda_of, lock_any, new_file
from workflow.desk import Desk
from workflow.models import AgendaItem
from workflow.permissions import CASES
from workflow.recording import write_skipped
from workflow.statements import Prepared, Row
from workflow.store import table_of
from workflow.talks import find_joinable
from workflow.types import AgendaFact, ClimbItems, FixDates, JoinInterview
from workflow.verbs.open import begin_case

_agenda = table_of(AgendaItem)

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

LEAVE = Prepared(
    update(_agenda)
    .values(left_at=bindparam("left", type_=_agenda.c.left_at.type))
    .where(_agenda.c.interview_id == bindparam("interview_id"), _agenda.c.new_due_on.is_(None), _agenda.c.left_at.is_(None))
)

WAIVED = ("waived", "withdrawn")
DAYS_BETWEEN_TALKS = 30  # where no kind of case is an interview


def join(desk: Desk, file: CaseFile, wish: JoinInterview, clock: Row | None, rung: str, counted: Sequence[int] = ()) -> str:
    """Puts the case on an interview, opening one where none may be joined; the outcome for the fired rung.

    A rung holds its ladder until the talk is over. A rule is about the organ: what it counted stands on the agenda, and
    each ladder goes on until its own rung of that talk, which records "on the agenda". So does a talk that a person
    proposes (no clock). Where the interviewee was interviewed within `once_per_days`, the ladder goes to its next tier.
    """
    held = None if counted else clock
    if held is not None and (known_id := find_between(desk, file, held, wish)) is not None:
        deadlines.hold(file, held, known_id, desk.occasion)
        return "on_agenda"
    interview_id = find_joinable(desk.store, desk.context, wish.interviewer_id, wish.interviewee_id)
    if interview_id is None:
        if clock is not None and _was_lately(desk, wish):
            _climb_instead(desk, file, clock)
            return "fired"
        interview_id = _open(desk, file, wish)
    if file.served.definition.on_agenda:
        put_on_agenda(desk, file, interview_id, clock, rung)
        put_counted(desk, file, interview_id, rung, counted)
    if held is not None:
        deadlines.hold(file, held, interview_id, desk.occasion)
    return "fired"


def _was_lately(desk: Desk, wish: JoinInterview) -> bool:
    since = desk.occasion.today - timedelta(rule_of(desk, wish.kind).once_per_days)
    found = desk.store.rows(LATELY, interviewee_id=wish.interviewee_id, kind=wish.kind, since=since)
    return any(row["state"] not in WAIVED for row in found)


def _climb_instead(desk: Desk, file: CaseFile, clock: Row) -> None:
    """The next tier instead of a second talk within the days; the last tier has none, and waits for what is asked there."""
    if clock["tier"] < ladders.tiers_of(file.served.definition, clock):
        deadlines.climb(file, clock, desk.occasion.today, desk.occasion)


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


def fix_dates(desk: Desk, interview: CaseFile, wish: FixDates) -> None:
    """The dates fixed in the talk run on the items, in the next tier; each item's history says so.

    The date is the item's: its main clock takes it, whichever clock has brought the item to the talk.
    """
    agenda = {item.case_id: item for item in agenda_of(desk.store, interview.id)}
    for case_id in sorted(wish.dates):
        item, file = agenda[case_id], lock_any(desk.store, desk.context, case_id, desk.occasion)
        clocks = _promised(file, item, interview.id)
        if file.is_final or not clocks:
            continue  # It is done meanwhile, or it begins anew.
        on = wish.dates[case_id]
        skipped = [step for clock in clocks for step in _fix(desk, file, clock, on, interview.id)]
        _set_new_date(desk, interview.id, case_id, on)
        file.row["version"] += 1
        extra = {"clock": clocks[0]["key"], "due_on": on, "interview": interview.id}
        desk.happened(file, "new_date", extra=extra)
        write_skipped(desk, file, skipped)


def _promised(file: CaseFile, item: AgendaFact, interview_id: int) -> list[Row]:
    """The clocks that a date fixed in the talk is about, the item's main clock first."""
    if file.row["cycle"] != item.cycle:
        return []
    live = file.live_clocks()
    main = [clock for clock in live if file.rule_of(clock).main]
    held = [
        clock for clock in live if clock["held_by"] == interview_id or (clock["key"], clock["run"]) == (item.clock, item.run)
    ]
    return main + [clock for clock in held if clock not in main]


def _fix(desk: Desk, file: CaseFile, clock: Row, on: date, interview_id: int) -> deadlines.Skipped:
    """A watch begins anew, a promise gets the date and the next tier."""
    if file.rule_of(clock).restarted_by:
        return deadlines.restart(file, clock, desk.occasion)
    basis = {"kind": "interview", "case": interview_id}
    return deadlines.move(file, clock, on, basis, desk.occasion, tier=clock["tier"] + 1)


def _set_new_date(desk: Desk, interview_id: int, case_id: int, on: date) -> None:
    desk.store.update(AgendaItem, {"new_due_on": on}, interview_id=interview_id, case_id=case_id)


def climb_items(desk: Desk, interview: CaseFile, wish: ClimbItems) -> None:
    """The interview was not held in time: each item's ladder goes on in its next tier."""
    for file, clock in held_items(desk, interview):
        deadlines.climb(file, clock, wish.from_on, desk.occasion)
        desk.happened(file, "ladder_climbed", extra={"clock": clock["key"], "interview": interview.id}, by_person=False)


def release_agenda(desk: Desk, interview: CaseFile, from_on: date | None = None) -> None:
    """The interview is over: what it still holds goes on where it was held.

    A watch begins anew. A ladder whose tier is spent goes to the next, counted from `from_on`.
    """
    for file, clock in held_items(desk, interview):
        if file.rule_of(clock).restarted_by:
            write_skipped(desk, file, deadlines.restart(file, clock, desk.occasion))
        else:
            deadlines.release(file, clock, desk.occasion)
            go_on(desk, file, clock, from_on)
        desk.happened(file, "ladder_released", extra={"clock": clock["key"], "interview": interview.id}, by_person=False)
    desk.store.run(LEAVE, interview_id=interview.id, left=desk.occasion.now)


def go_on(desk: Desk, file: CaseFile, clock: Row, from_on: date | None = None) -> None:
    """A tier that is spent, and that no talk holds, gives way to the next: no ladder stops in silence before its last.

    The next tier counts from `from_on`; without one, from the day on which the same body may be talked to again.
    """
    is_spent = clock["next_rung"] is None and clock["held_by"] is None and clock["status"] == "armed"
    if is_spent and clock["tier"] < ladders.tiers_of(file.served.definition, clock):
        again_on = desk.occasion.today + timedelta(_days_between_talks(desk))
        deadlines.climb(file, clock, from_on or again_on, desk.occasion)


def _days_between_talks(desk: Desk) -> int:
    rules = (served.definition.interview for served in desk.occasion.catalogue.current.values())
    return max((rule.once_per_days for rule in rules if rule is not None), default=DAYS_BETWEEN_TALKS)


def require_in_caps(interview: CaseFile, answers: Mapping[str, Any], agenda: Iterable[AgendaFact]) -> None:
    """No new date is later than its tier allows, counted from the day of the talk (practice.md §9.3 Z2)."""
    faults: dict[str, list[str]] = {}
    for question in interview.served.definition.agenda_questions:
        dates = answers.get(question) or {}
        for item in agenda:
            on = dates.get(str(item.case_id))
            latest = latest_on(interview, item.tier)
            if on is not None and latest is not None and on > latest:
                faults[f"{question}/{item.case_id}"] = [told_with("beyond_cap", latest)]
    if faults:
        raise InvalidForm(fields=faults)


def latest_on(interview: CaseFile, tier: int) -> date | None:
    """The last day that the talk may give an item of this tier; None where no day caps it, or the talk was not held yet."""
    rule, held_on = interview.served.definition.interview, interview.data.get("held_on")
    if rule is None or not held_on or not rule.max_days:
        return None
    return date.fromisoformat(held_on) + timedelta(rule.max_days[min(tier, len(rule.max_days)) - 1])
