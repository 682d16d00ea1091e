"""Wishes of effects and rungs, carried out in the verb's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from workflow import agendas, closing, deadlines, interviews, notices
from workflow.casefile import CaseFile
from workflow.cases import NEXT_NUMBER, new_file, set_fact
from workflow.configuration.settings import LETTER_NUMBER, number_series
from workflow.desk import Desk
from workflow.models import Link, Party
from workflow.statements import Row
from workflow.types import (
    ClimbItems,
    EndChildren,
    FixDates,
    IssueLetter,
    JoinInterview,
    LinkAgenda,
    Notify,
    OpenCase,
    PauseClocks,
    ReleaseAgenda,
    ResumeClocks,
    SetColour,
    SetField,
    SettleClocks,
    Wish,
)
from workflow.verbs.open import begin_case


class Cause:
    """Why wishes are carried out: the verb's event, a rung of a clock, or a rule, with the cases that it `counted`.

    Collects what they opened and how a rung ended.
    """

    def __init__(self, key: str, clock: Row | None = None, rung: str = "", counted: Sequence[int] = ()) -> None:
        self.key = key
        self.clock = clock
        self.rung = rung
        self.counted = counted
        self.opened: list[int] = []
        self.letters: list[str] = []
        self.numbers: dict[str, str] = {}
        self.outcome = "fired"

    @property
    def issued(self) -> dict[str, Any]:
        """What the event says of its letters; of those that the county numbers, the number each has got."""
        return {"letters": self.letters, **({"letter_numbers": self.numbers} if self.numbers else {})}


def carry_out(desk: Desk, file: CaseFile, wishes: Iterable[Wish], cause: Cause) -> None:
    """Each wish in order; an unknown one is a programming error."""
    for wish in wishes:
        _ACTIONS[type(wish)](desk, file, wish, cause)


def _notify(desk: Desk, file: CaseFile, wish: Notify, cause: Cause) -> None:
    # Whoever takes a step knows of it; a rung of a clock is nobody's step.
    by = desk.actor.person_id
    notices.notify(desk, file, wish, cause.key, but=() if cause.clock or by is None else (by,))


def _open(desk: Desk, file: CaseFile, wish: OpenCase, cause: Cause) -> None:
    parent = file.row if wish.parent_id == file.id else None
    opened = new_file(
        desk.store,
        desk.context,
        desk.occasion.catalogue.of_kind(wish.kind),
        desk.occasion,
        title=wish.title,
        subject_id=wish.subject_id,
        supervisor_id=wish.supervisor_id or file.row["supervisor_id"],
        registrar_id=wish.registrar_id or file.row["supervisor_id"],
        holder_id=wish.holder_id,
        parent=parent,
        data=wish.data,
    )
    begin_case(desk, opened, content={"cause": file.id}, by_person=False)
    if parent is not None and opened.row["holder_id"] != file.row["holder_id"]:
        unit = {"case_id": file.id, "organ_id": opened.row["holder_id"], "relation": "measure_unit", "upto_seq": None}
        desk.context.add(Party, unit)
    if wish.relation:
        desk.context.add(Link, {"case_id": file.id, "other_id": opened.id, "relation": wish.relation})
    cause.opened.append(opened.id)


def _join(desk: Desk, file: CaseFile, wish: JoinInterview, cause: Cause) -> None:
    before = set(desk.context.files)
    cause.outcome = interviews.join(desk, file, wish, cause.clock, cause.rung, cause.counted)
    # A talk that was there, and that the case only joins, was loaded too.
    cause.opened += [case_id for case_id, known in desk.context.files.items() if known.is_new and case_id not in before]


def _set_field(_desk: Desk, file: CaseFile, wish: SetField, _cause: Cause) -> None:
    set_fact(file, wish.field, wish.value)


def _set_colour(_desk: Desk, file: CaseFile, wish: SetColour, _cause: Cause) -> None:
    file.row["colour"] = wish.colour


def _fix_dates(desk: Desk, file: CaseFile, wish: FixDates, _cause: Cause) -> None:
    interviews.fix_dates(desk, file, wish)


def _climb(desk: Desk, file: CaseFile, wish: ClimbItems, _cause: Cause) -> None:
    interviews.climb_items(desk, file, wish)


def _release(desk: Desk, file: CaseFile, wish: ReleaseAgenda, _cause: Cause) -> None:
    interviews.release_agenda(desk, file, wish.from_on)


def _end_children(desk: Desk, file: CaseFile, wish: EndChildren, _cause: Cause) -> None:
    closing.end_children(desk, file, wish.ground, (wish.kind,))


def _link_agenda(desk: Desk, file: CaseFile, _wish: LinkAgenda, _cause: Cause) -> None:
    agendas.link_agenda(desk, file)


def _pause(desk: Desk, file: CaseFile, wish: PauseClocks, _cause: Cause) -> None:
    deadlines.pause(file, desk.occasion, max_days=wish.max_days, but=wish.but, why=deadlines.HELD)


def _resume(desk: Desk, file: CaseFile, _wish: ResumeClocks, _cause: Cause) -> None:
    deadlines.resume(file, desk.occasion, why=deadlines.HELD)


def _settle(desk: Desk, file: CaseFile, wish: SettleClocks, _cause: Cause) -> None:
    for clock in file.live_clocks():
        if clock["key"] in wish.clocks:
            deadlines.settle(clock, desk.occasion.today)
    file.mirror()


def _letter(desk: Desk, _file: CaseFile, wish: IssueLetter, cause: Cause) -> None:
    cause.letters.append(wish.letter)
    told = desk.occasion.settings.of(LETTER_NUMBER).get(wish.letter)
    pattern = told.data["pattern"] if told else ""
    if pattern and wish.letter not in cause.numbers:
        year = desk.occasion.today.year
        row = desk.store.row(NEXT_NUMBER, series=number_series(wish.letter, year))
        assert row is not None, "the statement inserts the series or counts it on"
        cause.numbers[wish.letter] = pattern.format(year=year, n=row["last"])


_ACTIONS: dict[type[Any], Callable[[Desk, CaseFile, Any, Cause], None]] = {
    Notify: _notify,
    OpenCase: _open,
    JoinInterview: _join,
    SetField: _set_field,
    SetColour: _set_colour,
    FixDates: _fix_dates,
    ClimbItems: _climb,
    ReleaseAgenda: _release,
    EndChildren: _end_children,
    LinkAgenda: _link_agenda,
    PauseClocks: _pause,
    ResumeClocks: _resume,
    SettleClocks: _settle,
    IssueLetter: _letter,
}
