"""What a letter is made of: facts of the case, and organs by their own full names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """One case on an interview's agenda.

    `on_agenda` is what its kind says of itself: of a kind that is never on an agenda (a clue), number and date only.
    """

    number: str
    title: str
    due_on: date | None
    new_due_on: date | None = None
    on_agenda: bool = True


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """The facts behind one letter. Names of organs are their own full names, `*_short` their own short ones.

    `row` and `data` are the case's engine columns and plain facts, never secret ones. `confidential` says that the kind
    keeps secrets: then only number and dates are printed. `document_number` (发文字号) is given by hand or by a series,
    and "" leaves its place blank. `ground`, `opinion`, `approval` and `attendance` are words ready to print.
    `wording` is the county's own, of the day on which the letter went out; None is what ships.
    """

    row: Mapping[str, Any]
    data: Mapping[str, Any]
    issuer: str
    recipient: str
    issued_on: date
    document_number: str = ""
    subject: str = ""
    holder: str = ""
    holder_short: str = ""
    interviewer: str = ""
    interviewee: str = ""
    leading_group: str = ""
    due_on: date | None = None
    original_due_on: date | None = None
    answer_by: date | None = None
    reported_on: date | None = None
    workdays_late: int = 0
    times: int = 0
    agenda: tuple[AgendaRow, ...] = ()
    evidence: tuple[str, ...] = ()
    attendance: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    ground: str = ""
    opinion: str = ""
    approval: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    confidential: bool = False
    wording: Mapping[str, Any] | None = None


Build = Callable[[LetterFacts], bytes]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of the registry: what it is called, and the function that makes its Word file."""

    title: str
    build: Build
